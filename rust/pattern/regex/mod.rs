//! Patterns given as regexes.

mod automaton;
mod backtrack;
pub(super) mod known;
pub(super) mod oniguruma;
pub(super) mod print;
mod regular;
mod syntax;
pub(super) mod work;

use std::collections::VecDeque;

use crate::error::{Error, Result};
use crate::threads::Stop;
use automaton::Automaton;
use backtrack::Backtracker;
use regular::{Branch, Reason};
use work::{TooMuch, Work};

/// The longest text of a regex, in bytes.
const MAX_REGEX_BYTES: usize = 16 << 10;
/// The most splits a pattern may have.
const MAX_SPLITS: usize = 32;
/// The number of matches before the end of a text at which a cut is tried.
const CUT_CANDIDATES: usize = 16;

/// A list of splits, each applied to the pieces of the one before. The matches of a split
/// and the text between them are its pieces.
pub struct Custom {
    splits: Vec<Split>,
}

/// One regex, ready to run.
pub struct Split {
    text: String,
    engine: Engine,
}

/// A match, with the unmatched text before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Where the match starts; the end of the text if there is none.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// The match depends on no byte from here on. Beyond the length of the text if it
    /// depends on the text's end.
    pub reach: usize,
}

enum Engine {
    Automaton {
        branches: Vec<Branch>,
        automaton: Automaton,
    },
    /// `reason` says what the automaton cannot do.
    Backtrack { regex: Backtracker, reason: String },
}

impl Split {
    /// Parses a regex in Rust's dialect with lookaround. One that can match the empty text is
    /// refused.
    pub fn parse(text: &str) -> Result<Self> {
        Self::new(text, false)
    }

    /// The same, but it may match the empty text.
    pub fn parse_any(text: &str) -> Result<Self> {
        Self::new(text, true)
    }

    fn new(text: &str, may_be_empty: bool) -> Result<Self> {
        let unsupported = |reason: &str| Error::PatternUnsupported {
            pattern: text.to_owned(),
            reason: reason.to_owned(),
        };
        if text.len() > MAX_REGEX_BYTES {
            return Err(Error::PatternUnsupported {
                pattern: text.chars().take(80).chain(['…']).collect(),
                reason: format!("it is longer than {MAX_REGEX_BYTES} bytes"),
            });
        }
        let syntax = |reason: String| Error::PatternSyntax {
            pattern: text.to_owned(),
            reason,
        };
        let matches_empty = "it can match the empty text";
        let engine = match regular::parse(text) {
            Ok(branches) => {
                let automaton = Automaton::new(&branches).map_err(|error| unsupported(&error))?;
                Engine::Automaton {
                    branches,
                    automaton,
                }
            }
            Err(Reason::MatchesEmpty) if !may_be_empty => return Err(unsupported(matches_empty)),
            Err(Reason::MatchesEmpty) => Engine::Backtrack {
                regex: Backtracker::new(text).map_err(syntax)?,
                reason: matches_empty.to_owned(),
            },
            Err(Reason::Invalid(reason)) => return Err(syntax(reason)),
            Err(Reason::Needs(reason)) => {
                let regex = Backtracker::new(text).map_err(syntax)?;
                if !may_be_empty && regex.matches_empty() {
                    return Err(unsupported(matches_empty));
                }
                Engine::Backtrack { regex, reason }
            }
        };
        Ok(Split {
            text: text.to_owned(),
            engine,
        })
    }

    /// The regex as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The alternatives of a regular regex; otherwise what it needs beyond that.
    pub fn branches(&self) -> std::result::Result<&[Branch], &str> {
        match &self.engine {
            Engine::Automaton { branches, .. } => Ok(branches),
            Engine::Backtrack { reason, .. } => Err(reason),
        }
    }

    /// Whether both are sure to match the same in every text.
    fn means(&self, other: &Self) -> bool {
        self == other
            || match (&self.engine, &other.engine) {
                (
                    Engine::Automaton { automaton, .. },
                    Engine::Automaton {
                        automaton: other, ..
                    },
                ) => automaton.equals(other),
                _ => false,
            }
    }

    /// What runs it, if it may match the empty text.
    pub fn with_empty_matches(&self) -> Option<&Backtracker> {
        match &self.engine {
            Engine::Backtrack { regex, .. } if regex.may_match_empty() => Some(regex),
            _ => None,
        }
    }

    /// Calls `visit` with the steps of `text` from `at` on, until it returns `false` or the
    /// text ends.
    pub fn walk(
        &self,
        text: &str,
        at: usize,
        work: &mut Work,
        visit: &mut impl FnMut(Step, &mut Work) -> std::result::Result<bool, TooMuch>,
    ) -> std::result::Result<(), TooMuch> {
        match &self.engine {
            Engine::Automaton { automaton, .. } => {
                walk(automaton.steps(text), text, at, work, visit)
            }
            Engine::Backtrack { regex, .. } => walk(regex.steps(text), text, at, work, visit),
        }
    }
}

/// See [`Split::walk`].
#[inline(always)]
fn walk<'s>(
    mut next: impl FnMut(usize, &mut Work<'s>) -> std::result::Result<Step, TooMuch>,
    text: &str,
    mut at: usize,
    work: &mut Work<'s>,
    visit: &mut impl FnMut(Step, &mut Work<'s>) -> std::result::Result<bool, TooMuch>,
) -> std::result::Result<(), TooMuch> {
    let mut more = true;
    while more && at < text.len() {
        let step = next(at, work)?;
        at = step.end;
        more = visit(step, work)?;
    }
    Ok(())
}

impl PartialEq for Split {
    fn eq(&self, other: &Self) -> bool {
        match (self.branches(), other.branches()) {
            (Ok(ours), Ok(theirs)) => ours == theirs,
            (Err(_), Err(_)) => self.text == other.text,
            _ => false,
        }
    }
}

impl Custom {
    /// A pattern of these splits.
    pub fn new(splits: Vec<Split>) -> Result<Self> {
        if splits.is_empty() || splits.len() > MAX_SPLITS {
            return Err(Error::PatternUnsupported {
                pattern: format!("{} splits", splits.len()),
                reason: format!("there must be 1 to {MAX_SPLITS}"),
            });
        }
        Ok(Custom { splits })
    }

    pub fn splits(&self) -> &[Split] {
        &self.splits
    }

    /// Appends the ends of the pretokens of `text` from `at` on until there are `limit`
    /// or somewhat more. Returns where the last one ends; with an error, the pretokens
    /// before it are there.
    pub fn scan(
        &self,
        text: &str,
        mut at: usize,
        limit: usize,
        work: &mut Work,
        ends: &mut Vec<usize>,
    ) -> std::result::Result<usize, TooMuch> {
        let (first, rest) = self
            .splits
            .split_first()
            .expect("there is at least one split");
        let mut from = at;
        first.walk(text, at, work, &mut |step, work| {
            if rest.is_empty() {
                for (from, to) in [(from, step.start), (step.start, step.end)] {
                    if from < to {
                        ends.push(to);
                    }
                }
            } else {
                divide(rest, text, from, step.start, work, ends)?;
                divide(rest, text, step.start, step.end, work, ends)?;
            }
            (from, at) = (step.end, step.end);
            Ok(ends.len() < limit)
        })?;
        Ok(at)
    }

    /// The end of a match that stays the same whatever follows `text`, and before which
    /// all is the same as if the text ended there, with no work left to pay; 0 if none is
    /// found before there is too much work. The first split decides, as the others work
    /// within its pieces.
    pub fn certain_end(&self, text: &str, stop: &Stop) -> usize {
        let first = &self.splits[0];
        let Engine::Automaton { .. } = first.engine else {
            return 0;
        };
        // The last matches, and how far any match before them looked.
        let mut recent: VecDeque<Known> = VecDeque::new();
        let (mut earlier, mut from) = (0, 0);
        // If there is too much work, splitting the text will report it.
        let _ = first.walk(text, 0, &mut Work::new(stop), &mut |step, work| {
            if step.reach > text.len() {
                return Ok(false);
            }
            if recent.len() == CUT_CANDIDATES
                && let Some(oldest) = recent.pop_front()
            {
                earlier = earlier.max(oldest.step.reach);
            }
            recent.push_back(Known {
                from,
                step,
                is_even: work.is_even(),
            });
            from = step.end;
            Ok(true)
        });
        while let Some(last) = recent.back() {
            let cut = last.step.end;
            if last.is_even
                && earlier <= cut
                && recent.iter().all(|known| first.stays(text, cut, known))
            {
                return cut;
            }
            recent.pop_back();
        }
        0
    }
}

/// A step of the first split.
struct Known {
    from: usize,
    step: Step,
    /// Whether no work was left to pay at its end.
    is_even: bool,
}

impl Split {
    /// Whether a known step is the same if `text` ends at `cut`.
    fn stays(&self, text: &str, cut: usize, known: &Known) -> bool {
        let Known { from, step, .. } = *known;
        if step.reach <= cut {
            return true;
        }
        let mut same = false;
        let outcome = self.walk(&text[..cut], from, &mut Work::default(), &mut |again, _| {
            same = (again.start, again.end) == (step.start, step.end);
            Ok(false)
        });
        outcome.is_ok() && same
    }
}

/// Appends the ends of the pieces that `splits` make of `text[from..to]`, if it is not
/// empty, also those before an error. Recursive over splits, of which there are few.
fn divide(
    splits: &[Split],
    text: &str,
    from: usize,
    to: usize,
    work: &Work,
    ends: &mut Vec<usize>,
) -> std::result::Result<(), TooMuch> {
    let Some((first, rest)) = splits.split_first() else {
        if from < to {
            ends.push(to);
        }
        return Ok(());
    };
    let (piece, mut at) = (&text[from..to], 0);
    let before = ends.len();
    let walked = first.walk(piece, 0, &mut work.another(), &mut |step, work| {
        divide(rest, piece, at, step.start, work, ends)?;
        divide(rest, piece, step.start, step.end, work, ends)?;
        at = step.end;
        Ok(true)
    });
    for end in &mut ends[before..] {
        *end += from;
    }
    walked.map_err(|TooMuch(offset)| TooMuch(from + offset))
}

#[cfg(test)]
mod tests;
