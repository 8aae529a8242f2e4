//! Remembers the ids of short pretokens, and keeps such memories between calls.
//!
//! A cache grows to a fixed size and forgets by overwriting. It is keyed by the pretoken's
//! bytes, whole and exact, so it never changes a result.

use std::sync::Mutex;

use super::long::LongCache;
use crate::key::Key;

/// Pretokens of more ids than this are not remembered.
const MAX_IDS: usize = 4;

/// How many pairs of entries of 32 bytes there are at first and at most, as powers of
/// two: 256 KiB and 16 MiB in all.
const FIRST_BITS: u32 = 12;
const LAST_BITS: u32 = 18;

/// A pretoken's bytes with its length above them, two words of two ids each, the count of
/// ids above the last.
type Entry = [u64; 4];

/// What words are that nothing was put in: no pretoken is as long as its length then says.
/// Not 0: of zeros all pages are one and the same to the system until they are written to.
/// To find one empty first and write to it then interrupts the other threads.
const EMPTY: u64 = u64::MAX;

/// Maps pretokens to ids. Grows while there is more to remember than it has room for.
pub(crate) struct Cache {
    /// The entries, behind some words that are not used.
    words: Vec<u64>,
    skipped: usize,
    /// How many pairs of entries there are, as a power of two.
    bits: u32,
    /// How many pretokens were put in at this size.
    inserted: usize,
    /// For what has no room here.
    pub(super) long: LongCache,
}

/// Where a pretoken is in a cache, or would be put. Holds until the next insertion;
/// after that, the pretoken may be missed.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place {
    pub key: Key,
    at: usize,
}

impl Cache {
    pub fn new() -> Self {
        let (words, skipped) = empty(FIRST_BITS);
        Cache {
            words,
            skipped,
            bits: FIRST_BITS,
            inserted: 0,
            long: LongCache::default(),
        }
    }

    #[inline]
    fn entries(&self) -> &[Entry] {
        self.words[self.skipped..].as_chunks().0
    }

    #[inline]
    fn entries_mut(&mut self) -> &mut [Entry] {
        self.words[self.skipped..].as_chunks_mut().0
    }

    /// Where a pretoken is looked for first.
    #[inline]
    pub fn place(&self, key: Key) -> Place {
        Place {
            key,
            at: key.place(self.bits) * 2,
        }
    }

    /// Finds which of its two places each pretoken is in, if it is in one.
    #[inline]
    pub fn find(&self, places: &mut [Place]) {
        let entries = self.entries();
        for Place { key, at } in places {
            let entry = &entries[*at + 1];
            *at += usize::from((entry[0] == key.0) & (entry[1] == key.1));
        }
    }

    /// Appends the ids of a remembered pretoken. Returns false if it is not.
    #[inline]
    pub fn append(&self, &Place { key, at }: &Place, ids: &mut Vec<u32>) -> bool {
        let [low, high, front, back] = self.entries()[at];
        if low != key.0 || high != key.1 {
            return false;
        }
        // Always four, then cut: cheaper than a copy of variable length.
        let length = ids.len() + (back >> 56) as usize;
        let last = (back >> 32) as u32 & 0x00FF_FFFF;
        ids.extend_from_slice(&[front as u32, (front >> 32) as u32, back as u32, last]);
        ids.truncate(length);
        true
    }

    /// Remembers the ids of a pretoken that is not yet remembered, in the place of
    /// another perhaps. Returns false if they are too many.
    pub fn insert(&mut self, key: Key, ids: &[u32]) -> bool {
        if ids.len() > MAX_IDS {
            return false;
        }
        let id = |at: usize| ids.get(at).map_or(0, |&id| u64::from(id));
        let count = (ids.len() as u64) << 56;
        let entry = [
            key.0,
            key.1,
            id(0) | id(1) << 32,
            id(2) | id(3) << 32 | count,
        ];
        self.put(entry);
        self.inserted += 1;
        if self.inserted == 2 << self.bits && self.bits < LAST_BITS {
            self.grow();
        }
        true
    }

    /// Puts an entry in the first place of its pair, and what was there in the second.
    fn put(&mut self, entry: Entry) {
        let first = Key(entry[0], entry[1]).place(self.bits) * 2;
        let entries = self.entries_mut();
        entries[first + 1] = std::mem::replace(&mut entries[first], entry);
    }

    fn grow(&mut self) {
        self.bits += 1;
        self.inserted = 0;
        let (words, skipped) = empty(self.bits);
        let words = std::mem::replace(&mut self.words, words);
        let skipped = std::mem::replace(&mut self.skipped, skipped);
        let entries: &[Entry] = words[skipped..].as_chunks().0;
        for pair in entries.chunks_exact(2) {
            // The older one first.
            for &entry in pair.iter().rev() {
                if entry != [EMPTY; 4] {
                    self.put(entry);
                }
            }
        }
    }
}

/// Words for pairs of entries, and how many of them to skip, so that a pair is in one line
/// of the processor's cache.
fn empty(bits: u32) -> (Vec<u64>, usize) {
    let words = vec![EMPTY; (8 << bits) + 7];
    let skipped = words.as_ptr().align_offset(64).min(7);
    (words, skipped)
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

    fn look_up(cache: &Cache, key: Key, ids: &mut Vec<u32>) -> bool {
        let mut places = [cache.place(key)];
        cache.find(&mut places);
        cache.append(&places[0], ids)
    }

    #[test]
    fn remembers_more_as_it_grows_and_no_more_than_it_may() {
        let key = |number: u32| Key::new(&number.to_le_bytes(), 0, 4);
        let mut cache = Cache::new();
        let found = |cache: &Cache, numbers: std::ops::Range<u32>| {
            let mut found = 0;
            for number in numbers {
                let mut ids = Vec::new();
                if look_up(cache, key(number), &mut ids) {
                    assert_eq!(ids, [number]);
                    found += 1;
                }
            }
            found
        };
        let first = 2 << FIRST_BITS;
        for number in 0..first {
            cache.insert(key(number), &[number]);
        }
        assert_eq!(cache.bits, FIRST_BITS + 1);
        assert!(found(&cache, 0..first) > first / 2);
        for number in first..4 << LAST_BITS {
            cache.insert(key(number), &[number]);
        }
        assert_eq!(cache.bits, LAST_BITS);
        assert!(cache.entries().len() >= 2 << LAST_BITS);
    }

    #[test]
    fn a_pair_is_in_one_line() {
        let mut cache = Cache::new();
        while cache.bits < LAST_BITS {
            assert_eq!(cache.entries().as_ptr().align_offset(64), 0);
            cache.grow();
        }
    }

    #[test]
    fn a_place_that_no_longer_holds_misses() {
        let mut cache = Cache::new();
        let key = Key::new(b"a", 0, 1);
        cache.insert(key, &[1]);
        let mut places = [cache.place(key)];
        cache.find(&mut places);
        let others = (0..u32::MAX).map(|number| Key::new(&number.to_le_bytes(), 0, 4));
        let same = others.filter(|other| other.place(FIRST_BITS) == key.place(FIRST_BITS));
        assert!(same.take(2).all(|other| cache.insert(other, &[2])));
        assert!(!cache.append(&places[0], &mut Vec::new()));
    }

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
                if look_up(&cache, key, &mut out) {
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
