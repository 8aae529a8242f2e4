//! Asks the processor for memory before it is needed.

#![allow(unsafe_code)]

/// Fetches the line of `slice[index]` into the near cache, if there is such an item, while the
/// program goes on. A hint: it reads nothing and never fails.
#[inline(always)]
pub(crate) fn prefetch<T>(slice: &[T], index: usize) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let address = slice.as_ptr().wrapping_add(index).cast();
        // SAFETY: the instruction is part of every x86-64 processor, and it may be given any
        // address: it neither reads nor writes as far as the program can see.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(address) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slice, index);
}

/// How many items are on their way in a [`Delay`].
const ON_THE_WAY: usize = 16;

/// Hands items on once some more have come: when memory that was prefetched for them is there.
pub struct Delay<T> {
    items: [Option<T>; ON_THE_WAY],
    next: usize,
}

impl<T> Default for Delay<T> {
    fn default() -> Self {
        Delay {
            items: std::array::from_fn(|_| None),
            next: 0,
        }
    }
}

impl<T> Delay<T> {
    /// Takes an item, and hands on the one whose turn it is.
    #[inline]
    pub fn pass(&mut self, item: T) -> Option<T> {
        let handed_on = self.items[self.next].replace(item);
        self.next = (self.next + 1) % ON_THE_WAY;
        handed_on
    }

    /// The items that are still on their way, in order.
    pub fn rest(self) -> impl Iterator<Item = T> {
        let Delay { mut items, next } = self;
        items.rotate_left(next);
        items.into_iter().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delayed_items_keep_their_order() {
        for count in [0, 1, ON_THE_WAY, 3 * ON_THE_WAY + 1] {
            let (mut delay, mut passed) = (Delay::default(), Vec::new());
            for item in 0..count {
                passed.extend(delay.pass(item));
            }
            assert_eq!(passed.len(), count.saturating_sub(ON_THE_WAY));
            passed.extend(delay.rest());
            assert_eq!(passed, (0..count).collect::<Vec<_>>());
        }
    }
}
