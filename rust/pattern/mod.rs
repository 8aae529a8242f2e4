//! How text is split into pretokens.
//!
//! A [`Pattern`] has a name or is a regex. Text is any bytes: each maximal run of bytes
//! outside valid UTF-8 is one pretoken, and the valid text on both sides is split as
//! separate texts. What no match covers is a pretoken too, so joined pretokens always
//! equal the text, and none is empty.

mod matches;
mod named;
mod regex;
mod scan;
mod text;
mod utf8;

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, Result};
use crate::threads::Stop;
use crate::unicode;
pub use matches::Matcher;
pub(crate) use named::Named;
use regex::work::{TooMuch, Work};
use regex::{Custom, Split, known, oniguruma, print};
use text::Text;
use utf8::{character_at, character_before, first_chunk};

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

/// The rule by which text is split into pretokens. Cheap to clone. Two are equal if they
/// have the same name, or regexes that are seen to mean the same.
#[derive(Clone, PartialEq)]
pub struct Pattern {
    kind: Kind,
}

#[derive(Clone)]
enum Kind {
    Named(Named),
    Custom(Arc<Custom>),
}

impl Pattern {
    /// Parses a name out of [`NAMES`], or else a regex in Rust's dialect with lookaround,
    /// atomic groups and backreferences. A regex that means the same as a named pattern
    /// is that pattern.
    ///
    /// A regex whose alternatives have no lookaround, but for one character at their end,
    /// runs on an automaton; any other one on a backtracking engine, which may have to look
    /// at the same text many times. Both count what they look at as work.
    ///
    /// # Errors
    /// [`Error::PatternSyntax`] if it cannot be parsed, [`Error::PatternUnsupported`] if
    /// it is too large or can match the empty text. Where only the text around it lets it
    /// match the empty text, it does not match there.
    ///
    /// What is nearly a name is refused: `GPT-2` would split at the text "GPT-2" only, which
    /// nobody means. As `(?:GPT-2)` it is taken.
    pub fn parse(text: &str) -> Result<Self> {
        if let Some(name) = Named::parse(text) {
            let kind = Kind::Named(name);
            return Ok(Pattern { kind });
        }
        match Named::nearly(text) {
            Some(name) => Err(Error::PatternUnsupported {
                pattern: text.to_owned(),
                reason: format!("did you mean {:?}?", name.name()),
            }),
            None => Self::from_splits(vec![Split::parse(text)?]),
        }
    }

    /// Translates splits written for Oniguruma, as `tokenizer.json` files hold them,
    /// each applied to the pieces of the one before.
    ///
    /// # Errors
    /// [`Error::PatternUnsupported`], naming the construct, if a regex has, or may have,
    /// another meaning there than any that can be kept.
    pub fn from_oniguruma(splits: &[&str]) -> Result<Self> {
        if let Some(name) = known::by_text(splits) {
            let kind = Kind::Named(name);
            return Ok(Pattern { kind });
        }
        let split = |text: &&str| {
            let unsupported = |reason| Error::PatternUnsupported {
                pattern: (*text).to_owned(),
                reason,
            };
            let split = Split::parse(&oniguruma::translate(text).map_err(unsupported)?)?;
            let branches = split
                .branches()
                .map_err(|needs| unsupported(oniguruma_may_differ(needs)))?;
            // What could not be written in the same form is not read either.
            print::print(branches).map_err(unsupported)?;
            Ok(split)
        };
        Self::from_splits(splits.iter().map(split).collect::<Result<_>>()?)
    }

    fn from_splits(splits: Vec<Split>) -> Result<Self> {
        let texts: Vec<_> = splits.iter().map(Split::text).collect();
        if let Some(name) = known::by_text(&texts).or_else(|| known::recognise(&splits)) {
            let kind = Kind::Named(name);
            return Ok(Pattern { kind });
        }
        let custom = Custom::new(splits)?;
        let kind = match known::recognise_meaning(&custom) {
            Some(name) => Kind::Named(name),
            None => Kind::Custom(Arc::new(custom)),
        };
        Ok(Pattern { kind })
    }

    /// One Oniguruma regex for each split; as a sequence they split as this pattern does.
    /// [`Pattern::from_oniguruma`] makes an equal pattern of them.
    ///
    /// # Errors
    /// [`Error::PatternUnsupported`] if a regex needs the backtracking engine, or another
    /// construct that Oniguruma reads in its own way.
    pub fn to_oniguruma(&self) -> Result<Vec<String>> {
        let custom = match &self.kind {
            Kind::Named(name) => {
                return Ok(name
                    .splits()
                    .iter()
                    .map(|split| (*split).to_owned())
                    .collect());
            }
            Kind::Custom(custom) => custom,
        };
        let print = |split: &Split| {
            let unsupported = |reason| Error::PatternUnsupported {
                pattern: split.text().to_owned(),
                reason,
            };
            let branches = split
                .branches()
                .map_err(|needs| unsupported(oniguruma_may_differ(needs)))?;
            print::print(branches).map_err(unsupported)
        };
        custom.splits().iter().map(print).collect()
    }

    /// The name, or the regex as it was given; several, which only come from
    /// [`Pattern::from_oniguruma`], are joined by ` then `.
    pub fn text(&self) -> String {
        match &self.kind {
            Kind::Named(name) => name.name().to_owned(),
            Kind::Custom(custom) => custom
                .splits()
                .iter()
                .map(Split::text)
                .collect::<Vec<_>>()
                .join(" then "),
        }
    }

    /// This pattern with superwords: words with single spaces between them are one pretoken. Itself
    /// if it has them; `None` for a pattern that has no words that could go together.
    pub fn with_superwords(&self) -> Option<Self> {
        let Kind::Named(name) = self.kind else {
            return None;
        };
        let kind = Kind::Named(name.with_superwords()?);
        Some(Pattern { kind })
    }

    /// The pattern that divides its superwords, and all else as it does; `None` if it has none.
    pub fn without_superwords(&self) -> Option<Self> {
        match self.kind {
            Kind::Named(Named::Superwords(base)) => {
                let kind = Kind::Named(base.named());
                Some(Pattern { kind })
            }
            _ => None,
        }
    }

    /// The same on the engine for regexes, also if it is a named one.
    #[cfg(any(test, fuzzing))]
    pub fn as_regex(&self) -> Self {
        let Kind::Named(name) = self.kind else {
            return self.clone();
        };
        let split = |text: &&str| Split::parse(text).expect("named patterns parse");
        let custom = Custom::new(name.splits().iter().map(split).collect());
        let kind = Kind::Custom(Arc::new(custom.expect("named patterns are small")));
        Pattern { kind }
    }

    /// Whether it is, or means the same as, a named pattern.
    pub fn is_named(&self) -> bool {
        matches!(self.kind, Kind::Named(_))
    }

    /// The pretokens of a complete text, in order.
    pub fn pretokens<'p, 't>(&'p self, text: &'t [u8]) -> Pretokens<'p, 't> {
        Pretokens {
            rest: text,
            ..self.pretokens_of("")
        }
    }

    /// The same for what is known to be UTF-8.
    pub fn pretokens_of<'p, 't>(&'p self, text: &'t str) -> Pretokens<'p, 't> {
        Pretokens {
            pattern: self,
            rest: b"",
            base: 0,
            text: Text::new(text),
            at: 0,
            invalid: 0,
            work: Work::default(),
            failed: None,
        }
    }

    /// The greatest position `p > 0` in the last 64 KiB at which a pretoken ends whatever
    /// stands before and after `text`. Cut there, the text has the same pretokens. `None`
    /// for a pattern without a name.
    pub fn last_sync(&self, text: &[u8]) -> Option<usize> {
        let Kind::Named(_) = self.kind else {
            return None;
        };
        let first = text.len().saturating_sub(LAST_SYNC_WINDOW).max(1);
        (first..text.len()).rev().find(|&at| self.cuts(text, at))
    }

    /// The smallest such position after `from`, in the next 256 KiB.
    pub fn next_sync(&self, text: &[u8], from: usize) -> Option<usize> {
        let Kind::Named(_) = self.kind else {
            return None;
        };
        let last = text.len().min(from.saturating_add(NEXT_SYNC_WINDOW));
        (from + 1..last).find(|&at| self.cuts(text, at))
    }

    fn cuts(&self, text: &[u8], at: usize) -> bool {
        let Kind::Named(name) = self.kind else {
            return false;
        };
        let (Some(before), Some(after)) = (character_before(text, at), character_at(text, at))
        else {
            return false;
        };
        let classes = unicode::classes();
        name.cuts(
            (before, classes[before as usize]),
            (after, classes[after as usize]),
        )
    }

    /// A position in `text`, as late as possible but for a few pretokens, at which a
    /// pretoken ends whatever follows `text`, its end included, and before which all
    /// pretokens are the same as if the text ended there; 0 if there is none. Always 0 for
    /// a regex that needs the backtracking engine. A regex goes no further than its work
    /// may, or when `stop` is set.
    pub fn certain_end(&self, text: &[u8], stop: &Stop) -> usize {
        let mut base = 0;
        loop {
            let part = first_chunk(&text[base..]);
            if part.open {
                let certain = match &self.kind {
                    Kind::Named(name) => certain_end_of_named(*name, part.valid),
                    Kind::Custom(custom) => custom.certain_end(part.valid, stop),
                };
                return base + certain;
            }
            let end = base + part.valid.len() + part.invalid;
            if end == text.len() {
                return base + part.valid.len();
            }
            base = end;
        }
    }
}

fn oniguruma_may_differ(needs: &str) -> String {
    format!("a tokenizer.json may give it another meaning ({needs})")
}

fn certain_end_of_named(name: Named, valid: &str) -> usize {
    let text = Text::new(valid);
    let (mut at, mut certain) = (0, 0);
    while at < text.len() {
        at = scan::end(name, &text, at);
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

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Kind::Named(ours), Kind::Named(theirs)) => ours == theirs,
            (Kind::Custom(ours), Kind::Custom(theirs)) => ours.splits() == theirs.splits(),
            _ => false,
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pattern").field(&self.text()).finish()
    }
}

/// Walks over the pretokens of one text, many at a time.
pub struct Pretokens<'p, 't> {
    pattern: &'p Pattern,
    /// What follows the current run of valid UTF-8.
    rest: &'t [u8],
    /// Where the current run starts.
    base: usize,
    text: Text<'t>,
    /// How far the current run is done.
    at: usize,
    /// How many invalid bytes follow the current run.
    invalid: usize,
    work: Work<'p>,
    /// What comes after the pretokens that were handed out.
    failed: Option<Error>,
}

impl<'p> Pretokens<'p, '_> {
    /// Lets [`Pretokens::fill`] end early once `stop` is set: at every step of a regex,
    /// otherwise before it begins.
    pub fn with_stop(mut self, stop: &'p Stop) -> Self {
        self.work = Work::new(stop);
        self
    }

    /// Replaces the content of `ends` with the ends of the next pretokens, a few hundred
    /// at a time, as byte offsets in the text; leaves it empty at the end of the text.
    ///
    /// # Errors
    /// [`Error::PatternWork`] if a regex needs too much work, after all pretokens before
    /// that. [`Error::Interrupted`] if told to stop.
    pub fn fill(&mut self, ends: &mut Vec<usize>) -> Result<()> {
        ends.clear();
        if self.work.is_stopped() {
            return Err(Error::Interrupted);
        }
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        while ends.len() < BATCH {
            if self.at < self.text.len() {
                let first = ends.len();
                let limit = BATCH - first;
                let scanned = match &self.pattern.kind {
                    Kind::Named(name) => Ok(scan::scan(*name, &self.text, self.at, limit, ends)),
                    Kind::Custom(custom) => {
                        custom.scan(self.text.as_str(), self.at, limit, &mut self.work, ends)
                    }
                };
                if self.base > 0 {
                    ends[first..].iter_mut().for_each(|end| *end += self.base);
                }
                match scanned {
                    Ok(at) => self.at = at,
                    Err(TooMuch(_)) if self.work.is_stopped() => return Err(Error::Interrupted),
                    Err(TooMuch(at)) => {
                        let error = Error::PatternWork {
                            offset: self.base + at,
                        };
                        if ends.is_empty() {
                            return Err(error);
                        }
                        self.failed = Some(error);
                        return Ok(());
                    }
                }
            } else if self.invalid > 0 {
                self.base += self.text.len() + self.invalid;
                (self.text, self.at, self.invalid) = (Text::new(""), 0, 0);
                ends.push(self.base);
            } else if !self.rest.is_empty() {
                let part = first_chunk(self.rest);
                self.base += self.text.len();
                self.rest = &self.rest[part.valid.len() + part.invalid..];
                (self.text, self.at, self.invalid) = (Text::new(part.valid), 0, part.invalid);
                self.work = self.work.another();
            } else {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
