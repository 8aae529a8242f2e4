//! Gathers the neighbours on one side of a merged pair.
//!
//! All pairs that a merge makes contain the new token, so the neighbour alone identifies
//! them: sums go into arrays indexed by id, and the table of pairs is accessed once for
//! each distinct neighbour instead of once for each occurrence.

/// The neighbours on one side, during one merge.
#[derive(Default)]
pub(super) struct Neighbors {
    by_id: Vec<Neighbor>,
    /// The ids seen, each once.
    seen: Vec<u32>,
    /// Every occurrence in order: the neighbour, and the position of the new pair.
    occurrences: Vec<(u32, u32)>,
}

/// One neighbour.
#[derive(Clone, Copy, Default)]
pub(super) struct Neighbor {
    /// The sum of the counts of the pretokens it occurs in.
    pub(super) count: u64,
    /// The number of its occurrences that are listed.
    pub(super) positions: usize,
    /// The slot for the next of its positions; `None` if its pair is not wanted.
    pub(super) target: Option<usize>,
}

impl Neighbors {
    /// Adds an occurrence of a neighbour.
    #[inline]
    pub(super) fn push(&mut self, id: u32, position: u32, count: u64) {
        let neighbor = &mut self.by_id[id as usize];
        if neighbor.count == 0 {
            self.seen.push(id);
        }
        // No overflow: the sum over all neighbours is at most the merged pair's count.
        neighbor.count += count;
        neighbor.positions += 1;
        self.occurrences.push((id, position));
    }

    /// Drops the last occurrence from the list, but leaves its count.
    #[inline]
    pub(super) fn drop_last(&mut self) {
        let (id, _) = self.occurrences.pop().expect("the one before was listed");
        self.by_id[id as usize].positions -= 1;
    }

    /// The sum of the counts for one neighbour.
    pub(super) fn count(&self, id: u32) -> u64 {
        self.by_id[id as usize].count
    }

    /// The number of distinct neighbours.
    pub(super) fn distinct(&self) -> usize {
        self.seen.len()
    }

    /// Calls `visit` with each distinct neighbour.
    pub(super) fn for_each(&mut self, mut visit: impl FnMut(u32, &mut Neighbor)) {
        for &id in &self.seen {
            visit(id, &mut self.by_id[id as usize]);
        }
    }

    /// Calls `store(slot, position)` for each listed occurrence whose pair is wanted, and
    /// clears the list.
    pub(super) fn drain(&mut self, mut store: impl FnMut(usize, u32)) {
        for (id, position) in self.occurrences.drain(..) {
            if let Some(target) = &mut self.by_id[id as usize].target {
                store(*target, position);
                *target += 1;
            }
        }
        for id in self.seen.drain(..) {
            self.by_id[id as usize] = Neighbor::default();
        }
    }

    /// Makes room for ids below `limit`.
    pub(super) fn reserve(&mut self, limit: usize) {
        self.by_id.resize(limit, Neighbor::default());
    }
}
