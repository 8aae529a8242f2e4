//! What tests and fuzz targets share: small vocabularies of every kind, and the slow, obvious encoder.

// The linter does not take what fuzz targets use for tests.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;

#[cfg(test)]
mod recipe;

use crate::pattern::Pattern;
use crate::vocab::{AddedToken, Bpe, Merge, MergeRule, Model, Tokens, Vocab};
#[cfg(test)]
pub use recipe::recipe;

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
