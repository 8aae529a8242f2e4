//! Finds it's, who's and let's that are written for its, whose and lets.
//!
//! What follows gives them away: what is owned is a noun without an article, and the clause has
//! another verb. In doubt, it is not a mistake.

use super::noun_s::may_follow_noun_verb;
use crate::contractions::context::{Before, Words};
use crate::contractions::lexicon::{
    ADJECTIVES, ARTICLES, ATTRIBUTIVE, AUXILIARIES, BASES, BREAKS, CONJUNCTIONS, COUNTED,
    DETERMINERS, EVENTS, INDEFINITES, NUMBERS, OBJECTS, OWNED, PAST_ONLY, PEOPLE, POSSESSIVES,
    PREPOSITIONS, SUBJECTS, TIMES, TRANSITIVE, Word,
};

/// Whether a host and 's, with these words around, are such a mistake.
pub fn is_mistake(host: Word<'_>, after: Words<'_>, before: &Before<'_>) -> bool {
    match host.text {
        "it" => is_its(after, before),
        "who" => is_whose(after),
        "let" => is_lets(after),
        _ => false,
    }
}

/// Whether a word may begin the name of what "it" owns. Before other words, "it's" is never such
/// a mistake.
pub fn may_be_owned(word: Word<'_>) -> bool {
    word.is_in(ATTRIBUTIVE) || is_noun(word)
}

/// Whether a word may be a noun: it is in no class that excludes it.
fn is_noun(word: Word<'_>) -> bool {
    let other = SUBJECTS
        | OBJECTS
        | DETERMINERS
        | INDEFINITES
        | NUMBERS
        | PREPOSITIONS
        | CONJUNCTIONS
        | AUXILIARIES
        | TIMES;
    word.is_alphabetic()
        && !word.is_in(other)
        && !may_follow_noun_verb(word)
        && !matches!(word.text, "no" | "like" | "such" | "who" | "when" | "which")
}

fn is_its(after: Words<'_>, before: &Before<'_>) -> bool {
    let word = after.at(0);
    if word.text == "own" {
        return true;
    }
    if !may_be_owned(word) {
        return false;
    }
    let (previous, second) = (before.at(0), before.at(1));
    match previous.text {
        // "Come on, it's time."
        "on" => !matches!(second.text, "come" | "go" | "hold"),
        "of" | "in" | "to" | "with" | "by" | "from" | "at" | "into" | "onto" | "through"
        | "than" | "during" | "despite" | "toward" | "towards" | "throughout" | "within"
        | "without" | "upon" | "under" | "behind" | "beneath" | "across" | "against" | "among" => {
            true
        }
        "after" | "before" | "since" | "until" | "following" => word.is_in(EVENTS),
        _ if is_subject(after, previous) || is_thing(after) => true,
        // "When opened it's huge." "After opening it's huge."
        _ if second.is_in(CONJUNCTIONS | PREPOSITIONS) => false,
        _ => is_transitive(previous) && is_object(after, previous, second),
    }
}

/// Whether a noun of one or two words is the subject of a verb that follows: "It's size is".
fn is_subject(after: Words<'_>, previous: Word<'_>) -> bool {
    let begins = previous.is_in(BREAKS) || matches!(previous.text, "and" | "but" | "so");
    let reported = matches!(previous.text, "think" | "thinks" | "thought" | "believe");
    let mut nouns = 1;
    if after.at(1).text == "&" {
        nouns += 1 + usize::from(is_noun(after.at(2)));
    } else {
        nouns += usize::from(is_noun(after.at(1)));
    }
    let (verb, next) = (after.at(nouns), after.at(nouns + 1));
    (begins || reported && nouns > 1)
        && matches!(verb.text, "is" | "was" | "are" | "were" | "has" | "had")
        && !next.is_in(SUBJECTS)
}

/// Whether the words name a thing, with an adjective, and nothing more: "(it's mobile website)".
fn is_thing(after: Words<'_>) -> bool {
    let (word, thing) = (after.at(0), after.at(1));
    let compared = matches!(word.text, "part" | "half" | "only" | "more" | "less");
    thing.is_in(COUNTED) && after.at(2).is_in(BREAKS) && !compared && !word.text.ends_with("ly")
}

/// Whether the words name the object of a verb before "it's". `second` stands before the verb.
fn is_object(after: Words<'_>, verb: Word<'_>, second: Word<'_>) -> bool {
    let (word, next) = (after.at(0), after.at(1));
    let ends = BREAKS | PREPOSITIONS | CONJUNCTIONS;
    if word.is_in(OWNED) || is_quality(word) {
        return true;
    }
    if is_noun(next) {
        return word.is_in(ATTRIBUTIVE) || after.at(2).is_in(ends) && second.text != "to";
    }
    let done = verb.text.ends_with("ed") || verb.text.ends_with("ing");
    let ends = next.is_in(ends) || next.is_in(ADJECTIVES) && after.at(2).is_in(BREAKS);
    done && ends && !word.is_in(ATTRIBUTIVE) && !may_be_adjective(word)
}

/// Whether a noun is derived from an adjective or a verb.
fn is_quality(word: Word<'_>) -> bool {
    ends_in(word, &["ness", "ity", "ment", "ance", "ence"])
}

fn may_be_adjective(word: Word<'_>) -> bool {
    let endings = [
        "al", "ful", "ous", "ive", "ic", "able", "ible", "less", "ish", "y", "ent", "ant", "ar",
        "ile", "ete", "er",
    ];
    ends_in(word, &endings)
}

fn ends_in(word: Word<'_>, endings: &[&str]) -> bool {
    endings.iter().any(|ending| word.text.ends_with(ending))
}

/// Whether a word is a form of a verb that has an object, and never a clause.
fn is_transitive(word: Word<'_>) -> bool {
    let known = |text: &str| Word::new(text).is_in(TRANSITIVE);
    let stem = |ending| word.text.strip_suffix(ending);
    known(word.text)
        || ["s", "es"].into_iter().filter_map(stem).any(known)
        || ["ed", "ing"].into_iter().filter_map(stem).any(|stem| {
            let last = stem.chars().next_back();
            let single = last.and_then(|last| stem.strip_suffix(last));
            let doubled = single.filter(|single| single.chars().next_back() == last);
            known(stem) || known(&format!("{stem}e")) || doubled.is_some_and(known)
        })
}

fn is_whose(after: Words<'_>) -> bool {
    // "a poet who's eventually fame was", for "whose eventual".
    let adverbs = usize::from(after.at(0).text.ends_with("ly") && after.at(1).is_in(OWNED));
    let (word, verb) = (after.at(adverbs), after.at(adverbs + 1));
    let finite = verb.is_in(AUXILIARIES | PAST_ONLY) || verb.is_participle();
    if word.is_in(OWNED | PEOPLE) && finite {
        return true;
    }
    // A verb without -s cannot go with "who is": "a firm who's stated goals include …"
    let plural = is_noun(verb) && verb.is_longer_than(3) && is_plural(verb);
    let third = after.at(adverbs + 2);
    (may_be_owned(word) || word.is_participle())
        && plural
        && third.is_in(BASES)
        && !third.is_in(AUXILIARIES | PREPOSITIONS)
}

fn is_plural(word: Word<'_>) -> bool {
    word.text.ends_with('s') && !ends_in(word, &["ss", "us", "is"])
}

/// Whether an object follows, where a verb would follow "let us": "it let's the cat in".
fn is_lets(after: Words<'_>) -> bool {
    let (word, next) = (after.at(0), after.at(1));
    // "Let's you and me go." "Let's the two of us go."
    word.is_in(ARTICLES | POSSESSIVES | OBJECTS | SUBJECTS)
        && !(next.is_in(NUMBERS) || next.text == "and")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verbs_are_known_in_their_forms() {
        for (word, known) in [
            ("open", true),
            ("opens", true),
            ("reaches", true),
            ("opened", true),
            ("raised", true),
            ("dragged", true),
            ("losing", true),
            ("dropping", true),
            ("took", true),
            ("said", false),
            ("thinking", false),
            ("ed", false),
            ("ing", false),
            ("s", false),
        ] {
            assert_eq!(is_transitive(Word::new(word)), known, "{word}");
        }
    }
}
