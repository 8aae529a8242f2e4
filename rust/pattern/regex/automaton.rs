//! Runs regular alternatives as one automaton, byte by byte.
//!
//! A condition on the character that follows a match becomes one more character to
//! match, which is dropped afterwards; the end of the text is a byte that occurs in no
//! text. So one walk decides among all alternatives by the rules of the regex, greedy,
//! lazy or ordered.

use std::sync::Arc;

use regex_automata::hybrid::dfa::{Cache, DFA};
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

type Caches = Pool<Cache, Box<dyn Fn() -> Cache + Send + Sync>>;

/// The automaton for one list of alternatives.
pub struct Automaton {
    dfa: Arc<DFA>,
    caches: Caches,
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
        let for_caches = Arc::clone(&dfa);
        Ok(Automaton {
            dfa,
            caches: Pool::new(Box::new(move || for_caches.create_cache())),
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
        let mut cache = self.caches.get();
        move |at, work| self.step(text, at, &mut cache, work)
    }

    #[inline]
    fn step(
        &self,
        text: &str,
        at: usize,
        cache: &mut Cache,
        work: &mut Work,
    ) -> Result<Step, TooMuch> {
        let (mut start, mut reach) = (at, at);
        while start < text.len() {
            let (end, looked) = self
                .longest(text, start, cache)
                .map_err(|()| TooMuch(start))?;
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
    /// Fails if the cache does.
    fn longest(
        &self,
        text: &str,
        start: usize,
        cache: &mut Cache,
    ) -> Result<(Option<usize>, usize), ()> {
        let bytes = text.as_bytes();
        let anchored = start::Config::new().anchored(Anchored::Yes);
        let mut state = self.dfa.start_state(cache, &anchored).map_err(|_| ())?;
        let (mut end, mut at) = (None, start);
        loop {
            state = match bytes.get(at) {
                Some(&byte) => self.dfa.next_state(cache, state, byte),
                None if at == bytes.len() => self.dfa.next_state(cache, state, END),
                None => self.dfa.next_eoi_state(cache, state),
            }
            .map_err(|_| ())?;
            if state.is_tagged() {
                // The automaton reports a match one byte late.
                if state.is_match() {
                    let pattern = self.dfa.match_pattern(cache, state, 0);
                    end = Some(if self.conditional[pattern] {
                        before(text, at)
                    } else {
                        at
                    });
                } else if state.is_dead() {
                    return Ok((end, at + 1));
                }
            }
            if at > bytes.len() {
                return Ok((end, at));
            }
            at += 1;
        }
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
