//! The pattern of BLOOM: words, and what stands between them.

use std::sync::LazyLock;

use super::super::text::Text;
use super::block::{Table, Window};
use super::window::{Rule, Starts, after, before};
use crate::unicode::{self, Classes};

/// The class of what is in a word.
const WORD: u8 = 1;
/// That of all other characters.
const OTHER: u8 = 1 << 1;

static CLASSES: LazyLock<Box<Classes>> = LazyLock::new(|| {
    let mut classes = Box::new([WORD; size_of::<Classes>()]);
    for (first, last) in unicode::ranges(r"[(\s|[.,!?…。，、।۔،])]") {
        classes[first as usize..=last as usize].fill(OTHER);
    }
    classes
});

/// The end of the pretoken at `at`: ` ?[^(\s|[.,!?…。，、।۔،])]+`, or what is before the next match.
#[inline(always)]
fn end(text: &Text, at: usize) -> usize {
    let is_word = |at| {
        let (code, _, width) = text.character(at);
        (width > 0).then_some((CLASSES[code as usize] == WORD, width))
    };
    let blank_before_word =
        |at| text.byte(at) == Some(b' ') && matches!(is_word(at + 1), Some((true, _)));
    let mut end = at + usize::from(blank_before_word(at));
    let in_word = matches!(is_word(end), Some((true, _)));
    while let Some((word, width)) = is_word(end)
        && word == in_word
        && (in_word || !blank_before_word(end))
    {
        end += width;
    }
    end
}

/// The pattern.
pub struct Bloom;

impl Rule for Bloom {
    const SPACE: u8 = 0;
    const JOINED: u8 = WORD;

    fn table() -> Table {
        Table {
            classes: &CLASSES,
            ascii: true,
            han: WORD,
            hangul: WORD,
        }
    }

    #[inline(always)]
    fn starts(window: &Window, _: &Text, _: usize) -> Starts {
        let (word, other) = (window.of(WORD), window.of(OTHER));
        let starts = word & !after(word | window.blank)
            | other & !after(other)
            | window.blank & before(word);
        Starts { starts, unclear: 0 }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end(text, at)
    }
}
