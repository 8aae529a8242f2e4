//! Cuts the text of a regex into its smallest parts, in Rust's dialect with lookaround and
//! in Oniguruma's alike. The meaning of a part is not decided here.

use std::ops::Range;

/// What a part of a regex is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `(` and all that says what kind of group it is, as in `(?:`.
    Open,
    /// `)`.
    Close,
    /// Flags for what follows, as in `(?i)`.
    Flags,
    /// `|`.
    Bar,
    /// A class in brackets.
    Class,
    /// An escape, which begins with a backslash.
    Escape,
    /// Any other character.
    Char,
}

/// A part of a regex, with the repetition operator behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub kind: Kind,
    /// Its span, without the operator.
    pub span: Range<usize>,
    /// The span of its repetition operator; empty if there is none.
    pub repeat: Range<usize>,
    /// The number of groups around it. The parentheses of a group are outside of it.
    pub depth: usize,
}

/// The parts of `regex`. `None` if brackets or parentheses do not match.
pub fn parts(regex: &str) -> Option<Vec<Part>> {
    let bytes = regex.as_bytes();
    let (mut parts, mut at, mut depth) = (Vec::new(), 0, 0usize);
    while at < bytes.len() {
        let (kind, length) = match bytes[at] {
            b'\\' => (Kind::Escape, escape_length(&regex[at..])?),
            b'[' => (Kind::Class, class(&regex[at..])?),
            b'(' => group(&regex[at..])?,
            b')' => (Kind::Close, 1),
            b'|' => (Kind::Bar, 1),
            _ => (Kind::Char, regex[at..].chars().next()?.len_utf8()),
        };
        if kind == Kind::Close {
            depth = depth.checked_sub(1)?;
        }
        let end = at + length;
        let repeats = !matches!(kind, Kind::Open | Kind::Flags | Kind::Bar);
        let repeat = if repeats {
            repetition(&regex[end..])
        } else {
            0
        };
        parts.push(Part {
            kind,
            span: at..end,
            repeat: end..end + repeat,
            depth,
        });
        if kind == Kind::Open {
            depth += 1;
        }
        at = end + repeat;
    }
    (depth == 0).then_some(parts)
}

/// The length of the escape that `rest` starts with, if it is complete.
pub fn escape_length(rest: &str) -> Option<usize> {
    let mut characters = rest[1..].chars();
    let letter = characters.next()?;
    let braced = characters.next() == Some('{');
    match letter {
        'p' | 'P' | 'x' | 'u' | 'U' if braced => Some(rest.find('}')? + 1),
        'p' | 'P' => Some(2 + rest[2..].chars().next()?.len_utf8()),
        'x' => rest.get(..4).map(str::len),
        'u' => rest.get(..6).map(str::len),
        'U' => rest.get(..10).map(str::len),
        _ => Some(1 + letter.len_utf8()),
    }
}

/// The length of the class that `rest` starts with, with the classes inside it.
fn class(rest: &str) -> Option<usize> {
    let bytes = rest.as_bytes();
    let (mut depth, mut at) = (0, 0);
    loop {
        match *bytes.get(at)? {
            b'[' => {
                depth += 1;
                at += 1 + usize::from(bytes.get(at + 1) == Some(&b'^'));
                // A bracket that closes nothing is a literal.
                at += usize::from(bytes.get(at) == Some(&b']'));
            }
            b']' => {
                depth -= 1;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            b'\\' => at += escape_length(&rest[at..])?,
            _ => at += 1,
        }
    }
}

/// The kind and the length of the opening of the group that `rest` starts with.
fn group(rest: &str) -> Option<(Kind, usize)> {
    let Some(inner) = rest.strip_prefix("(?") else {
        return Some((Kind::Open, 1));
    };
    for look in ["<=", "<!", "=", "!", ">"] {
        if inner.starts_with(look) {
            return Some((Kind::Open, 2 + look.len()));
        }
    }
    let end = inner.find([':', ')', '>'])?;
    let kind = if inner.as_bytes()[end] == b')' {
        Kind::Flags
    } else {
        Kind::Open
    };
    Some((kind, 2 + end + 1))
}

/// The length of the repetition operator that `rest` starts with.
fn repetition(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let operator = match bytes.first() {
        Some(b'*' | b'+' | b'?') => 1,
        Some(b'{') => {
            let inside = rest[1..]
                .find(|c: char| !c.is_ascii_digit() && c != ',')
                .map_or(0, |n| n + 1);
            if inside < 2 || bytes[inside] != b'}' {
                return 0;
            }
            inside + 1
        }
        _ => return 0,
    };
    operator + usize::from(matches!(bytes.get(operator), Some(b'?' | b'+')))
}
