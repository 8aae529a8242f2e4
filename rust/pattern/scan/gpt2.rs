//! The pattern of GPT-2.

use super::super::text::{Read, Text};
use crate::unicode::{BREAK, LETTER, NUMBER, SPACE};

/// The end of the pretoken at `at`:
/// `'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
#[inline(always)]
pub fn end(text: &Text, at: usize) -> usize {
    let first = text.byte(at);
    let body = at + usize::from(first == Some(b' '));
    let (class, width) = text.class(body);
    if class & LETTER != 0 {
        text.run(body + width, LETTER)
    } else if first == Some(b'\'')
        && let suffix @ 1.. = contraction(text, at)
    {
        at + suffix
    } else if class & NUMBER != 0 {
        text.run(body + width, NUMBER)
    } else if class & (SPACE | BREAK) == 0 {
        text.run_without(body + width, SPACE | LETTER | NUMBER)
    } else {
        text.space(at).plain()
    }
}

/// The length of the contraction at the apostrophe at `at`, 0 if there is none.
fn contraction(text: &Text, at: usize) -> usize {
    match text.byte(at + 1) {
        Some(b's' | b'd' | b'm' | b't') => 2,
        Some(b'l') if text.byte(at + 2) == Some(b'l') => 3,
        Some(b'v' | b'r') if text.byte(at + 2) == Some(b'e') => 3,
        _ => 0,
    }
}
