//! Decodes with the steps of a foreign vocabulary.

use super::chain::{ByToken, Decoder, Place};
use crate::error::{Error, Result};
use crate::threads::Stop;

/// A decoder and what it makes of each token.
pub(crate) struct Foreign {
    decoder: Decoder,
    /// Each token as the file has it, by id; `None` marks a gap.
    tokens: Vec<Option<Vec<u8>>>,
    /// How to decode one token after the other, if that can be done.
    table: Option<Table>,
}

/// The text of every token that is not the first of its document.
struct Table {
    how: ByToken,
    bytes: Vec<u8>,
    /// Where the text of each id ends, after a zero.
    ends: Vec<usize>,
}

/// How much of a document is decoded.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress {
    /// Whether it has begun.
    begun: bool,
    /// How many bytes were taken off its beginning.
    taken: usize,
    /// Whether no more will be.
    past_head: bool,
    /// The ids that cannot be decoded before the document ends.
    held: Vec<u32>,
}

impl Foreign {
    /// `tokens` are all tokens as the file has them, by id.
    pub fn new(decoder: Decoder, tokens: Vec<Option<Vec<u8>>>) -> Result<Self> {
        let stop = Stop::default();
        let table = decoder.by_token().map(|how| {
            let (mut bytes, mut ends) = (Vec::new(), vec![0]);
            let place = Place {
                first: false,
                last: false,
            };
            for token in &tokens {
                if let Some(token) = token {
                    bytes.extend(decoder.one(token, place, &stop)?);
                }
                ends.push(bytes.len());
            }
            Ok(Table { how, bytes, ends })
        });
        Ok(Foreign {
            table: table.transpose()?,
            decoder,
            tokens,
        })
    }

    fn token(&self, id: u32, position: usize) -> Result<&[u8]> {
        let token = self.tokens.get(id as usize).and_then(Option::as_deref);
        token.ok_or(Error::UnknownId { id, position })
    }

    /// Appends the text that `ids` settle: they go on in a document of which `progress` is known.
    pub fn advance(
        &self,
        ids: &[u32],
        progress: &mut Progress,
        stop: &Stop,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let Some(table) = &self.table else {
            for (position, &id) in ids.iter().enumerate() {
                self.token(id, position)?;
            }
            progress.held.extend_from_slice(ids);
            return Ok(());
        };
        let start = out.len();
        for (position, &id) in ids.iter().enumerate() {
            let token = self.token(id, position)?;
            if !std::mem::replace(&mut progress.begun, true) && table.how.first_differs {
                let place = Place {
                    first: true,
                    last: false,
                };
                out.extend(self.decoder.one(token, place, stop)?);
            } else {
                let (from, to) = (table.ends[id as usize], table.ends[id as usize + 1]);
                out.extend_from_slice(&table.bytes[from..to]);
            }
            if !progress.past_head {
                table.how.take_head(progress, start, out);
            }
        }
        Ok(())
    }

    /// Appends the rest of the document, and forgets it.
    pub fn finish(&self, progress: &mut Progress, stop: &Stop, out: &mut Vec<u8>) -> Result<()> {
        let held = std::mem::take(progress).held;
        if held.is_empty() {
            return Ok(());
        }
        let tokens = held.iter().map(|&id| Ok(self.token(id, 0)?.to_vec()));
        out.extend(self.decoder.decode(tokens.collect::<Result<_>>()?, stop)?);
        Ok(())
    }
}

impl ByToken {
    /// Takes bytes off the beginning of a document, whose text in `out` begins at `start`.
    fn take_head(&self, progress: &mut Progress, start: usize, out: &mut Vec<u8>) {
        let Some((byte, most)) = self.head else {
            progress.past_head = true;
            return;
        };
        let wanted = most - progress.taken;
        let found = out[start..]
            .iter()
            .take(wanted)
            .take_while(|&&other| other == byte)
            .count();
        progress.past_head = found == wanted || found < out.len() - start;
        progress.taken += found;
        out.drain(start..start + found);
    }
}
