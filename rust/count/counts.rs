//! How often each pretoken of a corpus occurs.
//!
//! Sums commute, so counts of parts of a corpus can be merged in any order and the
//! result depends on the multiset of documents only.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;

use crate::count_file::push_leb128;
use crate::error::{Error, Result};
use crate::pattern::Pattern;
use crate::threads::Interrupt;

/// The largest count and total: what a signed number of 64 bits holds, so that tables of
/// other programs hold it, too.
pub const MAX_COUNT: u64 = i64::MAX as u64;

/// Pretokens with their counts, and totals of the text they were counted in.
///
/// The bytes of all pretokens lie one after the other in one buffer: about 30 bytes
/// of memory each, plus their own.
#[derive(Clone, Default)]
pub struct PretokenCounts {
    text: Vec<u8>,
    entries: Vec<Entry>,
    /// Positions in `entries`, by pretoken; those from `indexed` on are missing.
    index: HashTable<u32>,
    indexed: usize,
    /// Seeded at random: no corpus can be made to collide.
    hasher: RandomState,
    documents: u64,
    bytes: u64,
    pretokens: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    /// Where the pretoken starts in `text`; it ends where the next one starts.
    start: usize,
    count: u64,
}

/// The number of pretokens between two looks at whether to stop.
const PATIENCE: usize = 1 << 18;

/// The number of bytes that [`PretokenCounts::write_sorted`] collects before it calls its sink.
const PIECE: usize = 64 << 10;

impl PretokenCounts {
    /// Counts `pretoken` another `n` times.
    pub fn add(&mut self, pretoken: &[u8], n: u64) -> Result<()> {
        let bytes = n.checked_mul(pretoken.len() as u64);
        self.add_totals(0, bytes.ok_or(Error::CountOverflow)?, n)?;
        let entry = self.entry(pretoken)?;
        self.raise(entry, n)
    }

    /// Adds all counts and totals of `other`. After an error, the counts must not be used.
    pub fn merge(&mut self, other: &PretokenCounts, interrupt: Interrupt<'_>) -> Result<()> {
        self.add_totals(other.documents, other.bytes, other.pretokens)?;
        for (number, (pretoken, count)) in (1..).zip(other.iter()) {
            if number % PATIENCE == 0 && interrupt() {
                return Err(Error::Interrupted);
            }
            let entry = self.entry(pretoken)?;
            self.raise(entry, count)?;
        }
        Ok(())
    }

    /// The position of `pretoken`'s entry, which is made with a count of 0 if there
    /// is none.
    pub(crate) fn entry(&mut self, pretoken: &[u8]) -> Result<u32> {
        if self.indexed < self.entries.len() {
            self.index_all();
        }
        let PretokenCounts {
            text,
            entries,
            index,
            hasher,
            ..
        } = self;
        let hash = hasher.hash_one(pretoken);
        if let Some(&entry) = index.find(hash, |&entry| spelling(text, entries, entry) == pretoken)
        {
            return Ok(entry);
        }
        let entry = push_entry(text, entries, pretoken)?;
        index.insert_unique(hash, entry, |&entry| {
            hasher.hash_one(spelling(text, entries, entry))
        });
        self.indexed += 1;
        Ok(entry)
    }

    /// Adds a pretoken that has not been counted before. It enters the index only if that is
    /// used again.
    pub(crate) fn append(&mut self, pretoken: &[u8], n: u64) -> Result<()> {
        let bytes = n.checked_mul(pretoken.len() as u64);
        self.add_totals(0, bytes.ok_or(Error::CountOverflow)?, n)?;
        let entry = push_entry(&mut self.text, &mut self.entries, pretoken)?;
        self.raise(entry, n)
    }

    #[cold]
    fn index_all(&mut self) {
        let PretokenCounts {
            text,
            entries,
            index,
            hasher,
            ..
        } = self;
        let hash = |&entry: &u32| hasher.hash_one(spelling(text, entries, entry));
        index.reserve(entries.len() - self.indexed, hash);
        for entry in self.indexed as u32..entries.len() as u32 {
            index.insert_unique(hash(&entry), entry, hash);
        }
        self.indexed = entries.len();
    }

    /// Raises the count of an entry, but not the totals.
    #[inline]
    pub(crate) fn raise(&mut self, entry: u32, n: u64) -> Result<()> {
        sum_up(&mut self.entries[entry as usize].count, n)
    }

    /// Raises the totals.
    pub(crate) fn add_totals(&mut self, documents: u64, bytes: u64, pretokens: u64) -> Result<()> {
        for (total, n) in [
            (&mut self.documents, documents),
            (&mut self.bytes, bytes),
            (&mut self.pretokens, pretokens),
        ] {
            sum_up(total, n)?;
        }
        Ok(())
    }

    /// The pretokens that `pattern` divides these pretokens into.
    pub fn divided(&self, pattern: &Pattern, interrupt: Interrupt<'_>) -> Result<Self> {
        let mut divided = PretokenCounts::default();
        divided.add_totals(self.documents, self.bytes, 0)?;
        let mut ends = Vec::new();
        for (number, (text, count)) in (1..).zip(self.iter()) {
            if number % PATIENCE == 0 && interrupt() {
                return Err(Error::Interrupted);
            }
            let mut pretokens = pattern.pretokens(text);
            let mut start = 0;
            loop {
                pretokens.fill(&mut ends)?;
                if ends.is_empty() {
                    break;
                }
                for &end in &ends {
                    let entry = divided.entry(&text[start..end])?;
                    divided.raise(entry, count)?;
                    divided.add_totals(0, 0, count)?;
                    start = end;
                }
            }
        }
        Ok(divided)
    }

    /// The number of distinct pretokens.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// The total length of all counted pretokens, in bytes.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The sum of all counts.
    pub fn pretokens(&self) -> u64 {
        self.pretokens
    }

    /// About how many bytes of memory the counts take.
    pub(crate) fn memory(&self) -> usize {
        self.text.capacity()
            + self.entries.capacity() * size_of::<Entry>()
            + self.index.capacity() * 5
    }

    /// `(pretoken, count)`, in the order in which pretokens were first counted.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&[u8], u64)> {
        let spelled = |entry| spelling(&self.text, &self.entries, entry);
        (0..self.entries.len()).map(move |i| (spelled(i as u32), self.entries[i].count))
    }

    /// `(pretoken, count)`, the highest count first, equal ones in order of bytes.
    pub fn sorted(&self) -> Vec<(&[u8], u64)> {
        let mut all: Vec<_> = self.iter().collect();
        all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        all
    }

    /// `(pretoken, count)`, in order of bytes.
    pub fn in_order(&self) -> impl Iterator<Item = (&[u8], u64)> {
        let spelled = |entry: u32| spelling(&self.text, &self.entries, entry);
        // Numbers take a sixth of the memory of slices and counts.
        let mut order: Vec<_> = (0..self.entries.len() as u32).collect();
        // Those of a file are sorted already.
        if !order.is_sorted_by_key(|&entry| spelled(entry)) {
            order.sort_unstable_by(|&a, &b| spelled(a).cmp(spelled(b)));
        }
        order
            .into_iter()
            .map(move |entry| (spelled(entry), self.entries[entry as usize].count))
    }

    /// Frees the index, which is made anew when it is needed.
    pub(crate) fn drop_index(&mut self) {
        self.index = HashTable::new();
        self.indexed = 0;
    }

    /// Gives `sink` the one canonical form of the counts, in pieces of about 64 KiB:
    /// for each pretoken, in order of bytes, its length, its bytes and its count, both
    /// numbers as unsigned LEB128. Totals are not part of it. An error of the sink ends it.
    pub fn write_sorted(&self, sink: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<()> {
        let mut piece = Vec::with_capacity(PIECE + PIECE / 8);
        for (pretoken, count) in self.in_order() {
            push_leb128(&mut piece, pretoken.len() as u64);
            piece.extend_from_slice(pretoken);
            push_leb128(&mut piece, count);
            if piece.len() >= PIECE {
                sink(&piece)?;
                piece.clear();
            }
        }
        if piece.is_empty() {
            return Ok(());
        }
        sink(&piece)
    }
}

#[inline]
fn spelling<'a>(text: &'a [u8], entries: &[Entry], entry: u32) -> &'a [u8] {
    let entry = entry as usize;
    let end = entries.get(entry + 1).map_or(text.len(), |next| next.start);
    &text[entries[entry].start..end]
}

/// Adds to a number that must not pass [`MAX_COUNT`].
#[inline]
fn sum_up(total: &mut u64, n: u64) -> Result<()> {
    *total = total
        .checked_add(n)
        .filter(|&sum| sum <= MAX_COUNT)
        .ok_or(Error::CountOverflow)?;
    Ok(())
}

fn push_entry(text: &mut Vec<u8>, entries: &mut Vec<Entry>, pretoken: &[u8]) -> Result<u32> {
    let entry = u32::try_from(entries.len()).map_err(|_| Error::CorpusTooLarge {
        what: "distinct pretokens",
        limit: 1 << 32,
    })?;
    let start = text.len();
    entries.push(Entry { start, count: 0 });
    text.extend_from_slice(pretoken);
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::NEVER;

    fn canonical(counts: &PretokenCounts) -> Vec<u8> {
        let mut all = Vec::new();
        let written = counts.write_sorted(&mut |piece| {
            all.extend_from_slice(piece);
            Ok(())
        });
        written.unwrap();
        all
    }

    #[test]
    fn counts_add_up_and_sort() {
        let mut counts = PretokenCounts::default();
        for (pretoken, n) in [("b", 2), ("a", 2), ("", 1), ("c", 1), ("c", 4)] {
            counts.add(pretoken.as_bytes(), n).unwrap();
        }
        let expected: Vec<(&[u8], u64)> = vec![(b"c", 5), (b"a", 2), (b"b", 2), (b"", 1)];
        assert_eq!(counts.sorted(), expected);
        assert_eq!(
            (counts.len(), counts.pretokens(), counts.bytes()),
            (4, 10, 9)
        );
    }

    #[test]
    fn the_canonical_form_is_the_documented_one() {
        let mut counts = PretokenCounts::default();
        counts.add(b"b", 300).unwrap();
        counts.add(b"a\0", 1).unwrap();
        assert_eq!(canonical(&counts), b"\x02a\0\x01\x01b\xAC\x02");
        assert_eq!(canonical(&PretokenCounts::default()), b"");
    }

    #[test]
    fn merging_in_any_order_gives_the_same_canonical_form() {
        // Enough pretokens for several pieces and for the table to grow.
        let words: Vec<_> = (0..40_000u32).map(|i| i.to_string().into_bytes()).collect();
        let mut whole = PretokenCounts::default();
        let mut parts = vec![PretokenCounts::default(); 3];
        for (i, word) in words.iter().chain(&words[..999]).enumerate() {
            whole.add(word, i as u64).unwrap();
            parts[i % 3].add(word, i as u64).unwrap();
        }
        whole.add_totals(7, 0, 0).unwrap();
        parts[1].add_totals(7, 0, 0).unwrap();
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut merged = PretokenCounts::default();
            order
                .iter()
                .for_each(|&part| merged.merge(&parts[part], NEVER).unwrap());
            assert_eq!(canonical(&merged), canonical(&whole));
            let totals = |c: &PretokenCounts| (c.documents(), c.bytes(), c.pretokens());
            assert_eq!(totals(&merged), totals(&whole));
        }
    }

    #[test]
    fn appended_pretokens_are_found_again() {
        let mut counts = PretokenCounts::default();
        counts.add(b"a", 1).unwrap();
        counts.append(b"b", 2).unwrap();
        counts.append(b"c", 3).unwrap();
        counts.add(b"c", 4).unwrap();
        counts.add(b"a", 5).unwrap();
        let expected: Vec<(&[u8], u64)> = vec![(b"a", 6), (b"b", 2), (b"c", 7)];
        assert_eq!(counts.in_order().collect::<Vec<_>>(), expected);
        assert_eq!((counts.pretokens(), counts.bytes()), (15, 15));
    }

    #[test]
    fn counts_beyond_63_bits_are_refused() {
        let mut counts = PretokenCounts::default();
        counts.add(b"a", MAX_COUNT - 1).unwrap();
        counts.add(b"a", 1).unwrap();
        assert_eq!(counts.add(b"a", 1), Err(Error::CountOverflow));
        let mut other = PretokenCounts::default();
        assert_eq!(other.add(b"abc", MAX_COUNT / 2), Err(Error::CountOverflow));
        let mut other = PretokenCounts::default();
        other.add(b"b", 1).unwrap();
        assert_eq!(other.merge(&counts, NEVER), Err(Error::CountOverflow));
    }
}
