//! Finds contractions that are written without their apostrophe: dont, im, youre.
//!
//! Only on request, and for English text only: some of these are words of other languages.
//! Those that are also other English words (its, lets, cant, wont, id, ill) count only where
//! those words cannot stand; were, well, hell, shell, shed and wed never count.

use std::sync::LazyLock;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::characters::{character_at, character_before, is_in_names, straight};
use super::context::{Before, Window};
use super::lexicon::{
    ADJECTIVES, ARTICLES, AUXILIARIES, BASES, BREAKS, CLAUSE_OPENERS, DETERMINERS, OBJECTS,
    POSSESSIVES, PREPOSITIONS, Word,
};

const CONTRACTIONS: &str = "
    don't doesn't didn't isn't aren't wasn't weren't haven't hasn't hadn't can't couldn't won't
    wouldn't shouldn't mustn't mightn't needn't ain't
    i'm i've i'll i'd you're you've you'll you'd we've they're they've they'll they'd
    he's she's it's it'll it'd that's that'll that'd there's there'll here's where's what's
    what'll who's who'll who've how's when's why's let's y'all
    could've should've would've might've must've
";
/// The longest of them, without its apostrophe.
const LONGEST: usize = 8;

/// Where the apostrophe belongs, by the word without it.
static PLACES: LazyLock<HashMap<String, usize, FixedState>> = LazyLock::new(|| {
    let words = CONTRACTIONS.split_whitespace();
    words
        .filter_map(|word| Some((word.replace('\'', ""), word.find('\'')?)))
        .collect()
});

/// A word that may lack its apostrophe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bare {
    pub start: usize,
    pub end: usize,
    /// Where the apostrophe belongs.
    pub apostrophe: usize,
}

/// Finds the first one from `at` on that is not part of something longer.
pub fn find_bare(text: &str, mut at: usize) -> Option<Bare> {
    let bytes = text.as_bytes();
    loop {
        let start = at + bytes[at..].iter().position(u8::is_ascii_alphabetic)?;
        let length = bytes[start..]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
        at = start + length;
        if length > LONGEST {
            continue;
        }
        let mut lower = [0; LONGEST];
        lower[..length].copy_from_slice(&bytes[start..at]);
        lower[..length].make_ascii_lowercase();
        let word = std::str::from_utf8(&lower[..length]).unwrap_or_default();
        let Some(place) = PLACES.get(word) else {
            continue;
        };
        let ties =
            |character: char| is_in_names(character) || "'-@#&$\\/.".contains(straight(character));
        let tied_after =
            |character: char| is_in_names(character) || "'-@\\/".contains(straight(character));
        if !character_before(text, start).is_some_and(ties)
            && !character_at(text, at).is_some_and(tied_after)
        {
            let apostrophe = start + place;
            return Some(Bare {
                start,
                end: at,
                apostrophe,
            });
        }
    }
}

/// Whether a contraction is meant, and not another word that is spelled the same.
pub fn is_meant(text: &str, bare: Bare) -> bool {
    let written = &text[bare.start..bare.end];
    let before = Before::new(text, bare.start);
    let window = Window::after(text, bare.end);
    let (previous, next) = (before.at(0), window.words().at(0));
    let opens = previous.is_in(BREAKS | CLAUSE_OPENERS);
    let capital = written.starts_with(|first: char| first.is_ascii_uppercase());
    let capitals = written.len() > 1 && written.bytes().all(|byte| byte.is_ascii_uppercase());
    match written.to_ascii_lowercase().as_str() {
        // The hypocrite's cant, and what he is wont to do.
        "cant" => !previous.is_in(DETERMINERS | PREPOSITIONS | ADJECTIVES),
        "wont" => {
            !previous.is_in(POSSESSIVES | ARTICLES | AUXILIARIES)
                && previous.text != "as"
                && next.text != "to"
        }
        "its" => next.is_in(ARTICLES) || begins_predicate(next),
        "lets" => opens && (next.is_in(BASES) || next.text == "not"),
        "id" | "ill" => opens && !capitals && (next.is_in(BASES) || next.is_adverb()),
        // "a quick IM", "IM me", "the IM client", "Jony Ive"
        "im" | "ive" => {
            let message = capitals && (next.is_in(BREAKS) || next.is_in(OBJECTS))
                || previous.is_in(DETERMINERS | POSSESSIVES | ADJECTIVES);
            let name = capital && !capitals && !opens && previous.is_alphabetic();
            !message && !name
        }
        _ => true,
    }
}

/// Whether a word may follow "it's" but not "its".
fn begins_predicate(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "not"
            | "been"
            | "got"
            | "gonna"
            | "gotta"
            | "going"
            | "raining"
            | "snowing"
            | "okay"
            | "ok"
            | "me"
            | "him"
            | "her"
            | "them"
            | "us"
            | "my"
            | "your"
            | "what"
            | "why"
            | "because"
            | "time"
            | "too"
            | "so"
            | "like"
            | "just"
            | "really"
            | "always"
            | "never"
            | "about"
            | "in"
            | "on"
            | "at"
            | "for"
            | "from"
            | "with"
            | "this"
            | "that"
            | "there"
            | "here"
            | "all"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bare_words_are_found() {
        for (text, found) in [
            ("I dont", Some((2, 6, 5))),
            ("Youre", Some((0, 5, 3))),
            ("IM here", Some((0, 2, 1))),
            ("dontcha don't @im im's a_im x.im", None),
            ("well, were ill-fed", None),
        ] {
            let places = |bare: Bare| (bare.start, bare.end, bare.apostrophe);
            assert_eq!(find_bare(text, 0).map(places), found, "{text}");
        }
    }

    #[test]
    fn other_words_stay() {
        for (text, meant) in [
            ("I cant go", true),
            ("the cant of thieves", false),
            ("it wont go", true),
            ("as is his wont", false),
            ("he was wont to", false),
            ("its a dog", true),
            ("its tail", false),
            ("so lets go", true),
            ("he lets go", false),
            ("id like that", true),
            ("your id please", false),
            ("ill be back", true),
            ("he fell ill", false),
            ("im late", true),
            ("Jony Ive did it", false),
            ("IM sure", true),
            ("IM me later", false),
            ("the IM client", false),
        ] {
            let bare = find_bare(text, 0).unwrap();
            assert_eq!(is_meant(text, bare), meant, "{text}");
        }
    }
}
