//! The matches of a regex, for what is done with them other than splitting text there.

use std::ops::Range;

use super::regex::work::{TooMuch, Work};
use super::regex::{Split, oniguruma};
use crate::error::{Error, Result};
use crate::threads::Stop;

/// A regex as Hugging Face files hold it.
pub struct Matcher {
    split: Split,
}

impl Matcher {
    /// Translates a regex written for Oniguruma.
    ///
    /// # Errors
    /// [`Error::PatternUnsupported`] if it has, or may have, another meaning there than any that
    /// can be kept.
    pub fn from_oniguruma(text: &str) -> Result<Self> {
        let translated = oniguruma::translate_whole(text);
        let regex = translated.map_err(|reason| Error::PatternUnsupported {
            pattern: text.to_owned(),
            reason,
        })?;
        let split = Split::parse_any(&regex)?;
        Ok(Matcher { split })
    }

    /// Whether it may match the empty text.
    pub fn may_match_empty(&self) -> bool {
        self.split.with_empty_matches().is_some()
    }

    /// Calls `visit` with the matches, in order. One may be empty, but not directly after another.
    ///
    /// # Errors
    /// [`Error::PatternWork`] if it takes too much work, [`Error::Interrupted`] if told to stop.
    pub fn matches(
        &self,
        text: &str,
        stop: &Stop,
        mut visit: impl FnMut(Range<usize>),
    ) -> Result<()> {
        let mut work = Work::new(stop);
        let walked = match self.split.with_empty_matches() {
            Some(_) if text.is_empty() => Ok(()),
            Some(regex) => regex.visit_all(text, &mut work, visit),
            None => self.split.walk(text, 0, &mut work, &mut |step, _| {
                if step.start < step.end {
                    visit(step.start..step.end);
                }
                Ok(true)
            }),
        };
        match walked {
            Ok(()) => Ok(()),
            Err(TooMuch(_)) if work.is_stopped() => Err(Error::Interrupted),
            Err(TooMuch(offset)) => Err(Error::PatternWork { offset }),
        }
    }
}
