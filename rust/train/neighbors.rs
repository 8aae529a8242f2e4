//! Gathers what stands on one side of a merged pair.
//!
//! All pairs that a merge makes contain the new token, so they are told apart by the
//! neighbour alone: sums go into arrays indexed by id, and the table of pairs is asked
//! once for each distinct neighbour instead of once for each place.

/// The neighbours on one side, during one merge.
#[derive(Default)]
pub(super) struct Neighbors {
    by_id: Vec<Neighbor>,
    /// The ids met, each once.
    met: Vec<u32>,
    /// Every place in order: the neighbour, and the position of the new pair.
    places: Vec<(u32, u32)>,
}

/// One neighbour.
#[derive(Clone, Copy, Default)]
pub(super) struct Neighbor {
    /// The sum of the counts of the pretokens it was met in.
    pub(super) count: u64,
    /// How many places of it are listed.
    pub(super) places: usize,
    /// Where the next of its places is noted; `None` if its pair is not wanted.
    pub(super) target: Option<usize>,
}

impl Neighbors {
    /// Notes a neighbour.
    #[inline]
    pub(super) fn push(&mut self, id: u32, position: u32, count: u64) {
        let neighbor = &mut self.by_id[id as usize];
        if neighbor.count == 0 {
            self.met.push(id);
        }
        // No overflow: the sum over all neighbours is at most the merged pair's count.
        neighbor.count += count;
        neighbor.places += 1;
        self.places.push((id, position));
    }

    /// Strikes the last place off the list, but leaves its count.
    #[inline]
    pub(super) fn strike_last(&mut self) {
        let (id, _) = self.places.pop().expect("the place before was listed");
        self.by_id[id as usize].places -= 1;
    }

    /// The sum of the counts for one neighbour.
    pub(super) fn count(&self, id: u32) -> u64 {
        self.by_id[id as usize].count
    }

    /// How many distinct neighbours there are.
    pub(super) fn distinct(&self) -> usize {
        self.met.len()
    }

    /// Calls `visit` with each distinct neighbour.
    pub(super) fn for_each(&mut self, mut visit: impl FnMut(u32, &mut Neighbor)) {
        for &id in &self.met {
            visit(id, &mut self.by_id[id as usize]);
        }
    }

    /// Calls `note(target, position)` for each listed place whose pair is wanted, then
    /// forgets all.
    pub(super) fn drain(&mut self, mut note: impl FnMut(usize, u32)) {
        for (id, position) in self.places.drain(..) {
            if let Some(target) = &mut self.by_id[id as usize].target {
                note(*target, position);
                *target += 1;
            }
        }
        for id in self.met.drain(..) {
            self.by_id[id as usize] = Neighbor::default();
        }
    }

    /// Makes room for ids below `limit`.
    pub(super) fn reserve(&mut self, limit: usize) {
        self.by_id.resize(limit, Neighbor::default());
    }
}
