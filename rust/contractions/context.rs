//! The words around a contraction, as the rules see them.
//!
//! Words are in lower case with straight apostrophes, and may have apostrophes and hyphens
//! inside. Numbers and punctuation marks are words too. [`END`] stands for a blank line, and for
//! the start or end of the text. Quotes, brackets and marks of emphasis are skipped. A single
//! line end does not matter; nothing beyond a blank line is seen.

use std::cell::{OnceCell, RefCell};

use memchr::memchr_iter;

use super::characters::{
    back, character_at, character_before, forward, is_digit, is_in_names, is_in_words, is_space,
    push_lower, run_end,
};
use super::lexicon::{Class, END, Word};

/// How many characters are looked at after a contraction, and before it. This bounds the work
/// for each.
const AFTER: usize = 48;
const BEFORE: usize = 40;

/// A piece of text, split into words as far as they were asked for.
#[derive(Debug)]
pub struct Window {
    text: String,
    split: RefCell<Split>,
}

#[derive(Debug)]
struct Split {
    words: Vec<Span>,
    /// How far the text is split.
    end: usize,
}

/// Where a word begins and ends, and its classes.
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
    classes: Class,
}

/// Some words of a [`Window`]. Every index past the last word gives [`END`].
#[derive(Debug, Clone, Copy)]
pub struct Words<'a> {
    window: &'a Window,
    from: usize,
    until: usize,
}

impl Window {
    /// The words after an offset.
    pub fn after(text: &str, at: usize) -> Self {
        let text = &text[at..forward(text, at, AFTER)];
        let end = blank_lines(text).next();
        Window::new(&text[..end.map_or(text.len(), |(end, _)| end)])
    }

    /// The words before an offset, the nearest first.
    fn before(text: &str, at: usize) -> Self {
        let mut start = back(text, at, BEFORE);
        if let Some((_, end)) = blank_lines(&text[start..at]).last() {
            start += end;
        }
        let window = Window::new(&text[start..at]);
        let mut split = window.split.borrow_mut();
        while split.advance(&window.text) {}
        if character_before(text, start).is_some_and(|character| !is_space(character))
            && !split.words.is_empty()
        {
            // It may be half a word.
            split.words.remove(0);
        }
        split.words.reverse();
        drop(split);
        window
    }

    fn new(piece: &str) -> Self {
        let mut text = String::with_capacity(piece.len());
        push_lower(&mut text, piece);
        let words = Vec::with_capacity(8);
        let split = RefCell::new(Split { words, end: 0 });
        Window { text, split }
    }

    pub fn words(&self) -> Words<'_> {
        Words {
            window: self,
            from: 0,
            until: usize::MAX,
        }
    }
}

impl Split {
    /// Finds the next word.
    fn advance(&mut self, text: &str) -> bool {
        while let Some(first) = character_at(text, self.end) {
            let start = self.end;
            let mut end = start + first.len_utf8();
            if is_in_words(first) {
                end = word_end(text, start);
            } else if is_digit(first) {
                end = run_end(text, end, |c| is_digit(c) || matches!(c, '.' | ','));
                end = run_end(text, end, is_in_names);
            } else if text[start..].starts_with("--") {
                end += 1;
            } else if !is_mark(first) {
                self.end = end;
                continue;
            }
            self.end = end;
            let classes = Word::new(&text[start..end]).classes;
            self.words.push(Span {
                start,
                end,
                classes,
            });
            return true;
        }
        false
    }
}

/// The blank lines of a text: where the line end before each begins, and where each ends.
fn blank_lines(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut previous = None;
    memchr_iter(b'\n', text.as_bytes()).filter_map(move |end| {
        let start = previous.replace(end)?;
        let blank = text[start..end].chars().all(is_space);
        blank.then_some((start, end + 1))
    })
}

/// Where a word ends: letters, and hyphens and apostrophes between letters.
fn word_end(text: &str, start: usize) -> usize {
    let mut end = run_end(text, start, is_in_words);
    while text[end..].starts_with(['\'', '-'])
        && character_at(text, end + 1).is_some_and(is_in_words)
    {
        end = run_end(text, end + 1, is_in_words);
    }
    end
}

fn is_mark(character: char) -> bool {
    matches!(
        character,
        '.' | ',' | ';' | ':' | '!' | '?' | '…' | '–' | '—' | ')' | '/' | '&' | '%' | '$' | '-'
    )
}

impl<'a> Words<'a> {
    pub fn at(self, at: usize) -> Word<'a> {
        let at = self.from + at;
        if at >= self.until {
            return END;
        }
        let text = &self.window.text;
        let mut split = self.window.split.borrow_mut();
        while split.words.len() <= at {
            if !split.advance(text) {
                return END;
            }
        }
        let Span {
            start,
            end,
            classes,
        } = split.words[at];
        let text = &text[start..end];
        Word { text, classes }
    }

    /// Those from the word at `at` on.
    pub fn from(self, at: usize) -> Self {
        let from = self.from + at;
        Words { from, ..self }
    }

    /// Those before the word at `at`.
    pub fn until(self, at: usize) -> Self {
        let until = self.until.min(self.from + at);
        Words { until, ..self }
    }

    pub fn iter(self) -> impl Iterator<Item = Word<'a>> {
        (0..)
            .map(move |at| self.at(at))
            .take_while(|&word| word != END)
    }

    /// The index of the first word, from `at` on, that is not an adverb between auxiliary and verb.
    pub fn skip_adverbs(self, mut at: usize) -> usize {
        loop {
            let word = self.at(at);
            let next = || self.at(at + 1).text;
            if is_phrase(word.text, next()) {
                at += 2;
            } else if word.is_adverb() {
                at += 1;
            } else if word.text == "," && next() == "of" && self.at(at + 2).text == "course" {
                at += 3 + usize::from(self.at(at + 3).text == ",");
            } else {
                return at;
            }
        }
    }
}

/// The words before an offset, the nearest first. Few rules need them, so they are split when
/// first asked for.
pub struct Before<'t> {
    text: &'t str,
    at: usize,
    window: OnceCell<Window>,
}

impl<'t> Before<'t> {
    pub fn new(text: &'t str, at: usize) -> Self {
        let window = OnceCell::new();
        Before { text, at, window }
    }

    /// The start of a text.
    pub fn nothing() -> Self {
        Before::new("", 0)
    }

    pub fn words(&self) -> Words<'_> {
        let find = || Window::before(self.text, self.at);
        self.window.get_or_init(find).words()
    }

    pub fn at(&self, at: usize) -> Word<'_> {
        self.words().at(at)
    }
}

/// Whether a word begins a phrase of two words that may interrupt a verb group.
pub fn starts_phrase(word: &str) -> bool {
    matches!(
        word,
        "of" | "in"
            | "by"
            | "at"
            | "so"
            | "for"
            | "no"
            | "sort"
            | "kind"
            | "as"
            | "more"
            | "to"
            | "thus"
            | "pretty"
            | "all"
            | "never"
    )
}

fn is_phrase(first: &str, second: &str) -> bool {
    match first {
        "of" => second == "course",
        "in" => matches!(second, "fact" | "turn"),
        "by" => matches!(second, "now" | "then"),
        "at" => matches!(second, "least" | "last" | "first"),
        "so" | "thus" => second == "far",
        "for" => second == "once",
        "no" => matches!(second, "doubt" | "longer" | "sooner"),
        "sort" | "kind" => second == "of",
        "as" => matches!(second, "well" | "yet"),
        "all" => second == "but",
        "never" => second == "before",
        "more" => second == "or",
        "to" => second == "date",
        "pretty" => second == "much",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str) -> Vec<String> {
        let window = Window::after(text, 0);
        window.words().iter().map(|word| word.text.into()).collect()
    }

    fn before(text: &str) -> Vec<String> {
        let window = Window::before(text, text.len());
        window.words().iter().map(|word| word.text.into()).collect()
    }

    #[test]
    fn words_numbers_and_marks_are_words() {
        assert_eq!(
            after("It\u{2019}s \"well-known\", 3.5km -- a_b (no)…"),
            [
                "it's",
                "well-known",
                ",",
                "3.5km",
                "--",
                "a",
                "b",
                "no",
                ")",
                "…"
            ]
        );
        assert_eq!(after("İt x'-y a-"), ["i", "t", "x", "-", "y", "a", "-"]);
    }

    #[test]
    fn a_blank_line_ends_what_is_seen() {
        assert_eq!(after("a\nb \r\n\t\nc"), ["a", "b"]);
        assert_eq!(before("a\n \r\nb\nc "), ["c", "b"]);
        assert_eq!(before("a\n\n\nb"), ["b"]);
    }

    #[test]
    fn what_is_seen_is_bounded() {
        assert_eq!(after(&"é".repeat(99)), ["é".repeat(AFTER)]);
        // It may be half a word.
        assert_eq!(before(&"é".repeat(99)), [""; 0]);
        assert_eq!(before(&"é".repeat(BEFORE)), ["é".repeat(BEFORE)]);
    }

    #[test]
    fn adverbs_and_phrases_are_skipped() {
        for (text, at) in [
            ("not really, of course, been", 6),
            ("of course been", 2),
            ("of late", 0),
            ("never", 1),
            ("", 0),
        ] {
            assert_eq!(Window::after(text, 0).words().skip_adverbs(0), at, "{text}");
        }
    }
}
