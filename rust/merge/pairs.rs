//! A compact map from pairs of ids to what they merge into.

use crate::prefetch::prefetch;

/// What a pair becomes, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Merged {
    /// When: lower first. Never 0, which is the rank of single bytes.
    pub rank: u32,
    /// The id the pair becomes.
    pub id: u32,
}

/// What a pair that does not merge counts as: it comes after all that do.
pub(crate) const NOTHING: Merged = Merged {
    rank: u32::MAX,
    id: 0,
};

/// The ids of single bytes, and what two of them merge into. A byte may have no token, and then
/// any id that no pair has.
///
/// Merging begins with bytes. In text few pairs of them are frequent, and those lie close to
/// each other here; in a [`PairTable`] each is in another line of memory.
pub(crate) struct BytePairs {
    ids: [u32; 256],
    merges: Vec<[Merged; 256]>,
}

impl BytePairs {
    /// The table for bytes with these ids.
    pub fn new(ids: [u32; 256], pairs: &PairTable) -> Self {
        let row = |left| ids.map(|right| pairs.get(left, right).unwrap_or(NOTHING));
        BytePairs {
            ids,
            merges: ids.into_iter().map(row).collect(),
        }
    }

    /// The id of a byte.
    #[inline]
    pub fn id(&self, byte: u8) -> u32 {
        self.ids[usize::from(byte)]
    }

    /// What two bytes merge into, or [`NOTHING`].
    #[inline]
    pub fn get(&self, left: u8, right: u8) -> Merged {
        self.merges[usize::from(left)][usize::from(right)]
    }
}

/// No pair of ids has this key, since ids are below [`MAX_IDS`](crate::vocab::MAX_IDS).
const EMPTY: u64 = u64::MAX;

/// Open addressing with linear probing, at most half full, behind a filter.
pub(crate) struct PairTable {
    slots: Vec<(u64, Merged)>,
    /// A bit for every pair that may be there. Most lookups find nothing, and learn it
    /// from this, which is small enough to stay in a near cache.
    filter: Vec<u64>,
    shift: u32,
    room: usize,
}

impl PairTable {
    /// A table for at most `capacity` pairs.
    pub fn with_capacity(capacity: usize) -> Self {
        let slots = (capacity * 2).next_power_of_two().max(16);
        PairTable {
            slots: vec![(EMPTY, Merged { rank: 0, id: 0 }); slots],
            filter: vec![0; slots / 16],
            shift: 64 - slots.trailing_zeros(),
            room: capacity,
        }
    }

    /// What `left` and `right` merge into.
    #[inline]
    pub fn get(&self, left: u32, right: u32) -> Option<Merged> {
        let key = key(left, right);
        let (word, bit) = self.bit(key);
        if self.filter[word] & bit == 0 {
            return None;
        }
        let (found, merged) = self.slots[self.slot(key)];
        (found == key).then_some(merged)
    }

    /// Adds a pair. Returns false, and changes nothing, if it is there already.
    pub fn insert(&mut self, left: u32, right: u32, merged: Merged) -> bool {
        let key = key(left, right);
        let slot = self.slot(key);
        if self.slots[slot].0 == key {
            return false;
        }
        assert!(self.room > 0, "a pair table holds what it was made for");
        self.room -= 1;
        self.slots[slot] = (key, merged);
        let (word, bit) = self.bit(key);
        self.filter[word] |= bit;
        true
    }

    /// Asks the processor for the memory in which a pair would be.
    pub fn prefetch(&self, left: u32, right: u32) {
        let key = key(left, right);
        prefetch(&self.filter, self.bit(key).0);
        prefetch(&self.slots, self.first_slot(key));
    }

    /// The word of the filter that knows `key`, and the bit in it.
    #[inline]
    fn bit(&self, key: u64) -> (usize, u64) {
        let hash = key.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        (
            (hash >> 32) as usize & (self.filter.len() - 1),
            1 << (hash >> 58),
        )
    }

    /// Where `key` is looked for first.
    #[inline]
    fn first_slot(&self, key: u64) -> usize {
        let hash = key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift;
        hash as usize & (self.slots.len() - 1)
    }

    /// Where `key` is, or would be put.
    #[inline]
    fn slot(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = self.first_slot(key);
        while self.slots[slot].0 != key && self.slots[slot].0 != EMPTY {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

fn key(left: u32, right: u32) -> u64 {
    u64::from(left) << 32 | u64::from(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn agrees_with_a_hash_map() {
        let mut table = PairTable::with_capacity(500);
        let mut map = HashMap::new();
        for step in 0..1000u32 {
            let (left, right) = (step * 7919 % 31, step * 104_729 % 29);
            if map.len() == 500 {
                break;
            }
            let merged = Merged {
                rank: step + 1,
                id: step,
            };
            let new = !map.contains_key(&(left, right));
            assert_eq!(table.insert(left, right, merged), new);
            map.entry((left, right)).or_insert(merged);
        }
        for left in 0..40 {
            for right in 0..40 {
                assert_eq!(table.get(left, right), map.get(&(left, right)).copied());
            }
        }
    }

    #[test]
    fn an_empty_table_finds_nothing() {
        assert_eq!(PairTable::with_capacity(0).get(0, 0), None);
    }
}
