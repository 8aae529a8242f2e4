//! Classes of characters as Hugging Face's `tokenizers` knows them: those of Rust's `char`, and
//! for punctuation the tables that library uses.

use std::ops::Range;

use regex_syntax::is_word_character;
use unicode_categories::UnicodeCategories;

/// A class of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Numeric,
    Punctuation,
    Whitespace,
    Is(char),
}

impl Class {
    pub fn holds(self, character: char) -> bool {
        match self {
            Class::Numeric => character.is_numeric(),
            Class::Punctuation => character.is_ascii_punctuation() || character.is_punctuation(),
            Class::Whitespace => character.is_whitespace(),
            Class::Is(this) => character == this,
        }
    }
}

/// Appends the ranges of `\w+|[^\w\s]+` in a part of a text.
pub fn words(text: &str, range: Range<usize>, ranges: &mut Vec<Range<usize>>) {
    let mut start = range.start;
    // Of the run that goes on: whether it is of words; `None` for white space.
    let mut before: Option<bool> = None;
    for (at, character) in text[range.clone()].char_indices() {
        let at = range.start + at;
        let now = match is_word_character(character) {
            true => Some(true),
            false => (!character.is_whitespace()).then_some(false),
        };
        if now != before {
            if before.is_some() {
                ranges.push(start..at);
            }
            (start, before) = (at, now);
        }
    }
    if before.is_some() {
        ranges.push(start..range.end);
    }
}
