//! Vocabulary files, as bytes in memory, to and from [`Vocab`](crate::vocab::Vocab).
//!
//! Readers are strict: they refuse what they do not understand and name it, because a
//! vocabulary that is read almost right gives wrong ids silently. They never panic, and
//! allocate in proportion to the file. Writers refuse what the format cannot hold.

mod bpe;
pub mod gguf;
mod json;
pub mod missing;
mod pieces;
pub mod sentencepiece;
mod specials;
pub mod tekken;
pub mod tiktoken;
pub mod tokenizer_json;
pub mod vocab_merges;

#[cfg(test)]
mod tests;

use crate::error::{Error, Result, quote};
use crate::vocab::{MAX_IDS, Vocab};

/// A position in a file.
#[derive(Debug, Clone, Copy)]
struct Location {
    format: &'static str,
    offset: usize,
    /// Counted from 1, in formats that are lists of lines.
    line: Option<usize>,
}

impl Location {
    /// An error about what is at this position.
    fn error(self, reason: impl std::fmt::Display) -> Error {
        Error::Malformed {
            format: self.format,
            offset: Some(self.offset),
            reason: match self.line {
                Some(line) => format!("line {line}: {reason}"),
                None => reason.to_string(),
            },
        }
    }

    /// Adds the position to an error about the content of a vocabulary.
    fn locate(self, error: Error) -> Error {
        match error {
            Error::InvalidVocab { reason } => self.error(reason),
            other => other,
        }
    }
}

/// A vocabulary that was read, if its parts fit together.
fn checked(vocab: Vocab) -> Result<Vocab> {
    vocab.check_added()?;
    Ok(vocab)
}

/// Ids from this one on are refused in a file with `count` tokens. Tables are indexed by
/// id: without a bound, a tiny file could demand hundreds of megabytes.
fn id_limit(count: usize) -> usize {
    count.saturating_mul(16).clamp(1 << 20, MAX_IDS)
}
