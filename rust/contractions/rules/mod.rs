//! Decides about contractions that may mean several things, by the words around them.
//!
//! | | decides | asks |
//! |---|---|---|
//! | 's | [`pronoun_s`] after a pronoun (it's), [`noun_s`] after a noun (John's) | [`perfect`] |
//! | 'd | [`clitic_d`] | |
//! | ain't | [`aint`] | [`perfect`] |
//! | let's, its | [`mistake`]: a possessive written as a contraction | |
//!
//! [`perfect`] tells "has" from "is" before a participle, by whether it has an [`object`].
//! [`noun_clause`] and [`noun_state`] tell what may follow a noun and its verb.

mod aint;
mod clitic_d;
mod mistake;
mod noun_clause;
mod noun_s;
mod noun_state;
mod object;
mod perfect;
mod pronoun_s;
pub mod verdict;

use std::ops::Range;

use super::characters::{character_at, is_blank, is_in_names, is_in_words, is_space, run_end};
use super::context::{Before, Window, Words};
use super::grammar::{Contraction, Kind};
use super::lexicon::{WEEKDAYS, WH_HOSTS, Word};
use clitic_d::{noun_d, pronoun_d};
use mistake::{is_mistake, may_be_owned};
use noun_s::{Noun, may_be_verb, noun_s};
use pronoun_s::{indefinite_s, pronoun_s};
use verdict::{POSSESSIVE, Verdict, means, nothing};

/// Decides about a contraction; `span` is where it stands in the text.
pub fn verdict(
    text: &str,
    span: &Range<usize>,
    contraction: &Contraction<'_>,
    before: &Before<'_>,
) -> Verdict {
    let (host, kind) = (contraction.host, contraction.kind);
    let window = Window::after(text, span.end);
    let after = window.words();
    if is_plain_word_next(text, span.end) {
        // Most decisions need only the next word.
        let quick = match kind {
            Kind::NounS => (!may_be_verb(host, after)).then_some(POSSESSIVE),
            _ if host.is_in(WH_HOSTS) || host.text == "so" => None,
            Kind::PronounD => clitic_d::by_next_word(after),
            Kind::PronounS if host.text != "it" || !may_be_owned(after.at(0)) => {
                perfect::by_next_word(after.at(0))
            }
            _ => None,
        };
        if let Some(verdict) = quick {
            return verdict;
        }
    }
    match kind {
        Kind::Us if is_mistake(host, after, before) => nothing("verb-mistake", 0.8),
        Kind::Us => means("us", "us", 1.0, &[]),
        Kind::PronounS => pronoun_s(host, after, before),
        Kind::IndefiniteS => indefinite_s(host, after, before),
        Kind::NounS if is_before_title(text, span.end) && !contraction.is_in_capitals() => {
            POSSESSIVE
        }
        Kind::NounS
            if is_in_title(text, span.end, host, after) && !contraction.is_in_capitals() =>
        {
            POSSESSIVE
        }
        Kind::NounS => {
            let noun = Noun {
                host,
                is_name: contraction.written.starts_with(char::is_uppercase),
                before_name: is_before_capital(text, span.end),
            };
            noun_s(noun, after, before)
        }
        Kind::PronounD => pronoun_d(host, after, before),
        Kind::NounD => noun_d(host, after, before),
        Kind::Aint => aint::aint(after, before),
        Kind::Fixed(..) | Kind::Whole(_) => unreachable!("it has one meaning"),
    }
}

/// Whether a space follows, and then a word that is not joined to another.
fn is_plain_word_next(text: &str, at: usize) -> bool {
    let Some(space) = character_at(text, at).filter(|&space| is_blank(space)) else {
        return false;
    };
    let start = at + space.len_utf8();
    let end = run_end(text, start, is_in_words);
    let joined =
        character_at(text, end).is_some_and(|next| is_in_names(next) || matches!(next, '\'' | '-'));
    end > start && !joined
}

/// Whether a title follows: "Woolf's A Room of One's Own", "Round's \"The Settlement\"".
fn is_before_title(text: &str, at: usize) -> bool {
    let Some(space) = character_at(text, at).filter(|&space| is_blank(space)) else {
        return false;
    };
    let start = at + space.len_utf8();
    if text[start..].starts_with(['"', '(', '\u{201c}', '\u{ab}']) {
        return true;
    }
    let end = run_end(text, start, |letter| letter.is_ascii_alphabetic());
    let title = [
        "A", "An", "The", "My", "Our", "All", "On", "In", "At", "That", "This", "What", "How",
        "Why",
    ];
    title.contains(&&text[start..end]) && character_at(text, end).is_some_and(is_space)
}

/// Whether a word follows with a capital that it would not have in a sentence: "Love's Labour's
/// Lost".
fn is_in_title(text: &str, at: usize, host: Word<'_>, after: Words<'_>) -> bool {
    let next = after.at(0);
    is_before_capital(text, at) && host.text != "name" && next.text != "i" && !next.is_in(WEEKDAYS)
}

/// Whether a word with a capital follows.
fn is_before_capital(text: &str, at: usize) -> bool {
    let mut next = text[at..].chars();
    next.next().is_some_and(is_blank) && next.next().is_some_and(char::is_uppercase)
}
