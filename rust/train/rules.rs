//! Which tokens may be made. Each pair is judged once, when it comes up.
//!
//! All rules look at the bytes of the token that a pair would make, and at nothing else. So a
//! pair that is ruled out stays so, and learning remains the same as if all pairs were counted
//! again for each merge.

use std::cell::RefCell;
use std::collections::HashSet;

use super::pair_queue::Pair;

/// What tokens may be made. The default rules nothing out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The longest token, in bytes; at least 1.
    pub max_token_bytes: Option<usize>,
    /// The longest token, in characters; at least 1. A character counts even if the token has
    /// only some of its bytes.
    pub max_token_chars: Option<usize>,
    /// The most words in a token: parts of it with single white space between them.
    pub max_words: Option<usize>,
    /// A token is whole characters, or a part of one.
    pub whole_characters: bool,
    /// Tokens that must not be made.
    pub blocked: HashSet<Vec<u8>>,
    /// The only tokens that may be made.
    pub allowed: Option<HashSet<Vec<u8>>>,
}

impl Rules {
    /// Whether the length in bytes alone decides.
    pub fn are_plain(&self) -> bool {
        let plain = Rules {
            max_token_bytes: self.max_token_bytes,
            ..Rules::default()
        };
        *self == plain
    }

    /// Whether a token of these bytes may be made.
    pub fn allow(&self, token: &[u8]) -> bool {
        self.max_token_bytes.is_none_or(|most| token.len() <= most)
            && self
                .max_token_chars
                .is_none_or(|most| characters(token) <= most)
            && self.max_words.is_none_or(|most| words(token) <= most)
            && (!self.whole_characters || is_whole(token) || is_part(token))
            && !self.blocked.contains(token)
            && self.allowed.as_ref().is_none_or(|all| all.contains(token))
    }
}

/// The number of characters that a token has bytes of.
fn characters(token: &[u8]) -> usize {
    let starts = token.iter().filter(|&&byte| !continues(byte)).count();
    starts + usize::from(token.first().is_some_and(|&byte| continues(byte)))
}

/// The number of words that a token has bytes of. A space at either end of it divides nothing.
fn words(token: &[u8]) -> usize {
    let divides = |around: &[u8]| {
        around[1] == b' ' && !around[0].is_ascii_whitespace() && !around[2].is_ascii_whitespace()
    };
    1 + token.windows(3).filter(|around| divides(around)).count()
}

fn is_whole(token: &[u8]) -> bool {
    str::from_utf8(token).is_ok()
}

/// Whether the bytes are some of a character, but not all.
fn is_part(token: &[u8]) -> bool {
    if token.len() <= 3 && token.iter().all(|&byte| continues(byte)) {
        return true;
    }
    // For the start of a character, the end comes too early, and nothing is wrong before it.
    let wrong = str::from_utf8(token).err();
    wrong.is_some_and(|error| error.valid_up_to() == 0 && error.error_len().is_none())
}

fn continues(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// Judges pairs by the rules, and knows of the tokens so far what that takes.
pub(super) struct Judge<'a> {
    rules: &'a Rules,
    longest: usize,
    /// Whether every token may be made.
    anything: bool,
    /// The length in bytes of each token, by id.
    lengths: Vec<usize>,
    /// Their sum.
    bytes: usize,
    /// The tokens themselves, if more than their lengths matters.
    tokens: Option<Vec<Vec<u8>>>,
    /// The token that a pair would make.
    made: RefCell<Vec<u8>>,
}

impl<'a> Judge<'a> {
    /// For training that starts with these tokens.
    pub(super) fn new(rules: &'a Rules, tokens: &[Vec<u8>]) -> Self {
        Judge {
            rules,
            longest: rules.max_token_bytes.unwrap_or(usize::MAX),
            anything: *rules == Rules::default(),
            lengths: tokens.iter().map(Vec::len).collect(),
            bytes: tokens.iter().map(Vec::len).sum(),
            tokens: (!rules.are_plain()).then(|| tokens.to_vec()),
            made: RefCell::default(),
        }
    }

    /// The number of tokens.
    pub(super) fn len(&self) -> usize {
        self.lengths.len()
    }

    /// The sum of their lengths in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds the token that a pair makes.
    pub(super) fn push(&mut self, (left, right): Pair) {
        let (left, right) = (left as usize, right as usize);
        let length = self.lengths[left] + self.lengths[right];
        self.lengths.push(length);
        self.bytes += length;
        if let Some(tokens) = &mut self.tokens {
            tokens.push([&tokens[left][..], &tokens[right]].concat());
        }
    }

    /// Whether a pair may be merged at all.
    #[inline]
    pub(super) fn allows(&self, (left, right): Pair) -> bool {
        if self.anything {
            return true;
        }
        let (left, right) = (left as usize, right as usize);
        self.lengths[left] + self.lengths[right] <= self.longest
            && self.tokens.as_ref().is_none_or(|tokens| {
                let mut made = self.made.borrow_mut();
                made.clear();
                made.extend_from_slice(&tokens[left]);
                made.extend_from_slice(&tokens[right]);
                self.rules.allow(&made)
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: looks at every character.
    fn is_part_of_some_character(token: &[u8]) -> bool {
        let mut buffer = [0; 4];
        ('\0'..=char::MAX).any(|char| {
            let text = char.encode_utf8(&mut buffer).as_bytes();
            text.len() > token.len() && text.windows(token.len()).any(|part| part == token)
        })
    }

    #[test]
    fn parts_of_characters_are_known_as_such() {
        let tokens: [&[u8]; 19] = [
            b"\xC3",
            b"\xE4\xB8",
            b"\xB8\xAD",
            b"\xF0\x9F\x98",
            b"\x9F\x98\x80",
            b"\x80",
            b"\xC0",
            b"\xF5",
            b"\xE0\x80",
            b"\xED\xA0",
            b"\xF4\x90",
            b"\x80\x80\x80\x80",
            b"\xAD\xE4",
            b"a\xC3",
            b"\xC3a",
            b"\xA9a",
            b"\xFF\x80",
            b"a",
            b"\xC3\xA9",
        ];
        for token in tokens {
            assert_eq!(
                is_part(token),
                is_part_of_some_character(token),
                "{token:?}"
            );
        }
    }

    #[test]
    fn words_are_divided_by_single_spaces() {
        let counts = [
            &b" a"[..],
            b"a ",
            b"a b",
            b" of the",
            b" of the ",
            b"    ",
            b"a  b",
            b" a\n b",
        ];
        assert_eq!(counts.map(words), [1, 1, 2, 2, 2, 1, 1, 1]);
    }

    #[test]
    fn characters_count_if_a_token_has_some_of_their_bytes() {
        let counts = [
            &b"a"[..],
            b"\xC3\xA9",
            b"\xA9",
            b"\xA9\x80a",
            b"\xE4\xB8",
            b" \xE4",
        ]
        .map(characters);
        assert_eq!(counts, [1, 1, 1, 2, 1, 2]);
    }
}
