//! Turns ids back into bytes.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::tokenizer::Tokenizer;
use crate::vocab::{AddedToken, Tokens};

/// Tokens up to this long are copied without looking at their length first.
const CHUNK: usize = 16;

/// The bytes of every id, tokens and added tokens alike, one after the other.
pub(crate) struct TokenBytes {
    /// Followed by padding, so that [`CHUNK`] bytes can be read from every start.
    bytes: Vec<u8>,
    /// Start and length by id; no token is empty, so length 0 marks a gap.
    spans: Vec<(u32, u32)>,
}

impl TokenBytes {
    pub fn new(tokens: &Tokens, added: &[AddedToken]) -> Result<Self> {
        let last_added = added.iter().map(|token| token.id as usize + 1).max();
        let limit = tokens.id_limit().max(last_added.unwrap_or(0));
        let mut table = TokenBytes {
            bytes: Vec::new(),
            spans: vec![(0, 0); limit],
        };
        for (id, token) in tokens.iter() {
            table.push(id, token)?;
        }
        for token in added.iter().filter(|token| tokens.get(token.id).is_none()) {
            table.push(token.id, token.text.as_bytes())?;
        }
        table.bytes.extend_from_slice(&[0; CHUNK]);
        Ok(table)
    }

    fn push(&mut self, id: u32, token: &[u8]) -> Result<()> {
        let end = u32::try_from(self.bytes.len() + token.len() + CHUNK);
        let end = end.map_err(|_| Error::InvalidVocab {
            reason: "the tokens together exceed 4 GiB".into(),
        })?;
        let length = token.len() as u32;
        self.spans[id as usize] = (end - CHUNK as u32 - length, length);
        self.bytes.extend_from_slice(token);
        Ok(())
    }

    #[inline]
    fn span(&self, id: u32) -> Option<(usize, usize)> {
        let &(start, length) = self.spans.get(id as usize)?;
        (length > 0).then_some((start as usize, length as usize))
    }

    /// The bytes of `id`.
    pub fn get(&self, id: u32) -> Option<&[u8]> {
        let (start, length) = self.span(id)?;
        Some(&self.bytes[start..start + length])
    }

    /// The length in bytes of `id`; 0 if there is no such id.
    #[inline]
    pub fn length(&self, id: u32) -> usize {
        self.spans
            .get(id as usize)
            .map_or(0, |&(_, length)| length as usize)
    }

    /// Appends the bytes of `ids` to `out`.
    fn append(&self, ids: &[u32], out: &mut Vec<u8>) -> Result<()> {
        let total = ids.iter().map(|&id| self.length(id)).sum::<usize>();
        out.reserve(total + CHUNK);
        for (position, &id) in ids.iter().enumerate() {
            let (start, length) = self.span(id).ok_or(Error::UnknownId { id, position })?;
            if length <= CHUNK {
                let end = out.len() + length;
                out.extend_from_slice(&self.bytes[start..start + CHUNK]);
                out.truncate(end);
            } else {
                out.extend_from_slice(&self.bytes[start..start + length]);
            }
        }
        Ok(())
    }
}

impl Tokenizer {
    /// The bytes that `ids` stand for, special tokens included.
    /// [`Error::UnknownId`] names the first id that is not in the vocabulary.
    pub fn decode(&self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.bytes.append(ids, &mut out)?;
        Ok(out)
    }

    /// Decodes many rows: row `i` is `ids[bounds[i]..bounds[i + 1]]`, and so are the
    /// bounds of the bytes that come back. Positions in errors count from the start of
    /// `ids`. [`Error::InvalidArgument`] if the bounds are not a partition of `ids`.
    pub fn decode_rows(&self, ids: &[u32], bounds: &[i64]) -> Result<(Vec<u8>, Vec<i64>)> {
        let invalid = |reason: String| Error::InvalidArgument {
            name: "bounds",
            reason,
        };
        let position = |bound: i64| {
            let position = usize::try_from(bound)
                .ok()
                .filter(|&position| position <= ids.len());
            position
                .ok_or_else(|| invalid(format!("{bound} is not a position in {} ids", ids.len())))
        };
        let (Some(&first), Some(&last)) = (bounds.first(), bounds.last()) else {
            return Err(invalid("there must be one more than rows".into()));
        };
        if first != 0 || position(last)? != ids.len() {
            return Err(invalid(format!("they must go from 0 to {}", ids.len())));
        }
        let mut out = Vec::new();
        let mut ends = vec![0];
        for pair in bounds.windows(2) {
            let (start, end) = (position(pair[0])?, position(pair[1])?);
            if start > end {
                return Err(invalid(format!("{start} is followed by {end}")));
            }
            let row = self.bytes.append(&ids[start..end], &mut out);
            row.map_err(|error| at_position(error, start))?;
            ends.push(out.len() as i64);
        }
        Ok((out, ends))
    }
}

/// The same error for a sequence that is preceded by `start` ids.
fn at_position(mut error: Error, start: usize) -> Error {
    if let Error::UnknownId { position, .. } = &mut error {
        *position += start;
    }
    error
}

/// Decodes a stream of ids that arrives in pieces.
pub struct StreamDecoder {
    tokenizer: Arc<Tokenizer>,
    /// How many ids were taken so far.
    position: usize,
    /// Bytes held back by [`StreamDecoder::feed_text`].
    held: Vec<u8>,
}

impl StreamDecoder {
    /// A decoder for one stream.
    pub fn new(tokenizer: Arc<Tokenizer>) -> Self {
        StreamDecoder {
            tokenizer,
            position: 0,
            held: Vec::new(),
        }
    }

    /// The bytes of `ids`, after whatever was held back. Positions in errors count from
    /// the start of the stream; after an error the piece counts as not taken.
    pub fn feed(&mut self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut out = self.held.clone();
        let appended = self.tokenizer.bytes.append(ids, &mut out);
        appended.map_err(|error| at_position(error, self.position))?;
        self.held.clear();
        self.position += ids.len();
        Ok(out)
    }

    /// Like [`StreamDecoder::feed`], but never ends inside a character: up to three
    /// bytes that may begin one are held back. Pieces decoded on their own, each invalid
    /// sequence replaced, together equal the whole decoded in that way.
    pub fn feed_text(&mut self, ids: &[u32]) -> Result<Vec<u8>> {
        let mut out = self.feed(ids)?;
        self.held = out.split_off(out.len() - unfinished(&out));
        Ok(out)
    }

    /// Ends the stream and returns what was held back. The decoder can then start on
    /// another stream.
    pub fn finish(&mut self) -> Vec<u8> {
        self.position = 0;
        std::mem::take(&mut self.held)
    }
}

/// How many bytes at the end of `bytes` are the beginning of a character.
fn unfinished(bytes: &[u8]) -> usize {
    let begins = |length: &usize| {
        let tail = &bytes[bytes.len() - length..];
        str::from_utf8(tail)
            .is_err_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
    };
    (1..=bytes.len().min(3)).find(begins).unwrap_or(0)
}
