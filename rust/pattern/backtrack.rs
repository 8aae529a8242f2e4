//! Runs the regexes that no automaton can.

use fancy_regex::{Regex, RegexBuilder};

use super::automaton::Step;
use super::work::{TooMuch, Work};

/// How often a search may go back to try something else. The engine does not tell how
/// often it did, so a search begins with the lowest limit and is repeated with the next.
const LIMITS: [usize; 3] = [1 << 10, 1 << 16, 1 << 22];

/// A regex for the backtracking engine.
///
/// What a lookaround or a repetition without alternatives reads in one go is not counted
/// as work: a regex that looks far ahead from every position takes quadratic time.
pub struct Backtracker {
    /// The same regex with each of the limits.
    rungs: Vec<Regex>,
}

impl Backtracker {
    /// Compiles a regex; the error says what is wrong with it, in one line.
    pub fn new(regex: &str) -> Result<Self, String> {
        let compile = |limit| RegexBuilder::new(regex).backtrack_limit(limit).build();
        let rungs = LIMITS.into_iter().map(compile).collect::<Result<_, _>>();
        rungs
            .map(|rungs| Backtracker { rungs })
            .map_err(|error| error.to_string().lines().collect::<Vec<_>>().join(" "))
    }

    /// Whether it matches the empty text, as far as that can be told.
    pub fn matches_empty(&self) -> bool {
        self.rungs
            .last()
            .is_some_and(|regex| regex.is_match("").unwrap_or(true))
    }

    /// Calls `visit` with the matches from `at` on and the unmatched text before each,
    /// until it returns `false` or the text ends. Where the regex matches the empty text,
    /// it does not match.
    pub fn walk(
        &self,
        text: &str,
        mut at: usize,
        work: &mut Work,
        visit: &mut dyn FnMut(Step, &mut Work) -> Result<bool, TooMuch>,
    ) -> Result<(), TooMuch> {
        let mut more = true;
        while more && at < text.len() {
            let (start, end) = self
                .find(text, at, work)?
                .unwrap_or((text.len(), text.len()));
            work.count(at, 0, end - at)?;
            at = end;
            more = visit(
                Step {
                    start,
                    end,
                    reach: text.len() + 1,
                },
                work,
            )?;
        }
        Ok(())
    }

    /// The first match at or after `from` that is not empty.
    fn find(
        &self,
        text: &str,
        mut from: usize,
        work: &mut Work,
    ) -> Result<Option<(usize, usize)>, TooMuch> {
        while from < text.len() {
            match self.search(text, from, work)? {
                Some((start, end)) if start == end => {
                    from = end + text[end..].chars().next().map_or(1, char::len_utf8);
                }
                found => return Ok(found),
            }
        }
        Ok(None)
    }

    fn search(
        &self,
        text: &str,
        from: usize,
        work: &mut Work,
    ) -> Result<Option<(usize, usize)>, TooMuch> {
        for (rung, (regex, limit)) in self.rungs.iter().zip(LIMITS).enumerate() {
            if rung > 0 {
                work.count(from, limit / 8, 0)?;
            }
            if let Ok(found) = regex.find_from_pos(text, from) {
                return Ok(found.map(|found| (found.start(), found.end())));
            }
        }
        Err(TooMuch(from))
    }
}
