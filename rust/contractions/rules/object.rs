//! Finds the object of a participle. With an object, 's is "has".
//!
//! ```text
//! she's used it  =  she has used it        she's used to it  =  she is used to it
//! ```

use crate::contractions::context::Words;
use crate::contractions::lexicon::{
    ADJECTIVES, ARTICLES, AUXILIARIES, BARE_OBJECT, BREAKS, CONJUNCTIONS, DEMONSTRATIVES,
    DETERMINERS, FEELINGS, INDEFINITES, NAMED, OBJECT_STARTS, OBJECTS, PARTICLES, PAST_ONLY,
    POSSESSIVES, PREPOSITIONS, REPORTED, STATES, STOPS, SUBJECTS, TIME_NOUNS, TIMES, TWO_OBJECTS,
    Word,
};

/// Whether an object of the participle follows it. `animate` says whether the subject is a
/// person.
pub fn has_object(word: Word<'_>, after: Words<'_>, animate: bool) -> bool {
    let first = after.at(0);
    if first.text == "that" && !animate {
        // "It's agreed that …"
        return false;
    }
    let particle = matches!(first.text, "up" | "out" | "off" | "down" | "away" | "back");
    let at = usize::from(particle);
    if word.is_in(NAMED) && !particle {
        return animate && names_object(word, after);
    }
    if word.is_in(FEELINGS) {
        return object_at(word, after, at) && !begins_clause(after.from(at));
    }
    if word.is_in(TWO_OBJECTS) && !after.at(at).is_in(OBJECTS) {
        return false;
    }
    let bare = word.is_in(BARE_OBJECT);
    if object_at(word, after, at) || (bare && first.text == "a") {
        return true;
    }
    if word.is_in(STATES) {
        return false;
    }
    if after.at(at).is_number() {
        return bare;
    }
    if particle || (!bare && !animate) {
        let taken = ["place", "part", "care", "time", "years", "over"];
        return word.text == "taken" && taken.contains(&first.text);
    }
    first.is_alphabetic()
        && !first.is_in(
            PREPOSITIONS
                | CONJUNCTIONS
                | TIMES
                | DETERMINERS
                | ADJECTIVES
                | PARTICLES
                | AUXILIARIES,
        )
        && !first.is_adverb()
        && !first.is_participle()
        && !first.text.ends_with("ing")
}

/// Whether an object begins at the word at `at`.
pub fn object_at(verb: Word<'_>, after: Words<'_>, at: usize) -> bool {
    let (word, next, third) = (after.at(at), after.at(at + 1), after.at(at + 2));
    match word.text {
        "every" | "each" | "this" => next.is_alphabetic() && !next.is_in(TIME_NOUNS),
        "that" => {
            next.is_alphabetic()
                && !next.is_in(TIME_NOUNS | SUBJECTS | DETERMINERS | INDEFINITES)
                && !verb.is_in(FEELINGS | REPORTED)
        }
        "half" => next.is_in(ARTICLES | POSSESSIVES),
        "all" => matches!(
            next.text,
            "the" | "these" | "those" | "of" | "my" | "his" | "her" | "our" | "their"
        ),
        _ if word.is_in(OBJECT_STARTS) => {
            // "It's cooked the way …", "it's done a lot", "it's located the other side".
            let lot = matches!(next.text, "lot" | "bit" | "little" | "while") && third.text != "of";
            let deal = matches!(next.text, "great" | "good") && third.text == "deal";
            // "He's expected the day after."
            let day = matches!(third.text, "after" | "before") && next.is_in(TIME_NOUNS)
                || matches!(next.text, "next" | "following") && third.is_in(TIME_NOUNS);
            let way = next.text == "way" && !word.is_in(POSSESSIVES);
            !way && !lot && !deal && !day
        }
        _ => false,
    }
}

/// Whether what follows a verb of naming is an object, not a name: "he's called the
/// police", and not "he's called the Fox".
fn names_object(word: Word<'_>, after: Words<'_>) -> bool {
    let (first, next) = (after.at(0), after.at(1));
    if first.is_in(OBJECTS | POSSESSIVES | INDEFINITES | DEMONSTRATIVES) {
        return true;
    }
    if first.text == "every" {
        return object_at(word, after, 0);
    }
    if word.text == "considered" && first.text.ends_with("ing") {
        return true;
    }
    let mut clause = after.iter().take_while(|word| !word.is_in(STOPS));
    let passive = clause.any(|word| word.text == "by");
    match first.text {
        "the" => {
            !passive
                && !matches!(next.text, "best" | "worst" | "most")
                && !next.text.ends_with("est")
        }
        "a" | "an" => word.text == "called" && is_called(next) || word.text == "named",
        _ => false,
    }
}

/// Whether it is something that people call for.
fn is_called(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "meeting"
            | "halt"
            | "strike"
            | "truce"
            | "vote"
            | "taxi"
            | "cab"
            | "doctor"
            | "lawyer"
            | "plumber"
            | "friend"
            | "conference"
            | "election"
            | "ambulance"
            | "number"
    )
}

/// Whether words after a feeling are a clause: "he's convinced the house is haunted".
fn begins_clause(after: Words<'_>) -> bool {
    let (first, next) = (after.at(0), after.at(1));
    if matches!(first.text, "you" | "it" | "her") {
        let object = next.is_in(BREAKS | PREPOSITIONS | CONJUNCTIONS | TIMES | PARTICLES);
        if first.text != "her" && !object {
            return true;
        }
    }
    let mut words = after.iter().take_while(|word| {
        !word.is_in(BREAKS | CONJUNCTIONS) && !matches!(word.text, "that" | "who" | "which")
    });
    words.any(|word| {
        word.is_in(AUXILIARIES | PAST_ONLY)
            || word.text.contains('\'')
            || (!word.is_in(ARTICLES) && word.text.ends_with("n't"))
    })
}
