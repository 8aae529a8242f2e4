//! The pattern of tiktoken's cl100k, and those of Llama 3 and Qwen 2, which differ in
//! how many numbers go together and in white space that ends the text.

use super::super::text::{Read, Text};
use super::window::{Rule, Starts, Window, after, before, divided_space, runs_from, thirds};
use super::{contraction, numbers};
use crate::unicode::{BREAK, LETTER, NUMBER, SPACE};

/// The end of the pretoken at `at`:
/// `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,NUMBERS}| ?[^\s\p{L}\p{N}]+[\r\n]*`,
/// then, if `LAST_WHOLE`, `|\s+$`, and then `|\s*[\r\n]+|\s+(?!\S)|\s+`.
#[inline(always)]
fn end<const NUMBERS: usize, const LAST_WHOLE: bool>(text: &Text, at: usize) -> usize {
    let (class, width) = text.class(at);
    if class & LETTER != 0 {
        return text.run(at + width, LETTER);
    }
    if class & NUMBER != 0 {
        return numbers(text, at + width, NUMBERS - 1);
    }
    if let suffix @ 1.. = contraction(text, at) {
        return at + suffix;
    }
    let (next, next_width) = text.class(at + width);
    if class & BREAK == 0 && next & LETTER != 0 {
        return text.run(at + width + next_width, LETTER);
    }
    if class & SPACE == 0 || text.byte(at) == Some(b' ') && next & (SPACE | NUMBER | BREAK) == 0 {
        return text.run_breaks(text.run_without(at + width, SPACE | LETTER | NUMBER));
    }
    let space = text.space(at);
    if LAST_WHOLE {
        space.lines_unless_last()
    } else {
        space.lines()
    }
}

/// The pattern with up to `NUMBERS` numbers together; white space at the end is for [`end`].
pub struct Cl100k<const NUMBERS: usize, const LAST_WHOLE: bool>;

impl<const NUMBERS: usize, const LAST_WHOLE: bool> Rule for Cl100k<NUMBERS, LAST_WHOLE> {
    #[inline(always)]
    fn starts(window: &Window, text: &Text, at: usize) -> Starts {
        let letter = window.letter();
        let number = window.number;
        let sign = window.valid & !(letter | number | window.space | window.line_break);
        let first_sign = sign & !after(sign | window.blank);
        // A sign alone before letters goes with them.
        let prefix = window.last_bytes(first_sign) & before(letter);
        let mut starts = letter & !after(letter | window.space | prefix) | first_sign;
        let mut contractions = window.apostrophe & prefix;
        while contractions != 0 {
            let apostrophe = contractions.trailing_zeros() as usize;
            contractions &= contractions - 1;
            if let length @ 1.. = contraction(text, at + apostrophe) {
                starts |= 1u64.unbounded_shl((apostrophe + length) as u32) & letter;
            }
        }
        let unclear = if NUMBERS == 1 {
            starts |= number & !window.continuation;
            0
        } else {
            starts |= thirds(number);
            number & window.high
        };
        let taken = runs_from(window.line_break & after(sign), window.line_break);
        let (space, line_break) = (window.space, window.line_break & !taken);
        let begin = (space | line_break) & !after(space | line_break);
        starts |= divided_space(window, space, line_break, begin);
        Starts { starts, unclear }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end::<NUMBERS, LAST_WHOLE>(text, at)
    }
}
