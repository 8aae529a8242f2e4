//! Tells how far training is, and lets the caller stop it.

use std::time::{Duration, Instant};

use crate::error::Result;

/// What training calls some twenty times a second with `(done, total)`, both in units
/// of estimated work. An error from it ends training.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

const DECAY: f64 = 0.75;

const SCANS: u64 = 4;

const PERIOD: Duration = Duration::from_millis(50);

/// What finding the best pair costs, in positions.
const MERGE_WORK: u64 = 64;

/// What bringing the counts around one distinct neighbour up to date costs, in positions.
const NEIGHBOR_WORK: u64 = 16;

/// Measures work in positions visited.
///
/// Early merges are thousands of times dearer than late ones, so merges are no measure.
/// The estimate of the remaining work rests on what is seen with natural language and
/// code: the work of a merge falls about with the power [`DECAY`] of its rank, and all
/// work is about [`SCANS`] times that of counting all pairs for the first time.
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
    /// Loops report at least once for so much work.
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

    /// Notes that `work` positions were visited.
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

    /// Notes that so much work is about to be spent on counting all pairs.
    pub(super) fn scanning(&mut self, work: u64) {
        self.scan = work;
    }

    /// Notes that a merge is complete which visited so many positions (and noted them)
    /// and found so many distinct neighbours.
    pub(super) fn merged(&mut self, positions: u64, neighbors: u64) -> Result<()> {
        self.merges += 1;
        let neighbors = NEIGHBOR_WORK * neighbors;
        let level = (positions + neighbors) as f64 * (self.merges as f64).powf(DECAY);
        self.level += (level - self.level) / self.merges.min(256) as f64;
        self.advance(MERGE_WORK + neighbors)
    }

    /// Reports that all is done.
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
