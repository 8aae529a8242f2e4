//! How each token comes about: proves which tokens merging can make, and from what.
//!
//! The argument that everything here rests on: if merging a text makes a token, then
//! the merges inside the token's span, taken alone, are those of merging the token's own
//! bytes, because the pair of lowest rank in the text that lies in the span is also
//! the lowest of the span. So a token that merging its own bytes does not make is
//! never made, one that it does make is always made by the same last merge, its
//! *split*, and every other way to spell a token as a pair can be dropped.
//!
//! A vocabulary is *ordered* if every token comes after both parts of its split.
//! Merging a text then goes through the ranks from low to high, and whether two tokens
//! can stand side by side is decided by undoing their merges along the border
//! between them, the later one first, and looking for a pair that would have merged
//! across it ([`Splits::can_touch`]). The idea is that of the Rust crate `bpe`.

use crate::merge::by_rank::{MergeQueue, merge_long};
use crate::merge::pairs::{Merged, PairTable};
use crate::vocab::Tokens;

/// The rank of the single bytes, which are there from the start.
const BYTE: u32 = 0;
/// The rank of tokens that merging never makes.
const NEVER: u32 = u32::MAX;

/// The last merge of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Split {
    rank: u32,
    left: u32,
    right: u32,
}

/// A way to spell a token as a pair, which may or may not be the one merging takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    /// The left token.
    pub left: u32,
    /// The right token.
    pub right: u32,
    /// What they become, and when.
    pub merged: Merged,
}

/// The split of every token that merging can make.
pub(crate) struct Splits {
    splits: Vec<Split>,
    /// These splits as pairs: all that can ever merge.
    pub pairs: PairTable,
    /// Whether every token comes after both parts of its split.
    pub ordered: bool,
}

impl Splits {
    /// Sorts out `candidates`, which calls its argument for each candidate in order
    /// of rank. No pair comes twice; equal ranks mean equal results.
    pub fn derive(
        tokens: &Tokens,
        alphabet: &[u32; 256],
        candidates: impl Fn(&mut dyn FnMut(Candidate)),
    ) -> Self {
        let mut splits = Splits::bytes_only(tokens, alphabet);
        let mut early = Vec::new();
        candidates(&mut |candidate| {
            let Candidate {
                left,
                right,
                merged,
            } = candidate;
            if !splits.is_made(left) || !splits.is_made(right) {
                early.push(candidate);
            } else if !splits.is_made(merged.id) && splits.can_touch(left, right) {
                splits.set(candidate);
            }
        });
        // A pair that ranks before one of its parts breaks the order if it can occur at all.
        splits.ordered = early.iter().all(|&Candidate { left, right, .. }| {
            !splits.is_made(left) || !splits.is_made(right) || !splits.can_touch(left, right)
        });
        if splits.ordered {
            return splits;
        }
        Splits::derive_unordered(tokens, alphabet, candidates)
    }

    /// Merges the bytes of every token to see what becomes of them.
    fn derive_unordered(
        tokens: &Tokens,
        alphabet: &[u32; 256],
        candidates: impl Fn(&mut dyn FnMut(Candidate)),
    ) -> Self {
        let mut count = 0;
        candidates(&mut |_| count += 1);
        let mut all = PairTable::with_capacity(count);
        candidates(&mut |Candidate {
                             left,
                             right,
                             merged,
                         }| {
            all.insert(left, right, merged);
        });
        let mut splits = Splits::bytes_only(tokens, alphabet);
        let (mut work, mut ids) = (MergeQueue::default(), Vec::new());
        for (id, token) in tokens.iter().filter(|(_, token)| token.len() > 1) {
            let bytes = token.iter().map(|&byte| alphabet[usize::from(byte)]);
            let mut last = None;
            ids.clear();
            merge_long(&all, bytes, &mut work, &mut ids, |left, right, merged| {
                last = Some(Candidate {
                    left,
                    right,
                    merged,
                });
            });
            if let (Some(candidate), [result]) = (last, &ids[..]) {
                debug_assert_eq!(*result, id);
                splits.set(candidate);
            }
        }
        splits.ordered = false;
        splits
    }

    fn bytes_only(tokens: &Tokens, alphabet: &[u32; 256]) -> Self {
        let never = Split {
            rank: NEVER,
            left: 0,
            right: 0,
        };
        let mut splits = vec![never; tokens.id_limit()];
        for &id in alphabet {
            splits[id as usize].rank = BYTE;
        }
        let pairs = PairTable::with_capacity(tokens.len());
        Splits {
            splits,
            pairs,
            ordered: true,
        }
    }

    fn set(
        &mut self,
        Candidate {
            left,
            right,
            merged,
        }: Candidate,
    ) {
        let rank = merged.rank;
        self.splits[merged.id as usize] = Split { rank, left, right };
        self.pairs.insert(left, right, merged);
    }

    /// One more than the largest id.
    pub fn len(&self) -> usize {
        self.splits.len()
    }

    /// Whether merging can make `id`.
    pub fn is_made(&self, id: u32) -> bool {
        self.splits[id as usize].rank != NEVER
    }

    /// The two tokens whose merge makes `id`, and its rank. `None` for single bytes
    /// and tokens that are never made.
    pub fn split(&self, id: u32) -> Option<(u32, u32, u32)> {
        let Split { rank, left, right } = self.splits[id as usize];
        (rank != BYTE && rank != NEVER).then_some((left, right, rank))
    }

    /// Whether merging the bytes of `left` and then `right` gives these two tokens.
    /// Both can be made, and the vocabulary is ordered.
    #[inline]
    pub fn can_touch(&self, mut left: u32, mut right: u32) -> bool {
        // Of the pairs across the border, the present one lasted until this rank.
        let mut until = u32::MAX;
        loop {
            if self
                .pairs
                .get(left, right)
                .is_some_and(|merged| merged.rank < until)
            {
                return false;
            }
            let (of_left, of_right) = (self.splits[left as usize], self.splits[right as usize]);
            if of_left.rank > of_right.rank {
                // At equal ranks the left token, being leftmost, took its part first.
                until = of_left.rank;
                left = of_left.right;
            } else if of_right.rank > BYTE {
                // And the pair across the border would have come before the right token's.
                until = of_right.rank + 1;
                right = of_right.left;
            } else {
                return true;
            }
        }
    }
}
