//! Whether a list of merges says no more than the order of its tokens does.

use std::collections::HashMap;

use crate::vocab::{Bpe, Merge, MergeRule};

/// Why merging by list differs from merging any pair that spells a token, lowest id
/// first; `None` if the two always agree.
///
/// They agree if the merges come in order of id, make every token of several bytes, and
/// every token comes out whole when its own bytes are encoded. For suppose the first pair on
/// which they differ spells token `t`: nothing has crossed the ends of `t` so far, so its
/// bytes were merged as they are alone, and alone they end in a pair that is listed. A list
/// may have further pairs for `t`; they never stand side by side when their turn comes.
///
/// A token comes out whole if the parts of one of its merges do, are made before it, and no
/// earlier merge crosses the border between them. What stands at the border while merges are applied are the tokens
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
    for (group, rank) in bpe.merges.chunk_by(|one, next| one.id == next.id).zip(1..) {
        let id = group[0].id;
        if last.is_some_and(|last| last >= id) || made.ranks.contains_key(&id) {
            return Some(format!(
                "the merge that makes id {id} is not in order of id"
            ));
        }
        last = Some(id);
        let Some(merge) = group.iter().find(|merge| made.is_final(merge, rank)) else {
            return Some(format!("the merges never reach id {id}"));
        };
        made.ranks.insert(id, rank);
        made.parts.insert(id, (merge.left, merge.right));
        made.pairs
            .extend(group.iter().map(|merge| ((merge.left, merge.right), rank)));
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
    /// Whether the bytes of the two tokens, alone, are these two tokens before `rank`.
    fn is_final(&self, merge: &Merge, rank: u32) -> bool {
        let known = |id| self.ranks.contains_key(id);
        known(&merge.left) && known(&merge.right) && !self.is_crossed(merge.left, merge.right, rank)
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::Tokens;
    use proptest::prelude::*;

    /// Merges the leftmost pair of the lowest rank until there is none. `rank` gives the
    /// rank of two adjacent tokens and what they become.
    fn encode(text: &[u8], bpe: &Bpe, rank: impl Fn(u32, u32) -> Option<(usize, u32)>) -> Vec<u32> {
        let mut ids: Vec<u32> = text
            .iter()
            .map(|&byte| bpe.tokens.id(&[byte]).unwrap())
            .collect();
        loop {
            let pairs = ids.windows(2).enumerate();
            let ranked = pairs.filter_map(|(at, pair)| {
                let (rank, id) = rank(pair[0], pair[1])?;
                Some((rank, at, id))
            });
            let Some((_, at, id)) = ranked.min() else {
                return ids;
            };
            ids.splice(at..at + 2, [id]);
        }
    }

    fn by_list(text: &[u8], bpe: &Bpe) -> Vec<u32> {
        encode(text, bpe, |left, right| {
            let rank = bpe
                .merges
                .iter()
                .position(|m| (m.left, m.right) == (left, right))?;
            Some((rank, bpe.merges[rank].id))
        })
    }

    fn by_order(text: &[u8], bpe: &Bpe) -> Vec<u32> {
        if let Some(id) = bpe.tokens.id(text) {
            return vec![id];
        }
        encode(text, bpe, |left, right| {
            let token = [bpe.tokens.get(left)?, bpe.tokens.get(right)?].concat();
            let id = bpe.tokens.id(&token)?;
            Some((id as usize, id))
        })
    }

    fn build(choices: &[(usize, usize)]) -> Bpe {
        let mut tokens = Tokens::new([(0, b"a"), (1, b"b"), (2, b"c")]).unwrap();
        let mut merges = Vec::new();
        for &(left, right) in choices {
            let id = tokens.len() as u32;
            let (left, right) = ((left % tokens.len()) as u32, (right % tokens.len()) as u32);
            let token = [tokens.get(left).unwrap(), tokens.get(right).unwrap()].concat();
            if token.len() <= 12 && tokens.id(&token).is_none() {
                tokens.push(id, &token).unwrap();
                merges.push(Merge { left, right, id });
            }
        }
        Bpe {
            tokens,
            merges,
            rule: MergeRule::Listed {
                ignore_merges: false,
            },
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn finds_the_first_token_that_does_not_come_out_whole(
            choices in prop::collection::vec((0..12usize, 0..12usize), 0..10),
            texts in prop::collection::vec("[abc]{0,16}", 8),
        ) {
            let bpe = build(&choices);
            let unreachable = bpe.tokens.iter().find(|(id, token)| by_list(token, &bpe) != [*id]);
            let expected = unreachable.map(|(id, _)| format!("the merges never reach id {id}"));
            prop_assert_eq!(difference(&bpe), expected.clone());
            if expected.is_none() {
                for text in texts {
                    prop_assert_eq!(by_list(text.as_bytes(), &bpe), by_order(text.as_bytes(), &bpe));
                }
            }
        }
    }

    /// Lists every pair that spells a token, those of one token in any order.
    fn list_all(bpe: &mut Bpe, reverse: bool) {
        let made: Vec<(u32, Vec<u8>)> = bpe.tokens.iter().map(|(id, t)| (id, t.to_vec())).collect();
        bpe.merges.clear();
        for (id, token) in made {
            let mut cuts: Vec<usize> = (1..token.len()).collect();
            if reverse {
                cuts.reverse();
            }
            for (left, right) in cuts.into_iter().map(|cut| token.split_at(cut)) {
                if let (Some(left), Some(right)) = (bpe.tokens.id(left), bpe.tokens.id(right)) {
                    bpe.merges.push(Merge { left, right, id });
                }
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn further_pairs_for_a_token_make_no_difference(
            choices in prop::collection::vec((0..12usize, 0..12usize), 0..8),
            texts in prop::collection::vec("[abc]{0,16}", 8),
            reverse in any::<bool>(),
        ) {
            let mut bpe = build(&choices);
            let proper = difference(&bpe).is_none();
            list_all(&mut bpe, reverse);
            let still_proper = difference(&bpe).is_none();
            prop_assert!(still_proper || !proper);
            if still_proper {
                for text in texts {
                    prop_assert_eq!(by_list(text.as_bytes(), &bpe), by_order(text.as_bytes(), &bpe));
                }
            }
        }
    }

    #[test]
    fn names_what_is_out_of_order() {
        let mut bpe = build(&[(0, 0), (3, 1)]);
        assert_eq!(difference(&bpe), None);
        bpe.merges.swap(0, 1);
        assert_eq!(difference(&bpe), Some("the merges never reach id 4".into()));
        bpe = build(&[(0, 0), (1, 1)]);
        bpe.merges.swap(0, 1);
        assert_eq!(
            difference(&bpe),
            Some("the merge that makes id 3 is not in order of id".into())
        );
        bpe.merges[0].id = 0;
        assert_eq!(
            difference(&bpe),
            Some("the merge that makes id 0 is not in order of id".into())
        );
        bpe.merges.remove(0);
        assert_eq!(difference(&bpe), Some("no merge makes id 4".into()));
    }
}
