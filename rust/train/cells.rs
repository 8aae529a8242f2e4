//! The distinct pretokens of a corpus as one array that merges rewrite in place.
//!
//! One cell per byte at first, a boundary between pretokens. A token that spans several
//! cells has its id in the first and in the last of them, so that the tokens on both
//! sides of any token are found in constant time, without links; the cells in between are
//! stale. When two tokens merge, the first cell of the right one stops being the start of
//! a token, for good: a position recorded as the start of a token is still one exactly if
//! the cell holds that token's id.

use crate::count::PretokenCounts;
use crate::error::{Error, Result};
use crate::vocab::Merge;

use super::progress::Meter;
use super::start::Start;

/// Separates pretokens.
pub(super) const BOUNDARY: u32 = u32::MAX;

/// Marks where a token started that became the right part of another.
const ABSORBED: u32 = u32::MAX - 1;

pub(super) struct Cells {
    cells: Vec<u32>,
    /// The number of cells that each token spans, by id.
    spans: Vec<u32>,
    /// Pretokens are in order of count, so counts are kept for runs of cells.
    runs: Vec<Run>,
}

struct Run {
    /// The position after the run's last cell.
    end: u32,
    count: u64,
}

/// The tokens around a merge; [`BOUNDARY`] where there is none.
pub(super) struct Around {
    pub(super) before: u32,
    pub(super) after: u32,
}

impl Cells {
    /// Lays out all pretokens that occur and hold a pair, as the tokens that `start` makes of them.
    pub(super) fn new(
        counts: &PretokenCounts,
        start: &mut Start<'_>,
        meter: &mut Meter,
    ) -> Result<Self> {
        let of_use = |&(text, count): &(&[u8], u64)| text.len() > 1 && count > 0;
        let mut pretokens: Vec<_> = counts.iter().filter(of_use).collect();
        pretokens.sort_unstable_by_key(|&(_, count)| std::cmp::Reverse(count));
        let size = 1 + pretokens
            .iter()
            .map(|(text, _)| text.len() + 1)
            .sum::<usize>();
        // All positions are below the two marks, so they fit 32 bits.
        if size > ABSORBED as usize {
            return Err(Error::CorpusTooLarge {
                what: "bytes of distinct pretokens",
                limit: u64::from(ABSORBED),
            });
        }
        let mut cells = Vec::with_capacity(size);
        cells.push(BOUNDARY);
        let mut runs: Vec<Run> = Vec::new();
        for (text, count) in pretokens {
            let first = cells.len();
            start.encode(text, &mut cells);
            if cells.len() - first < 2 {
                cells.truncate(first);
                continue;
            }
            cells.push(BOUNDARY);
            meter.advance(text.len() as u64)?;
            let end = cells.len() as u32;
            match runs.last_mut() {
                Some(run) if run.count == count => run.end = end,
                _ => runs.push(Run { end, count }),
            }
        }
        Ok(Cells {
            cells,
            spans: vec![1; start.tokens.len()],
            runs,
        })
    }

    /// The number of cells.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Makes every token one cell, and drops the pretokens that have become one token.
    /// Positions recorded before are invalid afterwards.
    pub(super) fn compact(&mut self) {
        let Cells { cells, spans, runs } = self;
        let (mut read, mut write) = (1, 1);
        for run in &mut *runs {
            while read < run.end as usize {
                let start = write;
                while cells[read] != BOUNDARY {
                    let id = cells[read];
                    cells[write] = id;
                    read += spans[id as usize] as usize;
                    write += 1;
                }
                read += 1;
                if write - start > 1 {
                    cells[write] = BOUNDARY;
                    write += 1;
                } else {
                    write = start;
                }
            }
            run.end = write as u32;
        }
        cells.truncate(write);
        spans.fill(1);
        let mut end = 1;
        runs.retain(|run| std::mem::replace(&mut end, run.end) != run.end);
    }

    /// Calls `visit(position, left, right, count)` for every adjacent pair, in order of
    /// position. All tokens must be single cells.
    pub(super) fn pairs(
        &self,
        meter: &mut Meter,
        mut visit: impl FnMut(u32, u32, u32, u64),
    ) -> Result<()> {
        let mut first = 0;
        for run in &self.runs {
            let end = run.end as usize;
            while first < end {
                // Chunks overlap by one cell, so that each pair is in one of them.
                let next = end.min(first + Meter::CHUNK);
                let chunk = &self.cells[first..end.min(next + 1)];
                for (position, pair) in (first as u32..).zip(chunk.windows(2)) {
                    if pair[0] != BOUNDARY && pair[1] != BOUNDARY {
                        visit(position, pair[0], pair[1], run.count);
                    }
                }
                meter.advance((next - first) as u64)?;
                first = next;
            }
        }
        Ok(())
    }

    /// Adds the token that `merge` makes. It must have the next id.
    pub(super) fn add_token(&mut self, merge: Merge) {
        self.spans
            .push(self.span(merge.left) + self.span(merge.right));
    }

    /// The number of cells that a token spans.
    pub(super) fn span(&self, id: u32) -> u32 {
        self.spans[id as usize]
    }

    /// Applies `merge` at `position`, where `merge.left` once started, followed by
    /// `merge.right`. `None` if that is no longer so.
    #[inline]
    pub(super) fn join(&mut self, position: u32, merge: Merge) -> Option<Around> {
        let first = position as usize;
        if self.cells[first] != merge.left {
            return None;
        }
        let middle = first + self.span(merge.left) as usize;
        if self.cells[middle] != merge.right {
            return None;
        }
        let next = middle + self.span(merge.right) as usize;
        let around = Around {
            before: self.cells[first - 1],
            after: self.cells[next],
        };
        self.cells[middle] = ABSORBED;
        self.cells[next - 1] = merge.id;
        self.cells[first] = merge.id;
        Some(around)
    }

    /// A cursor over the counts at ascending positions.
    pub(super) fn weights(&self) -> Weights {
        Weights {
            run: 0,
            end: 0,
            count: 0,
        }
    }
}

/// See [`Cells::weights`].
pub(super) struct Weights {
    run: usize,
    end: u32,
    count: u64,
}

impl Weights {
    /// The count of the pretoken at `position`, which must not be below the last one.
    #[inline]
    pub(super) fn at(&mut self, cells: &Cells, position: u32) -> u64 {
        if position >= self.end {
            self.run += cells.runs[self.run..].partition_point(|run| run.end <= position);
            let run = &cells.runs[self.run];
            (self.end, self.count) = (run.end, run.count);
        }
        self.count
    }
}
