//! Where the merges of a vocabulary are applied in a corpus: how often, and in which pretokens.
//!
//! Merging makes each token in one way only. So the pretokens need to be encoded once; a token
//! found there stands for all the merges that make it.

use crate::count::PretokenCounts;
use crate::error::{Error, Result};
use crate::merge::Scratch;
use crate::threads::Interrupt;
use crate::tokenizer::{Encoding, Tokenizer};

use super::progress::Meter;

/// What is known of one merge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    /// How often it is applied: by so much it lowers the number of tokens.
    pub applied: u64,
    /// The most frequent pretokens that it is applied in, equally frequent ones in order of bytes.
    pub pretokens: Vec<&'a [u8]>,
}

/// Says for each merge that can occur, in order of rank, where it is applied in a corpus, with at
/// most `most` pretokens for each. Empty at levels `char` and `word`.
pub fn origins<'a>(
    tokenizer: &Tokenizer,
    counts: &'a PretokenCounts,
    most: usize,
    interrupt: Interrupt<'_>,
) -> Result<Vec<Origin<'a>>> {
    let tokens = tokenizer.model_tokens();
    let mut by_id = vec![(0u64, Vec::new()); tokens.id_limit()];
    let pretokens = counts.sorted();
    encode_all(tokenizer, &pretokens, interrupt, |number, count, ids| {
        for &id in ids {
            let (applied, examples): &mut (u64, Vec<u32>) = &mut by_id[id as usize];
            // No overflow: tokens are fewer than bytes, whose sum is checked in the counts.
            *applied += count;
            if examples.len() < most && examples.last() != Some(&number) {
                examples.push(number);
            }
        }
    })?;
    let mut origins = Vec::new();
    for merge in tokenizer.effective_merges().iter().rev() {
        // Parts of a token are made by earlier merges: all that this one makes is known here.
        let (applied, examples) = std::mem::take(&mut by_id[merge.id as usize]);
        for part in [merge.left, merge.right] {
            let part = &mut by_id[part as usize];
            part.0 += applied;
            part.1.extend(&examples);
            part.1.sort_unstable();
            part.1.dedup();
            part.1.truncate(most);
        }
        let spelled = |&number: &u32| pretokens[number as usize].0;
        origins.push(Origin {
            applied,
            pretokens: examples.iter().map(spelled).collect(),
        });
    }
    origins.reverse();
    Ok(origins)
}

/// How many tokens a corpus takes, at most 2^64 - 1.
pub fn count_tokens(
    tokenizer: &Tokenizer,
    counts: &PretokenCounts,
    interrupt: Interrupt<'_>,
) -> Result<u64> {
    let mut total = 0u64;
    let pretokens: Vec<_> = counts.iter().collect();
    encode_all(tokenizer, &pretokens, interrupt, |_, count, ids| {
        total = total.saturating_add(count.saturating_mul(ids.len() as u64));
    })?;
    Ok(total)
}

/// Calls `visit(number, count, ids)` for each pretoken.
pub(crate) fn encode_all(
    tokenizer: &Tokenizer,
    pretokens: &[(&[u8], u64)],
    interrupt: Interrupt<'_>,
    mut visit: impl FnMut(u32, u64, &[u32]),
) -> Result<()> {
    let tokens = tokenizer.model_tokens();
    let (mut work, mut ids) = (Scratch::default(), Vec::new());
    let mut bytes = 0;
    for (number, &(pretoken, count)) in (0..).zip(pretokens) {
        bytes += pretoken.len();
        if bytes >= Meter::CHUNK {
            bytes = 0;
            if interrupt() {
                return Err(Error::Interrupted);
            }
        }
        ids.clear();
        match &tokenizer.encoding {
            Encoding::Bpe(tables) => tables.encode(tokens, pretoken, &mut work, &mut ids),
            Encoding::Words(unknown) => ids.push(tokens.id(pretoken).unwrap_or(*unknown)),
        }
        visit(number, count, &ids);
    }
    Ok(())
}
