//! Tokens that are too long for a trie of single bytes: sorted, and compared as a whole.
//!
//! A trie takes tens of bytes of memory, and a slot of its own, for each byte of a token.
//! Training on a few long pretokens makes tokens of many megabytes.

use crate::merge::sorted::NO_TOKEN;

/// No other token.
const NONE: usize = usize::MAX;

/// Tokens in the order of their bytes.
#[derive(Default)]
pub(super) struct LongTokens {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

/// One token.
#[derive(Clone, Copy)]
struct Entry {
    id: u32,
    start: usize,
    end: usize,
    /// The index of the longest other one that it begins with, or [`NONE`].
    shorter: usize,
}

impl LongTokens {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds the token that comes after all others.
    pub fn push(&mut self, id: u32, token: &[u8]) {
        let start = self.bytes.len();
        let mut shorter = self.entries.len().checked_sub(1).unwrap_or(NONE);
        while shorter != NONE && !token.starts_with(self.spelled(&self.entries[shorter])) {
            shorter = self.entries[shorter].shorter;
        }
        self.bytes.extend_from_slice(token);
        self.entries.push(Entry {
            id,
            start,
            end: self.bytes.len(),
            shorter,
        });
    }

    fn spelled(&self, entry: &Entry) -> &[u8] {
        &self.bytes[entry.start..entry.end]
    }

    /// The longest token `text` starts with, or [`NO_TOKEN`].
    pub fn longest(&self, text: &[u8]) -> u32 {
        let after = self
            .entries
            .partition_point(|entry| self.spelled(entry) <= text);
        let Some(last) = after.checked_sub(1) else {
            return NO_TOKEN;
        };
        // Only the last token that sorts at or before `text`, or a prefix of that token, can be a
        // prefix of `text`.
        let same = common(self.spelled(&self.entries[last]), text);
        let mut at = last;
        while at != NONE && self.entries[at].end - self.entries[at].start > same {
            at = self.entries[at].shorter;
        }
        self.entries.get(at).map_or(NO_TOKEN, |entry| entry.id)
    }
}

/// The length of the common prefix of two texts.
fn common(one: &[u8], other: &[u8]) -> usize {
    const CHUNK: usize = 64;
    let chunks = one.chunks_exact(CHUNK).zip(other.chunks_exact(CHUNK));
    let equal = CHUNK * chunks.take_while(|(one, other)| one == other).count();
    let rest = one[equal..].iter().zip(&other[equal..]);
    equal + rest.take_while(|(one, other)| one == other).count()
}
