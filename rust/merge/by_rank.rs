//! Merges the units of a pretoken by the definition: of all adjacent pairs that may
//! merge, always the one of lowest rank, and of equals the leftmost.
//!
//! [`longest_match`](crate::merge::longest_match) gives the same ids, and is faster on long
//! pretokens.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::merge::pairs::{BytePairs, Merged, NOTHING, PairTable};

/// Up to this many units, comparing all pairs for each merge is fastest.
pub(crate) const SHORT: usize = 32;

/// Appends to `ids` what the bytes of `text` merge into; at most [`SHORT`] of them.
pub(crate) fn merge_short(bytes: &BytePairs, pairs: &PairTable, text: &[u8], ids: &mut Vec<u32>) {
    let mut parts = [0; SHORT];
    for (part, &byte) in parts.iter_mut().zip(text) {
        *part = bytes.id(byte);
    }
    // What each part and the next one merge into.
    let mut merges = [NOTHING; SHORT];
    for (merge, pair) in merges.iter_mut().zip(text.windows(2)) {
        *merge = bytes.get(pair[0], pair[1]);
    }
    merge_all(pairs, &mut parts, &mut merges, text.len(), ids);
}

/// Appends to `ids` what units with these ids merge into; at most [`SHORT`] of them.
pub(crate) fn merge_few(pairs: &PairTable, units: &[u32], ids: &mut Vec<u32>) {
    let mut parts = [0; SHORT];
    parts[..units.len()].copy_from_slice(units);
    let mut merges = [NOTHING; SHORT];
    for (merge, pair) in merges.iter_mut().zip(units.windows(2)) {
        *merge = pairs.get(pair[0], pair[1]).unwrap_or(NOTHING);
    }
    merge_all(pairs, &mut parts, &mut merges, units.len(), ids);
}

#[inline(always)]
fn merge_all(
    pairs: &PairTable,
    parts: &mut [u32; SHORT],
    merges: &mut [Merged; SHORT],
    mut length: usize,
    ids: &mut Vec<u32>,
) {
    while length > 1 {
        let mut lowest = 0;
        for at in 1..length - 1 {
            if merges[at].rank < merges[lowest].rank {
                lowest = at;
            }
        }
        if merges[lowest].rank == NOTHING.rank {
            break;
        }
        parts[lowest] = merges[lowest].id;
        parts.copy_within(lowest + 2..length, lowest + 1);
        merges.copy_within(lowest + 1..length, lowest);
        length -= 1;
        merges[length - 1] = NOTHING;
        for left in lowest.saturating_sub(1)..(lowest + 1).min(length - 1) {
            merges[left] = pairs.get(parts[left], parts[left + 1]).unwrap_or(NOTHING);
        }
    }
    ids.extend_from_slice(&parts[..length]);
}

/// No neighbour, or a part that was merged into its left neighbour.
const GONE: u32 = u32::MAX;

/// The working memory of [`merge_long`].
#[derive(Default)]
pub(crate) struct MergeQueue {
    parts: Vec<u32>,
    previous: Vec<u32>,
    next: Vec<u32>,
    /// Rank, position, left id, right id: the order in which pairs merge.
    queue: BinaryHeap<Reverse<(u32, u32, u32, u32)>>,
}

impl MergeQueue {
    /// After [`merge_long`], what each unit has become: the first of those that became one
    /// together has its id, the others have none.
    pub fn parts(&self) -> impl Iterator<Item = Option<u32>> {
        self.parts
            .iter()
            .map(|&part| (part != GONE).then_some(part))
    }
}

/// Appends to `ids` what units with these ids merge into, in time O(n log n); fewer than 2^32 of
/// them. Calls `merged(left, right, result)` for each merge.
pub(crate) fn merge_long(
    pairs: &PairTable,
    units: impl Iterator<Item = u32>,
    work: &mut MergeQueue,
    ids: &mut Vec<u32>,
    mut merged: impl FnMut(u32, u32, Merged),
) {
    let MergeQueue {
        parts,
        previous,
        next,
        queue,
    } = work;
    parts.clear();
    parts.extend(units);
    let length = parts.len() as u32;
    previous.clear();
    previous.extend((0..length).map(|at| at.wrapping_sub(1)));
    next.clear();
    next.extend((1..=length).map(|at| if at == length { GONE } else { at }));
    queue.clear();
    let entry = |parts: &[u32], left: u32, right: u32| {
        let pair = (parts[left as usize], parts[right as usize]);
        let merged = pairs.get(pair.0, pair.1)?;
        Some(Reverse((merged.rank, left, pair.0, pair.1)))
    };
    queue.extend((1..length).filter_map(|right| entry(parts, right - 1, right)));
    while let Some(Reverse((rank, at, left, right))) = queue.pop() {
        let other = next[at as usize];
        // An entry outlives its pair when one of the two merges elsewhere.
        if parts[at as usize] != left || other == GONE || parts[other as usize] != right {
            continue;
        }
        let Some(result) = pairs.get(left, right) else {
            continue;
        };
        debug_assert_eq!(result.rank, rank);
        merged(left, right, result);
        parts[at as usize] = result.id;
        parts[other as usize] = GONE;
        let after = next[other as usize];
        next[at as usize] = after;
        if after != GONE {
            previous[after as usize] = at;
            queue.extend(entry(parts, at, after));
        }
        let before = previous[at as usize];
        if before != GONE {
            queue.extend(entry(parts, before, at));
        }
    }
    ids.extend(parts.iter().filter(|&&part| part != GONE));
}
