//! Remembers the ids of short pretokens, and keeps such memories between calls.
//!
//! A cache has a fixed size and forgets by overwriting. It is keyed by the pretoken's
//! bytes, whole and exact, so it never changes a result.

use std::sync::Mutex;

use crate::key::Key;

/// Pretokens of more ids than this are not remembered.
const MAX_IDS: usize = 4;

/// How many pairs of entries of 32 bytes there are, as a power of two: 2 MiB in all.
const SET_BITS: u32 = 15;

/// A pretoken's bytes with its length above them, never 0; two words of two ids each,
/// the count of ids above the last. Plain words, because the system hands out zeroed
/// ones without touching them: a small input pays only for what it uses.
type Entry = [u64; 4];

/// Maps pretokens to ids.
pub(crate) struct Cache {
    entries: Vec<Entry>,
}

impl Cache {
    pub fn new() -> Self {
        Cache {
            entries: vec![[0; 4]; 2 << SET_BITS],
        }
    }

    /// Appends the ids of a remembered pretoken. Returns false if it is not.
    #[inline]
    pub fn append(&self, key: Key, ids: &mut Vec<u32>) -> bool {
        let first = key.place(SET_BITS) * 2;
        let [low, high, front, back] = match &self.entries[first..first + 2] {
            [entry, _] if entry[0] == key.0 && entry[1] == key.1 => *entry,
            [_, entry] if entry[0] == key.0 && entry[1] == key.1 => *entry,
            _ => return false,
        };
        debug_assert!(Key(low, high) == key);
        // Always four, then cut: cheaper than a copy of variable length.
        let length = ids.len() + (back >> 56) as usize;
        let last = (back >> 32) as u32 & 0x00FF_FFFF;
        ids.extend_from_slice(&[front as u32, (front >> 32) as u32, back as u32, last]);
        ids.truncate(length);
        true
    }

    /// Remembers the ids of a pretoken that is not yet remembered, in the place of
    /// another perhaps.
    pub fn insert(&mut self, key: Key, ids: &[u32]) {
        if ids.len() > MAX_IDS {
            return;
        }
        let id = |at: usize| ids.get(at).map_or(0, |&id| u64::from(id));
        let count = (ids.len() as u64) << 56;
        let entry = [
            key.0,
            key.1,
            id(0) | id(1) << 32,
            id(2) | id(3) << 32 | count,
        ];
        let first = key.place(SET_BITS) * 2;
        self.entries[first + 1] = std::mem::replace(&mut self.entries[first], entry);
    }
}

/// How many unused caches are kept.
const KEPT: usize = 64;

/// Caches waiting for the next call. Never waited for: a process may fork while
/// another thread holds the lock, and the child would wait for ever.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Cache>>);

impl Pool {
    /// A used cache if one is at hand, else a new one.
    pub fn take(&self) -> Cache {
        let used = self.0.try_lock().ok().and_then(|mut caches| caches.pop());
        used.unwrap_or_else(Cache::new)
    }

    /// Keeps a cache for later.
    pub fn give(&self, cache: Cache) {
        if let Ok(mut caches) = self.0.try_lock()
            && caches.len() < KEPT
        {
            caches.push(cache);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::MAX_KEY;

    #[test]
    fn remembers_exactly_what_was_put_in() {
        let text: Vec<u8> = (0..4000u32)
            .flat_map(|at| (at * at % 251).to_le_bytes())
            .collect();
        let mut cache = Cache::new();
        let mut found = 0;
        for round in 0..2 {
            for start in 0..text.len() - MAX_KEY {
                let length = start % MAX_KEY + 1;
                let pretoken = &text[start..start + length];
                let key = Key::new(&text, start, start + length);
                let alone = Key::new(pretoken, 0, length);
                assert!(key == alone, "the key does not depend on what follows");
                let hash = pretoken.iter().fold(7u32, |hash, &byte| {
                    hash.wrapping_mul(31).wrapping_add(u32::from(byte)) & 0x00FF_FFFF
                });
                let ids: Vec<u32> = (0..hash % 6)
                    .map(|at| hash.wrapping_add(at) & 0x00FF_FFFF)
                    .collect();
                let mut out = vec![9];
                if cache.append(key, &mut out) {
                    found += round;
                    assert_eq!(out[1..], ids);
                } else {
                    assert_eq!(out, [9]);
                    cache.insert(key, &ids);
                }
            }
        }
        assert!(found > 1000);
    }

    #[test]
    fn the_pool_never_waits() {
        let pool = Pool::default();
        let held = pool.0.lock().unwrap();
        let cache = pool.take();
        pool.give(cache);
        drop(held);
        pool.give(Cache::new());
        assert_eq!(pool.0.lock().unwrap().len(), 1);
    }
}
