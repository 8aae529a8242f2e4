//! Decides what 'd stands for: would, had or did.

use super::verdict::{Verdict, had, means, nothing, would};
use crate::contractions::context::{Before, Words, starts_phrase};
use crate::contractions::lexicon::{
    ARTICLES, AUXILIARIES, BASES, BREAKS, CLAUSE_OPENERS, DETERMINERS, INDEFINITES, NUMBERS,
    PAST_ONLY, PERFECT_ADVERBS, POSSESSIVES, PREPOSITIONS, SAME_PARTICIPLES, STOPS, SUBJECTS,
    TIME_NOUNS, WH_HOSTS, Word,
};

/// Decides for a pronoun or a question word.
pub fn pronoun_d(host: Word<'_>, after: Words<'_>, before: &Before<'_>) -> Verdict {
    let word = after.at(0);
    if host.is_in(WH_HOSTS) && word.is_in(SUBJECTS | DETERMINERS | INDEFINITES) {
        return question(after);
    }
    let asks = matches!(host.text, "why" | "how" | "when");
    if asks && word.is_alphabetic() && !word.is_in(BASES) {
        return question(after);
    }
    let unreal = before.at(0).text == "if" && (host.text != "you" || before.at(1).text == "as");
    if word.is_in(SAME_PARTICIPLES) && unreal {
        return had("had-if", 0.65);
    }
    by_verb(host, after, before)
}

/// Decides for a noun. Without a verb after it, it is not a contraction.
pub fn noun_d(host: Word<'_>, after: Words<'_>, before: &Before<'_>) -> Verdict {
    let verb = after.at(after.skip_adverbs(0));
    if verb.is_in(BASES) || verb.is_participle() || matches!(verb.text, "better" | "rather") {
        return by_verb(host, after, before).of_noun(0.8);
    }
    nothing("no-verb", 0.8)
}

/// Decides by the word after a pronoun + 'd, if that is enough.
pub fn by_next_word(after: Words<'_>) -> Option<Verdict> {
    let word = after.at(0);
    let open = word.is_in(SAME_PARTICIPLES)
        || matches!(word.text, "rather" | "sooner")
        || word.is_adverb()
        || starts_phrase(word.text)
        || matches!(word.text, "first" | "last" | "next");
    (!open).then(|| by_verb(word, after.until(1), &Before::nothing()))
}

/// Decides by the form of the verb that follows.
fn by_verb(host: Word<'_>, after: Words<'_>, before: &Before<'_>) -> Verdict {
    let mut at = after.skip_adverbs(0);
    if matches!(after.at(at).text, "first" | "last" | "next") && after.at(at + 1).is_participle() {
        at += 1;
    }
    let mut previous = "";
    for at in 0..=at {
        let word = after.at(at).text;
        if word == "rather" && !after.at(at + 1).is_participle()
            || (word == "just" && after.at(at + 1).text == "as" && after.at(at + 2).text == "soon")
        {
            return would("would-rather", 0.97);
        }
        if word == "sooner" && previous != "no" {
            return would("would-rather", 0.9);
        }
        previous = word;
    }
    let verb = after.at(at);
    if matches!(verb.text, "better" | "best" | "ought") {
        return had("had-better", 0.95);
    }
    if verb.is_in(SAME_PARTICIPLES) {
        return same_form(host, verb, after.until(at), after.from(at + 1), before);
    }
    if verb.is_participle() || (verb.text.contains('-') && verb.text.ends_with("ed")) {
        return had("had-participle", 0.97);
    }
    if verb.is_in(PAST_ONLY) {
        return had("had-past", 0.8);
    }
    if is_thing_had(verb) {
        return had("had-object", 0.8);
    }
    if verb.is_in(BREAKS) {
        return would("would-ellipsis", 0.7);
    }
    would("would-infinitive", 0.97)
}

/// Decides before a participle that looks like the infinitive: put, set, come. `after` are the
/// words behind it.
fn same_form(
    host: Word<'_>,
    verb: Word<'_>,
    adverbs: Words<'_>,
    after: Words<'_>,
    before: &Before<'_>,
) -> Verdict {
    let (previous, second) = (before.at(0), before.at(1));
    if (0..3).any(|at| before.at(at).text == "wish") && !matches!(host.text, "i" | "we") {
        // One wishes that others did something, and that oneself had done it.
        return would("would-wish", 0.6);
    }
    if matches!(previous.text, "for" | "because" | "where" | "once")
        || (previous.text == "as" && second.text == "soon")
        || (0..3).any(|at| is_before_perfect(before, at))
    {
        return had("had-clause", 0.7);
    }
    let reported = if previous.text == "that" {
        second
    } else {
        previous
    };
    if tells_fact(reported) {
        return had("had-fact", 0.75);
    }
    if adverbs
        .iter()
        .any(|word| word.is_in(PERFECT_ADVERBS) || word.text == "just")
    {
        return had("had-adverb", 0.75);
    }
    if tells_habit(adverbs) || tells_habit(after) {
        return would("would-habit", 0.9);
    }
    if tells_past(after) || (0..8).any(|at| is_by_the_time(before, at)) {
        return had("had-time", 0.7);
    }
    let noun = |word: Word<'_>| {
        let other = BREAKS | CLAUSE_OPENERS | PREPOSITIONS | AUXILIARIES | TIME_NOUNS | SUBJECTS;
        word.is_alphabetic() && !word.is_in(other) && !word.is_adverb()
    };
    let relative = if host.text == "who" {
        noun(previous)
    } else if matches!(
        previous.text,
        "everything" | "something" | "nothing" | "all"
    ) {
        verb.text != "let" && second.text != "of"
    } else {
        noun(previous) && (second.is_in(DETERMINERS) || matches!(second.text, "which" | "what"))
    };
    if relative {
        return had("had-relative", 0.65);
    }
    let follows = after.at(0);
    let arrived = verb.text == "become"
        || verb.text == "come" && matches!(follows.text, "from" | "as" | "alone");
    if arrived && previous.is_in(STOPS) {
        return had("had-change", 0.6);
    }
    would("would-infinitive", 0.75)
}

/// Whether a word up to the end of the clause tells of a habit or a possibility.
fn tells_habit(words: Words<'_>) -> bool {
    let mut clause = words.iter().take_while(|word| !word.is_in(STOPS));
    clause.any(|word| {
        matches!(
            word.text,
            "if" | "every"
                | "always"
                | "often"
                | "sometimes"
                | "usually"
                | "whenever"
                | "tomorrow"
                | "gladly"
        )
    })
}

/// Whether a word up to the end of the clause tells of a time before another in the past.
fn tells_past(words: Words<'_>) -> bool {
    let clause = words.iter().take_while(|word| !word.is_in(STOPS));
    for (at, word) in clause.enumerate() {
        let (next, third) = (words.at(at + 1), words.at(at + 2));
        let found = match word.text {
            "already" | "earlier" | "previously" | "since" | "once" | "ago" | "yesterday" => true,
            "by" => {
                next.text == "then" || is_year(next.text) || (next.text, third.text) == BY_THE_TIME
            }
            "that" | "last" => next.is_in(TIME_NOUNS),
            "before" => next.is_in(BREAKS | SUBJECTS),
            "the" => next.is_in(TIME_NOUNS) && third.text == "before",
            "out" => at == 0 && next.text == "of" && third.is_alphabetic(),
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}

/// Whether a clause in the past perfect may follow a word before the contraction.
fn is_before_perfect(before: &Before<'_>, at: usize) -> bool {
    match before.at(at).text {
        "wish" | "wished" | "after" | "since" | "only" | "until" | "till" => true,
        "though" => at == 0 || before.at(at - 1).text != ",",
        _ => false,
    }
}

/// Whether what follows a word is a fact in the past, so that it came before: "I realized he'd
/// put it there", but "I knew he'd put it there".
fn tells_fact(word: Word<'_>) -> bool {
    matches!(
        word.text,
        "realized"
            | "realised"
            | "discovered"
            | "noticed"
            | "remembered"
            | "recalled"
            | "forgot"
            | "forgotten"
            | "regretted"
            | "learned"
            | "learnt"
            | "admitted"
            | "denied"
            | "confessed"
            | "glad"
            | "sorry"
    )
}

const BY_THE_TIME: (&str, &str) = ("the", "time");

fn is_by_the_time(before: &Before<'_>, at: usize) -> bool {
    before.at(at + 2).text == "by" && (before.at(at + 1).text, before.at(at).text) == BY_THE_TIME
}

fn is_year(word: &str) -> bool {
    word.len() == 4
        && word.starts_with(['1', '2'])
        && word.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_thing_had(word: Word<'_>) -> bool {
    word.is_in(ARTICLES | POSSESSIVES | NUMBERS)
        || matches!(
            word.text,
            "no" | "nothing"
                | "something"
                | "everything"
                | "some"
                | "any"
                | "plenty"
                | "lots"
                | "to"
        )
}

/// Decides for "how'd you …" and "where'd the dog …".
fn question(after: Words<'_>) -> Verdict {
    let simple = after.at(0).is_in(SUBJECTS | INDEFINITES);
    let mut at = 1;
    if !simple {
        // The subject is a noun phrase: look for a verb among the next words.
        let is_verb = |at: &usize| after.at(*at).is_in(BASES) || after.at(*at).text == "been";
        at = (1..4).find(is_verb).unwrap_or(1);
    }
    at = after.skip_adverbs(at);
    let verb = after.at(at);
    if verb.text == "been" || (simple && verb.is_participle()) {
        return means("had", "had-inverted", 0.8, &["did", "would"]);
    }
    // "How'd you like the film?" asks for an opinion, not for a wish.
    let past = matches!(verb.text, "like" | "love" | "have")
        && matches!(
            after.at(at + 1).text,
            "the" | "your" | "his" | "her" | "my" | "our" | "that"
        );
    let wish = matches!(
        verb.text,
        "be" | "have" | "like" | "love" | "rather" | "prefer"
    );
    if wish && !past {
        return means("would", "would-inverted", 0.85, &["did"]);
    }
    let mut clause = after.iter().take_while(|word| !word.is_in(STOPS));
    if clause.any(|word| word.text == "if") {
        return means("would", "would-if", 0.7, &["did"]);
    }
    means("did", "did-inverted", 0.85, &["would"])
}
