//! Decides what 's stands for after a noun: a possessive, unless what follows leaves no room
//! for one.

use super::context::{Before, Words};
use super::lexicon::{
    ADJECTIVES, ARTICLES, BREAKS, CLAUSE_OPENERS, Class, DEMONSTRATIVES, DETERMINERS,
    IRREGULAR_ADVERBS, NOMINAL_ING, NOUN_ADJECTIVES, NOUN_ING, OBJECTS, PEOPLE, POSSESSIVES,
    PREPOSITIONS, PURE_ING, SHOPS, STOPS, TIMES, WEEKDAYS, Word,
};
use super::perfect::{is_or_has, participle};
use super::verdict::{POSSESSIVE, Verdict, only_has, only_is};

/// What begins a noun phrase that is known to the reader.
const DEFINITE: Class = ARTICLES | POSSESSIVES | DEMONSTRATIVES;

/// Decides for a noun.
pub fn noun_s(host: Word<'_>, after: Words<'_>, before: &Before<'_>) -> Verdict {
    if !may_follow_noun_verb(after.at(0)) {
        return POSSESSIVE;
    }
    predicate(after, before, host).map_or(POSSESSIVE, |found| found.of_noun(0.85))
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
            | WEEKDAYS,
    ) || matches!(
        word.text,
        "been"
            | "got"
            | "gotten"
            | "gonna"
            | "gotta"
            | "had"
            | "what"
            | "why"
            | "how"
            | "where"
            | "because"
    ) || word.is_participle()
        || word.text.ends_with("ly")
        || word.text.ends_with("ing")
}

/// What 's stands for if the words after a noun make a clause with it.
fn predicate(after: Words<'_>, before: &Before<'_>, host: Word<'_>) -> Option<Verdict> {
    let (word, second) = (after.at(0), after.at(1));
    match word.text {
        "not" => return Some(is_or_has(after, before, host)),
        "gonna" => return Some(only_is("is-going", 0.9)),
        "been" | "gotten" => return Some(only_has("has-participle", 0.9)),
        "got" | "had" if !second.is_in(STOPS) && !host.is_in(SHOPS) => {
            return Some(only_has("has-participle", 0.9));
        }
        _ => {}
    }
    let at = after.skip_adverbs(0);
    let (verb, rest, adverbs) = (after.at(at), after.from(at + 1), after.until(at));
    let perfect = adverbs
        .iter()
        .any(|adverb| matches!(adverb.text, "never" | "ever"));
    if perfect && verb.is_participle() {
        return Some(participle(verb, rest, &Before::nothing(), true, adverbs));
    }
    if matches!(word.text, "a" | "an") {
        return (!is_placing(before.at(0))).then_some(only_is("is-article", 0.9));
    }
    let whole = starts_clause(before);
    if word.is_in(DETERMINERS | POSSESSIVES) {
        let place = (0..3).any(|at| is_placing(before.at(at)));
        return (whole && !place).then_some(only_is("is-determiner", 0.8));
    }
    if word.is_in(WEEKDAYS) && matches!(host.text, "today" | "tomorrow" | "yesterday") {
        return Some(only_is("is-weekday", 0.9));
    }
    if whole && word.text == "all" && second.text == "right" {
        return Some(only_is("is-adjective", 0.7));
    }
    if whole
        && at > 0
        && let Some(found) = degree(after.from(at - 1))
    {
        return Some(found);
    }
    if at > 0 && after.at(at - 1).is_in(TIMES) && verb.is_in(STOPS) {
        // "Dad's here." "Mary's there again."
        return whole.then_some(only_is("is-place", 0.8));
    }
    if matches!(verb.text, "been" | "gotten") || (verb.text == "got" && !rest.at(0).is_in(STOPS)) {
        return Some(only_has("has-participle", 0.9));
    }
    if !whole && verb.text != "being" {
        return None;
    }
    let determined = before.at(0).is_in(DETERMINERS) || before.at(1).is_in(DETERMINERS);
    if determined && says_where(verb) && !host.is_in(SHOPS) && !rest.at(0).is_in(STOPS) {
        return Some(only_is("is-preposition", 0.7));
    }
    clause(verb, rest, host, at > 0)
}

/// Whether a possessive after this word may stand for a place: "at the doctor's".
fn is_placing(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "at" | "to" | "from" | "by" | "near" | "outside" | "inside" | "in" | "of" | "than" | "like"
    )
}

fn says_where(word: Word<'_>) -> bool {
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

/// Decides by a degree before a word: "so fat", "more particular.", "nearly 80 years old".
fn degree(words: Words<'_>) -> Option<Verdict> {
    let (adverb, word, follows) = (words.at(0), words.at(1), words.at(2));
    match adverb.text {
        "so" | "too" if word.is_alphabetic() && word.is_longer_than(1) && word.text != "called" => {
            return Some(only_is("is-degree", 0.8));
        }
        "more" | "quite" | "rather" | "very" if word.is_alphabetic() && word.text != "own" => {
            let ends = follows.is_in(BREAKS) && !matches!(follows.text, "," | "-");
            return ends.then_some(only_is("is-degree", 0.7));
        }
        _ => {}
    }
    let measured = matches!(follows.text, "years" | "percent" | "inches" | "feet" | "%");
    (word.is_number() && measured).then_some(only_is("is-degree", 0.75))
}

/// Decides where the subject begins its clause. `adverb` says whether one stands before
/// `verb`; `rest` stands behind it.
fn clause(verb: Word<'_>, rest: Words<'_>, host: Word<'_>, adverb: bool) -> Option<Verdict> {
    let follows = rest.at(0);
    if matches!(verb.text, "a" | "an") || (adverb && verb.is_in(DETERMINERS)) {
        return Some(only_is("is-article", 0.8));
    }
    if (verb.is_in(PURE_ING) && follows.text != "of")
        || (verb.text.ends_with("ing") && verb.is_longer_than(5) && !verb.is_in(NOMINAL_ING))
    {
        return progressive(verb, follows);
    }
    if is_predicate_phrase(verb.text, follows.text) {
        return Some(only_is("is-phrase", 0.8));
    }
    let alone = matches!(
        verb.text,
        "at" | "from" | "about" | "in" | "on" | "up" | "off" | "out" | "down"
    );
    if follows.is_in(STOPS) && alone {
        return Some(only_is("is-place", 0.75));
    }
    if verb.text == "gone" && follows.is_in(BREAKS) {
        return Some(only_is("is-gone", 0.6));
    }
    if matches!(verb.text, "gone" | "done" | "come" | "become") {
        return Some(only_has("has-intransitive", 0.7));
    }
    if verb.is_participle() {
        let ends = follows.is_in(STOPS)
            || matches!(follows.text, "by" | "to" | "with" | "for" | "because");
        let object = !ends && follows.is_in(ARTICLES | POSSESSIVES | OBJECTS);
        let animate = object || matches!(verb.text, "left" | "died");
        let decide = || participle(verb, rest, &Before::nothing(), animate, rest.until(0));
        return (ends || object).then(decide);
    }
    if verb.is_in(ADJECTIVES) {
        return adjective(verb, follows);
    }
    if verb.is_in(PREPOSITIONS) && verb.text != "of" {
        return preposition(verb, follows, host);
    }
    matches!(
        verb.text,
        "what" | "why" | "how" | "where" | "because" | "that"
    )
    .then_some(only_is("is-clause", 0.7))
}

/// Decides by a form in -ing.
fn progressive(verb: Word<'_>, follows: Word<'_>) -> Option<Verdict> {
    let object = follows.is_in(ARTICLES | POSSESSIVES | OBJECTS)
        || follows.is_in(TIMES)
            && !matches!(
                follows.text,
                "then" | "enough" | "either" | "though" | "indeed" | "too"
            );
    let confidence = if !verb.is_in(PURE_ING) || follows.text == "of" {
        let ends = matches!(follows.text, "." | "!" | "?");
        (object || ends).then_some(0.7)
    } else if !verb.is_in(NOUN_ING) {
        Some(0.85)
    } else if verb.text == "being" && (follows.is_participle() || follows.is_in(ADJECTIVES)) {
        Some(0.8)
    } else {
        let manner = matches!(
            follows.text,
            "fast"
                | "well"
                | "badly"
                | "hard"
                | "out"
                | "up"
                | "away"
                | "down"
                | "off"
                | "back"
                | "low"
                | "late"
        ) || (follows.text.ends_with("ly") && follows.is_adverb());
        (object || manner || ends_phrase(follows)).then_some(0.75)
    };
    confidence.map(|confidence| only_is("is-progressive", confidence))
}

/// Whether a mark ends a phrase, and joins no word to the next.
fn ends_phrase(word: Word<'_>) -> bool {
    word.is_in(BREAKS) && !matches!(word.text, "-" | "/")
}

/// Decides by an adjective: with no noun after it, it is a predicate.
fn adjective(word: Word<'_>, follows: Word<'_>) -> Option<Verdict> {
    let confidence = if word.is_in(NOUN_ADJECTIVES) {
        let clause = matches!(
            follows.text,
            "because" | "when" | "if" | "but" | "until" | "till" | "since"
        );
        (follows.is_in(STOPS) || clause).then_some(0.7)
    } else if ends_phrase(follows)
        || matches!(follows.text, "to" | "because" | "when" | "if" | "but")
    {
        Some(0.85)
    } else {
        (follows.is_in(PREPOSITIONS | TIMES) || follows.text == "that").then_some(0.7)
    };
    confidence.map(|confidence| only_is("is-adjective", confidence))
}

fn preposition(word: Word<'_>, follows: Word<'_>, host: Word<'_>) -> Option<Verdict> {
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

/// Whether a noun with these words before it is, with its determiner, the start of a clause.
fn starts_clause(before: &Before<'_>) -> bool {
    let mut before = before.words();
    if is_abbreviation(before.at(0)) {
        before = before.from(1);
    } else if before.at(0).text == "." && is_abbreviation(before.at(1)) {
        before = before.from(2);
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
        if word.is_in(DETERMINERS) || word.text.ends_with("'s") {
            return opens(before.at(at + 1));
        }
    }
    false
}

/// Titles written short, mostly with a full stop.
fn is_abbreviation(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "mr" | "mrs"
            | "ms"
            | "dr"
            | "prof"
            | "st"
            | "rev"
            | "hon"
            | "sr"
            | "jr"
            | "capt"
            | "col"
            | "gen"
            | "sgt"
    )
}

/// Whether a preposition and the word after it are a predicate.
fn is_predicate_phrase(first: &str, second: &str) -> bool {
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
