//! Encodes a stream of documents that arrives in blocks of any size.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::documents::{DocumentFeed, OwnPortion, PORTION, Part, Unit, groups, portions};
use crate::encode::added::Special;
use crate::encode::dropout::Dropout;
use crate::encode::frame::Framer;
use crate::encode::{Offsets, Output, Want, Worker};
use crate::error::{Error, Result};
use crate::threads::Interrupt;
use crate::threads::pool::{Pool, Queue};
use crate::tokenizer::Tokenizer;

/// Bytes counted for each block besides its text, for bookkeeping.
const BLOCK_BYTES: usize = 1024;

/// At most this many document ends are in progress: even those without text take memory.
const MOST_ENDS: usize = 1 << 19;

/// The ids that one block settled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The ids, of several documents perhaps.
    pub ids: Vec<u32>,
    /// The length of `ids` at the end of each document that ended.
    pub ends: Vec<i64>,
    /// Where each id's text starts and ends in its document, if asked for; else empty.
    pub offsets: Offsets,
}

/// How a stream is encoded.
pub struct StreamOptions {
    /// What one document is.
    pub unit: Unit,
    /// What the text of a special token means.
    pub special: Special,
    /// Whether offsets are wanted.
    pub offsets: bool,
    /// Whether [`DocumentEncoder::special_tokens_in_text`] is wanted. Text that may begin a special
    /// token is then held back.
    pub count_special: bool,
    /// Which merges are dropped, with a vocabulary that [has some](Tokenizer::droppable).
    /// Documents are numbered as they come.
    pub dropout: Option<Dropout>,
    /// The most threads.
    pub threads: usize,
    /// A longer pretoken is an error.
    pub max_pretoken_bytes: usize,
}

/// Encodes a stream of documents. The ids do not depend on how the stream is cut into
/// blocks, nor on the number of threads.
///
/// The caller gives blocks and takes their ids in the same order, possibly several blocks later:
/// while threads work on some blocks, it can read and write others.
///
/// Memory: the blocks under way and the longest pretoken, with named patterns. A document is
/// kept until its end where its beginning may depend on it: if the vocabulary (a foreign one)
/// has a normalizer, pre-tokenizers that do more than split text at a pattern, added tokens
/// with `lstrip`, `rstrip` or `single_word`, or some that are `normalized` beside some that are
/// not; if the pattern backtracks; or if special tokens
/// are marked.
pub struct DocumentEncoder {
    tokenizer: Arc<Tokenizer>,
    feed: DocumentFeed,
    framer: Framer,
    /// Whether the feed cuts the added tokens out.
    plain: bool,
    threads: usize,
    pool: Pool<Job, Output>,
    /// The blocks whose ids were not taken yet.
    under_way: VecDeque<Block>,
    /// How much text they settled together.
    bytes: usize,
    /// How many documents they ended together.
    ends: usize,
    /// Special tokens that were met as text in whole documents.
    as_text: u64,
    /// How many documents ended so far.
    documents: u64,
}

/// Work for a thread.
struct Job {
    /// The number of the first document that it has a part of.
    first: u64,
    portion: OwnPortion,
}

/// What became of a block.
struct Block {
    /// How many jobs were made of it.
    jobs: usize,
    /// Why no more can be made, of this block or of those that follow.
    failed: Option<Error>,
    /// How much text it settled.
    bytes: usize,
    /// How many documents it ended.
    ends: usize,
    /// Documents without a frame.
    bare: Vec<usize>,
}

impl Block {
    fn has_failed(&self) -> bool {
        self.failed.is_some()
    }
}

impl DocumentEncoder {
    /// An encoder for one stream.
    pub fn new(tokenizer: Arc<Tokenizer>, options: StreamOptions) -> Self {
        let StreamOptions {
            unit,
            special,
            offsets,
            count_special,
            dropout,
            threads,
            max_pretoken_bytes,
        } = options;
        let pattern = tokenizer.vocab().pattern.clone();
        let plain = tokenizer.added.is_plain_under(special);
        let feed = if plain {
            let matcher = tokenizer.added.matcher(special, count_special);
            DocumentFeed::new(pattern, matcher, unit, max_pretoken_bytes)
        } else {
            DocumentFeed::whole(pattern, unit)
        };
        let want = if offsets {
            Want::IdsAndOffsets
        } else {
            Want::Ids
        };
        let shared = tokenizer.clone();
        let body = move |queue: &Queue<Job, Output>| {
            let stop = queue.stop().clone();
            let worker = Worker::new(&shared, special, max_pretoken_bytes, stop);
            let mut worker = worker.with_dropout(dropout);
            queue.serve(|Job { first, portion }| {
                let mut out = Output::new(want);
                worker.begin(first);
                worker.encode_parts(portion.parts(), &mut out)?;
                Ok(out)
            });
        };
        DocumentEncoder {
            tokenizer,
            feed,
            framer: Framer::default(),
            plain,
            threads,
            pool: Pool::new(body),
            under_way: VecDeque::new(),
            bytes: 0,
            ends: 0,
            as_text: 0,
            documents: 0,
        }
    }

    /// The same with ids before and after each document.
    pub fn with_frame(self, before: &[u32], after: &[u32]) -> Self {
        DocumentEncoder {
            framer: Framer::new(before, after),
            ..self
        }
    }

    /// Takes the next block. Of the documents that end in it, counted from 0, those whose numbers
    /// are in the sorted list `bare` get no frame.
    pub fn give(&mut self, block: &[u8], bare: &[usize], interrupt: Interrupt<'_>) {
        self.advance(Some(block), bare, interrupt);
    }

    /// Ends the stream, and with it the current document if one is open. What that settles
    /// counts as a block. The encoder can then start on another stream.
    pub fn give_end(&mut self, interrupt: Interrupt<'_>) {
        self.advance(None, &[], interrupt);
    }

    /// The ids of the next block, if more than `most` bytes are under way: the text that the
    /// blocks settled, and [`BLOCK_BYTES`] for each. Also if they ended more than
    /// [`MOST_ENDS`] documents, or if the last one failed. After an error the encoder is of no use
    /// until it is [reset](DocumentEncoder::reset).
    pub fn take(&mut self, most: usize, interrupt: Interrupt<'_>) -> Result<Option<Encoded>> {
        let failed = self.under_way.back().is_some_and(Block::has_failed);
        let bytes = self.bytes + self.under_way.len() * BLOCK_BYTES;
        if bytes <= most && self.ends <= MOST_ENDS && !failed {
            return Ok(None);
        }
        let Some(block) = self.under_way.pop_front() else {
            return Ok(None);
        };
        self.bytes -= block.bytes;
        self.ends -= block.ends;
        let outputs = self.pool.take(block.jobs, interrupt)?;
        if let Some(error) = block.failed {
            return Err(error);
        }
        let (encoded, as_text) = join(outputs, &mut self.framer, &block.bare);
        self.as_text += as_text;
        Ok(Some(encoded))
    }

    /// Ends the threads, if there are any, once they have done what is under way. Others
    /// come with more work.
    pub fn end_threads(&mut self) {
        self.pool.end();
    }

    /// Forgets what is under way, and ends the threads. A new stream can begin.
    pub fn reset(&mut self) {
        self.pool.renew();
        self.feed.restart();
        self.framer.restart();
        self.under_way.clear();
        (self.bytes, self.ends, self.documents) = (0, 0, 0);
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

    fn advance(&mut self, block: Option<&[u8]>, bare: &[usize], interrupt: Interrupt<'_>) {
        if self.under_way.back().is_some_and(Block::has_failed) {
            return;
        }
        let DocumentEncoder {
            tokenizer,
            feed,
            pool,
            plain,
            documents,
            ..
        } = self;
        let (mut jobs, mut bytes, mut ends) = (0, 0, 0);
        let give = |parts: &[Part]| {
            let portions = if *plain {
                portions(parts, &tokenizer.vocab().pattern, PORTION)
            } else {
                groups(parts)
            };
            for portion in &portions {
                pool.give(Job {
                    first: *documents + ends as u64,
                    portion: OwnPortion::of(portion),
                });
                ends += portion
                    .iter()
                    .filter(|part| matches!(part, Part::End))
                    .count();
            }
            *documents += ends as u64;
            jobs = portions.len();
            bytes = parts.iter().map(|part| part.text().len()).sum();
            Ok(())
        };
        let fed = match block {
            Some(block) => feed.feed(block, interrupt, give),
            None => feed.finish(give),
        };
        self.bytes += bytes;
        self.ends += ends;
        self.under_way.push_back(Block {
            jobs,
            failed: fed.err(),
            bytes,
            ends,
            bare: bare.to_vec(),
        });
        if self.bytes > PORTION {
            self.pool.start(self.threads);
        }
    }
}

/// Concatenates the outputs of jobs; also returns how many special tokens were text.
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
