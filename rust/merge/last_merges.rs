//! The last merge of every token: proves which tokens merging can make, and from what.
//!
//! The argument that everything here rests on: if merging a text makes a token, then
//! the merges inside the token's span, taken alone, are those of merging the token's own
//! units, because the pair of lowest rank in the text that lies in the span is also
//! the lowest of the span. So a token that merging its own units does not make is
//! never made, and one that it does make always has the same last merge. Every other way
//! to spell a token as a pair can be dropped.
//!
//! A vocabulary is *ordered* if every token comes after both parts of its last merge.
//! Merging a text then goes through the ranks from low to high, and whether two tokens
//! can be adjacent is decided by undoing their merges along the border between them, the
//! later one first, and looking for a pair that would have merged across it
//! ([`LastMerges::can_touch`]). The idea is that of the Rust crate `bpe`.

use crate::merge::by_rank::{MergeQueue, merge_long};
use crate::merge::pairs::{Merged, PairTable};
use crate::merge::units::{NO_TOKEN, UnitTable};
use crate::prefetch::{Delay, prefetch};
use crate::vocab::{Merge, Tokens};

/// The rank of the units, single bytes or characters, which exist from the start.
const UNIT: u32 = 0;
/// The rank of tokens that merging never makes.
const NEVER: u32 = u32::MAX;

/// The last merge of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastMerge {
    pub rank: u32,
    pub left: u32,
    pub right: u32,
}

/// A way to spell a token as a pair, which may or may not be the one merging takes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Candidate {
    pub left: u32,
    pub right: u32,
    /// What they become, and when.
    pub merged: Merged,
}

/// The last merge of every token that merging can make.
pub(crate) struct LastMerges {
    by_id: Vec<LastMerge>,
    /// The same as pairs: all that can ever merge.
    pub pairs: PairTable,
    /// Whether every token comes after both parts of its last merge.
    pub ordered: bool,
}

impl LastMerges {
    /// Finds them among `candidates`, which calls its argument for each candidate in order
    /// of rank. No pair comes twice; equal ranks mean equal results.
    pub fn derive(
        tokens: &Tokens,
        units: &UnitTable,
        candidates: impl Fn(&mut dyn FnMut(Candidate)),
    ) -> Self {
        let in_order = LastMerges::in_order(tokens, units, &candidates);
        if in_order.ordered {
            return in_order;
        }
        LastMerges::by_merging(tokens, units, candidates)
    }

    /// Finds them under the assumption that the vocabulary is ordered, which `ordered` then
    /// confirms or denies. Otherwise these are the tokens whose parts come before them.
    pub fn in_order(
        tokens: &Tokens,
        units: &UnitTable,
        candidates: impl Fn(&mut dyn FnMut(Candidate)),
    ) -> Self {
        let mut found = LastMerges::units_only(tokens, units);
        let mut early = Vec::new();
        let mut take = |found: &mut LastMerges, candidate| {
            let Candidate {
                left,
                right,
                merged,
            } = candidate;
            if !found.is_made(left) || !found.is_made(right) {
                early.push(candidate);
            } else if !found.is_made(merged.id) && found.came_to_touch(left, right) {
                found.set(candidate);
            }
        };
        let mut delay = Delay::default();
        candidates(&mut |candidate| {
            found.prefetch(candidate);
            if let Some(candidate) = delay.pass(candidate) {
                take(&mut found, candidate);
            }
        });
        delay
            .rest()
            .for_each(|candidate| take(&mut found, candidate));
        // A pair that ranks before one of its parts breaks the order if it can occur at all.
        found.ordered = early.iter().all(|&Candidate { left, right, .. }| {
            !found.is_made(left) || !found.is_made(right) || !found.came_to_touch(left, right)
        });
        found
    }

    /// Finds them by merging the units of every token.
    fn by_merging(
        tokens: &Tokens,
        units: &UnitTable,
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
        let mut found = LastMerges::units_only(tokens, units);
        found.ordered = false;
        let (mut work, mut ids) = (MergeQueue::default(), Vec::new());
        for (id, token) in tokens.iter().filter(|(_, token)| token.len() > 1) {
            if units.spell(token).any(|id| id == NO_TOKEN) {
                continue;
            }
            let mut last = None;
            ids.clear();
            merge_long(
                &all,
                units.spell(token),
                &mut work,
                &mut ids,
                |left, right, merged| {
                    last = Some(Candidate {
                        left,
                        right,
                        merged,
                    });
                },
            );
            if let (Some(candidate), [result]) = (last, &ids[..]) {
                debug_assert_eq!(*result, id);
                found.set(candidate);
            }
        }
        found
    }

    fn units_only(tokens: &Tokens, units: &UnitTable) -> Self {
        let never = LastMerge {
            rank: NEVER,
            left: 0,
            right: 0,
        };
        let mut by_id = vec![never; tokens.id_limit()];
        for id in units.tokens() {
            by_id[id as usize].rank = UNIT;
        }
        LastMerges {
            by_id,
            pairs: PairTable::with_capacity(tokens.len()),
            ordered: true,
        }
    }

    fn prefetch(&self, candidate: Candidate) {
        for id in [candidate.left, candidate.right, candidate.merged.id] {
            prefetch(&self.by_id, id as usize);
        }
        self.pairs.prefetch(candidate.left, candidate.right);
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
        self.by_id[merged.id as usize] = LastMerge { rank, left, right };
        self.pairs.insert(left, right, merged);
    }

    /// All of them, in order of rank.
    pub fn merges(&self) -> Vec<Merge> {
        let mut merges: Vec<(u32, Merge)> = (0..self.by_id.len() as u32)
            .filter_map(|id| {
                let LastMerge { rank, left, right } = self.get(id)?;
                Some((rank, Merge { left, right, id }))
            })
            .collect();
        merges.sort_unstable_by_key(|&(rank, _)| rank);
        merges.into_iter().map(|(_, merge)| merge).collect()
    }

    /// Whether merging can make `id`.
    pub fn is_made(&self, id: u32) -> bool {
        self.by_id[id as usize].rank != NEVER
    }

    /// Whether `id` is a unit.
    pub fn is_unit(&self, id: u32) -> bool {
        self.by_id[id as usize].rank == UNIT
    }

    /// The last merge of `id`. `None` for units and for tokens that are never made.
    pub fn get(&self, id: u32) -> Option<LastMerge> {
        let last = self.by_id[id as usize];
        (last.rank != UNIT && last.rank != NEVER).then_some(last)
    }

    /// Whether merging the units of `left` and then `right` gives these two tokens.
    /// Both can be made, and the vocabulary is ordered.
    #[inline]
    pub fn can_touch(&self, left: u32, right: u32) -> bool {
        self.pairs.get(left, right).is_none() && self.came_to_touch(left, right)
    }

    /// The same, for a pair that does not merge.
    #[inline]
    fn came_to_touch(&self, mut left: u32, mut right: u32) -> bool {
        loop {
            // Of the pairs across the border, the present one lasted until this rank.
            let until;
            let (of_left, of_right) = (self.by_id[left as usize], self.by_id[right as usize]);
            if of_left.rank > of_right.rank {
                // At equal ranks the left token, being leftmost, took its part first.
                until = of_left.rank;
                left = of_left.right;
            } else if of_right.rank > UNIT {
                // And the pair across the border would have come before the right token's.
                until = of_right.rank + 1;
                right = of_right.left;
            } else {
                return true;
            }
            let merged = self.pairs.get(left, right);
            if merged.is_some_and(|merged| merged.rank < until) {
                return false;
            }
        }
    }
}
