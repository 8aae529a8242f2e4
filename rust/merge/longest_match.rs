//! Encodes a pretoken from left to right by longest match with backtracking.
//!
//! A sequence of tokens is the encoding of its text if and only if every two neighbouring
//! tokens can be adjacent, and every text has one encoding. So: take the longest token that
//! fits and can follow the previous one. If none can, the position is on no path to the
//! end, because the tokens before it are the only ones that lead to it; it is never tried
//! again. This bounds the work by the number of tokens that are prefixes of the text at
//! each position. The idea is that of the Rust crate `bpe`.
//!
//! In most texts [`windows`](crate::merge::windows) leave little to search.

use crate::merge::search::Search;
use crate::merge::sorted::{NO_TOKEN, Sorted};
use crate::merge::trie::Trie;
use crate::merge::windows::Merging;
use crate::threads::Stop;
use crate::vocab::Tokens;

/// The number of steps between two looks at `stop`: about a twentieth of a second.
const STOP_STEPS: u64 = 1 << 14;

/// The tables that find the longest token at a position, and the next shorter ones.
pub(crate) struct LongestMatch {
    trie: Trie,
    /// The longest token that is a proper prefix of each token.
    shorter: Vec<u32>,
    lengths: Vec<u32>,
}

impl LongestMatch {
    /// Builds the tables for the tokens that merging can make.
    pub fn new(tokens: &Tokens, is_made: impl Fn(u32) -> bool) -> Self {
        let lengths = tokens.lengths();
        let sorted = Sorted::forward(tokens, &is_made);
        LongestMatch {
            trie: Trie::new(tokens, &sorted),
            shorter: sorted.shorter(&lengths),
            lengths,
        }
    }

    /// Appends the encoding of `text`, whose units all have tokens, to `ids`. `can_touch(left, right)`
    /// says whether merging the units of two tokens gives these two tokens. Ends early once `stop`
    /// is set.
    pub fn encode(
        &self,
        text: &[u8],
        mut merging: Option<Merging<'_>>,
        search: &mut Search,
        stop: &Stop,
        ids: &mut Vec<u32>,
        mut can_touch: impl FnMut(u32, u32) -> bool,
    ) {
        let base = ids.len();
        search.begin(text);
        let Search {
            dead,
            places,
            followers,
        } = search;
        if let Some(merging) = &mut merging {
            merging.begin();
        }
        let mut position = 0;
        // The tokens up to this one are as windows gave them: longer ones were not tried there.
        let mut given = base;
        let mut token = places.longest(&self.trie, text, 0);
        // Whether nothing was tried at `position` yet.
        let mut is_new = true;
        for step in 0_u64.. {
            if position == text.len() || step % STOP_STEPS == STOP_STEPS - 1 && stop.is_set() {
                break;
            }
            if is_new
                && let Some(merging) = &mut merging
                && merging.has(text, position)
            {
                let before = position;
                while let Some(window) = merging.get(position)
                    && window.join(position, base, ids, |id| self.length(id), &mut can_touch)
                {
                    position = window.end;
                    merging.advance();
                }
                if position > before {
                    given = ids.len();
                    token = places.longest(&self.trie, text, position);
                    continue;
                }
            }
            if let Some(&last) = ids[base..].last() {
                token = followers.first(last, token, || {
                    let mut first = token;
                    while first != NO_TOKEN && !can_touch(last, first) {
                        first = self.shorter[first as usize];
                    }
                    first
                });
            }
            is_new = token != NO_TOKEN && !dead.contains(position + self.length(token));
            if is_new {
                ids.push(token);
                position += self.length(token);
                token = places.longest(&self.trie, text, position);
            } else if token != NO_TOKEN {
                token = self.shorter[token as usize];
            } else {
                dead.mark(position);
                assert!(ids.len() > base, "every text has an encoding");
                let last = ids.pop().unwrap_or_default();
                position -= self.length(last);
                token = match ids.len() < given {
                    true => places.longest(&self.trie, text, position),
                    false => self.shorter[last as usize],
                };
                given = given.min(ids.len());
            }
        }
    }

    #[inline(always)]
    fn length(&self, token: u32) -> usize {
        self.lengths[token as usize] as usize
    }
}
