//! Limits the work of matching a regex, and lets it be stopped.

use crate::threads::Stop;

/// The largest debt, in bytes examined.
const ALLOWANCE: usize = if cfg!(test) { 64 << 10 } else { 16 << 20 };
/// What each byte of finished text pays for, in bytes examined.
const PER_BYTE: usize = 64;

/// The work on one text: a debt that grows with the bytes examined, and that the bytes of
/// finished text pay off.
///
/// The debt never falls below zero, and where it is zero, the text might as well begin. So a
/// stream can be cut there, and is refused exactly where the whole text would be.
#[derive(Default)]
pub struct Work<'s> {
    debt: usize,
    stop: Option<&'s Stop>,
}

/// There was too much work at this byte offset in the text, or the work was stopped there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch(pub usize);

impl<'s> Work<'s> {
    /// No work yet, on a new text. It ends once `stop` is set.
    pub fn new(stop: &'s Stop) -> Self {
        Work {
            debt: 0,
            stop: Some(stop),
        }
    }

    /// No work yet, on another text, stopped together with this.
    pub fn another(&self) -> Self {
        Work { debt: 0, ..*self }
    }

    /// Whether it was stopped.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_some_and(Stop::is_set)
    }

    /// Whether all work is paid off.
    pub fn is_even(&self) -> bool {
        self.debt == 0
    }

    /// Counts `looked_at` bytes that were examined to finish `done` bytes from `at` on.
    pub fn count(&mut self, at: usize, looked_at: usize, done: usize) -> Result<(), TooMuch> {
        self.debt = self
            .debt
            .saturating_add(looked_at)
            .saturating_sub(done.saturating_mul(PER_BYTE));
        if self.debt > ALLOWANCE || self.is_stopped() {
            return Err(TooMuch(at));
        }
        Ok(())
    }
}
