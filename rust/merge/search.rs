//! What a search for the encoding of a text remembers.

use crate::merge::sorted::NO_TOKEN;
use crate::merge::trie::Trie;

/// The working memory of [`LongestMatch`](crate::merge::longest_match::LongestMatch).
#[derive(Default)]
pub(crate) struct Search {
    pub dead: DeadPositions,
    pub places: Places,
    pub followers: Followers,
}

impl Search {
    /// Makes ready for another text. What follows what is the same in all texts.
    pub fn begin(&mut self, text: &[u8]) {
        self.dead.begin(text.len());
        self.places.begin(text.len());
    }
}

/// The positions from which no path leads to the end, a bit each.
#[derive(Default)]
pub(crate) struct DeadPositions(Vec<u64>);

impl DeadPositions {
    fn begin(&mut self, length: usize) {
        self.0.clear();
        self.0.resize(length / 64 + 1, 0);
    }

    pub fn mark(&mut self, position: usize) {
        self.0[position / 64] |= 1 << (position % 64);
    }

    pub fn contains(&self, position: usize) -> bool {
        self.0[position / 64] & 1 << (position % 64) != 0
    }
}

/// The longest tokens at some positions of a text, and how many bytes tell so. Where a text repeats,
/// a long token is not looked up byte by byte again.
#[derive(Default)]
pub(crate) struct Places(Vec<(usize, usize, u32)>);

const PLACES_BITS: u32 = 8;
/// Shorter texts have few places to come back to.
const SHORTEST_TEXT: usize = 1 << 9;
/// What fewer bytes tell is looked up as fast.
const FEWEST_BYTES: usize = 8;

impl Places {
    fn begin(&mut self, length: usize) {
        self.0.clear();
        if length >= SHORTEST_TEXT {
            self.0.resize(1 << PLACES_BITS, (0, 0, NO_TOKEN));
        }
    }

    /// The longest token at `position`, or [`NO_TOKEN`].
    #[inline(always)]
    pub fn longest(&mut self, trie: &Trie, text: &[u8], position: usize) -> u32 {
        let rest = &text[position..];
        let (false, Some(first)) = (self.0.is_empty(), rest.first_chunk::<FEWEST_BYTES>()) else {
            return trie.longest(rest).0;
        };
        let hash = u64::from_le_bytes(*first).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let place = &mut self.0[(hash >> (64 - PLACES_BITS)) as usize];
        let (start, seen, token) = *place;
        if seen > 0 && rest.starts_with(&text[start..start + seen]) {
            return token;
        }
        let (token, seen) = trie.longest(rest);
        if let Some(seen) = seen.filter(|&seen| seen >= FEWEST_BYTES) {
            *place = (position, seen, token);
        }
        token
    }
}

/// Of a token and those that it begins with, which is the longest one that can follow another token:
/// what was found out lately. Where a text repeats, the same is asked again, and some tokens begin
/// with tens of others.
#[derive(Default)]
pub(crate) struct Followers(Vec<Option<(u32, u32, u32)>>);

const FOLLOWERS_BITS: u32 = 10;

impl Followers {
    /// The longest of `longest` and those that it begins with that can follow `last`, or
    /// [`NO_TOKEN`]; `find` finds it out.
    #[inline(always)]
    pub fn first(&mut self, last: u32, longest: u32, find: impl FnOnce() -> u32) -> u32 {
        if self.0.is_empty() {
            self.0.resize(1 << FOLLOWERS_BITS, None);
        }
        let pair = u64::from(last) << 32 | u64::from(longest);
        let at = pair.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - FOLLOWERS_BITS);
        let entry = &mut self.0[at as usize];
        match *entry {
            Some((before, from, first)) if (before, from) == (last, longest) => first,
            _ => {
                let first = find();
                *entry = Some((last, longest, first));
                first
            }
        }
    }
}
