//! Divides bytes into valid UTF-8 and invalid bytes.

use std::str;

/// The beginning of a text: valid UTF-8, which may be empty, and then invalid bytes.
pub struct Chunk<'t> {
    pub valid: &'t str,
    /// The number of bytes after it that belong to no character, up to the next character
    /// or the end of the text. (The chunks of `std` end after each invalid sequence.)
    pub invalid: usize,
    /// Whether bytes after the end of the text could make the valid part longer.
    pub open: bool,
}

/// The first chunk of `text`.
pub fn first_chunk(text: &[u8]) -> Chunk<'_> {
    let error = match simdutf8::compat::from_utf8(text) {
        Ok(valid) => {
            return Chunk {
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
    Chunk {
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
