//! The virtual machine: runs programs, and counts what they examine.

use regex_automata::util::look::LookMatcher;

use super::super::work::{TooMuch, Work};
use super::program::{Instruction, Program, Taking};
use super::set::equal_but_for_case;
use super::stack::{Entry, Stack, UNSET};

/// The number of bytes examined between two reports.
const REPORT: usize = 4096;
/// About the largest number of items on the stack.
const MAX_ENTRIES: usize = 1 << 20;

/// A program and a text.
pub struct Vm<'a> {
    program: &'a Program,
    text: &'a str,
    stack: Stack,
    looks: LookMatcher,
    /// Where the current match starts.
    from: usize,
    /// Where the search for it began.
    search: usize,
    /// How much of the text was reported as finished.
    done: usize,
    /// The number of bytes examined since the last report.
    looked_at: usize,
}

impl<'a> Vm<'a> {
    pub fn new(program: &'a Program, text: &'a str) -> Self {
        Vm {
            program,
            text,
            stack: Stack::new(program.slots),
            looks: LookMatcher::new(),
            from: 0,
            search: 0,
            done: 0,
            looked_at: 0,
        }
    }

    /// The first match from `from` on that is not empty. Where the regex matches the empty
    /// text, it does not match.
    #[inline]
    pub fn find(
        &mut self,
        from: usize,
        work: &mut Work,
    ) -> Result<Option<(usize, usize)>, TooMuch> {
        (self.done, self.search) = (from, from);
        let bytes = self.text.as_bytes();
        for (start, &byte) in bytes.iter().enumerate().skip(from) {
            self.from = start;
            let starts_here = match &self.program.first_bytes {
                Some(first_bytes) => first_bytes.hold(byte),
                None => self.text.is_char_boundary(start),
            };
            if !starts_here {
                self.look(1, work)?;
            } else if let Some(end) = self.run(start, work)?
                && end > start
            {
                return Ok(Some((start, end)));
            }
        }
        Ok(None)
    }

    /// The first match from `from` on, which may be empty.
    pub fn find_any(
        &mut self,
        from: usize,
        work: &mut Work,
    ) -> Result<Option<(usize, usize)>, TooMuch> {
        (self.done, self.search) = (from, from);
        for start in from..=self.text.len() {
            if self.text.is_char_boundary(start) {
                self.from = start;
                if let Some(end) = self.run(start, work)? {
                    return Ok(Some((start, end)));
                }
            }
        }
        Ok(None)
    }

    /// Reports the bytes examined since the last report. The text is finished up to `end`.
    pub fn report(&mut self, end: usize, work: &mut Work) -> Result<(), TooMuch> {
        let looked_at = std::mem::take(&mut self.looked_at);
        let done = end - std::mem::replace(&mut self.done, end);
        work.count(self.from, looked_at, done)
    }

    /// Counts bytes that are examined.
    #[inline]
    fn look(&mut self, count: usize, work: &mut Work) -> Result<(), TooMuch> {
        self.looked_at += count;
        if self.looked_at < REPORT {
            return Ok(());
        }
        match self.stack.height() > MAX_ENTRIES {
            true => Err(TooMuch(self.from)),
            false => self.report(self.from, work),
        }
    }

    /// The end of the preferred match from `start` on.
    pub fn run(&mut self, start: usize, work: &mut Work) -> Result<Option<usize>, TooMuch> {
        let program = self.program;
        let (mut pc, mut at) = (0, start);
        loop {
            self.look(1, work)?;
            let next = match &program.instructions[pc] {
                Instruction::Match => {
                    self.stack.clear();
                    return Ok(Some(at));
                }
                Instruction::Literal { bytes, back } => {
                    self.look(bytes.len(), work)?;
                    let all = self.text.as_bytes();
                    match back {
                        false => all[at..]
                            .starts_with(bytes)
                            .then(|| (pc + 1, at + bytes.len())),
                        true => all[..at]
                            .ends_with(bytes)
                            .then(|| (pc + 1, at - bytes.len())),
                    }
                }
                Instruction::Set { set, back } => self.read(*set, at, *back).map(|at| (pc + 1, at)),
                Instruction::Run { .. } => self.read_run(pc, at, work)?.map(|at| (pc + 1, at)),
                Instruction::Peek {
                    set,
                    behind,
                    negative,
                } => (self.read(*set, at, *behind).is_some() != *negative).then_some((pc + 1, at)),
                Instruction::Assertion(look) => self
                    .looks
                    .matches(*look, self.text.as_bytes(), at)
                    .then_some((pc + 1, at)),
                Instruction::SearchStart => (at == self.search).then_some((pc + 1, at)),
                Instruction::LineEndsToEnd { crlf } => {
                    let rest = &self.text.as_bytes()[at..];
                    let is_end = |&&byte: &&u8| byte == b'\n' || *crlf && byte == b'\r';
                    let ends = rest.iter().take_while(is_end).count();
                    self.look(ends, work)?;
                    (ends == rest.len()).then_some((pc + 1, at))
                }
                Instruction::Backreference { slot, caseless } => self
                    .read_again(*slot, at, *caseless, work)?
                    .map(|at| (pc + 1, at)),
                Instruction::Back(count) => {
                    let before = self.text[..at].char_indices().rev().map(|(at, _)| at);
                    self.look(at.min(*count), work)?;
                    [at].into_iter()
                        .chain(before)
                        .nth(*count)
                        .map(|at| (pc + 1, at))
                }
                Instruction::Jump(to) => Some((*to, at)),
                Instruction::Split {
                    first,
                    second,
                    first_bytes,
                } => {
                    let byte = self.text.as_bytes().get(at);
                    match first_bytes {
                        Some(first_bytes) if byte.is_none_or(|byte| !first_bytes.hold(*byte)) => {
                            Some((*second, at))
                        }
                        _ => {
                            self.stack.push(Entry::Alternative { pc: *second, at });
                            Some((*first, at))
                        }
                    }
                }
                Instruction::Save(slot) => {
                    self.stack.set(*slot, at);
                    Some((pc + 1, at))
                }
                Instruction::Zero(slot) => {
                    self.stack.set(*slot, 0);
                    Some((pc + 1, at))
                }
                Instruction::Repeat { .. } => Some((self.repeat(pc, at), at)),
                Instruction::Enter(slot) => {
                    self.stack.slots[*slot] = self.stack.height();
                    self.stack.slots[slot + 1] = at;
                    Some((pc + 1, at))
                }
                Instruction::Commit(slot) => {
                    let dropped = self.stack.commit(self.stack.slots[*slot]);
                    self.look(dropped, work)?;
                    Some((pc + 1, at))
                }
                Instruction::Return(slot) => {
                    let dropped = self.stack.commit(self.stack.slots[*slot]);
                    self.look(dropped, work)?;
                    Some((pc + 1, self.stack.slots[slot + 1]))
                }
                Instruction::EnterNot { slot, exit } => {
                    self.stack.slots[*slot] = self.stack.height();
                    self.stack.push(Entry::Alternative { pc: *exit, at });
                    Some((pc + 1, at))
                }
                Instruction::Fail(slot) => {
                    let dropped = self.stack.undo(self.stack.slots[*slot]);
                    self.look(dropped, work)?;
                    None
                }
            };
            match next.or_else(|| self.fall_back()) {
                Some(next) => (pc, at) = next,
                None => return Ok(None),
            }
        }
    }

    /// Where a character of a set at `at` ends, or where one before starts.
    #[inline]
    fn read(&self, set: usize, at: usize, back: bool) -> Option<usize> {
        let set = &self.program.sets[set];
        match back {
            false => set.after(self.text, at),
            true => set.before(self.text, at),
        }
    }

    /// Where the run that instruction `pc` is ends, from `at` on.
    fn read_run(
        &mut self,
        pc: usize,
        at: usize,
        work: &mut Work,
    ) -> Result<Option<usize>, TooMuch> {
        let Instruction::Run {
            set,
            least,
            most,
            taking,
            back,
        } = self.program.instructions[pc]
        else {
            return Ok(None);
        };
        let (at, taken) = self.read_many(set, at, least, back, work)?;
        if taken < least {
            return Ok(None);
        }
        let left = most - taken;
        if taking == Taking::Least {
            if left > 0 {
                self.stack.push(Entry::Take { pc, at, left });
            }
            return Ok(Some(at));
        }
        let (to, _) = self.read_many(set, at, left, back, work)?;
        if taking == Taking::Most && to != at {
            self.stack.push(Entry::GiveBack { pc, from: at, to });
        }
        Ok(Some(to))
    }

    /// Reads up to `most` characters of a set. Where it ends, and how many there were.
    #[inline]
    fn read_many(
        &mut self,
        set: usize,
        mut at: usize,
        most: usize,
        back: bool,
        work: &mut Work,
    ) -> Result<(usize, usize), TooMuch> {
        let mut taken = 0;
        while taken < most {
            self.look(1, work)?;
            let Some(next) = self.read(set, at, back) else {
                break;
            };
            (at, taken) = (next, taken + 1);
        }
        Ok((at, taken))
    }

    /// The end of another occurrence, at `at`, of what a group matched.
    fn read_again(
        &mut self,
        slot: usize,
        at: usize,
        caseless: bool,
        work: &mut Work,
    ) -> Result<Option<usize>, TooMuch> {
        let (start, end) = (self.stack.slots[slot], self.stack.slots[slot + 1]);
        // Within the group, its end is that of its last repetition.
        if end == UNSET || start > end {
            return Ok(None);
        }
        let next = at + (end - start);
        if next > self.text.len() {
            return Ok(None);
        }
        self.look(end - start, work)?;
        let bytes = self.text.as_bytes();
        let mut same = bytes[start..end] == bytes[at..next];
        if caseless && !same && self.text.is_char_boundary(next) {
            same = equal_but_for_case(&self.text[start..end], &self.text[at..next]);
        }
        Ok(same.then_some(next))
    }

    /// Begins another repetition, or ends them. Returns the next instruction. One that
    /// matches the empty text is the last.
    fn repeat(&mut self, pc: usize, at: usize) -> usize {
        let Instruction::Repeat {
            count,
            start,
            least,
            most,
            greedy,
            exit,
        } = self.program.instructions[pc]
        else {
            return pc;
        };
        let done = self.stack.slots[count];
        if done == most || done > 0 && start.is_some_and(|start| self.stack.slots[start] == at) {
            return exit;
        }
        self.stack.set(count, done + 1);
        if done < least {
            return pc + 1;
        }
        if let Some(start) = start {
            self.stack.set(start, at);
        }
        let (first, second) = match greedy {
            true => (pc + 1, exit),
            false => (exit, pc + 1),
        };
        self.stack.push(Entry::Alternative { pc: second, at });
        first
    }

    /// Where to continue if the current alternative fails.
    fn fall_back(&mut self) -> Option<(usize, usize)> {
        loop {
            match self.stack.pop()? {
                Entry::Alternative { pc, at } => return Some((pc, at)),
                Entry::GiveBack { pc, from, to } => {
                    let is_forward = from < to;
                    let step = |at: usize| if is_forward { at - 1 } else { at + 1 };
                    let mut to = step(to);
                    while !self.text.is_char_boundary(to) {
                        to = step(to);
                    }
                    if from != to {
                        self.stack.push(Entry::GiveBack { pc, from, to });
                    }
                    return Some((pc + 1, to));
                }
                Entry::Take { pc, at, left } => {
                    if let Instruction::Run { set, back, .. } = self.program.instructions[pc]
                        && let Some(at) = self.read(set, at, back)
                    {
                        if left > 1 {
                            let left = left - 1;
                            self.stack.push(Entry::Take { pc, at, left });
                        }
                        return Some((pc + 1, at));
                    }
                }
            }
        }
    }
}
