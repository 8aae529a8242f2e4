//! Runs regular alternatives as one automaton, byte by byte.
//!
//! A condition on the character that follows a match becomes one more character to
//! match, which is dropped afterwards; the end of the text is a byte that occurs in no
//! text. So one walk decides among all alternatives by the rules of the regex, greedy,
//! lazy or ordered.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::hybrid::{CacheError, LazyStateID, StartError};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::pool::Pool;
use regex_automata::util::start;
use regex_automata::{Anchored, MatchKind};
use regex_syntax::hir::{Class, Hir};

use super::Step;
use super::regular::{Branch, Next};
use super::work::{TooMuch, Work};

/// Stands for the end of the text. UTF-8 does not use it.
const END: u8 = 0xFF;
/// The largest size of the automaton before it is made deterministic, in bytes.
const SIZE_LIMIT: usize = 16 << 20;
/// The size of the deterministic states that each thread keeps, in bytes.
const CACHE_CAPACITY: usize = 8 << 20;
/// How many pairs of states are compared to find that two automata are equal.
const MOST_PAIRS: usize = 1 << 16;

type Tables = Pool<Table, Box<dyn Fn() -> Table + Send + Sync>>;

/// The automaton for one list of alternatives.
pub struct Automaton {
    dfa: Arc<DFA>,
    tables: Tables,
    /// Whether each alternative has a condition on what follows.
    conditional: Vec<bool>,
}

impl Automaton {
    /// Builds the automaton; the error says what is too large.
    pub fn new(branches: &[Branch]) -> Result<Self, String> {
        let bodies: Vec<Hir> = branches.iter().map(with_condition).collect();
        let nfa = thompson::Compiler::new()
            .configure(
                thompson::Config::new()
                    .utf8(false)
                    .which_captures(WhichCaptures::None)
                    .nfa_size_limit(Some(SIZE_LIMIT)),
            )
            .build_many_from_hir(&bodies)
            .map_err(|error| error.to_string())?;
        let dfa = DFA::builder()
            .configure(
                DFA::config()
                    .match_kind(MatchKind::LeftmostFirst)
                    .cache_capacity(CACHE_CAPACITY)
                    .skip_cache_capacity_check(true),
            )
            .build_from_nfa(nfa)
            .map_err(|error| error.to_string())?;
        let dfa = Arc::new(dfa);
        let for_tables = Arc::clone(&dfa);
        Ok(Automaton {
            dfa,
            tables: Pool::new(Box::new(move || Table::new(&for_tables))),
            conditional: branches
                .iter()
                .map(|branch| branch.next.is_some())
                .collect(),
        })
    }

    /// The steps of a text, one at each call.
    pub fn steps<'t>(
        &'t self,
        text: &'t str,
    ) -> impl FnMut(usize, &mut Work) -> Result<Step, TooMuch> {
        let mut table = self.tables.get();
        move |at, work| self.step(text, at, &mut table, work)
    }

    #[inline]
    fn step(
        &self,
        text: &str,
        at: usize,
        table: &mut Table,
        work: &mut Work,
    ) -> Result<Step, TooMuch> {
        let (mut start, mut reach) = (at, at);
        while start < text.len() {
            let (end, looked) = self
                .longest(text, start, table)
                .map_err(|_| TooMuch(start))?;
            reach = reach.max(looked);
            if let Some(end) = end {
                work.count(start, looked - start, end - start)?;
                return Ok(Step { start, end, reach });
            }
            let width = text[start..].chars().next().map_or(1, char::len_utf8);
            work.count(start, looked - start, width)?;
            start += width;
        }
        Ok(Step {
            start,
            end: start,
            reach: text.len() + 1,
        })
    }

    /// The end of the match at `start`, if there is one, and the end of the bytes examined.
    /// Fails if the automaton does.
    #[inline]
    fn longest(
        &self,
        text: &str,
        start: usize,
        table: &mut Table,
    ) -> Result<(Option<usize>, usize), CacheError> {
        let bytes = text.as_bytes();
        let mut state = table.start(&self.dfa)?;
        let (mut end, mut at) = (None, start);
        loop {
            let class = match bytes.get(at) {
                Some(&byte) => table.classes[usize::from(byte)],
                None if at == bytes.len() => table.classes[usize::from(END)],
                None => table.end_of_input,
            };
            let entry = match table.next[state + usize::from(class)] {
                0 => self.fill(table, state, class)?,
                known => known,
            };
            if entry & Table::FLAGS != 0 {
                // The automaton reports a match one byte late.
                if entry & Table::MATCH != 0 {
                    end = Some((at, entry));
                } else if entry & Table::DEAD != 0 {
                    at += 1;
                    break;
                }
            }
            if at > bytes.len() {
                break;
            }
            state = entry as usize / Table::SCALE;
            at += 1;
        }
        let end = end.map(|(end, entry)| {
            if entry & Table::CONDITIONAL != 0 {
                before(text, end)
            } else {
                end
            }
        });
        Ok((end, at))
    }

    /// Finds the entry for a state and a class of bytes.
    #[cold]
    fn fill(&self, table: &mut Table, state: usize, class: u16) -> Result<u32, CacheError> {
        let (entry, next) = self.entry(&mut table.cache, table.states[state / table.stride], {
            let byte = table.classes.iter().position(|&known| known == class);
            byte.map(|byte| byte as u8)
        })?;
        if table.cache.clear_count() != table.clears {
            // The states have other numbers now.
            table.clear();
            return Ok(entry | table.link(next));
        }
        let entry = entry | table.link(next);
        table.next[state + usize::from(class)] = entry;
        Ok(entry)
    }

    /// The flags of an entry, and the state that follows a byte, or the end of input.
    fn entry(
        &self,
        cache: &mut Cache,
        state: LazyStateID,
        byte: Option<u8>,
    ) -> Result<(u32, LazyStateID), CacheError> {
        let next = match byte {
            Some(byte) => self.dfa.next_state(cache, state, byte)?,
            None => self.dfa.next_eoi_state(cache, state)?,
        };
        let mut entry = Table::KNOWN;
        if next.is_match() {
            entry |= Table::MATCH;
            if self.conditional[self.dfa.match_pattern(cache, next, 0).as_usize()] {
                entry |= Table::CONDITIONAL;
            }
        } else if next.is_dead() {
            entry |= Table::DEAD;
        }
        Ok((entry, next))
    }

    /// Whether both are sure to match the same in every text: their states, met by the same bytes,
    /// report the same.
    pub fn equals(&self, other: &Self) -> bool {
        self.compare(other).unwrap_or(false)
    }

    fn compare(&self, other: &Self) -> Result<bool, CacheError> {
        let (mut ours, mut theirs) = (self.dfa.create_cache(), other.dfa.create_cache());
        let first = (
            start(&self.dfa, &mut ours)?,
            start(&other.dfa, &mut theirs)?,
        );
        let (our_classes, their_classes) = (self.dfa.byte_classes(), other.dfa.byte_classes());
        let mut met = HashSet::new();
        let mut inputs: Vec<Option<u8>> = (0..=u8::MAX)
            .filter(|&byte| met.insert((our_classes.get(byte), their_classes.get(byte))))
            .map(Some)
            .collect();
        inputs.push(None);
        let mut known = HashSet::from([first]);
        let mut open = vec![first];
        while let Some((our_state, their_state)) = open.pop() {
            for &input in &inputs {
                let (our_entry, our_next) = self.entry(&mut ours, our_state, input)?;
                let (their_entry, their_next) = other.entry(&mut theirs, their_state, input)?;
                if our_entry != their_entry || known.len() > MOST_PAIRS {
                    return Ok(false);
                }
                if input.is_some()
                    && our_entry & Table::DEAD == 0
                    && known.insert((our_next, their_next))
                {
                    open.push((our_next, their_next));
                }
            }
        }
        // States that were forgotten would have been mistaken for others.
        Ok(ours.clear_count() == 0 && theirs.clear_count() == 0)
    }
}

/// The state in which a match begins.
fn start(dfa: &DFA, cache: &mut Cache) -> Result<LazyStateID, CacheError> {
    let anchored = start::Config::new().anchored(Anchored::Yes);
    dfa.start_state(cache, &anchored)
        .map_err(|error| match error {
            StartError::Cache { err } => err,
            other => unreachable!("nothing else can fail: {other}"),
        })
}

/// The states met so far, and which follows which. What has been met once costs one look into the
/// table.
struct Table {
    cache: Cache,
    /// How often the cache had forgotten its states.
    clears: usize,
    /// The class of each byte.
    classes: [u16; 256],
    /// The class of the end of input.
    end_of_input: u16,
    /// How many entries a state has.
    stride: usize,
    /// For each state and class, the flags, and the place of the entries of the next state times
    /// [`Table::SCALE`]; 0 if not known yet.
    next: Vec<u32>,
    states: Vec<LazyStateID>,
    places: HashMap<LazyStateID, usize>,
    start: Option<usize>,
}

impl Table {
    const KNOWN: u32 = 1;
    const MATCH: u32 = 1 << 1;
    const CONDITIONAL: u32 = 1 << 2;
    const DEAD: u32 = 1 << 3;
    const FLAGS: u32 = Self::MATCH | Self::CONDITIONAL | Self::DEAD;
    const SCALE: usize = 16;

    fn new(dfa: &DFA) -> Self {
        let classes = dfa.byte_classes();
        let stride = classes.alphabet_len();
        Table {
            cache: dfa.create_cache(),
            clears: 0,
            classes: std::array::from_fn(|byte| u16::from(classes.get(byte as u8))),
            end_of_input: stride as u16 - 1,
            stride,
            next: Vec::new(),
            states: Vec::new(),
            places: HashMap::new(),
            start: None,
        }
    }

    /// Where the entries of the first state are.
    #[inline]
    fn start(&mut self, dfa: &DFA) -> Result<usize, CacheError> {
        if let Some(start) = self.start {
            return Ok(start);
        }
        let state = start(dfa, &mut self.cache)?;
        if self.cache.clear_count() != self.clears {
            self.clear();
        }
        let place = self.number(state);
        self.start = Some(place);
        Ok(place)
    }

    /// Where the entries of a state are.
    fn number(&mut self, state: LazyStateID) -> usize {
        *self.places.entry(state).or_insert_with(|| {
            self.states.push(state);
            let place = self.next.len();
            self.next.resize(place + self.stride, 0);
            place
        })
    }

    /// What an entry holds besides flags for the state that follows.
    fn link(&mut self, next: LazyStateID) -> u32 {
        self.number(next) as u32 * Table::SCALE as u32
    }

    fn clear(&mut self) {
        self.clears = self.cache.clear_count();
        self.next.clear();
        self.states.clear();
        self.places.clear();
        self.start = None;
    }
}

/// Where the character, or the end of text, that ends at `at` starts.
fn before(text: &str, at: usize) -> usize {
    if at > text.len() {
        return text.len();
    }
    text[..at]
        .chars()
        .next_back()
        .map_or(at, |last| at - last.len_utf8())
}

/// The body of a branch, followed by the character it looks at.
fn with_condition(branch: &Branch) -> Hir {
    let Some(Next { class, or_end }) = &branch.next else {
        return branch.body.clone();
    };
    let mut next = vec![Hir::class(Class::Unicode(class.clone()))];
    if *or_end {
        next.push(Hir::literal([END]));
    }
    Hir::concat(vec![branch.body.clone(), Hir::alternation(next)])
}
