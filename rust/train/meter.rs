//! Tells how far training is, and lets the caller stop it.

use std::time::{Duration, Instant};

use crate::error::Result;

/// What training calls some twenty times a second with `(done, total)`, both in units
/// of estimated work. An error from it ends training.
pub type Progress<'a> = &'a mut dyn FnMut(u64, u64) -> Result<()>;

const PERIOD: Duration = Duration::from_millis(50);

/// What a merge costs beside its positions, in positions.
const MERGE_WORK: u64 = 64;

/// Measures work in positions visited.
///
/// Early merges are thousands of times dearer than late ones, so merges are no measure.
/// The number of positions of a merge falls about as one over its rank, which is what
/// the estimate of the remaining work is built on.
pub(super) struct Meter<'a> {
    report: Progress<'a>,
    reported: Instant,
    done: u64,
    /// Work since the clock was last read.
    unseen: u64,
    merges: u64,
    wanted: u64,
    /// Positions of recent merges times their rank, averaged.
    level: f64,
    /// Estimate of the remaining work before the first merge.
    ahead: u64,
}

impl<'a> Meter<'a> {
    /// Loops report at least once for so much work.
    pub(super) const CHUNK: usize = 1 << 16;

    /// A meter for a training of `wanted` merges, which begins with about `ahead` work.
    pub(super) fn new(report: Progress<'a>, wanted: u64, ahead: u64) -> Self {
        Meter {
            report,
            reported: Instant::now(),
            done: 0,
            unseen: 0,
            merges: 0,
            wanted,
            level: 0.0,
            ahead,
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

    /// Notes that a merge of so many positions is complete.
    pub(super) fn merged(&mut self, positions: u64) -> Result<()> {
        self.merges += 1;
        let level = positions as f64 * self.merges as f64;
        self.level += (level - self.level) / self.merges.min(256) as f64;
        self.advance(MERGE_WORK)
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
            return self.ahead;
        }
        // The sum of level / rank over the ranks that remain.
        let positions = self.level * (self.wanted as f64 / self.merges as f64).ln();
        positions as u64 + MERGE_WORK * (self.wanted - self.merges)
    }
}
