//! The pattern of tiktoken's cl100k, and those of Llama 3, Qwen 2 and Qwen 3.5, which differ in
//! how many numbers go together, in marks, and in white space that ends the text.

use super::super::text::{Read, Text};
use super::block::Window;
use super::window::{Rule, Starts, after, before, divided_space, runs_from, thirds};
use super::{contraction, numbers};
use crate::unicode::{BREAK, LETTER, MARK, NUMBER, SPACE};

/// What goes together in words.
const fn word(marks: bool) -> u8 {
    if marks { LETTER | MARK } else { LETTER }
}

/// The end of the pretoken at `at`, where `W` is `\p{L}`, or with `MARKS` `[\p{L}\p{M}]`:
/// `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?W+|\p{N}{1,NUMBERS}| ?[^\sW\p{N}]+[\r\n]*`,
/// then, if `LAST_WHOLE`, `|\s+$`, and then `|\s*[\r\n]+|\s+(?!\S)|\s+`.
#[inline(always)]
fn end<const NUMBERS: usize, const LAST_WHOLE: bool, const MARKS: bool>(
    text: &Text,
    at: usize,
) -> usize {
    let (class, width) = text.class(at);
    if class & word(MARKS) != 0 {
        return text.run(at + width, word(MARKS));
    }
    if class & NUMBER != 0 {
        return numbers(text, at + width, NUMBERS - 1);
    }
    if let suffix @ 1.. = contraction(text, at) {
        return at + suffix;
    }
    let (next, next_width) = text.class(at + width);
    if class & BREAK == 0 && next & word(MARKS) != 0 {
        return text.run(at + width + next_width, word(MARKS));
    }
    if class & SPACE == 0 || text.byte(at) == Some(b' ') && next & (SPACE | NUMBER | BREAK) == 0 {
        let others = SPACE | word(MARKS) | NUMBER;
        return text.run_breaks(text.run_without(at + width, others));
    }
    let space = text.space(at);
    if LAST_WHOLE {
        space.lines_unless_last()
    } else {
        space.lines()
    }
}

/// The pattern with up to `NUMBERS` numbers together; white space at the end is for [`end`].
pub struct Cl100k<const NUMBERS: usize, const LAST_WHOLE: bool, const MARKS: bool>;

impl<const NUMBERS: usize, const LAST_WHOLE: bool, const MARKS: bool> Rule
    for Cl100k<NUMBERS, LAST_WHOLE, MARKS>
{
    #[inline(always)]
    fn starts(window: &Window, text: &Text, at: usize) -> Starts {
        let word = window.of(word(MARKS));
        let number = window.of(NUMBER);
        let space = window.space();
        let sign = window.valid & !(word | number | space | window.line_break);
        let first_sign = sign & !after(sign | window.blank);
        // A sign alone before letters goes with them.
        let prefix = window.last_bytes(first_sign) & before(word);
        let mut starts = word & !after(word | space | prefix) | first_sign;
        let mut contractions = window.apostrophe & prefix;
        while contractions != 0 {
            let apostrophe = contractions.trailing_zeros() as usize;
            contractions &= contractions - 1;
            if let length @ 1.. = contraction(text, at + apostrophe) {
                starts |= 1u64.unbounded_shl((apostrophe + length) as u32) & word;
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
        let line_break = window.line_break & !taken;
        let ink = window.valid & !(space | line_break);
        starts |= divided_space(window, line_break, ink);
        Starts { starts, unclear }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end::<NUMBERS, LAST_WHOLE, MARKS>(text, at)
    }
}
