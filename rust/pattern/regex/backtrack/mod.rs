//! Runs the regexes that no automaton can, trying one way after another.
//!
//! `tree` reads a regex, `compile` makes a `program` of it and `machine` runs that. All
//! that any part of it looks at counts as work.

mod compile;
mod first_bytes;
mod machine;
mod program;
mod set;
mod stack;
mod tree;

use super::automaton::Step;
use super::work::{TooMuch, Work};
use machine::Machine;
use program::Program;

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
        Machine::new(&self.program, "")
            .run(0, &mut Work::default())
            .map_or(true, |end| end.is_some())
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
        let mut machine = Machine::new(&self.program, text);
        let mut more = true;
        while more && at < text.len() {
            let found = machine.find(at, work)?;
            let (start, end) = found.unwrap_or((text.len(), text.len()));
            machine.report(end, work)?;
            at = end;
            let reach = text.len() + 1;
            more = visit(Step { start, end, reach }, work)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
