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
        Memory::with_cache(Cache::new())
    }

    pub(super) fn with_cache(cache: Cache) -> Box<Self> {
        Box::new(Memory {
            cache,
            batch: Batch::new(),
            parts: Vec::new(),
        })
    }
}

/// How many unused memories are kept, and how much room for parts in each.
const KEPT: usize = 64;
const KEPT_ITEMS: usize = 1 << 12;

/// Memories for the next calls. The lock is never waited for: a process may fork while another
/// thread holds it, and the child would wait forever.
#[derive(Default)]
pub(crate) struct Memories(Mutex<Vec<Box<Memory>>>);

impl Memories {
    /// Takes a used memory if there is one, otherwise a new one.
    pub fn take(&self) -> Box<Memory> {
        let used = self.0.try_lock().ok().and_then(|mut unused| unused.pop());
        used.unwrap_or_else(Memory::new)
    }

    /// Keeps a memory for later, without the room that a very long pretoken took.
    pub fn give(&self, mut memory: Box<Memory>) {
        memory.parts.clear();
        memory.parts.shrink_to(KEPT_ITEMS);
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
    fn what_a_long_pretoken_took_is_not_kept() {
        let memories = Memories::default();
        let mut memory = memories.take();
        memory.parts = vec![0; KEPT_ITEMS * 100];
        memories.give(memory);
        let memory = memories.take();
        assert!(memory.parts.capacity() < KEPT_ITEMS * 2);
    }

    #[test]
    fn it_never_waits() {
        let memories = Memories::default();
        let held = memories.0.lock().unwrap();
        let memory = memories.take();
        memories.give(memory);
        drop(held);
        memories.give(Memory::new());
        assert_eq!(memories.0.lock().unwrap().len(), 1);
    }
}
