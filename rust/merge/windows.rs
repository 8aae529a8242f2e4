//! Parts of a long text, each merged by itself and several at once.
//!
//! Every part of a text has one encoding, and whether two tokens can be neighbours depends on these
//! two alone. So windows that overlap are merged without regard to what is around them. Where the
//! encoding of the text so far and that of a window have a token in common, at the same place, the
//! first one's tokens before it and the window's from there on are the encoding of both together.
//! In most texts that is after a token or two.

use crate::merge::pairs::{BytePairs, PairTable};
use crate::merge::together::{TOGETHER, Together};
use crate::short_key::MAX_KEY;

/// How many bytes a window has.
const WIDTH: usize = MAX_KEY;
/// How far each begins after the one before it. Where a text repeats, windows may be cut at places
/// that never agree; then the next stride is tried.
const STRIDES: [usize; 4] = [10, 12, 9, 8];

/// For how many bytes no windows are merged after some that were of little use, at first and at most.
const SHORTEST_PAUSE: usize = 1 << 8;
const LONGEST_PAUSE: usize = 1 << 14;

/// Windows that follow one another.
#[derive(Default)]
pub(super) struct Windows {
    together: Together,
    /// The tokens of all of them, and where those of each end.
    ids: Vec<u32>,
    ends: Vec<usize>,
    /// Where the first one begins in the text, and how far each is from the next.
    start: usize,
    stride: usize,
    /// Which one comes next, and how many before it were of no use.
    next: usize,
    missed: usize,
    /// From where in the text on they are to be looked at.
    from: usize,
    pause: usize,
}

/// What windows are merged by.
pub(super) struct Merging<'w> {
    pub windows: &'w mut Windows,
    pub bytes: &'w BytePairs,
    pub pairs: &'w PairTable,
}

/// The encoding of a part of a text.
pub(super) struct Window<'w> {
    pub start: usize,
    pub end: usize,
    pub ids: &'w [u32],
}

impl Merging<'_> {
    /// Makes ready for another text.
    pub fn begin(&mut self) {
        let windows = &mut *self.windows;
        windows.clear();
        (windows.from, windows.pause) = (0, 0);
        windows.stride = STRIDES[0];
    }

    /// Whether there may be a window for a text that is encoded up to `position`. Merges the next
    /// ones if all were looked at.
    #[inline(always)]
    pub fn has(&mut self, text: &[u8], position: usize) -> bool {
        position >= self.windows.from && self.fill(text, position)
    }

    fn fill(&mut self, text: &[u8], position: usize) -> bool {
        let windows = &mut *self.windows;
        if windows.next < windows.ends.len() {
            return true;
        }
        let few = 2 * windows.missed > windows.ends.len();
        windows.clear();
        if few {
            windows.pause = (2 * windows.pause).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
            windows.from = position + windows.pause;
            let tried = STRIDES.iter().position(|&stride| stride == windows.stride);
            windows.stride = STRIDES[tried.map_or(0, |at| at + 1) % STRIDES.len()];
            return false;
        }
        windows.start = position.saturating_sub(WIDTH - windows.stride);
        let starts = (windows.start..).step_by(windows.stride).take(TOGETHER);
        for bytes in starts.map_while(|start| text.get(start..start + WIDTH)) {
            windows.together.add(self.bytes, bytes);
        }
        windows.together.merge(self.pairs);
        let Windows { ids, ends, .. } = windows;
        windows.together.take(|merged| {
            ids.extend_from_slice(merged);
            ends.push(ids.len());
        });
        if windows.ends.is_empty() {
            windows.from = usize::MAX;
        }
        !windows.ends.is_empty()
    }

    /// The window to look at when a text is encoded up to `position`, if there is one already.
    #[inline(always)]
    pub fn get(&mut self, position: usize) -> Option<Window<'_>> {
        let windows = &mut *self.windows;
        loop {
            let &last = windows.ends.get(windows.next)?;
            let start = windows.start + windows.next * windows.stride;
            let end = start + WIDTH;
            if position < start {
                windows.from = start;
                return None;
            }
            if position < end {
                let first = windows.next.checked_sub(1).map_or(0, |at| windows.ends[at]);
                let ids = &windows.ids[first..last];
                return Some(Window { start, end, ids });
            }
            windows.next += 1;
            windows.missed += 1;
        }
    }

    /// Goes on to the next window.
    pub fn advance(&mut self) {
        self.windows.next += 1;
        self.windows.pause = 0;
    }
}

impl Window<'_> {
    /// Makes `ids[base..]`, the encoding of a text up to `position`, which is in the window, that of the
    /// text up to the window's end. Returns false, and changes nothing, if the two do not agree.
    #[inline]
    pub fn join(
        &self,
        position: usize,
        base: usize,
        ids: &mut Vec<u32>,
        length: impl Fn(u32) -> usize,
        mut can_touch: impl FnMut(u32, u32) -> bool,
    ) -> bool {
        // Where the tokens `ids[index]` and `self.ids[other]` begin.
        let (mut at, mut index) = (position, ids.len());
        while at > self.start && index > base {
            index -= 1;
            at -= length(ids[index]);
        }
        let (mut other_at, mut other) = (self.start, 0);
        // The last place where tokens of both begin, which may be different ones.
        let mut border = None;
        let mut same = false;
        loop {
            if at == other_at {
                border = Some((index, other));
                same = at < position && ids[index] == self.ids[other];
            }
            if same || at == position && other_at >= at {
                break;
            } else if at <= other_at {
                at += length(ids[index]);
                index += 1;
            } else {
                other_at += length(self.ids[other]);
                other += 1;
            }
        }
        let Some((index, other)) = border else {
            return false;
        };
        let agrees = same || index == base || can_touch(ids[index - 1], self.ids[other]);
        if agrees {
            ids.truncate(index);
            ids.extend_from_slice(&self.ids[other..]);
        }
        agrees
    }
}

impl Windows {
    fn clear(&mut self) {
        self.ids.clear();
        self.ends.clear();
        (self.next, self.missed) = (0, 0);
    }
}
