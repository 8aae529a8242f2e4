//! Turns one pretoken into ids: the tables of a byte-level BPE vocabulary, and the
//! choice among the ways to encode with them. All ways give the same ids.

use crate::backtrack::{Backtracker, DeadPositions};
use crate::error::{Error, Result};
use crate::merge::{MergeQueue, SHORT, merge_long, merge_short};
use crate::pairs::{Merged, PairTable};
use crate::splits::{Candidate, Splits};
use crate::trie::Trie;
use crate::vocab::{Bpe, Merge, MergeRule, Tokens};

/// Everything that encoding a pretoken looks up.
pub(crate) struct BpeTables {
    alphabet: [u32; 256],
    splits: Splits,
    /// Set for ordered vocabularies.
    backtracker: Option<Backtracker>,
    /// The length of the longest token, if whole pretokens are looked up; else 0.
    longest_whole: usize,
}

/// The working memory of encoding one pretoken.
#[derive(Default)]
pub(crate) struct Scratch {
    queue: MergeQueue,
    dead: DeadPositions,
}

impl BpeTables {
    /// Checks a vocabulary and builds its tables.
    pub fn new(bpe: &Bpe) -> Result<Self> {
        let tokens = &bpe.tokens;
        let alphabet = tokens.alphabet()?;
        let trie = Trie::forward(tokens)?;
        let splits = match bpe.rule {
            MergeRule::Listed { .. } => {
                check_merges(tokens, &bpe.merges)?;
                Splits::derive(tokens, &alphabet, |visit| listed(&bpe.merges, visit))
            }
            MergeRule::Ranked => {
                if !bpe.merges.is_empty() {
                    return Err(invalid("a ranked vocabulary has a list of merges".into()));
                }
                let backward = Trie::backward(tokens)?;
                Splits::derive(tokens, &alphabet, |visit| {
                    ranked(tokens, &trie, &backward, visit);
                })
            }
        };
        let backtracker = splits
            .ordered
            .then(|| Backtracker::new(tokens, &splits, trie));
        let longest_whole = match bpe.rule {
            MergeRule::Listed {
                ignore_merges: false,
            } => 0,
            _ => tokens
                .iter()
                .map(|(_, token)| token.len())
                .max()
                .unwrap_or(0),
        };
        Ok(BpeTables {
            alphabet,
            splits,
            backtracker,
            longest_whole,
        })
    }

    /// Appends the ids of one pretoken, which is shorter than 4 GiB.
    pub fn encode(&self, tokens: &Tokens, pretoken: &[u8], work: &mut Scratch, ids: &mut Vec<u32>) {
        if let &[byte] = pretoken {
            ids.push(self.alphabet[usize::from(byte)]);
            return;
        }
        if pretoken.len() <= self.longest_whole
            && let Some(id) = tokens.id(pretoken)
        {
            ids.push(id);
            return;
        }
        let bytes = pretoken
            .iter()
            .map(|&byte| self.alphabet[usize::from(byte)]);
        if pretoken.len() <= SHORT {
            merge_short(&self.splits.pairs, bytes, ids);
        } else if let Some(backtracker) = &self.backtracker {
            backtracker.encode(&self.splits, pretoken, &mut work.dead, ids);
        } else {
            merge_long(
                &self.splits.pairs,
                bytes,
                &mut work.queue,
                ids,
                |_, _, _| {},
            );
        }
    }

    /// The merges that can occur, in order of rank.
    pub fn merges(&self) -> Vec<Merge> {
        let mut merges: Vec<(u32, Merge)> = (0..self.splits.len() as u32)
            .filter_map(|id| {
                let (left, right, rank) = self.splits.split(id)?;
                Some((rank, Merge { left, right, id }))
            })
            .collect();
        merges.sort_unstable_by_key(|&(rank, _)| rank);
        merges.into_iter().map(|(_, merge)| merge).collect()
    }
}

fn invalid(reason: String) -> Error {
    Error::InvalidVocab { reason }
}

/// Refuses merges of tokens that do not exist, that do not spell their result, or
/// that come twice.
fn check_merges(tokens: &Tokens, merges: &[Merge]) -> Result<()> {
    if merges.len() >= u32::MAX as usize - 2 {
        return Err(invalid("too many merges".into()));
    }
    let mut seen = PairTable::with_capacity(merges.len());
    for (position, &Merge { left, right, id }) in merges.iter().enumerate() {
        let token = |id: u32| {
            tokens.get(id).ok_or_else(|| {
                invalid(format!(
                    "merge {position} names id {id}, which has no token"
                ))
            })
        };
        let (left_token, right_token, result) = (token(left)?, token(right)?, token(id)?);
        if result.strip_prefix(left_token) != Some(right_token) {
            return Err(invalid(format!(
                "merge {position} joins {} and {}, but its result is {}",
                quoted(left_token),
                quoted(right_token),
                quoted(result)
            )));
        }
        if !seen.insert(left, right, Merged { rank: 1, id }) {
            return Err(invalid(format!(
                "merge {position} joins {} and {}, as an earlier one does",
                quoted(left_token),
                quoted(right_token)
            )));
        }
    }
    Ok(())
}

fn quoted(token: &[u8]) -> String {
    format!("\"{}\"", token.escape_ascii())
}

/// The candidates of a vocabulary with listed merges. Rank 0 is that of single bytes.
fn listed(merges: &[Merge], visit: &mut dyn FnMut(Candidate)) {
    for (rank, &Merge { left, right, id }) in (1..).zip(merges) {
        visit(Candidate {
            left,
            right,
            merged: Merged { rank, id },
        });
    }
}

/// The candidates of a ranked vocabulary: every way to spell a token as two tokens.
fn ranked(tokens: &Tokens, forward: &Trie, backward: &Trie, visit: &mut dyn FnMut(Candidate)) {
    // The token that is the prefix of each length, of the token at hand.
    let mut prefixes = Vec::new();
    for (id, token) in tokens.iter().filter(|(_, token)| token.len() > 1) {
        prefixes.clear();
        prefixes.resize(token.len(), None);
        forward.prefixes(id, token.len(), |length, prefix| {
            prefixes[length] = Some(prefix)
        });
        backward.prefixes(id, token.len(), |length, right| {
            if let Some(left) = prefixes[token.len() - length] {
                visit(Candidate {
                    left,
                    right,
                    merged: Merged { rank: id + 1, id },
                });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{recipe, reference};
    use proptest::prelude::*;

    fn bpe(tokens: &[&str], merges: &[(&str, &str)], rule: MergeRule) -> Bpe {
        let bytes = (0..=255u8).map(|byte| vec![byte]);
        let all = bytes.chain(tokens.iter().map(|token| token.as_bytes().to_vec()));
        let tokens = Tokens::new((0..).zip(all)).unwrap();
        let id = |token: &str| tokens.id(token.as_bytes()).unwrap();
        let merge = |&(left, right): &(&str, &str)| Merge {
            left: id(left),
            right: id(right),
            id: id(&format!("{left}{right}")),
        };
        let merges = merges.iter().map(merge).collect();
        Bpe {
            tokens,
            merges,
            rule,
        }
    }

    const LISTED: MergeRule = MergeRule::Listed {
        ignore_merges: false,
    };

    /// Encodes in every way there is.
    fn every_way(bpe: &Bpe, tables: &BpeTables, text: &[u8]) -> Vec<(&'static str, Vec<u32>)> {
        let BpeTables {
            alphabet,
            splits,
            backtracker,
            ..
        } = tables;
        let bytes = || text.iter().map(|&byte| alphabet[usize::from(byte)]);
        let mut work = Scratch::default();
        let mut ways = Vec::new();
        let mut ids = Vec::new();
        merge_long(
            &splits.pairs,
            bytes(),
            &mut work.queue,
            &mut ids,
            |_, _, _| {},
        );
        ways.push(("long", ids));
        if text.len() <= SHORT {
            let mut ids = Vec::new();
            merge_short(&splits.pairs, bytes(), &mut ids);
            ways.push(("short", ids));
        }
        if let Some(backtracker) = backtracker {
            let mut ids = vec![7];
            backtracker.encode(splits, text, &mut work.dead, &mut ids);
            assert_eq!(ids.remove(0), 7);
            ways.push(("backtrack", ids));
        }
        // What the rule does before merging.
        if !matches!(
            bpe.rule,
            MergeRule::Listed {
                ignore_merges: false
            }
        ) && let Some(id) = bpe.tokens.id(text)
        {
            ways.clear();
            ways.push(("whole", vec![id]));
        }
        let mut ids = Vec::new();
        tables.encode(&bpe.tokens, text, &mut work, &mut ids);
        ways.push(("chosen", ids));
        ways
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn every_way_gives_the_ids_of_the_definition(
            recipe in recipe(),
            texts in prop::collection::vec("[abc]{1,70}|[ab]{1,40}|a{1,50}|[a-d\u{e9}]{1,20}", 1..5),
        ) {
            let bpe = recipe.bpe();
            let tables = BpeTables::new(&bpe).unwrap();
            let tokens = bpe.tokens.iter().filter(|(_, token)| token.len() > 1);
            for text in texts.iter().map(String::as_bytes).chain(tokens.map(|(_, token)| token)) {
                let expected = reference(&bpe, text);
                for (way, ids) in every_way(&bpe, &tables, text) {
                    prop_assert_eq!(&ids, &expected, "{} {:?}", way, text.escape_ascii().to_string());
                }
            }
            // Listing the merges of a ranked vocabulary changes nothing.
            let listed = Bpe {
                tokens: bpe.tokens.clone(),
                merges: tables.merges(),
                rule: match bpe.rule {
                    MergeRule::Ranked => MergeRule::Listed { ignore_merges: true },
                    rule => rule,
                },
            };
            for text in &texts {
                prop_assert_eq!(reference(&listed, text.as_bytes()), reference(&bpe, text.as_bytes()));
            }
        }
    }

    #[test]
    fn vocabularies_are_proved_ordered_or_not() {
        let ordered = |bpe: &Bpe| BpeTables::new(bpe).unwrap().backtracker.is_some();
        assert!(ordered(&bpe(
            &["ab", "abc"],
            &[("a", "b"), ("ab", "c")],
            LISTED
        )));
        // The second merge makes what the first needs.
        assert!(!ordered(&bpe(
            &["ab", "abc"],
            &[("ab", "c"), ("a", "b")],
            LISTED
        )));
        // It would, but nothing can be in its place.
        assert!(ordered(&bpe(
            &["ab", "abc", "bc"],
            &[("b", "c"), ("ab", "c"), ("a", "b")],
            LISTED
        )));
        assert!(!ordered(&bpe(&["abc", "ab"], &[], MergeRule::Ranked)));
        assert!(ordered(&bpe(&["ab", "abc"], &[], MergeRule::Ranked)));
        assert!(
            ordered(&bpe(&["abcd"], &[], MergeRule::Ranked)),
            "an unreachable token is no harm"
        );
    }

    #[test]
    fn a_whole_pretoken_is_looked_up_but_not_a_part() {
        let bpe = bpe(&["abcd"], &[], MergeRule::Ranked);
        let tables = BpeTables::new(&bpe).unwrap();
        let encode = |text: &[u8]| {
            let mut ids = Vec::new();
            tables.encode(&bpe.tokens, text, &mut Scratch::default(), &mut ids);
            ids
        };
        assert_eq!(encode(b"abcd"), [256]);
        assert_eq!(encode(b"abcde").len(), 5);
    }

    #[test]
    fn contradictions_are_refused() {
        let reason = |bpe: &Bpe| match BpeTables::new(bpe) {
            Err(Error::InvalidVocab { reason }) => reason,
            _ => String::new(),
        };
        let good = bpe(&["ab"], &[("a", "b")], LISTED);
        assert_eq!(reason(&good), "");
        let twice = Bpe {
            merges: vec![good.merges[0]; 2],
            ..good.clone()
        };
        assert_eq!(
            reason(&twice),
            r#"merge 1 joins "a" and "b", as an earlier one does"#
        );
        let wrong = Bpe {
            merges: vec![Merge {
                left: 98,
                ..good.merges[0]
            }],
            ..good.clone()
        };
        assert_eq!(
            reason(&wrong),
            r#"merge 0 joins "b" and "b", but its result is "ab""#
        );
        let missing = Bpe {
            merges: vec![Merge {
                left: 300,
                ..good.merges[0]
            }],
            ..good.clone()
        };
        assert_eq!(reason(&missing), "merge 0 names id 300, which has no token");
        let ranked = Bpe {
            rule: MergeRule::Ranked,
            ..good
        };
        assert_eq!(reason(&ranked), "a ranked vocabulary has a list of merges");
        let bytes = Tokens::new((0..255u8).map(|byte| (u32::from(byte), [byte]))).unwrap();
        let gap = Bpe {
            tokens: bytes,
            merges: Vec::new(),
            rule: LISTED,
        };
        assert!(matches!(
            BpeTables::new(&gap),
            Err(Error::Unsupported { .. })
        ));
    }
}
