//! PROVISIONAL stand-in (being rewritten): named patterns through fancy-regex only.

use crate::error::{Error, Result};
use std::sync::Arc;

/// How text is split into pretokens.
#[derive(Clone)]
pub struct Pattern {
    name: &'static str,
    regex: Arc<fancy_regex::Regex>,
}

const NAMED: &[(&str, &str)] = &[
    (
        "gpt2",
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    ),
    (
        "cl100k",
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ),
    ("whitespace", r"\S+|\s+"),
    ("none", r"(?s:.+)"),
];

impl Pattern {
    /// Parses the name of a pattern, or else a regex.
    pub fn parse(text: &str) -> Result<Self> {
        let (name, regex) = NAMED
            .iter()
            .find(|(name, _)| *name == text)
            .copied()
            .unwrap_or(("custom", text));
        let regex = fancy_regex::Regex::new(regex).map_err(|error| Error::PatternSyntax {
            pattern: text.into(),
            reason: error.to_string(),
        })?;
        Ok(Pattern {
            name,
            regex: Arc::new(regex),
        })
    }
    /// Translates the splits of a `tokenizer.json`, each an Oniguruma regex.
    pub fn from_oniguruma(splits: &[&str]) -> Result<Self> {
        Self::parse(splits[0])
    }
    /// One Oniguruma regex per split, each splitting as this pattern does.
    pub fn to_oniguruma(&self) -> Result<Vec<String>> {
        Ok(vec![
            NAMED
                .iter()
                .find(|n| n.0 == self.name)
                .map(|n| n.1.to_string())
                .unwrap_or_default(),
        ])
    }
    /// The name, or the regex text for a pattern without one.
    pub fn text(&self) -> String {
        self.name.to_string()
    }
    /// The pretokens of a complete text, in order.
    pub fn pretokens<'p, 't>(&'p self, text: &'t [u8]) -> Pretokens<'p, 't> {
        Pretokens {
            pattern: self,
            text,
            position: 0,
        }
    }
    /// The greatest position > 0 at which a pretoken ends whatever stands before and after `text`.
    pub fn last_sync(&self, _text: &[u8]) -> Option<usize> {
        None
    }
    /// The first such position after `from`.
    pub fn next_sync(&self, _text: &[u8], _from: usize) -> Option<usize> {
        None
    }
    /// The end of the last pretoken of `text` that no continuation of it can change; 0 if there is none.
    pub fn certain_end(&self, _text: &[u8]) -> Result<usize> {
        Ok(0)
    }
}

/// Walks over the pretokens of one text, many at a time.
pub struct Pretokens<'p, 't> {
    pattern: &'p Pattern,
    text: &'t [u8],
    position: usize,
}

impl Pretokens<'_, '_> {
    /// Replaces the content of `ends` with the ends of the next pretokens, a few
    /// hundred at a time; leaves it empty at the end of the text.
    pub fn fill(&mut self, ends: &mut Vec<usize>) -> Result<()> {
        ends.clear();
        if self.position == self.text.len() {
            return Ok(());
        }
        self.position = self.text.len();
        let mut at = 0;
        for chunk in self.text.utf8_chunks() {
            let mut last = at;
            for found in self.pattern.regex.find_iter(chunk.valid()) {
                let found = found.map_err(|_| Error::PatternWork { offset: last })?;
                if at + found.start() > last {
                    ends.push(at + found.start());
                }
                last = at + found.end();
                ends.push(last);
            }
            at += chunk.valid().len();
            if last < at {
                ends.push(at);
            }
            at += chunk.invalid().len();
            if !chunk.invalid().is_empty() {
                ends.push(at);
            }
        }
        Ok(())
    }
}
pub const NAMES: &[&str] = &["gpt2"];
