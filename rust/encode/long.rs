//! Remembers the ids of pretokens that are too long for [`super::cache::Cache`], or become
//! too many ids. They are rare, but each is as much work as a hundred others.
//!
//! There are two tables: words of up to 32 bytes have slots of one line of the processor's cache;
//! what is longer has larger ones. Each pretoken has a slot of its own and may be in that slot's
//! neighbour. Tables grow to a fixed size and forget by overwriting. They are keyed by the
//! pretoken's bytes, whole and exact, so they never change a result.

use crate::prefetch::prefetch;

/// The ids of pretokens of up to 248 bytes and up to 64 ids. Much longer pretokens may be left half
/// encoded by an interrupt, and what is left must never be remembered.
#[derive(Default)]
pub(super) struct LongCache {
    /// 64 KiB to 8 MiB.
    words: Table<4, 8, 10, 17>,
    /// 28 KiB to 3.5 MiB.
    others: Table<31, 64, 6, 13>,
}

impl LongCache {
    /// Appends the ids of a remembered pretoken. Returns false if it is not.
    pub fn append(&self, pretoken: &[u8], ids: &mut Vec<u32>) -> bool {
        self.words.append(pretoken, ids) || self.others.append(pretoken, ids)
    }

    /// Asks the processor for the memory in which a pretoken of up to 32 bytes would be.
    pub fn prefetch(&self, pretoken: &[u8]) {
        self.words.prefetch(pretoken);
    }

    /// Remembers the ids of a pretoken that is not yet remembered, in the place of another
    /// perhaps.
    pub fn insert(&mut self, pretoken: &[u8], ids: &[u32]) {
        if !self.words.insert(pretoken, ids) {
            self.others.insert(pretoken, ids);
        }
    }
}

/// A pretoken and its ids, of which three bytes hold any.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Slot<const WORDS: usize, const IDS: usize> {
    /// In bytes; 0 in an empty slot.
    length: u32,
    count: u32,
    /// The bytes, and zeros.
    text: [u64; WORDS],
    ids: [[u8; 3]; IDS],
}

impl<const WORDS: usize, const IDS: usize> Slot<WORDS, IDS> {
    const EMPTY: Self = Slot {
        length: 0,
        count: 0,
        text: [0; WORDS],
        ids: [[0; 3]; IDS],
    };
}

/// A table that grows from 2 to the power of `FIRST` slots to 2 to the power of `LAST`.
#[derive(Default)]
struct Table<const WORDS: usize, const IDS: usize, const FIRST: u32, const LAST: u32> {
    /// None, before one is needed.
    slots: Vec<Slot<WORDS, IDS>>,
    /// How many pretokens were put in at this size.
    inserted: usize,
}

impl<const WORDS: usize, const IDS: usize, const FIRST: u32, const LAST: u32>
    Table<WORDS, IDS, FIRST, LAST>
{
    fn append(&self, pretoken: &[u8], ids: &mut Vec<u32>) -> bool {
        if self.slots.is_empty() {
            return false;
        }
        let Some(text) = words(pretoken) else {
            return false;
        };
        let own = self.own(&text, pretoken.len());
        let is_it =
            |slot: &&Slot<WORDS, IDS>| slot.length as usize == pretoken.len() && slot.text == text;
        let Some(slot) = [own, own ^ 1]
            .map(|at| &self.slots[at])
            .into_iter()
            .find(is_it)
        else {
            return false;
        };
        let known = slot.ids[..slot.count as usize].iter();
        ids.extend(known.map(|&[low, middle, high]| u32::from_le_bytes([low, middle, high, 0])));
        true
    }

    fn prefetch(&self, pretoken: &[u8]) {
        if let (false, Some(text)) = (self.slots.is_empty(), words(pretoken)) {
            let own = self.own(&text, pretoken.len());
            prefetch(&self.slots, own);
            prefetch(&self.slots, own ^ 1);
        }
    }

    /// Returns false if there are too many bytes or ids.
    fn insert(&mut self, pretoken: &[u8], ids: &[u32]) -> bool {
        let (Some(text), true) = (words(pretoken), ids.len() <= IDS) else {
            return false;
        };
        if 2 * self.inserted >= self.slots.len() && self.slots.len() < 1 << LAST {
            self.grow();
        }
        self.inserted += 1;
        let mut slot = Slot {
            length: pretoken.len() as u32,
            count: ids.len() as u32,
            text,
            ids: [[0; 3]; IDS],
        };
        for (bytes, id) in slot.ids.iter_mut().zip(ids) {
            let [low, middle, high, _] = id.to_le_bytes();
            *bytes = [low, middle, high];
        }
        self.put(slot);
        true
    }

    /// Puts it in its own slot. What was there moves to the neighbour, if that is empty.
    fn put(&mut self, slot: Slot<WORDS, IDS>) {
        let own = self.own(&slot.text, slot.length as usize);
        let before = std::mem::replace(&mut self.slots[own], slot);
        let neighbor = &mut self.slots[own ^ 1];
        if neighbor.length == 0 {
            *neighbor = before;
        }
    }

    /// The slot that a text belongs to, by a multiplicative hash of its words.
    fn own(&self, text: &[u64; WORDS], length: usize) -> usize {
        let hash = text[..length.div_ceil(8)].iter().fold(0u64, |hash, word| {
            (hash.rotate_left(29) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
        });
        (hash >> (64 - self.slots.len().ilog2())) as usize
    }

    fn grow(&mut self) {
        let size = (2 * self.slots.len()).max(1 << FIRST);
        let slots = std::mem::replace(&mut self.slots, vec![Slot::EMPTY; size]);
        for slot in slots.into_iter().filter(|slot| slot.length > 0) {
            self.put(slot);
        }
    }
}

/// The bytes of a pretoken as words, and zeros; none if there are too many.
fn words<const WORDS: usize>(pretoken: &[u8]) -> Option<[u64; WORDS]> {
    if pretoken.len() > 8 * WORDS {
        return None;
    }
    let mut words = [0; WORDS];
    let (whole, rest) = pretoken.as_chunks();
    for (word, bytes) in words.iter_mut().zip(whole) {
        *word = u64::from_le_bytes(*bytes);
    }
    if !rest.is_empty() {
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        words[whole.len()] = u64::from_le_bytes(last);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(cache: &LongCache, pretoken: &[u8]) -> Option<Vec<u32>> {
        let mut ids = vec![9];
        let found = cache.append(pretoken, &mut ids);
        assert!(found || ids == [9]);
        found.then(|| ids.split_off(1))
    }

    #[test]
    fn remembers_exactly_what_was_put_in() {
        let text: Vec<u8> = (0..3000u32)
            .flat_map(|at| (at * at % 251).to_le_bytes())
            .collect();
        let mut cache = LongCache::default();
        let mut found = 0;
        for round in 0..2 {
            for start in 0..text.len() - 260 {
                let pretoken = &text[start..=start + start % 260];
                let hash = pretoken.iter().fold(7u32, |hash, &byte| {
                    hash.wrapping_mul(31).wrapping_add(u32::from(byte))
                });
                let ids: Vec<u32> = (0..hash % 70)
                    .map(|at| hash.wrapping_add(at) & 0xFF_FFFF)
                    .collect();
                if let Some(known) = known(&cache, pretoken) {
                    found += round;
                    assert_eq!(known, ids);
                } else {
                    cache.insert(pretoken, &ids);
                    let fits = pretoken.len() <= 248 && ids.len() <= 64;
                    assert_eq!(known(&cache, pretoken).is_some(), fits);
                }
            }
        }
        assert!(found > 4000, "{found}");
    }

    #[test]
    fn remembers_more_as_it_grows_and_no_more_than_it_may() {
        let word = |number: u32| format!("a word, {number:020}").into_bytes();
        let longer = |number: u32| format!("a longer one, {number:080}").into_bytes();
        for (pretoken, first, last) in
            [(&word as &dyn Fn(u32) -> Vec<u8>, 10, 17), (&longer, 6, 13)]
        {
            let mut cache = LongCache::default();
            let mut before = 0;
            for count in [1u32 << (first - 1), 1 << (last - 1), 4 << last] {
                for number in before..count {
                    cache.insert(&pretoken(number), &[number]);
                }
                before = count;
                let kept = |number: &u32| known(&cache, &pretoken(*number)) == Some(vec![*number]);
                let kept = (0..count).filter(kept).count();
                let most = count.min(1 << (last - 1)) as usize;
                assert!(kept > most * 3 / 4, "{kept} of {most}");
            }
            let slots = [cache.words.slots.len(), cache.others.slots.len()];
            assert!(slots.contains(&(1 << last)) && slots.contains(&0));
        }
    }

    #[test]
    fn zeros_at_the_end_are_told_apart() {
        let mut cache = LongCache::default();
        let texts = [&b"a"[..], b"a\0", b"a\0\0"];
        for (id, text) in (0..).zip(texts) {
            cache.insert(text, &[id]);
            for (other, text) in (0..).zip(texts) {
                let expected = (other <= id).then(|| vec![other]);
                assert!([None, expected].contains(&known(&cache, text)));
            }
        }
    }
}
