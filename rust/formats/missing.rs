//! Whether a vocabulary looks as if a part of its file were missing.

use crate::vocab::{Bpe, MergeRule, Model, Tokens, Vocab, fallback_token};

/// Where whole pretokens are looked up, some tokens need no merge. If more than one token in
/// this many lacks one, merges are missing.
const FEW: usize = 10;

/// A single id without a token is no sign: tiktoken's `p50k_base` leaves one out for a special
/// token.
const LONE: usize = 1;

/// Longer tokens are not examined: the time grows with the square of their length.
const LONGEST: usize = 256;

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Tokens that no merge makes.
    Merges {
        tokens: usize,
        /// The first one that must have had a merge.
        example: u32,
    },
    /// Ids below the largest that have no token.
    Tokens { ids: usize, example: u32 },
}

/// Which part of a vocabulary is missing, if one seems to be.
///
/// Training makes every token from two others, and lists the merge. So a token that two other
/// tokens spell, and that no merge makes, has lost its merge. Other tokens without a merge are no
/// sign: added tokens that the list of tokens repeats, unused ids, and single characters where
/// merging starts from these.
pub fn missing(vocab: &Vocab) -> Option<Missing> {
    match &vocab.model {
        Model::Bpe(bpe) => match bpe.rule {
            MergeRule::Listed { ignore_merges } => merges(vocab, bpe, ignore_merges),
            MergeRule::Ranked => tokens(vocab, &bpe.tokens),
        },
        Model::Words(_) => None,
    }
}

fn merges(vocab: &Vocab, bpe: &Bpe, ignore_merges: bool) -> Option<Missing> {
    // With affixes, a token need not be two others side by side, nor two others a token.
    if !bpe.units.are_plain() {
        return None;
    }
    let tokens = &bpe.tokens;
    let mut made = vec![false; tokens.id_limit()];
    for merge in &bpe.merges {
        made[merge.id as usize] = true;
    }
    for added in &vocab.added_tokens {
        if let Some(made) = made.get_mut(added.id as usize) {
            *made = true;
        }
    }
    let substitutes = (0..=u8::MAX)
        .filter(|_| bpe.units.byte_fallback)
        .filter_map(|byte| tokens.id(fallback_token(byte).as_bytes()))
        .chain(bpe.units.unknown.map(|unknown| unknown.id));
    for id in substitutes {
        if let Some(made) = made.get_mut(id as usize) {
            *made = true;
        }
    }
    let (mut long, mut without, mut lost) = (0, 0, 0);
    let mut example = None;
    for (id, token) in tokens.iter() {
        if token.len() < 2 {
            continue;
        }
        long += 1;
        if made[id as usize] {
            continue;
        }
        without += 1;
        if has_halves(tokens, token) {
            lost += 1;
            example = example.or(Some(id));
        }
    }
    let few = if ignore_merges { long / FEW } else { 0 };
    (lost > few).then_some(Missing::Merges {
        tokens: without,
        example: example?,
    })
}

/// Whether two tokens spell this one, and it is more than a single character.
fn has_halves(tokens: &Tokens, token: &[u8]) -> bool {
    if token.len() > LONGEST {
        return false;
    }
    let one = std::str::from_utf8(token).is_ok_and(|text| text.chars().count() == 1);
    !one && (1..token.len()).any(|cut| {
        let (left, right) = token.split_at(cut);
        tokens.id(left).is_some() && tokens.id(right).is_some()
    })
}

fn tokens(vocab: &Vocab, tokens: &Tokens) -> Option<Missing> {
    let limit = tokens.id_limit();
    let mut free: Vec<bool> = (0..limit as u32)
        .map(|id| tokens.get(id).is_none())
        .collect();
    for added in &vocab.added_tokens {
        if let Some(free) = free.get_mut(added.id as usize) {
            *free = false;
        }
    }
    let ids = free.iter().filter(|&&free| free).count();
    let example = free.iter().position(|&free| free)?;
    (ids > LONE).then_some(Missing::Tokens {
        ids,
        example: example as u32,
    })
}
