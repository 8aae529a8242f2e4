//! Learns the merges of a byte-level BPE vocabulary from pretoken counts.
//!
//! The rule: the pair with the highest count is merged, among equals the one with the
//! smaller left id, then the smaller right id; everywhere, leftmost first in a run.
//! Counts of pairs overlap (`aaa` holds two `aa`) and are weighted by the counts of the
//! pretokens. The result is as if all pairs were counted again for each merge, but only
//! the positions that a merge touches are visited.

mod cells;
mod neighbors;
mod options;
mod origins;
mod pair_queue;
mod progress;
mod replay;
mod rules;
mod seeds;
mod start;
mod superwords;
#[cfg(test)]
mod tests;

use crate::count::PretokenCounts;
use crate::error::{Error, Result};
use crate::tokenizer::Tokenizer;
use crate::vocab::Merge;

pub use options::{Alphabet, Level, TrainOptions};
pub(crate) use origins::encode_all;
pub use origins::{count_tokens, origins};
pub use progress::Progress;
pub use replay::{Replayed, replay};
pub use rules::Rules;

use cells::{BOUNDARY, Cells};
use neighbors::Neighbors;
use pair_queue::{Best, Pair, Pairs};
use progress::Meter;
use rules::Judge;
use start::Start;

/// The most bytes that all tokens may have together. A `tokenizer.json` spells each twice, with
/// up to two bytes for each byte: so what was learned can be read back.
const MAX_BYTES: usize = 192 << 20;

/// In an epoch, pairs are known whose count is at least this fraction of that of the best.
const RATIO: u64 = 64;

/// What training has learned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trained {
    /// The merges in rank order. That of rank `r` makes id `256 + r`, or the r-th after the last id
    /// of the vocabulary that training started from.
    pub merges: Vec<Merge>,
    /// The count of each merged pair just before it was merged.
    pub merge_counts: Vec<u64>,
}

/// Learns the merges that `options` ask for. Refuses options that contradict
/// themselves, and corpora whose distinct pretokens, or the tokens made of them, are too
/// many. An error from `progress` ends training.
///
/// With `init`, learning continues that vocabulary; see [`Start`]. Seed tokens are made first.
pub fn train(
    counts: &PretokenCounts,
    options: &TrainOptions,
    init: Option<&Tokenizer>,
    progress: Progress<'_>,
) -> Result<Trained> {
    let wanted = options.room(Level::Byte, init)?;
    match options.superwords {
        None => learn_from_seeds(counts, options, init, wanted, progress),
        Some(_) => superwords::learn_both(counts, options, wanted, progress),
    }
}

/// Learns up to `wanted` merges, those of the seed tokens first.
fn learn_from_seeds(
    counts: &PretokenCounts,
    options: &TrainOptions,
    init: Option<&Tokenizer>,
    wanted: usize,
    progress: Progress<'_>,
) -> Result<Trained> {
    if options.seeds.is_empty() {
        return learn(counts, options, init, wanted, progress);
    }
    let seeded = seeds::seeded(options, init, progress)?;
    seeded.check_room(wanted)?;
    let first = seeded.merges();
    let mut merge_counts = seeded.applied(counts, progress)?;
    let left = wanted - first.len();
    let more = learn(counts, options, Some(&seeded.tokenizer), left, progress)?;
    merge_counts.extend(more.merge_counts);
    Ok(Trained {
        merges: [first, &more.merges].concat(),
        merge_counts,
    })
}

/// Learns up to `wanted` merges.
fn learn(
    counts: &PretokenCounts,
    options: &TrainOptions,
    init: Option<&Tokenizer>,
    wanted: usize,
    progress: Progress<'_>,
) -> Result<Trained> {
    let mut start = match init {
        None => Start::bytes(options.alphabet.ids()),
        Some(tokenizer) => Start::vocab(tokenizer)?,
    };
    let mut meter = Meter::new(progress, wanted as u64);
    let cells = Cells::new(counts, &mut start, &mut meter)?;
    let rules = options.rules_after(init);
    let mut trainer = Trainer::new(cells, Judge::new(&rules, &start.tokens));
    while trainer.merges.len() < wanted {
        let Some(mut pairs) = trainer.count_pairs(options.min_frequency, &mut meter)? else {
            break;
        };
        while trainer.merges.len() < wanted {
            let Some(best) = pairs.pop() else { break };
            trainer.merge(best, &mut pairs, &mut meter)?;
        }
        drop(pairs);
        trainer.cells.compact();
    }
    meter.finish()?;
    let merges = trainer.merges.into_iter().map(|merge| Merge {
        left: start.id(merge.left),
        right: start.id(merge.right),
        id: start.id(merge.id),
    });
    Ok(Trained {
        merges: merges.collect(),
        merge_counts: trainer.merge_counts,
    })
}

/// Its ids have no gaps; see [`Start::id`].
struct Trainer<'a> {
    cells: Cells,
    left: Neighbors,
    right: Neighbors,
    judge: Judge<'a>,
    merges: Vec<Merge>,
    merge_counts: Vec<u64>,
}

impl<'a> Trainer<'a> {
    fn new(cells: Cells, judge: Judge<'a>) -> Self {
        Trainer {
            cells,
            left: Neighbors::default(),
            right: Neighbors::default(),
            judge,
            merges: Vec::new(),
            merge_counts: Vec::new(),
        }
    }

    fn count_pairs(&self, minimum: u64, meter: &mut Meter) -> Result<Option<Pairs>> {
        Pairs::build(
            &self.cells,
            minimum,
            RATIO,
            |pair| self.judge.allows(pair),
            meter,
        )
    }

    /// Merges a pair everywhere and brings the counts of the pairs around it up to date.
    fn merge(&mut self, best: Best, pairs: &mut Pairs, meter: &mut Meter) -> Result<()> {
        let merge = self.add(best.pair)?;
        let visited = self.rewrite(merge, &best, pairs, meter)?;
        let neighbors = self.update(merge, pairs);
        self.merges.push(merge);
        self.merge_counts.push(best.count);
        meter.merged(visited, neighbors)
    }

    /// Adds the token of a pair.
    fn add(&mut self, pair: Pair) -> Result<Merge> {
        let (left, right) = pair;
        let id = self.judge.len() as u32;
        let merge = Merge { left, right, id };
        self.judge.push(pair);
        if self.judge.bytes() > MAX_BYTES {
            return Err(Error::CorpusTooLarge {
                what: "bytes in the tokens that it makes",
                limit: MAX_BYTES as u64,
            });
        }
        self.cells.add_token(merge);
        self.left.reserve(self.judge.len());
        self.right.reserve(self.judge.len());
        Ok(merge)
    }

    /// Rewrites all occurrences of a pair and gathers their neighbours. Returns the number of
    /// positions visited.
    fn rewrite(
        &mut self,
        merge: Merge,
        best: &Best,
        pairs: &Pairs,
        meter: &mut Meter,
    ) -> Result<u64> {
        let Trainer {
            cells, left, right, ..
        } = self;
        let mut weights = cells.weights();
        let mut visited = 0;
        for chunk in pairs.positions(best) {
            for &position in chunk {
                let Some(around) = cells.join(position, merge) else {
                    continue;
                };
                let count = weights.at(cells, position);
                if around.before != BOUNDARY {
                    if around.before == merge.id {
                        // The occurrence before ended here: its right neighbour is gone.
                        right.drop_last();
                    }
                    left.push(around.before, position - cells.span(around.before), count);
                }
                if around.after != BOUNDARY {
                    right.push(around.after, position, count);
                }
            }
            visited += chunk.len() as u64;
            meter.advance(chunk.len() as u64)?;
        }
        Ok(visited)
    }

    /// Lowers the counts of the pairs that a merge has broken, and adds those it has
    /// made. Returns the number of distinct neighbours.
    fn update(&mut self, merge: Merge, pairs: &mut Pairs) -> u64 {
        let Merge {
            left: a,
            right: b,
            id,
        } = merge;
        let Trainer {
            left, right, judge, ..
        } = self;
        // Where occurrences touch, `a` was the right neighbour of the first for a while.
        let touching = left.count(id);
        left.for_each(|x, neighbor| {
            if x != id {
                pairs.lower((x, a), neighbor.count);
            }
            if pairs.wants(neighbor.count) && judge.allows((x, id)) {
                neighbor.target = Some(pairs.insert((x, id), neighbor.count, neighbor.positions));
            }
        });
        right.for_each(|y, neighbor| {
            pairs.lower((b, y), neighbor.count);
            let count = if y == a {
                neighbor.count - touching
            } else {
                neighbor.count
            };
            if pairs.wants(count) && judge.allows((id, y)) {
                neighbor.target = Some(pairs.insert((id, y), count, neighbor.positions));
            }
        });
        let distinct = left.distinct() + right.distinct();
        left.drain(|slot, position| pairs.store(slot, position));
        right.drain(|slot, position| pairs.store(slot, position));
        distinct as u64
    }
}
