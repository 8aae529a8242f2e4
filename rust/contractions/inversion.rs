//! Moves "not" behind the subject where the subject follows the auxiliary.
//!
//! ```text
//! Don't you think so?  ->  Do you not think so?       aren't I  ->  am I not
//! ```

use super::characters::{character_at, forward, is_blank, is_in_names, run_end};
use super::context::{Before, Window};
use super::full_form::push_like;
use super::lexicon::{
    ADJECTIVES, BASES, BREAKS, CONJUNCTIONS, DETERMINERS, IRREGULAR_ADVERBS, NEGATIONS,
    PREPOSITIONS, STATES, STOPS, WH_HOSTS, Word,
};

/// How far ahead the question mark is looked for.
const SENTENCE: usize = 300;

/// What follows n't.
struct Subject<'t> {
    kind: Kind,
    /// Its first word, and where it begins.
    word: &'t str,
    start: usize,
    /// Where it ends.
    end: usize,
    /// Where it ends without its last word.
    shorter: Option<usize>,
}

#[derive(PartialEq, Eq)]
enum Kind {
    Pronoun,
    Phrase,
}

/// Writes the auxiliary, the subject that follows a contraction, and "not".
///
/// `before` are the words before the contraction, which ends at `end`. The auxiliary is written
/// as given, "not" in capitals if `shout`.
///
/// Returns where the subject ends; None, with nothing written, if none follows.
pub fn reorder(
    out: &mut String,
    text: &str,
    before: &Before<'_>,
    end: usize,
    auxiliary: &str,
    shout: bool,
) -> Option<usize> {
    let subject = subject(text, end)?;
    let previous = before.at(0);
    if !may_stand_before_question(previous) {
        return None;
    }
    let mut stop = subject.end;
    if subject.kind == Kind::Phrase {
        stop = phrase_end(text, &subject)?;
    } else if auxiliary.eq_ignore_ascii_case("do") && !previous.is_in(WH_HOSTS) {
        let pronoun = subject.word.to_ascii_lowercase();
        let orders = pronoun == "you"
            || ["any", "every", "some"]
                .iter()
                .any(|start| pronoun.starts_with(start));
        let after = Window::after(text, stop);
        if orders && is_ordered(after.words().at(0)) && !asks(text, stop) {
            return None;
        }
    }
    if subject.word.eq_ignore_ascii_case("i") && auxiliary.eq_ignore_ascii_case("are") {
        push_like(out, auxiliary, "am");
    } else {
        out.push_str(auxiliary);
    }
    out.push_str(&text[end..stop]);
    out.push_str(if shout { " NOT" } else { " not" });
    Some(stop)
}

/// Finds a subject after white space with one line end at most.
fn subject(text: &str, at: usize) -> Option<Subject<'_>> {
    let mut start = run_end(text, at, is_blank);
    if text[start..].starts_with('\n') {
        start = run_end(text, start + 1, is_blank);
    }
    let end = letters_end(text, start);
    let word = &text[start..end];
    let alone = is_word_end(text, end);
    let found = |kind, end, shorter| {
        Some(Subject {
            kind,
            word,
            start,
            end,
            shorter,
        })
    };
    let lower = word.to_ascii_lowercase();
    if alone && is_pronoun(&lower) {
        return found(Kind::Pronoun, end, None);
    }
    if alone && matches!(lower.as_str(), "this" | "that" | "these" | "those") {
        return found(Kind::Phrase, end, None);
    }
    if matches!(
        lower.as_str(),
        "the" | "my" | "your" | "his" | "her" | "its" | "our" | "their"
    ) && let Some(first) = next_word_end(text, end)
    {
        let second = next_word_end(text, first).filter(|&second| is_word_end(text, second));
        if let Some(second) = second {
            return found(Kind::Phrase, second, Some(first));
        }
        if is_word_end(text, first) {
            return found(Kind::Phrase, first, None);
        }
    }
    let name = word.len() > 1
        && word.starts_with(|first: char| first.is_ascii_uppercase())
        && !word[1..].contains(|letter: char| letter.is_ascii_uppercase());
    if alone && name {
        return found(Kind::Phrase, end, None);
    }
    None
}

fn letters_end(text: &str, at: usize) -> usize {
    run_end(text, at, |letter| letter.is_ascii_alphabetic())
}

/// Where a word after white space on the same line ends.
fn next_word_end(text: &str, at: usize) -> Option<usize> {
    let start = run_end(text, at, is_blank);
    let end = letters_end(text, start);
    (start > at && end > start).then_some(end)
}

fn is_word_end(text: &str, at: usize) -> bool {
    !character_at(text, at).is_some_and(|next| is_in_names(next) || matches!(next, '\'' | '-'))
}

fn is_pronoun(word: &str) -> bool {
    let indefinite = |start: &&str| {
        let end = word.strip_prefix(*start);
        end.is_some_and(|end| matches!(end, "one" | "body" | "thing"))
    };
    matches!(
        word,
        "i" | "you" | "he" | "she" | "it" | "we" | "they" | "there"
    ) || ["any", "some", "every", "no"].iter().any(indefinite)
}

fn may_stand_before_question(word: Word<'_>) -> bool {
    word.is_in(BREAKS | WH_HOSTS)
        || (word.is_in(CONJUNCTIONS) && !matches!(word.text, "than" | "that" | "as"))
        || matches!(word.text, "then" | "well" | "oh" | "yes" | "no")
}

/// Whether it is an order, in which "not" stays before "you": "Don't you dare".
fn is_ordered(word: Word<'_>) -> bool {
    word.is_in(BASES) || matches!(word.text, "dare" | "ever" | "even" | "touch" | "fret")
}

/// Where a noun phrase ends, if that is certain.
fn phrase_end(text: &str, subject: &Subject<'_>) -> Option<usize> {
    let several = subject.end > subject.start + subject.word.len();
    [subject.shorter, Some(subject.end)]
        .into_iter()
        .flatten()
        .find(|&end| {
            let after = Window::after(text, end);
            let word = after.words().at(0);
            let closed = several && word.is_in(STOPS) && word.text != ":";
            closed || (word.is_alphabetic() && begins_predicate(word))
        })
}

fn begins_predicate(word: Word<'_>) -> bool {
    word.is_in(DETERMINERS | PREPOSITIONS | ADJECTIVES | NEGATIONS | BASES | WH_HOSTS | STATES)
        || (word.is_in(IRREGULAR_ADVERBS) && !matches!(word.text, "all" | "both" | "each"))
        || (word.text.ends_with("ing") && word.is_longer_than(4))
        || word.is_participle()
}

/// Whether a sentence ends with a question mark.
fn asks(text: &str, at: usize) -> bool {
    let mut line_end = false;
    for character in text[at..forward(text, at, SENTENCE)].chars() {
        match character {
            '.' | '!' | '?' => return character == '?' && !line_end,
            '\n' if line_end => return false,
            '\n' => line_end = true,
            _ => line_end = false,
        }
    }
    false
}
