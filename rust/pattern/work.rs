//! Bounds the work that matching a regex may take, and lets it be stopped.

use crate::parallel::Stop;

/// What a text may take however short it is, in bytes looked at.
const ALLOWANCE: usize = 16 << 20;
/// What it may take besides, in bytes looked at for each byte of text.
const PER_BYTE: usize = 64;

/// Counts the bytes looked at, and the bytes of text done with.
#[derive(Default)]
pub struct Work {
    looked_at: usize,
    done: usize,
    stop: Option<Stop>,
}

/// There was too much to do at this byte offset in the text, or it was reached when told
/// to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch(pub usize);

impl Work {
    /// Lets the work end as soon as `stop` is set.
    pub fn stop_by(&mut self, stop: Stop) {
        self.stop = Some(stop);
    }

    /// Whether it is to end.
    pub fn is_stopped(&self) -> bool {
        self.stop.as_ref().is_some_and(Stop::is_set)
    }

    /// Counts `looked_at` bytes that were looked at to do `done` bytes from `at` on.
    pub fn count(&mut self, at: usize, looked_at: usize, done: usize) -> Result<(), TooMuch> {
        self.looked_at = self.looked_at.saturating_add(looked_at);
        self.done += done;
        if self.looked_at > ALLOWANCE.saturating_add(self.done.saturating_mul(PER_BYTE))
            || self.is_stopped()
        {
            return Err(TooMuch(at));
        }
        Ok(())
    }
}
