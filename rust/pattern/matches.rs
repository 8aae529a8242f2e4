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
        let split = Split::parse(&regex)?;
        Ok(Matcher { split })
    }

    /// Calls `visit` with the matches, in order, none of them empty.
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
        let walked = self.split.walk(text, 0, &mut work, &mut |step, _| {
            if step.start < step.end {
                visit(step.start..step.end);
            }
            Ok(true)
        });
        match walked {
            Ok(()) => Ok(()),
            Err(TooMuch(_)) if work.is_stopped() => Err(Error::Interrupted),
            Err(TooMuch(offset)) => Err(Error::PatternWork { offset }),
        }
    }
}
