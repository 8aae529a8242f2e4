//! The three splits of DeepSeek-V3 in one pass.
//!
//! `\p{N}{1,3}`, then `[一-龥぀-ゟ゠-ヿ]+`, then
//! ``[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+``,
//! `| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, each applied to the pieces the
//! one before leaves. Only the third ever divides a piece of the second, and it leaves
//! numbers alone.

use std::sync::LazyLock;

use super::super::text::{Read, Text};
use super::block::{Table, Window};
use super::numbers;
use super::window::{Rule, Starts, after, before, divided_space, runs_from, thirds};
use crate::unicode::{self, BREAK, Classes, END, LETTER, MARK, NUMBER, SIGN, SPACE, UNCASED};

/// The end of the pretoken at `at`.
#[inline(always)]
fn end(text: &Text, at: usize) -> usize {
    let (code, class, width) = text.character(at);
    if class & NUMBER != 0 {
        return numbers(text, at + width, 2);
    }
    let piece = Piece {
        text,
        is_east_asian: is_east_asian(code),
    };
    if class & (LETTER | MARK) != 0 {
        return piece.run(at + width, LETTER | MARK);
    }
    let rest = at + width;
    if code < 0x80 && class & SIGN != 0 && text.byte(rest).is_some_and(|b| b.is_ascii_alphabetic())
    {
        return ascii_letters(text, rest);
    }
    let (next, _) = piece.class(rest);
    if class & (SIGN | BREAK) == 0 && next & (LETTER | MARK) != 0 {
        return piece.run(rest, LETTER | MARK);
    }
    if class & SIGN != 0 || code == 0x20 && next & SIGN != 0 {
        return piece.run_breaks(piece.run(rest, SIGN));
    }
    if class & SPACE != 0 {
        return piece.space(at).lines();
    }
    piece.unmatched(rest)
}

/// The end of `[A-Za-z]*` at `at`.
#[inline(always)]
fn ascii_letters(text: &Text, mut at: usize) -> usize {
    while text.byte(at).is_some_and(|byte| byte.is_ascii_alphabetic()) {
        at += 1;
    }
    at
}

/// Whether a character is in `[一-龥぀-ゟ゠-ヿ]`.
#[inline(always)]
fn is_east_asian(code: u32) -> bool {
    matches!(code, 0x4E00..=0x9FA5 | 0x3040..=0x30FF)
}

/// Beyond ASCII, the class of what the second split takes.
const EAST: u8 = BREAK;

/// The classes of `unicode`, and `EAST`.
static CLASSES: LazyLock<Box<Classes>> = LazyLock::new(|| {
    let mut classes = Box::new(*unicode::classes());
    for (code, class) in classes.iter_mut().enumerate() {
        if is_east_asian(code as u32) {
            *class |= EAST;
        }
    }
    classes
});

/// The pattern. A window leaves numbers beyond ASCII to [`end`], and what the second split takes
/// although it is neither a letter nor a mark nor a sign.
pub struct DeepseekV3;

impl Rule for DeepseekV3 {
    const JOINED: u8 = UNCASED;

    fn table() -> Table {
        Table {
            classes: &CLASSES,
            ascii: true,
            han: UNCASED | EAST,
            hangul: UNCASED,
        }
    }

    #[inline(always)]
    fn starts(window: &Window, _: &Text, _: usize) -> Starts {
        let (word, number, space) = (window.of(LETTER | MARK), window.of(NUMBER), window.space());
        let east = window.of(EAST) & window.high;
        let ascii_letter = word & !window.high;
        let sign = window.of(SIGN) & !east;
        let first_sign = sign & !after(sign | window.blank);
        // What has no class is matched with the letters after it only.
        let none = window.valid & !(word | number | space | window.line_break | sign | east);
        // A sign of ASCII alone before letters of ASCII goes with them.
        let prefix = first_sign & !window.high & before(ascii_letter);
        let prefixed = runs_from(after(prefix), ascii_letter);
        let plain = word & !east;
        let mut starts = plain & !after(plain | space | prefix | none) | first_sign;
        starts |= after(prefixed) & plain & !prefixed;
        starts |= none & !after(none) | window.first_bytes(none & before(plain));
        starts |= thirds(number) | (east ^ after(east));
        let east_word = word & east;
        starts |= east & (east_word ^ after(east_word));
        let taken = runs_from(window.line_break & after(sign), window.line_break);
        let line_break = window.line_break & !taken;
        // Numbers and `EAST` are in other pieces than the white space before them.
        let ink = window.valid & !(space | line_break | number | east);
        starts |= divided_space(window, line_break, ink);
        Starts {
            starts,
            unclear: number & window.high | east & !(word | window.of(SIGN)),
        }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end(text, at)
    }
}

/// The text as it looks from within a piece that the second split leaves: it ends
/// where the piece does.
struct Piece<'p, 't> {
    text: &'p Text<'t>,
    /// Whether the piece is a match of the second split.
    is_east_asian: bool,
}

impl Read for Piece<'_, '_> {
    #[inline(always)]
    fn class(&self, at: usize) -> (u8, usize) {
        let (code, class, width) = self.text.character(at);
        if class & NUMBER != 0 || is_east_asian(code) != self.is_east_asian {
            return (END, 0);
        }
        (class, width)
    }
}

impl Piece<'_, '_> {
    /// The end of characters that nothing matches, of which there is one before `at`:
    /// the third split matches again at a letter, a mark, a sign or white space, and one
    /// character before a letter or a mark.
    fn unmatched(&self, mut at: usize) -> usize {
        loop {
            let (class, width) = self.class(at);
            if class != 0 || self.class(at + width).0 & (LETTER | MARK) != 0 {
                return at;
            }
            at += width;
        }
    }
}
