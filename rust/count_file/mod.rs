//! Pretoken counts in files: blocks of records in order of bytes.
//!
//! The caller reads and writes the bytes; here, counts become blocks ([`BlockWriter`]), and
//! the blocks of any number of files become one sequence of sums ([`merge`]). The format is
//! described in `bpe_tool/counts/README.md`.

mod block;
mod leb128;
mod merge;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::count::PretokenCounts;
use crate::error::Result;

pub use block::{BlockWriter, Totals, records};
pub(crate) use leb128::push_leb128;
pub use merge::{Weights, merge};

/// Gives the next block of a file, by its number; `None` after the last one.
pub type Read<'a> = &'a mut dyn FnMut(usize) -> Result<Option<Vec<u8>>>;

/// Takes a block.
pub type Sink<'a> = &'a mut dyn FnMut(&[u8]) -> Result<()>;

/// Writes counts as blocks.
pub fn write(counts: &PretokenCounts, sink: Sink<'_>) -> Result<Totals> {
    let mut writer = BlockWriter::default();
    for (pretoken, count) in counts.in_order() {
        writer.push(pretoken, count, sink)?;
    }
    writer.finish(sink)
}

/// Writes the sums of the counts of files as blocks.
pub fn rewrite(weights: &Weights, read: Read<'_>, sink: Sink<'_>) -> Result<Totals> {
    let mut writer = BlockWriter::default();
    merge(weights, read, &mut |pretoken, count| {
        writer.push(pretoken, count, sink)
    })?;
    writer.finish(sink)
}

/// The sums of the counts of files; `documents` is the number to give them.
pub fn load(weights: &Weights, documents: u64, read: Read<'_>) -> Result<PretokenCounts> {
    let mut counts = PretokenCounts::default();
    merge(weights, read, &mut |pretoken, count| {
        counts.append(pretoken, count)
    })?;
    counts.add_totals(documents, 0, 0)?;
    Ok(counts)
}

/// The `most` highest of the sums of the counts of files, among equals the first in order of
/// bytes; the highest first.
pub fn top(most: usize, weights: &Weights, read: Read<'_>) -> Result<Vec<(Vec<u8>, u64)>> {
    // Its top is the one to give way first: the lowest count, the last in order of bytes.
    let mut best: BinaryHeap<(Reverse<u64>, Vec<u8>)> = BinaryHeap::new();
    merge(weights, read, &mut |pretoken, count| {
        if best.len() < most {
            best.push((Reverse(count), pretoken.to_vec()));
        } else if let Some(mut worst) = best.peek_mut()
            && count > worst.0.0
        {
            worst.0 = Reverse(count);
            worst.1.clear();
            worst.1.extend_from_slice(pretoken);
        }
        Ok(())
    })?;
    let sorted = best.into_sorted_vec().into_iter();
    Ok(sorted.map(|(Reverse(count), text)| (text, count)).collect())
}
