//! Every reason for which the core can refuse, with the data to explain it.
//!
//! A variant carries what a caller needs, and `Display` makes a sentence of it: one
//! line, lower case, no full stop. `python/errors` turns [`Error::kind`] into an exception
//! class, whose exit code is in `bpe_tool.errors`. Byte offsets count from the start of the
//! text, the document or the file.

use std::fmt;

mod quote;

pub(crate) use quote::brief;
pub use quote::{quote, quote_bytes};

/// The result of everything in this crate that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// The kind of an [`Error`]: it decides the exception class and the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// An argument is out of range or contradicts another.
    Argument,
    /// A pattern cannot be parsed or cannot be kept exactly.
    Pattern,
    /// A vocabulary file, or the vocabulary it describes, is not valid.
    Vocab,
    /// The input data cannot be processed as asked.
    Data,
    /// A limit was reached.
    Limit,
    /// The caller asked to stop.
    Interrupted,
}

/// Everything the core can refuse to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The requested vocabulary leaves no room for its fixed tokens.
    VocabSizeTooSmall { requested: usize, minimum: usize },
    /// An argument has a value that makes no sense here.
    InvalidArgument {
        /// The argument's name, as the Python API spells it.
        name: &'static str,
        reason: String,
    },
    /// A count is above 2^63 - 1.
    CountOverflow,
    /// A corpus is too large to be indexed.
    CorpusTooLarge {
        /// What there are too many of.
        what: &'static str,
        limit: u64,
    },
    /// Documents to pack make too many pieces, or more than fit into memory.
    TooManyPieces {
        /// There must not be more than this.
        limit: u64,
    },
    /// A regex cannot be parsed.
    PatternSyntax { pattern: String, reason: String },
    /// A regex parses, but cannot be used or written without changing its meaning.
    PatternUnsupported {
        pattern: String,
        /// Which construct, and why.
        reason: String,
    },
    /// Matching a regex took more work than the limit allows.
    PatternWork {
        /// Byte offset in the text where the match was attempted.
        offset: usize,
    },
    /// A pretoken is longer than the limit allows.
    PretokenTooLong {
        /// Byte offset of its start in the document.
        offset: u64,
        limit: usize,
    },
    /// A vocabulary file is damaged.
    Malformed {
        format: &'static str,
        /// Byte offset in the file, where one is known.
        offset: Option<usize>,
        reason: String,
    },
    /// A vocabulary file asks for something this tool refuses to imitate.
    Unsupported {
        /// The construct, named as in the file.
        what: String,
    },
    /// A vocabulary contradicts itself.
    InvalidVocab { reason: String },
    /// The vocabulary cannot be expressed in the target format.
    NotExpressible {
        format: &'static str,
        /// What it cannot hold.
        reason: String,
    },
    /// The text holds a special token and the policy is to refuse that.
    SpecialTokenInText { token: String, offset: usize },
    /// The text holds what has no token, and the policy is to refuse that.
    NoToken {
        /// The byte or the character.
        unit: Vec<u8>,
        offset: usize,
    },
    /// An id is not in the vocabulary.
    UnknownId {
        id: u32,
        /// Its index in the sequence.
        position: usize,
    },
    /// Text that should hold ids holds something else.
    MalformedIds { offset: usize, reason: String },
    /// The caller asked to stop.
    Interrupted,
}

impl Error {
    /// The same error for a text that starts `by` bytes earlier.
    pub fn shifted(self, by: usize) -> Self {
        self.located(|offset| offset + by)
    }

    /// The same error for a text in which `position` gives the place of each offset.
    pub fn located(mut self, position: impl Fn(usize) -> usize) -> Self {
        match &mut self {
            Error::PatternWork { offset }
            | Error::SpecialTokenInText { offset, .. }
            | Error::NoToken { offset, .. } => *offset = position(*offset),
            Error::PretokenTooLong { offset, .. } => *offset = position(*offset as usize) as u64,
            _ => {}
        }
        self
    }

    /// The kind of refusal.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Error::VocabSizeTooSmall { .. } | Error::InvalidArgument { .. } => ErrorKind::Argument,
            Error::PatternSyntax { .. } | Error::PatternUnsupported { .. } => ErrorKind::Pattern,
            Error::Malformed { .. }
            | Error::Unsupported { .. }
            | Error::InvalidVocab { .. }
            | Error::NotExpressible { .. } => ErrorKind::Vocab,
            Error::SpecialTokenInText { .. }
            | Error::NoToken { .. }
            | Error::UnknownId { .. }
            | Error::MalformedIds { .. } => ErrorKind::Data,
            Error::CountOverflow
            | Error::CorpusTooLarge { .. }
            | Error::TooManyPieces { .. }
            | Error::PatternWork { .. }
            | Error::PretokenTooLong { .. } => ErrorKind::Limit,
            Error::Interrupted => ErrorKind::Interrupted,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::VocabSizeTooSmall { requested, minimum } => write!(
                f,
                "vocab_size: {requested} is too small: the fixed tokens and the special ones need {minimum}"
            ),
            Error::InvalidArgument { name, reason } => write!(f, "{name}: {}", brief(reason)),
            Error::CountOverflow => write!(f, "a count is above 2^63 - 1"),
            Error::CorpusTooLarge { what, limit } => {
                write!(f, "the corpus has more than {limit} {what}")
            }
            Error::TooManyPieces { limit } => {
                write!(f, "the documents make more than {limit} pieces to pack")
            }
            Error::PatternSyntax { pattern, reason } => {
                let (pattern, reason) = (quote(pattern), brief(reason));
                write!(f, "pattern {pattern} is not a valid regex: {reason}")
            }
            Error::PatternUnsupported { pattern, reason } => {
                let (pattern, reason) = (quote(pattern), brief(reason));
                write!(f, "pattern {pattern} cannot be used: {reason}")
            }
            Error::PatternWork { offset } => write!(
                f,
                "the pattern needs too much work to match at byte {offset} of the text"
            ),
            Error::PretokenTooLong { offset, limit } => write!(
                f,
                "the pretoken at byte {offset} of the document is longer than {limit} bytes"
            ),
            Error::Malformed {
                format,
                offset: Some(offset),
                reason,
            } => {
                let reason = brief(reason);
                write!(f, "not a valid {format} file: byte {offset}: {reason}")
            }
            Error::Malformed {
                format,
                offset: None,
                reason,
            } => write!(f, "not a valid {format} file: {}", brief(reason)),
            Error::Unsupported { what } => write!(f, "{} is not supported", brief(what)),
            Error::InvalidVocab { reason } => {
                write!(f, "not a valid vocabulary: {}", brief(reason))
            }
            Error::NotExpressible { format, reason } => {
                let reason = brief(reason);
                write!(f, "this vocabulary cannot be written as {format}: {reason}")
            }
            Error::SpecialTokenInText { token, offset } => write!(
                f,
                "the text contains the special token {} at byte {offset}",
                quote(token)
            ),
            Error::NoToken { unit, offset } => write!(
                f,
                "the vocabulary has no token for {} at byte {offset}",
                quote_bytes(unit)
            ),
            Error::UnknownId { id, position } => {
                write!(f, "id {id} at position {position} is not in the vocabulary")
            }
            Error::MalformedIds { offset, reason } => {
                write!(f, "byte {offset}: expected ids, found {}", brief(reason))
            }
            Error::Interrupted => write!(f, "interrupted"),
        }
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_quote_the_beginning_of_what_is_long() {
        let long = "\u{1}\u{e9}".repeat(50_000);
        let reason = || long.clone();
        for error in [
            Error::InvalidArgument {
                name: "pattern",
                reason: reason(),
            },
            Error::PatternSyntax {
                pattern: long.clone(),
                reason: reason(),
            },
            Error::PatternUnsupported {
                pattern: long.clone(),
                reason: reason(),
            },
            Error::Malformed {
                format: "tokenizer.json",
                offset: Some(7),
                reason: reason(),
            },
            Error::Unsupported { what: reason() },
            Error::InvalidVocab { reason: reason() },
            Error::NotExpressible {
                format: "tiktoken",
                reason: reason(),
            },
            Error::SpecialTokenInText {
                token: long.clone(),
                offset: 7,
            },
            Error::MalformedIds {
                offset: 7,
                reason: reason(),
            },
        ] {
            assert!(error.to_string().len() < 2000, "{error}");
        }
    }
}
