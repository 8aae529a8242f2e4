//! A compiled regex: a list of instructions.

use regex_automata::util::look::Look;

use super::first_bytes::FirstBytes;
use super::set::Set;

/// What to do at a position in the text. After success the next instruction follows, after
/// failure the last alternative. `back` is set where the text is read backwards. Slots are
/// given by index.
pub enum Instruction {
    /// Ends with a match.
    Match,
    /// Reads these bytes.
    Literal {
        bytes: Box<[u8]>,
        back: bool,
    },
    /// Reads a character of a set.
    Set {
        set: usize,
        back: bool,
    },
    /// Reads several of them.
    Run {
        set: usize,
        least: usize,
        most: usize,
        taking: Taking,
        back: bool,
    },
    /// Looks whether the next character, or the last one, is in a set.
    Peek {
        set: usize,
        behind: bool,
        negative: bool,
    },
    Assertion(Look),
    /// Looks whether the search for a match began here.
    SearchStart,
    /// Looks whether only line ends follow.
    LineEndsToEnd {
        crlf: bool,
    },
    /// Reads the text between the positions in two slots again, `slot` and the next one.
    Backreference {
        slot: usize,
        caseless: bool,
    },
    /// Steps back by as many characters.
    Back(usize),
    Jump(usize),
    /// Continues at `first`, with `second` as an alternative. At `first` only if the next byte is
    /// one of `first_bytes`.
    Split {
        first: usize,
        second: usize,
        first_bytes: Option<Box<FirstBytes>>,
    },
    /// Stores the position.
    Save(usize),
    /// Stores zero.
    Zero(usize),
    /// Begins another repetition of what follows, or jumps to `exit`.
    Repeat {
        count: usize,
        /// Where the last repetition started, if one can be empty.
        start: Option<usize>,
        least: usize,
        most: usize,
        greedy: bool,
        exit: usize,
    },
    /// Stores the height of the stack, and in the next slot the position.
    Enter(usize),
    /// Drops the alternatives since `Enter`.
    Commit(usize),
    /// The same, and returns to the position stored there.
    Return(usize),
    /// Like `Enter`, with `exit` as an alternative.
    EnterNot {
        slot: usize,
        exit: usize,
    },
    /// Drops the alternatives since `EnterNot`, and fails.
    Fail(usize),
}

/// The number of characters a run reads if it has the choice.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Taking {
    Most,
    Least,
    /// As many as it can, and never gives any back.
    All,
}

/// A regex, ready to run.
pub struct Program {
    pub instructions: Vec<Instruction>,
    pub sets: Vec<Set>,
    pub slots: usize,
    /// Whether a match may be empty.
    pub may_be_empty: bool,
    /// The bytes that a match begins with, unless it can be empty.
    pub first_bytes: Option<Box<FirstBytes>>,
}
