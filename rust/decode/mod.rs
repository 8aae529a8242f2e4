//! Turns ids back into bytes.

use crate::error::{Error, Result};
use crate::threads::{Interrupt, Stop};
use crate::tokenizer::Tokenizer;

mod chain;
pub(crate) mod foreign;
pub mod stream;
mod token_bytes;

pub use chain::{Decoder, Step as DecodeStep};
use foreign::Progress;
pub(crate) use token_bytes::TokenBytes;

/// About the number of ids between two looks at whether to stop.
const PATIENCE: usize = 1 << 20;

impl Tokenizer {
    /// The bytes of `ids`, special tokens included.
    /// [`Error::UnknownId`] names the first id that is not in the vocabulary.
    pub fn decode(&self, ids: &[u32], interrupt: Interrupt<'_>) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.decode_into(ids, &mut out, interrupt)?;
        Ok(out)
    }

    /// The same without special tokens. Positions in errors count all ids.
    pub fn decode_without_special(&self, ids: &[u32], interrupt: Interrupt<'_>) -> Result<Vec<u8>> {
        let others: Vec<u32> = ids
            .iter()
            .copied()
            .filter(|&id| !self.is_special(id))
            .collect();
        let decoded = self.decode(&others, interrupt);
        if let Err(Error::UnknownId { .. }) = decoded {
            return self.decode(ids, interrupt);
        }
        decoded
    }

    /// Appends the bytes that `ids` stand for to `out`.
    fn decode_into(&self, ids: &[u32], out: &mut Vec<u8>, interrupt: Interrupt<'_>) -> Result<()> {
        let mut progress = Progress::default();
        self.advance(ids, &mut progress, out, interrupt)?;
        self.finish(&mut progress, out)
    }

    /// Appends what `ids`, which go on in a document, settle of its text.
    fn advance(
        &self,
        ids: &[u32],
        progress: &mut Progress,
        out: &mut Vec<u8>,
        interrupt: Interrupt<'_>,
    ) -> Result<()> {
        for (start, some) in (0..).step_by(PATIENCE).zip(ids.chunks(PATIENCE)) {
            if start > 0 && interrupt() {
                return Err(Error::Interrupted);
            }
            let appended = match &self.foreign {
                None => self.bytes.append(some, out),
                Some(foreign) => foreign.advance(some, progress, &Stop::default(), out),
            };
            appended.map_err(|error| at_position(error, start))?;
        }
        Ok(())
    }

    /// Appends the rest of the text of a document.
    fn finish(&self, progress: &mut Progress, out: &mut Vec<u8>) -> Result<()> {
        match &self.foreign {
            None => Ok(()),
            Some(foreign) => foreign.finish(progress, &Stop::default(), out),
        }
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
            let row = match &self.foreign {
                None => self.bytes.append(&ids[start..end], &mut out),
                Some(_) => self.decode_into(&ids[start..end], &mut out, interrupt),
            };
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
    use crate::vocab::AddedToken;
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
    fn special_tokens_can_be_left_out() {
        let tokenizer = tokenizer();
        let decoded = tokenizer.decode_without_special(&[900, 97, 900, 900, 98], NEVER);
        assert_eq!(decoded, Ok(b"ab".to_vec()));
        let error = Err(Error::UnknownId {
            id: 800,
            position: 2,
        });
        assert_eq!(
            tokenizer.decode_without_special(&[900, 97, 800], NEVER),
            error
        );
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
