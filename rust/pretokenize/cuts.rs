//! What becomes of the matches in a text, and of what is between them.

use std::ops::Range;

/// What a split does with what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cuts {
    pub behavior: Behavior,
    /// Whether what is between the matches is what counts as found.
    pub invert: bool,
}

/// What becomes of what is found. Names are those in the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behavior {
    /// It is left out.
    Removed,
    /// It is a piece.
    Isolated,
    /// It ends the piece before it.
    MergedWithPrevious,
    /// It begins the piece after it.
    MergedWithNext,
    /// All that are side by side are a piece.
    Contiguous,
}

/// The matches in a text and the gaps between them, in order.
#[derive(Default)]
pub struct Found(Vec<(Range<usize>, bool)>);

impl Found {
    pub fn matched(&mut self, range: Range<usize>) {
        self.0.push((range, true));
    }

    /// There may be nothing in the gap.
    pub fn gap(&mut self, start: usize, end: usize) {
        if start < end {
            self.0.push((start..end, false));
        }
    }
}

impl Cuts {
    /// Appends the pieces of a text that starts at `offset`, and empties `found`.
    pub fn ranges(self, found: &mut Found, offset: usize, ranges: &mut Vec<Range<usize>>) {
        let first = ranges.len();
        let marked = found
            .0
            .drain(..)
            .map(|(range, is_match)| (range, is_match != self.invert));
        match self.behavior {
            Behavior::Removed => {
                ranges.extend(marked.filter(|(_, found)| !found).map(|(range, _)| range))
            }
            Behavior::Isolated => ranges.extend(marked.map(|(range, _)| range)),
            Behavior::Contiguous => {
                // A match at the beginning is on its own already, and text is not.
                let mut before = false;
                for (range, found) in marked {
                    join(ranges, first, range, found == before);
                    before = found;
                }
            }
            Behavior::MergedWithPrevious => {
                let mut before = false;
                for (range, found) in marked {
                    join(ranges, first, range, found && !before);
                    before = found;
                }
            }
            Behavior::MergedWithNext => {
                let mut before = false;
                for (range, found) in marked.rev() {
                    match ranges[first..].last_mut() {
                        Some(next) if found && !before => next.start = range.start,
                        _ => ranges.push(range),
                    }
                    before = found;
                }
                ranges[first..].reverse();
            }
        }
        // An empty match divides text, and is no piece.
        let mut kept = first;
        for at in first..ranges.len() {
            let range = ranges[at].clone();
            if !range.is_empty() {
                ranges[kept] = range.start + offset..range.end + offset;
                kept += 1;
            }
        }
        ranges.truncate(kept);
    }
}

/// Appends a range, or joins it to the last one from `first` on.
fn join(ranges: &mut Vec<Range<usize>>, first: usize, range: Range<usize>, joins: bool) {
    match ranges[first..].last_mut() {
        Some(last) if joins => last.end = range.end,
        _ => ranges.push(range),
    }
}
