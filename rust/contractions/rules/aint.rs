//! Decides what ain't stands for, by its subject and the word after it.

use super::perfect::participle;
use super::verdict::{Verdict, means};
use crate::contractions::context::{Before, Words};
use crate::contractions::lexicon::{
    BREAKS, CONJUNCTIONS, IRREGULAR_PARTICIPLES, OBJECT_STARTS, SAME_PARTICIPLES, STATES, SUBJECTS,
    WH_HOSTS, Word,
};

/// Decides what ain't stands for. The meaning includes "not".
pub fn aint(after: Words<'_>, before: &Before<'_>) -> Verdict {
    let mut before = before.words();
    before = before.from(before.skip_adverbs(0));
    let (mut subject, mut after) = (before.at(0), after);
    before = before.from(1);
    let mut inverted = false;
    if subject.is_in(BREAKS | CONJUNCTIONS | WH_HOSTS) {
        let follows = after.at(0);
        if follows.is_in(SUBJECTS)
            || matches!(follows.text, "this" | "that" | "these" | "those" | "there")
        {
            (subject, after, inverted) = (follows, after.from(1), true);
        }
    }
    let at = after.skip_adverbs(0);
    let perfect = is_perfect(after.at(at), after.from(at + 1), after.until(at));
    let (be, has): (&[&str], _) = match form_of_be(subject, before) {
        "is" => (&["is not"], true),
        "am" => (&["am not"], false),
        _ => (&["are not"], false),
    };
    if perfect {
        let rule = if inverted {
            "aint-inverted-have"
        } else {
            "aint-have"
        };
        return means(if has { "has not" } else { "have not" }, rule, 0.85, be);
    }
    let rule = if inverted {
        "aint-inverted-be"
    } else {
        "aint-be"
    };
    let others: &[&str] = if has {
        &["has not", "does not"]
    } else {
        &["have not", "do not"]
    };
    means(be[0], rule, 0.85, others)
}

fn is_perfect(verb: Word<'_>, after: Words<'_>, adverbs: Words<'_>) -> bool {
    let next = after.at(0);
    let state = verb.is_in(STATES)
        || matches!(
            verb.text,
            "born" | "made" | "built" | "known" | "hurt" | "lost" | "finished" | "allowed"
        );
    match verb.text {
        "been" | "got" | "gotten" | "had" | "become" | "come" | "gone" | "never" => return true,
        _ if state || !verb.is_participle() => {
            return verb.is_in(SAME_PARTICIPLES) && next.is_in(OBJECT_STARTS);
        }
        _ if adverbs.iter().any(|adverb| adverb.text == "never") => return true,
        "done" => return !next.is_in(BREAKS) && !matches!(next.text, "with" | "yet"),
        _ => {}
    }
    if verb.is_in(IRREGULAR_PARTICIPLES) {
        return !matches!(next.text, "by" | "of" | "as");
    }
    participle(verb, after, &Before::nothing(), true, adverbs).meaning == "has"
}

fn form_of_be(subject: Word<'_>, before: Words<'_>) -> &'static str {
    let joined = before.at(0).text == "and";
    match subject.text {
        "i" if !joined => "am",
        "i" | "you" | "we" | "they" | "ye" | "y'all" => "are",
        "this" | "that" | "it" | "he" | "she" | "there" | "here" | "what" | "who" | "which"
        | "is" | "as" | "us" | "always" | "news" | "yes" | "nobody" | "nothing" => "is",
        _ if !subject.is_alphabetic() => "is",
        _ if joined || before.at(1).text == "and" => "are",
        "these" | "those" | "people" | "folks" | "kids" | "children" | "men" | "women" | "guys"
        | "some" | "both" | "many" | "all" | "others" | "most" => "are",
        other => {
            let plural = subject.is_longer_than(3)
                && other.ends_with('s')
                && !["ss", "us", "is"].iter().any(|end| other.ends_with(end));
            if plural { "are" } else { "is" }
        }
    }
}
