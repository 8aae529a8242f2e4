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

/// How many bytes are looked at first for an invalid one. In bytes that are no text there is one
/// every few bytes.
const NEAR: usize = 16;

/// The first chunk of `text`.
pub fn first_chunk(text: &[u8]) -> Chunk<'_> {
    let near = &text[..text.len().min(NEAR)];
    if let Some(chunk) = near.utf8_chunks().next()
        && let (valid, 1..) = (chunk.valid(), chunk.invalid().len())
        && let end = valid.len() + chunk.invalid().len()
        && end < near.len()
    {
        return Chunk {
            valid,
            invalid: invalid_end(text, end) - valid.len(),
            open: false,
        };
    }
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
    Chunk {
        valid: str::from_utf8(&text[..start]).expect("the error is further on"),
        invalid: invalid_end(text, start) - start,
        open: error.error_len().is_none(),
    }
}

/// Where the bytes from `at` on that belong to no character end.
fn invalid_end(text: &[u8], mut at: usize) -> usize {
    loop {
        // No character is longer than four bytes.
        let window = &text[at..text.len().min(at + 4)];
        match *window {
            [first, ..] if first.is_ascii() => return at,
            // A byte that begins no character, or the beginning of one that does not go on.
            [first, second, ..] if is_continuation(first) || !is_continuation(second) => at += 1,
            _ => match str::from_utf8(window) {
                Err(error) if error.valid_up_to() == 0 => {
                    at += error.error_len().unwrap_or(window.len());
                }
                _ => return at,
            },
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The first chunk by those of the standard library.
    fn expected(text: &[u8]) -> (usize, usize) {
        let mut chunks = text.utf8_chunks();
        let first = chunks
            .next()
            .map(|chunk| (chunk.valid().len(), chunk.invalid().len()));
        let (valid, invalid) = first.unwrap_or_default();
        let more =
            chunks.map_while(|chunk| chunk.valid().is_empty().then(|| chunk.invalid().len()));
        (valid, invalid + more.sum::<usize>())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn chunks_end_where_the_next_character_begins(
            parts in prop::collection::vec(
                prop_oneof![
                    Just("é中😀".as_bytes().to_vec()),
                    "[a-z]{1,20}".prop_map(String::into_bytes),
                    prop::collection::vec(prop::sample::select(&b"a\x80\xBF\xC0\xC3\xE4\xB8\xED\xA0\xF0\x9F\xF4\xF8\xFF"[..]), 1..6),
                ],
                0..6,
            ),
        ) {
            let text = parts.concat();
            let Chunk { valid, invalid, open } = first_chunk(&text);
            prop_assert_eq!((valid.len(), invalid), expected(&text));
            prop_assert_eq!(valid.as_bytes(), &text[..valid.len()]);
            // Open if some character would go on there.
            let goes_on = ["", "\u{80}", "\u{800}", "\u{10000}"].iter().any(|more| {
                more.bytes().skip(1).scan(text.clone(), |text, byte| {
                    text.push(byte);
                    Some(expected(text).0)
                }).any(|longer| longer > valid.len())
            });
            prop_assert!(open || !goes_on, "{:?}", text.escape_ascii().to_string());
            prop_assert!(!open || valid.len() + 4 > text.len());
        }
    }
}
