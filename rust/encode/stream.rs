//! Encodes a stream of documents that arrives in blocks of any size.

use std::sync::Arc;

use crate::documents::{DocumentFeed, PORTION, Part, Unit, groups, portions};
use crate::encode::added::Special;
use crate::encode::frame::Framer;
use crate::encode::{Offsets, Output, Want, Worker};
use crate::error::Result;
use crate::parallel::{self, Interrupt};
use crate::tokenizer::Tokenizer;
use crate::vocab::AddedToken;

/// The ids that one call settled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The ids, of several documents perhaps.
    pub ids: Vec<u32>,
    /// The length of `ids` at the end of each document that ended.
    pub ends: Vec<i64>,
    /// Where each id's text starts and ends in its document, if asked for; else empty.
    pub offsets: Offsets,
}

/// Encodes a stream of documents. The ids do not depend on how the stream is cut into
/// blocks, nor on the number of threads.
///
/// Memory: a block and the longest pretoken, with named patterns. A document is kept
/// until its end where its beginning may depend on it: if the vocabulary (a foreign one)
/// has a normalizer, added tokens with `lstrip`, `rstrip` or `single_word`, or some that
/// are `normalized` beside some that are not; or if the pattern backtracks.
pub struct DocumentEncoder {
    tokenizer: Arc<Tokenizer>,
    feed: DocumentFeed,
    framer: Framer,
    special: Special,
    want: Want,
    threads: usize,
    max_pretoken_bytes: usize,
    /// Special tokens that were met as text in whole documents.
    as_text: u64,
}

impl DocumentEncoder {
    /// An encoder for one stream. A pretoken of more than `max_pretoken_bytes` is an
    /// error; `offsets` asks for offsets; `count_special` for
    /// [`DocumentEncoder::special_tokens_in_text`], which holds text back that may
    /// begin a special token.
    pub fn new(
        tokenizer: Arc<Tokenizer>,
        unit: Unit,
        special: Special,
        offsets: bool,
        count_special: bool,
        threads: usize,
        max_pretoken_bytes: usize,
    ) -> Self {
        let pattern = tokenizer.vocab().pattern.clone();
        let feed = if tokenizer.added.is_plain() {
            let matcher = tokenizer.added.stage().and_then(|stage| {
                let as_text = |token: &AddedToken| token.special && special == Special::Text;
                let as_text: Vec<bool> = stage.tokens.iter().map(as_text).collect();
                let needed = count_special || as_text.contains(&false);
                needed.then(|| stage.matcher.clone().with_text(as_text))
            });
            DocumentFeed::new(pattern, matcher, unit, max_pretoken_bytes)
        } else {
            DocumentFeed::whole(pattern, unit)
        };
        let want = if offsets {
            Want::IdsAndOffsets
        } else {
            Want::Ids
        };
        DocumentEncoder {
            tokenizer,
            feed,
            framer: Framer::default(),
            special,
            want,
            threads,
            max_pretoken_bytes,
            as_text: 0,
        }
    }

    /// The same with ids before and after each document.
    pub fn with_frame(self, before: &[u32], after: &[u32]) -> Self {
        DocumentEncoder {
            framer: Framer::new(before, after),
            ..self
        }
    }

    /// Takes the next block and returns what it settles. The documents of the numbers in
    /// `bare`, which are sorted and count those that end in this block, get no frame.
    /// After an error the encoder is of no more use.
    pub fn feed(
        &mut self,
        block: &[u8],
        bare: &[usize],
        interrupt: Interrupt<'_>,
    ) -> Result<Encoded> {
        self.advance(block, bare, false, interrupt)
    }

    /// Ends the stream, and with it the current document if one is open. The encoder
    /// can then start on another stream.
    pub fn finish(&mut self, interrupt: Interrupt<'_>) -> Result<Encoded> {
        self.advance(&[], &[], true, interrupt)
    }

    /// How many threads it uses at most.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// How many special tokens were met as text so far, under [`Special::Text`], if
    /// they are to be counted.
    pub fn special_tokens_in_text(&self) -> u64 {
        self.feed.special_tokens_in_text() + self.as_text
    }

    fn advance(
        &mut self,
        block: &[u8],
        bare: &[usize],
        last: bool,
        interrupt: Interrupt<'_>,
    ) -> Result<Encoded> {
        let DocumentEncoder {
            tokenizer,
            feed,
            framer,
            special,
            want,
            threads,
            max_pretoken_bytes,
            ..
        } = self;
        let tokenizer: &Tokenizer = tokenizer;
        let encode = |parts: &[Part]| {
            let jobs = if tokenizer.added.is_plain() {
                portions(parts, &tokenizer.vocab().pattern, PORTION)
            } else {
                groups(parts)
            };
            let small = parts.iter().map(|part| part.text().len()).sum::<usize>() <= PORTION;
            let outputs = parallel::map(
                &jobs,
                *threads,
                small,
                interrupt,
                |stop| Worker::new(tokenizer, *special, *max_pretoken_bytes, stop),
                |worker, parts| {
                    let mut out = Output::new(*want);
                    worker.encode_parts(parts, &mut out)?;
                    Ok(out)
                },
            )?;
            Ok(join(outputs, framer, bare))
        };
        let (encoded, as_text) = if last {
            feed.finish(encode)?
        } else {
            feed.feed(block, interrupt, encode)?
        };
        self.as_text += as_text;
        Ok(encoded)
    }
}

/// Puts what the jobs gave one after the other; also how many special tokens were text.
fn join(outputs: Vec<Output>, framer: &mut Framer, bare: &[usize]) -> (Encoded, u64) {
    let as_text = outputs.iter().map(|output| output.as_text).sum();
    let ids: usize = outputs.iter().map(|output| output.ids.len()).sum();
    let ended: usize = outputs.iter().map(|output| output.ends.len()).sum();
    let mut ids = Vec::with_capacity(ids + framer.len() * (ended + 1));
    let joined = framer.join(outputs, bare, |some| ids.extend_from_slice(some));
    let encoded = Encoded {
        ids,
        ends: joined.ends,
        offsets: joined.offsets,
    };
    (encoded, as_text)
}

#[cfg(test)]
mod tests;
