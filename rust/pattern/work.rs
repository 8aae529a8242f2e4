//! Bounds the work that matching a regex may take.

/// What a text may take however short it is, in bytes looked at.
const ALLOWANCE: usize = 16 << 20;
/// What it may take besides, in bytes looked at for each byte of text.
const PER_BYTE: usize = 64;

/// Counts the bytes looked at, and the bytes of text done with.
#[derive(Debug, Default)]
pub struct Work {
    looked_at: usize,
    done: usize,
}

/// There was too much to do at this byte offset in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMuch(pub usize);

impl Work {
    /// Counts `looked_at` bytes that were looked at to do `done` bytes from `at` on.
    pub fn count(&mut self, at: usize, looked_at: usize, done: usize) -> Result<(), TooMuch> {
        self.looked_at = self.looked_at.saturating_add(looked_at);
        self.done += done;
        if self.looked_at > ALLOWANCE.saturating_add(self.done.saturating_mul(PER_BYTE)) {
            return Err(TooMuch(at));
        }
        Ok(())
    }
}
