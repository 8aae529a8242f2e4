//! Replays the merges of a vocabulary against counts, to see whether each was the best.

use super::cells::Cells;
use super::pair_queue::{Pair, Pairs};
use super::progress::Meter;
use super::rules::{Judge, Rules};
use super::start::Start;
use super::superwords::MAX_WORDS;
use super::{Progress, Trainer};
use crate::count::PretokenCounts;
use crate::error::Result;

/// What is known of one merge when its turn came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// How often its pair occurred.
    pub count: u64,
    /// The most frequent pair then, and how often it occurred.
    pub best: Option<(Pair, u64)>,
}

/// Applies merges in order, whatever their counts are. `alphabet` has the ids of the single
/// bytes, below 256; the merge at index `i` is of two ids below `256 + i`, and makes that id.
/// Pairs that would make more than `max_token_bytes` are not considered, nor with
/// `superwords` those that would join too many words.
pub fn replay(
    counts: &PretokenCounts,
    alphabet: &[u32; 256],
    merges: &[Pair],
    max_token_bytes: usize,
    superwords: bool,
    progress: Progress<'_>,
) -> Result<Vec<Replayed>> {
    let mut meter = Meter::new(progress, merges.len() as u64);
    let mut start = Start::bytes(*alphabet);
    let cells = Cells::new(counts, &mut start, &mut meter)?;
    let rules = Rules {
        max_token_bytes: Some(max_token_bytes),
        max_words: superwords.then_some(MAX_WORDS),
        ..Rules::default()
    };
    let mut trainer = Trainer::new(cells, Judge::new(&rules, &start.tokens));
    // All pairs are known, so one that is not does not occur.
    let built = Pairs::build(
        &trainer.cells,
        1,
        u64::MAX,
        |pair| trainer.judge.allows(pair),
        &mut meter,
    )?;
    let mut pairs = built.unwrap_or_default();
    let mut replayed = Vec::with_capacity(merges.len());
    for &pair in merges {
        let best = pairs.best();
        let found = pairs.take(pair);
        let count = found.as_ref().map_or(0, |found| found.count);
        replayed.push(Replayed { count, best });
        match found {
            Some(found) => trainer.merge(found, &mut pairs, &mut meter)?,
            None => trainer.add(pair).map(drop)?,
        }
    }
    meter.finish()?;
    Ok(replayed)
}
