//! Reads the classes of characters in valid UTF-8.

use std::cell::Cell;

use crate::unicode::{self, BREAK, Classes, END, LOWER, SPACE, UPPER};

/// Something to read the classes of characters from. Positions are byte offsets of
/// characters, or of the end.
pub trait Read {
    /// The class and the length in bytes of the character at `at`; [`END`] and 0 at
    /// the end.
    fn class(&self, at: usize) -> (u8, usize);

    /// The end of the run of characters at `at` that have a bit of `mask`, which must
    /// not contain [`BREAK`].
    #[inline(always)]
    fn run(&self, mut at: usize, mask: u8) -> usize {
        loop {
            let (class, width) = self.class(at);
            if class & mask == 0 {
                return at;
            }
            at += width;
        }
    }

    /// The end of the run of characters at `at` that have no bit of `mask` and do not
    /// break the line.
    #[inline(always)]
    fn run_without(&self, mut at: usize, mask: u8) -> usize {
        loop {
            let (class, width) = self.class(at);
            if class & (mask | BREAK) != 0 {
                return at;
            }
            at += width;
        }
    }

    /// The end of `[\r\n]*` at `at`.
    #[inline(always)]
    fn run_breaks(&self, mut at: usize) -> usize {
        while self.class(at).0 == SPACE | BREAK {
            at += 1;
        }
        at
    }

    /// The run of white space at `at`.
    #[inline(always)]
    fn space(&self, at: usize) -> Space {
        let mut space = Space {
            start: at,
            last: at,
            after_break: at,
            end: at,
            closed: false,
        };
        loop {
            let (class, width) = self.class(space.end);
            if class & SPACE == 0 {
                space.closed = class == END;
                return space;
            }
            space.last = space.end;
            space.end += width;
            if class & BREAK != 0 {
                space.after_break = space.end;
            }
        }
    }
}

/// A run of white space, which the patterns divide in their own ways.
pub struct Space {
    start: usize,
    /// Where its last character starts.
    last: usize,
    /// Where its last `\r` or `\n` ends; `start` if there is none.
    after_break: usize,
    end: usize,
    /// Whether nothing follows it.
    closed: bool,
}

impl Space {
    /// Where it ends.
    #[inline(always)]
    pub fn end(&self) -> usize {
        self.end
    }

    /// The end of `\s+(?!\S)|\s+` at its start.
    #[inline(always)]
    pub fn plain(&self) -> usize {
        if self.closed || self.last == self.start {
            self.end
        } else {
            self.last
        }
    }

    /// The end of `\s*[\r\n]+|\s+(?!\S)|\s+` at its start.
    #[inline(always)]
    pub fn lines(&self) -> usize {
        if self.after_break > self.start {
            self.after_break
        } else {
            self.plain()
        }
    }

    /// The end of `\s+\z|\s*[\r\n]+|\s+(?!\S)|\s+` at its start.
    #[inline(always)]
    pub fn lines_unless_last(&self) -> usize {
        if self.closed { self.end } else { self.lines() }
    }
}

/// Valid UTF-8, which notes whether anything asked for the character at its end.
pub struct Text<'t> {
    text: &'t str,
    classes: &'static Classes,
    met_end: Cell<bool>,
}

impl<'t> Text<'t> {
    /// A text of which nothing has been read yet.
    pub fn new(text: &'t str) -> Self {
        Text {
            text,
            classes: unicode::classes(),
            met_end: Cell::new(false),
        }
    }

    /// Whether the end was met. If not, all that was found out holds for every text
    /// that begins with this one.
    pub fn met_end(&self) -> bool {
        self.met_end.get()
    }

    pub fn as_str(&self) -> &'t str {
        self.text
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// The byte at `at`, unless the text ends there.
    #[inline(always)]
    pub fn byte(&self, at: usize) -> Option<u8> {
        let byte = self.text.as_bytes().get(at).copied();
        if byte.is_none() {
            self.met_end.set(true);
        }
        byte
    }

    /// The code point at `at`, its class and its length in bytes; 0, [`END`] and 0 at
    /// the end.
    #[inline(always)]
    pub fn character(&self, at: usize) -> (u32, u8, usize) {
        let (code, width) = match self.byte(at) {
            Some(byte @ ..0x80) => (u32::from(byte), 1),
            Some(_) => wide(&self.text.as_bytes()[at..]),
            None => return (0, END, 0),
        };
        (code, self.classes[code as usize], width)
    }

    /// The end of the text, which is then recorded as reached.
    pub fn to_end(&self) -> usize {
        self.met_end.set(true);
        self.text.len()
    }
}

impl Read for Text<'_> {
    #[inline(always)]
    fn class(&self, at: usize) -> (u8, usize) {
        let (_, class, width) = self.character(at);
        (class, width)
    }

    /// Most runs are ASCII letters, and most end within eight bytes: found at once, the
    /// end costs no branch that the processor would have to guess.
    #[inline(always)]
    fn run(&self, mut at: usize, mask: u8) -> usize {
        if mask & (UPPER | LOWER) != 0 {
            while let Some(&bytes) = self.text.as_bytes()[at..].first_chunk::<8>() {
                let letters = leading_letters(bytes, mask);
                at += letters;
                if letters < 8 {
                    break;
                }
            }
        }
        loop {
            let (class, width) = self.class(at);
            if class & mask == 0 {
                return at;
            }
            at += width;
        }
    }
}

/// How many of `bytes`, from the first on, are ASCII letters of the cases in `mask`.
#[inline(always)]
fn leading_letters(bytes: [u8; 8], mask: u8) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x80 * ONES;
    const CASE: u64 = 0x20 * ONES;
    let word = u64::from_le_bytes(bytes);
    // As in one case, if both count. The bit that says so is set in letters only.
    let folded = match mask & (UPPER | LOWER) {
        UPPER => word ^ CASE,
        LOWER => word,
        _ => word | CASE,
    };
    let low = folded & !HIGH;
    // A sum of two numbers below 128 does not reach the next byte.
    let from_a = low + (0x80 - b'a' as u64) * ONES;
    let after_z = low + (0x7F - b'z' as u64) * ONES;
    let others = (!from_a | after_z | word) & HIGH;
    others.trailing_zeros() as usize / 8
}

/// Decodes the character of two or more bytes that `bytes`, valid UTF-8, starts with.
#[inline(always)]
pub fn wide(bytes: &[u8]) -> (u32, usize) {
    let bits = |at: usize| u32::from(bytes[at] & 0x3F);
    match bytes[0] {
        lead @ ..0xE0 => (u32::from(lead & 0x1F) << 6 | bits(1), 2),
        lead @ ..0xF0 => (u32::from(lead & 0x0F) << 12 | bits(1) << 6 | bits(2), 3),
        lead => (
            u32::from(lead & 0x07) << 18 | bits(1) << 12 | bits(2) << 6 | bits(3),
            4,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_leading_letters() {
        for byte in 0..=u8::MAX {
            let class = |mask| match byte {
                b'a'..=b'z' => mask & LOWER != 0,
                b'A'..=b'Z' => mask & UPPER != 0,
                _ => false,
            };
            for (mask, letter) in [(UPPER | LOWER, b"kK"), (LOWER, b"kk"), (UPPER, b"KK")] {
                for place in 0..8 {
                    let mut bytes: [u8; 8] = std::array::from_fn(|at| letter[at % 2]);
                    bytes[place] = byte;
                    let expected = if class(mask) { 8 } else { place };
                    assert_eq!(leading_letters(bytes, mask), expected, "{bytes:?}");
                }
            }
        }
    }
}
