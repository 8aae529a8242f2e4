//! The pattern of Kimi K2: that of o200k, but Chinese characters are pretokens of their own.

use std::sync::LazyLock;

use super::super::text::{Read, Text};
use super::block::{Table, Window};
use super::o200k::{prefixed_word, words_and_signs};
use super::window::{Rule, Starts, after, thirds};
use super::{contraction, numbers};
use crate::unicode::{self, BREAK, Classes, LETTER, NUMBER, SIGN, SPACE, UNCASED};

/// Characters of the Han script, `\p{Han}`: alone, letters; with [`NUMBER`], numbers; with
/// [`BREAK`], all others, which may go with signs.
const HAN: u8 = SIGN;

/// The classes of `unicode`, but for `HAN`, and signs have none.
static CLASSES: LazyLock<Box<Classes>> = LazyLock::new(|| {
    let mut classes = Box::new(*unicode::classes());
    classes.iter_mut().for_each(|class| *class &= !SIGN);
    for (first, last) in unicode::ranges(r"\p{Han}") {
        for class in &mut classes[first as usize..=last as usize] {
            *class = match *class {
                NUMBER => HAN | NUMBER,
                class if class & LETTER != 0 => HAN,
                _ => HAN | BREAK,
            };
        }
    }
    classes
});

/// The text in these classes.
struct WithHan<'p, 't> {
    text: &'p Text<'t>,
    classes: &'static Classes,
}

impl Read for WithHan<'_, '_> {
    #[inline(always)]
    fn class(&self, at: usize) -> (u8, usize) {
        let (code, class, width) = self.text.character(at);
        match width {
            0 => (class, 0),
            _ => (self.classes[code as usize], width),
        }
    }
}

/// The end of the pretoken at `at`: `\p{Han}+`, or what o200k has there with words free of Chinese
/// characters and no slashes after signs.
#[inline(always)]
fn end(text: &Text, at: usize) -> usize {
    let read = WithHan {
        text,
        classes: &CLASSES,
    };
    let (class, width) = read.class(at);
    if class & HAN != 0 {
        return read.run(at + width, HAN);
    }
    if class & NUMBER != 0 {
        return numbers(text, at + width, 2);
    }
    if let Some(end) = prefixed_word(&read, at) {
        return end + contraction(text, end);
    }
    let is_sign = |(class, width): (u8, usize)| {
        width > 0 && class != HAN && class & (SPACE | LETTER | NUMBER) == 0
    };
    if is_sign((class, width)) || text.byte(at) == Some(b' ') && is_sign(read.class(at + 1)) {
        let mut end = at + width;
        while let next = read.class(end)
            && is_sign(next)
        {
            end += next.1;
        }
        return text.run_breaks(end);
    }
    text.space(at).lines()
}

/// The pattern. A window leaves numbers beyond ASCII to [`end`], and Chinese characters that are not
/// letters.
pub struct Kimi;

impl Rule for Kimi {
    const JOINED: u8 = UNCASED | HAN;

    fn table() -> Table {
        Table {
            classes: &CLASSES,
            ascii: false,
            han: HAN,
            hangul: UNCASED,
        }
    }

    #[inline(always)]
    fn starts(window: &Window, text: &Text, at: usize) -> Starts {
        let (han, number) = (window.of(HAN), window.of(NUMBER));
        let word = window.of(LETTER | unicode::MARK);
        let sign = window.valid & !(word | number | han | window.space() | window.line_break);
        let (Starts { starts, unclear }, _) = words_and_signs::<true>(window, sign, text, at);
        Starts {
            starts: starts | thirds(number) | han & !after(han),
            unclear: unclear | number & window.high | window.of(BREAK) & han,
        }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end(text, at)
    }
}
