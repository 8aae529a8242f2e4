//! Finds what is not prose: URLs, e-mail addresses, code spans, handles.
//!
//! For those who have found a place to change and ask whether they may: only the few marks
//! that all of these have in common are looked for, which costs next to nothing in a text
//! without them.

use std::cell::OnceCell;

use memchr::memchr_iter;
use memchr::memmem;

use super::characters::{is_in_names, is_space, run_end};

/// How far the part of an e-mail address before its @ is looked back for; the standard
/// allows 64 characters.
const LOCAL_WINDOW: usize = 64;
/// The longest scheme of a URL.
const SCHEME: usize = 16;

type Spans = Vec<(usize, usize)>;

/// The stretches of a text that are not prose. The text is not looked at before the first
/// question.
pub struct Protected<'t> {
    text: &'t str,
    code: OnceCell<Spans>,
    all: OnceCell<Spans>,
}

impl<'t> Protected<'t> {
    /// Those of a text.
    pub fn new(text: &'t str) -> Self {
        Protected {
            text,
            code: OnceCell::new(),
            all: OnceCell::new(),
        }
    }

    /// Whether anything between two places is code.
    pub fn in_code(&self, start: usize, end: usize) -> bool {
        overlap(self.code(), start, end)
    }

    /// Whether anything between two places is protected.
    pub fn overlaps(&self, start: usize, end: usize) -> bool {
        overlap(self.spans(), start, end)
    }

    /// All protected stretches in order, merged where they overlap or touch.
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

/// Whether a stretch overlaps one of some that are in order.
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

/// Addresses with their schemes.
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

/// Where the longest scheme that ends at a place begins: a letter that follows no letter or
/// digit, then letters, digits and a few marks.
fn scheme_start(text: &str, from: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let from = from.max(at.saturating_sub(SCHEME + 1));
    let belongs = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-');
    let run = bytes[from..at]
        .iter()
        .rev()
        .take_while(|&byte| belongs(byte))
        .count();
    (at - run.min(SCHEME)..at - run.min(1)).find(|&start| {
        let tied = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        bytes[start].is_ascii_alphabetic() && !(start > 0 && tied(bytes[start - 1]))
    })
}

/// Addresses that begin with `www.`.
fn www(text: &str, found: &mut Spans) {
    let mut done = 0;
    for at in memmem::find_iter(text.as_bytes(), "www.") {
        if at < done || text[..at].ends_with(is_in_names) {
            continue;
        }
        let end = run_end(text, at + 4, in_address);
        if end > at + 4 {
            found.push((at, end));
            done = end - 1;
        }
    }
}

/// E-mail addresses, and users' names as chats write them.
fn names(text: &str, found: &mut Spans) {
    for at in memchr_iter(b'@', text.as_bytes()) {
        let before = &text[..at];
        let local = |character: char| is_in_names(character) || ".+'-".contains(character);
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

/// Where a domain of two labels or more ends.
fn domain_end(text: &str, at: usize) -> Option<usize> {
    let label = |at: usize| {
        run_end(text, at, |character| {
            is_in_names(character) || character == '-'
        })
    };
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
