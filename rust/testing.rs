//! What tests share: small vocabularies of every kind, and the slow, obvious encoder.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::sample::Index;

use crate::pattern::Pattern;
use crate::vocab::{AddedToken, Bpe, Merge, MergeRule, Model, Tokens, Vocab};

/// Merges by the definition, with nothing but a list of parts.
pub fn reference(bpe: &Bpe, pretoken: &[u8]) -> Vec<u32> {
    if bpe.rule
        != (MergeRule::Listed {
            ignore_merges: false,
        })
        && let Some(id) = bpe.tokens.id(pretoken)
    {
        return vec![id];
    }
    let listed: HashMap<(u32, u32), (usize, u32)> = (0..)
        .zip(&bpe.merges)
        .map(|(rank, merge)| ((merge.left, merge.right), (rank, merge.id)))
        .collect();
    let merged = |left: u32, right: u32| match bpe.rule {
        MergeRule::Listed { .. } => listed.get(&(left, right)).copied(),
        MergeRule::Ranked => {
            let bytes = [
                bpe.tokens.get(left).unwrap(),
                bpe.tokens.get(right).unwrap(),
            ]
            .concat();
            bpe.tokens.id(&bytes).map(|id| (id as usize, id))
        }
    };
    let mut parts: Vec<u32> = pretoken
        .iter()
        .map(|&byte| bpe.tokens.id(&[byte]).unwrap())
        .collect();
    loop {
        let best = (1..parts.len())
            .filter_map(|at| merged(parts[at - 1], parts[at]).map(|(rank, id)| (rank, at, id)))
            .min();
        let Some((_, at, id)) = best else {
            return parts;
        };
        parts.splice(at - 1..=at, [id]);
    }
}

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

/// Learns `merges` merges from `text` by counting all pairs again for each.
pub fn trained(text: &str, pattern: &str, merges: usize) -> Vocab {
    let pattern = Pattern::parse(pattern).unwrap();
    let mut tokens = Tokens::new((0..=255u8).map(|byte| (u32::from(byte), [byte]))).unwrap();
    let mut words: Vec<Vec<u32>> = crate::testing::pretokens(&pattern, text.as_bytes())
        .into_iter()
        .map(|pretoken| pretoken.iter().map(|&byte| u32::from(byte)).collect())
        .collect();
    let mut list = Vec::new();
    while list.len() < merges {
        let mut counts: HashMap<(u32, u32), usize> = HashMap::new();
        for pair in words.iter().flat_map(|word| word.windows(2)) {
            *counts.entry((pair[0], pair[1])).or_default() += 1;
        }
        let best = counts
            .into_iter()
            .max_by_key(|&(pair, count)| (count, std::cmp::Reverse(pair)));
        let Some(((left, right), _)) = best else {
            break;
        };
        let id = 256 + list.len() as u32;
        let token = [tokens.get(left).unwrap(), tokens.get(right).unwrap()].concat();
        tokens.push(id, &token).unwrap();
        list.push(Merge { left, right, id });
        for word in &mut words {
            let mut at = 0;
            while at + 1 < word.len() {
                if word[at] == left && word[at + 1] == right {
                    word.splice(at..at + 2, [id]);
                }
                at += 1;
            }
        }
    }
    vocab(
        Bpe {
            tokens,
            merges: list,
            rule: MergeRule::Listed {
                ignore_merges: false,
            },
            ..Bpe::default()
        },
        pattern,
        &[],
    )
}

/// A vocabulary without anything foreign.
pub fn vocab(bpe: Bpe, pattern: Pattern, added: &[AddedToken]) -> Vocab {
    Vocab {
        model: Model::Bpe(bpe),
        pattern,
        normalizer: None,
        around: Default::default(),
        added_tokens: added.to_vec(),
        template: None,
    }
}

pub fn pretokens<'t>(pattern: &Pattern, text: &'t [u8]) -> Vec<&'t [u8]> {
    let mut pretokens = pattern.pretokens(text);
    let (mut list, mut ends, mut start) = (Vec::new(), Vec::new(), 0);
    loop {
        pretokens.fill(&mut ends).unwrap();
        if ends.is_empty() {
            return list;
        }
        for &end in &ends {
            list.push(&text[start..end]);
            start = end;
        }
    }
}
