//! Decides what 's stands for after a pronoun: is, has, does, or a possessive.

use super::mistake::is_mistake;
use super::perfect::is_or_has;
use super::verdict::{POSSESSIVE, Verdict, has, is, means, nothing};
use crate::contractions::context::{Before, Words};
use crate::contractions::lexicon::{
    ADJECTIVES, AUXILIARIES, BASES, BREAKS, CONJUNCTIONS, DEMONSTRATIVES, DETERMINERS,
    INTRANSITIVE, NOUN_ADJECTIVES, OBJECTS, PREPOSITIONS, STATES, SUBJECTS, TIMES, WH_HOSTS, Word,
};

/// Decides for a host whose possessive is not formed with 's: it, he, who.
pub fn pronoun_s(host: Word<'_>, after: Words<'_>, before: &Before<'_>) -> Verdict {
    let word = after.at(0);
    if host.is_in(WH_HOSTS) && word.is_in(SUBJECTS | DETERMINERS) {
        return question(host, after);
    }
    if host.text == "so" && begins_purpose(after) {
        return nothing("so-that", 0.8);
    }
    if is_mistake(host, after, before) {
        return nothing("possessive-mistake", 0.8);
    }
    if matches!(host.text, "here" | "how" | "why") {
        if matches!(word.text, "been" | "got") {
            return has("has-participle", 0.9);
        }
        return is("is-predicate", 0.97);
    }
    if matches!(host.text, "there" | "that" | "what" | "all" | "it" | "this")
        && after.at(after.skip_adverbs(0)).text == "left"
    {
        return is("is-left", 0.85);
    }
    is_or_has(after, before, host)
}

/// Whether a clause follows "so's", which then means "so as" or "so that": "so's I could see".
fn begins_purpose(after: Words<'_>) -> bool {
    let (subject, verb) = (after.at(0), after.at(1));
    subject.text.contains('\'') || subject.is_alphabetic() && verb.is_in(AUXILIARIES)
}

/// Decides for "what's he …" and "where's the dog …".
fn question(host: Word<'_>, after: Words<'_>) -> Verdict {
    let subject = after.at(0);
    if subject.is_in(DETERMINERS) && !subject.is_in(DEMONSTRATIVES) {
        // A noun of one or two words; only sure participles count after it.
        let sure = |word: Word<'_>| matches!(word.text, "been" | "got" | "gotten" | "gone");
        if sure(after.at(2)) || sure(after.at(3)) {
            return has("has-inverted", 0.9);
        }
        return is("is-inverted", 0.95);
    }
    let at = after.skip_adverbs(1);
    let (verb, following) = (after.at(at), after.at(at + 1));
    if verb.text == "come" && host.text == "how" {
        return is("is-inverted", 0.6);
    }
    if subject.is_in(SUBJECTS) && matches!(verb.text, "come" | "become" | "run" | "put" | "let") {
        return means("has", "has-inverted", 0.8, &["does", "is"]);
    }
    if verb.is_participle() {
        if !following.is_in(OBJECTS) && is_passive(subject, verb, following) {
            return is("is-inverted", 0.8);
        }
        return has("has-inverted", 0.9);
    }
    let singular = matches!(subject.text, "he" | "she" | "it" | "that" | "this");
    let asked = verb.is_in(BASES)
        && !matches!(
            verb.text,
            "like" | "be" | "have" | "set" | "put" | "let" | "cut" | "run" | "come"
        );
    // Words that are also adjectives: "how's it open".
    let state = matches!(
        (verb.text, host.text),
        ("open" | "close", "how") | ("open", "where")
    );
    if singular && asked && !state {
        return means("does", "does-inverted", 0.85, &["is"]);
    }
    means("is", "is-inverted", 0.97, &["has", "does"])
}

/// Whether a participle in a question is a passive.
fn is_passive(subject: Word<'_>, verb: Word<'_>, following: Word<'_>) -> bool {
    let unless_done = ["been", "got", "done", "had", "gone"];
    if subject.text == "it" && !verb.is_in(INTRANSITIVE) && !unless_done.contains(&verb.text) {
        return true;
    }
    let person = matches!(subject.text, "he" | "she");
    match verb.text {
        "made" | "known" if person && following.text != "of" => false,
        "made" | "known" | "used" | "born" | "spelt" => true,
        _ => verb.is_in(STATES),
    }
}

/// Decides for everyone, nothing, the other one …: a possessive only before a noun.
pub fn indefinite_s(host: Word<'_>, after: Words<'_>, before: &Before<'_>) -> Verdict {
    let word = after.at(0);
    let thing = host.text.ends_with("thing");
    if word.text.ends_with("ing") && before.at(0).is_in(PREPOSITIONS) {
        // "by anyone's doing"
        return POSSESSIVE;
    }
    if host.text == "one" && !before_one(before.at(0)) {
        return POSSESSIVE;
    }
    if (thing && !word.is_alphabetic())
        || begins_predicate(after)
        || word.is_participle()
        || word.text.ends_with("ing")
    {
        return is_or_has(after, before, host);
    }
    if thing {
        return is("is-indefinite", 0.75);
    }
    POSSESSIVE
}

/// Whether "one" belongs to the word before it: "this one's".
fn before_one(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "this"
            | "that"
            | "which"
            | "no"
            | "every"
            | "any"
            | "some"
            | "each"
            | "other"
            | "another"
            | "first"
            | "last"
            | "second"
            | "next"
            | "only"
            | "big"
            | "little"
            | "new"
            | "old"
            | "red"
            | "blue"
            | "black"
            | "white"
            | "good"
            | "bad"
            | "young"
    )
}

/// Whether the words after a pronoun like "everyone" form a clause with it.
fn begins_predicate(after: Words<'_>) -> bool {
    let at = after.skip_adverbs(0);
    let (word, follows) = (after.at(at), after.at(at + 1));
    let first = after.at(0).text;
    if at > 0
        && (word.is_in(BREAKS) || matches!(first, "not" | "never" | "always" | "already" | "just"))
    {
        return true;
    }
    if word.is_in(ADJECTIVES) {
        if word.is_in(NOUN_ADJECTIVES) && matches!(follows.text, "to" | "of" | "in") {
            return false;
        }
        return !follows.is_alphabetic()
            || follows.is_in(BREAKS | PREPOSITIONS | CONJUNCTIONS | TIMES)
            || matches!(follows.text, "to" | "that" | "of");
    }
    word.is_in(DETERMINERS | PREPOSITIONS)
        || matches!(word.text, "to" | "what" | "why" | "how" | "where")
}
