//! The three splits of DeepSeek-V3 in one pass.
//!
//! `\p{N}{1,3}`, then `[一-龥぀-ゟ゠-ヿ]+`, then
//! ``[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+``,
//! `| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`, each applied to the pieces the
//! one before leaves. Only the third ever divides a piece of the second, and it leaves
//! numbers alone.

use super::super::text::{Read, Text};
use super::numbers;
use crate::unicode::{BREAK, END, LETTER, MARK, NUMBER, SIGN, SPACE};

/// The end of the pretoken at `at`.
#[inline(always)]
pub fn end(text: &Text, at: usize) -> usize {
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
