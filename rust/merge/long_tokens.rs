//! Tokens that are too long for a trie of single bytes: sorted, and compared as a whole.
//!
//! A trie takes tens of bytes of memory, and a slot of its own, for each byte of a token.
//! Training on a few long pretokens makes tokens of many megabytes.

use std::collections::HashMap;

use crate::merge::trie::NO_TOKEN;

/// No other token.
const NONE: usize = usize::MAX;

/// Tokens by their bytes. To be used once [linked](LongTokens::link).
#[derive(Default)]
pub(super) struct LongTokens {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    /// The index of each token in `entries`, by id.
    indices: HashMap<u32, usize>,
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

    pub fn insert(&mut self, id: u32, bytes: impl Iterator<Item = u8>) {
        let start = self.bytes.len();
        self.bytes.extend(bytes);
        let end = self.bytes.len();
        let shorter = NONE;
        self.entries.push(Entry {
            id,
            start,
            end,
            shorter,
        });
    }

    /// Sorts the tokens, and finds those that others begin with.
    pub fn link(&mut self) {
        let LongTokens {
            bytes,
            entries,
            indices,
        } = self;
        let spelled = |entry: &Entry| &bytes[entry.start..entry.end];
        entries.sort_unstable_by(|one, other| spelled(one).cmp(spelled(other)));
        for at in 0..entries.len() {
            let token = spelled(&entries[at]);
            let mut shorter = at.checked_sub(1).unwrap_or(NONE);
            while shorter != NONE && !token.starts_with(spelled(&entries[shorter])) {
                shorter = entries[shorter].shorter;
            }
            entries[at].shorter = shorter;
        }
        *indices = entries.iter().map(|entry| entry.id).zip(0..).collect();
    }

    /// Removes the tokens for which `keep` is false.
    pub fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        self.entries.retain(|entry| keep(entry.id));
        self.link();
    }

    /// The longest token `text` starts with, or [`NO_TOKEN`].
    pub fn longest(&self, text: &[u8]) -> u32 {
        let spelled = |entry: &Entry| &self.bytes[entry.start..entry.end];
        let after = self.entries.partition_point(|entry| spelled(entry) <= text);
        let Some(last) = after.checked_sub(1) else {
            return NO_TOKEN;
        };
        // Only the last token that sorts at or before `text`, or a prefix of that token, can be a
        // prefix of `text`.
        let same = common(spelled(&self.entries[last]), text);
        let mut at = last;
        while at != NONE && self.entries[at].end - self.entries[at].start > same {
            at = self.entries[at].shorter;
        }
        self.entries.get(at).map_or(NO_TOKEN, |entry| entry.id)
    }

    /// The other tokens that `id` begins with, with their lengths, the longest first.
    pub fn prefixes(&self, id: u32) -> impl Iterator<Item = (usize, u32)> {
        let own = self.indices.get(&id);
        let mut at = own.map_or(NONE, |&own| self.entries[own].shorter);
        std::iter::from_fn(move || {
            let entry = self.entries.get(at)?;
            at = entry.shorter;
            Some((entry.end - entry.start, entry.id))
        })
    }

    /// Each token with the longest other one that it begins with, or [`NO_TOKEN`].
    pub fn shorter(&self) -> impl Iterator<Item = (u32, u32)> {
        self.entries.iter().map(|entry| {
            let shorter = self.entries.get(entry.shorter);
            (entry.id, shorter.map_or(NO_TOKEN, |shorter| shorter.id))
        })
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
