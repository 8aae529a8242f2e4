//! The pairs that may merge, in order of rank, before it is known which of them ever do.

use crate::merge::last_merges::{Candidate, LastMerges};
use crate::merge::pairs::Merged;
use crate::merge::sorted::{NO_TOKEN, Sorted};
use crate::merge::units::UnitTable;
use crate::threads::both;
use crate::vocab::{Bpe, Merge, Tokens};

/// The candidates of a vocabulary with listed merges. Rank 0 is that of single bytes.
pub(super) fn listed(merges: &[Merge], visit: &mut dyn FnMut(Candidate)) {
    for (rank, &Merge { left, right, id }) in (1..).zip(merges) {
        visit(Candidate {
            left,
            right,
            merged: Merged { rank, id },
        });
    }
}

/// Every way to spell a token as two tokens: the candidates of a ranked vocabulary.
pub(super) struct Ranked {
    lengths: Vec<u32>,
    /// For each token the longest other one that it begins with.
    prefixes: Vec<u32>,
    /// For each token the longest other one that it ends with.
    suffixes: Vec<u32>,
}

impl Ranked {
    pub fn new(tokens: &Tokens) -> Self {
        let lengths = tokens.lengths();
        let (prefixes, suffixes) = both(
            tokens.are_many(),
            || Sorted::forward(tokens, &|_| true).shorter(&lengths),
            || Sorted::backward(tokens, &|_| true).shorter(&lengths),
        );
        Ranked {
            lengths,
            prefixes,
            suffixes,
        }
    }

    /// Visits them in order of rank.
    pub fn visit(&self, visit: &mut dyn FnMut(Candidate)) {
        let Ranked {
            lengths,
            prefixes,
            suffixes,
        } = self;
        let (mut lefts, mut found) = (Vec::new(), Vec::new());
        for (id, &length) in (0..).zip(lengths) {
            lefts.clear();
            let mut left = prefixes[id as usize];
            while left != NO_TOKEN {
                lefts.push((lengths[left as usize], left));
                left = prefixes[left as usize];
            }
            let mut right = suffixes[id as usize];
            while right != NO_TOKEN && !lefts.is_empty() {
                let rest = length - lengths[right as usize];
                while lefts.last().is_some_and(|&(left, _)| left < rest) {
                    lefts.pop();
                }
                if let Some(&(length, left)) = lefts.last()
                    && length == rest
                {
                    found.push((left, right));
                }
                right = suffixes[right as usize];
            }
            // Nearly always the one that merges: after it, nobody asks whether the others do.
            let likely = (0..found.len()).min_by_key(|&at| found[at].0.max(found[at].1));
            if let Some(likely) = likely {
                found.swap(0, likely);
            }
            for (left, right) in found.drain(..) {
                let merged = Merged { rank: id + 1, id };
                visit(Candidate {
                    left,
                    right,
                    merged,
                });
            }
        }
    }
}

/// Of listed merges, those that can occur, in order of rank. The units are plain, and nothing is
/// checked.
pub(crate) fn effective(bpe: &Bpe) -> Vec<Merge> {
    let units = UnitTable::new(bpe);
    LastMerges::derive(&bpe.tokens, &units, |visit| listed(&bpe.merges, visit)).merges()
}

/// Calls `visit(left, right, id)` for every way to spell a token as two tokens.
pub(crate) fn spellings(tokens: &Tokens, visit: &mut dyn FnMut(u32, u32, u32)) {
    Ranked::new(tokens).visit(&mut |candidate| {
        visit(candidate.left, candidate.right, candidate.merged.id);
    });
}
