//! Turns one pretoken into ids: the tables of a byte-level BPE vocabulary, and the
//! choice among the algorithms that use them. All of them give the same ids.

mod by_rank;
mod cuts;
mod id_order;
mod last_merges;
mod long_tokens;
mod longest_match;
mod pairs;
mod trie;

pub(crate) use id_order::difference_from_id_order;

use crate::error::{Error, Result, quote_bytes};
use crate::merge::by_rank::{MergeQueue, SHORT, merge_long, merge_short};
use crate::merge::cuts::Cuts;
use crate::merge::last_merges::{Candidate, LastMerge, LastMerges};
use crate::merge::longest_match::{DeadPositions, LongestMatch};
use crate::merge::pairs::{BytePairs, Merged, PairTable};
use crate::merge::trie::Trie;
use crate::threads::Stop;
use crate::vocab::{Bpe, Merge, MergeRule, Tokens};

/// Everything that encoding a pretoken looks up.
pub(crate) struct BpeTables {
    bytes: BytePairs,
    last_merges: LastMerges,
    longest_match: LongestMatch,
    /// The length of the longest token if whole pretokens are looked up, else 0.
    longest_whole: usize,
    /// Where pretokens can be cut; `None` if parts of them are not to be looked up as they are.
    pub cuts: Option<Cuts>,
}

/// The working memory of encoding one pretoken.
#[derive(Default)]
pub(crate) struct Scratch {
    queue: MergeQueue,
    dead: DeadPositions,
    /// What the bytes of two tokens merge into.
    pair: Vec<u32>,
    /// Set once the result is no longer wanted.
    pub stop: Stop,
}

impl Scratch {
    pub fn new(stop: Stop) -> Self {
        Scratch {
            stop,
            ..Scratch::default()
        }
    }
}

impl BpeTables {
    /// Checks a vocabulary and builds its tables.
    pub fn new(bpe: &Bpe) -> Result<Self> {
        let tokens = &bpe.tokens;
        let alphabet = tokens.alphabet()?;
        let trie = Trie::forward(tokens)?;
        let last_merges = match bpe.rule {
            MergeRule::Listed { .. } => {
                check_merges(tokens, &bpe.merges)?;
                LastMerges::derive(tokens, &alphabet, |visit| listed(&bpe.merges, visit))
            }
            MergeRule::Ranked => {
                if !bpe.merges.is_empty() {
                    return Err(invalid("a ranked vocabulary has a list of merges".into()));
                }
                let backward = Trie::backward(tokens)?;
                LastMerges::derive(tokens, &alphabet, |visit| {
                    ranked(tokens, &trie, &backward, visit);
                })
            }
        };
        let longest_match = LongestMatch::new(tokens, &last_merges, trie);
        let longest_whole = match bpe.rule {
            MergeRule::Listed {
                ignore_merges: false,
            } => 0,
            _ => tokens
                .iter()
                .map(|(_, token)| token.len())
                .max()
                .unwrap_or(0),
        };
        // A part that is a token must become that token, as merging would have it.
        let as_merged = longest_whole == 0 || tokens.iter().all(|(id, _)| last_merges.is_made(id));
        Ok(BpeTables {
            cuts: as_merged.then(|| Cuts::new(tokens)),
            bytes: BytePairs::new(alphabet, &last_merges.pairs),
            last_merges,
            longest_match,
            longest_whole,
        })
    }

    /// Whether a pretoken of the token's bytes becomes the token.
    pub fn is_whole(&self, id: u32) -> bool {
        self.longest_whole > 0 || self.last_merges.is_made(id)
    }

    /// Appends the ids of one pretoken; only some of them after `work.stop` was set.
    pub fn encode(&self, tokens: &Tokens, pretoken: &[u8], work: &mut Scratch, ids: &mut Vec<u32>) {
        if pretoken.len() <= self.longest_whole
            && let Some(id) = tokens.id(pretoken)
        {
            ids.push(id);
            return;
        }
        self.merge(tokens, pretoken, work, ids);
    }

    /// Like [`BpeTables::encode`], for a pretoken that is not one of the tokens.
    pub fn merge(&self, tokens: &Tokens, pretoken: &[u8], work: &mut Scratch, ids: &mut Vec<u32>) {
        if let &[byte] = pretoken {
            ids.push(self.bytes.id(byte));
            return;
        }
        let Scratch {
            queue,
            dead,
            pair,
            stop,
        } = work;
        if pretoken.len() <= SHORT {
            merge_short(&self.bytes, &self.last_merges.pairs, pretoken, ids);
        } else if self.last_merges.ordered {
            let can_touch = |left, right| self.last_merges.can_touch(left, right);
            self.longest_match
                .encode(pretoken, dead, stop, ids, can_touch);
        } else {
            let can_touch = |left, right| self.stay_apart(tokens, left, right, queue, pair);
            self.longest_match
                .encode(pretoken, dead, stop, ids, can_touch);
        }
    }

    /// The ids of the bytes of a text.
    fn spelled<'t>(&self, text: &'t [u8]) -> impl Iterator<Item = u32> + use<'t, '_> {
        text.iter().map(|&byte| self.bytes.id(byte))
    }

    /// Whether merging the bytes of `left` and then `right` gives these two tokens; for
    /// any vocabulary, by doing it.
    fn stay_apart(
        &self,
        tokens: &Tokens,
        left: u32,
        right: u32,
        queue: &mut MergeQueue,
        pair: &mut Vec<u32>,
    ) -> bool {
        let pairs = &self.last_merges.pairs;
        if pairs.get(left, right).is_some() {
            return false;
        }
        let token = |id| tokens.get(id).unwrap_or_default();
        let (first, second) = (token(left), token(right));
        pair.clear();
        if first.len() + second.len() <= SHORT {
            let mut both = [0; SHORT];
            both[..first.len()].copy_from_slice(first);
            both[first.len()..][..second.len()].copy_from_slice(second);
            let both = &both[..first.len() + second.len()];
            merge_short(&self.bytes, pairs, both, pair);
        } else {
            let both = self.spelled(first).chain(self.spelled(second));
            merge_long(pairs, both, queue, pair, |_, _, _| {});
        }
        pair[..] == [left, right]
    }

    /// The merges that can occur, in order of rank.
    pub fn merges(&self) -> Vec<Merge> {
        let mut merges: Vec<(u32, Merge)> = (0..self.last_merges.len() as u32)
            .filter_map(|id| {
                let LastMerge { rank, left, right } = self.last_merges.get(id)?;
                Some((rank, Merge { left, right, id }))
            })
            .collect();
        merges.sort_unstable_by_key(|&(rank, _)| rank);
        merges.into_iter().map(|(_, merge)| merge).collect()
    }
}

fn invalid(reason: String) -> Error {
    Error::InvalidVocab { reason }
}

/// Refuses merges of tokens that do not exist, that do not spell their result, or
/// that come twice.
fn check_merges(tokens: &Tokens, merges: &[Merge]) -> Result<()> {
    if merges.len() >= u32::MAX as usize - 2 {
        return Err(invalid("too many merges".into()));
    }
    let mut seen = PairTable::with_capacity(merges.len());
    for (position, &Merge { left, right, id }) in merges.iter().enumerate() {
        let token = |id: u32| {
            tokens.get(id).ok_or_else(|| {
                invalid(format!(
                    "merge {position} names id {id}, which has no token"
                ))
            })
        };
        let (left_token, right_token, result) = (token(left)?, token(right)?, token(id)?);
        if result.strip_prefix(left_token) != Some(right_token) {
            return Err(invalid(format!(
                "merge {position} joins {} and {}, but its result is {}",
                quote_bytes(left_token),
                quote_bytes(right_token),
                quote_bytes(result)
            )));
        }
        if !seen.insert(left, right, Merged { rank: 1, id }) {
            return Err(invalid(format!(
                "merge {position} joins {} and {}, as an earlier one does",
                quote_bytes(left_token),
                quote_bytes(right_token)
            )));
        }
    }
    Ok(())
}

/// The candidates of a vocabulary with listed merges. Rank 0 is that of single bytes.
fn listed(merges: &[Merge], visit: &mut dyn FnMut(Candidate)) {
    for (rank, &Merge { left, right, id }) in (1..).zip(merges) {
        visit(Candidate {
            left,
            right,
            merged: Merged { rank, id },
        });
    }
}

/// The candidates of a ranked vocabulary: every way to spell a token as two tokens.
fn ranked(tokens: &Tokens, forward: &Trie, backward: &Trie, visit: &mut dyn FnMut(Candidate)) {
    // By length, the token that is a prefix of the current one.
    let mut prefixes = Vec::new();
    for (id, token) in tokens.iter().filter(|(_, token)| token.len() > 1) {
        prefixes.clear();
        prefixes.resize(token.len(), None);
        forward.prefixes(id, token.len(), |length, prefix| {
            prefixes[length] = Some(prefix)
        });
        backward.prefixes(id, token.len(), |length, right| {
            if let Some(left) = prefixes[token.len() - length] {
                visit(Candidate {
                    left,
                    right,
                    merged: Merged { rank: id + 1, id },
                });
            }
        });
    }
}

#[cfg(test)]
mod tests;
