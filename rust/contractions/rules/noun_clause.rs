//! Decides what 's stands for after a noun that begins its clause, by the words that follow.

use super::noun_s::Noun;
use super::noun_state::{
    LOOSE, adjective, ends_phrase, is_like_adjective, is_predicate_phrase, preposition,
};
use super::perfect::participle;
use super::verdict::{Verdict, only_has, only_is};
use crate::contractions::context::{Before, Words};
use crate::contractions::lexicon::{
    ADJECTIVES, ARTICLES, AUXILIARIES, BREAKS, DETERMINERS, INDEFINITES, NOMINAL_ING, NOUN_ING,
    OBJECT_STARTS, OBJECTS, PARTICLES, PAST_ONLY, POSSESSIVES, PREPOSITIONS, PURE_ING,
    SAME_PARTICIPLES, STATES, SUBJECTS, TIMES, Word,
};

/// Decides where the subject begins its clause. `adverb` says whether an adverb stands before
/// `verb`; `rest` are the words behind it.
pub fn clause(noun: Noun<'_>, verb: Word<'_>, rest: Words<'_>, adverb: bool) -> Option<Verdict> {
    let follows = rest.at(0);
    if matches!(verb.text, "a" | "an")
        || (adverb && verb.is_in(DETERMINERS) && rest.at(0).text != "way")
    {
        return Some(only_is("is-article", 0.8));
    }
    if verb.is_in(SAME_PARTICIPLES) && !verb.is_in(STATES) {
        let object = follows.is_in(ARTICLES | POSSESSIVES | OBJECTS);
        let runs = verb.text == "run" && follows.is_in(PARTICLES);
        if object || runs {
            return Some(only_has("has-object", 0.8));
        }
    }
    if follows.text == "than" && (verb.text.ends_with("er") || verb.text == "worse") {
        return Some(only_is("is-degree", 0.85));
    }
    if verb.is_in(INDEFINITES) {
        let ends = follows.is_in(LOOSE | ADJECTIVES) || follows.text == "to";
        return ends.then_some(only_is("is-indefinite", 0.75));
    }
    let ing = verb.text.ends_with("ing") && verb.is_longer_than(5);
    if verb.is_in(PURE_ING) || (ing && !verb.is_in(ADJECTIVES)) {
        return progressive(verb, rest);
    }
    if is_predicate_phrase(verb.text, follows.text) {
        return Some(only_is("is-phrase", 0.8));
    }
    let alone = matches!(
        verb.text,
        "at" | "from"
            | "about"
            | "in"
            | "on"
            | "up"
            | "off"
            | "out"
            | "down"
            | "outside"
            | "inside"
            | "around"
            | "through"
    );
    if alone && (ends_phrase(follows) || follows.is_in(TIMES)) {
        return Some(only_is("is-place", 0.75));
    }
    if verb.text == "gone" && follows.is_in(BREAKS) {
        return Some(only_is("is-gone", 0.6));
    }
    if matches!(verb.text, "gone" | "done" | "come" | "become") {
        return Some(only_has("has-intransitive", 0.7));
    }
    if verb.is_participle() {
        return passive_or_perfect(noun, verb, rest);
    }
    if verb.text == "as" {
        // "as good as gold"
        return (rest.at(1).text == "as").then_some(only_is("is-adjective", 0.85));
    }
    if verb.is_in(ADJECTIVES) || is_like_adjective(verb) {
        return adjective(verb, rest);
    }
    if verb.is_in(PREPOSITIONS) && verb.text != "of" {
        return preposition(verb, follows, noun.host);
    }
    matches!(
        verb.text,
        "what" | "why" | "how" | "where" | "because" | "that"
    )
    .then_some(only_is("is-clause", 0.7))
}

/// Decides before a participle: after a possessive, the noun that it describes would follow.
fn passive_or_perfect(noun: Noun<'_>, verb: Word<'_>, rest: Words<'_>) -> Option<Verdict> {
    let follows = rest.at(0);
    let joined = matches!(follows.text, "-" | "/" | "," | "and" | "or" | "of")
        || follows.text == "as" && !verb.is_in(STATES);
    let object = follows.is_in(ARTICLES | POSSESSIVES | OBJECTS | OBJECT_STARTS);
    let free = follows.is_in(LOOSE | PARTICLES)
        || follows.is_adverb()
        || follows.is_in(ADJECTIVES) && ends_phrase(rest.at(1));
    // These never stand before a noun that they describe.
    let deed = matches!(
        verb.text,
        "made"
            | "brought"
            | "bought"
            | "sent"
            | "met"
            | "told"
            | "heard"
            | "seen"
            | "caught"
            | "eaten"
    );
    if deed && noun.is_person() && follows.is_alphabetic() && !joined && !free {
        return Some(only_has("has-object", 0.7));
    }
    let main = rest.at(1).is_subject() || rest.at(1).is_in(DETERMINERS);
    let comma = follows.text == "," && (main || !verb.text.ends_with("ed"));
    // "Shelley's thought never had any backbone."
    let thought = verb.text == "thought" && follows.is_adverb();
    if !object && !comma && (joined || !free || thought) {
        return None;
    }
    // What decides to do something acts like a person: "the company's decided to move".
    let decides = follows.text == "to"
        && !rest.at(1).is_in(PREPOSITIONS | DETERMINERS | BREAKS)
        && matches!(
            verb.text,
            "decided" | "agreed" | "tried" | "refused" | "managed" | "promised"
        );
    let meal = matches!(
        noun.host.text,
        "dinner" | "lunch" | "breakfast" | "supper" | "tea" | "coffee"
    );
    let person = noun.is_person() && !meal;
    let animate = object || decides || person || matches!(verb.text, "left" | "died");
    let (before, adverbs) = (Before::nothing(), rest.until(0));
    Some(participle(verb, rest, &before, animate, adverbs))
}

/// Decides by a form in -ing.
fn progressive(verb: Word<'_>, rest: Words<'_>) -> Option<Verdict> {
    let follows = rest.at(0);
    if is_subject(verb, rest) {
        return None;
    }
    let object = follows.is_in(ARTICLES | POSSESSIVES | OBJECTS)
        || follows.is_in(TIMES)
            && !matches!(
                follows.text,
                "then" | "enough" | "either" | "though" | "indeed" | "too"
            );
    let manner = matches!(
        follows.text,
        "fast" | "well" | "badly" | "hard" | "low" | "late" | "at" | "to"
    ) || follows.is_in(PARTICLES)
        || (follows.text.ends_with("ly") && follows.is_adverb());
    let pure = verb.is_in(PURE_ING) && follows.text != "of";
    let confidence = if !pure && verb.is_in(NOMINAL_ING) {
        None
    } else if !pure {
        let ends = matches!(follows.text, "." | "!" | "?");
        (object || ends || manner).then_some(0.7)
    } else if !verb.is_in(NOUN_ING) {
        Some(0.85)
    } else if verb.text == "being" && (follows.is_participle() || follows.is_in(ADJECTIVES)) {
        Some(0.8)
    } else {
        let ends = ends_phrase(follows) && verb.text != "being";
        (object || manner || ends).then_some(0.75)
    };
    confidence.map(|confidence| only_is("is-progressive", confidence))
}

/// Whether an action is the subject of another verb: "Tom's leaving was a shock".
fn is_subject(verb: Word<'_>, rest: Words<'_>) -> bool {
    if matches!(
        verb.text,
        "saying" | "thinking" | "hoping" | "guessing" | "wondering" | "telling" | "asking"
    ) {
        return false;
    }
    for at in 0..3 {
        let word = rest.at(at);
        if word.is_in(BREAKS | DETERMINERS | SUBJECTS | OBJECTS)
            || matches!(
                word.text,
                "that" | "who" | "which" | "what" | "and" | "or" | "but"
            )
        {
            return false;
        }
        let finite =
            word.is_in(AUXILIARIES | PAST_ONLY) && !matches!(word.text, "be" | "been" | "being");
        let past = at > 0 && word.is_participle() && rest.at(at - 1).is_in(TIMES | ADJECTIVES);
        if finite || past {
            return true;
        }
    }
    false
}
