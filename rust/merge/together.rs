//! Merges some short texts at once. Each merge waits for memory, the pairs that it brings about; while
//! one text waits, the others go on.

use crate::merge::pairs::{BytePairs, Merged, NOTHING, PairTable, Place};
use crate::short_key::MAX_KEY;

/// How many texts are merged at once, at most.
pub(crate) const TOGETHER: usize = 16;

/// Texts of up to [`MAX_KEY`] bytes that are merged at once.
#[derive(Default)]
pub(crate) struct Together {
    texts: [Text; TOGETHER],
    count: usize,
}

/// How many parts a text has, with one before and one after it.
const PARTS: usize = MAX_KEY + 2;

/// A text in parts, at first bytes, numbered from 1 on. A part keeps the number of its first byte.
#[derive(Clone, Copy, Default)]
struct Text {
    length: usize,
    /// The token of each part.
    tokens: [u32; PARTS],
    /// The part before and the part after each.
    before: [u8; PARTS],
    after: [u8; PARTS],
    /// When each part and the next one merge: the rank, and below it the part. So the lowest of
    /// them is the leftmost of the lowest rank.
    ranks: [u64; 1 << PART_BITS],
    /// What they merge into.
    results: [u32; 1 << PART_BITS],
    /// Parts whose next one is new, and where to look up what they merge into.
    changed: [(u8, Place); 2],
}

/// How many bits of a rank are for the part.
const PART_BITS: u32 = 4;
const _: () = assert!(MAX_KEY < 1 << PART_BITS);

/// The ranks of parts that do not merge begin here.
const NEVER: u64 = (NOTHING.rank as u64) << PART_BITS;

/// No token: what is before and after a text.
const OUTSIDE: u32 = u32::MAX;

const BEFORE: [u8; PARTS] = [0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
const AFTER: [u8; PARTS] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 16];

impl Together {
    /// Adds a text of at most [`MAX_KEY`] bytes, while there are fewer than [`TOGETHER`]. All of its
    /// bytes have tokens.
    pub fn add(&mut self, bytes: &BytePairs, text: &[u8]) {
        let new = &mut self.texts[self.count];
        self.count += 1;
        (new.length, new.before, new.after) = (text.len(), BEFORE, AFTER);
        new.ranks = [NEVER; 1 << PART_BITS];
        new.changed = [(0, Place::default()); 2];
        new.tokens[0] = OUTSIDE;
        new.tokens[text.len() + 1] = OUTSIDE;
        for (token, &byte) in new.tokens[1..].iter_mut().zip(text) {
            *token = bytes.id(byte);
        }
        for (part, pair) in (1..).zip(text.windows(2)) {
            new.set(part, bytes.get(pair[0], pair[1]));
        }
    }

    /// Merges what can be merged in all of them.
    pub fn merge(&mut self, pairs: &PairTable) {
        let texts = &mut self.texts[..self.count];
        let mut going = (1u32 << texts.len()) - 1;
        while going != 0 {
            for (at, text) in texts.iter_mut().enumerate() {
                if going >> at & 1 != 0 && !text.step(pairs) {
                    going &= !(1 << at);
                }
            }
        }
    }

    /// Calls `take` with the ids of each text, in the order in which they were added.
    pub fn take(&mut self, mut take: impl FnMut(&[u32])) {
        for text in &self.texts[..self.count] {
            let (mut ids, mut count, mut part) = ([0; MAX_KEY], 0, 1);
            while part <= text.length {
                ids[count] = text.tokens[part];
                count += 1;
                part = usize::from(text.after[part]);
            }
            take(&ids[..count]);
        }
        self.count = 0;
    }
}

impl Text {
    /// Notes what a part and the next one merge into.
    #[inline(always)]
    fn set(&mut self, part: usize, merged: Merged) {
        self.ranks[part] = u64::from(merged.rank) << PART_BITS | part as u64;
        self.results[part] = merged.id;
    }

    /// Merges one pair, and prefetches those that it brings about. Returns false if there is none
    /// to merge. Without a branch but for that.
    #[inline(always)]
    fn step(&mut self, pairs: &PairTable) -> bool {
        for (part, place) in self.changed {
            self.set(usize::from(part), pairs.at(place));
        }
        // Four at a time, which do not wait for each other.
        let (fours, _) = self.ranks.as_chunks::<4>();
        let lowest = fours.iter().fold([NEVER; 4], |lowest, four| {
            std::array::from_fn(|at| lowest[at].min(four[at]))
        });
        let lowest = lowest[0].min(lowest[1]).min(lowest[2].min(lowest[3]));
        if lowest >= NEVER {
            return false;
        }
        let part = lowest as usize % (1 << PART_BITS);
        let gone = usize::from(self.after[part]);
        let (before, after) = (self.before[part], self.after[gone]);
        let token = self.results[part];
        self.tokens[part] = token;
        self.ranks[gone % (1 << PART_BITS)] = NEVER;
        self.after[part] = after;
        self.before[usize::from(after)] = part as u8;
        let next = pairs.find(token, self.tokens[usize::from(after)]);
        let previous = pairs.find(self.tokens[usize::from(before)], token);
        self.changed = [(part as u8, next), (before, previous)];
        true
    }
}
