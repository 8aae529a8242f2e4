//! Bounds the work that matching a regex may take, and lets it be stopped.

use crate::threads::Stop;

/// How far the work may run ahead of the text done with, in bytes looked at.
const ALLOWANCE: usize = if cfg!(test) { 64 << 10 } else { 16 << 20 };
/// What each byte of text done with makes up for, in bytes looked at.
const PER_BYTE: usize = 64;

/// The work on one text: a debt, which grows with the bytes looked at, and which the bytes
/// of text done with pay off.
///
/// What was paid stays paid: where the debt is zero, the text could as well begin. So a
/// stream can be cut there, and is refused where the whole text would be.
#[derive(Default)]
pub struct Work<'s> {
    debt: usize,
    stop: Option<&'s Stop>,
}

/// There was too much to do at this byte offset in the text, or it was reached when told
/// to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch(pub usize);

impl<'s> Work<'s> {
    /// No work yet on another text. It ends as soon as `stop` is set.
    pub fn new(stop: &'s Stop) -> Self {
        Work {
            debt: 0,
            stop: Some(stop),
        }
    }

    /// No work yet on another text, to be stopped together with this.
    pub fn another(&self) -> Self {
        Work { debt: 0, ..*self }
    }

    /// Whether it is to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.is_some_and(Stop::is_set)
    }

    /// Whether all work is paid off.
    pub fn is_even(&self) -> bool {
        self.debt == 0
    }

    /// Counts `looked_at` bytes that were looked at to do `done` bytes from `at` on.
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
