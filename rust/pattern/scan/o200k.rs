//! The pattern of tiktoken's o200k, and that of Mistral's tekken, which has no contractions and
//! keeps numbers apart.

use super::super::text::{Read, Text};
use super::block::Window;
use super::window::{Rule, Starts, after, before, divided_space, runs_from, thirds};
use super::{contraction, numbers};
use crate::unicode::{BREAK, LETTER, LOWER, MARK, NUMBER, SPACE, UNCASED, UPPER};

/// What a word may begin with, if it is upper case.
const HEAD: u8 = UPPER | EITHER;
/// What a word may end with, if it is lower case.
const TAIL: u8 = LOWER | EITHER;
/// What counts as both.
const EITHER: u8 = UNCASED | MARK;

/// The end of the pretoken at `at`, where `H` is `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`, `T`
/// is `[\p{Ll}\p{Lm}\p{Lo}\p{M}]` and `S` is `(?i:'s|'t|'re|'ve|'m|'ll|'d)`:
/// `[^\r\n\p{L}\p{N}]?H*T+S?|[^\r\n\p{L}\p{N}]?H+T*S?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*`,
/// and then `|\s*[\r\n]+|\s+(?!\S)|\s+`. Without `CONTRACTIONS` there is no `S?`.
#[inline(always)]
fn end<const NUMBERS: usize, const CONTRACTIONS: bool>(text: &Text, at: usize) -> usize {
    let (class, width) = text.class(at);
    if class & NUMBER != 0 {
        return numbers(text, at + width, NUMBERS - 1);
    }
    if let Some(end) = prefixed_word(text, at) {
        return end
            + if CONTRACTIONS {
                contraction(text, end)
            } else {
                0
            };
    }
    let (next, _) = text.class(at + width);
    if class & SPACE == 0 || text.byte(at) == Some(b' ') && next & (SPACE | NUMBER | BREAK) == 0 {
        let mut end = text.run_without(at + width, SPACE | LETTER | NUMBER);
        while let Some(b'\r' | b'\n' | b'/') = text.byte(end) {
            end += 1;
        }
        return end;
    }
    text.space(at).lines()
}

/// The end of `[^\r\n\p{L}\p{N}]?(H*T+|H+T*)` at a character that is not a number, if it matches.
#[inline(always)]
pub fn prefixed_word(text: &impl Read, at: usize) -> Option<usize> {
    let (class, width) = text.class(at);
    if class & LETTER != 0 {
        return Some(word(text, at));
    }
    if class & MARK != 0 {
        return Some(marked(text, at + width));
    }
    let (next, _) = text.class(at + width);
    (class & BREAK == 0 && next & (LETTER | MARK) != 0).then(|| word(text, at + width))
}

/// The end of `H*T+|H+T*` at a letter or a mark.
///
/// `H*` takes its whole run first. If a lower case letter follows, `T+` goes on from
/// there. Otherwise `H*` gives back just enough for `T+` to match: all from the last
/// character of the run that counts as both, of which `T+` takes that one alone. If
/// there is no such character, the whole run is `H+`.
#[inline(always)]
fn word(text: &impl Read, at: usize) -> usize {
    let run = head(text, at);
    if run.next & LOWER != 0 {
        text.run(run.end, TAIL)
    } else {
        run.after_either.unwrap_or(run.end)
    }
}

/// The end of `[^\r\n\p{L}\p{N}]?H*T+` at a mark, after which the text goes on at
/// `rest`. The mark is the prefix if `H*T+` matches at `rest`; otherwise it is all that
/// `H*` can keep, and `T+` takes it.
#[inline(always)]
fn marked(text: &impl Read, rest: usize) -> usize {
    let run = head(text, rest);
    if run.next & LOWER != 0 {
        text.run(run.end, TAIL)
    } else {
        run.after_either.unwrap_or(rest)
    }
}

/// A run of characters that a word may begin with.
struct Head {
    end: usize,
    /// Where its last character that counts as both cases ends.
    after_either: Option<usize>,
    /// The class of the character after it.
    next: u8,
}

#[inline(always)]
fn head(text: &impl Read, at: usize) -> Head {
    let mut run = Head {
        end: at,
        after_either: None,
        next: 0,
    };
    loop {
        let (class, width) = text.class(run.end);
        if class & HEAD == 0 {
            run.next = class;
            return run;
        }
        run.end += width;
        if class & EITHER != 0 {
            run.after_either = Some(run.end);
        }
    }
}

/// The pattern. A window leaves the harder cases to [`end`]: marks not preceded by a letter, upper
/// case after letters without case, slashes after line breaks, and an apostrophe at its end.
pub struct O200k<const NUMBERS: usize, const CONTRACTIONS: bool>;

impl<const NUMBERS: usize, const CONTRACTIONS: bool> Rule for O200k<NUMBERS, CONTRACTIONS> {
    #[inline(always)]
    fn starts(window: &Window, text: &Text, at: usize) -> Starts {
        let sign = window.valid
            & !(window.of(LETTER | MARK | NUMBER) | window.space() | window.line_break);
        let (
            Starts {
                mut starts,
                mut unclear,
            },
            taken,
        ) = words_and_signs::<CONTRACTIONS>(window, sign, text, at);
        let number = window.of(NUMBER);
        if NUMBERS == 1 {
            starts |= number & !window.continuation;
        } else {
            starts |= thirds(number);
            unclear |= number & window.high;
        }
        unclear |= window.slash & after(taken);
        Starts { starts, unclear }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end::<NUMBERS, CONTRACTIONS>(text, at)
    }
}

/// Where words, signs and white space start, and the line breaks that go with signs.
#[inline(always)]
pub fn words_and_signs<const CONTRACTIONS: bool>(
    window: &Window,
    sign: u64,
    text: &Text,
    at: usize,
) -> (Starts, u64) {
    let (letter, mark, upper) = (window.letter(), window.of(MARK), window.of(UPPER));
    let word = letter | mark;
    let space = window.space();
    let first_sign = sign & !after(sign | window.blank);
    // A sign alone before letters goes with them.
    let prefix = window.last_bytes(first_sign) & before(word);
    let mut starts = letter & !after(word | space | prefix);
    starts |= upper & after(window.of(LOWER)) | first_sign;
    let mut unclear = mark & !after(word) | upper & after(window.of(EITHER));
    if CONTRACTIONS {
        let mut contractions = window.apostrophe & after(word) & before(letter);
        let mut done = 0;
        while contractions != 0 {
            let apostrophe = contractions.trailing_zeros();
            contractions &= contractions - 1;
            let length = contraction(text, at + apostrophe as usize) as u32;
            // A contraction ends a word, so another cannot follow it directly.
            if length > 0 && apostrophe != done {
                done = apostrophe + length;
                starts &= !(((1 << length) - 1) << apostrophe);
                starts |= 1u64.unbounded_shl(done) & word;
            }
        }
        unclear |= window.apostrophe & after(word) & !before(window.valid);
    }
    let taken = runs_from(window.line_break & after(sign), window.line_break);
    let line_break = window.line_break & !taken;
    let ink = window.valid & !(space | line_break);
    starts |= divided_space(window, line_break, ink);
    (Starts { starts, unclear }, taken)
}
