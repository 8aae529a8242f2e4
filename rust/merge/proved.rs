//! Merges pretokens whose units all have tokens, by the fastest way that is proved to be exact.

use crate::lazy::{Lazy, Made};
use crate::merge::Scratch;
use crate::merge::by_rank::{MergeQueue, SHORT, merge_few, merge_long, merge_short};
use crate::merge::candidates::{Ranked, listed};
use crate::merge::last_merges::LastMerges;
use crate::merge::longest_match::LongestMatch;
use crate::merge::pairs::BytePairs;
use crate::merge::units::UnitTable;
use crate::merge::windows::Merging;
use crate::vocab::{Bpe, MergeRule, Tokens};

/// Tables that rest on what merging can make.
pub(super) struct Proved {
    /// If units are bytes.
    pub bytes: Option<BytePairs>,
    pub last_merges: LastMerges,
    /// For long pretokens, which many a process never meets.
    longest_match: Lazy<LongestMatch>,
}

impl Proved {
    pub fn new(bpe: &Bpe, units: &UnitTable) -> Self {
        let tokens = &bpe.tokens;
        let last_merges = match bpe.rule {
            MergeRule::Listed { .. } => {
                LastMerges::derive(tokens, units, |visit| listed(&bpe.merges, visit))
            }
            MergeRule::Ranked => {
                let ranked = Ranked::new(tokens);
                LastMerges::derive(tokens, units, |visit| ranked.visit(visit))
            }
        };
        Proved {
            bytes: units
                .bytes()
                .map(|bytes| BytePairs::new(*bytes, &last_merges.pairs)),
            last_merges,
            longest_match: Lazy::default(),
        }
    }

    /// The tables for long pretokens.
    pub fn longest_match(&self, tokens: &Tokens) -> Made<'_, LongestMatch> {
        self.longest_match
            .get(|| LongestMatch::new(tokens, |id| self.last_merges.is_made(id)))
    }

    /// Appends what a pretoken, whose units all have tokens, merges into.
    pub fn merge(
        &self,
        units: &UnitTable,
        tokens: &Tokens,
        pretoken: &[u8],
        work: &mut Scratch,
        ids: &mut Vec<u32>,
    ) {
        let Scratch {
            queue,
            search,
            windows,
            pair,
            stop,
            ..
        } = work;
        let pairs = &self.last_merges.pairs;
        match &self.bytes {
            Some(bytes) if pretoken.len() == 1 => return ids.push(bytes.id(pretoken[0])),
            Some(bytes) if pretoken.len() <= SHORT => {
                return merge_short(bytes, pairs, pretoken, ids);
            }
            None if pretoken.len() <= SHORT => {
                pair.clear();
                pair.extend(units.spell(pretoken));
                return merge_few(pairs, pair, ids);
            }
            _ => {}
        }
        let windows = self.bytes.as_ref().map(|bytes| Merging {
            windows: windows.get_or_insert_default(),
            bytes,
            pairs,
        });
        let longest_match = self.longest_match(tokens);
        if self.last_merges.ordered {
            let can_touch = |left, right| self.last_merges.can_touch(left, right);
            longest_match.encode(pretoken, windows, search, stop, ids, can_touch);
        } else {
            let can_touch = |left, right| self.stay_apart(units, tokens, left, right, queue, pair);
            longest_match.encode(pretoken, windows, search, stop, ids, can_touch);
        }
    }

    /// Whether merging the units of `left` and then `right` gives these two tokens; for
    /// any vocabulary, by doing it.
    pub fn stay_apart(
        &self,
        units: &UnitTable,
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
        match &self.bytes {
            Some(bytes) if first.len() + second.len() <= SHORT => {
                let mut both = [0; SHORT];
                both[..first.len()].copy_from_slice(first);
                both[first.len()..][..second.len()].copy_from_slice(second);
                let both = &both[..first.len() + second.len()];
                merge_short(bytes, pairs, both, pair);
            }
            _ => {
                let both = units.spell(first).chain(units.spell(second));
                merge_long(pairs, both, queue, pair, |_, _, _| {});
            }
        }
        pair[..] == [left, right]
    }
}
