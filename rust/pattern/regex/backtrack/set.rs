//! Sets of characters.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

/// A set of characters, quick for ASCII.
pub struct Set {
    ascii: [bool; 128],
    /// Sorted and apart.
    ranges: Box<[(char, char)]>,
}

impl Set {
    /// The set of a class.
    pub fn new(class: &ClassUnicode) -> Self {
        let ranges = class.ranges().iter();
        let mut set = Set {
            ascii: [false; 128],
            ranges: ranges.map(|range| (range.start(), range.end())).collect(),
        };
        for byte in 0..128 {
            set.ascii[usize::from(byte)] = set.holds(char::from(byte));
        }
        set
    }

    /// The set of one character.
    pub fn of(character: char) -> Self {
        Set::new(&only(character))
    }

    /// Whether `character` is in it.
    fn holds(&self, character: char) -> bool {
        let index = self.ranges.partition_point(|range| range.1 < character);
        self.ranges
            .get(index)
            .is_some_and(|range| range.0 <= character)
    }

    /// Where the character at `at` ends, if it is in the set.
    #[inline]
    pub fn after(&self, text: &str, at: usize) -> Option<usize> {
        match text.as_bytes().get(at) {
            Some(&byte) if byte < 128 => self.ascii[usize::from(byte)].then_some(at + 1),
            Some(_) => {
                let character = text[at..].chars().next()?;
                self.holds(character).then(|| at + character.len_utf8())
            }
            None => None,
        }
    }

    /// Where the character before `at` starts, if it is in the set.
    #[inline]
    pub fn before(&self, text: &str, at: usize) -> Option<usize> {
        match text.as_bytes().get(at.checked_sub(1)?) {
            Some(&byte) if byte < 128 => self.ascii[usize::from(byte)].then_some(at - 1),
            _ => {
                let character = text[..at].chars().next_back()?;
                self.holds(character).then(|| at - character.len_utf8())
            }
        }
    }

    /// Its characters, as sorted ranges.
    pub fn ranges(&self) -> &[(char, char)] {
        &self.ranges
    }
}

/// Whether texts are the same but for the case of their characters.
pub fn equal_but_for_case(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.chars(), other.chars());
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(ours), Some(theirs)) if ours == theirs || fold(ours) == fold(theirs) => {}
            _ => return false,
        }
    }
}

/// The characters that differ from `character` in case at most.
fn fold(character: char) -> ClassUnicode {
    let mut class = only(character);
    class.case_fold_simple();
    class
}

fn only(character: char) -> ClassUnicode {
    ClassUnicode::new([ClassUnicodeRange::new(character, character)])
}
