//! Finds many pretokens at once: up to 64 bytes are classified into sets of positions, and where
//! pretokens start follows from the sets by a few operations on whole words.
//!
//! A window begins where a pretoken starts, so nothing has to be known of the text before it. What
//! depends on text after it is left to the next window, which begins at the last start that is
//! certain. Where there is none, and at the end of the text, the character-by-character scanner
//! finds the next pretoken.

use std::marker::PhantomData;

use super::bytes::{ByteSets, Classify, Job, WIDTH};
use crate::pattern::text::{Text, wide};
use crate::unicode::{LOWER, MARK, NUMBER, SPACE, UNCASED, UPPER};

/// Sets of the bytes of a window, one bit a byte. All bytes of a character are in the sets of
/// its class.
pub struct Window {
    /// The bytes of complete characters.
    pub valid: u64,
    pub upper: u64,
    pub lower: u64,
    pub uncased: u64,
    pub mark: u64,
    pub number: u64,
    /// White space that does not break the line.
    pub space: u64,
    pub line_break: u64,
    /// The space character.
    pub blank: u64,
    pub apostrophe: u64,
    pub slash: u64,
    pub high: u64,
    pub continuation: u64,
}

/// Where pretokens start, as far as a window shows.
pub struct Starts {
    /// The positions.
    pub starts: u64,
    /// Positions that sets alone cannot decide. Starts before the first of them are correct.
    pub unclear: u64,
}

/// A pattern whose pretokens can be told from sets.
pub trait Rule {
    /// Where pretokens start in a window that begins with a pretoken, at `at` in `text`.
    fn starts(window: &Window, text: &Text, at: usize) -> Starts;

    /// The end of the pretoken at `at`.
    fn end(text: &Text, at: usize) -> usize;
}

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
    fn run<C: Classify>(self) -> usize {
        let Scan {
            text,
            mut at,
            limit,
            ends,
            ..
        } = self;
        let enough = ends.len() + limit;
        while ends.len() < enough && at < text.len() {
            let starts = match Window::read::<C>(text, at) {
                Some(window) => window.certain(&R::starts(&window, text, at)),
                None => 0,
            };
            if starts == 0 {
                at = R::end(text, at);
                ends.push(at);
            } else {
                push_all(starts, at, ends);
                at += starts.ilog2() as usize;
            }
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

impl Window {
    /// The window that begins at `at`; none if it would be nearly empty.
    #[inline(always)]
    fn read<C: Classify>(text: &Text, at: usize) -> Option<Self> {
        let rest = &text.as_str().as_bytes()[at..];
        match rest.first_chunk() {
            Some(bytes) => Some(Self::classify::<C>(bytes, WIDTH)),
            None if rest.len() < 8 => None,
            None => {
                let mut bytes = [0; WIDTH];
                bytes[..rest.len()].copy_from_slice(rest);
                Some(Self::classify::<C>(&bytes, rest.len()))
            }
        }
    }

    /// Classifies the first `length` of `bytes`, which are valid UTF-8, except that the last
    /// character may be cut off.
    #[inline(always)]
    fn classify<C: Classify>(bytes: &[u8; WIDTH], length: usize) -> Self {
        let ByteSets {
            upper,
            lower,
            digit,
            blank,
            control_space,
            line_break,
            apostrophe,
            slash,
            high,
            continuation,
            plain_lead,
        } = C::classify(bytes);
        let mut window = Window {
            valid: u64::MAX >> (WIDTH - length),
            upper,
            lower,
            uncased: 0,
            mark: 0,
            number: digit,
            space: (blank | control_space) & !line_break,
            line_break,
            blank,
            apostrophe,
            slash,
            high,
            continuation,
        };
        if high != 0 {
            window.drop_cut_character(bytes);
            window.classify_high(bytes, plain_lead);
        }
        window
    }

    /// Removes the last character if the window does not hold all of it.
    #[inline(always)]
    fn drop_cut_character(&mut self, bytes: &[u8; WIDTH]) {
        let last = (self.valid & !self.continuation).ilog2();
        let width = match bytes[last as usize] {
            ..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0.. => 4,
        };
        if last + width > self.valid.count_ones() {
            self.valid = (1 << last) - 1;
            self.high &= self.valid;
            self.continuation &= self.valid;
        }
    }

    /// Classifies the characters beyond ASCII.
    #[inline(always)]
    fn classify_high(&mut self, bytes: &[u8; WIDTH], plain_lead: u64) {
        let plain = plain_lead & self.valid;
        self.uncased = plain | plain << 1 | plain << 2;
        let classes = crate::unicode::classes();
        let mut leads = self.high & !self.continuation & !plain;
        while leads != 0 {
            let at = leads.trailing_zeros() as usize;
            leads &= leads - 1;
            let (code, width) = wide(&bytes[at..]);
            let class = classes[code as usize];
            let character = ((1 << width) - 1) << at;
            if class == UNCASED {
                self.uncased |= character;
                continue;
            }
            let if_in = |mask: u8| if class & mask != 0 { character } else { 0 };
            self.upper |= if_in(UPPER);
            self.lower |= if_in(LOWER);
            self.uncased |= if_in(UNCASED);
            self.mark |= if_in(MARK);
            self.number |= if_in(NUMBER);
            self.space |= if_in(SPACE);
        }
    }

    /// The letters.
    #[inline(always)]
    pub fn letter(&self) -> u64 {
        self.upper | self.lower | self.uncased
    }

    /// Of a set of characters' first bytes, the last bytes of the same characters.
    #[inline(always)]
    pub fn last_bytes(&self, first: u64) -> u64 {
        let second = first << 1 & self.continuation;
        let third = second << 1 & self.continuation;
        let fourth = third << 1 & self.continuation;
        (first | second | third | fourth) & !(self.continuation >> 1)
    }

    /// Of a set of characters' last bytes, the first bytes of the same characters, which have at
    /// most three bytes.
    #[inline(always)]
    pub fn first_bytes(&self, last: u64) -> u64 {
        let back = |set: u64| set & !self.continuation | (set & self.continuation) >> 1;
        back(back(last))
    }

    /// The starts after the first position that are certain whatever follows the window.
    #[inline(always)]
    fn certain(&self, Starts { starts, unclear }: &Starts) -> u64 {
        let ink = self.valid & !(self.space | self.line_break);
        // How a run of white space is divided depends on the whole run, so a run that reaches the
        // end of the window is left undivided. Only its start is certain.
        let end = ink.checked_ilog2().map_or(0, |last| last + 1);
        let known = u64::MAX >> (WIDTH as u32 - 1 - end.min(WIDTH as u32 - 1));
        let clear = !unclear & unclear.wrapping_sub(1);
        starts & self.valid & known & clear & !1
    }
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
/// break, and before its last character. `space` does not break the line; `begin` is where white
/// space begins, after the line breaks that preceding signs took.
#[inline(always)]
pub fn divided_space(window: &Window, space: u64, line_break: u64, begin: u64) -> u64 {
    let ink = window.valid & !(space | line_break);
    let last = window.first_bytes(space & before(ink));
    let mut broken = space & before(line_break);
    let mut after_break = space & after(line_break) & !begin;
    if broken != 0 && after_break != 0 {
        // Space between two line breaks goes with them.
        loop {
            let more = broken | before(broken) & space;
            if more == broken {
                break;
            }
            broken = more;
        }
        after_break &= !broken;
    }
    begin | last | after_break
}
