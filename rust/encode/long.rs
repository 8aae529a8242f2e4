//! Remembers the ids of pretokens that are too long for [`super::cache::Cache`], or become
//! too many ids. They are rare, but each is as much work as a hundred others.

/// The longest pretoken and the most ids that are remembered. Much longer pretokens may be
/// left half encoded by an interrupt, and what is left must never be remembered.
const MAX_BYTES: usize = 56;
const MAX_IDS: usize = 16;

/// How many places there are at first and at most, as powers of two: 128 KiB, and 4 MiB.
const FIRST_BITS: u32 = 10;
const LAST_BITS: u32 = 15;

/// The bytes of a pretoken, and zeros.
type Text = [u64; MAX_BYTES / 8];

/// Length in bytes in the low byte, number of ids above it; then the text; then the ids, two per
/// word.
type Slot = [u64; 1 + MAX_BYTES / 8 + MAX_IDS / 2];

/// An empty slot: no length has this value.
const EMPTY: Slot = [u64::MAX; 1 + MAX_BYTES / 8 + MAX_IDS / 2];

/// Maps pretokens to ids, and forgets by overwriting. It is keyed by the pretoken's bytes,
/// whole and exact, so it never changes a result.
#[derive(Default)]
pub(super) struct LongCache {
    /// None, before one is needed.
    slots: Vec<Slot>,
    /// How many pretokens were put in at this size.
    inserted: usize,
}

/// Where a pretoken is, or would be put.
pub(super) struct LongPlace {
    length: usize,
    text: Text,
    hash: u64,
}

impl LongPlace {
    /// The place of a pretoken; none if it is too long.
    pub fn of(pretoken: &[u8]) -> Option<Self> {
        let mut bytes = [0; MAX_BYTES];
        bytes.get_mut(..pretoken.len())?.copy_from_slice(pretoken);
        let mut text = Text::default();
        for (word, bytes) in text.iter_mut().zip(bytes.as_chunks().0) {
            *word = u64::from_le_bytes(*bytes);
        }
        Some(LongPlace {
            length: pretoken.len(),
            hash: hash(&text),
            text,
        })
    }
}

/// A multiplicative hash, word by word.
fn hash(text: &[u64]) -> u64 {
    text.iter().fold(0u64, |hash, word| {
        (hash.rotate_left(29) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    })
}

impl LongCache {
    /// Appends the ids of a remembered pretoken. Returns false if it is not.
    pub fn append(&self, place: &LongPlace, ids: &mut Vec<u32>) -> bool {
        let Some([lengths, rest @ ..]) = self.slots.get(self.at(place.hash)) else {
            return false;
        };
        let (text, packed) = rest.split_at(place.text.len());
        if *lengths as u8 as usize != place.length || text != place.text {
            return false;
        }
        let length = ids.len() + (lengths >> 8) as usize;
        let pairs = packed
            .iter()
            .flat_map(|&pair| [pair as u32, (pair >> 32) as u32]);
        ids.extend(pairs);
        ids.truncate(length);
        true
    }

    /// Remembers the ids of a pretoken, in the place of another perhaps.
    pub fn insert(&mut self, place: &LongPlace, ids: &[u32]) {
        if ids.len() > MAX_IDS {
            return;
        }
        if self.inserted == self.slots.len() && self.slots.len() < 1 << LAST_BITS {
            self.grow();
        }
        self.inserted += 1;
        let at = self.at(place.hash);
        let [lengths, rest @ ..] = &mut self.slots[at];
        *lengths = place.length as u64 | (ids.len() as u64) << 8;
        let (text, packed) = rest.split_at_mut(place.text.len());
        text.copy_from_slice(&place.text);
        for (word, pair) in packed.iter_mut().zip(ids.chunks(2)) {
            *word = u64::from(pair[0]) | pair.get(1).map_or(0, |&id| u64::from(id) << 32);
        }
    }

    /// The place of a text in the slots.
    fn at(&self, hash: u64) -> usize {
        hash.unbounded_shr(64 - self.slots.len().checked_ilog2().unwrap_or(0)) as usize
    }

    fn grow(&mut self) {
        let size = (2 * self.slots.len()).max(1 << FIRST_BITS);
        let slots = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        self.inserted = 0;
        for slot in slots.into_iter().filter(|slot| *slot != EMPTY) {
            let at = self.at(hash(&slot[1..=MAX_BYTES / 8]));
            self.slots[at] = slot;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembers_exactly_what_was_put_in() {
        let text: Vec<u8> = (0..3000u32)
            .flat_map(|at| (at * at % 251).to_le_bytes())
            .collect();
        let mut cache = LongCache::default();
        let mut found = 0;
        for round in 0..2 {
            for start in 0..text.len() - MAX_BYTES {
                let pretoken = &text[start..start + start % MAX_BYTES + 1];
                let hash = pretoken.iter().fold(7u32, |hash, &byte| {
                    hash.wrapping_mul(31).wrapping_add(u32::from(byte))
                });
                let ids: Vec<u32> = (0..hash % (MAX_IDS as u32 + 2))
                    .map(|at| hash.wrapping_add(at))
                    .collect();
                let place = LongPlace::of(pretoken).unwrap();
                let mut out = vec![9];
                if cache.append(&place, &mut out) {
                    found += round;
                    assert_eq!(out[1..], ids);
                } else {
                    assert_eq!(out, [9]);
                    cache.insert(&place, &ids);
                    let kept = cache.append(&place, &mut out);
                    assert_eq!((kept, kept || out == [9]), (ids.len() <= MAX_IDS, true));
                }
            }
        }
        assert!(found > 1000);
    }

    #[test]
    fn remembers_more_as_it_grows_and_no_more_than_it_may() {
        let mut cache = LongCache::default();
        let place = |number: u32| LongPlace::of(format!("a word, {number:020}").as_bytes());
        let mut before = 0;
        for count in [1 << FIRST_BITS, 4 << FIRST_BITS, 4 << LAST_BITS] {
            for number in before..count {
                cache.insert(&place(number).unwrap(), &[number]);
            }
            before = count;
            let kept = |number| cache.append(&place(number).unwrap(), &mut Vec::new());
            let kept = (0..count).filter(|&number| kept(number)).count();
            assert!(kept > (count as usize).min(1 << LAST_BITS) / 3, "{kept}");
            assert_eq!(cache.slots.len(), (count as usize).min(1 << LAST_BITS));
        }
    }

    #[test]
    fn zeros_at_the_end_are_told_apart() {
        let mut cache = LongCache::default();
        let places = [&b"a"[..], b"a\0", b"a\0\0"].map(|text| LongPlace::of(text).unwrap());
        for (id, place) in (0..).zip(&places) {
            cache.insert(place, &[id]);
            for (other, place) in (0..).zip(&places) {
                let mut ids = Vec::new();
                assert!(!cache.append(place, &mut ids) || ids == [other]);
            }
        }
        assert!(LongPlace::of(&[b'a'; MAX_BYTES]).is_some());
        assert!(LongPlace::of(&[b'a'; MAX_BYTES + 1]).is_none());
    }
}
