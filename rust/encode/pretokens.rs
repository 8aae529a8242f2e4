//! Encodes the pretokens of a text, many at a time.
//!
//! 1. All of a batch are hashed, and their places in the cache are prefetched, so that no lookup
//!    waits for the memory of another.
//! 2. One after the other is looked up, and its ids are written, without a branch that is hard to
//!    predict: always four ids, of which the next pretoken overwrites the surplus.
//! 3. What was not found there is looked for elsewhere, or merged, and remembered
//!    ([`learn`](super::learn)); its ids are put where they belong.

use std::sync::atomic::Ordering;

use super::Output;
use super::cache::{Cache, Found, Pairs};
use super::memory::Memory;
use super::packed::{MAX_IDS, Packed};
use crate::error::{Error, Result};
use crate::merge::{BpeTables, Scratch, Together};
use crate::short_key::{Key, MAX_KEY};
use crate::threads::Stop;
use crate::tokenizer::{Encoding, Tokenizer};

/// How many pretokens are looked up together.
const LOOKUPS: usize = 64;

/// How many are looked up before those that were missed are found out together.
pub(super) const BATCH: usize = 512;

/// Encodes pretokens.
pub(super) struct PretokenEncoder<'t> {
    tokenizer: &'t Tokenizer,
    max_pretoken_bytes: usize,
    scratch: Scratch,
    /// There until it is given back.
    memory: Option<Box<Memory>>,
}

/// What is known of the pretokens of a batch.
pub(super) struct Batch {
    /// Of those that are looked up together: their keys, and where in the cache each may be.
    keys: [Key; LOOKUPS],
    places: [u32; LOOKUPS],
    /// The ids of those that were found at once, and how many there are so far.
    ids: [u32; MAX_IDS * BATCH],
    length: usize,
    /// The others.
    pub missed: Vec<Missed>,
    pub together: Together,
}

/// A pretoken that was not found in the cache at once.
#[derive(Clone, Copy)]
pub(super) struct Missed {
    pub key: Key,
    pub start: usize,
    pub end: usize,
    /// How many ids of the batch come before its own.
    at: usize,
}

impl Batch {
    pub fn new() -> Self {
        Batch {
            keys: [Key::default(); LOOKUPS],
            places: [0; LOOKUPS],
            ids: [0; MAX_IDS * BATCH],
            length: 0,
            missed: Vec::with_capacity(BATCH),
            together: Together::default(),
        }
    }
}

impl Drop for PretokenEncoder<'_> {
    fn drop(&mut self) {
        if let Some(memory) = self.memory.take() {
            self.tokenizer.memories.give(memory);
        }
    }
}

impl<'t> PretokenEncoder<'t> {
    /// Refuses pretokens of more than `max_pretoken_bytes`.
    pub fn new(tokenizer: &'t Tokenizer, max_pretoken_bytes: usize, stop: Stop) -> Self {
        PretokenEncoder {
            tokenizer,
            max_pretoken_bytes,
            scratch: Scratch::new(stop),
            memory: Some(tokenizer.memories.take()),
        }
    }

    pub fn tokenizer(&self) -> &'t Tokenizer {
        self.tokenizer
    }

    /// How many units had no token since this was last asked.
    pub fn take_missing(&mut self) -> u64 {
        std::mem::take(&mut self.scratch.missing)
    }

    /// Counts units without a token, which are in the pretokens of `text` from `start` on. Where
    /// they are refused, says which is the first. Dropout does not look whole pretokens up.
    pub fn note_missing(
        &self,
        count: u64,
        text: &[u8],
        mut start: usize,
        ends: &[usize],
        looks_up_whole: bool,
    ) -> Result<()> {
        match &self.tokenizer.encoding {
            Encoding::Bpe(tables) if tables.refuses_missing() => {
                for &end in ends {
                    let (tokens, pretoken) = (self.tokenizer.model_tokens(), &text[start..end]);
                    if let Some((at, unit)) = tables.first_missing(tokens, pretoken, looks_up_whole)
                    {
                        let offset = start + at;
                        return Err(Error::NoToken { unit, offset });
                    }
                    start = end;
                }
            }
            _ => {}
        }
        self.tokenizer.missing.fetch_add(count, Ordering::Relaxed);
        Ok(())
    }

    /// Adds the offsets of the ids of the pretokens of `text` from `start` on, by the definition
    /// of merging. The text starts at `offset` in its document.
    pub fn push_spans(
        &mut self,
        tables: &BpeTables,
        text: &[u8],
        start: usize,
        ends: &[usize],
        offset: i64,
        out: &mut Output,
    ) {
        let tokens = self.tokenizer.model_tokens();
        let (mut parts, mut start) = (Vec::new(), start);
        for &end in ends {
            tables.cut(text, start, end, &mut parts);
            for end in parts.drain(..) {
                let (part, at) = (&text[start..end], offset + start as i64);
                tables.spans(tokens, part, at, &mut self.scratch, &mut out.offsets);
                start = end;
            }
        }
    }

    /// Appends the ids of the pretokens of `text` that follow one another from `start`.
    pub fn encode(
        &mut self,
        text: &[u8],
        mut start: usize,
        ends: &[usize],
        ids: &mut Vec<u32>,
    ) -> Result<()> {
        let tokenizer = self.tokenizer;
        if let Encoding::Bpe(tables) = &tokenizer.encoding
            && tables.cuts_all()
        {
            return self.encode_cut(tables, text, start, ends, ids);
        }
        let memory = self.memory.get_or_insert_with(|| tokenizer.memories.take());
        let Memory {
            cache,
            batch,
            parts,
        } = &mut **memory;
        let run = Run { text, start, ends };
        let ends = run.cut(tokenizer, self.max_pretoken_bytes, parts)?;
        for ends in ends.chunks(BATCH) {
            if self.scratch.stop.is_set() {
                return Err(Error::Interrupted);
            }
            let run = Run { text, start, ends };
            batch.encode(run, tokenizer, cache, &mut self.scratch, ids);
            start = ends.last().copied().unwrap_or(start);
        }
        Ok(())
    }

    /// The same where pretokens are cut wherever they can be, a batch at a time: all places of a
    /// document would take more memory than its text.
    fn encode_cut(
        &mut self,
        tables: &BpeTables,
        text: &[u8],
        mut start: usize,
        ends: &[usize],
        ids: &mut Vec<u32>,
    ) -> Result<()> {
        let tokenizer = self.tokenizer;
        let memory = self.memory.get_or_insert_with(|| tokenizer.memories.take());
        let Memory {
            cache,
            batch,
            parts,
        } = &mut **memory;
        parts.clear();
        let mut at = start;
        for (index, &end) in ends.iter().enumerate() {
            check_length(at, end, self.max_pretoken_bytes)?;
            while at < end {
                if self.scratch.stop.is_set() {
                    return Err(Error::Interrupted);
                }
                at = tables.cut_some(text, at, end, parts, BATCH - parts.len());
                let is_last = at == end && index + 1 == ends.len();
                if parts.len() == BATCH || is_last {
                    let ends = &parts[..];
                    let run = Run { text, start, ends };
                    batch.encode(run, tokenizer, cache, &mut self.scratch, ids);
                    start = at;
                    parts.clear();
                }
            }
        }
        Ok(())
    }
}

/// Refuses a pretoken that is too long.
fn check_length(start: usize, end: usize, most: usize) -> Result<()> {
    if end - start > most {
        return Err(Error::PretokenTooLong {
            offset: start as u64,
            limit: most,
        });
    }
    Ok(())
}

/// Pretokens that follow one another in a text.
#[derive(Clone, Copy)]
pub(super) struct Run<'r> {
    pub text: &'r [u8],
    pub start: usize,
    pub ends: &'r [usize],
}

impl<'r> Run<'r> {
    /// The ends of the pretokens, and where long ones can be cut, perhaps in `parts`.
    fn cut<'p>(
        self,
        tokenizer: &Tokenizer,
        most: usize,
        parts: &'p mut Vec<usize>,
    ) -> Result<&'p [usize]>
    where
        'r: 'p,
    {
        let Run { text, start, ends } = self;
        let Some(&last) = ends.last() else {
            return Ok(ends);
        };
        let tables = match &tokenizer.encoding {
            Encoding::Bpe(tables) if tables.has_cuts() => Some(tables),
            _ => None,
        };
        // Nothing is cut between two ASCII characters.
        let nothing_to_cut = tables.is_none() || text[start..last].is_ascii();
        if nothing_to_cut && last - start <= most {
            return Ok(ends);
        }
        parts.clear();
        let (mut first, mut at) = (0, start);
        for (index, &end) in ends.iter().enumerate() {
            if end - at > most.min(MAX_KEY) {
                check_length(at, end, most)?;
                // A word with a character beyond ASCII has one near its beginning or end, mostly.
                let signs = text[at] | text[at + 1] | text[end - 1];
                if let Some(tables) = tables.filter(|_| signs >= 0x80) {
                    parts.extend_from_slice(&ends[first..index]);
                    tables.cut(text, at, end, parts);
                    first = index + 1;
                }
            }
            at = end;
        }
        parts.extend_from_slice(&ends[first..]);
        Ok(parts)
    }
}

impl Batch {
    /// Appends the ids of a batch.
    fn encode(
        &mut self,
        run: Run<'_>,
        tokenizer: &Tokenizer,
        cache: &mut Cache,
        scratch: &mut Scratch,
        ids: &mut Vec<u32>,
    ) {
        let Run {
            text,
            mut start,
            ends,
        } = run;
        self.length = 0;
        self.missed.clear();
        // Few at a time, so that what was prefetched is still near.
        for ends in ends.chunks(LOOKUPS) {
            let run = Run { text, start, ends };
            self.place(run, cache.pairs());
            self.look_up(run, cache.pairs());
            start = ends.last().copied().unwrap_or(start);
        }
        let mut written = 0;
        if !self.missed.is_empty() {
            self.learn(text, tokenizer, cache);
            for missed in &self.missed {
                ids.extend_from_slice(&self.ids[written..missed.at]);
                written = missed.at;
                let pretoken = &text[missed.start..missed.end];
                resolve(pretoken, missed.key, tokenizer, cache, scratch, ids);
            }
        }
        ids.extend_from_slice(&self.ids[written..self.length]);
    }

    /// Determines where in the cache the pretokens may be.
    #[inline(always)]
    fn place(&mut self, run: Run<'_>, pairs: Pairs<'_>) {
        let mut start = run.start;
        let keys = self.keys.iter_mut().zip(&mut self.places);
        for (&end, (key, place)) in run.ends.iter().zip(keys) {
            *key = Key::new(run.text, start, end);
            *place = pairs.place(*key);
            start = end;
        }
    }

    /// Looks all of them up.
    #[inline(always)]
    fn look_up(&mut self, run: Run<'_>, pairs: Pairs<'_>) {
        let (mut start, mut at) = (run.start, self.length);
        let places = self.keys.iter().zip(&self.places);
        for (&end, (&key, &place)) in run.ends.iter().zip(places) {
            let (found, packed) = pairs.get(key, place);
            if found {
                at = write(packed, &mut self.ids, at);
            } else {
                self.missed.push(Missed {
                    key,
                    start,
                    end,
                    at,
                });
            }
            start = end;
        }
        self.length = at;
    }
}

/// Appends the ids of a pretoken that was not found in the cache at once.
#[inline(never)]
fn resolve(
    pretoken: &[u8],
    key: Key,
    tokenizer: &Tokenizer,
    cache: &mut Cache,
    scratch: &mut Scratch,
    ids: &mut Vec<u32>,
) {
    let (first, missing) = (ids.len(), scratch.missing);
    if pretoken.len() > MAX_KEY {
        if !cache.long.append(pretoken, ids) {
            tokenizer.encode_pretoken(pretoken, false, scratch, ids);
            // What is missing is counted each time.
            if scratch.missing == missing {
                cache.long.insert(pretoken, &ids[first..]);
            }
        }
        return;
    }
    match cache.find(key) {
        Found::Packed(known) => ids.extend_from_slice(&known.ids()[..known.count()]),
        Found::Many if cache.long.append(pretoken, ids) => {}
        Found::Many => {
            tokenizer.encode_pretoken(pretoken, false, scratch, ids);
            cache.long.insert(pretoken, &ids[first..]);
        }
        Found::New => {
            tokenizer.encode_pretoken(pretoken, false, scratch, ids);
            let own = &ids[first..];
            match Packed::new(own) {
                _ if scratch.missing != missing => {}
                Some(few) => cache.insert(key, few),
                None => {
                    cache.insert_many(key);
                    cache.long.insert(pretoken, own);
                }
            }
        }
    }
}

/// Writes packed ids to `ids[length..]`. Returns the length with them.
#[inline(always)]
fn write(packed: Packed, ids: &mut [u32], length: usize) -> usize {
    ids[length..length + MAX_IDS].copy_from_slice(&packed.ids());
    length + packed.count()
}
