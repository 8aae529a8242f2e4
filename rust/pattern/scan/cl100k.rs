//! The pattern of tiktoken's cl100k, and those of Llama 3 and Qwen 2, which differ in
//! how many numbers go together and in white space that ends the text.

use super::super::text::{Read, Text};
use super::{contraction, numbers};
use crate::unicode::{BREAK, LETTER, NUMBER, SPACE};

/// The end of the pretoken at `at`:
/// `'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,NUMBERS}| ?[^\s\p{L}\p{N}]+[\r\n]*`,
/// then, if `LAST_WHOLE`, `|\s+$`, and then `|\s*[\r\n]+|\s+(?!\S)|\s+`.
#[inline(always)]
pub fn end<const NUMBERS: usize, const LAST_WHOLE: bool>(text: &Text, at: usize) -> usize {
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
