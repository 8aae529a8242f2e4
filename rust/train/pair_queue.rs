//! The pairs that may be merged next: their counts, their positions, and which is best.
//!
//! Once the merge that made the younger of its tokens is over, a pair's count only falls.
//! So pairs below a threshold can be left out until no pair reaches it; then the threshold
//! is lowered and all pairs are counted again. The result is the same, and the tables stay
//! small, because most pairs never enter them.

use std::collections::BinaryHeap;
use std::ops::Range;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use hashbrown::hash_map::Entry;

use crate::error::Result;

use super::cells::Cells;
use super::progress::Meter;

/// Two ids.
pub(super) type Pair = (u32, u32);

/// All pairs whose count reaches a threshold.
#[derive(Default)]
pub(super) struct Pairs {
    known: HashMap<Pair, Known, FixedState>,
    /// Every known pair, the best on top, with a count that may since have fallen.
    queue: BinaryHeap<u128>,
    /// Present and former positions of pairs: an ascending slice for each known pair.
    positions: Vec<u32>,
    threshold: u64,
}

struct Known {
    count: u64,
    positions: Range<usize>,
}

/// A pair taken out of [`Pairs`] for merging.
pub(super) struct Best {
    pub(super) pair: Pair,
    pub(super) count: u64,
    positions: Range<usize>,
}

impl Pairs {
    /// Counts the pairs of `cells`, all of whose tokens must be single cells, and takes
    /// those that `allowed` lets through and whose count reaches a threshold: that of the
    /// best divided by `ratio`, but at least `minimum`. `None` if there are none.
    pub(super) fn build(
        cells: &Cells,
        minimum: u64,
        ratio: u64,
        allowed: impl Fn(Pair) -> bool,
        meter: &mut Meter,
    ) -> Result<Option<Self>> {
        meter.scanning(2 * cells.len() as u64);
        let mut counted: HashMap<Pair, (u64, usize), FixedState> = HashMap::default();
        cells.pairs(meter, |_, left, right, count| {
            let (sum, positions) = counted.entry((left, right)).or_default();
            // No overflow: pairs are fewer than bytes, whose sum is checked in the counts.
            *sum += count;
            *positions += 1;
        })?;
        counted.retain(|&pair, _| allowed(pair));
        let best = counted.values().map(|&(count, _)| count).max().unwrap_or(0);
        if best < minimum {
            return Ok(None);
        }
        let threshold = minimum.max(best / ratio);
        let mut pairs = Pairs {
            known: HashMap::default(),
            queue: BinaryHeap::new(),
            positions: Vec::new(),
            threshold,
        };
        let mut end = 0;
        for (pair, (count, length)) in counted {
            if count >= threshold {
                pairs.known.insert(
                    pair,
                    Known {
                        count,
                        positions: end..end,
                    },
                );
                pairs.queue.push(key(pair, count));
                end += length;
            }
        }
        pairs.positions.resize(end, 0);
        let Pairs {
            known, positions, ..
        } = &mut pairs;
        cells.pairs(meter, |position, left, right, _| {
            if let Some(pair) = known.get_mut(&(left, right)) {
                positions[pair.positions.end] = position;
                pair.positions.end += 1;
            }
        })?;
        Ok(Some(pairs))
    }

    /// Takes the pair with the highest count, among equals the one with the smallest
    /// ids. `None` if no pair reaches the threshold.
    pub(super) fn pop(&mut self) -> Option<Best> {
        while let Some(top) = self.queue.pop() {
            let (pair, count) = unkey(top);
            let Entry::Occupied(entry) = self.known.entry(pair) else {
                continue;
            };
            let now = entry.get().count;
            if now == count {
                let positions = entry.remove().positions;
                return Some(Best {
                    pair,
                    count,
                    positions,
                });
            }
            self.queue.push(key(pair, now));
        }
        None
    }

    /// What [`Pairs::pop`] would take, which stays.
    pub(super) fn best(&mut self) -> Option<(Pair, u64)> {
        loop {
            let (pair, count) = unkey(*self.queue.peek()?);
            let now = self.known.get(&pair).map(|known| known.count);
            if now == Some(count) {
                return Some((pair, count));
            }
            self.queue.pop();
            if let Some(now) = now {
                self.queue.push(key(pair, now));
            }
        }
    }

    /// Takes a pair out. `None` if it is not known.
    pub(super) fn take(&mut self, pair: Pair) -> Option<Best> {
        let Known { count, positions } = self.known.remove(&pair)?;
        Some(Best {
            pair,
            count,
            positions,
        })
    }

    /// The present and former positions of a pair taken out, in chunks.
    pub(super) fn positions(&self, best: &Best) -> impl Iterator<Item = &[u32]> {
        self.positions[best.positions.clone()].chunks(Meter::CHUNK)
    }

    /// Lowers the count of a pair, if it is known.
    pub(super) fn lower(&mut self, pair: Pair, by: u64) {
        if let Entry::Occupied(mut entry) = self.known.entry(pair) {
            let count = &mut entry.get_mut().count;
            *count = count
                .checked_sub(by)
                .expect("a pair cannot vanish more often than it occurs");
            if *count < self.threshold {
                entry.remove();
            }
        }
    }

    /// Whether a new pair with this count is to be [inserted](Pairs::insert).
    pub(super) fn wants(&self, count: u64) -> bool {
        count >= self.threshold
    }

    /// Adds a new pair with as many positions. Returns the first of their slots.
    pub(super) fn insert(&mut self, pair: Pair, count: u64, positions: usize) -> usize {
        let start = self.positions.len();
        self.positions.resize(start + positions, 0);
        self.known.insert(
            pair,
            Known {
                count,
                positions: start..start + positions,
            },
        );
        self.queue.push(key(pair, count));
        start
    }

    /// Stores a position of a pair in a slot that [`Pairs::insert`] gave.
    #[inline]
    pub(super) fn store(&mut self, slot: usize, position: u32) {
        self.positions[slot] = position;
    }
}

/// Orders pairs by count, then smaller ids first.
fn key((left, right): Pair, count: u64) -> u128 {
    u128::from(count) << 64 | u128::from(!left) << 32 | u128::from(!right)
}

fn unkey(key: u128) -> (Pair, u64) {
    ((!((key >> 32) as u32), !(key as u32)), (key >> 64) as u64)
}
