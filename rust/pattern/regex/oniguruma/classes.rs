//! Classes of characters: properties, escapes, and classes in brackets.
//!
//! Unicode's categories, scripts and properties are the same sets in both, of the same version;
//! those of POSIX and `\w` differ.

use super::super::syntax::escape_length;

/// `\w` in a class in brackets.
const WORD: &str = r"[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]";
const NO_WORD: &str = r"[^\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]";

/// `\w` outside of brackets holds these numbers, too, as `\b` does.
macro_rules! word_alone {
    () => {
        r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}²³¹¼-¾]"
    };
}
pub const WORD_ALONE: &str = concat!("[", word_alone!());
pub const NO_WORD_ALONE: &str = concat!("[^", word_alone!());
pub const WORD_BOUNDARY: &str = concat!(
    "(?:(?<=[",
    word_alone!(),
    ")(?![",
    word_alone!(),
    ")|",
    "(?<![",
    word_alone!(),
    ")(?=[",
    word_alone!(),
    "))",
);
pub const NO_WORD_BOUNDARY: &str = concat!(
    "(?:(?<=[",
    word_alone!(),
    ")(?=[",
    word_alone!(),
    ")|",
    "(?<![",
    word_alone!(),
    ")(?![",
    word_alone!(),
    "))",
);

const HEX: &str = "[0-9A-Fa-f]";
const NO_HEX: &str = "[^0-9A-Fa-f]";

/// An escape for one character or one of a class, in Rust's dialect.
pub fn escape(text: &str) -> Result<String, String> {
    let refuse = || Err(format!("{text} may mean something else in Oniguruma"));
    let body = &text[1..];
    let Some(first) = body.chars().next() else {
        return refuse();
    };
    let is_code = |digits: &str| {
        u32::from_str_radix(digits, 16)
            .ok()
            .and_then(char::from_u32)
    };
    Ok(match first {
        'p' | 'P' => return property(text),
        // Two digits are a byte.
        'x' if body[1..].starts_with('{') => text.to_owned(),
        'x' if is_code(&body[1..]).is_some_and(|code| code.is_ascii()) => text.to_owned(),
        'u' if body.len() == 5 && is_code(&body[1..]).is_some() => text.to_owned(),
        's' | 'S' | 'd' | 'D' | 'n' | 'r' | 't' | 'f' | 'v' | 'a' => text.to_owned(),
        'e' => r"\x1B".to_owned(),
        'h' => HEX.to_owned(),
        'H' => NO_HEX.to_owned(),
        _ if first.is_ascii_alphanumeric() => return refuse(),
        _ => regex_syntax::escape(body),
    })
}

/// `\p{…}` or `\P{…}`.
fn property(text: &str) -> Result<String, String> {
    let refuse = || Err(format!("{text} may mean something else in Oniguruma"));
    let name = text[2..]
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'));
    let Some(name) = name else {
        return refuse();
    };
    let (name, inverted) = match name.strip_prefix('^') {
        Some(name) => (name, true),
        None => (name, false),
    };
    let plain: String = name
        .chars()
        .filter(|character| !matches!(character, ' ' | '_' | '-'))
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let negated = text.starts_with(r"\P") != inverted;
    if plain == "word" {
        let class = if negated { NO_WORD_ALONE } else { WORD_ALONE };
        return Ok(class.to_owned());
    }
    if let Some(class) = posix(&plain, negated, false) {
        return Ok(class);
    }
    // It is of one of the two forms in both, or of a form that only Rust has.
    let own = format!(r"\{}{{{name}}}", if negated { 'P' } else { 'p' });
    let is_plain = name
        .chars()
        .all(|character| character.is_ascii_alphanumeric() || " _-".contains(character));
    match is_plain && regex_syntax::parse(&own).is_ok() {
        true => Ok(own),
        false => refuse(),
    }
}

/// A class of POSIX, by its name in lower case. In brackets, some hold more than as properties.
fn posix(name: &str, negated: bool, in_brackets: bool) -> Option<String> {
    let members = match name {
        "alnum" => r"\p{Alphabetic}\p{Nd}",
        "alpha" => r"\p{Alphabetic}",
        "ascii" => r"\x00-\x7F",
        "blank" => r"\p{Zs}\t",
        "cntrl" => r"\p{Cc}",
        "digit" => r"\p{Nd}",
        "lower" => r"\p{Lowercase}",
        "punct" if in_brackets => r"\p{P}\p{S}",
        "punct" => r"\p{P}",
        "space" => r"\s",
        "upper" => r"\p{Uppercase}",
        "xdigit" => "0-9A-Fa-f",
        "word" => r"\p{Alphabetic}\p{M}\p{Nd}\p{Pc}",
        // Everything but the others.
        "graph" => return Some(complement(r"\s\p{Cc}\p{Cn}", !negated)),
        "print" => return Some(complement(r"\p{Zl}\p{Zp}\p{Cc}\p{Cn}", !negated)),
        _ => return None,
    };
    Some(complement(members, negated))
}

fn complement(members: &str, negated: bool) -> String {
    format!("[{}{members}]", if negated { "^" } else { "" })
}

/// What the last item of a class is to a hyphen after it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The class begins here.
    Nothing,
    /// It can begin a range.
    Character,
    /// A range or a class, which cannot.
    Other,
}

/// A class in brackets, in Rust's dialect. Classes inside it, and `&&`, mean the same in both: `&&`
/// binds less than all but the `^` of its class.
pub fn class(text: &str) -> Result<String, String> {
    let refuse = |what: &str| Err(format!("{what} in the class {text} is not supported"));
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    // The last item of each class that is open.
    let mut open: Vec<Last> = Vec::new();
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        let last = open.last().copied();
        let mut now = Last::Character;
        match character {
            '[' if rest.starts_with("[:") => {
                let end = rest.find(":]").filter(|&end| end > 1);
                let name = end.map_or("", |end| &rest[2..end]);
                let negated = name.starts_with('^');
                let Some(class) = posix(name.trim_start_matches('^'), negated, true) else {
                    return refuse("[:");
                };
                out.push_str(&class);
                length = name.len() + 4;
                now = Last::Other;
            }
            '[' => {
                length += usize::from(rest[1..].starts_with('^'));
                if rest[length..].starts_with(']') {
                    return Err(format!("the class {text} begins with ]"));
                }
                out.push_str(&rest[..length]);
                open.push(Last::Nothing);
                now = Last::Nothing;
            }
            ']' => {
                if last == Some(Last::Nothing) {
                    return Err(format!("a part of the class {text} is empty"));
                }
                open.pop();
                out.push(']');
                now = Last::Other;
            }
            '&' if rest.starts_with("&&") => {
                if last == Some(Last::Nothing) {
                    return Err(format!("a part of the class {text} is empty"));
                }
                out.push_str("&&");
                length = 2;
                now = Last::Nothing;
            }
            '-' if rest.starts_with("--") => return refuse("--"),
            '-' => {
                let after = &rest[1..];
                let ends = after.starts_with(']') || after.starts_with("&&");
                if ends || last != Some(Last::Character) {
                    out.push_str(r"\-");
                    now = Last::Other;
                } else {
                    let Some(end) = range_end(after) else {
                        return refuse("-");
                    };
                    length += end;
                    out.push('-');
                    out.push_str(&member(&rest[1..length])?);
                    now = Last::Other;
                }
            }
            '\\' => {
                length = escape_length(rest).ok_or("an escape in a class ends too early")?;
                let own = &rest[..length];
                out.push_str(&member(own)?);
                if own[1..].starts_with(['p', 'P', 'w', 'W', 's', 'S', 'd', 'D', 'h', 'H']) {
                    now = Last::Other;
                }
            }
            _ => out.push_str(&member(&rest[..length])?),
        }
        if let Some(last) = open.last_mut() {
            *last = now;
        }
        rest = &rest[length..];
    }
    Ok(out)
}

/// A character or an escape in a class.
fn member(text: &str) -> Result<String, String> {
    Ok(match text {
        r"\w" => WORD.into(),
        r"\W" => NO_WORD.into(),
        r"\b" => r"\x08".into(),
        r"\p{Word}" => WORD.into(),
        r"\P{Word}" => NO_WORD.into(),
        "&" | "~" | "#" => format!("\\{text}"),
        _ if text.starts_with('\\') => escape(text)?,
        _ => text.into(),
    })
}

/// The length of the character that ends a range, if one does.
fn range_end(rest: &str) -> Option<usize> {
    match rest.chars().next()? {
        '[' => None,
        '\\' if rest[1..].starts_with(['p', 'P', 'w', 'W', 's', 'S', 'd', 'D', 'h', 'H']) => None,
        '\\' => escape_length(rest),
        character => Some(character.len_utf8()),
    }
}
