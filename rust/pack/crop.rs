//! Best fit with crops; see [`Strategy::BestFitCrop`](super::Strategy::BestFitCrop).
//!
//! The idea is that of the data loader of karpathy/nanochat, which fits a buffer of
//! some documents; here all are known, and sorted once.

use super::{Filling, Piece, Plan, by_length, check_stop};
use crate::error::Result;
use crate::threads::Stop;

/// Packs pieces, none of them longer than `length`.
pub(super) fn pack(pieces: &[Piece], length: i64, stop: &Stop) -> Result<Plan> {
    let order = by_length(pieces, |own, index| (own, index));
    let mut shelves = Shelves::new(pieces, &order);
    let mut rows = Filling::new(pieces, length);
    for done in 0..order.len() {
        check_stop(done, stop)?;
        let shelf = shelves
            .longest(rows.room)
            .unwrap_or_else(|| shelves.shortest().expect("each piece is taken once"));
        let mut piece = pieces[order[shelves.take(shelf)] as usize];
        piece.stop -= (piece.length() - rows.room).max(0);
        rows.push(piece);
    }
    Ok(rows.finish())
}

/// The pieces that were not taken yet, in a shelf for each length.
///
/// Pieces are only taken away, never put back, so the nearest shelf that is not empty is
/// found as in a union-find structure: each empty one refers to a lower one, and paths are
/// shortened as they are followed.
struct Shelves {
    /// The length of the pieces on each shelf, ascending.
    lengths: Vec<i64>,
    /// Where, in the order of length, the next piece of each shelf is, and the shelf ends.
    pieces: Vec<(usize, usize)>,
    /// One more than the nearest shelf at or below each that may hold something; 0 if there
    /// is none. The first element belongs to no shelf.
    below: Vec<usize>,
    lowest: usize,
}

impl Shelves {
    fn new(pieces: &[Piece], order: &[u32]) -> Self {
        let mut lengths = Vec::new();
        let mut bounds: Vec<(usize, usize)> = Vec::new();
        for (at, &index) in order.iter().enumerate() {
            let own = pieces[index as usize].length();
            if lengths.last() != Some(&own) {
                lengths.push(own);
                bounds.push((at, at));
            }
            let last = bounds.len() - 1;
            bounds[last].1 = at + 1;
        }
        Shelves {
            below: (0..=lengths.len()).collect(),
            lengths,
            pieces: bounds,
            lowest: 0,
        }
    }

    /// The shelf of the longest pieces not longer than `room`.
    fn longest(&mut self, room: i64) -> Option<usize> {
        let mut at = self.lengths.partition_point(|&own| own <= room);
        while self.below[at] != at {
            self.below[at] = self.below[self.below[at]];
            at = self.below[at];
        }
        at.checked_sub(1)
    }

    /// The shelf of the shortest pieces.
    fn shortest(&mut self) -> Option<usize> {
        while let Some((next, end)) = self.pieces.get(self.lowest) {
            if next < end {
                return Some(self.lowest);
            }
            self.lowest += 1;
        }
        None
    }

    /// Takes the first piece of a shelf that is not empty; returns its index in the order.
    fn take(&mut self, shelf: usize) -> usize {
        let (next, end) = &mut self.pieces[shelf];
        let index = *next;
        *next += 1;
        if next == end {
            self.below[shelf + 1] = shelf;
        }
        index
    }
}
