//! Translates regexes written for Oniguruma (Ruby's syntax, Unicode) to Rust's dialect with
//! lookaround. Anything that is not known to mean the same is refused.

use super::syntax::{Kind, Part, escape_length, parts};

/// Properties that name the same set in both.
const PROPERTIES: &[&str] = &[
    "L",
    "Lu",
    "Ll",
    "Lt",
    "Lm",
    "Lo",
    "M",
    "Mn",
    "Mc",
    "Me",
    "N",
    "Nd",
    "Nl",
    "No",
    "P",
    "Pc",
    "Pd",
    "Ps",
    "Pe",
    "Pi",
    "Pf",
    "Po",
    "S",
    "Sm",
    "Sc",
    "Sk",
    "So",
    "Z",
    "Zs",
    "Zl",
    "Zp",
    "Han",
    "Hiragana",
    "Katakana",
    "Hangul",
    "Latin",
    "Greek",
    "Cyrillic",
    "Arabic",
    "Hebrew",
    "Thai",
    "Devanagari",
];
/// Pairs of letters that Oniguruma equates with one character when case is ignored.
const FOLDED_PAIRS: &[&str] = &["ss", "ff", "fi", "fl", "st"];

/// The same regex in Rust's dialect, or what cannot be translated.
pub fn translate(regex: &str) -> Result<String, String> {
    translated(regex, false)
}

/// The same, for one that is applied to whole texts, so that it is known where these begin.
pub fn translate_whole(regex: &str) -> Result<String, String> {
    translated(regex, true)
}

fn translated(regex: &str, whole: bool) -> Result<String, String> {
    let parts = parts(regex).ok_or("its brackets or parentheses do not match")?;
    let mut out = String::new();
    // Where the groups that are open start in `out`, and where their content does.
    let mut groups = Vec::new();
    let mut ignoring_case = Vec::new();
    for part in &parts {
        let text = &regex[part.span.clone()];
        let mut start = out.len();
        match part.kind {
            Kind::Flags => return Err(format!("{text} has another scope in Oniguruma")),
            Kind::Open => {
                if !["(", "(?:", "(?i:", "(?=", "(?!"].contains(&text) {
                    return Err(format!("{text} is not supported in Oniguruma regexes"));
                }
                ignoring_case.push(text == "(?i:");
                // Captures mean nothing here.
                out.push_str(if text == "(" { "(?:" } else { text });
                groups.push((start, out.len()));
            }
            Kind::Close => {
                let inside;
                (start, inside) = groups.pop().expect("parentheses match");
                ignoring_case.pop();
                if out.len() == inside {
                    return Err("an empty group is not supported".into());
                }
                out.push(')');
            }
            Kind::Class => {
                class(text)?;
                out.push_str(text);
            }
            Kind::Escape if whole && text == r"\A" => out.push_str(r"(?<![\s\S])"),
            Kind::Escape => out.push_str(escape(text)?),
            // The end of a line or of the text.
            Kind::Char if text == "$" => out.push_str(r"(?![^\n])"),
            // The start of a line that is not empty, or does not end the text.
            Kind::Char if whole && text == "^" => out.push_str(r"(?<![^\n])(?=[\s\S])"),
            Kind::Char if text == "^" => return Err("^ is the start of a line in Oniguruma".into()),
            Kind::Bar | Kind::Char => out.push_str(text),
        }
        if ignoring_case.contains(&true)
            && (!text.is_ascii() || text.starts_with(['\\']) || text.starts_with("[^"))
        {
            return Err(format!(
                "{text} may equal several characters in (?i:…) in Oniguruma"
            ));
        }
        repeat(&regex[part.repeat.clone()], start, &mut out)?;
    }
    folded_pairs(regex, &parts)?;
    Ok(out)
}

/// Refuses letters next to each other which may equal one character, in `(?i:…)`.
fn folded_pairs(regex: &str, parts: &[Part]) -> Result<(), String> {
    let Some(first) = parts
        .iter()
        .position(|part| &regex[part.span.clone()] == "(?i:")
    else {
        return Ok(());
    };
    let letters: String = parts[first + 1..]
        .iter()
        .filter(|part| !matches!(part.kind, Kind::Open | Kind::Close))
        .map(|part| regex[part.span.clone()].to_ascii_lowercase())
        .collect();
    match FOLDED_PAIRS.iter().find(|pair| letters.contains(**pair)) {
        Some(pair) => Err(format!(
            "{pair} may equal one character in (?i:…) in Oniguruma"
        )),
        None => Ok(()),
    }
}

/// Appends a repetition operator for the atom that starts at `start`.
fn repeat(operator: &str, start: usize, out: &mut String) -> Result<(), String> {
    if operator.starts_with('{') {
        let (interval, suffix) = operator.split_at(operator.find('}').map_or(0, |end| end + 1));
        if interval.starts_with("{,") {
            return Err(format!("{interval} is not supported"));
        }
        match suffix {
            "" => out.push_str(interval),
            "?" if interval.contains(',') => out.push_str(operator),
            "+" => {
                // Not possessive, but repeated.
                out.insert_str(start, "(?:");
                out.push_str(interval);
                out.push_str(")+");
            }
            _ => return Err(format!("{operator} is optional in Oniguruma")),
        }
    } else {
        out.push_str(operator);
    }
    Ok(())
}

/// Checks a class in brackets. Classes inside it, and `&&`, mean the same in both: `&&` binds less
/// than all but the `^` of its class.
fn class(text: &str) -> Result<(), String> {
    let mut rest = text;
    // Whether something stands before a `&&` or `]` that may come here.
    let mut operand = false;
    while let Some(character) = rest.chars().next() {
        let mut length = character.len_utf8();
        match character {
            '[' if rest.starts_with("[:") => {
                return Err(format!("[: in the class {text} is not supported"));
            }
            '[' => {
                length += usize::from(rest[1..].starts_with('^'));
                if rest[length..].starts_with(']') {
                    return Err(format!("the class {text} begins with ]"));
                }
                operand = false;
            }
            ']' | '&' if character == ']' || rest.starts_with("&&") => {
                if !operand {
                    return Err(format!("a part of the class {text} is empty"));
                }
                if character == '&' {
                    length = 2;
                    operand = false;
                }
            }
            '-' | '~' if rest[1..].starts_with(character) => {
                return Err(format!(
                    "{character}{character} in the class {text} is not supported"
                ));
            }
            '-' if beside_operator(text, text.len() - rest.len()) => {
                return Err(format!("- in the class {text} is not supported"));
            }
            '\\' => {
                length = escape_length(rest).ok_or("an escape in a class ends too early")?;
                escape(&rest[..length])?;
                operand = true;
            }
            _ => operand = true,
        }
        rest = &rest[length..];
    }
    Ok(())
}

/// Whether the hyphen at `at` stands next to a class or `&&`, where it is a character to one of the
/// two and not to the other.
fn beside_operator(class: &str, at: usize) -> bool {
    let (before, after) = (&class[..at], &class[at + 1..]);
    before.ends_with(']')
        || before.ends_with("&&")
        || after.starts_with('[')
        || after.starts_with("&&")
}

/// An escape that means the same in both, as it is.
fn escape(text: &str) -> Result<&str, String> {
    let refuse = || Err(format!("{text} may mean something else in Oniguruma"));
    let body = &text[1..];
    match body.chars().next() {
        Some('p' | 'P') => {
            let name = body[1..]
                .strip_prefix('{')
                .and_then(|name| name.strip_suffix('}'));
            if name.is_some_and(|name| PROPERTIES.contains(&name)) {
                Ok(text)
            } else {
                refuse()
            }
        }
        Some('x') if body[1..].starts_with('{') => Ok(text),
        Some('x') if u8::from_str_radix(&body[1..], 16).is_ok_and(|byte| byte < 0x80) => Ok(text),
        Some('u') if body.len() == 5 => Ok(text),
        Some('s' | 'S' | 'd' | 'D' | 'n' | 'r' | 't' | 'f' | 'v' | 'a' | 'z') => Ok(text),
        // `\<` and `\>` are the edges of words in Rust.
        Some('<' | '>') => refuse(),
        Some(character) if character.is_ascii_punctuation() => Ok(text),
        _ => refuse(),
    }
}
