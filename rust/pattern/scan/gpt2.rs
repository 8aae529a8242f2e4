//! The pattern of GPT-2, also with all numbers apart.

use super::super::text::{Read, Text};
use super::block::Window;
use super::window::{Rule, Starts, after, before};
use crate::unicode::{BREAK, LETTER, NUMBER, SPACE};

/// The end of the pretoken at `at`:
/// `'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, with `DIGITS` on
/// what is left if every number is a pretoken of its own.
#[inline(always)]
fn end<const DIGITS: bool>(text: &Text, at: usize) -> usize {
    if DIGITS {
        let (class, width) = text.class(at);
        if class & NUMBER != 0 {
            return at + width;
        }
    }
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
        if DIGITS {
            return body;
        }
        text.run(body + width, NUMBER)
    } else if class & (SPACE | BREAK) == 0 {
        text.run_without(body + width, SPACE | LETTER | NUMBER)
    } else {
        let space = text.space(at);
        if DIGITS && text.class(space.end()).0 & NUMBER != 0 {
            space.end()
        } else {
            space.plain()
        }
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

/// The pattern, with `DIGITS` after every number was split off.
pub struct Gpt2<const DIGITS: bool>;

impl<const DIGITS: bool> Rule for Gpt2<DIGITS> {
    #[inline(always)]
    fn starts(window: &Window, text: &Text, at: usize) -> Starts {
        let (letter, number) = (window.letter(), window.of(NUMBER));
        let space = window.of(SPACE) | window.line_break;
        let ink = window.valid & !space;
        let sign = ink & !(letter | number);
        let begin = |set: u64| set & !after(set);
        let mut starts = (begin(letter) | begin(sign)) & !after(window.blank);
        let mut next = ink;
        if DIGITS {
            starts |= number & !window.continuation;
            next &= !number;
        } else {
            starts |= begin(number) & !after(window.blank);
        }
        let mut apostrophes = window.apostrophe & starts & before(letter);
        while apostrophes != 0 {
            let apostrophe = apostrophes.trailing_zeros();
            apostrophes &= apostrophes - 1;
            if let length @ 1.. = contraction(text, at + apostrophe as usize) {
                starts &= !(0b10 << apostrophe);
                starts |= 1u64.unbounded_shl(apostrophe + length as u32) & letter;
            }
        }
        starts |= begin(space) | window.first_bytes(space & before(next));
        Starts { starts, unclear: 0 }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end::<DIGITS>(text, at)
    }
}
