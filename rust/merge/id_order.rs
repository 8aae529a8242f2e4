//! Checks whether a list of merges adds nothing to the order of the token ids.

use super::candidates::listed;
use super::last_merges::LastMerges;
use super::units::UnitTable;
use crate::vocab::{Bpe, MergeRule};

/// Why merging by list differs from merging any pair that spells a token, lowest id
/// first; `None` if the two always agree.
///
/// They agree if the merges come in order of id and, in this order, make every token of
/// several bytes. For suppose the first pair on which they differ spells token `t`: nothing
/// has crossed the ends of `t` so far, so its bytes were merged as they are alone, and alone
/// they end in a pair that is listed. A list may have further pairs for `t`; they are never
/// adjacent when their turn comes.
pub(crate) fn difference_from_id_order(bpe: &Bpe) -> Option<String> {
    if bpe.rule == MergeRule::Ranked {
        return None;
    }
    let units = UnitTable::new(bpe);
    let in_order = LastMerges::in_order(&bpe.tokens, &units, |visit| listed(&bpe.merges, visit));
    let (mut previous, mut rank) = (None, 0);
    for group in bpe.merges.chunk_by(|one, next| one.id == next.id) {
        let id = group[0].id;
        if previous >= Some(id) || in_order.is_unit(id) {
            return Some(format!(
                "the merge that makes id {id} is not in order of id"
            ));
        }
        previous = Some(id);
        rank += group.len();
        let last = in_order.get(id);
        if last.is_none_or(|last| last.rank as usize > rank) {
            return Some(format!("the merges never reach id {id}"));
        }
    }
    let lost = bpe.tokens.iter().find(|&(id, _)| !in_order.is_made(id));
    lost.map(|(id, _)| format!("no merge makes id {id}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::{Merge, Tokens};
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
            ..Bpe::default()
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
            prop_assert_eq!(difference_from_id_order(&bpe), expected.clone());
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
        fn further_pairs_for_a_token_make_no_difference_from_id_order(
            choices in prop::collection::vec((0..12usize, 0..12usize), 0..8),
            texts in prop::collection::vec("[abc]{0,16}", 8),
            reverse in any::<bool>(),
        ) {
            let mut bpe = build(&choices);
            let agrees = difference_from_id_order(&bpe).is_none();
            list_all(&mut bpe, reverse);
            let still_agrees = difference_from_id_order(&bpe).is_none();
            prop_assert!(still_agrees || !agrees);
            if still_agrees {
                for text in texts {
                    prop_assert_eq!(by_list(text.as_bytes(), &bpe), by_order(text.as_bytes(), &bpe));
                }
            }
        }
    }

    #[test]
    fn names_what_is_out_of_order() {
        let mut bpe = build(&[(0, 0), (3, 1)]);
        assert_eq!(difference_from_id_order(&bpe), None);
        bpe.merges.swap(0, 1);
        assert_eq!(
            difference_from_id_order(&bpe),
            Some("the merges never reach id 4".into())
        );
        bpe = build(&[(0, 0), (1, 1)]);
        bpe.merges.swap(0, 1);
        assert_eq!(
            difference_from_id_order(&bpe),
            Some("the merge that makes id 3 is not in order of id".into())
        );
        bpe.merges[0].id = 0;
        assert_eq!(
            difference_from_id_order(&bpe),
            Some("the merge that makes id 0 is not in order of id".into())
        );
        bpe.merges.remove(0);
        assert_eq!(
            difference_from_id_order(&bpe),
            Some("no merge makes id 4".into())
        );
    }
}
