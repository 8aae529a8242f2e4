//! A compact map from pairs of ids to what they merge into.

use std::hint::select_unpredictable;

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
const NO_PAIR: u64 = (u64::MAX - 1) & !MORE;

/// In the last key of a line: pairs that had no room there are in the next one.
const MORE: u64 = 1 << 62;

/// Pairs in one line of the processor's cache, and what they merge into.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Line {
    keys: [u64; 4],
    merged: [Merged; 4],
}

impl Line {
    const EMPTY: Self = Line {
        keys: [EMPTY; 4],
        merged: [NOTHING; 4],
    };

    /// Which slot has a key, or would get it.
    fn slot(&self, key: u64) -> Option<usize> {
        let keys = self.keys.iter().map(|&other| match other {
            EMPTY => key,
            other => other & !MORE,
        });
        keys.enumerate()
            .find(|&(_, other)| other == key)
            .map(|(slot, _)| slot)
    }

    /// Whether a pair had no room here.
    fn has_more(&self) -> bool {
        self.keys[3] != EMPTY && self.keys[3] & MORE != 0
    }
}

/// Where a pair is looked up.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    line: u32,
    key: u64,
}

/// A place where nothing is.
impl Default for Place {
    fn default() -> Self {
        Place {
            line: 0,
            key: NO_PAIR,
        }
    }
}

/// Open addressing by lines of four pairs, at most half full, behind a filter.
pub(crate) struct PairTable {
    lines: Vec<Line>,
    /// A bit for every pair that may be there. Most lookups find nothing, and learn it
    /// from this, which is small enough to stay in a near cache.
    filter: Vec<u64>,
    shift: u32,
    room: usize,
}

impl PairTable {
    /// A table for at most `capacity` pairs.
    pub fn with_capacity(capacity: usize) -> Self {
        let lines = (capacity / 2).next_power_of_two().max(4);
        PairTable {
            lines: vec![Line::EMPTY; lines],
            filter: vec![0; lines / 4],
            shift: 64 - lines.trailing_zeros(),
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
        let line = self.first_line(key) as u32;
        let merged = self.at(Place { line, key });
        (merged != NOTHING).then_some(merged)
    }

    /// Where a pair is, if it is there; prefetches that place.
    #[inline(always)]
    pub fn find(&self, left: u32, right: u32) -> Place {
        let key = key(left, right);
        let line = self.first_line(key);
        prefetch(&self.lines, line);
        let line = line as u32;
        Place { line, key }
    }

    /// What the pair at a place merges into, or [`NOTHING`]. Without a branch that is hard to
    /// predict.
    #[inline(always)]
    pub fn at(&self, Place { line, key }: Place) -> Merged {
        let line = line as usize;
        let Line { keys, merged } = &self.lines[line];
        let mut found = NOTHING;
        for (&other, &merged) in keys.iter().zip(merged) {
            found = select_unpredictable(other & !MORE == key, merged, found);
        }
        match self.lines[line].has_more() && found == NOTHING {
            true => self.at_next(line, key),
            false => found,
        }
    }

    /// The same in the lines after a full one.
    #[cold]
    fn at_next(&self, mut line: usize, key: u64) -> Merged {
        loop {
            line = (line + 1) & (self.lines.len() - 1);
            let next = &self.lines[line];
            match next.slot(key) {
                Some(slot) => return next.merged[slot],
                None if next.has_more() => {}
                None => return NOTHING,
            }
        }
    }

    /// Adds a pair. Returns false, and changes nothing, if it is there already.
    pub fn insert(&mut self, left: u32, right: u32, merged: Merged) -> bool {
        let key = key(left, right);
        let mut line = self.first_line(key);
        let slot = loop {
            match self.lines[line].slot(key) {
                Some(slot) => break slot,
                None => {
                    self.lines[line].keys[3] |= MORE;
                    line = (line + 1) & (self.lines.len() - 1);
                }
            }
        };
        let Line { keys, merged: all } = &mut self.lines[line];
        if keys[slot] != EMPTY {
            return false;
        }
        assert!(self.room > 0, "a pair table holds what it was made for");
        self.room -= 1;
        (keys[slot], all[slot]) = (key, merged);
        let (word, bit) = self.bit(key);
        self.filter[word] |= bit;
        true
    }

    /// Asks the processor for the memory in which a pair would be.
    pub fn prefetch(&self, left: u32, right: u32) {
        let key = key(left, right);
        prefetch(&self.filter, self.bit(key).0);
        prefetch(&self.lines, self.first_line(key));
    }

    /// The word of the filter that knows `key`, and the bit in it.
    #[inline(always)]
    fn bit(&self, key: u64) -> (usize, u64) {
        let hash = key.wrapping_mul(0xD6E8_FEB8_6659_FD93);
        (
            (hash >> 32) as usize & (self.filter.len() - 1),
            1 << (hash >> 58),
        )
    }

    /// The line where `key` is looked for first.
    #[inline(always)]
    fn first_line(&self, key: u64) -> usize {
        (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift) as usize
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
