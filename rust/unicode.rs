//! Classes of code points, from the tables of `regex-syntax`: one Unicode version for
//! scanners and regexes alike.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, HirKind};

/// The version of the Unicode tables in use.
pub const UNICODE_VERSION: &str = "16.0.0";

/// Upper and title case letters, `\p{Lu}` and `\p{Lt}`.
pub const UPPER: u8 = 1;
/// Lower case letters, `\p{Ll}`.
pub const LOWER: u8 = 1 << 1;
/// Letters without case, `\p{Lm}` and `\p{Lo}`.
pub const UNCASED: u8 = 1 << 2;
/// Combining marks, `\p{M}`.
pub const MARK: u8 = 1 << 3;
/// Numbers, `\p{N}`.
pub const NUMBER: u8 = 1 << 4;
/// White space, `\s`.
pub const SPACE: u8 = 1 << 5;
/// Punctuation and symbols, `\p{P}` and `\p{S}`.
pub const SIGN: u8 = 1 << 6;
/// Carriage return and line feed, which are [`SPACE`] too. Alone, it is the class of
/// the end of a text, see [`END`].
pub const BREAK: u8 = 1 << 7;

/// Letters, `\p{L}`.
pub const LETTER: u8 = UPPER | LOWER | UNCASED;
/// The class that stands for "no character here". No character has it.
pub const END: u8 = BREAK;

const CODE_POINTS: usize = char::MAX as usize + 1;

/// The class of each code point: a sum of the constants of this module.
pub type Classes = [u8; CODE_POINTS];

static CLASSES: LazyLock<Box<Classes>> = LazyLock::new(|| {
    let mut classes: Box<Classes> = vec![0; CODE_POINTS]
        .try_into()
        .expect("the vector has that length");
    for (regex, class) in [
        (r"[\p{Lu}\p{Lt}]", UPPER),
        (r"\p{Ll}", LOWER),
        (r"[\p{Lm}\p{Lo}]", UNCASED),
        (r"\p{M}", MARK),
        (r"\p{N}", NUMBER),
        (r"\s", SPACE),
        (r"[\p{P}\p{S}]", SIGN),
        (r"[\r\n]", BREAK),
    ] {
        for (first, last) in ranges(regex) {
            for known in &mut classes[first as usize..=last as usize] {
                *known |= class;
            }
        }
    }
    classes
});

/// The table of classes, filled on first use.
pub fn classes() -> &'static Classes {
    &CLASSES
}

/// The code points that a regex of one character matches.
pub(crate) fn ranges(regex: &str) -> Vec<(char, char)> {
    let hir = regex_syntax::parse(regex).expect("the regex is a constant that parses");
    match hir.kind() {
        HirKind::Class(Class::Unicode(class)) => class
            .iter()
            .map(|range| (range.start(), range.end()))
            .collect(),
        _ => unreachable!("{regex} is a class of several characters"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_of_the_tables() {
        let known = |version: String| regex_syntax::parse(&format!(r"\p{{Age:{version}}}")).is_ok();
        let mut parts = UNICODE_VERSION
            .split('.')
            .map(|part| part.parse::<u32>().unwrap());
        let (major, minor) = (parts.next().unwrap(), parts.next().unwrap());
        assert!(known(format!("{major}.{minor}")));
        assert!(!known(format!("{major}.{}", minor + 1)));
        assert!(!known(format!("{}.0", major + 1)));
    }

    #[test]
    fn classes_exclude_each_other() {
        for (code, &class) in classes().iter().enumerate() {
            let rest = class & !BREAK;
            assert!(rest.count_ones() <= 1, "U+{code:04X}");
            assert_eq!(class & BREAK != 0, code == 10 || code == 13, "U+{code:04X}");
        }
    }

    #[test]
    fn known_characters_have_their_classes() {
        let class = |character: char| classes()[character as usize];
        assert_eq!(class('A'), UPPER);
        assert_eq!(class('ǅ'), UPPER);
        assert_eq!(class('ſ'), LOWER);
        assert_eq!(class('ʰ'), UNCASED);
        assert_eq!(class('中'), UNCASED);
        assert_eq!(class('\u{301}'), MARK);
        assert_eq!(class('Ⅷ'), NUMBER);
        assert_eq!(class('\u{85}'), SPACE);
        assert_eq!(class('\n'), SPACE | BREAK);
        assert_eq!(class('€'), SIGN);
        assert_eq!(class('\u{200D}'), 0);
    }
}
