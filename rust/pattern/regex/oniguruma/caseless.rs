//! What may be matched without regard to case.
//!
//! Oniguruma also equates one character with several, such as `ß` with `ss`. Rust does not, so what
//! may be part of such an equation is refused.

use regex_syntax::hir::{ClassUnicode, ClassUnicodeRange};

use super::super::syntax::{Kind, escape_length};

/// Pairs of letters that Oniguruma equates with one character.
const PAIRS: &[&str] = &["ss", "ff", "fi", "fl", "st"];

/// What was read where case is ignored.
#[derive(Default)]
pub struct Folded {
    /// Letters next to each other, in lower case, with something else between others.
    letters: String,
}

impl Folded {
    /// Adds a part of a regex; refuses it if it may equal several characters.
    pub fn add(&mut self, kind: Kind, text: &str) -> Result<(), String> {
        let is_alone = match kind {
            Kind::Class => is_class_alone(text),
            Kind::Escape => is_escape_alone(text),
            Kind::Char => text.chars().all(is_alone),
            _ => true,
        };
        if !is_alone {
            return Err(format!(
                "{text} may equal several characters in (?i:…) in Oniguruma"
            ));
        }
        match kind {
            Kind::Char => self.letters.push_str(&text.to_ascii_lowercase()),
            // Letters in neighbouring groups stand next to each other.
            Kind::Open | Kind::Close => {}
            _ => self.letters.push('|'),
        }
        Ok(())
    }

    /// Refuses letters next to each other which may equal one character.
    pub fn check(&self) -> Result<(), String> {
        match PAIRS.iter().find(|pair| self.letters.contains(**pair)) {
            Some(pair) => Err(format!(
                "{pair} may equal one character in (?i:…) in Oniguruma"
            )),
            None => Ok(()),
        }
    }
}

/// Whether a character is part of no equation with several. Some that are not are refused, too.
fn is_alone(character: char) -> bool {
    match character {
        '\0'..='\x7F' => true,
        'ß' => false,
        'À'..='ÿ' | '\u{400}'..='\u{4FF}' => true,
        // Modifiers and marks follow letters in equations.
        '\u{2B0}'..='\u{36F}' => false,
        _ => {
            let mut class = ClassUnicode::new([ClassUnicodeRange::new(character, character)]);
            let only = class.clone();
            class.case_fold_simple();
            class == only
        }
    }
}

/// `\s`, `\d`, `\w` and the like are not matched by case, but backreferences and properties are.
fn is_escape_alone(text: &str) -> bool {
    !text[1..].starts_with(|first: char| {
        matches!(first, 'p' | 'P' | 'x' | 'u' | '0'..='9') || !is_alone(first)
    })
}

/// Negated classes are odd, unless they hold nothing that has case.
fn is_class_alone(text: &str) -> bool {
    let mut rest = &text[1..text.len() - 1];
    let negated = rest.starts_with('^');
    if negated {
        rest = &rest[1..];
    }
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        if character == '\\' {
            length = escape_length(rest).unwrap_or(rest.len());
            let first = rest[1..].chars().next().unwrap_or('p');
            let is_letter = first.is_ascii_alphanumeric();
            if is_letter && !matches!(first, 's' | 'd' | 'n' | 'r' | 't' | 'f' | 'v')
                || !is_alone(first)
            {
                return false;
            }
        } else {
            let next = &rest[length..];
            let range = match character {
                '-' => next.starts_with(|end: char| !end.is_ascii()),
                _ => !character.is_ascii() && next.starts_with('-'),
            };
            let odd = negated && character.is_alphabetic();
            if character == '[' || range || odd || !is_alone(character) {
                return false;
            }
        }
        rest = &rest[length..];
    }
    true
}
