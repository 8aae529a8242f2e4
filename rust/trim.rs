//! A vocabulary reduced to the tokens that a corpus uses, or to those that it uses most.
//!
//! A token is as useful as it is often made: as a token of the corpus, or as a part of one. A part
//! is made at least as often as what it is part of. So taking out the tokens that are made least
//! never takes out a part of one that stays. In other words, tokens go that no other is made of.
//!
//! Merging makes every token in one way. So whatever stays is made as before, and text that took
//! no other tokens takes the same ones.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::count::PretokenCounts;
use crate::error::{Error, Result};
use crate::threads::Interrupt;
use crate::tokenizer::{Encoding, Tokenizer};
use crate::train::encode_all;
use crate::vocab::{Ids, Model, Vocab};

/// What trimming gives.
pub struct Trimmed {
    pub vocab: Vocab,
    /// The id in the old vocabulary of each id.
    pub old_ids: Vec<u32>,
    /// How many tokens the corpus takes in the old vocabulary.
    pub tokens_before: u64,
}

/// Reduces a vocabulary to at most `size` tokens: those that are used least go first. Without a
/// size, those go that are not used at all. What merging starts from stays, and so do added tokens
/// and what they are made of.
pub fn trim(
    tokenizer: &Tokenizer,
    counts: &PretokenCounts,
    size: Option<usize>,
    ids: Ids,
    interrupt: Interrupt<'_>,
) -> Result<Trimmed> {
    let mut made = vec![0u64; tokenizer.max_id() as usize + 1];
    let mut tokens_before = 0u64;
    let pretokens: Vec<_> = counts.iter().collect();
    encode_all(tokenizer, &pretokens, interrupt, |_, count, ids| {
        tokens_before = tokens_before.saturating_add(count.saturating_mul(ids.len() as u64));
        for &id in ids {
            let made = &mut made[id as usize];
            *made = made.saturating_add(count);
        }
    })?;
    for id in fixed(tokenizer) {
        made[id as usize] = ALWAYS;
    }
    let order = with_parts(tokenizer, &mut made);
    let mut keeps: Vec<bool> = made.iter().map(|&made| made == ALWAYS).collect();
    // Parts come before what is made of them, also where both are made equally often.
    let mut others: Vec<u32> = order.into_iter().rev().collect();
    others.retain(|&id| !keeps[id as usize]);
    others.sort_by_key(|&id| Reverse(made[id as usize]));
    match size {
        None => others.retain(|&id| made[id as usize] > 0),
        Some(size) => {
            let vocab = tokenizer.vocab();
            let gone = vocab
                .model
                .inert()
                .iter()
                .filter(|(id, _)| !keeps[*id as usize]);
            let minimum = vocab.len() - others.len() - gone.count();
            let room = size.checked_sub(minimum).ok_or(Error::VocabSizeTooSmall {
                requested: size,
                minimum,
            })?;
            others.truncate(room);
        }
    }
    for id in others {
        keeps[id as usize] = true;
    }
    let (vocab, old_ids) = match ids {
        Ids::Compact => tokenizer.vocab().subset(&keeps, ids)?,
        // No tiktoken file holds entries that no text becomes.
        Ids::Frozen => tokenizer.listed().subset(&keeps, ids)?,
    };
    Ok(Trimmed {
        vocab,
        old_ids,
        tokens_before,
    })
}

/// Stands for the count of what stays in any case.
const ALWAYS: u64 = u64::MAX;

/// The tokens that stay in any case, but for their parts.
fn fixed(tokenizer: &Tokenizer) -> Vec<u32> {
    let vocab = tokenizer.vocab();
    let mut fixed: Vec<u32> = vocab.added_tokens.iter().map(|token| token.id).collect();
    if let Some(template) = &vocab.template {
        fixed.extend(template.before.iter().chain(&template.after));
    }
    match (&vocab.model, &tokenizer.encoding) {
        (Model::Bpe(bpe), Encoding::Bpe(tables)) => fixed.extend(tables.starts(&bpe.tokens)),
        (_, Encoding::Words(unknown)) => fixed.push(*unknown),
        _ => {}
    }
    fixed
}

/// Adds to the count of each token those of the tokens that it is part of. Returns all tokens of
/// the model, each before its parts, and of several that could be next the one that merging makes
/// last.
fn with_parts(tokenizer: &Tokenizer, made: &mut [u64]) -> Vec<u32> {
    let merges = tokenizer.effective_merges();
    // How many merges each token is part of that were not followed yet.
    let mut waiting = vec![0u32; made.len()];
    let mut rank = vec![None; made.len()];
    for (number, merge) in (0u32..).zip(&merges) {
        waiting[merge.left as usize] += 1;
        waiting[merge.right as usize] += 1;
        rank[merge.id as usize] = Some(number);
    }
    let mut by_result = merges;
    by_result.sort_by_key(|merge| merge.id);
    let entry = |id: u32| (rank[id as usize].is_none(), rank[id as usize], id);
    let all = tokenizer.model_tokens().iter().map(|(id, _)| id);
    let mut next: BinaryHeap<_> = all
        .filter(|&id| waiting[id as usize] == 0)
        .map(entry)
        .collect();
    let mut order = Vec::new();
    while let Some((_, _, id)) = next.pop() {
        order.push(id);
        let first = by_result.partition_point(|merge| merge.id < id);
        let own = by_result[first..].iter().take_while(|merge| merge.id == id);
        for merge in own {
            for part in [merge.left, merge.right] {
                made[part as usize] = made[part as usize].saturating_add(made[id as usize]);
                waiting[part as usize] -= 1;
                if waiting[part as usize] == 0 {
                    next.push(entry(part));
                }
            }
        }
    }
    order
}
