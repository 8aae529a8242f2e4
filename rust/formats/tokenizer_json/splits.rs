//! The `pre_tokenizer` of a `tokenizer.json`.

use crate::error::{Error, Result, quote};
use crate::formats::Location;
use crate::formats::json::Node;
use crate::pattern::Pattern;

const NAME: &str = "a pre_tokenizer";

/// What a `pre_tokenizer` does.
pub(super) struct Splits {
    pub pattern: Pattern,
    /// Whether the pretokens are then written in GPT-2's alphabet.
    pub byte_level: bool,
}

enum Step {
    Split(String),
    ByteLevel { use_regex: bool },
}

/// Reads a `Split`, a `ByteLevel`, or a `Sequence` of the former and at most one of the
/// latter, at its end.
pub(super) fn read(node: Node) -> Result<Splits> {
    let steps = read_steps(node)?;
    let location = node.location();
    let mut texts = Vec::new();
    let mut byte_level = false;
    for step in steps {
        if byte_level {
            return Err(Error::Unsupported {
                what: "a pre_tokenizer after ByteLevel".into(),
            });
        }
        match step {
            Step::Split(text) => texts.push(text),
            Step::ByteLevel { use_regex } => {
                byte_level = true;
                if use_regex {
                    texts.extend(Pattern::parse("gpt2")?.to_oniguruma()?);
                }
            }
        }
    }
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let pattern = match texts.as_slice() {
        [] => Pattern::parse("none"),
        texts => Pattern::from_oniguruma(texts),
    };
    Ok(Splits {
        pattern: pattern.map_err(|error| blame(error, location))?,
        byte_level,
    })
}

/// Here a pattern that cannot be used is the fault of the file.
fn blame(error: Error, location: Location) -> Error {
    match error {
        Error::PatternSyntax { .. } => location.error(error),
        Error::PatternUnsupported { pattern, reason } => Error::Unsupported {
            what: format!("the Split pattern {} ({reason})", quote(&pattern)),
        },
        other => other,
    }
}

fn read_steps(node: Node) -> Result<Vec<Step>> {
    let mut fields = node.object(NAME)?;
    let kind = fields.need("type")?;
    if kind.string()? != "Sequence" {
        return Ok(vec![read_step(node)?]);
    }
    let steps = fields.need("pretokenizers")?.list()?;
    fields.finish()?;
    steps.into_iter().map(read_step).collect()
}

fn read_step(node: Node) -> Result<Step> {
    let mut fields = node.object(NAME)?;
    let kind = fields.need("type")?;
    let step = match kind.string()?.as_str() {
        "Split" => {
            let behavior = fields.need("behavior")?;
            if behavior.string()? != "Isolated" {
                return Err(fields.unsupported("behavior", behavior));
            }
            fields.only("invert", false)?;
            Step::Split(read_pattern(fields.need("pattern")?)?)
        }
        "ByteLevel" => {
            fields.only("add_prefix_space", false)?;
            fields.take("trim_offsets");
            let use_regex = fields.take("use_regex").map_or(Ok(true), Node::boolean)?;
            Step::ByteLevel { use_regex }
        }
        _ => return Err(fields.unsupported("type", kind)),
    };
    fields.finish()?;
    Ok(step)
}

fn read_pattern(node: Node) -> Result<String> {
    let mut fields = node.object("a Split pattern")?;
    let text = match fields.take("Regex") {
        Some(regex) => regex.string()?,
        None => escape(&fields.need("String")?.string()?),
    };
    fields.finish()?;
    if text.is_empty() {
        return Err(node.location().error("the pattern is empty"));
    }
    Ok(text)
}

/// A regex that matches exactly `text`.
fn escape(text: &str) -> String {
    let mut regex = String::with_capacity(text.len());
    for character in text.chars() {
        if r"\.+*?()|[]{}^$".contains(character) {
            regex.push('\\');
        }
        regex.push(character);
    }
    regex
}
