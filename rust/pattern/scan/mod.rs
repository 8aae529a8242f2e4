//! Hand-written scanners for the named patterns, one file for each family.
//!
//! A scanner is a function from a text and the start of a pretoken to the pretoken's
//! end. It never looks back, and reads each character a bounded number of times.

mod block;
mod bloom;
mod bytes;
mod cl100k;
mod deepseek;
mod gpt2;
mod kimi;
mod o200k;
mod pieces;
mod superwords;
mod whitespace;
mod window;
#[cfg(target_arch = "x86_64")]
mod x86;

use std::marker::PhantomData;

use super::named::Named;
use super::text::{Read, Text};
use crate::unicode::NUMBER;
use bloom::Bloom;
use bytes::with_best;
use cl100k::Cl100k;
use deepseek::DeepseekV3;
use gpt2::Gpt2;
use kimi::Kimi;
use o200k::O200k;
use pieces::{Coder, Pieces, V2};
use whitespace::Whitespace;
use window::{Rule, Scan};

/// Calls `$function` for the rule of a pattern, or gives what `none` is.
macro_rules! with_rule {
    ($name:expr, $function:ident($($argument:expr),*), none: $none:expr) => {
        match $name {
            Named::Gpt2 => $function::<Gpt2<false>>($($argument),*),
            Named::Cl100k => $function::<Cl100k<3, true, false>>($($argument),*),
            Named::O200k => $function::<O200k<3, true>>($($argument),*),
            Named::Llama3 => $function::<Cl100k<3, false, false>>($($argument),*),
            Named::Qwen2 => $function::<Cl100k<1, false, false>>($($argument),*),
            Named::Qwen35 => $function::<Cl100k<1, false, true>>($($argument),*),
            Named::Tekken => $function::<O200k<1, false>>($($argument),*),
            Named::KimiK2 => $function::<Kimi>($($argument),*),
            Named::DigitsGpt2 => $function::<Gpt2<true>>($($argument),*),
            Named::DeepseekCoder => $function::<Pieces<Coder>>($($argument),*),
            Named::DeepseekV2 => $function::<Pieces<V2>>($($argument),*),
            Named::DeepseekV3 => $function::<DeepseekV3>($($argument),*),
            Named::Bloom => $function::<Bloom>($($argument),*),
            Named::Whitespace => $function::<Whitespace>($($argument),*),
            Named::None => $none,
            Named::Superwords(_) => unreachable!("superwords are looked for first"),
        }
    };
}

/// Appends the ends of the pretokens of `text` from `at` on: `limit` of them or somewhat more, if
/// there are as many. Returns where the last one ends.
pub fn scan(name: Named, text: &Text, at: usize, limit: usize, ends: &mut Vec<usize>) -> usize {
    if let Named::Superwords(base) = name {
        return superwords::scan(base, text, at, limit, ends);
    }
    with_rule!(name, by_windows(text, at, limit, ends), none: {
        let end = text.to_end();
        ends.push(end);
        end
    })
}

/// The end of the pretoken at `at`, found character by character, so that the text notes whether
/// its end was met.
pub fn end(name: Named, text: &Text, at: usize) -> usize {
    if let Named::Superwords(base) = name {
        return superwords::end(base, text, at);
    }
    with_rule!(name, by_characters(text, at), none: text.to_end())
}

fn by_characters<R: Rule>(text: &Text, at: usize) -> usize {
    R::end(text, at)
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
