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
