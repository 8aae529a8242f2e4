//! Best fit decreasing; see [`Strategy::BestFit`](super::Strategy::BestFit).

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Piece, Plan, by_length, check_stop, new_plan};
use crate::error::Result;
use crate::threads::Stop;

/// Packs pieces, none of them longer than `length`.
pub(super) fn pack(pieces: &[Piece], length: i64, stop: &Stop) -> Result<Plan> {
    let order = by_length(pieces, |own, index| (Reverse(own), index));
    let mut rows = Rows::default();
    // For each piece in `order`, its row.
    let mut placed = Vec::with_capacity(order.len());
    for (done, &index) in order.iter().enumerate() {
        check_stop(done, stop)?;
        let own = pieces[index as usize].length();
        let (row, room) = rows.take(own).unwrap_or_else(|| (rows.add(), length));
        if room > own {
            rows.put(row, room - own);
        }
        placed.push(row);
    }
    Ok(gathered(pieces, &order, &placed, rows.count()))
}

/// The rows that have room, by how much they have.
#[derive(Default)]
struct Rows {
    /// By amount of room, the first and the last row that came to have it.
    queues: BTreeMap<i64, (u32, u32)>,
    /// For each row, the next one that came to have the same room.
    next: Vec<u32>,
}

impl Rows {
    fn count(&self) -> usize {
        self.next.len()
    }

    /// Adds a row that no piece can be put into yet.
    fn add(&mut self) -> u32 {
        self.next.push(u32::MAX);
        self.count() as u32 - 1
    }

    /// Takes away the row in which a piece of this length leaves the least room.
    fn take(&mut self, own: i64) -> Option<(u32, i64)> {
        let (&room, (first, last)) = self.queues.range_mut(own..).next()?;
        let row = *first;
        if first == last {
            self.queues.remove(&room);
        } else {
            *first = self.next[row as usize];
        }
        Some((row, room))
    }

    /// Adds a row to those with room.
    fn put(&mut self, row: u32, room: i64) {
        let (_, last) = self.queues.entry(room).or_insert((row, row));
        self.next[*last as usize] = row;
        *last = row;
    }
}

/// Puts pieces that were placed in this order into their rows.
fn gathered(pieces: &[Piece], order: &[u32], placed: &[u32], rows: usize) -> Plan {
    let mut row_bounds = vec![0i64; rows + 1];
    for &row in placed {
        row_bounds[row as usize + 1] += 1;
    }
    for row in 0..rows {
        row_bounds[row + 1] += row_bounds[row];
    }
    let mut free = row_bounds.clone();
    let mut sorted = vec![0u32; order.len()];
    for (&index, &row) in order.iter().zip(placed) {
        let slot = &mut free[row as usize];
        sorted[*slot as usize] = index;
        *slot += 1;
    }
    let mut plan = Plan {
        row_bounds,
        ..new_plan(pieces)
    };
    for &index in &sorted {
        plan.push(pieces[index as usize]);
    }
    plan
}
