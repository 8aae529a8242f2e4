//! What messages quote of texts and explanations, however long these are.

/// The number of characters of a text that a message quotes.
const QUOTED: usize = 60;

/// The number of characters of an explanation in a message.
const EXPLAINED: usize = 400;

/// Quotes a text for a message; only its beginning, if it is long.
pub fn quote(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

/// Quotes bytes in the same manner.
pub fn quote_bytes(bytes: &[u8]) -> String {
    match bytes.get(..QUOTED) {
        Some(beginning) if bytes.len() > QUOTED => format!("\"{}\"…", beginning.escape_ascii()),
        _ => format!("\"{}\"", bytes.escape_ascii()),
    }
}

/// An explanation, cut if it is long: it may itself quote something.
pub fn brief(reason: &str) -> String {
    match reason.char_indices().nth(EXPLAINED) {
        None => reason.to_owned(),
        Some((end, _)) => format!("{}…", &reason[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(quote("a\n"), r#""a\n""#);
        assert_eq!(quote_bytes(&[b'a'; 61]), format!("\"{}\"…", "a".repeat(60)));
    }
}
