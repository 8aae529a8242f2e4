//! Decides what 's stands for after a noun: a possessive, unless what follows rules that out.

use super::noun_clause::clause;
use super::noun_state::{degree, is_like_adjective, measure, place, says_where};
use super::perfect::{is_or_has, participle};
use super::verdict::{POSSESSIVE, Verdict, only_has, only_is};
use crate::contractions::context::{Before, Words};
use crate::contractions::lexicon::{
    ADJECTIVES, ARTICLES, BREAKS, CLAUSE_OPENERS, DEMONSTRATIVES, DETERMINERS, FIRMS, INDEFINITES,
    IRREGULAR_ADVERBS, NUMBERS, PEOPLE, POSSESSIVES, PREPOSITIONS, PURE_HOSTS, PURE_PARTICIPLES,
    SAME_PARTICIPLES, SHOPS, STATES, STOPS, TITLES, WEEKDAYS, Word,
};

/// A noun before 's, and what capitals tell about it.
#[derive(Debug, Clone, Copy)]
pub struct Noun<'a> {
    pub host: Word<'a>,
    /// Whether it begins with a capital.
    pub is_name: bool,
    /// Whether the next word begins with one.
    pub before_name: bool,
}

impl Noun<'_> {
    /// Whether it is probably a person.
    pub fn is_person(self) -> bool {
        self.is_name || self.host.is_in(PEOPLE)
    }
}

/// Decides for a noun.
pub fn noun_s(noun: Noun<'_>, after: Words<'_>, before: &Before<'_>) -> Verdict {
    if !may_be_verb(noun.host, after) {
        return POSSESSIVE;
    }
    predicate(noun, after, before).map_or(POSSESSIVE, |found| found.of_noun(0.85))
}

/// Whether 's between a noun and these words may be anything but a possessive.
pub fn may_be_verb(host: Word<'_>, after: Words<'_>) -> bool {
    let word = after.at(0);
    if may_follow_noun_verb(word) || host.text == "name" {
        return true;
    }
    let compared = word.text.ends_with("er") && after.at(1).text == "than";
    compared || introduces(host) && (word.text == "," || word.is_subject())
}

/// Whether noun + 's + this word may be anything but a possessive.
pub fn may_follow_noun_verb(word: Word<'_>) -> bool {
    word.is_in(
        ARTICLES
            | POSSESSIVES
            | DEMONSTRATIVES
            | PREPOSITIONS
            | IRREGULAR_ADVERBS
            | ADJECTIVES
            | WEEKDAYS
            | NUMBERS
            | INDEFINITES
            | PURE_PARTICIPLES
            | SAME_PARTICIPLES,
    ) || matches!(
        word.text,
        "got"
            | "gonna"
            | "gotta"
            | "had"
            | "what"
            | "why"
            | "how"
            | "where"
            | "because"
            | "mine"
            | "yours"
            | "hers"
            | "ours"
            | "theirs"
            | "no"
            | "another"
            | "mighty"
            | "real"
            | "shut"
    ) || word.is_participle()
        || word.is_number()
        || word.text.ends_with("ly")
        || word.text.ends_with("ing")
        || is_like_adjective(word)
}

/// Decides if the words after a noun form a clause with it.
fn predicate(noun: Noun<'_>, after: Words<'_>, before: &Before<'_>) -> Option<Verdict> {
    let host = noun.host;
    let (word, second) = (after.at(0), after.at(1));
    if is_firm(noun, after, before) {
        return None;
    }
    match word.text {
        "not" => return Some(is_or_has(after, before, host)),
        "gonna" => return Some(only_is("is-going", 0.9)),
        "been" | "gotten" | "gotta" | "come" | "become" => {
            return Some(only_has("has-participle", 0.9));
        }
        "mine" | "yours" | "hers" | "ours" | "theirs" => {
            return Some(only_is("is-possession", 0.9));
        }
        "had" if second.is_participle() => return None,
        "got" | "had" if !second.is_in(STOPS) && !host.is_in(SHOPS | FIRMS) => {
            return Some(only_has("has-participle", 0.9));
        }
        _ => {}
    }
    if noun.before_name && host.text == "name" && (0..2).any(|at| before.at(at).is_in(DETERMINERS))
    {
        return Some(only_is("is-name", 0.9));
    }
    let at = after.skip_adverbs(0);
    let (verb, rest, adverbs) = (after.at(at), after.from(at + 1), after.until(at));
    let adverb = |texts: &[&str]| adverbs.iter().any(|word| texts.contains(&word.text));
    if adverb(&["never", "ever"]) && verb.is_participle() {
        return Some(participle(verb, rest, &Before::nothing(), true, adverbs));
    }
    if matches!(word.text, "a" | "an") {
        return (!is_placing(before.at(0))).then_some(only_is("is-article", 0.9));
    }
    let whole = starts_clause(noun, before);
    if word.is_in(DETERMINERS | POSSESSIVES) {
        let place = (0..3).any(|at| is_placing(before.at(at)));
        return (whole && !place).then_some(only_is("is-determiner", 0.8));
    }
    if word.is_in(WEEKDAYS) && matches!(host.text, "today" | "tomorrow" | "yesterday") {
        return Some(only_is("is-weekday", 0.9));
    }
    if let Some(found) = measure(after, whole) {
        return Some(found);
    }
    if matches!(verb.text, "been" | "gotten") || (verb.text == "got" && !rest.at(0).is_in(STOPS)) {
        return Some(only_has("has-participle", 0.9));
    }
    if !whole {
        return None;
    }
    if word.text == "all" && second.text == "right" {
        return Some(only_is("is-adjective", 0.7));
    }
    if introduces(host) && (word.text == "," || word.is_subject() || word.is_in(INDEFINITES)) {
        return Some(only_is("is-clause", 0.8));
    }
    if let Some(found) = degree(after).or_else(|| degree(after.from(at.saturating_sub(1)))) {
        return Some(found);
    }
    if at > 0
        && let Some(found) = place(after.from(at - 1))
    {
        return Some(found);
    }
    let done = adverb(&["always", "just", "already", "finally", "also", "since"]);
    if done && verb.is_participle() && !verb.is_in(STATES) {
        return Some(participle(
            verb,
            rest,
            &Before::nothing(),
            noun.is_person(),
            adverbs,
        ));
    }
    let determined = before.at(0).is_in(DETERMINERS) || before.at(1).is_in(DETERMINERS);
    if determined && says_where(verb) && !host.is_in(SHOPS) && !rest.at(0).is_in(STOPS) {
        return Some(only_is("is-preposition", 0.7));
    }
    clause(noun, verb, rest, at > 0)
}

/// Whether a word is a noun with 's.
fn is_owner(word: Word<'_>) -> bool {
    let owner = word.text.strip_suffix("'s");
    owner.is_some_and(|owner| !Word::new(owner).is_in(PURE_HOSTS))
}

/// Whether a firm, a church or a college is named after its founder or saint, so that 's
/// belongs to the name: "Domino's closed early", "St. John's won".
fn is_firm(noun: Noun<'_>, after: Words<'_>, before: &Before<'_>) -> bool {
    let saint = |at: usize| matches!(before.at(at).text, "st" | "saint" | "ste");
    if noun.is_name && (saint(0) || before.at(0).text == "." && saint(1)) {
        return true;
    }
    let at = after.skip_adverbs(0);
    let (verb, next) = (after.at(at), after.at(at + 1));
    let past = (verb.is_participle() || verb.is_in(SAME_PARTICIPLES))
        && !matches!(verb.text, "run" | "come" | "become")
        && !verb.is_in(PURE_PARTICIPLES);
    // After a person, "his" or "her" would follow.
    noun.is_name && past && (noun.host.is_in(FIRMS) || next.text == "its")
}

/// Whether a sentence that explains the noun may follow: "the trouble's, I forgot".
fn introduces(host: Word<'_>) -> bool {
    matches!(
        host.text,
        "thing" | "trouble" | "point" | "problem" | "fact" | "question" | "truth" | "idea"
    )
}

/// Whether a possessive after this word may stand for a place: "at the doctor's".
fn is_placing(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "at" | "to" | "from" | "by" | "near" | "outside" | "inside" | "in" | "of" | "than" | "like"
    )
}

/// Whether a noun and its determiner begin a clause, by the words before them.
fn starts_clause(noun: Noun<'_>, before: &Before<'_>) -> bool {
    let mut before = before.words();
    if before.at(0).text == "." && before.at(1).is_in(TITLES) {
        before = before.from(2);
    }
    while noun.is_name && before.at(0).is_in(TITLES) {
        before = before.from(1);
    }
    let opens = |word: Word<'_>| word.is_in(BREAKS | CLAUSE_OPENERS);
    if opens(before.at(0)) {
        return true;
    }
    for at in 0..3 {
        let word = before.at(at);
        if word.is_in(BREAKS | PREPOSITIONS) {
            return false;
        }
        if word.is_in(DETERMINERS) || word.text == "all" || is_owner(word) {
            return opens(before.at(at + 1));
        }
    }
    false
}
