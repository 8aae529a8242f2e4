//! Writes regular alternatives as an Oniguruma regex (Ruby's syntax, Unicode).
//!
//! Only what both engines read alike is used, so that the result is also valid, and
//! means the same, in Rust's dialect with lookaround.

use std::fmt::Write;
use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, Hir, HirKind, Repetition};

use super::regular::{Branch, Next};

/// The greatest count that Oniguruma takes in an interval.
const MAX_COUNT: u32 = 100_000;

/// Classes that have a short name, those with many members first.
const CLASS_NAMES: &[&str] = &[
    r"\p{Alphabetic}",
    r"\p{L}",
    r"\p{M}",
    r"\p{N}",
    r"\p{P}",
    r"\p{S}",
    r"\s",
    r"\p{Lu}",
    r"\p{Ll}",
    r"\p{Lt}",
    r"\p{Lm}",
    r"\p{Lo}",
    r"\p{Mn}",
    r"\p{Mc}",
    r"\p{Me}",
    r"\p{Nd}",
    r"\p{Nl}",
    r"\p{No}",
    r"\p{Pc}",
    r"\p{Pd}",
    r"\p{Ps}",
    r"\p{Pe}",
    r"\p{Pi}",
    r"\p{Pf}",
    r"\p{Po}",
    r"\p{Sm}",
    r"\p{Sc}",
    r"\p{Sk}",
    r"\p{So}",
    r"\p{Han}",
    r"\p{Hiragana}",
    r"\p{Katakana}",
    r"\p{Hangul}",
];

static NAMED_CLASSES: LazyLock<Vec<(&str, ClassUnicode)>> = LazyLock::new(|| {
    let named = |&name: &&'static str| match regex_syntax::parse(name).map(Hir::into_kind) {
        Ok(HirKind::Class(Class::Unicode(class))) => (name, class),
        _ => unreachable!("{name} is a class"),
    };
    CLASS_NAMES.iter().map(named).collect()
});

/// The regex, or the construct that cannot be written.
pub fn print(branches: &[Branch]) -> Result<String, String> {
    let mut out = String::new();
    for (index, branch) in branches.iter().enumerate() {
        if index > 0 {
            out.push('|');
        }
        // A condition binds to one alternative only.
        if branch.next.is_some() && matches!(branch.body.kind(), HirKind::Alternation(_)) {
            group(&branch.body, &mut out)?;
        } else {
            expression(&branch.body, &mut out)?;
        }
        match &branch.next {
            None => {}
            Some(Next { class, or_end }) => condition(class, *or_end, &mut out)?,
        }
    }
    Ok(out)
}

fn condition(chars: &ClassUnicode, or_end: bool, out: &mut String) -> Result<(), String> {
    if or_end && chars.ranges().is_empty() {
        out.push_str(r"\z");
        return Ok(());
    }
    let mut chars = chars.clone();
    out.push_str(if or_end { "(?!" } else { "(?=" });
    if or_end {
        chars.negate();
    }
    class(&chars, out)?;
    out.push(')');
    Ok(())
}

/// Recursive; the parser limits how deep a regex can be.
fn expression(hir: &Hir, out: &mut String) -> Result<(), String> {
    match hir.kind() {
        HirKind::Empty => Ok(()),
        HirKind::Literal(text) => {
            let text = std::str::from_utf8(&text.0).map_err(|_| "bytes that are no text")?;
            text.chars().for_each(|character| literal(character, out));
            Ok(())
        }
        HirKind::Class(Class::Unicode(chars)) => class(chars, out),
        HirKind::Class(Class::Bytes(bytes)) => class(
            &bytes.to_unicode_class().ok_or("bytes that are no text")?,
            out,
        ),
        HirKind::Repetition(repeated) => repetition(repeated, out),
        HirKind::Concat(items) => items.iter().try_for_each(|item| match item.kind() {
            HirKind::Alternation(_) => group(item, out),
            _ => expression(item, out),
        }),
        HirKind::Alternation(items) => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                expression(item, out)?;
            }
            Ok(())
        }
        HirKind::Look(_) | HirKind::Capture(_) => unreachable!("branches have neither"),
    }
}

fn group(hir: &Hir, out: &mut String) -> Result<(), String> {
    out.push_str("(?:");
    expression(hir, out)?;
    out.push(')');
    Ok(())
}

fn repetition(repeated: &Repetition, out: &mut String) -> Result<(), String> {
    let Repetition {
        min,
        max,
        greedy,
        sub,
    } = repeated;
    if sub.properties().minimum_len() == Some(0) {
        return Err("repeating what may be empty differs in Oniguruma".into());
    }
    if let HirKind::Repetition(inner) = sub.kind()
        && !(*greedy && inner.greedy)
    {
        return Err("Oniguruma may read a lazy repetition of a repetition in another way".into());
    }
    if max.unwrap_or(*min) > MAX_COUNT {
        return Err(format!("Oniguruma counts to {MAX_COUNT} at most"));
    }
    let single = match sub.kind() {
        HirKind::Class(_) => true,
        HirKind::Literal(text) => {
            std::str::from_utf8(&text.0).is_ok_and(|text| text.chars().count() == 1)
        }
        _ => false,
    };
    if single {
        expression(sub, out)?
    } else {
        group(sub, out)?
    }
    // Writing to a string cannot fail.
    let _ = match (min, max) {
        (0, None) => write!(out, "*"),
        (1, None) => write!(out, "+"),
        (0, Some(1)) => write!(out, "?"),
        (min, None) => write!(out, "{{{min},}}"),
        (min, Some(max)) if min == max => write!(out, "{{{min}}}"),
        (min, Some(max)) => write!(out, "{{{min},{max}}}"),
    };
    // Oniguruma reads `{n}?` as `(?:…{n})?`. The two mean the same.
    if !greedy && *max != Some(*min) {
        out.push('?');
    }
    Ok(())
}

fn class(chars: &ClassUnicode, out: &mut String) -> Result<(), String> {
    if chars.ranges().is_empty() {
        return Err("a class without members".into());
    }
    let mut others = chars.clone();
    others.negate();
    if others.ranges().is_empty() {
        out.push_str(r"[\s\S]");
        return Ok(());
    }
    let (plain, negated) = (members(chars), members(&others));
    // A short name, alone or as the only exception, needs no brackets.
    if NAMED_CLASSES.iter().any(|(name, _)| *name == plain) {
        out.push_str(&plain);
    } else if negated == r"\s" {
        out.push_str(r"\S");
    } else if plain.len() <= negated.len() {
        let _ = write!(out, "[{plain}]");
    } else {
        let _ = write!(out, "[^{negated}]");
    }
    Ok(())
}

/// The members of a class, as they are written in brackets.
fn members(chars: &ClassUnicode) -> String {
    let mut out = String::new();
    let mut left = chars.clone();
    for (name, named) in NAMED_CLASSES.iter() {
        let mut missing = named.clone();
        missing.difference(chars);
        let mut new = named.clone();
        new.intersect(&left);
        if missing.ranges().is_empty() && !new.ranges().is_empty() {
            out.push_str(name);
            left.difference(named);
        }
    }
    for range in left.ranges() {
        literal(range.start(), &mut out);
        if range.start() < range.end() {
            out.push('-');
            literal(range.end(), &mut out);
        }
    }
    out
}

/// A literal character, for use inside and outside of brackets.
fn literal(character: char, out: &mut String) {
    match character {
        '\n' => out.push_str(r"\n"),
        '\r' => out.push_str(r"\r"),
        '\t' => out.push_str(r"\t"),
        '\'' | '"' | '/' | ' ' | ',' | ':' | ';' | '<' | '=' | '>' | '@' | '_' | '`' | '!'
        | '%' => {
            out.push(character);
        }
        _ if character.is_ascii_punctuation() => {
            let _ = write!(out, "\\{character}");
        }
        _ if character.is_alphanumeric() => out.push(character),
        _ => {
            let _ = write!(out, "\\x{{{:X}}}", u32::from(character));
        }
    }
}
