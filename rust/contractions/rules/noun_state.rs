//! Decides what 's stands for after a noun, by what may be said of the noun: an adjective, a
//! degree, a measure, a place.

use super::verdict::{Verdict, only_is};
use crate::contractions::context::Words;
use crate::contractions::lexicon::{
    ADJECTIVES, ARTICLES, BREAKS, CONJUNCTIONS, Class, DEMONSTRATIVES, DETERMINERS,
    NOUN_ADJECTIVES, NUMBERS, OBJECTS, PEOPLE, POSSESSIVES, PREPOSITIONS, STOPS, TIMES, WEEKDAYS,
    Word,
};

/// What begins a noun phrase that is known to the reader.
const DEFINITE: Class = ARTICLES | POSSESSIVES | DEMONSTRATIVES;
/// What may follow a predicate, but not a possessive.
pub const LOOSE: Class = BREAKS | PREPOSITIONS | CONJUNCTIONS | TIMES;

/// Whether a punctuation mark ends a phrase, rather than joining two words.
pub fn ends_phrase(word: Word<'_>) -> bool {
    word.is_in(BREAKS) && !matches!(word.text, "-" | "/")
}

/// Decides by an adjective: with no noun after it, it is a predicate.
pub fn adjective(word: Word<'_>, rest: Words<'_>) -> Option<Verdict> {
    let (follows, next) = (rest.at(0), rest.at(1));
    let parted = if word.is_in(NOUN_ADJECTIVES) {
        DETERMINERS
    } else {
        DETERMINERS | CONJUNCTIONS | BREAKS
    };
    if follows.text == "," && !next.is_in(parted) && !next.is_subject() {
        // "her fat, solemn face"
        return None;
    }
    let confidence = if word.is_in(NOUN_ADJECTIVES) {
        let clause = matches!(
            follows.text,
            "because" | "when" | "if" | "but" | "until" | "till" | "since" | "as"
        );
        let suits = matches!(
            word.text,
            "good" | "bad" | "hard" | "easy" | "safe" | "fine" | "better"
        ) && follows.text == "for";
        let best = matches!(word.text, "best" | "worst" | "better" | "own");
        let ends = ends_phrase(follows) && (!best || follows.is_in(STOPS));
        let due = matches!(word.text, "due" | "open" | "dead")
            && matches!(follows.text, "in" | "on" | "at" | "to");
        let lasts = follows.is_in(TIMES) && (!best || word.text == "better");
        (ends || clause || suits || due || lasts).then_some(0.7)
    } else if ends_phrase(follows)
        || matches!(
            follows.text,
            "to" | "because" | "when" | "if" | "but" | "as"
        )
    {
        Some(0.85)
    } else {
        (follows.is_in(PREPOSITIONS | TIMES) || follows.text == "that").then_some(0.7)
    };
    confidence.map(|confidence| only_is("is-adjective", confidence))
}

/// Whether the ending of a word is that of an adjective.
pub fn is_like_adjective(word: Word<'_>) -> bool {
    let endings: &[&str] = match word.text.as_bytes().last() {
        Some(b'l') => &["ful"],
        Some(b's') => &["ous", "less"],
        Some(b'e') => &["able", "ible"],
        _ => return false,
    };
    let noun = ["handful", "armful", "vegetable", "constable", "timetable"];
    word.is_longer_than(5)
        && endings.iter().any(|ending| word.text.ends_with(ending))
        && !noun.contains(&word.text)
}

/// Decides by a preposition, and by what follows it.
pub fn preposition(word: Word<'_>, follows: Word<'_>, host: Word<'_>) -> Option<Verdict> {
    let person = host.is_in(PEOPLE) && matches!(word.text, "in" | "at" | "on" | "from");
    let confidence = if follows.is_in(DEFINITE | OBJECTS)
        || word.text == "from"
        || (word.text == "on" && follows.is_in(WEEKDAYS))
    {
        Some(0.75)
    } else {
        (person && follows.is_alphabetic()).then_some(0.7)
    };
    confidence.map(|confidence| only_is("is-preposition", confidence))
}

/// Whether a preposition says where something is.
pub fn says_where(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "in" | "on"
            | "at"
            | "from"
            | "for"
            | "with"
            | "about"
            | "under"
            | "near"
            | "behind"
            | "beside"
            | "between"
    )
}

/// Decides by a place: "here.", "there with the dog".
pub fn place(words: Words<'_>) -> Option<Verdict> {
    let (place, follows) = (words.at(0), words.at(1));
    let sure = matches!(place.text, "here" | "there" | "everywhere" | "nowhere");
    let ends = if sure {
        follows.is_in(LOOSE) || follows.text == "to"
    } else {
        (place.is_in(TIMES) || place.text == "well") && follows.is_in(STOPS)
    };
    ends.then_some(only_is("is-place", 0.8))
}

/// Decides by a number: "twelve.", "about six miles from here". `whole` says whether the
/// subject begins its clause.
pub fn measure(words: Words<'_>, whole: bool) -> Option<Verdict> {
    let about = |word: Word<'_>| {
        matches!(
            word.text,
            "about" | "only" | "almost" | "nearly" | "over" | "just" | "under" | "around"
        )
    };
    let at = words.iter().take_while(|&word| about(word)).count();
    let (number, unit, follows) = (words.at(at), words.at(at + 1), words.at(at + 2));
    if !(number.is_in(NUMBERS) || number.is_number()) || !(whole || at > 0) {
        return None;
    }
    let measured = matches!(
        unit.text,
        "years"
            | "percent"
            | "inches"
            | "feet"
            | "miles"
            | "yards"
            | "pounds"
            | "minutes"
            | "hours"
            | "days"
            | "weeks"
            | "months"
            | "dollars"
            | "%"
    );
    let open = follows.is_in(BREAKS)
        || matches!(
            follows.text,
            "from"
                | "away"
                | "down"
                | "up"
                | "apart"
                | "ahead"
                | "back"
                | "old"
                | "long"
                | "wide"
                | "high"
                | "deep"
                | "tall"
                | "thick"
                | "late"
        );
    let one = number.text == "one" && unit.text == "of";
    let ends = whole && number.is_alphabetic() && (unit.is_in(STOPS) || one);
    (ends || measured && open && (at > 0 || !follows.is_in(BREAKS)))
        .then_some(only_is("is-measure", 0.75))
}

/// Decides by a degree before a word: "so fat", "more particular."
pub fn degree(words: Words<'_>) -> Option<Verdict> {
    let (adverb, word, follows) = (words.at(0), words.at(1), words.at(2));
    match adverb.text {
        "so" | "too" if word.is_alphabetic() && word.is_longer_than(1) && word.text != "called" => {
            Some(only_is("is-degree", 0.8))
        }
        "mighty" | "awful" | "damn" | "damned" | "darn" | "real" | "pretty"
            if word.is_in(ADJECTIVES) && ends_phrase(follows) =>
        {
            Some(only_is("is-degree", 0.75))
        }
        "probably" | "certainly" | "definitely" | "surely" | "maybe" | "perhaps" | "apparently" => {
            Some(only_is("is-adverb", 0.75))
        }
        "somewhat" if word.text == "like" => Some(only_is("is-degree", 0.75)),
        "more" | "quite" | "rather" | "very" if word.is_alphabetic() && word.text != "own" => {
            let ends = follows.is_in(BREAKS) && !matches!(follows.text, "," | "-");
            ends.then_some(only_is("is-degree", 0.7))
        }
        _ => None,
    }
}

/// Whether a preposition and the word after it are a predicate.
pub fn is_predicate_phrase(first: &str, second: &str) -> bool {
    let seconds: &[&str] = match first {
        "in" => &[
            "trouble", "love", "danger", "charge", "pain", "hospital", "bed", "town", "jail",
            "prison", "shock", "need", "control", "touch", "place", "order", "season", "here",
            "there", "for",
        ],
        "on" => &[
            "fire", "strike", "sale", "holiday", "vacation", "time", "track", "board", "tv",
            "duty", "top", "point", "fleek", "hold", "call", "about",
        ],
        "at" => &[
            "home", "work", "school", "war", "stake", "risk", "fault", "large", "lunch", "sea",
        ],
        "under" => &["arrest", "control", "pressure", "attack", "way"],
        "out" => &["of", "in", "there", "on", "with", "at"],
        "off" => &["to", "at", "the"],
        "up" => &["to", "in", "at", "there", "here", "with"],
        "down" => &["at", "in", "to", "with", "the"],
        "over" => &["at", "in", "here", "there"],
        "back" => &["in", "from", "to", "at", "on", "with"],
        "away" => &["from", "at", "on"],
        "from" => &["here"],
        "about" | "next" => &["to"],
        "because" => &["of"],
        _ => &[],
    };
    seconds.contains(&second)
}
