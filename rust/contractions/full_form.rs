//! Writes full forms, in the case of what they stand for.

use super::characters::{is_apostrophe, is_letter};
use super::grammar::{Contraction, Kind, negated};

/// How the letters of a word are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Case {
    Lower,
    Capital,
    Upper,
}

impl Case {
    fn of(source: &str) -> Self {
        let mut letters = source.chars().filter(|&letter| is_letter(letter));
        match letters.next() {
            Some(first) if first.is_uppercase() => match letters.next() {
                Some(second) if second.is_uppercase() && letters.all(char::is_uppercase) => {
                    Case::Upper
                }
                _ => Case::Capital,
            },
            _ => Case::Lower,
        }
    }
}

/// Writes `text`, which is ASCII, in the case of `source`: lower, UPPER or with a capital.
pub fn push_like(out: &mut String, source: &str, text: &str) {
    let start = out.len();
    out.push_str(text);
    match Case::of(source) {
        Case::Lower => {}
        Case::Capital => out[start..start + 1].make_ascii_uppercase(),
        Case::Upper => out[start..].make_ascii_uppercase(),
    }
}

impl Contraction<'_> {
    /// Writes the full form, with the meaning that was decided on where there are several: `"is"`,
    /// `"has not"`.
    pub fn push_full(&self, out: &mut String, meaning: &str) {
        match self.kind {
            Kind::Fixed(words, _) => self.push_joined(out, words),
            Kind::Whole(words) => push_like(out, self.source, words),
            Kind::Aint => push_like(out, self.source, meaning),
            _ => self.push_joined(out, &[meaning]),
        }
    }

    /// The auxiliary before n't, unless more clitics follow; for ain't, the one in its meaning.
    pub fn auxiliary(&self, meaning: &str) -> Option<String> {
        let mut out = String::new();
        match self.kind {
            Kind::Fixed(["not"], _) => push_like(&mut out, self.written, negated(self.host.text)?),
            Kind::Aint => push_like(&mut out, self.source, meaning.split(' ').next()?),
            _ => return None,
        }
        Some(out)
    }

    /// Whether it ends in a capital letter.
    pub fn shouts(&self) -> bool {
        self.source.ends_with(char::is_uppercase)
    }

    /// Writes host and words, each in the case of what it replaces.
    fn push_joined(&self, out: &mut String, words: &[&str]) {
        let negation = words[0] == "not";
        match negated(self.host.text) {
            Some(auxiliary) if negation => push_like(out, self.written, auxiliary),
            _ if matches!(self.host.text, "y'all" | "ya'll") => {
                push_like(out, self.written, "you all")
            }
            _ => out.push_str(self.written),
        }
        let mut clitics = self.source[self.written.len()..].split(is_apostrophe);
        clitics.next(); // The host is before the first apostrophe.
        for (at, (word, clitic)) in words.iter().zip(clitics).enumerate() {
            if at > 0 || !negation || self.host.text != "can" {
                out.push(' ');
            }
            let start = out.len();
            out.push_str(word);
            if clitic.ends_with(char::is_uppercase) && !clitic.contains(char::is_lowercase) {
                out[start..].make_ascii_uppercase();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::contractions::grammar::Source;

    #[test]
    fn case_is_kept() {
        let mut source = Source::default();
        for (text, meaning, full) in [
            ("CAN'T", "", "CANNOT"),
            ("Can't've", "", "Cannot have"),
            ("Won't", "", "Will not"),
            ("Y'all'll", "", "You all will"),
            ("I'M", "", "I AM"),
            ("I'm", "", "I am"),
            ("IT'll", "", "IT will"),
            ("d'You", "", "do you"),
            ("'TIS", "", "IT IS"),
            ("'Tis", "", "It is"),
            ("O\u{2019}Brien's", "has", "O\u{2019}Brien has"),
            ("He'S", "has", "He HAS"),
            ("Ain't", "is not", "Is not"),
            ("Ainsley's", "is", "Ainsley is"),
        ] {
            source.set(text);
            let contraction = source.parse().unwrap();
            let mut out = String::new();
            contraction.push_full(&mut out, meaning);
            assert_eq!(out, full);
        }
    }
}
