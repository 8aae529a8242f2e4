//! Counts the pretokens of streams of documents on several threads.

mod counts;

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::documents::{DocumentFeed, PORTION, Part, Unit, document_parts, portions};
use crate::error::{Error, Result};
use crate::pattern::{Pattern, Pretokens};
use crate::short_key::{Key, MAX_KEY};
use crate::special::{SpecialMatcher, refuse_duplicates};
use crate::threads::{self, Interrupt, NEVER, Stop};

pub use counts::{MAX_COUNT, PretokenCounts};

/// Less text than this is counted on the calling thread.
const INLINE: usize = 64 << 10;

/// The memory that the counts of threads may take beyond that of the merged ones, in bytes.
const SPILL: usize = 256 << 20;

/// Counts pretokens. The text of special tokens is cut out first and never counted.
///
/// The result depends only on the multiset of documents: not on the order in which
/// they come, on the cutting into blocks, or on `threads`. After an error the counter
/// must not be used.
pub struct PretokenCounter {
    feed: DocumentFeed,
    tally: Tally,
}

impl PretokenCounter {
    /// A counter whose streams are split into documents by `unit`. A pretoken of more
    /// than `max_pretoken_bytes` bytes is an error that names its offset in its
    /// document. Refuses special tokens that are empty or come twice.
    pub fn new(
        pattern: Pattern,
        special_tokens: &[String],
        unit: Unit,
        threads: usize,
        max_pretoken_bytes: usize,
    ) -> Result<Self> {
        refuse_duplicates(special_tokens)?;
        let special = SpecialMatcher::new(special_tokens)?;
        Ok(PretokenCounter {
            feed: DocumentFeed::new(pattern.clone(), special.clone(), unit, max_pretoken_bytes),
            tally: Tally {
                pattern,
                special,
                threads,
                max_pretoken_bytes,
                spill: SPILL,
                counts: PretokenCounts::default(),
                idle: Mutex::default(),
            },
        })
    }

    /// Takes the next block of the current stream.
    pub fn feed(&mut self, block: &[u8], interrupt: Interrupt<'_>) -> Result<()> {
        let PretokenCounter { feed, tally } = self;
        feed.feed(block, interrupt, |parts| tally.count(parts, interrupt))
    }

    /// Ends the current stream, and with it the current document if one is open. The
    /// next block starts another stream.
    pub fn end_stream(&mut self, interrupt: Interrupt<'_>) -> Result<()> {
        let PretokenCounter { feed, tally } = self;
        feed.finish(|parts| tally.count(parts, interrupt))
    }

    /// Counts documents that are complete, beside the current stream.
    pub fn feed_documents(&mut self, documents: &[&[u8]], interrupt: Interrupt<'_>) -> Result<()> {
        let mut parts = Vec::new();
        for document in documents {
            document_parts(document, self.tally.special.as_ref(), &mut parts);
        }
        self.tally.count(&parts, interrupt)
    }

    /// About how many bytes of memory the counts take.
    pub fn memory(&self) -> usize {
        let idle = lock(&self.tally.idle);
        let own = idle.iter().map(|one| one.counts.memory());
        own.sum::<usize>() + self.tally.counts.memory()
    }

    /// Never merges the counts of threads before the end, which takes memory for both.
    pub fn keep_apart(&mut self) {
        self.tally.spill = usize::MAX;
    }

    /// Takes all counts out, in parts that can be added up. The stream goes on.
    pub fn drain(&mut self) -> Vec<PretokenCounts> {
        let idle = std::mem::take(&mut *lock(&self.tally.idle));
        let parts = idle.into_iter().map(|one| one.counts);
        let mut parts: Vec<_> = parts
            .chain([std::mem::take(&mut self.tally.counts)])
            .collect();
        parts.retain(|part| part.len() > 0 || part.documents() > 0);
        parts.iter_mut().for_each(PretokenCounts::drop_index);
        parts
    }

    /// Counts a pretoken another `n` times.
    pub fn add(&mut self, pretoken: &[u8], n: u64) -> Result<()> {
        self.tally.counts.add(pretoken, n)
    }

    /// The counts of everything up to here. Ends the current stream, if one is open.
    pub fn finish(mut self) -> Result<PretokenCounts> {
        self.end_stream(NEVER)?;
        self.tally.gather(NEVER)?;
        Ok(self.tally.counts)
    }
}

struct Tally {
    pattern: Pattern,
    special: Option<SpecialMatcher>,
    threads: usize,
    max_pretoken_bytes: usize,
    spill: usize,
    counts: PretokenCounts,
    /// What threads have counted and not yet merged; each thread of the next call continues
    /// one of them.
    idle: Mutex<Vec<ThreadCounts>>,
}

impl Tally {
    fn count(&mut self, parts: &[Part], interrupt: Interrupt<'_>) -> Result<()> {
        let bytes: usize = parts.iter().map(|part| part.text().len()).sum();
        let jobs = portions(parts, &self.pattern, PORTION);
        let (pattern, limit) = (&self.pattern, self.max_pretoken_bytes);
        threads::map(
            &jobs,
            self.threads,
            bytes < INLINE,
            interrupt,
            |stop| Lease::new(&self.idle, stop),
            |lease, job| lease.own.count(job, pattern, limit, &lease.stop),
        )?;
        let held = lock(&self.idle)
            .iter()
            .map(|one| one.counts.memory())
            .sum::<usize>();
        // Merging costs at most as much as the counting since the last merge.
        if held > self.counts.memory().saturating_add(self.spill) {
            self.gather(interrupt)
        } else {
            Ok(())
        }
    }

    /// Merges what the threads have counted.
    fn gather(&mut self, interrupt: Interrupt<'_>) -> Result<()> {
        let all = std::mem::take(&mut *lock(&self.idle));
        all.iter()
            .try_for_each(|one| self.counts.merge(&one.counts, interrupt))
    }
}

fn lock(idle: &Mutex<Vec<ThreadCounts>>) -> MutexGuard<'_, Vec<ThreadCounts>> {
    idle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Counts taken out of the pool by a thread, which return there when they are dropped.
struct Lease<'a> {
    pool: &'a Mutex<Vec<ThreadCounts>>,
    own: ThreadCounts,
    stop: Stop,
}

impl<'a> Lease<'a> {
    fn new(pool: &'a Mutex<Vec<ThreadCounts>>, stop: Stop) -> Self {
        let own = lock(pool).pop().unwrap_or_default();
        Lease { pool, own, stop }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let own = std::mem::take(&mut self.own);
        lock(self.pool).push(own);
    }
}

/// One thread's counts.
#[derive(Default)]
struct ThreadCounts {
    counts: PretokenCounts,
    /// Entries of short pretokens seen lately, by a hash of their keys: a few thousand
    /// pretokens make up nearly all of a text, and here each takes one comparison.
    recent: Vec<(Key, u32)>,
    ends: Vec<usize>,
}

/// The number of slots in [`ThreadCounts::recent`], as a power of two.
const RECENT_BITS: u32 = 13;

impl ThreadCounts {
    fn count(
        &mut self,
        parts: &[Part],
        pattern: &Pattern,
        limit: usize,
        stop: &Stop,
    ) -> Result<()> {
        for part in parts {
            match *part {
                Part::Text { bytes, offset } => {
                    let pretokens = pattern.pretokens(bytes).with_stop(stop);
                    self.count_text(bytes, offset, pretokens, limit)?;
                }
                Part::Special { .. } => {}
                Part::End => self.counts.add_totals(1, 0, 0)?,
            }
        }
        Ok(())
    }

    fn count_text(
        &mut self,
        text: &[u8],
        offset: u64,
        mut pretokens: Pretokens,
        limit: usize,
    ) -> Result<()> {
        let ThreadCounts {
            counts,
            recent,
            ends,
        } = self;
        recent.resize(1 << RECENT_BITS, (Key::default(), 0));
        let (mut start, mut total) = (0, 0);
        loop {
            let filled = pretokens.fill(ends);
            filled.map_err(|error| error.shifted(offset as usize))?;
            if ends.is_empty() {
                return counts.add_totals(0, text.len() as u64, total);
            }
            total += ends.len() as u64;
            for &end in ends.iter() {
                if end - start > limit {
                    return Err(Error::PretokenTooLong {
                        offset: offset + start as u64,
                        limit,
                    });
                }
                let pretoken = &text[start..end];
                let entry = if pretoken.len() <= MAX_KEY {
                    let key = Key::new(text, start, end);
                    let slot = &mut recent[key.place(RECENT_BITS)];
                    if slot.0 != key {
                        *slot = (key, counts.entry(pretoken)?);
                    }
                    slot.1
                } else {
                    counts.entry(pretoken)?
                };
                counts.raise(entry, 1)?;
                start = end;
            }
        }
    }
}

#[cfg(test)]
mod tests;
