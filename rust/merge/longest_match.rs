//! Encodes a pretoken from left to right by longest match with backtracking.
//!
//! A sequence of tokens is the encoding of its text if and only if every two neighbouring
//! tokens can be adjacent, and every text has one encoding. So: take the longest token that
//! fits and can follow the previous one. If none can, the position is on no path to the
//! end, because the tokens before it are the only ones that lead to it; it is never tried
//! again. This bounds the work by the number of tokens that are prefixes of the text at
//! each position. The idea is that of the Rust crate `bpe`.

use crate::merge::sorted::{NO_TOKEN, Sorted};
use crate::merge::trie::Trie;
use crate::threads::Stop;
use crate::vocab::Tokens;

/// The number of steps between two looks at `stop`: about a twentieth of a second.
const STOP_STEPS: u64 = 1 << 18;

/// The tables that find the longest token at a position, and the next shorter ones.
pub(crate) struct LongestMatch {
    trie: Trie,
    /// The longest token that is a proper prefix of each token.
    shorter: Vec<u32>,
    lengths: Vec<u32>,
}

/// The positions from which no path leads to the end, a bit each.
#[derive(Default)]
pub(crate) struct DeadPositions(Vec<u64>);

impl DeadPositions {
    fn reset(&mut self, length: usize) {
        self.0.clear();
        self.0.resize(length / 64 + 1, 0);
    }

    fn mark(&mut self, position: usize) {
        self.0[position / 64] |= 1 << (position % 64);
    }

    fn contains(&self, position: usize) -> bool {
        self.0[position / 64] & 1 << (position % 64) != 0
    }
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

    /// Appends the encoding of `text`, whose units all have tokens, to `ids`. `can_touch(left, right)` says whether
    /// merging the units of two tokens gives these two tokens. Ends early once `stop` is set.
    pub fn encode(
        &self,
        text: &[u8],
        dead: &mut DeadPositions,
        stop: &Stop,
        ids: &mut Vec<u32>,
        mut can_touch: impl FnMut(u32, u32) -> bool,
    ) {
        let base = ids.len();
        dead.reset(text.len());
        let mut position = 0;
        let mut token = self.trie.longest(text);
        for step in 0_u64.. {
            if position == text.len() || step % STOP_STEPS == STOP_STEPS - 1 && stop.is_set() {
                break;
            }
            let end = position + self.lengths[token as usize] as usize;
            let fits = !dead.contains(end)
                && ids[base..]
                    .last()
                    .is_none_or(|&last| can_touch(last, token));
            if fits {
                ids.push(token);
                position = end;
                token = self.trie.longest(&text[position..]);
                continue;
            }
            token = self.shorter[token as usize];
            while token == NO_TOKEN {
                dead.mark(position);
                assert!(ids.len() > base, "every text has an encoding");
                let last = ids.pop().unwrap_or_default();
                position -= self.lengths[last as usize] as usize;
                token = self.shorter[last as usize];
            }
        }
    }
}
