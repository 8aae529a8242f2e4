//! Turns one pretoken into ids: the tables of a BPE vocabulary, and the
//! choice among the algorithms that use them. All of them give the same ids.

mod by_rank;
mod candidates;
mod character_cuts;
mod cuts;
mod id_order;
mod last_merges;
mod long_tokens;
mod longest_match;
mod pairs;
mod proved;
mod search;
mod sorted;
mod together;
mod trie;
mod units;
mod windows;

pub(crate) use candidates::{effective, spellings};
pub(crate) use id_order::difference_from_id_order;
pub(crate) use together::{TOGETHER, Together};
pub(crate) use units::Start;

use crate::error::{Error, Result, quote_bytes};
use crate::merge::by_rank::{MergeQueue, merge_long};
use crate::merge::candidates::listed;
use crate::merge::character_cuts::CharacterCuts;
use crate::merge::cuts::Cuts;
use crate::merge::last_merges::Candidate;
use crate::merge::pairs::{Merged, PairTable};
use crate::merge::proved::Proved;
use crate::merge::search::Search;
use crate::merge::trie::Trie;
use crate::merge::units::UnitTable;
use crate::merge::windows::Windows;
use crate::threads::{Stop, both};
use crate::vocab::{Bpe, Merge, MergeRule, Tokens};

/// Everything that encoding a pretoken looks up.
pub(crate) struct BpeTables {
    units: UnitTable,
    engine: Engine,
    /// The length of the longest token if whole pretokens are looked up, else 0.
    longest_whole: usize,
    cuts: Cutter,
    /// Whether a place can be cut only where both neighbours are known.
    guarded: bool,
}

/// How the units of a pretoken are merged.
enum Engine {
    /// By tables that rest on what merging can make. Text without a token is as a border.
    Proved(Box<Proved>),
    /// By the definition: units are spelled by where they are in a pretoken, or what text without
    /// a token becomes takes part in merges.
    Defined(PairTable),
}

/// Where pretokens can be cut.
enum Cutter {
    /// Nowhere: parts of them are not to be looked up as they are.
    Nowhere,
    Bytes(Cuts),
    Characters(CharacterCuts),
}

/// The working memory of encoding one pretoken.
#[derive(Default)]
pub(crate) struct Scratch {
    queue: MergeQueue,
    search: Search,
    windows: Option<Box<Windows>>,
    /// What the bytes of two tokens merge into.
    pair: Vec<u32>,
    starts: Vec<Start>,
    /// How many units had no token so far, and were left out or became the unknown token.
    pub missing: u64,
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
        let units = UnitTable::new(bpe);
        Trie::check(tokens)?;
        match bpe.rule {
            MergeRule::Listed { .. } => check_merges(bpe)?,
            MergeRule::Ranked => {
                if !bpe.merges.is_empty() {
                    return Err(invalid("a ranked vocabulary has a list of merges".into()));
                }
                if let Some(byte) = units.missing_byte() {
                    return Err(Error::Unsupported {
                        what: format!("a vocabulary without a token for byte 0x{byte:02X}"),
                    });
                }
            }
        }
        let longest = |(_, token): (u32, &[u8])| token.len();
        let longest_whole = match bpe.rule {
            MergeRule::Listed {
                ignore_merges: false,
            } => 0,
            _ => tokens.iter().map(longest).max().unwrap_or(0),
        };
        let merges_substitutes = bpe.merges.iter().any(|&Merge { left, right, .. }| {
            units.is_substitute(left) || units.is_substitute(right)
        });
        if merges_substitutes || !bpe.units.are_plain() {
            let mut pairs = PairTable::with_capacity(bpe.merges.len());
            listed(&bpe.merges, &mut |Candidate {
                                          left,
                                          right,
                                          merged,
                                      }| {
                pairs.insert(left, right, merged);
            });
            return Ok(BpeTables {
                units,
                engine: Engine::Defined(pairs),
                longest_whole,
                cuts: Cutter::Nowhere,
                guarded: false,
            });
        }
        let by_bytes = units.bytes().is_some();
        let (byte_cuts, proved) = both(
            tokens.are_many() && by_bytes,
            || by_bytes.then(|| Cuts::new(tokens)),
            || Proved::new(bpe, &units),
        );
        let is_made = |id| proved.last_merges.is_made(id);
        // A part that is a token must become that token, as merging would have it.
        let as_merged = longest_whole == 0 || tokens.iter().all(|(id, _)| is_made(id));
        let cuts = match byte_cuts {
            _ if !as_merged => Cutter::Nowhere,
            Some(cuts) => Cutter::Bytes(cuts),
            None => Cutter::Characters(CharacterCuts::new(tokens, is_made)),
        };
        Ok(BpeTables {
            cuts,
            guarded: units.unknown_ones_interact(),
            units,
            engine: Engine::Proved(Box::new(proved)),
            longest_whole,
        })
    }

    /// Whether a pretoken of the token's bytes becomes the token.
    pub fn is_whole(&self, id: u32) -> bool {
        let is_made = match &self.engine {
            Engine::Proved(proved) => proved.last_merges.is_made(id),
            Engine::Defined(_) => false,
        };
        self.longest_whole > 0 || is_made
    }

    /// Whether long pretokens can be cut.
    pub fn has_cuts(&self) -> bool {
        matches!(self.cuts, Cutter::Bytes(_))
    }

    /// Whether pretokens are cut wherever they can be: one may be a whole document.
    pub fn cuts_all(&self) -> bool {
        matches!(self.cuts, Cutter::Characters(_))
    }

    /// Adds to `ends` where the pretoken `text[start..end]` can be cut, and its end.
    pub fn cut(&self, text: &[u8], start: usize, end: usize, ends: &mut Vec<usize>) {
        self.cut_some(text, start, end, ends, usize::MAX);
    }

    /// The same up to at most `most` places, where that is possible; returns the last of them,
    /// from which it can go on.
    pub fn cut_some(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        ends: &mut Vec<usize>,
        most: usize,
    ) -> usize {
        let known = |left: &[u8], right: &[u8]| self.units.knows_around(left, right);
        match &self.cuts {
            Cutter::Nowhere => ends.push(end),
            Cutter::Bytes(cuts) if self.guarded => cuts.cut(text, start, end, ends, known),
            Cutter::Bytes(cuts) => cuts.cut(text, start, end, ends, |_, _| true),
            Cutter::Characters(cuts) if self.guarded => {
                return cuts.cut(text, start, end, ends, most, known);
            }
            Cutter::Characters(cuts) => {
                return cuts.cut(text, start, end, ends, most, |_, _| true);
            }
        }
        end
    }

    /// Whether every text has ids.
    pub fn is_complete(&self) -> bool {
        self.units.is_complete()
    }

    /// The tokens that merging starts from: units, however they are spelled, and what others
    /// become.
    pub fn starts(&self, tokens: &Tokens) -> Vec<u32> {
        let all = tokens.iter();
        all.filter(|&(id, token)| self.units.is_spelled(token) || self.units.is_substitute(id))
            .map(|(id, _)| id)
            .collect()
    }

    /// Appends the ids of one pretoken; only some of them after `work.stop` was set.
    pub fn encode(&self, tokens: &Tokens, pretoken: &[u8], work: &mut Scratch, ids: &mut Vec<u32>) {
        match self.whole(tokens, pretoken) {
            Some(id) => ids.push(id),
            None => self.merge(tokens, pretoken, work, ids),
        }
    }

    /// The token that a pretoken is looked up as, if whole ones are.
    fn whole(&self, tokens: &Tokens, pretoken: &[u8]) -> Option<u32> {
        let looked_up = pretoken.len() <= self.longest_whole;
        looked_up.then(|| tokens.id(pretoken)).flatten()
    }

    /// Like [`BpeTables::encode`], for a pretoken that is not one of the tokens.
    pub fn merge(&self, tokens: &Tokens, pretoken: &[u8], work: &mut Scratch, ids: &mut Vec<u32>) {
        match &self.engine {
            Engine::Proved(proved) if self.units.knows(pretoken) => {
                proved.merge(&self.units, tokens, pretoken, work, ids);
            }
            _ => self.define(tokens, pretoken, work, ids),
        }
    }

    /// Adds a short pretoken that is no token to those that are merged together. Returns false if
    /// it is not to be merged by tables of bytes.
    pub fn add(&self, pretoken: &[u8], together: &mut Together) -> bool {
        match &self.engine {
            Engine::Proved(proved) if self.units.knows(pretoken) => {
                let bytes = proved.bytes.as_ref();
                bytes.map(|bytes| together.add(bytes, pretoken)).is_some()
            }
            _ => false,
        }
    }

    /// The ids of a pretoken of two bytes that is no token: nothing merges in it. None if it is not to be
    /// merged by tables of bytes.
    pub fn two(&self, pretoken: &[u8]) -> Option<[u32; 2]> {
        match (&self.engine, pretoken) {
            (Engine::Proved(proved), &[first, second]) if self.units.knows(pretoken) => {
                let bytes = proved.bytes.as_ref()?;
                Some([bytes.id(first), bytes.id(second)])
            }
            _ => None,
        }
    }

    /// Merges those that were added.
    pub fn merge_together(&self, together: &mut Together) {
        together.merge(self.pairs());
    }

    /// Merges by the definition.
    fn define(&self, tokens: &Tokens, pretoken: &[u8], work: &mut Scratch, ids: &mut Vec<u32>) {
        let Scratch {
            queue,
            starts,
            missing,
            ..
        } = work;
        *missing += self.units.starts(tokens, pretoken, starts);
        let starts = starts.iter().map(|start| start.id);
        merge_long(self.pairs(), starts, queue, ids, |_, _, _| {});
    }

    /// Replaces `ids` with those of a pretoken's units, of which merging makes others; returns how
    /// many units have no token and do not fall back.
    pub fn unmerged(
        &self,
        tokens: &Tokens,
        pretoken: &[u8],
        starts: &mut Vec<Start>,
        ids: &mut Vec<u32>,
    ) -> u64 {
        ids.clear();
        if self.units.is_complete() {
            ids.extend(self.units.spell(pretoken));
            return 0;
        }
        let missing = self.units.starts(tokens, pretoken, starts);
        ids.extend(starts.iter().map(|start| start.id));
        missing
    }

    /// The first unit of a pretoken that has no token and does not fall back, and where it is.
    pub fn first_missing(
        &self,
        tokens: &Tokens,
        pretoken: &[u8],
        looks_up_whole: bool,
    ) -> Option<(usize, Vec<u8>)> {
        if looks_up_whole && self.whole(tokens, pretoken).is_some() {
            return None;
        }
        self.units.first_missing(tokens, pretoken)
    }

    /// Whether text without a token is refused.
    pub fn refuses_missing(&self) -> bool {
        self.units.refuses_missing()
    }

    fn pairs(&self) -> &PairTable {
        match &self.engine {
            Engine::Proved(proved) => &proved.last_merges.pairs,
            Engine::Defined(pairs) => pairs,
        }
    }

    /// What each id of a pretoken stands for in it, in order: appends starts and ends, which
    /// count from `offset`.
    pub fn spans(
        &self,
        tokens: &Tokens,
        pretoken: &[u8],
        offset: i64,
        work: &mut Scratch,
        spans: &mut Vec<(i64, i64)>,
    ) {
        let mut push = |start: usize, end: usize| {
            spans.push((offset + start as i64, offset + end as i64));
        };
        if self.whole(tokens, pretoken).is_some() {
            return push(0, pretoken.len());
        }
        let Scratch {
            queue,
            starts,
            pair,
            ..
        } = work;
        self.units.starts(tokens, pretoken, starts);
        let ids = starts.iter().map(|start| start.id);
        pair.clear();
        merge_long(self.pairs(), ids, queue, pair, |_, _, _| {});
        let mut open: Option<(usize, usize)> = None;
        for (part, Start { span, .. }) in queue.parts().zip(&*starts) {
            match (&mut open, part) {
                (Some(open), None) => open.1 = span.1,
                (previous, _) => {
                    if let Some((start, end)) = previous.replace(*span) {
                        push(start, end);
                    }
                }
            }
        }
        if let Some((start, end)) = open {
            push(start, end);
        }
    }

    /// The merges that can occur, in order of rank.
    pub fn merges(&self, bpe: &Bpe) -> Vec<Merge> {
        let Engine::Proved(proved) = &self.engine else {
            return bpe.merges.clone();
        };
        proved.last_merges.merges()
    }
}

fn invalid(reason: String) -> Error {
    Error::InvalidVocab { reason }
}

/// Refuses merges of tokens that do not exist, that do not spell their result, or
/// that come twice.
fn check_merges(bpe: &Bpe) -> Result<()> {
    if bpe.merges.len() >= u32::MAX as usize - 2 {
        return Err(invalid("too many merges".into()));
    }
    let mut seen = PairTable::with_capacity(bpe.merges.len());
    for (position, &Merge { left, right, id }) in bpe.merges.iter().enumerate() {
        let token = |id: u32| {
            bpe.tokens.get(id).ok_or_else(|| {
                invalid(format!(
                    "merge {position} names id {id}, which has no token"
                ))
            })
        };
        let (left_token, right_token, result) = (token(left)?, token(right)?, token(id)?);
        // Whatever it is, as many bytes of the right token are taken off.
        let right_part = right_token.get(bpe.units.prefix.len()..);
        if right_part.is_none() || result.strip_prefix(left_token) != right_part {
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

#[cfg(test)]
mod tests;
