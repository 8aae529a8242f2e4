//! Characters as the grammar sees them, and where they stand in a text.

use std::sync::LazyLock;

use crate::unicode::{LETTER, NUMBER, SPACE, classes, ranges};

/// What people write where an apostrophe is meant, the ASCII one first. U+02BC is a letter
/// to Unicode, the others are punctuation or symbols.
pub const APOSTROPHES: &str = "'\u{2019}\u{2018}\u{2bc}\u{ff07}\u{b4}`\u{201b}";

/// The bytes that apostrophes begin with.
const FIRST_BYTES: [bool; 256] = {
    let mut first = [false; 256];
    let (bytes, mut at) = (APOSTROPHES.as_bytes(), 0);
    while at < bytes.len() {
        // Those from 0x80 to 0xBF continue a character.
        first[bytes[at] as usize] = bytes[at] < 0x80 || bytes[at] >= 0xC0;
        at += 1;
    }
    first
};

static DIGITS: LazyLock<Vec<(char, char)>> = LazyLock::new(|| ranges(r"\d"));

/// Where the first apostrophe from `at` on begins.
pub fn find_apostrophe(text: &str, mut at: usize) -> Option<usize> {
    loop {
        let rest = &text.as_bytes()[at..];
        at += rest.iter().position(|&byte| FIRST_BYTES[byte as usize])?;
        if character_at(text, at) == Some('\'') {
            return Some(at);
        }
        at += 1;
    }
}

/// The character, or a straight apostrophe for any.
pub fn straight(character: char) -> char {
    match character {
        '\u{2019}' | '\u{2018}' | '\u{2bc}' | '\u{ff07}' | '\u{b4}' | '`' | '\u{201b}' => '\'',
        other => other,
    }
}

/// Whether it is an apostrophe of any kind.
pub fn is_apostrophe(character: char) -> bool {
    straight(character) == '\''
}

/// Writes text with straight apostrophes.
fn push_straight(out: &mut String, text: &str) {
    if text.is_ascii() && !text.as_bytes().contains(&b'`') {
        out.push_str(text);
    } else {
        out.extend(text.chars().map(straight));
    }
}

/// Writes text in lower case with straight apostrophes.
pub fn push_lower(out: &mut String, text: &str) {
    let start = out.len();
    push_straight(out, text);
    if text.is_ascii() {
        out[start..].make_ascii_lowercase();
    } else {
        let lower = out.split_off(start);
        out.extend(lower.chars().flat_map(char::to_lowercase));
    }
}

/// The character at an offset, with apostrophes straight.
pub fn character_at(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next().map(straight)
}

/// The character before an offset, with apostrophes straight.
pub fn character_before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back().map(straight)
}

/// Where the run of characters that begins at an offset ends.
pub fn run_end(text: &str, at: usize, belongs: impl Fn(char) -> bool) -> usize {
    text[at..]
        .find(|character| !belongs(character))
        .map_or(text.len(), |length| at + length)
}

/// Where the run of characters that ends at an offset begins, not before `from`.
pub fn run_start(text: &str, from: usize, at: usize, belongs: impl Fn(char) -> bool) -> usize {
    let run = text[from..at].trim_end_matches(belongs);
    from + run.len()
}

/// The offset this many characters before another, or the start of the text.
pub fn back(text: &str, at: usize, characters: usize) -> usize {
    let near = at.saturating_sub(characters);
    if text.as_bytes()[near..at].is_ascii() {
        return near;
    }
    match text[..at].char_indices().rev().take(characters).last() {
        Some((start, _)) => start,
        None => at,
    }
}

/// The offset this many characters after another, or the end of the text.
pub fn forward(text: &str, at: usize, characters: usize) -> usize {
    let near = text.len().min(at + characters);
    if text.as_bytes()[at..near].is_ascii() {
        return near;
    }
    text[at..]
        .char_indices()
        .nth(characters)
        .map_or(text.len(), |(length, _)| at + length)
}

fn is(character: char, class: u8) -> bool {
    classes()[character as usize] & class != 0
}

/// Whether it is a letter, and no apostrophe.
pub fn is_letter(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphabetic()
    } else {
        is(character, LETTER) && straight(character) == character
    }
}

/// Whether it is a decimal digit of any script.
pub fn is_digit(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_digit();
    }
    is(character, NUMBER) && {
        let at = DIGITS.partition_point(|&(_, last)| last < character);
        DIGITS.get(at).is_some_and(|&(first, _)| first <= character)
    }
}

/// Whether words are made of it: letters, and numbers that are no digits, such as ², Ⅷ, ½.
pub fn is_in_words(character: char) -> bool {
    is_letter(character) || !character.is_ascii() && is(character, NUMBER) && !is_digit(character)
}

/// Whether it is a letter, a number or an underscore.
pub fn is_in_names(character: char) -> bool {
    if character.is_ascii() {
        character.is_ascii_alphanumeric() || character == '_'
    } else {
        is_letter(character) || is(character, NUMBER)
    }
}

/// Whether it is white space. The separators of ASCII are, too.
pub fn is_space(character: char) -> bool {
    if character.is_ascii() {
        matches!(character, ' ' | '\t'..='\r' | '\x1c'..='\x1f')
    } else {
        is(character, SPACE)
    }
}

/// Whether it is white space on the same line.
pub fn is_blank(character: char) -> bool {
    character != '\n' && is_space(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_apostrophe_is_found_and_straight() {
        for apostrophe in APOSTROPHES.chars() {
            let text = format!("né{apostrophe}");
            assert_eq!(find_apostrophe(&text, 0), Some(3));
            assert_eq!(find_apostrophe(&text, text.len()), None);
            assert_eq!(straight(apostrophe), '\'');
        }
        assert_eq!(straight('"'), '"');
    }

    #[test]
    fn digits_are_no_part_of_words() {
        for (character, word, digit) in [
            ('a', true, false),
            ('é', true, false),
            ('中', true, false),
            ('5', false, true),
            ('٣', false, true),
            ('²', true, false),
            ('Ⅷ', true, false),
            ('_', false, false),
            ('\u{301}', false, false),
        ] {
            assert_eq!(is_in_words(character), word, "{character}");
            assert_eq!(is_digit(character), digit, "{character}");
        }
    }

    #[test]
    fn places_are_counted_in_characters() {
        assert_eq!(back("aéi", 4, 2), 1);
        assert_eq!(back("aéi", 4, 9), 0);
        assert_eq!(back("aéi", 0, 9), 0);
        assert_eq!(forward("aéi", 0, 2), 3);
        assert_eq!(forward("aéi", 1, 9), 4);
        assert_eq!(run_start("ab cd", 0, 5, is_letter), 3);
        assert_eq!(run_start("ab cd", 4, 5, is_letter), 4);
        assert_eq!(run_end("ab cd", 0, is_letter), 2);
    }
}
