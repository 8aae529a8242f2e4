//! A second stage of learning that joins words, as SuperBPE has it (arXiv 2503.13423).
//!
//! Up to some number of tokens, or until no pair is left, merges are learned as ever, within the
//! pretokens of a pattern. Then the split at white space is lifted: words with single spaces between
//! them are one pretoken. The merges so far are applied to these by rank, as encoding does it, and
//! learning goes on there.
//!
//! The longer pretokens alone are counted (as in arXiv 2604.05192, no documents are kept); they
//! consist of whole pretokens of the pattern, which are counted in them.

use crate::count::PretokenCounts;
use crate::error::Result;
use crate::threads::Interrupt;
use crate::tokenizer::Tokenizer;

use super::progress::Progress;
use super::rules::Rules;
use super::{TrainOptions, Trained, learn, learn_from_seeds};

/// The most words in a token that is learned in the second stage, as published.
pub(super) const MAX_WORDS: usize = 4;

/// Learns `wanted` merges. The pattern of `options` is one with superwords, with which `counts` were
/// made, and superwords begin at some number of tokens.
pub(super) fn learn_both(
    counts: &PretokenCounts,
    options: &TrainOptions,
    wanted: usize,
    progress: Progress<'_>,
) -> Result<Trained> {
    let from = options.superwords.unwrap_or(options.vocab_size);
    let first_wanted = wanted - (options.vocab_size - from);
    let first = {
        let stop = std::cell::RefCell::new(&mut *progress);
        let words = words(counts, options, &|| stop.borrow_mut()(0, 1).is_err())?;
        learn_from_seeds(&words, options, None, first_wanted, progress)?
    };
    let alone = TrainOptions {
        special_tokens: Vec::new(),
        seeds: Vec::new(),
        ..options.clone()
    };
    let start = Tokenizer::new(first.to_vocab(&alone, None)?)?;
    let second = TrainOptions {
        rules: Rules {
            max_words: Some(MAX_WORDS),
            ..options.rules.clone()
        },
        ..alone
    };
    let left = wanted - first.merges.len();
    let more = learn(counts, &second, Some(&start), left, progress)?;
    Ok(Trained {
        merges: [first.merges, more.merges].concat(),
        merge_counts: [first.merge_counts, more.merge_counts].concat(),
    })
}

/// The pretokens of the pattern without superwords.
fn words(
    counts: &PretokenCounts,
    options: &TrainOptions,
    interrupt: Interrupt<'_>,
) -> Result<PretokenCounts> {
    let pattern = options.pattern.without_superwords();
    counts.divided(pattern.as_ref().unwrap_or(&options.pattern), interrupt)
}
