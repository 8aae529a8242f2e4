//! Blocks of 64 bytes as sets of positions, by the classes of the characters there.

use super::bytes::{ByteSets, Bytes, ClassSets, add, one_by_one};
use crate::unicode::{Classes, LETTER, LOWER, NUMBER, SPACE, UPPER};

/// How many bytes are classified at once.
pub const WIDTH: usize = 64;

/// What characters are classified by.
#[derive(Clone, Copy)]
pub struct Table {
    /// The class of each character, with bits of any meaning.
    pub classes: &'static Classes,
    /// Whether ASCII is classified by it too, and not as the rest of the crate does.
    pub ascii: bool,
    /// The class of U+4E00 to U+9F7F in it.
    pub han: u8,
    /// The class of U+B000 to U+CFFF in it.
    pub hangul: u8,
}

/// Sets of the bytes of a window or a block, one bit a byte. All bytes of a character are in the sets
/// of its class.
#[derive(Debug, PartialEq, Eq)]
pub struct Window {
    /// The bytes of complete characters.
    pub valid: u64,
    /// For each bit of a class, see [`Window::of`]. Unless ASCII is in the table, it has the bits of
    /// letters and numbers, and that of white space if it does not break the line.
    class: ClassSets,
    pub line_break: u64,
    /// The space character.
    pub blank: u64,
    pub apostrophe: u64,
    pub slash: u64,
    pub high: u64,
    pub continuation: u64,
}

impl Window {
    /// Classifies the first `length` of `bytes`, which are valid UTF-8, except that the last
    /// character may be cut off.
    #[inline(always)]
    pub fn classify<C: Bytes>(bytes: &[u8; WIDTH], length: usize, table: &Table) -> Self {
        let sets = C::classify(bytes);
        let ByteSets {
            line_break,
            blank,
            apostrophe,
            slash,
            high,
            continuation,
            ..
        } = sets;
        let mut window = Window {
            valid: u64::MAX >> (WIDTH - length),
            class: [0; 8],
            line_break,
            blank,
            apostrophe,
            slash,
            high,
            continuation,
        };
        let mut leads = 0;
        if high != 0 {
            window.drop_cut_character(bytes);
            let [han, hangul] = [sets.han_lead, sets.hangul_lead].map(|set| set & window.valid);
            add(&mut window.class, han * 0b111, table.han);
            add(&mut window.class, hangul * 0b111, table.hangul);
            leads = window.high & !window.continuation & !(han | hangul);
            if !table.ascii {
                one_by_one(bytes, leads, table.classes, &mut window.class);
            }
        }
        if table.ascii {
            let sets = C::look_up(bytes, leads, table.classes);
            for (set, found) in window.class.iter_mut().zip(sets) {
                *set |= found & window.valid;
            }
        } else {
            add(&mut window.class, sets.upper, UPPER);
            add(&mut window.class, sets.lower, LOWER);
            add(&mut window.class, sets.digit, NUMBER);
            add(
                &mut window.class,
                (blank | sets.control_space) & !line_break,
                SPACE,
            );
        }
        window
    }

    /// Where the last complete character begins.
    #[inline(always)]
    pub fn last(&self) -> usize {
        (self.valid & !self.continuation).ilog2() as usize
    }

    /// Removes the last character if the window does not hold all of it.
    #[inline(always)]
    fn drop_cut_character(&mut self, bytes: &[u8; WIDTH]) {
        let last = self.last();
        let width = match bytes[last] {
            ..0x80 => 1,
            0x80..0xE0 => 2,
            0xE0..0xF0 => 3,
            0xF0.. => 4,
        };
        if last + width > self.valid.count_ones() as usize {
            self.valid = (1 << last) - 1;
            self.high &= self.valid;
            self.continuation &= self.valid;
        }
    }

    /// The characters whose class has a bit of `mask`.
    #[inline(always)]
    pub fn of(&self, mask: u8) -> u64 {
        let mut all = 0;
        for (bit, set) in self.class.iter().enumerate() {
            if mask >> bit & 1 != 0 {
                all |= set;
            }
        }
        all
    }

    /// White space that does not break the line, by the classes of the crate.
    #[inline(always)]
    pub fn space(&self) -> u64 {
        self.of(SPACE) & !self.line_break
    }

    /// Of a set of characters' first bytes, the last bytes of the same characters.
    #[inline(always)]
    pub fn last_bytes(&self, first: u64) -> u64 {
        let second = first << 1 & self.continuation;
        let third = second << 1 & self.continuation;
        let fourth = third << 1 & self.continuation;
        (first | second | third | fourth) & !(self.continuation >> 1)
    }

    /// Of a set of characters' last bytes, the first bytes of the same characters.
    #[inline(always)]
    pub fn first_bytes(&self, last: u64) -> u64 {
        let back = |set: u64| set & !self.continuation | (set & self.continuation) >> 1;
        back(back(back(last)))
    }

    /// The letters.
    #[inline(always)]
    pub fn letter(&self) -> u64 {
        self.of(LETTER)
    }
}
