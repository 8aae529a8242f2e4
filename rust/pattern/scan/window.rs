//! Finds many pretokens at once: bytes are classified 64 at a time into sets of positions, and where
//! pretokens start follows from the sets by a few operations on whole words.
//!
//! A window of the sets begins where a pretoken starts, so nothing has to be known of the text before
//! it. What depends on text after it is left to the next window, which begins at the last start that
//! is certain. Where there is none, and at the end of the text, the character-by-character scanner
//! finds the next pretoken.

use std::marker::PhantomData;

use super::block::{Table, WIDTH, Window};
use super::bytes::{Bytes, Job};
use crate::pattern::text::Text;
use crate::unicode::{self, LOWER, SPACE, UNCASED};

/// Where pretokens start, as far as a window shows.
pub struct Starts {
    /// Positions where a pretoken starts.
    pub starts: u64,
    /// Positions that sets alone cannot decide. Starts before the first of them are correct.
    pub unclear: u64,
}

/// A pattern whose pretokens can be told from sets.
pub trait Rule {
    /// White space that is divided as a run.
    const SPACE: u8 = SPACE;
    /// In a pretoken that goes on beyond a character of these classes, what follows is divided as
    /// if the pretoken began with that character.
    const JOINED: u8 = LOWER | UNCASED;

    /// The classes of characters.
    fn table() -> Table {
        Table {
            classes: unicode::classes(),
            ascii: false,
            han: UNCASED,
            hangul: UNCASED,
        }
    }

    /// Where pretokens start in a window that begins with a pretoken, at `at` in `text`.
    fn starts(window: &Window, text: &Text, at: usize) -> Starts;

    /// The end of the pretoken at `at`.
    fn end(text: &Text, at: usize) -> usize;
}

/// How many bytes a window is worth its work for.
const SHORTEST: usize = 8;

/// Appends the ends of the pretokens of `text` from `at` on, at least `limit` of them if there are
/// as many, and less than [`WIDTH`] more. Gives where the last one ends.
pub struct Scan<'s, 't, R> {
    pub text: &'s Text<'t>,
    pub at: usize,
    pub limit: usize,
    pub ends: &'s mut Vec<usize>,
    pub rule: PhantomData<R>,
}

impl<R: Rule> Job for Scan<'_, '_, R> {
    #[inline(always)]
    fn run<C: Bytes>(self) -> usize {
        let Scan {
            text,
            mut at,
            limit,
            ends,
            ..
        } = self;
        let enough = ends.len() + limit;
        let table = R::table();
        // Where the next window begins: at `at`, or in the pretoken that begins there.
        let mut from = at;
        while ends.len() < enough && at < text.len() {
            if let Some(window) = window::<C>(text, from, &table) {
                let found = R::starts(&window, text, from);
                let starts = found.certain::<R>(&window);
                if starts != 0 {
                    push_all(starts, from, ends);
                    from += starts.ilog2() as usize;
                    at = from;
                    continue;
                }
                // A run of letters that fills a window goes on in the next one.
                let last = window.last();
                if last > 0 && found.unclear == 0 && is_joined::<R>(text, from + last, &table) {
                    from += last;
                    continue;
                }
            }
            at = R::end(text, at);
            ends.push(at);
            from = at;
        }
        at
    }
}

/// Appends the positions of a set, counted from `at`.
#[inline(always)]
fn push_all(mut set: u64, at: usize, ends: &mut Vec<usize>) {
    // Writes eight at a time, so the last few may be surplus: the processor predicts the number
    // of rounds more easily than the exact count.
    let length = ends.len() + set.count_ones() as usize;
    while ends.len() < length {
        let positions: [usize; 8] = std::array::from_fn(|_| {
            let position = at + set.trailing_zeros() as usize;
            set &= set.wrapping_sub(1);
            position
        });
        ends.extend_from_slice(&positions);
    }
    ends.truncate(length);
}

/// The window that begins at `at`; none if it would be nearly empty.
#[inline(always)]
fn window<C: Bytes>(text: &Text, at: usize, table: &Table) -> Option<Window> {
    let rest = &text.as_str().as_bytes()[at..];
    match rest.first_chunk() {
        Some(bytes) => Some(Window::classify::<C>(bytes, WIDTH, table)),
        None if rest.len() < SHORTEST => None,
        None => {
            let mut bytes = [0; WIDTH];
            bytes[..rest.len()].copy_from_slice(rest);
            Some(Window::classify::<C>(&bytes, rest.len(), table))
        }
    }
}

impl Starts {
    /// The starts after the first position that are certain whatever follows the window.
    #[inline(always)]
    fn certain<R: Rule>(&self, window: &Window) -> u64 {
        let ink = window.valid & !(window.of(R::SPACE) | window.line_break);
        // How a run of white space is divided depends on the whole run, so a run that reaches the
        // end of the window is left undivided. Only its start is certain.
        let end = ink.checked_ilog2().map_or(0, |last| last + 1);
        let known = u64::MAX >> (WIDTH as u32 - 1 - end.min(WIDTH as u32 - 1));
        let clear = !self.unclear & self.unclear.wrapping_sub(1);
        self.starts & window.valid & known & clear & !1
    }
}

/// Whether the character at `at` is of [`Rule::JOINED`], and not white space, which is divided as a
/// run.
#[cold]
fn is_joined<R: Rule>(text: &Text, at: usize, table: &Table) -> bool {
    let (code, _, width) = text.character(at);
    let class = table.classes[code as usize];
    width > 0 && class & R::JOINED != 0 && class & R::SPACE == 0
}

/// Positions directly after one in `set`.
#[inline(always)]
pub fn after(set: u64) -> u64 {
    set << 1
}

/// Positions directly before one in `set`.
#[inline(always)]
pub fn before(set: u64) -> u64 {
    set >> 1
}

/// Of the runs of a set, what begins at the positions `from`, which are in it.
#[inline(always)]
pub fn runs_from(from: u64, set: u64) -> u64 {
    set & (set ^ set.wrapping_add(from))
}

/// Of the runs of a set, what ends at the positions `to`, which are in it.
#[inline(always)]
pub fn runs_to(to: u64, set: u64) -> u64 {
    let (mut runs, mut set) = (to, set);
    for by in [1, 2, 4, 8, 16, 32] {
        runs |= runs >> by & set;
        set &= set >> by;
    }
    runs
}

/// Every third position of the runs of a set, from their beginnings on.
#[inline(always)]
pub fn thirds(set: u64) -> u64 {
    let mut next = set & !after(set);
    let mut starts = 0;
    let three = set & set << 1 & set << 2;
    while next != 0 {
        starts |= next;
        next = next << 3 & three;
    }
    starts
}

/// Where white space matched by `\s*[\r\n]+|\s+(?!\S)|\s+` is divided: after its last line
/// break, and before its last character if `ink` follows. `line_break` is without the line breaks
/// that preceding signs took.
#[inline(always)]
pub fn divided_space(window: &Window, line_break: u64, ink: u64) -> u64 {
    let space = window.space();
    let begin = (space | line_break) & !after(space | line_break);
    let last = window.first_bytes(space & before(ink));
    let mut broken = space & before(line_break);
    let mut after_break = space & after(line_break) & !begin;
    if broken != 0 && after_break != 0 {
        // Space between two line breaks goes with them.
        broken = runs_to(broken, space);
        after_break &= !broken;
    }
    begin | last | after_break
}
