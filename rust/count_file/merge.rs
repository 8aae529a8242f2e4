//! Adds up the records of many files in one pass; memory is a block for each file.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::Read;
use super::block::Records;
use crate::count::MAX_COUNT;
use crate::error::{Error, Result};

/// A weight for each file: `numerators[file] / denominator`.
///
/// The weighted sum for a pretoken is exact; then it is rounded once, half to even.
/// Pretokens whose sum becomes 0 are left out.
#[derive(Debug, Clone)]
pub struct Weights {
    numerators: Vec<u64>,
    denominator: u64,
}

/// The largest number in a weight: a sum of as many files as there may be fits 128 bits.
pub const MAX_WEIGHT: u64 = 1 << 40;

/// The most files.
const MAX_FILES: usize = 1 << 24;

impl Weights {
    /// Weights with a common denominator.
    pub fn new(numerators: Vec<u64>, denominator: u64) -> Result<Self> {
        let invalid = |reason: &str| Error::InvalidArgument {
            name: "weights",
            reason: reason.into(),
        };
        if numerators.len() > MAX_FILES {
            return Err(invalid("there are too many files"));
        }
        let numbers = numerators.iter().chain([&denominator]);
        if numbers
            .copied()
            .any(|number| number == 0 || number > MAX_WEIGHT)
        {
            return Err(invalid(
                "they must be above 0, and their common denominator at most 2^40",
            ));
        }
        Ok(Weights {
            numerators,
            denominator,
        })
    }

    /// A weight of 1 for each file.
    pub fn equal(files: usize) -> Result<Self> {
        Weights::new(vec![1; files], 1)
    }

    fn rounded(&self, sum: u128) -> Result<u64> {
        let denominator = u128::from(self.denominator);
        let (floor, rest) = (sum / denominator, sum % denominator);
        let up = 2 * rest > denominator || (2 * rest == denominator && floor % 2 == 1);
        let rounded = floor + u128::from(up);
        if rounded > u128::from(MAX_COUNT) {
            return Err(Error::CountOverflow);
        }
        Ok(rounded as u64)
    }
}

/// Calls `each` with every pretoken of the files and the weighted sum of its counts, in order
/// of bytes. An error from a block comes at once after it was read.
pub fn merge(
    weights: &Weights,
    read: Read<'_>,
    each: &mut dyn FnMut(&[u8], u64) -> Result<()>,
) -> Result<()> {
    let mut files = Vec::new();
    files.resize_with(weights.numerators.len(), Records::default);
    let mut next = |file: usize, records: &mut Records| -> Result<bool> {
        while !records.next() {
            match read(file)? {
                Some(block) => records.open(&block)?,
                None => return Ok(false),
            }
        }
        Ok(true)
    };
    // The present record of each file, the first in order of bytes on top.
    let mut heads = BinaryHeap::with_capacity(files.len());
    for (file, records) in files.iter_mut().enumerate() {
        if next(file, records)? {
            heads.push(Reverse((records.pretoken.clone(), file)));
        }
    }
    let mut pretoken = Vec::new();
    while let Some(Reverse((first, _))) = heads.peek() {
        pretoken.clone_from(first);
        let mut sum: u128 = 0;
        while let Some(mut head) = heads.peek_mut() {
            let Reverse((text, file)) = &mut *head;
            if *text != pretoken {
                break;
            }
            let records = &mut files[*file];
            sum += u128::from(records.count) * u128::from(weights.numerators[*file]);
            if next(*file, records)? {
                text.clone_from(&records.pretoken);
            } else {
                std::collections::binary_heap::PeekMut::pop(head);
            }
        }
        let count = weights.rounded(sum)?;
        if count > 0 {
            each(&pretoken, count)?;
        }
    }
    Ok(())
}
