//! Decides between "is" and "has" before a participle.
//!
//! No form tells them apart: "it's broken" is a state, "it's broken the window" an action. The
//! rules ask what follows the participle (an object makes it an action), what its verb is like
//! (most verbs without objects have no passive), and whether words of time (since, so far,
//! recently) ask for a perfect.

use super::object::{has_object, object_at};
use super::verdict::{Verdict, has, is};
use crate::contractions::context::{Before, Words, starts_phrase};
use crate::contractions::lexicon::{
    ADJECTIVES, ANIMATE_HOSTS, BASES, BREAKS, DECIDES, DEGREES, DETERMINERS, GAP_VERBS,
    INTRANSITIVE, NUMBERS, PARTICLES, PERFECT_ADVERBS, PERSON_ONLY, PHRASALS, POSSESSIVES,
    PREPOSITIONS, SAME_PARTICIPLES, STATES, STOPS, SUBJECTS, TIMES, Word,
};

/// Decides what 's stands for after a host that is not a noun.
///
/// `after` are the words after the clitic, `before` those before the host, the nearest first.
pub fn is_or_has(after: Words<'_>, before: &Before<'_>, host: Word<'_>) -> Verdict {
    let at = after.skip_adverbs(0);
    let (word, rest) = (after.at(at), after.from(at + 1));
    if is_sure(word) {
        return has_participle(word);
    }
    if word.is_in(SAME_PARTICIPLES) {
        return same_form(word, rest, host);
    }
    if !word.is_participle() {
        if word.text == "no" && is_thing_had(rest.at(0)) && host.is_in(ANIMATE_HOSTS) {
            return has("has-possession", 0.8);
        }
        return is("is-predicate", 0.99);
    }
    if at > 0 && after.at(at - 1).is_in(DEGREES) {
        return is("is-degree", 0.95);
    }
    participle(
        word,
        rest,
        before,
        host.is_in(ANIMATE_HOSTS),
        after.until(at),
    )
}

/// Decides by the word after a pronoun + 's, if that is enough.
pub fn by_next_word(word: Word<'_>) -> Option<Verdict> {
    if is_sure(word) {
        return Some(has_participle(word));
    }
    let settled = !matches!(word.text, "no" | "own" | "left")
        && !word.is_in(SAME_PARTICIPLES)
        && !word.is_participle()
        && !word.is_adverb()
        && !starts_phrase(word.text);
    settled.then_some(is("is-predicate", 0.99))
}

/// Decides by a participle and what follows it. `animate` says whether the subject is a
/// person; `adverbs` stand before the participle.
pub fn participle(
    word: Word<'_>,
    after: Words<'_>,
    before: &Before<'_>,
    animate: bool,
    adverbs: Words<'_>,
) -> Verdict {
    let following = after.at(0);
    let next = after.at(1);
    if word.text == "gone" {
        let moved = is_way(following) || following.text.ends_with("ing");
        if moved || adverbs.iter().next().is_some() {
            return has("has-gone", 0.85);
        }
        return is("is-gone", 0.5);
    }
    let done = ["it", "that", "this", "so", "well", "more"];
    if word.text == "done" && animate && done.contains(&following.text) {
        return has("has-object", 0.95);
    }
    if has_object(word, after, animate) {
        return has("has-object", 0.9);
    }
    if word.text == "called" && animate && !is_relative(before.at(0)) && is_phoned(following, next)
    {
        return has("has-intransitive", 0.7);
    }
    if word.text == "turned" && (following.is_in(ADJECTIVES | NUMBERS) || following.is_number()) {
        return has("has-intransitive", 0.85);
    }
    if word.is_in(STATES) {
        return is("is-state", 0.95);
    }
    let left = ["alone", "with", "behind", "out", "wondering", "over"];
    if word.text == "left" && left.contains(&following.text) {
        return is("is-left", 0.8);
    }
    if word.text == "finished" && animate && following.text == "with" {
        return has("has-intransitive", 0.7);
    }
    let ways = next.is_in(POSSESSIVES) || next.text.ends_with("ing");
    if word.text == "taken" && following.text == "to" && animate && ways {
        // "She's taken to her bed." "He's taken to singing."
        return has("has-phrasal", 0.7);
    }
    let own = animate || !word.is_in(PERSON_ONLY);
    if following.text == "to" && !next.is_in(DETERMINERS) {
        if word.is_in(DECIDES) && own {
            return has("has-infinitive", 0.9);
        }
        if !word.is_in(INTRANSITIVE) || !animate {
            return is("is-infinitive", 0.9);
        }
    }
    let passive = matches!(following.text, "by" | "of" | "as");
    let gap = word.is_in(GAP_VERBS) && !passive && following.text != "for";
    if gap
        && (is_relative(before.at(0)) || before.at(0).text == "that" && is_relative(before.at(1)))
    {
        return has("has-relative", 0.85);
    }
    if following.text == "to" && word.is_in(PERSON_ONLY) && next.is_in(BASES) {
        return is("is-infinitive", 0.85);
    }
    let of = ["heard", "thought", "dreamt", "dreamed"];
    if following.text == "of" && animate && of.contains(&word.text) {
        return has("has-intransitive", 0.85);
    }
    let won = animate && word.text == "won";
    if passive && !won && !matches!(word.text, "become" | "died") {
        return is("is-agent", 0.9);
    }
    if word.is_in(INTRANSITIVE) && own {
        return has("has-intransitive", 0.85);
    }
    if word.is_in(PHRASALS) && following.is_in(PARTICLES) && animate {
        return has("has-phrasal", 0.8);
    }
    if tells_time(after) {
        return has("has-time", 0.75);
    }
    let perfect = |adverb: Word<'_>| adverb.is_in(PERFECT_ADVERBS) || adverb.text == "just";
    if animate && adverbs.iter().any(perfect) {
        return has("has-adverb", 0.75);
    }
    if animate
        && adverbs
            .iter()
            .any(|adverb| matches!(adverb.text, "never" | "ever"))
    {
        return has("has-adverb", 0.8);
    }
    is("is-participle", 0.75)
}

fn has_participle(word: Word<'_>) -> Verdict {
    // "He's got a car" may be "he is got" to those who write "we got a car".
    let confidence = if word.text == "got" { 0.93 } else { 0.98 };
    has("has-participle", confidence)
}

/// Whether a word after 's is a participle that always takes "has".
fn is_sure(word: Word<'_>) -> bool {
    matches!(word.text, "been" | "got" | "gotten" | "had" | "become")
}

/// What people have and hardly ever are: "she's no idea".
fn is_thing_had(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "idea"
            | "choice"
            | "chance"
            | "time"
            | "money"
            | "right"
            | "intention"
            | "clue"
            | "doubt"
            | "patience"
            | "sense"
            | "shame"
            | "need"
    )
}

/// Whether a word after "gone" says where.
fn is_way(word: Word<'_>) -> bool {
    word.is_in(PREPOSITIONS | PARTICLES) && word.text != "for"
        || matches!(
            word.text,
            "wrong" | "mad" | "crazy" | "home" | "bad" | "sour" | "blind" | "deaf" | "bankrupt"
        )
}

/// Whether a word after "she's called" says that she telephoned or visited.
fn is_phoned(word: Word<'_>, next: Word<'_>) -> bool {
    next.text == "times"
        || word.is_in(BREAKS | TIMES)
        || matches!(
            word.text,
            "twice" | "once" | "back" | "from" | "about" | "for" | "round"
        )
}

fn is_relative(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "what" | "whatever" | "everything" | "all" | "anything" | "something" | "things"
    )
}

/// Decides by a participle that looks like the infinitive: put, set, run.
fn same_form(word: Word<'_>, after: Words<'_>, host: Word<'_>) -> Verdict {
    if matches!(word.text, "become" | "come") {
        return has("has-participle", 0.97);
    }
    let first = after.at(0);
    if word.text == "upset" && !has_object(word, after, true) {
        return is("is-state", 0.9);
    }
    if matches!(first.text, "by" | "of" | "as") {
        return is("is-agent", 0.9);
    }
    let particle = matches!(first.text, "up" | "out" | "off" | "down" | "away" | "back")
        || first.text == "on"
            && word.text == "put"
            && host.is_in(ANIMATE_HOSTS)
            && after.at(1).is_in(POSSESSIVES);
    if object_at(word, after, 0) || particle && object_at(word, after, 1) {
        return has("has-object", 0.9);
    }
    if (word.text == "run" && host.is_in(ANIMATE_HOSTS)) || word.text == "quit" {
        return has("has-intransitive", 0.85);
    }
    is("is-participle", 0.8)
}

/// Whether a word up to the end of the clause calls for a perfect.
fn tells_time(after: Words<'_>) -> bool {
    for (at, word) in after.iter().enumerate() {
        let (next, third) = (after.at(at + 1), after.at(at + 2));
        match word.text {
            _ if word.is_in(STOPS) => return false,
            "since" if !next.is_in(SUBJECTS) => return true,
            "lately" | "recently" | "yet" if next.is_in(BREAKS) => {
                return word.text != "yet" || at > 0;
            }
            "so" if next.text == "far" => return true,
            "over" | "in" | "during" if next.text == "the" => {
                return matches!(third.text, "past" | "last" | "years");
            }
            "for" if is_time_unit(next) || is_time_unit(third) => return true,
            _ => {}
        }
    }
    false
}

fn is_time_unit(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "years"
            | "months"
            | "weeks"
            | "days"
            | "hours"
            | "minutes"
            | "decades"
            | "centuries"
            | "ages"
            | "generations"
    )
}
