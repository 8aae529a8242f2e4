//! Runs the regexes that no automaton can, trying one alternative after another.
//!
//! `tree` reads a regex, `compile` turns it into a `program`, and `vm` runs that.
//! Everything that the engine examines counts as work.

mod compile;
mod first_bytes;
mod program;
mod set;
mod stack;
mod tree;
mod vm;

use std::ops::Range;

use super::Step;
use super::work::{TooMuch, Work};
use program::Program;
use vm::Vm;

/// A regex for the backtracking engine.
pub struct Backtracker {
    program: Program,
}

impl Backtracker {
    /// Compiles a regex; the error says what is wrong with it, in one line.
    pub fn new(regex: &str) -> Result<Self, String> {
        let program = Program::new(regex)?;
        Ok(Backtracker { program })
    }

    /// Whether it matches the empty text, as far as that can be told.
    pub fn matches_empty(&self) -> bool {
        Vm::new(&self.program, "")
            .run(0, &mut Work::default())
            .map_or(true, |end| end.is_some())
    }

    /// Whether a match may be empty, as far as its parts tell.
    pub fn may_match_empty(&self) -> bool {
        self.program.may_be_empty
    }

    /// Calls `visit` with all matches, also those of the empty text: none directly after another
    /// match, as in Oniguruma's crate for Rust.
    pub fn visit_all(
        &self,
        text: &str,
        work: &mut Work,
        mut visit: impl FnMut(Range<usize>),
    ) -> Result<(), TooMuch> {
        let mut vm = Vm::new(&self.program, text);
        let (mut at, mut last) = (0, None);
        while let Some((start, end)) = vm.find_any(at, work)? {
            if start < end || last != Some(end) {
                vm.report(end, work)?;
                visit(start..end);
                (at, last) = (end, Some(end));
                continue;
            }
            let Some(next) = text[at..].chars().next() else {
                break;
            };
            at += next.len_utf8();
        }
        Ok(())
    }

    /// The steps of a text, one at each call. Where the regex matches the empty text, it does
    /// not match.
    pub fn steps<'t>(
        &'t self,
        text: &'t str,
    ) -> impl FnMut(usize, &mut Work) -> Result<Step, TooMuch> {
        let mut vm = Vm::new(&self.program, text);
        move |at, work| {
            let found = vm.find(at, work)?;
            let (start, end) = found.unwrap_or((text.len(), text.len()));
            vm.report(end, work)?;
            let reach = text.len() + 1;
            Ok(Step { start, end, reach })
        }
    }
}

#[cfg(test)]
mod tests;
