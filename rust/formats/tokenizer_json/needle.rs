//! What `Split` and `Replace` look for: a text or a regex.

use std::sync::Arc;

use crate::error::{Error, Result, quote};
use crate::formats::Location;
use crate::formats::json::Node;
use crate::normalize::Needle;
use crate::pattern::Matcher;

/// A text or a regex, as the file has it.
pub(super) enum Source {
    Text(String),
    Regex(String),
}

/// Reads it. `name` says in messages what it is.
pub(super) fn read(node: Node, name: &str) -> Result<Needle> {
    match read_source(node)? {
        Source::Text(text) if !text.is_empty() => Ok(Needle::Text(text)),
        // An empty one matches everywhere, be it a text or a regex.
        Source::Text(regex) | Source::Regex(regex) => {
            let matcher = Matcher::from_oniguruma(&regex);
            let matcher = matcher.map_err(|error| blame(error, node.location(), name))?;
            Ok(Needle::Regex(Arc::new(matcher)))
        }
    }
}

pub(super) fn read_source(node: Node) -> Result<Source> {
    let mut fields = node.object("a pattern")?;
    let source = match fields.take("Regex") {
        Some(regex) => Source::Regex(regex.string()?),
        None => Source::Text(fields.need("String")?.string()?),
    };
    fields.finish()?;
    Ok(source)
}

/// Here a pattern that cannot be used is the fault of the file.
fn blame(error: Error, location: Location, name: &str) -> Error {
    match error {
        Error::PatternSyntax { .. } => location.error(error),
        Error::PatternUnsupported { pattern, reason } => Error::Unsupported {
            what: format!("{name} {} ({reason})", quote(&pattern)),
        },
        other => other,
    }
}

impl Source {
    /// A regex that matches the same.
    pub fn regex(&self) -> String {
        match self {
            Source::Regex(regex) => regex.clone(),
            Source::Text(text) => {
                let mut regex = String::with_capacity(text.len());
                for character in text.chars() {
                    if r"\.+*?()|[]{}^$".contains(character) {
                        regex.push('\\');
                    }
                    regex.push(character);
                }
                regex
            }
        }
    }
}
