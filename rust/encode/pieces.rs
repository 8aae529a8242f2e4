//! Cuts texts so that the pieces have a number of ids at most.
//!
//! A piece ends at a character boundary and not within an added token, and as late as it can
//! within the first ids of the text that is left. It is encoded by itself before it is taken:
//! where it ends, its ids may be other ones than in the whole text, and more.

use std::ops::Range;

use crate::documents::PORTION;
use crate::encode::added::Special;
use crate::encode::{Document, Output, Want, Worker};
use crate::error::{Error, Result};
use crate::threads::{self, Interrupt, Stop};
use crate::tokenizer::Tokenizer;

/// So many places in a row are tried for an end. After that, ever more are left out: a pattern
/// may look far ahead, and then there is no telling where it would fit.
const NEAR: usize = 32;

impl Tokenizer {
    /// How many bytes at the beginning of a text to keep, so that they have at most `most` ids.
    pub fn truncate(
        &self,
        text: &[u8],
        most: usize,
        special: Special,
        interrupt: Interrupt<'_>,
    ) -> Result<usize> {
        threads::run(text.len() <= PORTION, interrupt, |stop| {
            let out = self.encode_start(text, special, Want::IdsAndOffsets, most, stop)?;
            if out.count <= most {
                return Ok(text.len());
            }
            let mut cutter = Cutter::new(self, text, special, out, stop);
            let bound = most.checked_sub(1).map_or(0, |last| cutter.ends[last]);
            Ok(cutter.end(0, bound, most)?.unwrap_or(0))
        })
    }

    /// Where the pieces of a text are that have at most `most` ids each. Each begins with the end of
    /// the one before: as much of it as has at most `overlap` ids, which are less than `most`.
    pub fn chunks(
        &self,
        text: &[u8],
        most: usize,
        overlap: usize,
        special: Special,
        interrupt: Interrupt<'_>,
    ) -> Result<Vec<Range<usize>>> {
        threads::run(text.len() <= PORTION, interrupt, |stop| {
            let want = Want::IdsAndOffsets;
            let out = self.encode_start(text, special, want, usize::MAX, stop)?;
            Cutter::new(self, text, special, out, stop).chunks(most, overlap)
        })
    }
}

/// Finds places to cut a text.
struct Cutter<'c> {
    text: &'c [u8],
    /// Where its ids end, or one before them, if that is later.
    ends: Vec<usize>,
    /// The spans of added tokens, in order.
    added: Vec<Range<usize>>,
    worker: Worker<'c>,
    stop: &'c Stop,
}

impl<'c> Cutter<'c> {
    /// For a text with these ids.
    fn new(
        tokenizer: &'c Tokenizer,
        text: &'c [u8],
        special: Special,
        out: Output,
        stop: &'c Stop,
    ) -> Self {
        let tokens = tokenizer.vocab().added_tokens.iter();
        let mut added_ids: Vec<u32> = tokens.map(|token| token.id).collect();
        added_ids.sort_unstable();
        let is_added = |id: u32| added_ids.binary_search(&id).is_ok();
        let spans = || {
            out.offsets
                .iter()
                .map(|&(start, end)| start as usize..end as usize)
        };
        let added = out.ids.iter().zip(spans());
        Cutter {
            text,
            ends: spans()
                .scan(0, |last, span| {
                    *last = span.end.max(*last);
                    Some(*last)
                })
                .collect(),
            added: added
                .filter(|&(&id, _)| is_added(id))
                .map(|(_, span)| span)
                .collect(),
            worker: Worker::new(tokenizer, special, usize::MAX, stop.clone()),
            stop,
        }
    }

    fn chunks(&mut self, most: usize, overlap: usize) -> Result<Vec<Range<usize>>> {
        let mut chunks: Vec<Range<usize>> = Vec::new();
        loop {
            let Range { start, end } = chunks.last().cloned().unwrap_or(0..0);
            if end == self.text.len() {
                return Ok(chunks);
            }
            let next = match overlap {
                // Text without ids must not be repeated either.
                0 => end,
                _ => self.overlap_start(start, end, overlap)?,
            };
            // It may be that nothing more fits behind what is repeated.
            let further = self.end(next, self.bound(next, most), most)?;
            chunks.push(match further.filter(|&further| further > end) {
                Some(further) => next..further,
                None => end..self.chunk_end(end, most)?,
            });
        }
    }

    fn chunk_end(&mut self, start: usize, most: usize) -> Result<usize> {
        if let Some(end) = self.end(start, self.bound(start, most), most)? {
            return Ok(end);
        }
        let end = self.after(start);
        let count = self.count(start..end)?;
        Err(Error::InvalidArgument {
            name: "limit",
            reason: format!(
                "{most} is too little for what is at byte {start}, which has {count} by itself"
            ),
        })
    }

    /// Where the first `most` ids from `start` on end, as the whole text is encoded.
    fn bound(&self, start: usize, most: usize) -> usize {
        let first = self.ends.partition_point(|&end| end <= start);
        let last = first.saturating_add(most).saturating_sub(1);
        self.ends.get(last).copied().unwrap_or(self.text.len())
    }

    /// The last place up to `bound` where a piece from `start` on can end with at most `most` ids.
    fn end(&mut self, start: usize, bound: usize, most: usize) -> Result<Option<usize>> {
        let first = self.after(start);
        let mut end = self.up_to(bound);
        let mut tried = 0;
        while end > start {
            if self.count(start..end)? <= most {
                return Ok(Some(end));
            }
            if end <= first {
                break;
            }
            tried += 1;
            end = self.up_to(end.saturating_sub(step(tried))).max(first);
        }
        Ok(None)
    }

    /// Where the next piece begins, if it is to repeat at most `overlap` ids of one.
    fn overlap_start(&mut self, start: usize, end: usize, overlap: usize) -> Result<usize> {
        let ids = self.ends.partition_point(|&each| each <= end);
        let first = ids
            .checked_sub(overlap + 1)
            .map_or(0, |last| self.ends[last]);
        let mut next = self.from(first).max(self.after(start));
        let mut tried = 0;
        while next < end && self.count(next..end)? > overlap {
            tried += 1;
            next = self.from(next.saturating_add(step(tried)));
        }
        Ok(next.min(end))
    }

    /// How many ids a piece has by itself.
    fn count(&mut self, piece: Range<usize>) -> Result<usize> {
        if self.stop.is_set() {
            return Err(Error::Interrupted);
        }
        let mut out = Output::new(Want::Count);
        let piece = Document::Bytes(&self.text[piece]);
        self.worker.encode_document(piece, &mut out)?;
        Ok(out.count)
    }

    /// The last place up to `at` where a text can be cut.
    fn up_to(&self, mut at: usize) -> usize {
        while !self.can_cut(at) {
            at = self.added_around(at).map_or(at - 1, |token| token.start);
        }
        at
    }

    /// The first place from `at` on where a text can be cut.
    fn from(&self, mut at: usize) -> usize {
        at = at.min(self.text.len());
        while !self.can_cut(at) {
            at = self.added_around(at).map_or(at + 1, |token| token.end);
        }
        at
    }

    /// The first place after `at` where it can.
    fn after(&self, at: usize) -> usize {
        self.from(at + 1)
    }

    fn can_cut(&self, at: usize) -> bool {
        self.added_around(at).is_none() && is_boundary(self.text, at)
    }

    /// The added token that a cut would divide.
    fn added_around(&self, at: usize) -> Option<&Range<usize>> {
        let first = self.added.partition_point(|token| token.end <= at);
        self.added.get(first).filter(|token| token.start < at)
    }
}

/// How far to go after so many tries.
fn step(tried: usize) -> usize {
    1 << tried.saturating_sub(NEAR).min(usize::BITS as usize - 2)
}

/// Whether a position is not within a character. Of bytes that are not UTF-8, each is one.
fn is_boundary(text: &[u8], at: usize) -> bool {
    let is_continuation = |&byte: &u8| byte & 0xC0 == 0x80;
    if !text.get(at).is_some_and(is_continuation) {
        return true;
    }
    let first = (at.saturating_sub(3)..at)
        .rev()
        .find(|&at| !is_continuation(&text[at]));
    let Some(first) = first else { return true };
    let chunk = text[first..text.len().min(first + 4)].utf8_chunks().next();
    let character = chunk.and_then(|chunk| chunk.valid().chars().next());
    character.is_none_or(|character| first + character.len_utf8() <= at)
}
