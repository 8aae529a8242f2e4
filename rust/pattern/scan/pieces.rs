//! The patterns of DeepSeek-Coder and DeepSeek-V2: splits one after another, of which each takes runs
//! of one class, with white space before them. Where a pretoken starts, the characters next to it
//! tell.

use std::sync::LazyLock;

use super::super::named::DEEPSEEK_V2_WORDS;
use super::super::text::Text;
use super::block::{Table, Window};
use super::window::{Rule, Starts, after, before, runs_to};
use crate::unicode::{self, Classes};

/// What the second split takes: `\s?[…]+`.
const WORD: u8 = 1;
/// What the third split takes: `\s?[…]+`.
const SIGN: u8 = 1 << 1;
/// `[一-龥ࠀ-一가-퟿]`
const EAST: u8 = 1 << 2;
/// `\p{N}`
const NUMBER: u8 = 1 << 3;
/// `[\s--[\r\n]]`
const SPACE: u8 = 1 << 4;
/// `[\r\n]`
const BREAK: u8 = 1 << 5;

/// Which of the two patterns.
pub trait Kind {
    /// Whether white space at the end of a piece is split off: `\s+$`.
    const TRAILING: bool;
    /// Whether the class of an ideograph is in that of words.
    const HAN_IS_WORD: bool;
    const WORDS: &'static str;
    const SIGNS: &'static str;

    fn classes() -> &'static Classes;
}

/// DeepSeek-Coder.
pub struct Coder;

impl Kind for Coder {
    const TRAILING: bool = false;
    const HAN_IS_WORD: bool = true;
    const WORDS: &'static str = r"\p{L}";
    const SIGNS: &'static str = r"\p{P}";

    fn classes() -> &'static Classes {
        static CLASSES: LazyLock<Box<Classes>> = LazyLock::new(of_kind::<Coder>);
        &CLASSES
    }
}

/// DeepSeek-V2.
pub struct V2;

impl Kind for V2 {
    const TRAILING: bool = true;
    const HAN_IS_WORD: bool = false;
    const WORDS: &'static str = DEEPSEEK_V2_WORDS;
    const SIGNS: &'static str = "[!-/:-~！-／：-～‘-‟　-。]";

    fn classes() -> &'static Classes {
        static CLASSES: LazyLock<Box<Classes>> = LazyLock::new(of_kind::<V2>);
        &CLASSES
    }
}

fn of_kind<K: Kind>() -> Box<Classes> {
    let mut classes = Box::new([0; size_of::<Classes>()]);
    for (regex, class) in [
        (K::WORDS, WORD),
        (K::SIGNS, SIGN),
        ("[一-龥ࠀ-一가-퟿]", EAST),
        (r"\p{N}", NUMBER),
        (r"[\s--[\r\n]]", SPACE),
        (r"[\r\n]", BREAK),
    ] {
        for (first, last) in unicode::ranges(regex) {
            for known in &mut classes[first as usize..=last as usize] {
                *known |= class;
            }
        }
    }
    classes
}

/// The end of the pretoken at `at`.
#[inline(always)]
fn end<K: Kind>(text: &Text, at: usize) -> usize {
    let classes = K::classes();
    let class = |at| {
        let (code, _, width) = text.character(at);
        (
            if width == 0 {
                BREAK
            } else {
                classes[code as usize]
            },
            width,
        )
    };
    let (mut before, mut width) = class(at);
    let mut end = at;
    loop {
        end += width;
        let here;
        (here, width) = class(end);
        let next = following(&class, end + width);
        if width == 0 || divides(before, here, next) || (before ^ here) & EAST != 0 {
            return end;
        }
        if (before | here) & NUMBER != 0 {
            return end;
        }
        if K::TRAILING && here & SPACE != 0 && before & SPACE == 0 && is_trailing(&class, end) {
            return end;
        }
        before = here;
    }
}

/// The classes of the two characters at `at`.
#[inline(always)]
fn following(class: &impl Fn(usize) -> (u8, usize), at: usize) -> [u8; 2] {
    let (first, width) = class(at);
    [first, class(at + width).0]
}

/// Whether the first three splits divide between two characters, given the two after them.
#[inline(always)]
fn divides(before: u8, here: u8, [next, second]: [u8; 2]) -> bool {
    let by = |class: u8, next: u8| {
        if here & class != 0 {
            before & (class | SPACE) == 0
        } else {
            before & class != 0 || here & SPACE != 0 && next & class != 0
        }
    };
    // White space that counts as a sign is none if it goes with a word.
    let goes_with_word = next & SPACE != 0 && second & WORD != 0;
    (before | here) & BREAK != 0
        || by(WORD, next)
        || by(SIGN, if goes_with_word { 0 } else { next })
}

/// Whether the white space at `at` goes on to the end of a piece that the first three splits leave.
#[inline(always)]
fn is_trailing(class: &impl Fn(usize) -> (u8, usize), mut at: usize) -> bool {
    loop {
        let (here, width) = class(at);
        at += width;
        let (next, next_width) = class(at);
        if divides(here, next, following(class, at + next_width)) {
            return true;
        }
        if next & SPACE == 0 {
            return false;
        }
    }
}

/// The pattern. With `TRAILING`, a window leaves white space that counts as a sign to [`end`].
pub struct Pieces<K>(std::marker::PhantomData<K>);

impl<K: Kind> Rule for Pieces<K> {
    const SPACE: u8 = SPACE;
    const JOINED: u8 = WORD | EAST;

    fn table() -> Table {
        let letter = if K::HAN_IS_WORD { WORD | EAST } else { EAST };
        Table {
            classes: K::classes(),
            ascii: true,
            han: letter,
            hangul: letter,
        }
    }

    #[inline(always)]
    fn starts(window: &Window, _: &Text, _: usize) -> Starts {
        let [word, sign, east, number, space, line_break] =
            [WORD, SIGN, EAST, NUMBER, SPACE, BREAK].map(|class| window.of(class));
        let first = window.valid & !window.continuation;
        let by = |class: u64| {
            class & !after(class | space)
                | after(class) & !class
                | window.first_bytes(space & !class & before(class))
        };
        let mut starts = by(word) | by(sign);
        starts |= (east ^ after(east)) | number | after(number) | line_break | after(line_break);
        let mut unclear = 0;
        if K::TRAILING {
            let trailing = space & before(word | sign | line_break);
            starts |= runs_to(trailing, space) & !after(space);
            unclear = runs_to(space & sign, space);
        }
        Starts {
            starts: starts & first,
            unclear,
        }
    }

    #[inline(always)]
    fn end(text: &Text, at: usize) -> usize {
        end::<K>(text, at)
    }
}
