//! Remembers the ids of short pretokens.
//!
//! A cache grows to a fixed size and forgets by overwriting. It is keyed by the pretoken's
//! bytes, whole and exact, so it never changes a result.
//!
//! Entries come in pairs, and a pair fills a line of the processor's cache. Both entries of the
//! pair that a pretoken hashes to are looked at together, without a branch. What the pair has no
//! room for is kept in its neighbour, which is looked at before anything is merged.

use std::hint::select_unpredictable;

use super::long::LongCache;
use super::packed::Packed;
use crate::prefetch::prefetch;
use crate::short_key::Key;

/// How many pairs of entries of 32 bytes there are at first and at most, as powers of
/// two: 256 KiB and 32 MiB in all.
const FIRST_BITS: u32 = 12;
const LAST_BITS: u32 = 19;

/// By how much it grows, as a power of two.
const GROWTH_BITS: u32 = 2;

/// A pretoken's key, and its ids.
type Entry = [u64; 4];

/// The value of every word in an empty entry. It matches no key, because its length byte
/// exceeds any pretoken's length. Not 0: fresh zeroed memory is the kernel's zero page, and a page
/// that is read first and written then is mapped anew, with a TLB shootdown in all other threads.
const EMPTY: u64 = u64::MAX;

/// In an entry's key: the pretoken has more ids than an entry holds. So it is not found at once.
const MANY: u64 = 1 << 63;

/// What is known of a pretoken.
pub(super) enum Found {
    New,
    Packed(Packed),
    /// It has too many ids to be packed.
    Many,
}

/// Maps pretokens to ids. Grows while there is more to remember than it has room for.
pub(crate) struct Cache {
    /// The entries, behind some words that are not used.
    words: Vec<u64>,
    skipped: usize,
    /// How many pairs of entries there are, and may be at most, as powers of two.
    bits: u32,
    last_bits: u32,
    /// How many pretokens were put in at this size.
    inserted: usize,
    /// For what has no room here.
    pub(super) long: LongCache,
}

impl Cache {
    pub fn new() -> Self {
        Cache::of_size(FIRST_BITS, LAST_BITS)
    }

    /// A cache of another size than the usual one; at least two pairs.
    pub fn of_size(first_bits: u32, last_bits: u32) -> Self {
        let (words, skipped) = empty(first_bits);
        Cache {
            words,
            skipped,
            bits: first_bits,
            last_bits,
            inserted: 0,
            long: LongCache::default(),
        }
    }

    /// The pairs of entries.
    #[inline(always)]
    pub fn pairs(&self) -> Pairs<'_> {
        Pairs {
            pairs: self.words[self.skipped..].as_chunks().0,
            bits: self.bits,
        }
    }

    #[inline]
    fn entries_mut(&mut self) -> &mut [Entry] {
        self.words[self.skipped..].as_chunks_mut().0
    }

    /// What is known of a pretoken that is not found in its pair at once.
    pub fn find(&mut self, key: Key) -> Found {
        let own = key.place(self.bits) * 2;
        let neighbor = own ^ 2;
        let entries = self.entries_mut();
        let is_it = |&at: &usize| {
            let [low, high, ..] = entries[at];
            low == key.0 && high & !MANY == key.1
        };
        // Only what finds its pair full is in the neighbor, and the second entry is filled last.
        let places = match is_free(&entries[own + 1]) {
            true => own..own,
            false => neighbor..neighbor + 2,
        };
        let Some(mut at) = (own..own + 2).chain(places).find(is_it) else {
            return Found::New;
        };
        if at & !1 == neighbor {
            entries.swap(own + 1, at);
            at = own + 1;
        }
        match entries[at] {
            [_, high, ..] if high & MANY != 0 => Found::Many,
            [_, _, front, back] => Found::Packed(Packed([front, back])),
        }
    }

    /// Remembers that a pretoken that is not yet remembered has more ids than an entry holds.
    pub fn insert_many(&mut self, key: Key) {
        self.insert(Key(key.0, key.1 | MANY), Packed::default());
    }

    /// Remembers the ids of a pretoken that is not yet remembered, in the place of
    /// another perhaps.
    pub fn insert(&mut self, key: Key, Packed([front, back]): Packed) {
        self.put([key.0, key.1, front, back]);
        self.inserted += 1;
        if self.inserted == 1 << self.bits && self.bits < self.last_bits {
            self.grow();
        }
    }

    /// Puts an entry in the first place of its pair. What was there moves to the second, and
    /// what was there to the pair's neighbour, if that has room.
    fn put(&mut self, entry: Entry) {
        let own = Key(entry[0], entry[1] & !MANY).place(self.bits) * 2;
        let entries = self.entries_mut();
        let second = std::mem::replace(&mut entries[own], entry);
        let displaced = std::mem::replace(&mut entries[own + 1], second);
        if is_free(&displaced) {
            return;
        }
        // The neighbor's first entry must not be free beside a second one that is not.
        let neighbor = own ^ 2;
        let free = [neighbor, neighbor + 1]
            .into_iter()
            .find(|&at| is_free(&entries[at]));
        if let Some(free) = free {
            entries[free] = displaced;
        }
    }

    fn grow(&mut self) {
        self.bits = (self.bits + GROWTH_BITS).min(self.last_bits);
        self.inserted = 0;
        let (words, skipped) = empty(self.bits);
        let words = std::mem::replace(&mut self.words, words);
        let skipped = std::mem::replace(&mut self.skipped, skipped);
        let entries: &[Entry] = words[skipped..].as_chunks().0;
        for pair in entries.chunks_exact(2) {
            // The older one first.
            for &entry in pair.iter().rev() {
                if !is_free(&entry) {
                    self.put(entry);
                }
            }
        }
    }
}

fn is_free(entry: &Entry) -> bool {
    *entry == [EMPTY; 4]
}

/// The entries of a cache for lookups, of which many follow one another.
#[derive(Clone, Copy)]
pub(super) struct Pairs<'c> {
    pairs: &'c [[u64; 8]],
    bits: u32,
}

impl Pairs<'_> {
    /// The pair in which a pretoken is looked up; prefetches it.
    #[inline(always)]
    pub fn place(self, key: Key) -> u32 {
        let at = key.place(self.bits);
        prefetch(self.pairs, at);
        at as u32
    }

    /// Whether the pretoken is in its pair, and its ids if so. Without a branch.
    #[inline(always)]
    pub fn get(self, key: Key, pair: u32) -> (bool, Packed) {
        let [a0, a1, a2, a3, b0, b1, b2, b3] = self.pairs[pair as usize];
        let first = (a0 ^ key.0) | (a1 ^ key.1);
        let second = (b0 ^ key.0) | (b1 ^ key.1);
        let front = select_unpredictable(first == 0, a2, b2);
        let back = select_unpredictable(first == 0, a3, b3);
        // One comparison: two would become two branches.
        (first.min(second) == 0, Packed([front, back]))
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

    fn look_up(cache: &mut Cache, key: Key) -> Option<Packed> {
        let pairs = cache.pairs();
        let (found, packed) = pairs.get(key, pairs.place(key));
        match cache.find(key) {
            Found::Packed(known) => {
                assert!(!found || known == packed);
                Some(known)
            }
            Found::New => {
                assert!(!found);
                None
            }
            Found::Many => panic!("nothing of that kind was put in"),
        }
    }

    fn numbered(number: u32) -> (Key, Packed) {
        (Key::new(&number.to_le_bytes(), 0, 4), Packed::one(number))
    }

    #[test]
    fn remembers_more_as_it_grows_and_no_more_than_it_may() {
        let mut cache = Cache::new();
        let found = |cache: &mut Cache, numbers: std::ops::Range<u32>| {
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
        assert_eq!(cache.bits, FIRST_BITS + GROWTH_BITS);
        assert!(found(&mut cache, 0..first) > first * 98 / 100);
        let last = 1 << LAST_BITS;
        for (key, packed) in (first..last).map(numbered) {
            cache.insert(key, packed);
        }
        assert_eq!(cache.bits, LAST_BITS);
        assert!(found(&mut cache, 0..last) > last * 95 / 100);
        for (key, packed) in (last..4 * last).map(numbered) {
            cache.insert(key, packed);
        }
        assert_eq!(cache.bits, LAST_BITS);
        assert!(found(&mut cache, 0..4 * last) > last);
    }

    #[test]
    fn a_pair_is_in_one_line() {
        let mut cache = Cache::new();
        while cache.bits < LAST_BITS {
            assert_eq!(cache.pairs().pairs.as_ptr().align_offset(64), 0);
            cache.grow();
        }
    }

    #[test]
    fn what_is_displaced_comes_back() {
        let mut cache = Cache::new();
        let (key, packed) = numbered(0);
        let same_pair = (1..u32::MAX)
            .map(numbered)
            .filter(|(other, _)| other.place(FIRST_BITS) == key.place(FIRST_BITS));
        cache.insert(key, packed);
        for (other, packed) in same_pair.take(2) {
            cache.insert(other, packed);
        }
        let is_in_its_pair = |cache: &Cache| cache.pairs().get(key, cache.pairs().place(key)).0;
        assert!(!is_in_its_pair(&cache));
        assert_eq!(look_up(&mut cache, key), Some(packed));
        assert!(is_in_its_pair(&cache));
    }

    #[test]
    fn those_with_many_ids_are_not_found_at_once() {
        let mut cache = Cache::new();
        let keys = || (0..5000).map(|number| numbered(number).0);
        for key in keys() {
            cache.insert_many(key);
        }
        let pairs = cache.pairs();
        assert!(keys().all(|key| !pairs.get(key, pairs.place(key)).0));
        let known = keys().filter(|&key| matches!(cache.find(key), Found::Many));
        assert!(known.count() > 4900);
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
                if let Some(known) = look_up(&mut cache, key) {
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
