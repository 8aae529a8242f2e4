//! Finds special tokens in text.

use std::collections::HashSet;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, Input, MatchKind};

use crate::error::{Error, Result, quote};

/// If the special tokens have no more bytes than this together, the automaton is made that
/// searches fastest. Making it takes time that grows with the square of their length.
const SMALL: usize = 2048;

/// Finds the leftmost special token, the longest where several start together.
#[derive(Clone)]
pub struct SpecialMatcher {
    automaton: AhoCorasick,
    longest: usize,
    /// Which ones are text, by index; empty if none is.
    as_text: Vec<bool>,
}

/// Where a special token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecialMatch {
    /// Byte offset of its first byte.
    pub start: usize,
    /// Byte offset after its last byte.
    pub end: usize,
    /// Its index in the list given to [`SpecialMatcher::new`].
    pub index: usize,
}

impl SpecialMatcher {
    /// Builds a matcher for `texts`. `None` if there are none.
    pub fn new<T: AsRef<[u8]>>(texts: &[T]) -> Result<Option<Self>> {
        let Some(longest) = texts.iter().map(|text| text.as_ref().len()).max() else {
            return Ok(None);
        };
        if texts.iter().any(|text| text.as_ref().is_empty()) {
            return Err(Error::InvalidArgument {
                name: "special_tokens",
                reason: "a special token is empty".into(),
            });
        }
        let total = texts.iter().map(|text| text.as_ref().len()).sum::<usize>();
        let automaton = AhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .kind((total > SMALL).then_some(AhoCorasickKind::ContiguousNFA))
            .build(texts)
            .map_err(|error| Error::InvalidArgument {
                name: "special_tokens",
                reason: error.to_string(),
            })?;
        Ok(Some(SpecialMatcher {
            automaton,
            longest,
            as_text: Vec::new(),
        }))
    }

    /// The first special token that starts at or after `from`.
    pub fn find(&self, text: &[u8], from: usize) -> Option<SpecialMatch> {
        let found = self.automaton.find(Input::new(text).range(from..))?;
        Some(SpecialMatch {
            start: found.start(),
            end: found.end(),
            index: found.pattern().as_usize(),
        })
    }

    /// The same matcher, where the tokens for which `as_text` is true by index are text:
    /// they are found, and hide what they overlap, but are not to be cut out.
    pub fn with_text(mut self, as_text: Vec<bool>) -> Self {
        self.as_text = as_text;
        self
    }

    /// Whether the token with this index is text.
    pub fn is_text(&self, index: usize) -> bool {
        self.as_text.get(index).copied().unwrap_or(false)
    }

    /// The length in bytes of the longest special token.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

/// Refuses a list of special tokens in which one comes twice.
pub fn refuse_duplicates(texts: &[String]) -> Result<()> {
    let mut seen = HashSet::new();
    match texts.iter().find(|text| !seen.insert(text.as_str())) {
        None => Ok(()),
        Some(twice) => Err(Error::InvalidArgument {
            name: "special_tokens",
            reason: format!("{} comes twice", quote(twice)),
        }),
    }
}
