//! GPT-2's alphabet: one printable character for each byte.
//!
//! Hugging Face files hold tokens in these characters, since JSON cannot hold bytes.
//! A byte whose Latin-1 character is visible stands for itself; the others, in
//! ascending order, are the characters from U+0100 on.

/// The bytes in order of their characters. GPT-2 and Hugging Face's trainer number
/// the single-byte tokens in this order.
pub const GPT2_ORDER: [u8; 256] = order();

/// Characters from U+0100 on stand for this many bytes.
const SHIFTED: usize = 68;

const CHARS: [char; 256] = chars();
const BYTES: [Option<u8>; 256 + SHIFTED] = bytes();

const fn is_visible(byte: u8) -> bool {
    matches!(byte, b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF)
}

const fn order() -> [u8; 256] {
    let mut order = [0; 256];
    let mut next = 0;
    let mut pass = 0;
    while pass < 2 {
        let mut byte = 0;
        while byte < 256 {
            if is_visible(byte as u8) == (pass == 0) {
                order[next] = byte as u8;
                next += 1;
            }
            byte += 1;
        }
        pass += 1;
    }
    order
}

const fn chars() -> [char; 256] {
    let mut chars = ['\0'; 256];
    let mut position = 0;
    while position < 256 {
        let byte = GPT2_ORDER[position];
        chars[byte as usize] = if position < 256 - SHIFTED {
            byte as char
        } else {
            match char::from_u32((position + SHIFTED) as u32) {
                Some(character) => character,
                None => unreachable!(),
            }
        };
        position += 1;
    }
    chars
}

const fn bytes() -> [Option<u8>; 256 + SHIFTED] {
    let mut bytes = [None; 256 + SHIFTED];
    let mut byte = 0;
    while byte < 256 {
        bytes[CHARS[byte] as usize] = Some(byte as u8);
        byte += 1;
    }
    bytes
}

/// The character that stands for `byte`.
pub fn to_char(byte: u8) -> char {
    CHARS[byte as usize]
}

/// The byte that `character` stands for, if any.
pub fn to_byte(character: char) -> Option<u8> {
    BYTES.get(character as usize).copied().flatten()
}

/// Writes bytes in the alphabet.
pub fn encode(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| to_char(byte)).collect()
}

/// The inverse of [`encode`]. Fails with the first character that stands for no byte.
pub fn decode(text: &str) -> Result<Vec<u8>, char> {
    text.chars()
        .map(|character| to_byte(character).ok_or(character))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_characters() {
        for (byte, character) in [
            (b' ', '\u{120}'),
            (b'\n', '\u{10A}'),
            (b'\t', '\u{109}'),
            (0, '\u{100}'),
            (0x7F, '\u{121}'),
            (0xA0, '\u{142}'),
            (0xAD, '\u{143}'),
            (b'A', 'A'),
            (0xFF, '\u{FF}'),
        ] {
            assert_eq!(to_char(byte), character, "{byte:#x}");
        }
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(&encode(&all)), Ok(all));
    }

    #[test]
    fn other_characters_stand_for_nothing() {
        let count = (char::MIN..=char::MAX)
            .filter(|&c| to_byte(c).is_some())
            .count();
        assert_eq!(count, 256);
        assert_eq!(decode("a b"), Err(' '));
    }

    #[test]
    fn the_order_is_that_of_the_characters() {
        assert!(GPT2_ORDER.is_sorted_by_key(|&byte| to_char(byte)));
        assert_eq!(GPT2_ORDER[0], b'!');
        assert_eq!(GPT2_ORDER[220], b' ');
    }
}
