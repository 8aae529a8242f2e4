//! Divides bytes into valid UTF-8 and the rest.

use std::str;

/// How a text begins: valid UTF-8, which may be empty, and then bytes that are not.
pub struct Stretch<'t> {
    /// The valid part.
    pub valid: &'t str,
    /// How many bytes that belong to no character follow it, up to a character or the
    /// end of the text.
    pub invalid: usize,
    /// Whether bytes after the end of the text could make the valid part longer.
    pub open: bool,
}

/// The stretch at the beginning of `text`.
pub fn stretch(text: &[u8]) -> Stretch<'_> {
    let error = match simdutf8::compat::from_utf8(text) {
        Ok(valid) => {
            return Stretch {
                valid,
                invalid: 0,
                open: true,
            };
        }
        Err(error) => error,
    };
    let start = error.valid_up_to();
    let valid = str::from_utf8(&text[..start]).expect("the error is further on");
    let mut end = start;
    loop {
        // No character is longer than four bytes.
        let window = &text[end..text.len().min(end + 4)];
        match str::from_utf8(window) {
            Err(error) if error.valid_up_to() == 0 => {
                end += error.error_len().unwrap_or(window.len());
            }
            _ => break,
        }
    }
    Stretch {
        valid,
        invalid: end - start,
        open: error.error_len().is_none(),
    }
}

/// The character that ends at `at`, if one does.
pub fn character_before(text: &[u8], at: usize) -> Option<char> {
    let window = &text[at.saturating_sub(4)..at];
    let start = window.iter().rposition(|&byte| !is_continuation(byte))?;
    let mut characters = str::from_utf8(&window[start..]).ok()?.chars();
    characters.next()
}

/// The character that starts at `at`, if one does.
pub fn character_at(text: &[u8], at: usize) -> Option<char> {
    let window = &text[at..text.len().min(at + 4)];
    let length = 1 + window
        .iter()
        .skip(1)
        .take_while(|&&byte| is_continuation(byte))
        .count();
    str::from_utf8(window.get(..length)?).ok()?.chars().next()
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}
