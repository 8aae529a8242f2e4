//! Finds what is not prose, and must not be rewritten: URLs, e-mail addresses, code, handles.
//!
//! The one definition of it: the steps for slang, phrases and synonyms ask through the native
//! module. It errs on the side of leaving text alone, so a URL reaches to the next space. Where
//! exactly an address ends matters only to the step that removes addresses, which has an exact
//! definition of its own.
//!
//! Only the marks that all of these have in common are searched for. A text without any costs
//! next to nothing.

use std::cell::OnceCell;

use memchr::memchr_iter;
use memchr::memmem;

use super::characters::{is_in_names, is_space, run_end};

/// How far the part of an e-mail address before its @ is looked back for; the standard
/// allows 64 characters.
const LOCAL_WINDOW: usize = 64;
/// The longest scheme of a URL.
const SCHEME: usize = 32;

/// Where each span begins and ends.
pub type Spans = Vec<(usize, usize)>;

/// The spans of a text that are not prose, in bytes. The text is searched at the first question.
pub struct Protected<'t> {
    text: &'t str,
    code: OnceCell<Spans>,
    all: OnceCell<Spans>,
}

impl<'t> Protected<'t> {
    pub fn new(text: &'t str) -> Self {
        Protected {
            text,
            code: OnceCell::new(),
            all: OnceCell::new(),
        }
    }

    /// Whether anything between two offsets is code.
    pub fn in_code(&self, start: usize, end: usize) -> bool {
        overlap(self.code(), start, end)
    }

    /// Whether anything between two offsets is protected.
    pub fn overlaps(&self, start: usize, end: usize) -> bool {
        overlap(self.spans(), start, end)
    }

    /// All protected spans in order, merged where they overlap or touch.
    fn spans(&self) -> &[(usize, usize)] {
        self.all.get_or_init(|| {
            let mut found = self.code().to_vec();
            urls(self.text, &mut found);
            www(self.text, &mut found);
            names(self.text, &mut found);
            merged(found)
        })
    }

    fn code(&self) -> &[(usize, usize)] {
        self.code.get_or_init(|| code(self.text))
    }
}

/// What is not prose in a text: spans in characters, in order and apart from each other.
pub fn protected_spans(text: &str) -> Spans {
    in_characters(text, Protected::new(text).spans())
}

/// The code in a text: spans in characters, in order.
pub fn code_spans(text: &str) -> Spans {
    in_characters(text, &code(text))
}

fn in_characters(text: &str, spans: &[(usize, usize)]) -> Spans {
    let (mut characters, mut done) = (0, 0);
    let mut count = |at: usize| {
        characters += text[done..at].chars().count();
        done = at;
        characters
    };
    let convert = |&(start, end): &(usize, usize)| (count(start), count(end));
    spans.iter().map(convert).collect()
}

/// Whether a span overlaps one of some that are in order.
fn overlap(spans: &[(usize, usize)], start: usize, end: usize) -> bool {
    let at = spans.partition_point(|&(first, _)| first < end);
    at > 0 && spans[at - 1].1 > start
}

fn merged(mut found: Spans) -> Spans {
    found.sort_unstable();
    let mut spans: Spans = Vec::with_capacity(found.len());
    for (start, end) in found {
        match spans.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => spans.push((start, end)),
        }
    }
    spans
}

/// Code in Markdown: between fences, or between backticks on one line. A backtick inside a
/// word is an apostrophe to many people ("don`t") and opens or closes nothing.
fn code(text: &str) -> Spans {
    let mut spans: Spans = Vec::new();
    let mut done = 0;
    for at in memchr_iter(b'`', text.as_bytes()) {
        if at >= done
            && let Some(end) = code_end(text, at)
        {
            spans.push((at, end));
            done = end;
        }
    }
    spans
}

/// Where the code that a backtick opens ends.
fn code_end(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if bytes[at..].starts_with(b"```") {
        let inside = &bytes[at + 3..];
        let length = memmem::find(inside, b"```").map_or(inside.len(), |length| length + 3);
        return Some(at + 3 + length);
    }
    let joins = |character: char| is_in_names(character) || character == '`';
    if text[..at].ends_with(joins) {
        return None;
    }
    let twice = bytes[at..].starts_with(b"``");
    let mut end = at + 1 + usize::from(twice);
    loop {
        let inside = end;
        end = run_end(text, inside, |character| !matches!(character, '`' | '\n'));
        if end == inside || bytes.get(end) != Some(&b'`') {
            return None;
        }
        let closes = twice == bytes[end..].starts_with(b"``");
        end += 1;
        if closes {
            end += usize::from(twice);
            return (!text[end..].starts_with(joins)).then_some(end);
        }
        if !twice {
            return None;
        }
    }
}

fn in_address(character: char) -> bool {
    !is_space(character) && !matches!(character, '<' | '>' | '"')
}

/// URLs with a scheme.
fn urls(text: &str, found: &mut Spans) {
    let mut done = 0;
    for at in memmem::find_iter(text.as_bytes(), "://") {
        if at < done {
            continue;
        }
        let end = run_end(text, at + 3, in_address);
        if end > at + 3
            && let Some(start) = scheme_start(text, done, at)
        {
            found.push((start, end));
            done = end - 1;
        }
    }
}

/// Where the scheme that ends at an offset begins: with the first letter in a run of letters,
/// digits and a few marks.
fn scheme_start(text: &str, from: usize, at: usize) -> Option<usize> {
    let from = from.max(at.saturating_sub(SCHEME));
    let before = &text.as_bytes()[from..at];
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    let run = before
        .iter()
        .rev()
        .take_while(|&byte| belongs(byte))
        .count();
    (at - run..at).find(|&start| text.as_bytes()[start].is_ascii_alphabetic())
}

/// URLs that begin with `www.`, or with a digit before the full stop, in either case.
fn www(text: &str, found: &mut Spans) {
    let bytes = text.as_bytes();
    for start in ["ww", "WW", "wW", "Ww"] {
        let mut done = 0;
        for at in memmem::find_iter(bytes, start) {
            if at < done || text[..at].ends_with(|before: char| before.is_ascii_alphanumeric()) {
                continue;
            }
            let Some(b'w' | b'W') = bytes.get(at + 2) else {
                continue;
            };
            let host = at + 3 + usize::from(bytes.get(at + 3).is_some_and(u8::is_ascii_digit));
            if bytes.get(host) != Some(&b'.') {
                continue;
            }
            let end = run_end(text, host + 1, in_address);
            if end > host + 1 {
                found.push((at, end));
                done = end - 1;
            }
        }
    }
}

/// E-mail addresses, and users' names as chats write them.
fn names(text: &str, found: &mut Spans) {
    for at in memchr_iter(b'@', text.as_bytes()) {
        let before = &text[..at];
        let local = |character: char| is_in_labels(character) || ".+'".contains(character);
        let window = before.char_indices().rev().take(LOCAL_WINDOW);
        if let Some((start, _)) = window.take_while(|&(_, character)| local(character)).last()
            && let Some(end) = domain_end(text, at + 1)
        {
            found.push((start, end));
        } else if text[at + 1..].starts_with(is_in_names)
            && !before.ends_with(|character| is_in_names(character) || character == '@')
        {
            let end = run_end(text, at + 1, |character| {
                is_in_names(character) || character == '.'
            });
            found.push((at, end));
        }
    }
}

/// Whether a label of a domain may hold a character; also letters with their accents apart.
fn is_in_labels(character: char) -> bool {
    is_in_names(character) || matches!(character, '-' | '\u{300}'..='\u{36f}')
}

/// Where a domain of two labels or more ends, or an address of the internet in brackets.
fn domain_end(text: &str, at: usize) -> Option<usize> {
    if text[at..].starts_with('[') {
        let inside = |character: char| character.is_ascii_alphanumeric() || character == ':';
        let end = run_end(text, at + 1, |character| {
            inside(character) || character == '.'
        });
        return text[end..].starts_with(']').then_some(end + 1);
    }
    let label = |at: usize| run_end(text, at, is_in_labels);
    let first = label(at);
    let mut end = first;
    while end > at && text[end..].starts_with('.') {
        let next = label(end + 1);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    (end > first).then_some(end)
}
