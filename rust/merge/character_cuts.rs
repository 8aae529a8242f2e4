//! Finds where a text of characters can be cut before it is merged: between two characters that
//! are side by side in no token that merging makes.
//!
//! No merge crosses such a border, as in [`crate::merge::cuts`]. Here a pretoken may be a whole
//! document, as in SentencePiece's vocabularies: cut, it is words and punctuation, most of which
//! come again. Which characters are side by side is listed exactly for ASCII and the meta symbol
//! (`▁`, a space), which are most of a text.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use crate::vocab::Tokens;

/// SentencePiece's meta symbol, which stands for a space, and its number among the frequent characters, after ASCII.
const SPACE: &[u8] = "\u{2581}".as_bytes();
const SPACE_NUMBER: usize = 128;
const FREQUENT: usize = 129;

/// Which characters are side by side in some token.
pub(crate) struct CharacterCuts {
    /// For each frequent character, a bit for every frequent one that comes after it.
    frequent: Box<[[u64; 3]; FREQUENT]>,
    /// Pairs of which one character is not frequent, as bytes.
    others: HashSet<(u32, u32), FixedState>,
}

/// A character: its bytes as a number, of which the first is the lowest, and how many they are.
#[derive(Clone, Copy)]
struct Character {
    bytes: u32,
    width: usize,
}

impl CharacterCuts {
    /// Gathers what these tokens hold together.
    pub fn new(tokens: &Tokens, is_made: impl Fn(u32) -> bool) -> Self {
        let mut cuts = CharacterCuts {
            frequent: Box::new([[0; 3]; FREQUENT]),
            others: HashSet::default(),
        };
        for (_, token) in tokens.iter().filter(|&(id, _)| is_made(id)) {
            let mut left = Character::at(token, 0);
            let mut at = left.width;
            while at < token.len() {
                let right = Character::at(token, at);
                cuts.join(left, right);
                at += right.width;
                left = right;
            }
        }
        cuts
    }

    fn join(&mut self, left: Character, right: Character) {
        match (left.number(), right.number()) {
            (Some(left), Some(right)) => {
                self.frequent[left][right / 64] |= 1 << (right % 64);
            }
            _ => drop(self.others.insert((left.bytes, right.bytes))),
        }
    }

    #[inline(always)]
    fn are_joined(&self, left: Character, right: Character) -> bool {
        match (left.number(), right.number()) {
            (Some(left), Some(right)) => self.frequent[left][right / 64] >> (right % 64) & 1 != 0,
            _ => self.others.contains(&(left.bytes, right.bytes)),
        }
    }

    /// Adds to `ends` where `text[start..end]`, which begins where a text begins or can be cut,
    /// can be cut, and its end; at most `most`. Returns the last of them. `may(left, right)` says
    /// whether a place that no token lies over may be one.
    #[inline]
    pub fn cut(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        ends: &mut Vec<usize>,
        most: usize,
        may: impl Fn(&[u8], &[u8]) -> bool,
    ) -> usize {
        let text = &text[..end];
        let most = ends.len() + most;
        let mut left = Character::at(text, start);
        let mut at = start + left.width;
        while at < end {
            let right = Character::at(text, at);
            if !self.are_joined(left, right) && may(&text[start..at], &text[at..]) {
                ends.push(at);
                if ends.len() == most {
                    return at;
                }
            }
            at += right.width;
            left = right;
        }
        ends.push(end);
        end
    }
}

impl Character {
    /// The one at `at`, or what begins like one: as many bytes as its first byte announces, or
    /// as there are.
    #[inline(always)]
    fn at(text: &[u8], at: usize) -> Self {
        let first = text[at];
        if first < 0x80 {
            return Character {
                bytes: u32::from(first),
                width: 1,
            };
        }
        let width = match first {
            ..0xC0 => 1,
            0xC0..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0.. => 4,
        };
        let rest = &text[at..];
        // Bytes that do not continue it are no part of it.
        let width = 1 + rest[1..width.min(rest.len())]
            .iter()
            .take_while(|&&byte| byte & 0xC0 == 0x80)
            .count();
        let mut bytes = [0; 4];
        bytes[..width].copy_from_slice(&rest[..width]);
        Character {
            bytes: u32::from_le_bytes(bytes),
            width,
        }
    }

    #[inline(always)]
    fn number(self) -> Option<usize> {
        const SPACE_BYTES: u32 = u32::from_le_bytes([SPACE[0], SPACE[1], SPACE[2], 0]);
        match self.bytes {
            ascii @ ..0x80 => Some(ascii as usize),
            SPACE_BYTES => Some(SPACE_NUMBER),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cut(cuts: &CharacterCuts, text: &[u8], start: usize, most: usize) -> Vec<usize> {
        let mut ends = Vec::new();
        let mut at = start;
        while at < text.len() {
            let before = ends.len();
            at = cuts.cut(text, at, text.len(), &mut ends, most, |_, _| true);
            assert!((1..=most).contains(&(ends.len() - before)));
            assert_eq!(ends.last(), Some(&at));
        }
        ends
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn a_text_is_cut_where_no_token_joins_its_neighbours(
            words in prop::collection::hash_set("[ab1,\u{2581}é中😀\0]{1,4}", 0..12),
            text in "[ab1,\u{2581}é中😀\0]{1,30}",
            most in 1..5_usize,
        ) {
            let list: Vec<&String> = words.iter().collect();
            let tokens = Tokens::new((0..).zip(&list)).unwrap();
            let is_made = |id: u32| !id.is_multiple_of(3);
            let cuts = CharacterCuts::new(&tokens, is_made);
            let joined = |at: usize| {
                let before = text[..at].chars().next_back().unwrap();
                let pair = [before, text[at..].chars().next().unwrap()];
                let pair: String = pair.iter().collect();
                (0..).zip(&list).any(|(id, word)| is_made(id) && word.contains(&pair))
            };
            let borders = text.char_indices().map(|(at, _)| at).skip(1);
            let mut expected: Vec<usize> = borders.filter(|&at| !joined(at)).collect();
            expected.push(text.len());
            prop_assert_eq!(cut(&cuts, text.as_bytes(), 0, usize::MAX), expected.clone());
            prop_assert_eq!(cut(&cuts, text.as_bytes(), 0, most), expected);
        }

        #[test]
        fn bytes_that_are_no_text_do_not_hide_characters(
            bytes in prop::collection::vec(
                prop::sample::select(&b"ab\xE2\x96\x81\xC3\xA9\xF0\x9F\x98\xFF"[..]),
                1..20,
            ),
        ) {
            let tokens = Tokens::new((0..).zip(["aé", "éa", "a\u{2581}", "\u{2581}b"])).unwrap();
            let cuts = CharacterCuts::new(&tokens, |_| true);
            for end in cut(&cuts, &bytes, 0, usize::MAX) {
                // No character lies over a cut.
                let lies_over = |start: usize| (end + 1..=bytes.len().min(start + 4))
                    .any(|stop| str::from_utf8(&bytes[start..stop])
                        .is_ok_and(|text| text.chars().count() == 1));
                prop_assert!(!(end.saturating_sub(3)..end).any(lies_over));
            }
        }
    }

    #[test]
    fn words_and_punctuation_are_cut_apart() {
        let tokens = ["\u{2581}the", "the", "\u{2581}\u{2581}", "..", "中文"];
        let cuts = CharacterCuts::new(&Tokens::new((0..).zip(tokens)).unwrap(), |_| true);
        let text = "\u{2581}the\u{2581}\u{2581}the..中文the中".as_bytes();
        let parts: Vec<&str> = cut(&cuts, text, 0, usize::MAX)
            .into_iter()
            .scan(0, |start, end| {
                let part = &text[*start..end];
                *start = end;
                Some(str::from_utf8(part).unwrap())
            })
            .collect();
        let expected = [
            "\u{2581}the",
            "\u{2581}\u{2581}the",
            "..",
            "中文",
            "the",
            "中",
        ];
        assert_eq!(parts, expected);
    }
}
