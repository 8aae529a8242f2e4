//! The grammar of contractions: a host, then one clitic or several.
//!
//! ```text
//! hadn't've  =  had + n't + 've        y'all'd've  =  y'all + 'd + 've
//! ```
//!
//! Most have one meaning. Those in 's or 'd may have several, and ain't always has; the rules
//! decide about them by the words around.

use super::characters::{is_apostrophe, is_letter, push_lower};
use super::lexicon::{D_HOSTS, INDEFINITES, MODALS, PLURAL_HOSTS, PURE_HOSTS, Word};

/// A possible contraction, as written, and in lower case with straight apostrophes.
#[derive(Debug, Default)]
pub struct Source {
    text: String,
    lower: String,
}

/// What a contraction means, or which rules decide about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// These words instead of the clitics, by a rule with this name.
    Fixed(&'static [&'static str], &'static str),
    /// These words instead of all of it.
    Whole(&'static str),
    /// Let's.
    Us,
    PronounS,
    IndefiniteS,
    NounS,
    PronounD,
    NounD,
    Aint,
}

/// A contraction, parsed.
#[derive(Debug, Clone, Copy)]
pub struct Contraction<'a> {
    pub kind: Kind,
    /// All of it as written.
    pub source: &'a str,
    /// The host as written.
    pub written: &'a str,
    pub host: Word<'a>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Clitic {
    S,
    T,
    D,
    M,
    Ll,
    Ve,
    Re,
    Dn,
}

impl Source {
    /// Sets the text.
    pub fn set(&mut self, text: &str) {
        self.text.clear();
        self.lower.clear();
        self.text.push_str(text);
        push_lower(&mut self.lower, text);
    }

    /// Sets the text to a host and clitics that lack the apostrophe between them.
    pub fn set_bare(&mut self, host: &str, clitics: &str) {
        self.text.clear();
        self.lower.clear();
        self.text.extend([host, "'", clitics]);
        push_lower(&mut self.lower, &self.text);
    }

    /// Parses it. None if it is not a contraction.
    pub fn parse(&self) -> Option<Contraction<'_>> {
        let lower = self.lower.as_str();
        if let Some(full) = whole(lower) {
            return Some(self.contraction(Kind::Whole(full), 0, lower));
        }
        let mut host_end = lower.find('\'')?;
        if lower.starts_with("y'all'") || lower.starts_with("ya'll'") {
            host_end = "y'all".len();
        }
        // O'Brien's
        while let Some((first, _)) = lower[host_end + 1..].split_once('\'')
            && Clitic::of(first).is_none()
        {
            host_end += 1 + first.len();
        }
        let (host, parts) = (&lower[..host_end], &lower[host_end + 1..]);
        if host.is_empty() {
            return None;
        }
        let (mut clitics, mut count) = ([Clitic::S; 3], 0);
        for part in parts.split('\'') {
            *clitics.get_mut(count)? = Clitic::of(part)?;
            count += 1;
        }
        let contraction = self.contraction(Kind::Aint, count, host);
        let kind = contraction.kind_by(&clitics[..count])?;
        Some(Contraction {
            kind,
            ..contraction
        })
    }

    fn contraction<'a>(&'a self, kind: Kind, clitics: usize, host: &'a str) -> Contraction<'a> {
        let mut written = self.text.as_str();
        for _ in 0..clitics {
            written = written
                .rsplit_once(is_apostrophe)
                .map_or("", |(before, _)| before);
        }
        Contraction {
            kind,
            source: &self.text,
            written,
            host: Word::new(host),
        }
    }
}

impl Contraction<'_> {
    fn kind_by(&self, clitics: &[Clitic]) -> Option<Kind> {
        use Clitic::{D, Dn, Ll, M, Re, S, T, Ve};
        let first = *clitics.first()?;
        if let [S] = clitics {
            return self.kind_of_s();
        }
        if let [D] = clitics {
            return self.kind_of_d();
        }
        if first == T && self.host.text == "ain" {
            return (clitics.len() == 1).then_some(Kind::Aint);
        }
        if !fits(self.host, first) {
            return None;
        }
        let (words, rule): (&[&str], _) = match clitics {
            [Ll] => (&["will"], "will"),
            [Ve] => (&["have"], "have"),
            [Re] => (&["are"], "are"),
            [M] => (&["am"], "am"),
            [T] => (&["not"], "not"),
            [Ll, Ve] => (&["will", "have"], "will-have"),
            [Re, Ve] => (&["are", "have"], "are-have"),
            [M, Ve] => (&["am", "have"], "am-have"),
            [T, Ve] => (&["not", "have"], "not-have"),
            [D, Ve] => (&["would", "have"], "would-have"),
            [Dn, T] => (&["would", "not"], "would-not"),
            [Dn, T, Ve] => (&["would", "not", "have"], "would-not-have"),
            _ => return None,
        };
        Some(Kind::Fixed(words, rule))
    }

    fn kind_of_s(&self) -> Option<Kind> {
        let host = self.host;
        match host.text {
            "let" => return Some(Kind::Us),
            // Before 's these are not standard English; no guess is made.
            "i" | "you" | "we" | "they" | "me" | "him" | "them" | "us" | "do" | "don" | "y'all" => {
                return None;
            }
            _ => {}
        }
        if host.is_in(PURE_HOSTS) {
            return Some(Kind::PronounS);
        }
        self.is_of_noun().then_some(())?;
        if host.is_in(INDEFINITES) || host.text == "one" {
            return Some(Kind::IndefiniteS);
        }
        Some(Kind::NounS)
    }

    fn kind_of_d(&self) -> Option<Kind> {
        if self.host.is_in(D_HOSTS) {
            return Some(Kind::PronounD);
        }
        // Abbreviations used as verbs: "he OK'd it".
        let abbreviated = matches!(
            self.host.text,
            "ok" | "ko" | "od" | "id" | "cc" | "bcc" | "dj" | "mc" | "rsvp" | "pm" | "dm" | "okay"
        );
        (!abbreviated && self.is_of_noun()).then_some(Kind::NounD)
    }

    /// Whether all of it is in capitals.
    pub fn is_in_capitals(&self) -> bool {
        is_in_capitals(self.source)
    }

    /// Whether the host is long enough for a noun, and not an abbreviation.
    fn is_of_noun(&self) -> bool {
        let acronym = is_in_capitals(self.written) && self.source.ends_with(char::is_lowercase);
        let long = self.host.is_longer_than(2)
            // "Pa's", "Ed's"
            || self.host.is_longer_than(1) && self.written.starts_with(char::is_uppercase);
        long && !acronym && self.host.text.contains(is_vowel)
    }
}

impl Clitic {
    fn of(text: &str) -> Option<Self> {
        Some(match text {
            "s" => Clitic::S,
            "t" => Clitic::T,
            "d" => Clitic::D,
            "m" => Clitic::M,
            "ll" => Clitic::Ll,
            "ve" => Clitic::Ve,
            "re" => Clitic::Re,
            "dn" => Clitic::Dn,
            _ => return None,
        })
    }
}

/// Whether a clitic with one meaning may follow a host.
fn fits(host: Word<'_>, clitic: Clitic) -> bool {
    let joined = |letter: char| is_letter(letter) || matches!(letter, '\'' | '-');
    let part = host.text.rsplit_once('\'').map(|(_, part)| Word::new(part));
    let name = part.is_none_or(|part| part.is_longer_than(2) && !part.is_in(D_HOSTS));
    let noun = || host.is_longer_than(2) && name && host.text.chars().all(joined);
    let plural = || {
        host.text.ends_with('s')
            && !host.text.ends_with("ss")
            && host.is_longer_than(3)
            && host.is_alphabetic()
    };
    match clitic {
        Clitic::T => negated(host.text).is_some(),
        Clitic::M => host.text == "i",
        Clitic::S => false,
        Clitic::Re => host.is_in(PLURAL_HOSTS) || plural(),
        Clitic::Ve => {
            host.text == "i"
                || host.is_in(PLURAL_HOSTS | MODALS)
                || plural()
                || (noun() && host.is_adverb())
        }
        Clitic::D | Clitic::Ll | Clitic::Dn => host.is_in(D_HOSTS) || noun(),
    }
}

fn is_in_capitals(text: &str) -> bool {
    text.contains(char::is_uppercase) && !text.contains(char::is_lowercase)
}

fn is_vowel(letter: char) -> bool {
    "aeiouyáéíóúàèäëïöü".contains(letter)
}

/// The auxiliary before n't, given what is written before 't.
pub fn negated(host: &str) -> Option<&'static str> {
    Some(match host {
        "isn" => "is",
        "aren" => "are",
        "wasn" => "was",
        "weren" => "were",
        "amn" => "am",
        "don" => "do",
        "doesn" => "does",
        "didn" => "did",
        "hasn" => "has",
        "haven" | "havn" => "have",
        "hadn" => "had",
        "can" => "can",
        "couldn" => "could",
        "won" => "will",
        "wouldn" => "would",
        "shan" => "shall",
        "shouldn" => "should",
        "mayn" => "may",
        "mightn" => "might",
        "mustn" => "must",
        "needn" => "need",
        "oughtn" => "ought",
        "daren" => "dare",
        "usedn" => "used",
        _ => return None,
    })
}

/// The full form of contractions that are not a host with clitics.
fn whole(lower: &str) -> Option<&'static str> {
    Some(match lower {
        "y'all" | "ya'll" => "you all",
        "d'you" | "d'ya" | "d'ye" => "do you",
        "'tis" => "it is",
        "'twas" => "it was",
        "'twere" => "it were",
        "'twill" => "it will",
        "'twould" => "it would",
        "'tisn't" | "'tain't" => "it is not",
        "'twasn't" => "it was not",
        "'tweren't" => "it were not",
        "'twon't" => "it will not",
        "'twouldn't" => "it would not",
        "'twould've" => "it would have",
        "'twill've" => "it will have",
        "'twouldn't've" => "it would not have",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<Kind> {
        let mut source = Source::default();
        source.set(text);
        source.parse().map(|contraction| contraction.kind)
    }

    #[test]
    fn words_are_parsed() {
        let fixed = |words, rule| Some(Kind::Fixed(words, rule));
        for (text, expected) in [
            ("Don\u{2019}t", fixed(&["not"], "not")),
            ("y'all'd've", fixed(&["would", "have"], "would-have")),
            (
                "it'dn't've",
                fixed(&["would", "not", "have"], "would-not-have"),
            ),
            ("let`s", Some(Kind::Us)),
            ("'TWON'T", Some(Kind::Whole("it will not"))),
            ("y'all", Some(Kind::Whole("you all"))),
            ("who's", Some(Kind::PronounS)),
            ("nobody's", Some(Kind::IndefiniteS)),
            ("O'Brien's", Some(Kind::NounS)),
            ("NATO's", None),
            ("NATO'S", Some(Kind::NounS)),
            ("he'd", Some(Kind::PronounD)),
            ("dog'd", Some(Kind::NounD)),
            ("Ain't", Some(Kind::Aint)),
            ("ain't've", None),
            ("OK'd", None),
            ("they's", None),
            ("y'all's", None),
            ("you'm", None),
            ("dog're", None),
            ("dogs're", fixed(&["are"], "are")),
            ("it's'd", None),
            ("'s", None),
            ("pst's", None),
        ] {
            assert_eq!(kind(text), expected, "{text}");
        }
    }

    #[test]
    fn hosts_are_kept_as_written() {
        let mut source = Source::default();
        source.set("O\u{2019}Brien\u{2019}S");
        let parsed = source.parse().unwrap();
        assert_eq!(parsed.written, "O\u{2019}Brien");
        assert_eq!(parsed.host.text, "o'brien");
    }
}
