//! Turns ids back into bytes.

use crate::error::{Error, Result};
use crate::threads::Interrupt;
use crate::tokenizer::Tokenizer;
use crate::vocab::{AddedToken, Tokens};

pub mod stream;

/// Tokens up to this long are copied without looking at their length first.
const CHUNK: usize = 16;

/// About the number of ids between two looks at whether to stop.
const PATIENCE: usize = 1 << 20;

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
    /// The bytes of `ids`, special tokens included.
    /// [`Error::UnknownId`] names the first id that is not in the vocabulary.
    pub fn decode(&self, ids: &[u32], interrupt: Interrupt<'_>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.decode_into(ids, &mut out, interrupt)?;
        Ok(out)
    }

    /// Appends the bytes that `ids` stand for to `out`.
    fn decode_into(&self, ids: &[u32], out: &mut Vec<u8>, interrupt: Interrupt<'_>) -> Result<()> {
        for (start, some) in (0..).step_by(PATIENCE).zip(ids.chunks(PATIENCE)) {
            if start > 0 && interrupt() {
                return Err(Error::Interrupted);
            }
            let appended = self.bytes.append(some, out);
            appended.map_err(|error| at_position(error, start))?;
        }
        Ok(())
    }

    /// Decodes many rows: row `i` is `ids[bounds[i]..bounds[i + 1]]`, and so are the
    /// bounds of the bytes that come back. Positions in errors count from the start of
    /// `ids`. [`Error::InvalidArgument`] if the bounds are not a partition of `ids`.
    pub fn decode_rows(
        &self,
        ids: &[u32],
        bounds: &[i64],
        interrupt: Interrupt<'_>,
    ) -> Result<(Vec<u8>, Vec<i64>)> {
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
            if start / PATIENCE < end / PATIENCE && interrupt() {
                return Err(Error::Interrupted);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::trained;
    use crate::threads::NEVER;
    use std::sync::{Arc, LazyLock};

    static TOKENIZER: LazyLock<Arc<Tokenizer>> = LazyLock::new(|| {
        let mut vocab = trained(&"the cat sat on the mat ".repeat(3), "none", 30);
        vocab.added_tokens = vec![AddedToken::special(900, "<a special token that is long>")];
        Arc::new(Tokenizer::new(vocab).unwrap())
    });

    fn tokenizer() -> Arc<Tokenizer> {
        TOKENIZER.clone()
    }

    #[test]
    fn unknown_ids_are_named() {
        let tokenizer = tokenizer();
        for id in [800, 901, u32::MAX] {
            let error = Err(Error::UnknownId { id, position: 2 });
            assert_eq!(tokenizer.decode(&[1, 900, id, 5000], NEVER), error);
            assert_eq!(
                tokenizer.decode_rows(&[1, 2, id], &[0, 1, 3], NEVER),
                error.map(|out| (out, vec![]))
            );
        }
    }

    #[test]
    fn many_ids_can_be_interrupted() {
        let tokenizer = tokenizer();
        let ids = vec![97; PATIENCE + 1];
        let stopped: Result<Vec<u8>> = Err(Error::Interrupted);
        assert_eq!(tokenizer.decode(&ids, &|| true), stopped);
        assert_eq!(
            tokenizer.decode(&ids[1..], &|| true),
            Ok(vec![b'a'; PATIENCE])
        );
        let bounds = [0, 1, PATIENCE as i64 + 1];
        assert_eq!(
            tokenizer.decode_rows(&ids, &bounds, &|| true),
            stopped.map(|out| (out, vec![]))
        );
        let unknown = [ids, vec![800]].concat();
        let position = PATIENCE + 1;
        assert_eq!(
            tokenizer.decode(&unknown, NEVER),
            Err(Error::UnknownId { id: 800, position })
        );
    }

    #[test]
    fn rows_need_good_bounds() {
        let tokenizer = tokenizer();
        let rows = tokenizer
            .decode_rows(&[97, 98, 900], &[0, 0, 2, 3], NEVER)
            .unwrap();
        assert_eq!(
            rows,
            (
                b"ab<a special token that is long>".to_vec(),
                vec![0, 0, 2, 32]
            )
        );
        assert_eq!(
            tokenizer.decode_rows(&[], &[0], NEVER),
            Ok((vec![], vec![0]))
        );
        for bounds in [
            &[][..],
            &[0],
            &[0, 2],
            &[1, 3],
            &[0, 2, 1, 3],
            &[0, -1, 3],
            &[0, 9, 3],
        ] {
            let refused = tokenizer.decode_rows(&[97, 98, 99], bounds, NEVER);
            assert!(
                matches!(refused, Err(Error::InvalidArgument { .. })),
                "{bounds:?}"
            );
        }
    }
}
