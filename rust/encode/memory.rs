//! The working memory of encoding, kept between calls: the cache, and room for a batch.

use std::sync::Mutex;

use super::cache::Cache;
use super::pretokens::Batch;

/// What encoding pretokens works with.
pub(crate) struct Memory {
    pub(super) cache: Cache,
    pub(super) batch: Batch,
    /// The ends of pretokens, and of their parts where they can be cut.
    pub(super) parts: Vec<usize>,
}

impl Memory {
    fn new() -> Box<Self> {
        Box::new(Memory {
            cache: Cache::new(),
            batch: Batch::new(),
            parts: Vec::new(),
        })
    }
}

/// How many unused memories are kept.
const KEPT: usize = 64;

/// Memories for the next calls. Never waited for: a process may fork while another thread holds
/// the lock, and the child would wait for ever.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Box<Memory>>>);

impl Pool {
    /// A used one if one is at hand, else a new one.
    pub fn take(&self) -> Box<Memory> {
        let used = self.0.try_lock().ok().and_then(|mut unused| unused.pop());
        used.unwrap_or_else(Memory::new)
    }

    /// Keeps it for later.
    pub fn give(&self, memory: Box<Memory>) {
        if let Ok(mut unused) = self.0.try_lock()
            && unused.len() < KEPT
        {
            unused.push(memory);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pool_never_waits() {
        let pool = Pool::default();
        let held = pool.0.lock().unwrap();
        let memory = pool.take();
        pool.give(memory);
        drop(held);
        pool.give(Memory::new());
        assert_eq!(pool.0.lock().unwrap().len(), 1);
    }
}
