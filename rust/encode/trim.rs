//! Takes the spaces at the ends of tokens out of their offsets, as Hugging Face's post-processors
//! do with `trim_offsets`.

use crate::byte_level;
use crate::vocab::Trim;

/// The text of a document, or the part of it that starts at `start`.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub text: &'t [u8],
    pub start: usize,
}

/// Trims the offsets of one token, whose text is given as in a file: in GPT-2's alphabet if its
/// bytes are written so. `first` if it is the first one of its document.
pub(super) fn trim(
    trims: &[Trim],
    token: &str,
    first: bool,
    source: Source,
    offsets: &mut (i64, i64),
) {
    let is_space =
        |character: &char| *character == byte_level::to_char(b' ') || character.is_whitespace();
    let leading = token.chars().take_while(is_space).count();
    let trailing = token.chars().rev().take_while(is_space).count();
    if leading + trailing == 0 {
        return;
    }
    for trim in trims {
        let is_first = first || offsets.0 == 0;
        let kept = is_first && trim.keeps_first && leading == 1;
        if leading > 0 && !kept {
            offsets.0 = source.forward(offsets.0, leading).min(offsets.1);
        }
        if trailing > 0 {
            offsets.1 = source.back(offsets.1, trailing).max(offsets.0);
        }
    }
}

impl Source<'_> {
    fn is_inside_character(self, at: usize) -> bool {
        self.text
            .get(at)
            .is_some_and(|byte| (0x80..0xC0).contains(byte))
    }

    /// So many characters after `at`.
    fn forward(self, at: i64, characters: usize) -> i64 {
        let mut at = (at as usize).saturating_sub(self.start);
        for _ in 0..characters {
            at += 1;
            while self.is_inside_character(at) {
                at += 1;
            }
        }
        (self.start + at) as i64
    }

    /// So many characters before `at`.
    fn back(self, at: i64, characters: usize) -> i64 {
        let mut at = (at as usize).saturating_sub(self.start);
        for _ in 0..characters {
            at = at.saturating_sub(1);
            while at > 0 && self.is_inside_character(at) {
                at -= 1;
            }
        }
        (self.start + at) as i64
    }
}
