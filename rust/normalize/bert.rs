//! The normalizer of BERT.

use unicode_categories::UnicodeCategories;

use super::{Form, copied, keep, lowercase, map};
use crate::aligned::{Aligned, Editor};

/// What it does, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bert {
    /// Controls are taken out, and white space becomes spaces.
    pub clean_text: bool,
    /// Chinese characters get a space on both sides.
    pub handle_chinese_chars: bool,
    /// Accents are taken off, in normalization form D.
    pub strip_accents: bool,
    pub lowercase: bool,
}

impl Bert {
    pub(super) fn apply(self, from: &Aligned) -> Option<Aligned<'static>> {
        let mut now = copied(from);
        if self.clean_text {
            now = keep(&now, |character| !is_dirt(character)).unwrap_or(now);
            now = map(&now, space_for_white_space).unwrap_or(now);
        }
        if self.handle_chinese_chars {
            now = with_spaces(&now);
        }
        if self.strip_accents {
            now = Form::Nfd.apply(&now).unwrap_or(now);
            now = keep(&now, |character| !character.is_mark_nonspacing()).unwrap_or(now);
        }
        if self.lowercase {
            now = lowercase(&now).unwrap_or(now);
        }
        Some(now)
    }
}

fn is_dirt(character: char) -> bool {
    let is_control = !matches!(character, '\t' | '\n' | '\r') && character.is_other();
    matches!(character, '\0' | '\u{FFFD}') || is_control
}

fn space_for_white_space(character: char) -> char {
    if character.is_whitespace() {
        ' '
    } else {
        character
    }
}

fn with_spaces(from: &Aligned) -> Aligned<'static> {
    let (mut to, mut start) = (Editor::new(from), 0);
    for (at, character) in from.text.char_indices() {
        if is_chinese(character) {
            let end = at + character.len_utf8();
            to.copy(start..at);
            to.insert(" ", at..end);
            to.copy(at..end);
            to.insert(" ", at..end);
            start = end;
        }
    }
    to.copy(start..from.text.len());
    to.finish()
}

fn is_chinese(character: char) -> bool {
    matches!(
        character,
        '\u{4E00}'..='\u{9FFF}'
            | '\u{3400}'..='\u{4DBF}'
            | '\u{20000}'..='\u{2A6DF}'
            | '\u{2A700}'..='\u{2B73F}'
            | '\u{2B740}'..='\u{2B81F}'
            | '\u{2B920}'..='\u{2CEAF}'
            | '\u{F900}'..='\u{FAFF}'
            | '\u{2F800}'..='\u{2FA1F}'
    )
}
