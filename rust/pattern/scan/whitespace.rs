//! White space and the rest, in turns.

use super::super::text::{Read, Text};
use crate::unicode::SPACE;

/// The end of the pretoken at `at`: `\S+|\s+`.
#[inline(always)]
pub fn end(text: &Text, at: usize) -> usize {
    if text.class(at).0 & SPACE != 0 {
        text.run(at, SPACE)
    } else {
        text.run_without(at, SPACE)
    }
}
