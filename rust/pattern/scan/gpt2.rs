//! The pattern of GPT-2.

use super::super::text::{Read, Text};
use super::window::{Rule, Starts, Window, after, before};
use crate::unicode::{BREAK, LETTER, NUMBER, SPACE};

/// The end of the pretoken at `at`:
/// `'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`.
#[inline(always)]
fn end(text: &Text, at: usize) -> usize {
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

/// The pattern.
pub struct Gpt2;

impl Rule for Gpt2 {
    #[inline(always)]
    fn starts(window: &Window, text: &Text, at: usize) -> Starts {
        let (letter, number) = (window.letter(), window.number);
        let space = window.space | window.line_break;
        let ink = window.valid & !space;
        let sign = ink & !(letter | number);
        let begin = |set: u64| set & !after(set);
        let first = begin(letter) | begin(number) | begin(sign);
        let mut starts = first & !after(window.blank);
        let mut apostrophes = window.apostrophe & starts & before(letter);
        while apostrophes != 0 {
            let apostrophe = apostrophes.trailing_zeros();
            apostrophes &= apostrophes - 1;
            if let length @ 1.. = contraction(text, at + apostrophe as usize) {
                starts &= !(0b10 << apostrophe);
                starts |= 1u64.unbounded_shl(apostrophe + length as u32) & letter;
            }
        }
        starts |= begin(space) | window.first_bytes(space & before(ink));
        Starts { starts, unclear: 0 }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end(text, at)
    }
}
