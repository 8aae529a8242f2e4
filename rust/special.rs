//! Finds special tokens in text.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickBuilder, AhoCorasickKind, Input, MatchKind};

use crate::error::{Error, Result, quote};

/// Up to this many bytes of special tokens, the automaton that searches fastest is built. The
/// time to build it grows with the square of their length.
const SMALL: usize = 2048;

/// If a token is longer than this, the search goes from the end of the text to its start. The
/// other way, text that looks like the beginning of a long token would be read again and again.
const LONG: usize = 1024;

/// The number of bytes in which tokens are searched from the end at once, or the length of the
/// longest token if that is more.
const WINDOW: usize = 1 << 20;

/// Finds the leftmost special token, the longest where several start together.
#[derive(Clone)]
pub struct SpecialMatcher {
    automaton: AhoCorasick,
    /// The tokens read backwards, if one is [`LONG`].
    backward: Option<Arc<Backward>>,
    longest: usize,
    /// Which ones are text, by index; empty if none is.
    as_text: Vec<bool>,
}

/// An occurrence of a special token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpecialMatch {
    /// Byte offset of its first byte.
    pub start: usize,
    /// Byte offset after its last byte.
    pub end: usize,
    /// Its index in the list given to [`SpecialMatcher::new`].
    pub index: usize,
}

impl SpecialMatcher {
    /// Builds a matcher for `texts`. `None` if there are none.
    pub fn new<T: AsRef<[u8]>>(texts: &[T]) -> Result<Option<Self>> {
        let Some(longest) = texts.iter().map(|text| text.as_ref().len()).max() else {
            return Ok(None);
        };
        if texts.iter().any(|text| text.as_ref().is_empty()) {
            return Err(Error::InvalidArgument {
                name: "special_tokens",
                reason: "a special token is empty".into(),
            });
        }
        let total = texts.iter().map(|text| text.as_ref().len()).sum::<usize>();
        let automaton = AhoCorasickBuilder::new()
            .match_kind(MatchKind::LeftmostLongest)
            .kind((total > SMALL).then_some(AhoCorasickKind::ContiguousNFA))
            .build(texts)
            .map_err(refused)?;
        let backward = (longest > LONG).then(|| Arc::new(Backward::new(texts)));
        Ok(Some(SpecialMatcher {
            automaton,
            backward,
            longest,
            as_text: Vec::new(),
        }))
    }

    /// The special tokens that start at or after `from`, one after the other.
    pub fn matches<'t>(&self, text: &'t [u8], from: usize) -> Matches<'_, 't> {
        Matches {
            matcher: self,
            text,
            from,
            window: from..from,
            found: Vec::new(),
        }
    }

    /// The first special token that starts at or after `from`.
    fn find(&self, text: &[u8], from: usize) -> Option<SpecialMatch> {
        let found = self.automaton.find(Input::new(text).range(from..))?;
        Some(SpecialMatch {
            start: found.start(),
            end: found.end(),
            index: found.pattern().as_usize(),
        })
    }

    /// The same matcher, in which the tokens for which `as_text` is true, by index, are text:
    /// they are found, and hide what they overlap, but are not to be cut out.
    pub fn with_text(mut self, as_text: Vec<bool>) -> Self {
        self.as_text = as_text;
        self
    }

    /// Whether the token with this index is text.
    pub fn is_text(&self, index: usize) -> bool {
        self.as_text.get(index).copied().unwrap_or(false)
    }

    /// The length in bytes of the longest special token.
    pub fn longest(&self) -> usize {
        self.longest
    }
}

/// The state in which no token has begun.
const ROOT: u32 = 0;

/// No token.
const NOTHING: u32 = u32::MAX;

/// The automaton of Aho and Corasick for the tokens read backwards. (Building that of the crate
/// takes time that grows with the square of the number of states in which a token ends.)
struct Backward {
    /// By state and byte.
    edges: HashMap<(u32, u8), u32>,
    /// For each state, that of the longest proper suffix of its text that is a state, too.
    shorter: Vec<u32>,
    /// For each state, the longest token that its text ends with, by index.
    longest: Vec<u32>,
    /// The length of each token.
    lengths: Vec<usize>,
}

impl Backward {
    fn new<T: AsRef<[u8]>>(texts: &[T]) -> Self {
        let mut automaton = Backward {
            edges: HashMap::new(),
            shorter: vec![ROOT],
            longest: vec![NOTHING],
            lengths: texts.iter().map(|text| text.as_ref().len()).collect(),
        };
        // The edges, by how far they are from the root.
        let mut levels: Vec<Vec<(u32, u8, u32)>> = Vec::new();
        for (index, text) in (0..).zip(texts) {
            let mut state = ROOT;
            for (depth, &byte) in text.as_ref().iter().rev().enumerate() {
                let new = automaton.longest.len() as u32;
                let from = state;
                state = *automaton.edges.entry((state, byte)).or_insert(new);
                if state == new {
                    automaton.longest.push(NOTHING);
                    automaton.shorter.push(ROOT);
                    if depth == levels.len() {
                        levels.push(Vec::new());
                    }
                    levels[depth].push((from, byte, new));
                }
            }
            // Of equal ones, the first counts.
            let longest = &mut automaton.longest[state as usize];
            *longest = index.min(*longest);
        }
        for (from, byte, to) in levels.into_iter().flatten() {
            if from != ROOT {
                let shorter = automaton.step(automaton.shorter[from as usize], byte);
                automaton.shorter[to as usize] = shorter;
                if automaton.longest[to as usize] == NOTHING {
                    automaton.longest[to as usize] = automaton.longest[shorter as usize];
                }
            }
        }
        automaton
    }

    /// The state after another byte.
    fn step(&self, mut state: u32, byte: u8) -> u32 {
        loop {
            match self.edges.get(&(state, byte)) {
                Some(&next) => return next,
                None if state == ROOT => return ROOT,
                None => state = self.shorter[state as usize],
            }
        }
    }
}

/// See [`SpecialMatcher::matches`].
pub struct Matches<'m, 't> {
    matcher: &'m SpecialMatcher,
    text: &'t [u8],
    from: usize,
    /// The positions that were searched from the end.
    window: Range<usize>,
    /// The longest token that starts at each of them.
    found: Vec<u32>,
}

impl Matches<'_, '_> {
    /// Searches the positions from [`Matches::from`] on, from the end.
    fn search(&mut self, backward: &Backward) {
        let longest = self.matcher.longest;
        let end = self.text.len().min(self.from + longest.max(WINDOW));
        self.window = self.from..end;
        self.found.clear();
        self.found.resize(self.window.len(), NOTHING);
        let mut state = ROOT;
        for at in (self.from..self.text.len().min(end + longest)).rev() {
            state = backward.step(state, self.text[at]);
            if at < end {
                self.found[at - self.from] = backward.longest[state as usize];
            }
        }
    }
}

impl Iterator for Matches<'_, '_> {
    type Item = SpecialMatch;

    fn next(&mut self) -> Option<SpecialMatch> {
        let matcher = self.matcher;
        let Some(backward) = &matcher.backward else {
            let found = matcher.find(self.text, self.from)?;
            self.from = found.end;
            return Some(found);
        };
        while self.from < self.text.len() {
            if self.from >= self.window.end {
                self.search(backward);
            }
            let skipped = self.from - self.window.start;
            let found = self.found[skipped..]
                .iter()
                .position(|&index| index != NOTHING);
            let Some(at) = found.map(|index| skipped + index) else {
                self.from = self.window.end;
                continue;
            };
            let start = self.window.start + at;
            let index = self.found[at] as usize;
            self.from = start + backward.lengths[index];
            return Some(SpecialMatch {
                start,
                end: self.from,
                index,
            });
        }
        None
    }
}

fn refused(error: aho_corasick::BuildError) -> Error {
    Error::InvalidArgument {
        name: "special_tokens",
        reason: error.to_string(),
    }
}

/// Refuses a list of special tokens in which one comes twice.
pub fn refuse_duplicates(texts: &[String]) -> Result<()> {
    let mut seen = HashSet::new();
    match texts.iter().find(|text| !seen.insert(text.as_str())) {
        None => Ok(()),
        Some(twice) => Err(Error::InvalidArgument {
            name: "special_tokens",
            reason: format!("{} comes twice", quote(twice)),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The leftmost, and the longest of several, by trying all.
    fn reference(texts: &[Vec<u8>], text: &[u8], from: usize) -> Vec<SpecialMatch> {
        let mut found = Vec::new();
        let mut start = from;
        while start < text.len() {
            let longest = (0..texts.len())
                .filter(|&index| text[start..].starts_with(&texts[index]))
                .max_by_key(|&index| texts[index].len());
            match longest {
                None => start += 1,
                Some(index) => {
                    let end = start + texts[index].len();
                    found.push(SpecialMatch { start, end, index });
                    start = end;
                }
            }
        }
        found
    }

    #[test]
    fn long_tokens_are_found_as_short_ones_are() {
        let run = |byte: u8, length: usize| vec![byte; length];
        let most = LONG + 1;
        for texts in [
            vec![run(b'a', 2), run(b'a', 5)],
            vec![run(b'a', 2), run(b'a', most)],
            vec![
                run(b'a', most),
                run(b'a', 3),
                b"ab".to_vec(),
                b"ba".to_vec(),
            ],
            vec![
                [run(b'a', most), run(b'b', 2)].concat(),
                run(b'a', 7),
                run(b'b', 1),
            ],
        ] {
            let matcher = SpecialMatcher::new(&texts).unwrap().unwrap();
            for text in [
                Vec::new(),
                run(b'a', most - 1),
                run(b'a', 3 * most + 1),
                [
                    run(b'a', most),
                    b"bab".to_vec(),
                    run(b'a', most + 3),
                    b"bb".to_vec(),
                ]
                .concat(),
                [run(b'a', 2 * most), b"c".to_vec(), run(b'a', most - 1)].concat(),
            ] {
                for from in [0, 1, 100].map(|from| text.len().min(from)) {
                    let found: Vec<_> = matcher.matches(&text, from).collect();
                    assert_eq!(found, reference(&texts, &text, from));
                }
            }
        }
    }

    #[test]
    fn windows_do_not_change_what_is_found() {
        let texts = [vec![b'a'; LONG + 1], b"aab".to_vec(), b"a".to_vec()];
        let matcher = SpecialMatcher::new(&texts).unwrap().unwrap();
        let unit = [vec![b'a'; 3 * LONG], b"bxx".to_vec()].concat();
        let text = unit.repeat(2 * WINDOW / unit.len());
        let mut whole = Vec::new();
        // In units: what is found in one does not depend on those before.
        for start in (0..text.len()).step_by(unit.len()) {
            whole.extend(
                reference(&texts, &unit, 0)
                    .into_iter()
                    .map(|found| SpecialMatch {
                        start: start + found.start,
                        end: start + found.end,
                        ..found
                    }),
            );
        }
        assert!(matcher.matches(&text, 0).eq(whole));
    }
}
