//! Blocks: compressed records, each of which can be read alone.

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

use super::Sink;
use super::leb128::{push_leb128, read_leb128};
use crate::count::MAX_COUNT;
use crate::error::{Error, Result};

/// A block ends with the record that brings its pretokens, and a byte for each, to this size.
/// So blocks depend on the records alone, and all but the last record of one fit this size.
pub(super) const BLOCK: usize = 128 << 10;

/// The level of compression. Higher ones save a few percent, and take twice as long.
const LEVEL: u32 = 4;

/// The most by which Deflate expands.
const EXPANSION: usize = 1032;

/// Sums over records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// The number of records: distinct pretokens.
    pub unique: u64,
    /// The sum of the counts.
    pub pretokens: u64,
    /// The length of all pretokens counted, in bytes.
    pub bytes: u64,
    /// The length of all distinct pretokens, in bytes.
    pub unique_bytes: u64,
}

impl Totals {
    fn add(&mut self, length: usize, count: u64) -> Result<()> {
        let bytes = count.checked_mul(length as u64);
        for (total, more) in [
            (&mut self.unique, Some(1)),
            (&mut self.pretokens, Some(count)),
            (&mut self.bytes, bytes),
            (&mut self.unique_bytes, Some(length as u64)),
        ] {
            let sum = more.and_then(|more| total.checked_add(more));
            *total = sum
                .filter(|&sum| sum <= MAX_COUNT)
                .ok_or(Error::CountOverflow)?;
        }
        Ok(())
    }
}

/// Makes blocks of records that come in order.
#[derive(Default)]
pub struct BlockWriter {
    records: Vec<u8>,
    last: Vec<u8>,
    size: usize,
    totals: Totals,
    packed: Vec<u8>,
}

impl BlockWriter {
    /// Adds a record, which comes after those before it in order of bytes. Gives `sink` the
    /// block that it ends, if it does.
    pub fn push(&mut self, pretoken: &[u8], count: u64, sink: Sink<'_>) -> Result<()> {
        self.totals.add(pretoken.len(), count)?;
        let shared = if self.size == 0 {
            0
        } else {
            let pairs = self.last.iter().zip(pretoken);
            pairs.take_while(|(a, b)| a == b).count()
        };
        push_leb128(&mut self.records, shared as u64);
        push_leb128(&mut self.records, (pretoken.len() - shared) as u64);
        self.records.extend_from_slice(&pretoken[shared..]);
        push_leb128(&mut self.records, count);
        self.last.truncate(shared);
        self.last.extend_from_slice(&pretoken[shared..]);
        self.size += pretoken.len() + 1;
        if self.size < BLOCK {
            return Ok(());
        }
        self.flush(sink)
    }

    /// Ends the last block. Returns the totals of all records.
    pub fn finish(mut self, sink: Sink<'_>) -> Result<Totals> {
        if self.size > 0 {
            self.flush(sink)?;
        }
        Ok(self.totals)
    }

    fn flush(&mut self, sink: Sink<'_>) -> Result<()> {
        pack(&self.records, &mut self.packed);
        self.records.clear();
        self.size = 0;
        sink(&self.packed)
    }
}

/// The length of the records, then the records compressed.
pub(super) fn pack(records: &[u8], packed: &mut Vec<u8>) {
    packed.clear();
    push_leb128(packed, records.len() as u64);
    let mut compress = Compress::new(Compression::new(LEVEL), false);
    loop {
        let taken = compress.total_in() as usize;
        packed.reserve((records.len() - taken) / 2 + 64);
        match compress.compress_vec(&records[taken..], packed, FlushCompress::Finish) {
            Ok(Status::StreamEnd) => return,
            Ok(_) => {}
            Err(error) => unreachable!("compressing cannot fail: {error}"),
        }
    }
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>> {
    let damaged = || malformed(0, "its compressed data is damaged");
    let mut at = 0;
    let length = read_leb128(packed, &mut at).ok_or_else(damaged)?;
    let length = usize::try_from(length).map_err(|_| damaged())?;
    let compressed = &packed[at..];
    if length == 0 || length / EXPANSION > compressed.len() {
        return Err(damaged());
    }
    let mut records = Vec::with_capacity(length);
    let mut decompress = Decompress::new(false);
    let status = decompress.decompress_vec(compressed, &mut records, FlushDecompress::Finish);
    let whole = matches!(status, Ok(Status::StreamEnd))
        && records.len() == length
        && decompress.total_in() == compressed.len() as u64;
    if whole { Ok(records) } else { Err(damaged()) }
}

fn malformed(offset: usize, reason: &str) -> Error {
    Error::Malformed {
        format: "counts",
        offset: Some(offset),
        reason: reason.into(),
    }
}

/// The records of a block, one after the other.
#[derive(Default)]
pub(super) struct Records {
    records: Vec<u8>,
    at: usize,
    /// The record that [`Records::next`] found, or the last of the block before.
    pub(super) pretoken: Vec<u8>,
    pub(super) count: u64,
}

impl Records {
    /// Goes to the next block. Its records must come after the present one.
    ///
    /// Checks all of them, so that [`Records::next`] finds no error. An error has the offset in the
    /// records of the block.
    pub(super) fn open(&mut self, packed: &[u8]) -> Result<()> {
        let mut checked = Records {
            records: unpack(packed)?,
            at: 0,
            pretoken: self.pretoken.clone(),
            count: self.count,
        };
        let mut size = 0;
        while checked.at < checked.records.len() {
            if size >= BLOCK {
                return Err(malformed(checked.at, "the block is too long"));
            }
            checked.check()?;
            size += checked.pretoken.len() + 1;
        }
        self.records = checked.records;
        self.at = 0;
        Ok(())
    }

    /// Reads the next record; `false` if the block has no more.
    pub(super) fn next(&mut self) -> bool {
        let more = self.at < self.records.len();
        if more {
            self.read().expect("opening the block checked this");
        }
        more
    }

    fn check(&mut self) -> Result<()> {
        let start = self.at;
        let bad = |reason| malformed(start, reason);
        let Some((shared, length)) = self.lengths() else {
            return Err(bad("a record is cut off or too long"));
        };
        let rest = &self.records[self.at..self.at + length];
        // A pretoken that has no more than what it shares would come before the last one.
        let after = self.pretoken.get(shared..).is_some_and(|old| rest > old);
        if !after || (start == 0 && shared > 0) || length == 0 {
            return Err(bad("a pretoken is out of order"));
        }
        self.at = start;
        self.read().ok_or_else(|| bad("a count is cut off"))?;
        if self.count == 0 || self.count > MAX_COUNT {
            return Err(bad("a count is out of range"));
        }
        Ok(())
    }

    fn read(&mut self) -> Option<()> {
        let (shared, length) = self.lengths()?;
        self.pretoken.truncate(shared);
        let end = self.at + length;
        self.pretoken.extend_from_slice(&self.records[self.at..end]);
        self.at = end;
        self.count = read_leb128(&self.records, &mut self.at)?;
        Some(())
    }

    /// How many bytes a record shares with the one before, and how many follow; these are there.
    fn lengths(&mut self) -> Option<(usize, usize)> {
        let shared = usize::try_from(read_leb128(&self.records, &mut self.at)?).ok()?;
        let length = usize::try_from(read_leb128(&self.records, &mut self.at)?).ok()?;
        (length <= self.records.len() - self.at).then_some((shared, length))
    }
}

/// All records of a block.
pub fn records(packed: &[u8]) -> Result<Vec<(Vec<u8>, u64)>> {
    let mut records = Records::default();
    records.open(packed)?;
    let mut all = Vec::new();
    while records.next() {
        all.push((records.pretoken.clone(), records.count));
    }
    Ok(all)
}
