//! BPE-dropout: merges that are left out at random, so that a model sees a text divided in many
//! ways (I. Provilkov, D. Emelianenko, E. Voita, "BPE-Dropout", ACL 2020).
//!
//! At each step, the merges that are possible are looked at in their usual order, by rank and
//! then from left to right. Each is dropped with the given probability, for this step alone; the
//! first one that is not is applied. Merging ends at a step that drops them all. Whole pretokens
//! are not looked up, and nothing is remembered.
//!
//! A decision is a hash of what it is for: seed, epoch, sample (the number of the document), where
//! in the document the pretoken starts, and how many decisions the pretoken took before. The hash
//! is that of `bpe_tool/batching/sampling/random.py`. So ids do not depend on threads, nor on how
//! a stream is cut into blocks.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::error::{Error, Result};
use crate::lazy::Made;
use crate::merge::{BpeTables, Start};
use crate::threads::Stop;
use crate::tokenizer::{Encoding, Tokenizer};
use crate::vocab::{Bpe, Merge, Model, Tokens};

/// What the random numbers are for, among those of the Python package: `Stream.DROPOUT` there.
const STREAM: u64 = 8;

/// About the number of steps between two looks at whether to stop.
const PATIENCE: u32 = 1 << 14;

/// No neighbour, or a part that was merged into its left neighbour.
const GONE: u32 = u32::MAX;

/// Which merges are dropped.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dropout {
    /// The probability that a merge is dropped: from 0 to 1.
    pub probability: f64,
    pub seed: u64,
    pub epoch: u64,
    /// The number of the first document.
    pub sample: u64,
}

/// Rank and result of every merge, by its pair.
pub(crate) type Merges = HashMap<(u32, u32), (u32, u32), FixedState>;

impl Tokenizer {
    /// The merges that [`Tokenizer::merges`] lists. Refused if the vocabulary has none.
    pub(crate) fn droppable(&self) -> Result<Made<'_, Merges>> {
        self.bpe()?;
        Ok(self.droppable.get(|| {
            let merges = self.listed_merges();
            let by_pair =
                |(rank, merge): (u32, &Merge)| ((merge.left, merge.right), (rank, merge.id));
            (0..).zip(merges.iter()).map(by_pair).collect()
        }))
    }

    fn bpe(&self) -> Result<(&Bpe, &BpeTables)> {
        match (&self.vocab().model, &self.encoding) {
            (Model::Bpe(bpe), Encoding::Bpe(tables)) => Ok((bpe, tables)),
            _ => Err(Error::InvalidArgument {
                name: "dropout",
                reason: "this vocabulary has no merges that could be dropped".into(),
            }),
        }
    }
}

/// Encodes pretokens with dropout.
pub(super) struct DropoutEncoder<'t> {
    tokens: &'t Tokens,
    tables: &'t BpeTables,
    merges: Made<'t, Merges>,
    dropout: Dropout,
    max_pretoken_bytes: usize,
    stop: Stop,
    /// The hash of seed, epoch and stream.
    key: u64,
    /// The number of the current document, counted from the first one, and the hash with it.
    document: u64,
    document_key: u64,
    /// How many units had no token so far.
    missing: u64,
    starts: Vec<Start>,
    parts: Vec<u32>,
    previous: Vec<u32>,
    next: Vec<u32>,
    /// Rank, position, left id, right id, result: the order in which pairs merge.
    queue: BinaryHeap<Reverse<Possible>>,
    dropped: Vec<Reverse<Possible>>,
}

type Possible = (u32, u32, u32, u32, u32);

impl<'t> DropoutEncoder<'t> {
    pub fn new(
        tokenizer: &'t Tokenizer,
        dropout: Dropout,
        max_pretoken_bytes: usize,
        stop: Stop,
    ) -> Result<Self> {
        let key = [dropout.seed, dropout.epoch, STREAM]
            .into_iter()
            .fold(0, absorb);
        Ok(DropoutEncoder {
            tokens: tokenizer.model_tokens(),
            tables: tokenizer.bpe()?.1,
            merges: tokenizer.droppable()?,
            dropout,
            max_pretoken_bytes,
            stop,
            key,
            document: 0,
            document_key: absorb(key, dropout.sample),
            missing: 0,
            starts: Vec::new(),
            parts: Vec::new(),
            previous: Vec::new(),
            next: Vec::new(),
            queue: BinaryHeap::new(),
            dropped: Vec::new(),
        })
    }

    /// How many units had no token since this was last asked.
    pub fn take_missing(&mut self) -> u64 {
        std::mem::take(&mut self.missing)
    }

    /// What follows is of the document with this number, counted from the first one.
    pub fn begin(&mut self, document: u64) {
        self.document = document;
        self.document_key = absorb(self.key, self.dropout.sample.wrapping_add(document));
    }

    /// What follows is of the next document.
    pub fn end(&mut self) {
        self.begin(self.document + 1);
    }

    /// Appends the ids of the pretokens of `text` that follow one another from `start`. The text
    /// starts at `offset` in its document.
    pub fn encode(
        &mut self,
        text: &[u8],
        mut start: usize,
        ends: &[usize],
        offset: u64,
        ids: &mut Vec<u32>,
    ) -> Result<()> {
        for &end in ends {
            if end - start > self.max_pretoken_bytes {
                return Err(Error::PretokenTooLong {
                    offset: start as u64,
                    limit: self.max_pretoken_bytes,
                });
            }
            let key = absorb(self.document_key, offset + start as u64);
            self.merge(&text[start..end], key, ids);
            if self.stop.is_set() {
                return Err(Error::Interrupted);
            }
            start = end;
        }
        Ok(())
    }

    /// Appends what the units of a pretoken merge into; only some of it after `stop` was set.
    fn merge(&mut self, pretoken: &[u8], key: u64, ids: &mut Vec<u32>) {
        let (starts, parts) = (&mut self.starts, &mut self.parts);
        self.missing += self.tables.unmerged(self.tokens, pretoken, starts, parts);
        let length = self.parts.len() as u32;
        self.previous.clear();
        self.previous
            .extend((0..length).map(|at| at.wrapping_sub(1)));
        self.next.clear();
        self.next
            .extend((1..=length).map(|at| if at == length { GONE } else { at }));
        self.queue.clear();
        (1..length).for_each(|right| self.offer(right - 1, right));
        let mut decisions = 0;
        let mut patience = PATIENCE;
        while let Some((at, result)) = self.choose(key, &mut decisions) {
            let other = self.next[at as usize];
            let (before, after) = (self.previous[at as usize], self.next[other as usize]);
            self.parts[at as usize] = result;
            self.parts[other as usize] = GONE;
            self.next[at as usize] = after;
            if after != GONE {
                self.previous[after as usize] = at;
                self.offer(at, after);
            }
            if before != GONE {
                self.offer(before, at);
            }
            patience -= 1;
            if patience == 0 {
                if self.stop.is_set() {
                    break;
                }
                patience = PATIENCE;
            }
        }
        ids.extend(self.parts.iter().filter(|&&part| part != GONE));
    }

    /// The place and the result of the next merge, if one is not dropped.
    fn choose(&mut self, key: u64, decisions: &mut u64) -> Option<(u32, u32)> {
        let mut chosen = None;
        while let Some(Reverse(possible)) = self.queue.pop() {
            let (_, at, left, right, result) = possible;
            let other = self.next[at as usize];
            // An entry outlives its pair when one of the two merges elsewhere.
            if self.parts[at as usize] != left
                || other == GONE
                || self.parts[other as usize] != right
            {
                continue;
            }
            let random = uniform(absorb(key, *decisions));
            *decisions += 1;
            if random >= self.dropout.probability {
                chosen = Some((at, result));
                break;
            }
            self.dropped.push(Reverse(possible));
        }
        self.queue.extend(self.dropped.drain(..));
        chosen
    }

    /// Puts two neighbours into the queue if they can merge.
    fn offer(&mut self, left: u32, right: u32) {
        let pair = (self.parts[left as usize], self.parts[right as usize]);
        if let Some(&(rank, result)) = self.merges.get(&pair) {
            self.queue
                .push(Reverse((rank, left, pair.0, pair.1, result)));
        }
    }
}

/// The hash of a key with one more word: a step of SplitMix64.
fn absorb(key: u64, word: u64) -> u64 {
    let mut state = key.wrapping_add(word).wrapping_add(0x9E37_79B9_7F4A_7C15);
    state = (state ^ state >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    state = (state ^ state >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ state >> 31
}

/// A number from [0, 1).
fn uniform(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1u64 << 53) as f64
}
