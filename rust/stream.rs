//! Encodes a stream of documents that arrives in blocks of any size.

use std::sync::Arc;

use crate::added::Special;
use crate::batch::PORTION;
use crate::documents::{DocumentFeed, Part, Unit, portions};
use crate::encode::{Output, Want, Worker};
use crate::error::Result;
use crate::parallel::{self, Interrupt};
use crate::tokenizer::Tokenizer;

/// The ids that one call settled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The ids, of several documents perhaps.
    pub ids: Vec<u32>,
    /// The length of `ids` at the end of each document that ended.
    pub ends: Vec<i64>,
    /// Where each id's text starts and ends in its document, if asked for; else empty.
    pub offsets: Vec<(i64, i64)>,
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
    special: Special,
    want: Want,
    threads: usize,
    max_pretoken_bytes: usize,
    /// Special tokens that were met as text in whole documents.
    as_text: u64,
}

impl DocumentEncoder {
    /// An encoder for one stream. A pretoken of more than `max_pretoken_bytes` is an
    /// error; `offsets` asks for offsets.
    pub fn new(
        tokenizer: Arc<Tokenizer>,
        unit: Unit,
        special: Special,
        offsets: bool,
        threads: usize,
        max_pretoken_bytes: usize,
    ) -> Self {
        let pattern = tokenizer.vocab().pattern.clone();
        let feed = if tokenizer.added.is_plain() {
            let matcher = tokenizer.added.stage().map(|stage| {
                let as_text = stage.tokens.iter();
                let as_text = as_text.map(|token| token.special && special == Special::Text);
                stage.matcher.clone().with_text(as_text.collect())
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
            special,
            want,
            threads,
            max_pretoken_bytes,
            as_text: 0,
        }
    }

    /// Takes the next block and returns what it settles. After an error the encoder is
    /// of no more use.
    pub fn feed(&mut self, block: &[u8], interrupt: Interrupt<'_>) -> Result<Encoded> {
        self.advance(block, false, interrupt)
    }

    /// Ends the stream, and with it the current document if one is open. The encoder
    /// can then start on another stream.
    pub fn finish(&mut self, interrupt: Interrupt<'_>) -> Result<Encoded> {
        self.advance(&[], true, interrupt)
    }

    /// How many special tokens were met as text so far, under [`Special::Text`].
    pub fn special_tokens_in_text(&self) -> u64 {
        self.feed.special_tokens_in_text() + self.as_text
    }

    fn advance(&mut self, block: &[u8], last: bool, interrupt: Interrupt<'_>) -> Result<Encoded> {
        let DocumentEncoder {
            tokenizer,
            feed,
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
                || Worker::new(tokenizer, *special, *max_pretoken_bytes),
                |worker, parts| {
                    let mut out = Output::new(*want);
                    worker.encode_parts(parts, &mut out)?;
                    Ok(out)
                },
            )?;
            Ok(join(outputs))
        };
        let (encoded, as_text) = if last {
            feed.finish(encode)?
        } else {
            feed.feed(block, encode)?
        };
        self.as_text += as_text;
        Ok(encoded)
    }
}

/// Like [`portions`], without cutting any text.
fn groups<'a>(parts: &[Part<'a>]) -> Vec<Vec<Part<'a>>> {
    let mut groups = Vec::new();
    let mut group = Vec::new();
    let mut size = 0;
    for &part in parts {
        group.push(part);
        size += part.text().len();
        if size >= PORTION {
            groups.push(std::mem::take(&mut group));
            size = 0;
        }
    }
    groups.push(group);
    groups
}

/// Puts what the jobs gave one after the other; also how many special tokens were text.
fn join(outputs: Vec<Output>) -> (Encoded, u64) {
    let mut encoded = Encoded::default();
    let mut as_text = 0;
    encoded
        .ids
        .reserve_exact(outputs.iter().map(|output| output.ids.len()).sum());
    for output in outputs {
        let start = encoded.ids.len();
        encoded
            .ends
            .extend(output.ends.iter().map(|&end| (start + end) as i64));
        encoded.ids.extend(output.ids);
        encoded.offsets.extend(output.offsets);
        as_text += output.as_text;
    }
    (encoded, as_text)
}
