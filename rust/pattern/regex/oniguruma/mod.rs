//! Translates regexes written for Oniguruma (its own syntax, on UTF-8) to Rust's dialect with
//! lookaround. Anything that is not known to mean the same is refused.

mod caseless;
mod classes;

use super::syntax::{Kind, Part, parts};
use caseless::Folded;

/// The same regex in Rust's dialect, or what cannot be translated.
pub fn translate(regex: &str) -> Result<String, String> {
    translated(regex, false)
}

/// The same, for one that is applied to whole texts, so that it is known where these begin.
pub fn translate_whole(regex: &str) -> Result<String, String> {
    translated(regex, true)
}

fn translated(regex: &str, whole: bool) -> Result<String, String> {
    if regex.is_empty() {
        return Ok("(?:)".into());
    }
    let parts = parts(regex).ok_or("its brackets or parentheses do not match")?;
    let text = |part: &Part| &regex[part.span.clone()];
    let is_reference = |part: &&Part| part.kind == Kind::Escape && reference(text(part)).is_some();
    let mut translator = Translator {
        whole,
        captures: parts.iter().any(|part| is_reference(&part)),
        groups: vec![Group::default()],
        ..Translator::default()
    };
    for part in &parts {
        // Braces are characters, unless there are counts in them.
        let counts =
            regex[part.span.end..].starts_with(|next: char| next.is_ascii_digit() || next == ',');
        translator.before_counts = counts;
        translator.add(part.kind, text(part), &regex[part.repeat.clone()])?;
    }
    translator.folded.check()?;
    translator.end_flags();
    Ok(translator.out)
}

#[derive(Default)]
struct Translator {
    out: String,
    whole: bool,
    /// Whether groups are captured, as backreferences name some.
    captures: bool,
    /// The groups that are open, from the whole regex on.
    groups: Vec<Group>,
    /// The captures so far, and which of them are closed.
    closed: Vec<bool>,
    /// What is matched without regard to case.
    folded: Folded,
    /// Whether a repetition ends here.
    repeated: bool,
    /// Whether a digit or a comma follows.
    before_counts: bool,
}

/// A group that is open.
#[derive(Clone, Copy, Default)]
struct Group {
    /// Where it starts, and where its content does.
    start: usize,
    inside: usize,
    /// Whether case is ignored in it.
    caseless: bool,
    /// How many groups were opened in it for flags; they end with it.
    flags: usize,
    /// The index of its capture.
    capture: Option<usize>,
}

impl Translator {
    fn add(&mut self, kind: Kind, text: &str, repeat: &str) -> Result<(), String> {
        let mut start = self.out.len();
        let after_repeat = std::mem::take(&mut self.repeated);
        match kind {
            Kind::Flags => return self.set_flags(text),
            Kind::Open => self.open(text)?,
            Kind::Close => start = self.close()?,
            Kind::Class => self.out.push_str(&classes::class(text)?),
            Kind::Escape => self.escape(text)?,
            Kind::Bar => self.out.push('|'),
            Kind::Char => self.character(text, after_repeat)?,
        }
        if self.group().caseless {
            self.folded.add(kind, text)?;
        }
        self.repeated = !repeat.is_empty();
        self.repeat(repeat, start)
    }

    fn group(&mut self) -> &mut Group {
        self.groups.last_mut().expect("the whole regex is a group")
    }

    fn open(&mut self, text: &str) -> Result<(), String> {
        let mut group = *self.group();
        group.start = self.out.len();
        (group.flags, group.capture) = (0, None);
        match text {
            "(?:" | "(?=" | "(?!" | "(?<=" | "(?<!" | "(?>" => self.out.push_str(text),
            "(" if self.captures => {
                group.capture = Some(self.closed.len());
                self.closed.push(false);
                self.out.push('(');
            }
            "(" => self.out.push_str("(?:"),
            _ if text.starts_with("(?<") && !self.captures => self.out.push_str("(?:"),
            _ => {
                let flags = text
                    .strip_prefix("(?")
                    .and_then(|rest| rest.strip_suffix(':'));
                let flags = flags.and_then(|flags| in_rust(flags, &mut group.caseless));
                let flags = flags.ok_or_else(|| format!("{text} is not supported"))?;
                self.out.push_str(&format!("(?{flags}:"));
            }
        }
        group.inside = self.out.len();
        self.groups.push(group);
        Ok(())
    }

    /// Ends a group. Where it starts.
    fn close(&mut self) -> Result<usize, String> {
        self.end_flags();
        let group = self.groups.pop().expect("parentheses match");
        if self.out.len() == group.inside {
            return Err("an empty group is not supported".into());
        }
        if let Some(capture) = group.capture {
            self.closed[capture] = true;
        }
        self.out.push(')');
        Ok(group.start)
    }

    /// Flags hold to the end of the group around them, for all alternatives that follow.
    fn set_flags(&mut self, text: &str) -> Result<(), String> {
        if text.starts_with("(?#") {
            return Ok(());
        }
        let group = self.groups.last_mut().expect("the whole regex is a group");
        let flags = in_rust(&text[2..text.len() - 1], &mut group.caseless);
        let flags = flags.ok_or_else(|| format!("{text} is not supported"))?;
        if self.out.is_empty() {
            self.out = format!("(?{flags})");
        } else {
            group.flags += 1;
            self.out.push_str(&format!("(?{flags}:"));
        }
        Ok(())
    }

    fn end_flags(&mut self) {
        let count = std::mem::take(&mut self.group().flags);
        self.out.extend(std::iter::repeat_n(')', count));
    }

    fn escape(&mut self, text: &str) -> Result<(), String> {
        let own = match text {
            r"\A" if self.whole => r"(?<![\s\S])",
            r"\G" if self.whole => r"\G",
            r"\z" => text,
            r"\Z" => r"(?=\n?\z)",
            r"\b" => classes::WORD_BOUNDARY,
            r"\B" => classes::NO_WORD_BOUNDARY,
            r"\w" => classes::WORD_ALONE,
            r"\W" => classes::NO_WORD_ALONE,
            r"\R" => r"(?>\r\n|[\n-\r\x{85}\x{2028}\x{2029}])",
            r"\N" => r"[^\n]",
            r"\O" => r"[\s\S]",
            _ => match reference(text) {
                Some(group) if self.closed.get(group - 1) == Some(&true) => text,
                Some(_) => return Err(format!("{text} refers to no group before it")),
                None => {
                    self.out.push_str(&classes::escape(text)?);
                    return Ok(());
                }
            },
        };
        self.out.push_str(own);
        Ok(())
    }

    fn character(&mut self, text: &str, after_repeat: bool) -> Result<(), String> {
        let starts = self.out.len() == self.group().inside || self.out.ends_with('|');
        match text {
            // The end of a line or of the text.
            "$" => self.out.push_str(r"(?![^\n])"),
            // The start of a line that is not empty, or does not end the text.
            "^" if self.whole => self.out.push_str(r"(?<![^\n])(?=[\s\S])"),
            "^" => return Err("^ is the start of a line in Oniguruma".into()),
            "*" | "+" | "?" => {
                return Err(format!(
                    "{text} after a repetition, or after nothing, is not supported"
                ));
            }
            "{" if self.before_counts && (after_repeat || starts) => {
                return Err("{ after a repetition, or after nothing, is not supported".into());
            }
            "{" | "}" | "]" => {
                self.out.push('\\');
                self.out.push_str(text);
            }
            _ if text.starts_with(|digit: char| digit.is_ascii_digit())
                && self.ends_with_reference() =>
            {
                return Err(r"a digit after a backreference is not supported".into());
            }
            _ => self.out.push_str(text),
        }
        Ok(())
    }

    fn ends_with_reference(&self) -> bool {
        let out = self.out.as_bytes();
        self.captures
            && out.len() > 1
            && out[out.len() - 2] == b'\\'
            && out[out.len() - 1].is_ascii_digit()
    }

    /// Appends a repetition operator for the atom that starts at `start`.
    fn repeat(&mut self, operator: &str, start: usize) -> Result<(), String> {
        let Some(inside) = operator.strip_prefix('{') else {
            self.out.push_str(operator);
            return Ok(());
        };
        let (counts, suffix) = inside.split_once('}').unwrap_or((inside, ""));
        let interval = match counts.split_once(',') {
            Some(("", "")) => return Err("{,} is not supported".into()),
            Some((_, most)) if most.contains(',') => {
                return Err(format!("{operator} is not supported"));
            }
            Some(("", most)) => format!("{{0,{most}}}"),
            _ => format!("{{{counts}}}"),
        };
        match suffix {
            "" => self.out.push_str(&interval),
            "?" if counts.contains(',') => {
                self.out.push_str(&interval);
                self.out.push('?');
            }
            "+" => {
                // Not possessive, but repeated.
                self.out.insert_str(start, "(?:");
                self.out.push_str(&interval);
                self.out.push_str(")+");
            }
            _ => return Err(format!("{operator} is optional in Oniguruma")),
        }
        Ok(())
    }
}

/// The number of a backreference.
fn reference(escape: &str) -> Option<usize> {
    let number: usize = escape[1..].parse().ok()?;
    (number > 0).then_some(number)
}

/// Flags as Rust writes them; whether they let case be ignored.
fn in_rust(flags: &str, caseless: &mut bool) -> Option<String> {
    let mut on = true;
    let mut out = String::with_capacity(flags.len());
    for flag in flags.chars() {
        match flag {
            '-' if on => on = false,
            'i' => *caseless = on,
            // There, `m` is for `.`, and lines are always told apart.
            'm' => {}
            _ => return None,
        }
        out.push(if flag == 'm' { 's' } else { flag });
    }
    (!out.is_empty()).then_some(out)
}
