//! Classifies 64 bytes at once into sets: a set is a number with a bit for each byte.
//!
//! On x86-64 with the vector instructions that the processor has, elsewhere eight bytes at a time
//! with plain arithmetic.

#![allow(unsafe_code)]

use super::super::text::wide;
use super::block::WIDTH;
#[cfg(target_arch = "x86_64")]
use super::x86;
use crate::unicode::{Classes, UNCASED};

/// Which bytes are in which class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ByteSets {
    /// `A-Z`.
    pub upper: u64,
    /// `a-z`.
    pub lower: u64,
    /// `0-9`.
    pub digit: u64,
    /// The space.
    pub blank: u64,
    /// Tab to carriage return.
    pub control_space: u64,
    /// `\r` and `\n`.
    pub line_break: u64,
    /// `'`.
    pub apostrophe: u64,
    /// `/`.
    pub slash: u64,
    /// Bytes beyond ASCII.
    pub high: u64,
    /// Of these, those that continue a character.
    pub continuation: u64,
    /// Those that begin a Chinese character in U+4E00 to U+9F7F.
    pub han_lead: u64,
    /// Those that begin a Hangul syllable in U+B000 to U+CFFF.
    pub hangul_lead: u64,
}

/// For each bit of a class, the positions that have it.
pub type ClassSets = [u64; 8];

impl ByteSets {
    /// The sets, from ways to find the bytes that equal one, and those from one to another.
    #[inline(always)]
    pub(super) fn new(equal: impl Fn(u8) -> u64, within: impl Fn(u8, u8) -> u64) -> Self {
        ByteSets {
            upper: within(b'A', b'Z'),
            lower: within(b'a', b'z'),
            digit: within(b'0', b'9'),
            blank: equal(b' '),
            control_space: within(b'\t', b'\r'),
            line_break: equal(b'\n') | equal(b'\r'),
            apostrophe: equal(b'\''),
            slash: equal(b'/'),
            high: within(0x80, 0xFF),
            continuation: within(0x80, 0xBF),
            han_lead: within(0xE5, 0xE8)
                | equal(0xE4) & within(0xB8, 0xBF) >> 1
                | equal(0xE9) & within(0x80, 0xBD) >> 1,
            hangul_lead: within(0xEB, 0xEC),
        }
    }
}

/// A way to classify bytes.
pub trait Bytes {
    /// Returns the positions of each class.
    fn classify(bytes: &[u8; WIDTH]) -> ByteSets;

    /// Classifies all ASCII, and the characters of two bytes or more that begin at `leads`; they are
    /// complete. All bytes of a character are in its sets.
    fn look_up(bytes: &[u8; WIDTH], leads: u64, classes: &Classes) -> ClassSets;
}

/// Eight bytes at a time, on any processor.
pub struct Portable;

impl Bytes for Portable {
    #[inline(always)]
    fn classify(bytes: &[u8; WIDTH]) -> ByteSets {
        let within = |first, last| within(bytes, first, last);
        ByteSets::new(|byte| within(byte, byte), within)
    }

    #[inline(always)]
    fn look_up(bytes: &[u8; WIDTH], leads: u64, classes: &Classes) -> ClassSets {
        let mut sets = [0; 8];
        for (at, &byte) in bytes.iter().enumerate() {
            if byte.is_ascii() {
                add(&mut sets, 1 << at, classes[usize::from(byte)]);
            }
        }
        one_by_one(bytes, leads, classes, &mut sets);
        sets
    }
}

/// Adds positions to the sets of a class.
#[inline(always)]
pub fn add(sets: &mut ClassSets, positions: u64, class: u8) {
    for (bit, set) in sets.iter_mut().enumerate() {
        *set |= positions & u64::from(class >> bit & 1).wrapping_neg();
    }
}

/// Adds the characters of two bytes or more that begin at `leads` to the sets of their classes. They
/// are complete, and all of their bytes are added.
#[inline(always)]
pub fn one_by_one(bytes: &[u8; WIDTH], mut leads: u64, classes: &Classes, sets: &mut ClassSets) {
    while leads != 0 {
        let at = leads.trailing_zeros() as usize;
        leads &= leads - 1;
        let (code, width) = wide(&bytes[at..]);
        let character = ((1 << width) - 1) << at;
        match classes[code as usize] {
            // By far the most frequent class there.
            UNCASED => sets[UNCASED.ilog2() as usize] |= character,
            class => add(sets, character, class),
        }
    }
}

/// Which bytes are in a range, all of it ASCII or none of it.
#[inline(always)]
fn within(bytes: &[u8; WIDTH], first: u8, last: u8) -> u64 {
    let (words, _) = bytes.as_chunks::<8>();
    let each = words.iter().enumerate();
    each.fold(0, |set, (index, word)| {
        set | eight_within(u64::from_le_bytes(*word), first, last) << (8 * index)
    })
}

/// Characters that differ in their last byte only. Their classes are side by side, in a page.
#[cfg(target_arch = "x86_64")]
pub(super) struct Group<'c> {
    /// Where they begin.
    pub leads: u64,
    /// How many bytes each has.
    width: usize,
    /// The classes, in the order of the last bytes.
    pub page: &'c [u8; WIDTH],
}

#[cfg(target_arch = "x86_64")]
impl<'c> Group<'c> {
    /// The characters at `leads` that are like the first of them, from a way to find a byte.
    #[inline(always)]
    pub fn first(
        bytes: &[u8; WIDTH],
        leads: u64,
        classes: &'c Classes,
        find: impl Fn(u8) -> u64,
    ) -> Self {
        let at = leads.trailing_zeros() as usize;
        let (code, width) = wide(&bytes[at..]);
        let same = |place: usize| find(bytes[at + place]) >> place;
        Group {
            leads: (0..width - 1).fold(leads, |leads, place| leads & same(place)),
            width,
            page: &classes.as_chunks().0[code as usize / WIDTH],
        }
    }

    /// Where their last bytes are.
    #[inline(always)]
    pub fn last_bytes(&self) -> u64 {
        self.leads << (self.width - 1)
    }

    /// Adds all bytes of the characters whose last bytes are in the sets of `last`.
    #[inline(always)]
    pub fn add(&self, sets: &mut ClassSets, last: ClassSets) {
        let whole = (1 << self.width) - 1;
        for (set, last) in sets.iter_mut().zip(last) {
            *set |= (last >> (self.width - 1)) * whole;
        }
    }
}

/// Which of eight bytes are in a range, all of it ASCII or none of it.
#[inline(always)]
fn eight_within(word: u64, first: u8, last: u8) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    // A sum of two numbers below 128 does not reach the next byte.
    let low = word & !HIGH;
    let from = low + (0x80 - u64::from(first & 0x7F)) * ONES;
    let after = low + (0x7F - u64::from(last & 0x7F)) * ONES;
    let half = if first < 0x80 { !word } else { word };
    // The highest bit of each byte, side by side.
    ((from & !after & half & HIGH) >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Work on blocks, which are classified in whichever way.
pub trait Job {
    /// Does the work. To be inlined always, so that it is compiled for each kind of processor.
    fn run<C: Bytes>(self) -> usize;
}

/// Does the work with the best instructions the processor has.
pub fn with_best(job: impl Job) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        if x86::has_avx512() {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { x86::with_avx512(job) };
        }
        if x86::has_avx2() {
            // SAFETY: the processor has what the function is compiled for.
            return unsafe { x86::with_avx2(job) };
        }
    }
    job.run::<Portable>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(bytes: &[u8; WIDTH]) -> ByteSets {
        let second = |at: usize| bytes.get(at + 1).copied().unwrap_or(0);
        let set_at = |is: &dyn Fn(usize) -> bool| {
            (0..WIDTH).fold(0, |set, at| set | u64::from(is(at)) << at)
        };
        let set = |is: &dyn Fn(u8) -> bool| set_at(&|at| is(bytes[at]));
        ByteSets {
            upper: set(&|byte| byte.is_ascii_uppercase()),
            lower: set(&|byte| byte.is_ascii_lowercase()),
            digit: set(&|byte| byte.is_ascii_digit()),
            blank: set(&|byte| byte == b' '),
            control_space: set(&|byte| matches!(byte, b'\t'..=b'\r')),
            line_break: set(&|byte| matches!(byte, b'\r' | b'\n')),
            apostrophe: set(&|byte| byte == b'\''),
            slash: set(&|byte| byte == b'/'),
            high: set(&|byte| byte >= 0x80),
            continuation: set(&|byte| matches!(byte, 0x80..=0xBF)),
            han_lead: set_at(&|at| {
                matches!(
                    (bytes[at], second(at)),
                    (0xE5..=0xE8, _) | (0xE4, 0xB8..=0xBF) | (0xE9, 0x80..=0xBD)
                )
            }),
            hangul_lead: set(&|byte| matches!(byte, 0xEB..=0xEC)),
        }
    }

    #[test]
    fn all_ways_classify_every_byte_at_every_place_alike() {
        for byte in 0..=u8::MAX {
            for other in [0, b'a', 0xFF, byte.wrapping_add(1)] {
                for at in 0..WIDTH {
                    let mut bytes = [other; WIDTH];
                    bytes[at] = byte;
                    let expected = expected(&bytes);
                    assert_eq!(Portable::classify(&bytes), expected, "{byte:#x} at {at}");
                    #[cfg(target_arch = "x86_64")]
                    {
                        if x86::has_avx2() {
                            assert_eq!(x86::Avx2::classify(&bytes), expected, "{byte:#x} at {at}");
                        }
                        if x86::has_avx512() {
                            assert_eq!(
                                x86::Avx512::classify(&bytes),
                                expected,
                                "{byte:#x} at {at}"
                            );
                        }
                    }
                }
            }
        }
    }
}
