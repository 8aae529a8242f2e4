//! How text is split into pretokens.
//!
//! A [`Pattern`] has a name or is a regex. Text is any bytes: each maximal run of bytes
//! outside valid UTF-8 is one pretoken, and the valid stretches around it are split as
//! separate texts. What no match covers is a pretoken too, so joined pretokens always
//! equal the text, and none is empty.

mod named;
mod scan;
mod stretch;
mod text;

use crate::error::{Error, Result};
use crate::unicode;
use named::Named;
use stretch::{character_at, character_before, stretch};
use text::Text;

/// The names that [`Pattern::parse`] knows.
pub const NAMES: &[&str] = &{
    let mut names = [""; named::ALL.len()];
    let mut index = 0;
    while index < names.len() {
        names[index] = named::ALL[index].name();
        index += 1;
    }
    names
};

/// How many bytes [`Pattern::last_sync`] looks at.
const LAST_SYNC_WINDOW: usize = 64 << 10;
/// How many bytes [`Pattern::next_sync`] looks at.
const NEXT_SYNC_WINDOW: usize = 256 << 10;
/// How many pretokens [`Pretokens::fill`] finds at a time.
const BATCH: usize = 512;

/// The rule by which text is split into pretokens. Cheap to clone; two are equal if they
/// have the same name or the same regexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    name: Named,
}

impl Pattern {
    /// Parses a name out of [`NAMES`], or else a regex.
    pub fn parse(text: &str) -> Result<Self> {
        match Named::parse(text) {
            Some(name) => Ok(Pattern { name }),
            None => Err(Error::PatternUnsupported {
                pattern: text.into(),
                reason: format!("it is not one of {}", NAMES.join(", ")),
            }),
        }
    }

    /// Translates splits written for Oniguruma, as `tokenizer.json` files hold them,
    /// each applied to the pieces of the one before.
    pub fn from_oniguruma(splits: &[&str]) -> Result<Self> {
        match named::ALL.into_iter().find(|name| name.splits() == splits) {
            Some(name) => Ok(Pattern { name }),
            None => Err(Error::PatternUnsupported {
                pattern: splits.join(" then "),
                reason: "it is not that of a named pattern".into(),
            }),
        }
    }

    /// One Oniguruma regex for each split; as a sequence they split as this pattern does.
    pub fn to_oniguruma(&self) -> Result<Vec<String>> {
        Ok(self
            .name
            .splits()
            .iter()
            .map(|split| (*split).to_owned())
            .collect())
    }

    /// The name, or the regex as it was given.
    pub fn text(&self) -> String {
        self.name.name().to_owned()
    }

    /// The pretokens of a complete text, in order.
    pub fn pretokens<'p, 't>(&'p self, text: &'t [u8]) -> Pretokens<'p, 't> {
        Pretokens {
            pattern: self,
            rest: text,
            base: 0,
            text: Text::new(""),
            at: 0,
            invalid: 0,
        }
    }

    /// The greatest position `p > 0` in the last 64 KiB at which a pretoken ends whatever
    /// stands before and after `text`. Cut there, the text has the same pretokens.
    pub fn last_sync(&self, text: &[u8]) -> Option<usize> {
        let first = text.len().saturating_sub(LAST_SYNC_WINDOW).max(1);
        (first..text.len()).rev().find(|&at| self.cuts(text, at))
    }

    /// The smallest such position after `from`, in the next 256 KiB.
    pub fn next_sync(&self, text: &[u8], from: usize) -> Option<usize> {
        let last = text.len().min(from.saturating_add(NEXT_SYNC_WINDOW));
        (from + 1..last).find(|&at| self.cuts(text, at))
    }

    fn cuts(&self, text: &[u8], at: usize) -> bool {
        let (Some(before), Some(after)) = (character_before(text, at), character_at(text, at))
        else {
            return false;
        };
        let classes = unicode::classes();
        self.name.cuts(
            (before, classes[before as usize]),
            (after, classes[after as usize]),
        )
    }

    /// A position in `text`, as late as possible but for a few pretokens, at which a
    /// pretoken ends whatever follows `text`, its end included, and before which all
    /// pretokens are the same as if the text ended there; 0 if there is none.
    pub fn certain_end(&self, text: &[u8]) -> Result<usize> {
        let mut base = 0;
        loop {
            let part = stretch(&text[base..]);
            if part.open {
                return Ok(base + self.certain_end_of_valid(part.valid));
            }
            let end = base + part.valid.len() + part.invalid;
            if end == text.len() {
                return Ok(base + part.valid.len());
            }
            base = end;
        }
    }

    fn certain_end_of_valid(&self, valid: &str) -> usize {
        let text = Text::new(valid);
        let (mut at, mut certain, mut ends) = (0, 0, Vec::new());
        while at < text.len() {
            ends.clear();
            at = scan::scan(self.name, &text, at, 1, &mut ends);
            if text.met_end() {
                break;
            }
            // White space alone may be divided in another way if nothing follows it.
            if valid[..at]
                .chars()
                .next_back()
                .is_some_and(|last| !last.is_whitespace())
            {
                certain = at;
            }
        }
        certain
    }
}

/// Walks over the pretokens of one text, many at a time.
pub struct Pretokens<'p, 't> {
    pattern: &'p Pattern,
    /// What comes after the current stretch of valid UTF-8.
    rest: &'t [u8],
    /// Where the current stretch starts.
    base: usize,
    text: Text<'t>,
    /// How far the current stretch is done.
    at: usize,
    /// How many invalid bytes end the current stretch.
    invalid: usize,
}

impl Pretokens<'_, '_> {
    /// Replaces the content of `ends` with the ends of the next pretokens, a few hundred
    /// at a time, as byte offsets in the text; leaves it empty at the end of the text.
    ///
    /// # Errors
    /// [`Error::PatternWork`] if a regex needs too much work. No pretoken is then to be
    /// had from where it occurred.
    pub fn fill(&mut self, ends: &mut Vec<usize>) -> Result<()> {
        ends.clear();
        while ends.len() < BATCH {
            if self.at < self.text.len() {
                let first = ends.len();
                let limit = BATCH - first;
                self.at = scan::scan(self.pattern.name, &self.text, self.at, limit, ends);
                for end in &mut ends[first..] {
                    *end += self.base;
                }
            } else if self.invalid > 0 {
                self.base += self.text.len() + self.invalid;
                (self.text, self.at, self.invalid) = (Text::new(""), 0, 0);
                ends.push(self.base);
            } else if !self.rest.is_empty() {
                let part = stretch(self.rest);
                self.base += self.text.len();
                self.rest = &self.rest[part.valid.len() + part.invalid..];
                (self.text, self.at, self.invalid) = (Text::new(part.valid), 0, part.invalid);
            } else {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
