//! Whether a list of merges says no more than the order of its tokens does.

use std::collections::HashMap;

use crate::vocab::{Bpe, Merge, MergeRule};

/// Why merging by list differs from merging any pair that spells a token, lowest id
/// first; `None` if the two always agree.
///
/// They agree if the merges come in order of id, make every token of several bytes,
/// each from tokens made before, and if every token comes out whole when its own bytes
/// are encoded. For suppose the first pair on which they differ spells token `t`: nothing has
/// crossed the ends of `t` so far, so its bytes were merged as they are alone, and
/// alone they end in the pair of `t` that is listed.
///
/// A token comes out whole if its two parts do and no earlier merge crosses the border
/// between them. What stands at the border while merges are applied are the tokens
/// down the right edge of the left part and the left edge of the right part.
pub(super) fn difference(bpe: &Bpe) -> Option<String> {
    if bpe.rule == MergeRule::Ranked {
        return None;
    }
    let mut made = Made::default();
    for (id, token) in bpe.tokens.iter() {
        if token.len() == 1 {
            made.ranks.insert(id, 0);
        }
    }
    let mut last = None;
    for (merge, rank) in bpe.merges.iter().zip(1..) {
        let Merge { left, right, id } = *merge;
        if last.is_some_and(|last| last >= id) {
            return Some(format!(
                "the merge that makes id {id} is not in order of id"
            ));
        }
        last = Some(id);
        if !made.ranks.contains_key(&left) || !made.ranks.contains_key(&right) {
            return Some(format!(
                "id {id} is merged from a token that a later merge makes"
            ));
        }
        if made.is_crossed(left, right, rank) {
            return Some(format!("the merges never reach id {id}"));
        }
        made.ranks.insert(id, rank);
        made.parts.insert(id, (left, right));
        made.pairs.insert((left, right), rank);
    }
    let lost = bpe
        .tokens
        .iter()
        .find(|(id, _)| !made.ranks.contains_key(id));
    lost.map(|(id, _)| format!("no merge makes id {id}"))
}

/// The merges so far. Ranks count from 1; a single byte has rank 0.
#[derive(Default)]
struct Made {
    ranks: HashMap<u32, u32>,
    parts: HashMap<u32, (u32, u32)>,
    pairs: HashMap<(u32, u32), u32>,
}

impl Made {
    /// Whether a merge of a rank below `rank` joins the end of `left` to the start of
    /// `right` when the bytes of both stand side by side.
    fn is_crossed(&self, mut left: u32, mut right: u32, rank: u32) -> bool {
        // Each of the two is replaced by what it was made from at its rank, going back
        // in time; these are the ranks that end the time of the present ones.
        let (mut left_end, mut right_end) = (rank, rank);
        loop {
            if let Some(&crossing) = self.pairs.get(&(left, right)) {
                // Of equal pairs that overlap, the leftmost merges: that on the left
                // goes before the crossing one, the crossing one before that on the right.
                if crossing < left_end && crossing <= right_end {
                    return true;
                }
            }
            let (left_rank, right_rank) = (self.ranks[&left], self.ranks[&right]);
            if left_rank >= right_rank {
                let Some(&(_, end)) = self.parts.get(&left) else {
                    return false;
                };
                (left, left_end) = (end, left_rank);
            } else {
                let Some(&(start, _)) = self.parts.get(&right) else {
                    return false;
                };
                (right, right_end) = (start, right_rank);
            }
        }
    }
}
