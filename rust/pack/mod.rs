//! Plans which documents, or pieces of documents, share a row of fixed length.
//!
//! Only lengths matter here: a plan says which piece of which document goes where, and the
//! caller, who has the ids, copies them. Everything takes O(n log n) for n pieces.
//! Documents without ids are in no row.

use crate::error::{Error, Result};
use crate::threads::{self, Interrupt, Stop};

mod best_fit;
mod crop;
#[cfg(test)]
mod tests;

/// Which pieces share a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// All documents one after the other, cut wherever a row is full.
    Concatenate,
    /// Best fit decreasing: from the longest piece to the shortest (equal ones in the order
    /// of input), each goes into the row where it leaves the least room, or else into a new
    /// one. Among rows with equally much room, the one that came to it first is taken.
    BestFit,
    /// Row after row, the longest piece that still fits (among equal ones the first of
    /// the input), and when none does, the start of the shortest, just so long that the row is
    /// full. The rest of that piece is dropped.
    BestFitCrop,
}

/// What happens to a document that is longer than a row, before rows are planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Long {
    /// It is cut into pieces of a row's length, and a shorter one at the end. With
    /// [`Strategy::Concatenate`] it stays whole, as rows cut it anyway.
    Split,
    /// Its start is kept.
    Truncate,
    /// It is left out.
    Drop,
}

/// Which piece of which document goes where.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// The bounds of rows among the pieces: rows + 1 numbers.
    pub row_bounds: Vec<i64>,
    /// The document of each piece, by its index.
    pub documents: Vec<i64>,
    /// Where each piece begins in its document.
    pub starts: Vec<i64>,
    /// Where it ends.
    pub stops: Vec<i64>,
}

impl Plan {
    fn push(&mut self, piece: Piece) {
        self.documents.push(piece.document);
        self.starts.push(piece.start);
        self.stops.push(piece.stop);
    }

    fn end_row(&mut self) {
        self.row_bounds.push(self.documents.len() as i64);
    }
}

#[derive(Debug, Clone, Copy)]
struct Piece {
    document: i64,
    start: i64,
    stop: i64,
}

impl Piece {
    fn length(self) -> i64 {
        self.stop - self.start
    }
}

/// The most pieces, and rows, of a plan.
const MAX_PIECES: u32 = u32::MAX;

/// The most memory that a piece takes while rows are planned, in bytes.
const PIECE_MEMORY: usize = 128;

/// The number of pieces between two looks at whether to stop.
const PATIENCE: usize = 1 << 16;

/// Plans the rows for documents of these lengths.
///
/// Refuses a `length` below 1, a negative length of a document, and work that does not
/// fit: more than 2^63 ids or more than 2^32 pieces.
pub fn plan(
    lengths: &[i64],
    length: i64,
    strategy: Strategy,
    long: Long,
    interrupt: Interrupt<'_>,
) -> Result<Plan> {
    if length < 1 {
        return Err(Error::InvalidArgument {
            name: "length",
            reason: format!("{length} is below 1"),
        });
    }
    check(lengths, length, long)?;
    // On another thread, while this one handles signals.
    let work = |stop: &mut Stop, _: &()| {
        let pieces = pieces(lengths, length, strategy, long, stop)?;
        match strategy {
            Strategy::Concatenate => concatenate(&pieces, length, stop),
            Strategy::BestFit => best_fit::pack(&pieces, length, stop),
            Strategy::BestFitCrop => crop::pack(&pieces, length, stop),
        }
    };
    let plans = threads::map(&[()], 1, false, interrupt, |stop| stop, work)?;
    Ok(plans.into_iter().next().expect("one job has one result"))
}

fn check(lengths: &[i64], length: i64, long: Long) -> Result<()> {
    let mut total = 0i64;
    let mut pieces = 0u64;
    for (document, &own) in lengths.iter().enumerate() {
        if own < 0 {
            return Err(Error::InvalidArgument {
                name: "lengths",
                reason: format!("document {document} has the length {own}"),
            });
        }
        total = total.checked_add(own).ok_or(Error::CountOverflow)?;
        // Concatenating may cut each piece once more.
        let cuts = match long {
            Long::Split => own as u64 / length as u64,
            Long::Truncate | Long::Drop => 0,
        };
        pieces = pieces.saturating_add(2 + cuts);
    }
    if pieces > MAX_PIECES as u64 {
        return Err(Error::TooManyPieces {
            limit: MAX_PIECES as u64,
        });
    }
    // A failed allocation later on would end the process.
    let memory =
        usize::try_from(pieces).map_or(usize::MAX, |most| most.saturating_mul(PIECE_MEMORY));
    let fits = Vec::<u8>::new().try_reserve_exact(memory).is_ok();
    if fits {
        Ok(())
    } else {
        Err(Error::TooManyPieces { limit: pieces - 1 })
    }
}

/// The pieces to place, in the order of input.
fn pieces(
    lengths: &[i64],
    length: i64,
    strategy: Strategy,
    long: Long,
    stop: &Stop,
) -> Result<Vec<Piece>> {
    let mut pieces = Vec::with_capacity(lengths.len());
    for (document, &own) in (0i64..).zip(lengths) {
        let mut push = |start: i64, end: i64| {
            check_stop(pieces.len(), stop)?;
            pieces.push(Piece {
                document,
                start,
                stop: end,
            });
            Ok(())
        };
        match long {
            _ if own == 0 => {}
            _ if own <= length => push(0, own)?,
            Long::Split if strategy == Strategy::Concatenate => push(0, own)?,
            Long::Split => {
                let mut start = 0;
                while start < own {
                    let end = start + length.min(own - start);
                    push(start, end)?;
                    start = end;
                }
            }
            Long::Truncate => push(0, length)?,
            Long::Drop => {}
        }
    }
    Ok(pieces)
}

fn new_plan(pieces: &[Piece]) -> Plan {
    let many = || Vec::with_capacity(pieces.len());
    Plan {
        row_bounds: vec![0],
        documents: many(),
        starts: many(),
        stops: many(),
    }
}

/// A plan whose rows are filled one after the other.
struct Filling {
    plan: Plan,
    length: i64,
    /// The number of ids that still fit into the current row.
    room: i64,
}

impl Filling {
    fn new(pieces: &[Piece], length: i64) -> Self {
        Filling {
            plan: new_plan(pieces),
            length,
            room: length,
        }
    }

    /// Adds a piece that fits into the current row.
    fn push(&mut self, piece: Piece) {
        self.plan.push(piece);
        self.room -= piece.length();
        if self.room == 0 {
            self.plan.end_row();
            self.room = self.length;
        }
    }

    fn finish(mut self) -> Plan {
        if self.room < self.length {
            self.plan.end_row();
        }
        self.plan
    }
}

fn concatenate(pieces: &[Piece], length: i64, stop: &Stop) -> Result<Plan> {
    let mut rows = Filling::new(pieces, length);
    for (done, &piece) in pieces.iter().enumerate() {
        check_stop(done, stop)?;
        let mut rest = piece;
        while rest.length() > 0 {
            let stop = rest.start + rows.room.min(rest.length());
            rows.push(Piece { stop, ..rest });
            rest.start = stop;
        }
    }
    Ok(rows.finish())
}

/// The indices of pieces, sorted by a key made of length and index.
fn by_length<K: Ord>(pieces: &[Piece], key: impl Fn(i64, u32) -> (K, u32)) -> Vec<u32> {
    let mut keys: Vec<_> = (0..)
        .zip(pieces)
        .map(|(index, piece)| key(piece.length(), index))
        .collect();
    keys.sort_unstable();
    keys.into_iter().map(|(_, index)| index).collect()
}

/// Ends the work if the caller has stopped it; looks now and then.
fn check_stop(done: usize, stop: &Stop) -> Result<()> {
    if done.is_multiple_of(PATIENCE) && stop.is_set() {
        return Err(Error::Interrupted);
    }
    Ok(())
}
