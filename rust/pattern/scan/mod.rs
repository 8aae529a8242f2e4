//! Hand-written scanners for the named patterns, one file for each family.
//!
//! A scanner is a function from a text and the start of a pretoken to the pretoken's
//! end. It never looks back, and reads each character a bounded number of times.

mod bytes;
mod cl100k;
mod deepseek;
mod gpt2;
mod o200k;
mod whitespace;
mod window;

use std::marker::PhantomData;

use super::named::Named;
use super::text::{Read, Text};
use crate::unicode::NUMBER;
use bytes::with_best;
use cl100k::Cl100k;
use gpt2::Gpt2;
use o200k::O200k;
use whitespace::Whitespace;
use window::{Rule, Scan};

/// Appends the ends of the pretokens of `text` from `at` on: `limit` of them or somewhat more, if
/// there are as many. Returns where the last one ends.
pub fn scan(name: Named, text: &Text, at: usize, limit: usize, ends: &mut Vec<usize>) -> usize {
    match name {
        Named::Gpt2 => by_windows::<Gpt2>(text, at, limit, ends),
        Named::Cl100k => by_windows::<Cl100k<3, true>>(text, at, limit, ends),
        Named::Llama3 => by_windows::<Cl100k<3, false>>(text, at, limit, ends),
        Named::Qwen2 => by_windows::<Cl100k<1, false>>(text, at, limit, ends),
        Named::O200k => by_windows::<O200k>(text, at, limit, ends),
        Named::DeepseekV3 => walk(text, at, limit, ends, deepseek::end),
        Named::Whitespace => by_windows::<Whitespace>(text, at, limit, ends),
        Named::None => walk(text, at, limit, ends, |text, _| text.to_end()),
    }
}

/// The end of the pretoken at `at`, found character by character, so that the text notes whether
/// its end was met.
pub fn end(name: Named, text: &Text, at: usize) -> usize {
    match name {
        Named::Gpt2 => Gpt2::end(text, at),
        Named::Cl100k => Cl100k::<3, true>::end(text, at),
        Named::Llama3 => Cl100k::<3, false>::end(text, at),
        Named::Qwen2 => Cl100k::<1, false>::end(text, at),
        Named::O200k => O200k::end(text, at),
        Named::DeepseekV3 => deepseek::end(text, at),
        Named::Whitespace => Whitespace::end(text, at),
        Named::None => text.to_end(),
    }
}

fn by_windows<R: Rule>(text: &Text, at: usize, limit: usize, ends: &mut Vec<usize>) -> usize {
    let rule = PhantomData::<R>;
    with_best(Scan {
        text,
        at,
        limit,
        ends,
        rule,
    })
}

#[inline(always)]
fn walk(
    text: &Text,
    mut at: usize,
    limit: usize,
    ends: &mut Vec<usize>,
    end: impl Fn(&Text, usize) -> usize,
) -> usize {
    for _ in 0..limit {
        if at == text.len() {
            break;
        }
        at = end(text, at);
        ends.push(at);
    }
    at
}

/// The end of up to `most` numbers at `at`.
#[inline(always)]
fn numbers(text: &Text, mut at: usize, most: usize) -> usize {
    for _ in 0..most {
        let (class, width) = text.class(at);
        if class & NUMBER == 0 {
            break;
        }
        at += width;
    }
    at
}

/// The length of `'(?i:[sdmt]|ll|ve|re)` at `at`, 0 if it is not there. Of the
/// characters beyond ASCII, only U+017F (ſ) equals one of these letters but for case.
#[inline(always)]
fn contraction(text: &Text, at: usize) -> usize {
    if text.byte(at) != Some(b'\'') {
        return 0;
    }
    let lower = |at| text.byte(at).map(|byte| byte.to_ascii_lowercase());
    match lower(at + 1) {
        Some(b's' | b'd' | b'm' | b't') => 2,
        Some(b'l') if lower(at + 2) == Some(b'l') => 3,
        Some(b'v' | b'r') if lower(at + 2) == Some(b'e') => 3,
        Some(0xC5) if text.byte(at + 2) == Some(0xBF) => 3,
        _ => 0,
    }
}

#[cfg(test)]
mod tests;
