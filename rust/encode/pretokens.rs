//! Encodes the pretokens of a text, many at a time, in four passes.
//!
//! 1. Each is looked up among the tokens. No lookup waits for the memory of another, and
//!    there is no branch to mispredict: those that are not found are listed.
//! 2. The listed ones are looked up in the cache, again all of them before any is used.
//! 3. What the cache does not know is merged, and remembered.
//! 4. The ids are written in order, always four at a time; the next pretoken overwrites any
//!    surplus.

use super::cache::{Cache, Place};
use super::long::LongPlace;
use super::memory::Memory;
use super::packed::{MAX_IDS, Packed};
use super::whole::WholeTokens;
use crate::error::{Error, Result};
use crate::merge::Scratch;
use crate::short_key::{Key, MAX_KEY};
use crate::threads::Stop;
use crate::tokenizer::{Encoding, Tokenizer};

/// How many pretokens go through the passes together.
const BATCH: usize = 256;

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
    packed: [Packed; BATCH],
    /// Which ones are no tokens.
    listed: [u16; BATCH],
    keys: [Key; BATCH],
    /// Where in the table of tokens each would be.
    pairs: [u32; BATCH],
    places: Vec<Place>,
    /// The ids of those that have too many to be packed.
    pub many: Vec<u32>,
}

impl Batch {
    pub fn new() -> Self {
        Batch {
            packed: [Packed::default(); BATCH],
            listed: [0; BATCH],
            keys: [Key::default(); BATCH],
            pairs: [0; BATCH],
            places: Vec::new(),
            many: Vec::new(),
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

    /// The tokenizer.
    pub fn tokenizer(&self) -> &'t Tokenizer {
        self.tokenizer
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
        let memory = self.memory.get_or_insert_with(|| tokenizer.memories.take());
        let Memory {
            cache,
            batch,
            parts,
        } = &mut **memory;
        let run = Run { text, start, ends };
        run.cut(tokenizer, self.max_pretoken_bytes, parts)?;
        for ends in parts.chunks(BATCH) {
            let run = Run { text, start, ends };
            let listed = batch.look_up(run, &tokenizer.whole);
            batch.resolve(run, listed, tokenizer, cache, &mut self.scratch);
            batch.write(ends.len(), ids);
            start = ends.last().copied().unwrap_or(start);
        }
        Ok(())
    }
}

/// Pretokens that follow one another in a text.
#[derive(Clone, Copy)]
struct Run<'r> {
    text: &'r [u8],
    start: usize,
    ends: &'r [usize],
}

impl<'r> Run<'r> {
    /// One of them.
    fn pretoken(self, index: usize) -> &'r [u8] {
        let start = if index == 0 {
            self.start
        } else {
            self.ends[index - 1]
        };
        &self.text[start..self.ends[index]]
    }

    /// Replaces `parts` with the ends of the pretokens, and where long ones can be cut.
    fn cut(self, tokenizer: &Tokenizer, most: usize, parts: &mut Vec<usize>) -> Result<()> {
        let Run { text, start, ends } = self;
        let cuts = match &tokenizer.encoding {
            Encoding::Bpe(tables) => tables.cuts.as_ref(),
            Encoding::Words(_) => None,
        };
        parts.clear();
        let (mut first, mut at) = (0, start);
        for (index, &end) in ends.iter().enumerate() {
            if end - at > most.min(MAX_KEY) {
                if end - at > most {
                    return Err(Error::PretokenTooLong {
                        offset: at as u64,
                        limit: most,
                    });
                }
                // A word with a character beyond ASCII has one near its beginning or end, mostly.
                let signs = text[at] | text[at + 1] | text[end - 1];
                if let Some(cuts) = cuts.filter(|_| signs >= 0x80) {
                    parts.extend_from_slice(&ends[first..index]);
                    cuts.cut(text, at, end, parts);
                    first = index + 1;
                }
            }
            at = end;
        }
        parts.extend_from_slice(&ends[first..]);
        Ok(())
    }
}

impl Batch {
    /// Looks all up among the tokens. Returns how many are not found, and listed.
    fn look_up(&mut self, run: Run<'_>, whole: &WholeTokens) -> usize {
        let Run {
            text,
            mut start,
            ends,
        } = run;
        let Batch {
            packed,
            listed,
            keys,
            pairs,
            ..
        } = self;
        let mut unknown = 0;
        for ((&end, key), pair) in ends.iter().zip(keys.iter_mut()).zip(pairs.iter_mut()) {
            *key = Key::new(text, start, end);
            *pair = whole.pair(*key);
            start = end;
        }
        for index in 0..ends.len() {
            let (found, token) = whole.get(keys[index], pairs[index]);
            packed[index] = token;
            listed[unknown] = index as u16;
            unknown += usize::from(!found);
        }
        unknown
    }

    /// Finds out the ids of the listed ones: remembered, or merged now.
    fn resolve(
        &mut self,
        run: Run<'_>,
        count: usize,
        tokenizer: &Tokenizer,
        cache: &mut Cache,
        scratch: &mut Scratch,
    ) {
        let Batch {
            packed,
            listed,
            keys,
            pairs,
            places,
            many,
            ..
        } = self;
        let listed = listed[..count].iter().map(|&index| usize::from(index));
        places.clear();
        places.extend(listed.clone().map(|index| cache.place(keys[index])));
        cache.find(places);
        many.clear();
        for (place, index) in places.iter().zip(listed) {
            if let Some(known) = cache.get(place) {
                packed[index] = known;
                continue;
            }
            let pretoken = run.pretoken(index);
            let first = many.len();
            let long = LongPlace::of(pretoken);
            let is_known = long.as_ref().is_some_and(|at| cache.long.append(at, many));
            if !is_known {
                let is_no_token = tokenizer.whole.is_no_token(keys[index], pairs[index]);
                tokenizer.encode_pretoken(pretoken, is_no_token, scratch, many);
            }
            let ids = &many[first..];
            let few = Packed::new(ids);
            match few {
                _ if is_known => {}
                Some(few) if pretoken.len() <= MAX_KEY => cache.insert(place.key, few),
                _ => {
                    long.inspect(|at| cache.long.insert(at, ids));
                }
            }
            packed[index] = few.unwrap_or_else(|| Packed::many(ids.len()));
            if few.is_some() {
                many.truncate(first);
            }
        }
    }

    /// Appends the ids of the first `count` pretokens of the batch.
    fn write(&self, count: usize, ids: &mut Vec<u32>) {
        let Batch { packed, many, .. } = self;
        let mut many = &many[..];
        let mut at = ids.len();
        ids.resize(at + MAX_IDS * count + many.len(), 0);
        for &packed in &packed[..count] {
            if let Some(count) = packed.elsewhere() {
                let (these, rest) = many.split_at(count);
                ids[at..at + count].copy_from_slice(these);
                (many, at) = (rest, at + count);
            } else {
                ids[at..at + MAX_IDS].copy_from_slice(&packed.ids());
                at += packed.count();
            }
        }
        ids.truncate(at);
    }
}
