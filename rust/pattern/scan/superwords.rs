//! Patterns in which words with single spaces between them are one pretoken, and all else is that of
//! another pattern. A pretoken of theirs is one or several of the other's.

use super::super::named::Base;
use super::super::text::{Read, Text};
use crate::unicode::{BREAK, LETTER, NUMBER};

/// Appends the ends of `limit` pretokens of `text` from `at` on, if there are as many. Returns where
/// the last one ends.
pub fn scan(base: Base, text: &Text, mut at: usize, limit: usize, ends: &mut Vec<usize>) -> usize {
    let enough = ends.len() + limit;
    while ends.len() < enough && at < text.len() {
        at = end(base, text, at);
        ends.push(at);
    }
    at
}

/// The end of the pretoken at `at`.
#[inline(always)]
pub fn end(base: Base, text: &Text, at: usize) -> usize {
    words(base.letters(), text, at).unwrap_or_else(|| super::end(base.named(), text, at))
}

/// The end of `[^\r\n\p{L}\p{N}]?\p{L}W*(?:['’ ]\p{L}W*)+` at `at`, if it is there, where `W` are the
/// characters of the classes `letters`.
#[inline(always)]
fn words(letters: u8, text: &Text, at: usize) -> Option<usize> {
    let word = |at: usize| {
        let (class, width) = text.class(at);
        (class & LETTER != 0).then(|| text.run(at + width, letters))
    };
    let prefixed = || {
        let (class, width) = text.class(at);
        if width == 0 || class & (BREAK | NUMBER) != 0 {
            return None;
        }
        word(at + width)
    };
    let first = word(at).or_else(prefixed)?;
    let mut end = first;
    while let Some(next) = joint(text, end).and_then(|width| word(end + width)) {
        end = next;
    }
    (end > first).then_some(end)
}

/// The length of what may be between two words at `at`.
#[inline(always)]
fn joint(text: &Text, at: usize) -> Option<usize> {
    match text.byte(at)? {
        b' ' | b'\'' => Some(1),
        0xE2 if text.byte(at + 1) == Some(0x80) && text.byte(at + 2) == Some(0x99) => Some(3),
        _ => None,
    }
}
