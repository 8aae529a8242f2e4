//! Finds where a text can be cut before it is merged: between two characters, if no token contains
//! parts of both.
//!
//! Merging only ever makes tokens, so none of its merges crosses such a border, and those on one
//! side do not depend on the other side. In Chinese and Japanese text, whose pretokens are whole
//! clauses that never come again, most borders are such, and what is between them is short and
//! comes again.

use crate::vocab::Tokens;

/// What occurs inside some token. A hashed set of pairs says so of whole characters: one not in it
/// occurs in no token; one in it may merely collide with another, and then a possible cut is missed.
///
/// Of a character that a token holds in part only the byte next to the border is looked at. Few
/// tokens are like that, so where such a pair may be is looked up first, by the bytes at the border.
pub(crate) struct Cuts {
    bits: Vec<u64>,
    shift: u32,
    /// For each last byte on the left, which first bytes on the right, by their last six bits, it
    /// meets in a pair of which one side is a part of a character.
    parts: Box<[u64; 256]>,
}

/// How a pair looks from the border: whole characters, or the nearest byte.
#[derive(Clone, Copy)]
enum Side {
    Character(Character),
    Byte(u8),
}

impl Side {
    /// Different numbers for all sides: the bytes of a character as one number, or a byte above.
    #[inline(always)]
    fn number(self) -> u64 {
        match self {
            Side::Character(character) => u64::from(character.bytes),
            Side::Byte(byte) => u64::from(byte) | 1 << 32,
        }
    }

    fn first(self) -> u8 {
        match self {
            Side::Character(character) => character.first(),
            Side::Byte(byte) => byte,
        }
    }

    fn last(self) -> u8 {
        match self {
            Side::Character(character) => character.last(),
            Side::Byte(byte) => byte,
        }
    }
}

impl Cuts {
    /// Gathers what the tokens hold together.
    pub fn new(tokens: &Tokens) -> Self {
        let mut pairs = Vec::new();
        let mut parts = Box::new([0; 256]);
        for (_, token) in tokens.iter().filter(|(_, token)| !token.is_ascii()) {
            gather(token, |left, right| {
                if !matches!((left, right), (Side::Character(_), Side::Character(_))) {
                    parts[usize::from(left.last())] |= 1 << (right.first() % 64);
                }
                pairs.push(pair(left, right));
            });
        }
        pairs.sort_unstable();
        pairs.dedup();
        // At most one bit in 32 is set, so few cuts are lost to hash collisions.
        let words = (pairs.len() / 2).next_power_of_two().max(64);
        let mut cuts = Cuts {
            bits: vec![0; words],
            shift: 64 - (words * 64).trailing_zeros(),
            parts,
        };
        for pair in pairs {
            let (word, bit) = cuts.bit(pair);
            cuts.bits[word] |= bit;
        }
        cuts
    }

    #[inline(always)]
    fn bit(&self, pair: u64) -> (usize, u64) {
        let hash = pair.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let at = hash >> self.shift;
        ((at / 64) as usize, 1 << (at % 64))
    }

    #[inline(always)]
    fn has(&self, left: Side, right: Side) -> bool {
        let (word, bit) = self.bit(pair(left, right));
        self.bits[word] & bit != 0
    }

    /// Whether some token may hold the end of `left` and the beginning of `right`.
    #[inline(always)]
    fn join(&self, left: Character, right: Character) -> bool {
        let (last, first) = (left.last(), right.first());
        let whole = self.has(Side::Character(left), Side::Character(right));
        let in_part = self.parts[usize::from(last)] >> (first % 64) & 1 != 0;
        whole || in_part && self.join_in_part(left, right)
    }

    #[cold]
    fn join_in_part(&self, left: Character, right: Character) -> bool {
        let whole = (Side::Character(left), Side::Character(right));
        let part = (Side::Byte(left.last()), Side::Byte(right.first()));
        self.has(whole.0, part.1) || self.has(part.0, whole.1) || self.has(part.0, part.1)
    }

    /// Adds to `ends` where `text[start..end]` can be cut, and its end. `may(left, right)` says
    /// whether a place that no token lies over may be one.
    #[inline(always)]
    pub fn cut(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        ends: &mut Vec<usize>,
        may: impl Fn(&[u8], &[u8]) -> bool,
    ) {
        let next = |at| character(text, at).filter(|character| at + character.width <= end);
        let mut left = match next(start) {
            Some(first) => first,
            None => return ends.push(end),
        };
        let mut at = start + left.width;
        while at < end {
            let Some(right) = next(at) else {
                break;
            };
            // Most tokens are of ASCII, and were not gathered.
            let wide = (left.bytes | right.bytes) >= 0x80;
            if wide && !self.join(left, right) && may(&text[start..at], &text[at..end]) {
                ends.push(at);
            }
            at += right.width;
            left = right;
        }
        ends.push(end);
    }
}

fn pair(left: Side, right: Side) -> u64 {
    left.number().wrapping_mul(0xA24B_AED4_963E_E407) ^ right.number()
}

/// The bytes of a character.
#[derive(Clone, Copy)]
struct Character {
    /// As a number, the first one lowest.
    bytes: u32,
    width: usize,
}

impl Character {
    fn first(self) -> u8 {
        self.bytes as u8
    }

    #[inline(always)]
    fn last(self) -> u8 {
        (self.bytes >> (8 * (self.width - 1))) as u8
    }
}

/// How many bytes a character has, by the first five bits; 0 for a byte that continues one.
const WIDTHS: [usize; 32] = {
    let mut widths = [1; 32];
    let mut bits = 16;
    while bits < 32 {
        widths[bits] = match bits {
            16..24 => 0,
            24..28 => 2,
            28..30 => 3,
            _ => 4,
        };
        bits += 1;
    }
    widths
};

/// The bytes at `at` that look like a character: a leading byte and as many continuation bytes as
/// it announces. `None` if they do not.
#[inline(always)]
fn character(text: &[u8], at: usize) -> Option<Character> {
    let rest = &text[at..];
    let width = WIDTHS[usize::from(*rest.first()? >> 3)];
    if width == 0 {
        return None;
    }
    let bytes = match rest.first_chunk::<4>() {
        Some(bytes) => u32::from_le_bytes(*bytes) & (u32::MAX >> (32 - 8 * width)),
        None => {
            let mut bytes = [0; 4];
            bytes[..width].copy_from_slice(rest.get(..width)?);
            u32::from_le_bytes(bytes)
        }
    };
    const CONTINUES: u32 = 0x8080_8000;
    const MASK: u32 = 0xC0C0_C000;
    let mask = u32::MAX >> (32 - 8 * width);
    (bytes & MASK & mask == CONTINUES & mask).then_some(Character { bytes, width })
}

fn continues(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Gives `hold` what a token holds together at each border in it at which a character may begin.
fn gather(token: &[u8], mut hold: impl FnMut(Side, Side)) {
    for at in (1..token.len()).filter(|&at| !continues(token[at])) {
        let (before, after) = token.split_at(at);
        if token[at - 1].is_ascii() && after[0].is_ascii() {
            continue;
        }
        let first = before.iter().rposition(|&byte| !continues(byte));
        let left = match first.and_then(|first| whole(&before[first..])) {
            Some(character) => Side::Character(character),
            None => Side::Byte(before[at - 1]),
        };
        let right = match character(after, 0) {
            Some(character) => Side::Character(character),
            None => Side::Byte(after[0]),
        };
        hold(left, right);
    }
}

/// The character that these bytes are, if they are one.
fn whole(bytes: &[u8]) -> Option<Character> {
    character(bytes, 0).filter(|character| character.width == bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Bytes of characters of one to four bytes, and parts of them.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        const CHARACTERS: &[&str] = &["a", "é", "ß", "中", "丮", "亭", "😀", "😁"];
        let character = prop::sample::select(CHARACTERS).prop_map(|text| text.into());
        let byte = prop::sample::select(&b"\xC3\xA9\xE4\xB8\xAD\xBA\xF0\x9F\x98\xFF"[..]);
        prop_oneof![8 => character, 1 => byte.prop_map(|byte| vec![byte])]
    }

    fn text(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<u8>> {
        prop::collection::vec(bytes(), length).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn no_token_lies_over_a_cut(
            words in prop::collection::hash_set(text(1..4), 0..12),
            ends in prop::collection::vec((any::<u8>(), any::<u8>()), 12),
            text in text(1..30),
        ) {
            // Some tokens begin or end within a character.
            let part = |(word, (from, to)): (&Vec<u8>, &(u8, u8))| {
                let from = usize::from(*from) % 3 % word.len();
                word[from..word.len() - usize::from(*to) % 3 % (word.len() - from)].to_vec()
            };
            let mut list: Vec<Vec<u8>> = words.iter().zip(&ends).map(part).collect();
            list.sort();
            list.dedup();
            let tokens = Tokens::new((0..).zip(&list)).unwrap();
            let mut found = Vec::new();
            Cuts::new(&tokens).cut(&text, 0, text.len(), &mut found, |_, _| true);
            prop_assert_eq!(found.pop(), Some(text.len()));
            for cut in found {
                for token in &list {
                    let over = (1..token.len()).any(|before| {
                        cut.checked_sub(before)
                            .is_some_and(|start| text[start..].starts_with(token))
                    });
                    prop_assert!(!over, "{token:?} at {cut} in {text:?}");
                }
            }
        }
    }

    #[test]
    fn characters_that_no_token_joins_are_cut_apart() {
        let tokens = ["中", "中文", "文", "a中", "ab"];
        let tokens = Tokens::new((0..).zip(tokens)).unwrap();
        let cuts = Cuts::new(&tokens);
        let text = "文中文文abc中a中".as_bytes();
        let mut ends = Vec::new();
        cuts.cut(text, 0, text.len(), &mut ends, |_, _| true);
        // 文|中文|文|abc|中|a中
        assert_eq!(ends, [3, 9, 12, 15, 18, 22]);
        ends.clear();
        cuts.cut(text, 3, 9, &mut ends, |_, _| true);
        assert_eq!(ends, [9]);
        ends.clear();
        cuts.cut(b"\x80\x80", 0, 2, &mut ends, |_, _| true);
        assert_eq!(ends, [2]);
    }
}
