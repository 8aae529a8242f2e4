//! Small vocabularies of every kind.

use proptest::prelude::*;
use proptest::sample::Index;

use crate::vocab::{Bpe, Merge, MergeRule, Tokens};

/// What a small vocabulary over `a`, `b` and `c` is made of.
#[derive(Debug, Clone)]
pub struct Recipe {
    /// Each joins two of the tokens before it.
    joins: Vec<(Index, Index)>,
    /// More tokens, which perhaps no merge makes.
    words: Vec<String>,
    /// Changes of the order of ids and of merges.
    swaps: Vec<(Index, Index)>,
    rule: u8,
    /// Whether merges are listed that spell a token in another way.
    spellings: bool,
}

pub fn recipe() -> impl Strategy<Value = Recipe> {
    let pair = || (any::<Index>(), any::<Index>());
    let swaps = prop_oneof![Just(Vec::new()), prop::collection::vec(pair(), 1..30)];
    let words = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec("[abc]{2,7}", 1..5)];
    (
        prop::collection::vec(pair(), 0..40),
        words,
        swaps,
        0..3u8,
        any::<bool>(),
    )
        .prop_map(|(joins, words, swaps, rule, spellings)| Recipe {
            joins,
            words,
            swaps,
            rule,
            spellings,
        })
}

impl Recipe {
    pub fn bpe(&self) -> Bpe {
        let mut list: Vec<Vec<u8>> = vec![b"a".to_vec(), b"b".to_vec(), b"c".to_vec()];
        let mut joins = Vec::new();
        for (left, right) in &self.joins {
            let (left, right) = (left.get(&list).clone(), right.get(&list).clone());
            let token = [&left[..], &right].concat();
            if token.len() <= 20 && !list.contains(&token) {
                list.push(token);
                joins.push((left, right));
            }
        }
        for word in &self.words {
            if !list.contains(&word.clone().into_bytes()) {
                list.push(word.clone().into_bytes());
            }
        }
        if self.spellings {
            for token in &list {
                for cut in 1..token.len() {
                    let pair = (token[..cut].to_vec(), token[cut..].to_vec());
                    if list.contains(&pair.0) && list.contains(&pair.1) && !joins.contains(&pair) {
                        joins.push(pair);
                    }
                }
            }
        }
        let mut order: Vec<Vec<u8>> = (0..=255).map(|byte| vec![byte]).collect();
        order.extend(list.into_iter().filter(|token| token.len() > 1));
        let length = order.len();
        for (first, second) in &self.swaps {
            // Mostly among the longer tokens, where the order matters.
            order.swap(
                first.index(length),
                256.min(length - 1) + second.index(length - 256.min(length - 1)),
            );
            if !joins.is_empty() {
                let (first, second) = (first.index(joins.len()), second.index(joins.len()));
                joins.swap(first, second);
            }
        }
        let tokens = Tokens::new((0..).zip(&order)).unwrap();
        let id = |token: &[u8]| tokens.id(token).unwrap();
        let merges = joins.iter().map(|(left, right)| Merge {
            left: id(left),
            right: id(right),
            id: id(&[&left[..], right].concat()),
        });
        let rule = match self.rule {
            0 => MergeRule::Ranked,
            1 => MergeRule::Listed {
                ignore_merges: false,
            },
            _ => MergeRule::Listed {
                ignore_merges: true,
            },
        };
        let merges = if rule == MergeRule::Ranked {
            Vec::new()
        } else {
            merges.collect()
        };
        Bpe {
            tokens,
            merges,
            rule,
            ..Bpe::default()
        }
    }
}
