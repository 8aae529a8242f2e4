//! Reports the progress of training, and lets the caller stop it.

use std::time::{Duration, Instant};

use crate::error::Result;

/// What training calls about twenty times a second with `(done, total)`, both in units
/// of estimated work. An error from it ends training.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

/// See [`Meter`].
const DECAY: f64 = 0.75;

/// See [`Meter`].
const SCANS: u64 = 4;

/// The time between two reports.
const PERIOD: Duration = Duration::from_millis(50);

/// The cost of finding the best pair, in positions.
const MERGE_WORK: u64 = 64;

/// The cost of updating the counts of one distinct neighbour, in positions.
const NEIGHBOR_WORK: u64 = 16;

/// Measures work in positions visited.
///
/// Early merges are thousands of times as expensive as late ones, so the number of merges is
/// no measure. The remaining work is estimated from what natural language and code show: the
/// work of a merge falls with about the power [`DECAY`] of its rank, and the total work is
/// about [`SCANS`] times that of counting all pairs for the first time.
pub(super) struct Meter<'a> {
    report: Progress<'a>,
    reported: Instant,
    done: u64,
    /// Work since the clock was last read.
    unseen: u64,
    merges: u64,
    wanted: u64,
    /// Work of recent merges times that power of their rank, averaged.
    level: f64,
    /// Work of counting all pairs, the last time.
    scan: u64,
}

impl<'a> Meter<'a> {
    /// Loops report at least once for this much work.
    pub(super) const CHUNK: usize = 1 << 16;

    /// A meter for a training of `wanted` merges.
    pub(super) fn new(report: Progress<'a>, wanted: u64) -> Self {
        Meter {
            report,
            reported: Instant::now(),
            done: 0,
            unseen: 0,
            merges: 0,
            wanted,
            level: 0.0,
            scan: 0,
        }
    }

    /// Adds `work` visited positions.
    #[inline]
    pub(super) fn advance(&mut self, work: u64) -> Result<()> {
        self.done += work;
        self.unseen += work;
        if self.unseen < Self::CHUNK as u64 {
            Ok(())
        } else {
            self.look()
        }
    }

    /// Announces the work of counting all pairs.
    pub(super) fn scanning(&mut self, work: u64) {
        self.scan = work;
    }

    /// Ends a merge that visited `positions`, which were added already, and had `neighbors`
    /// distinct neighbours.
    pub(super) fn merged(&mut self, positions: u64, neighbors: u64) -> Result<()> {
        self.merges += 1;
        let neighbors = NEIGHBOR_WORK * neighbors;
        let level = (positions + neighbors) as f64 * (self.merges as f64).powf(DECAY);
        self.level += (level - self.level) / self.merges.min(256) as f64;
        self.advance(MERGE_WORK + neighbors)
    }

    /// Reports that training is complete.
    pub(super) fn finish(self) -> Result<()> {
        (self.report)(self.done, self.done)
    }

    #[cold]
    fn look(&mut self) -> Result<()> {
        self.unseen = 0;
        if self.reported.elapsed() < PERIOD {
            return Ok(());
        }
        self.reported = Instant::now();
        let total = self.done + self.remaining();
        (self.report)(self.done, total)
    }

    fn remaining(&self) -> u64 {
        if self.merges == 0 {
            return (SCANS * self.scan).saturating_sub(self.done);
        }
        // The integral of level / rank ^ DECAY over the ranks that remain.
        let integral = |rank: u64| (rank as f64).powf(1.0 - DECAY) / (1.0 - DECAY);
        let merges = self.level * (integral(self.wanted) - integral(self.merges));
        // Pairs are likely to be counted again, the likelier the more merges remain.
        let left = self.wanted - self.merges;
        let scans = self.scan as f64 * left as f64 / self.wanted as f64;
        (merges + scans) as u64 + MERGE_WORK * left
    }
}
