//! What the rules know about an English word: its classes, and what its ending says.

mod irregular;

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::characters::{is_digit, is_letter};
pub use irregular::irregular_verbs;

/// A set of classes, one bit each.
pub type Class = u64;

/// Makes a constant of every class, in the bits after those of the files before, and `WORDS` of
/// them all. The words are in lower case with straight apostrophes; one word may be in many
/// classes.
macro_rules! words {
    (after $first:expr; $($(#[$doc:meta])* $name:ident = $words:literal;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Bit {
            $($name),*
        }

        $($(#[$doc])* pub const $name: Class = 1 << ($first + Bit::$name as usize);)*

        /// The words of each class, separated by white space.
        pub const WORDS: &[(Class, &str)] = &[$(($name, $words)),*];
    };
}

mod function_words;
mod nouns;
mod verbs;

pub use function_words::*;
pub use nouns::*;
pub use verbs::*;

pub const BREAKS: Class = STOPS | OTHER_BREAKS;
pub const DETERMINERS: Class = ARTICLES | POSSESSIVES | DEMONSTRATIVES | OTHER_DETERMINERS;
/// What begins an object after a verb.
pub const OBJECT_STARTS: Class = ARTICLES | POSSESSIVES | NUMBERS | OBJECTS | OTHER_OBJECT_STARTS;
pub const CONJUNCTIONS: Class = OPENING_CONJUNCTIONS | OTHER_CONJUNCTIONS;
/// After these words a clause begins, with its subject.
pub const CLAUSE_OPENERS: Class = OPENING_CONJUNCTIONS | OTHER_OPENERS;

static CLASSES: LazyLock<HashMap<&'static str, Class, FixedState>> = LazyLock::new(|| {
    let mut classes = HashMap::default();
    for &(class, words) in listed() {
        for word in words.split_whitespace() {
            *classes.entry(word).or_insert(0) |= class;
        }
    }
    for verb in irregular_verbs() {
        let of_base = classes.get(verb.base).copied().unwrap_or(0) & TRANSITIVE;
        for (form, class) in verb.classes() {
            *classes.entry(form).or_insert(0) |= class | of_base;
        }
    }
    classes
});

fn listed() -> impl Iterator<Item = &'static (Class, &'static str)> {
    let words = [function_words::WORDS, verbs::WORDS, nouns::WORDS];
    words.into_iter().flatten()
}

/// A word in lower case, a number or a mark, with its classes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word<'a> {
    pub text: &'a str,
    pub classes: Class,
}

/// Stands for a blank line, or an end of the text.
pub const END: Word<'static> = Word {
    text: "\n",
    classes: STOPS,
};

impl<'a> Word<'a> {
    pub fn new(text: &'a str) -> Self {
        let classes = CLASSES.get(text).copied().unwrap_or(0);
        Word { text, classes }
    }

    /// Whether it is in any of some classes.
    pub fn is_in(self, classes: Class) -> bool {
        self.classes & classes != 0
    }

    /// Whether it is a pronoun that only stands as a subject, with clitics perhaps: they, I'm.
    pub fn is_subject(self) -> bool {
        let host = self
            .text
            .split_once('\'')
            .map_or(self.text, |(host, _)| host);
        Word::new(host).is_in(SUBJECTS)
    }

    /// Whether it has letters only.
    pub fn is_alphabetic(self) -> bool {
        self.text.chars().all(is_letter)
    }

    /// Whether it has more characters than this.
    pub fn is_longer_than(self, characters: usize) -> bool {
        self.text.chars().nth(characters).is_some()
    }

    /// Whether it begins with a digit, as all numbers do.
    pub fn is_number(self) -> bool {
        self.text.starts_with(is_digit)
    }

    /// Whether it is a past participle and not an infinitive as well.
    pub fn is_participle(self) -> bool {
        self.is_in(IRREGULAR_PARTICIPLES)
            || self.text.ends_with("ed")
                && self.is_longer_than(3)
                && !self.is_in(NOT_PARTICIPLES)
                && self.is_alphabetic()
    }

    /// Whether it may stand between an auxiliary and its verb.
    pub fn is_adverb(self) -> bool {
        self.is_in(IRREGULAR_ADVERBS)
            || self.text.ends_with("ly") && self.is_longer_than(4) && !self.is_in(LY_ADJECTIVES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_found_in_its_classes() {
        for &(class, words) in listed() {
            for word in words.split_whitespace() {
                assert!(Word::new(word).is_in(class), "{word}");
                assert_eq!(word, word.to_lowercase());
            }
        }
        assert_eq!(Word::new("zyzzyva").classes, 0);
        assert_eq!(Word::new("").classes, 0);
    }

    #[test]
    fn endings_tell_participles_and_adverbs() {
        for (word, participle, adverb) in [
            ("walked", true, false),
            ("gone", true, false),
            ("need", false, false),
            ("red", false, false),
            ("well-fed", false, false),
            ("slowly", false, true),
            ("family", false, false),
            ("never", false, true),
        ] {
            let word = Word::new(word);
            assert_eq!(word.is_participle(), participle, "{word:?}");
            assert_eq!(word.is_adverb(), adverb, "{word:?}");
        }
    }
}
