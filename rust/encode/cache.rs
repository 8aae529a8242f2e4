//! Remembers the ids of short pretokens.
//!
//! A cache grows to a fixed size and forgets by overwriting. It is keyed by the pretoken's
//! bytes, whole and exact, so it never changes a result.

use super::long::LongCache;
use super::packed::Packed;
use crate::prefetch::prefetch;
use crate::short_key::Key;

/// How many pairs of entries of 32 bytes there are at first and at most, as powers of
/// two: 256 KiB and 16 MiB in all.
const FIRST_BITS: u32 = 12;
const LAST_BITS: u32 = 18;

/// A pretoken's key, and its ids.
type Entry = [u64; 4];

/// The value of every word in an empty entry. It matches no key, because its length byte
/// exceeds any pretoken's length. Not 0: fresh zeroed memory is the kernel's zero page, and a page
/// that is read first and written then is mapped anew, with a TLB shootdown in all other threads.
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

    /// Where a pretoken is looked up first; prefetches that memory.
    #[inline]
    pub fn place(&self, key: Key) -> Place {
        let at = key.place(self.bits) * 2;
        prefetch(self.entries(), at);
        Place { key, at }
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

    /// The ids of a remembered pretoken.
    #[inline]
    pub fn get(&self, &Place { key, at }: &Place) -> Option<Packed> {
        let [low, high, front, back] = self.entries()[at];
        (low == key.0 && high == key.1).then_some(Packed([front, back]))
    }

    /// Remembers the ids of a pretoken that is not yet remembered, in the place of
    /// another perhaps.
    pub fn insert(&mut self, key: Key, Packed([front, back]): Packed) {
        self.put([key.0, key.1, front, back]);
        self.inserted += 1;
        if self.inserted == 1 << self.bits && self.bits < LAST_BITS {
            self.grow();
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::short_key::MAX_KEY;

    fn look_up(cache: &Cache, key: Key) -> Option<Packed> {
        let mut places = [cache.place(key)];
        cache.find(&mut places);
        cache.get(&places[0])
    }

    fn numbered(number: u32) -> (Key, Packed) {
        (Key::new(&number.to_le_bytes(), 0, 4), Packed::one(number))
    }

    #[test]
    fn remembers_more_as_it_grows_and_no_more_than_it_may() {
        let mut cache = Cache::new();
        let found = |cache: &Cache, numbers: std::ops::Range<u32>| {
            let mut found = 0;
            for (key, packed) in numbers.map(numbered) {
                if let Some(ids) = look_up(cache, key) {
                    assert_eq!(ids, packed);
                    found += 1;
                }
            }
            found
        };
        let first = 1 << FIRST_BITS;
        for (key, packed) in (0..first).map(numbered) {
            cache.insert(key, packed);
        }
        assert_eq!(cache.bits, FIRST_BITS + 1);
        assert!(found(&cache, 0..first) > first * 9 / 10);
        for (key, packed) in (first..4 << LAST_BITS).map(numbered) {
            cache.insert(key, packed);
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
        let (key, packed) = numbered(0);
        cache.insert(key, packed);
        let mut places = [cache.place(key)];
        cache.find(&mut places);
        let same = (1..u32::MAX)
            .map(numbered)
            .filter(|(other, _)| other.place(FIRST_BITS) == key.place(FIRST_BITS));
        for (other, packed) in same.take(2) {
            cache.insert(other, packed);
        }
        assert_eq!(cache.get(&places[0]), None);
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
                let ids: Vec<u32> = (0..hash % 5)
                    .map(|at| hash.wrapping_add(at) & 0x00FF_FFFF)
                    .collect();
                let packed = Packed::new(&ids).unwrap();
                if let Some(known) = look_up(&cache, key) {
                    found += round;
                    assert_eq!(known, packed);
                } else {
                    cache.insert(key, packed);
                }
            }
        }
        assert!(found > 1000);
    }
}
