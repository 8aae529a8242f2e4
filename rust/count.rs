//! Counts the pretokens of streams of documents on several threads.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::documents::{DocumentFeed, Part, Unit, document_parts, portions};
use crate::error::{Error, Result};
use crate::parallel::{self, Interrupt, NEVER};
use crate::pattern::Pattern;
use crate::special::{SpecialMatcher, refuse_duplicates};

pub use crate::counts::PretokenCounts;

/// Text is shared out to threads in portions of about this many bytes.
const PORTION: usize = 256 << 10;

/// Less text than this is counted on the calling thread if there is one job only.
const INLINE: usize = 64 << 10;

/// Memory that the threads' own counts may take beyond that of the merged ones.
const SPILL: usize = 256 << 20;

/// Counts pretokens. The text of special tokens is cut out first and never counted.
///
/// The result depends only on the multiset of documents: not on the order in which
/// they come, on the cutting into blocks, or on `threads`. After an error the counter
/// is of no further use.
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
                workers: Mutex::default(),
            },
        })
    }

    /// Takes the next block of the current stream.
    pub fn feed(&mut self, block: &[u8], interrupt: Interrupt<'_>) -> Result<()> {
        let PretokenCounter { feed, tally } = self;
        feed.feed(block, |parts| tally.count(parts, interrupt))
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

    /// The counts of everything up to here. Ends the current stream, if one is open.
    pub fn finish(mut self) -> Result<PretokenCounts> {
        self.end_stream(NEVER)?;
        self.tally.gather()?;
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
    /// What threads have counted and not yet handed over; each thread of the next
    /// call goes on with one of them.
    workers: Mutex<Vec<Worker>>,
}

impl Tally {
    fn count(&mut self, parts: &[Part], interrupt: Interrupt<'_>) -> Result<()> {
        let bytes: usize = parts.iter().map(|part| part.text().len()).sum();
        let jobs = portions(parts, &self.pattern, PORTION);
        let (pattern, limit) = (&self.pattern, self.max_pretoken_bytes);
        parallel::map(
            &jobs,
            self.threads,
            bytes < INLINE,
            interrupt,
            || Lease::new(&self.workers),
            |lease, job| lease.worker.count(job, pattern, limit),
        )?;
        let held = lock(&self.workers)
            .iter()
            .map(|worker| worker.counts.memory())
            .sum::<usize>();
        // What is merged is at most what was counted anew since the last time.
        if held > self.counts.memory() + self.spill {
            self.gather()
        } else {
            Ok(())
        }
    }

    /// Merges what the threads have counted.
    fn gather(&mut self) -> Result<()> {
        let workers = std::mem::take(&mut *lock(&self.workers));
        workers
            .iter()
            .try_for_each(|worker| self.counts.merge(&worker.counts))
    }
}

fn lock(workers: &Mutex<Vec<Worker>>) -> MutexGuard<'_, Vec<Worker>> {
    workers.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A worker taken out of the pool, which returns there by itself.
struct Lease<'a> {
    pool: &'a Mutex<Vec<Worker>>,
    worker: Worker,
}

impl<'a> Lease<'a> {
    fn new(pool: &'a Mutex<Vec<Worker>>) -> Self {
        let worker = lock(pool).pop().unwrap_or_default();
        Lease { pool, worker }
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let worker = std::mem::take(&mut self.worker);
        lock(self.pool).push(worker);
    }
}

/// One thread's counts.
#[derive(Default)]
struct Worker {
    counts: PretokenCounts,
    /// Entries of short pretokens seen lately, by a hash of [`short_key`]: a few
    /// thousand pretokens are nearly all of a text, and here they take one comparison.
    recent: Vec<(u128, u32)>,
    ends: Vec<usize>,
}

/// Number of places in [`Worker::recent`], as a power of two.
const RECENT_BITS: u32 = 13;

/// Pretokens of up to this many bytes have a key.
const SHORT: usize = 15;

impl Worker {
    fn count(&mut self, parts: &[Part], pattern: &Pattern, limit: usize) -> Result<()> {
        for part in parts {
            match *part {
                Part::Text { bytes, offset } => self.count_text(bytes, offset, pattern, limit)?,
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
        pattern: &Pattern,
        limit: usize,
    ) -> Result<()> {
        let Worker {
            counts,
            recent,
            ends,
        } = self;
        // No key is 0: no pretoken is empty.
        recent.resize(1 << RECENT_BITS, (0, 0));
        let mut pretokens = pattern.pretokens(text);
        let (mut start, mut total) = (0, 0);
        loop {
            pretokens.fill(ends)?;
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
                let entry = if pretoken.len() <= SHORT {
                    let key = short_key(text, start, end);
                    let place = &mut recent[place(key)];
                    if place.0 != key {
                        *place = (key, counts.entry(pretoken)?);
                    }
                    place.1
                } else {
                    counts.entry(pretoken)?
                };
                counts.raise(entry, 1)?;
                start = end;
            }
        }
    }
}

/// The bytes and the length of a pretoken of at most [`SHORT`] bytes as one number.
#[inline]
fn short_key(text: &[u8], start: usize, end: usize) -> u128 {
    let length = end - start;
    let bytes = match text[start..].first_chunk::<16>() {
        Some(chunk) => u128::from_le_bytes(*chunk) & ((1 << (8 * length)) - 1),
        None => {
            let mut chunk = [0; 16];
            chunk[..length].copy_from_slice(&text[start..end]);
            u128::from_le_bytes(chunk)
        }
    };
    bytes | (length as u128) << 120
}

/// A multiplicative hash of a key.
#[inline]
fn place(key: u128) -> usize {
    let folded = key as u64 ^ ((key >> 64) as u64).rotate_left(29);
    (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - RECENT_BITS)) as usize
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    const PATTERNS: [&str; 5] = ["cl100k", "gpt2", "whitespace", "none", "(?s:.)"];

    fn counter(pattern: &str, unit: Unit, threads: usize) -> PretokenCounter {
        let pattern = Pattern::parse(pattern).unwrap();
        let special_tokens = ["<|end|>".to_string(), "\n\n".to_string()];
        PretokenCounter::new(pattern, &special_tokens, unit, threads, 1 << 20).unwrap()
    }

    fn all(counts: &PretokenCounts) -> (BTreeMap<Vec<u8>, u64>, [u64; 3]) {
        let totals = [counts.documents(), counts.bytes(), counts.pretokens()];
        (
            counts
                .iter()
                .map(|(pretoken, n)| (pretoken.to_vec(), n))
                .collect(),
            totals,
        )
    }

    /// Documents of words of all lengths around [`SHORT`], and everything special.
    fn documents() -> Vec<Vec<u8>> {
        let document = |i: usize| {
            let word = |j: usize| {
                format!(
                    "{} ",
                    "abcdefghijklmnopqrst".repeat(2)[..1 + (i * j) % 37].to_owned()
                )
            };
            let mut text = (0..i % 60).map(word).collect::<String>().into_bytes();
            match i % 5 {
                0 => text.extend_from_slice(b"<|end|> don't\0\xFF\xFE\xE2\x82"),
                1 => text.extend_from_slice("\n\n\nπ 12345\r\n".as_bytes()),
                _ => {}
            }
            text
        };
        (0..400).map(document).collect()
    }

    /// The same counts by the shortest way.
    fn reference(pattern: &str, documents: &[Vec<u8>]) -> (BTreeMap<Vec<u8>, u64>, [u64; 3]) {
        let pattern = Pattern::parse(pattern).unwrap();
        let mut counts = BTreeMap::new();
        let mut ends = Vec::new();
        for document in documents {
            let mut text = document.as_slice();
            loop {
                let special = (0..text.len()).find_map(|at| {
                    let rest = &text[at..];
                    [&b"<|end|>"[..], b"\n\n"]
                        .iter()
                        .find(|s| rest.starts_with(s))
                        .map(|s| (at, s.len()))
                });
                let stretch = &text[..special.map_or(text.len(), |(at, _)| at)];
                let (mut pretokens, mut start) = (pattern.pretokens(stretch), 0);
                loop {
                    pretokens.fill(&mut ends).unwrap();
                    if ends.is_empty() {
                        break;
                    }
                    for &end in &ends {
                        *counts.entry(stretch[start..end].to_vec()).or_insert(0) += 1;
                        start = end;
                    }
                }
                let Some((at, length)) = special else { break };
                text = &text[at + length..];
            }
        }
        let bytes = counts
            .iter()
            .map(|(pretoken, n)| pretoken.len() as u64 * n)
            .sum();
        let pretokens = counts.values().sum();
        (counts, [documents.len() as u64, bytes, pretokens])
    }

    #[test]
    fn counts_do_not_depend_on_threads_or_order_or_sharing_out() {
        let documents = documents();
        for pattern in PATTERNS {
            let expected = reference(pattern, &documents);
            for threads in [1, 2, 8] {
                for (batch, spill) in [(1, SPILL), (7, 0), (400, 0), (400, SPILL)] {
                    let mut counter = counter(pattern, Unit::Whole, threads);
                    counter.tally.spill = spill;
                    for texts in documents.rchunks(batch) {
                        let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
                        counter.feed_documents(&texts, NEVER).unwrap();
                    }
                    let counts = counter.finish().unwrap();
                    assert_eq!(
                        all(&counts),
                        expected,
                        "{pattern} {threads} {batch} {spill}"
                    );
                }
            }
        }
    }

    #[test]
    fn counts_do_not_depend_on_blocks() {
        let documents = documents();
        // Each document ends with a terminator, so that an empty last one counts too.
        let stream: Vec<u8> = documents
            .iter()
            .flat_map(|text| [text, &b"\x01\x02"[..]].concat())
            .collect();
        let unit = Unit::Terminated(b"\x01\x02".to_vec());
        for pattern in PATTERNS {
            let expected = reference(pattern, &documents);
            for block in [5, 4096, 1 << 23] {
                let mut counter = counter(pattern, unit.clone(), 2);
                stream
                    .chunks(block)
                    .for_each(|block| counter.feed(block, NEVER).unwrap());
                assert_eq!(
                    all(&counter.finish().unwrap()),
                    expected,
                    "{pattern} {block}"
                );
            }
        }
    }

    #[test]
    fn a_large_stream_is_shared_out() {
        let text = documents().concat().repeat(6);
        for pattern in PATTERNS {
            let expected = reference(pattern, std::slice::from_ref(&text));
            let mut counter = counter(pattern, Unit::Whole, 3);
            text.chunks(1 << 19)
                .for_each(|block| counter.feed(block, NEVER).unwrap());
            assert_eq!(all(&counter.finish().unwrap()), expected, "{pattern}");
        }
    }

    #[test]
    fn each_stream_begins_a_document() {
        let mut counter = counter("cl100k", Unit::Whole, 1);
        for stream in ["a", "", "a b"] {
            counter.feed(stream.as_bytes(), NEVER).unwrap();
            counter.end_stream(NEVER).unwrap();
        }
        counter.feed_documents(&[b"", b"a"], NEVER).unwrap();
        let (counts, totals) = all(&counter.finish().unwrap());
        assert_eq!(
            counts,
            BTreeMap::from([(b"a".to_vec(), 3), (b" b".to_vec(), 1)])
        );
        assert_eq!(totals, [4, 5, 4]);
    }

    #[test]
    fn a_pretoken_that_is_too_long_is_refused_wherever_blocks_end() {
        let pattern = Pattern::parse("whitespace").unwrap();
        let fits = [b"xy\n", &b"z".repeat(40)[..], b" "].concat();
        let too_long = [
            &fits[..],
            b"zz ",
            &b"z".repeat(41),
            b" z ",
            &b"z".repeat(99),
        ]
        .concat();
        for threads in [1, 2] {
            for block in 1..=too_long.len() {
                let count = |text: &[u8]| {
                    let unit = Unit::Terminated(b"\n".to_vec());
                    let mut counter =
                        PretokenCounter::new(pattern.clone(), &[], unit, threads, 40)?;
                    text.chunks(block)
                        .try_for_each(|block| counter.feed(block, NEVER))?;
                    counter.finish().map(|counts| counts.pretokens())
                };
                assert_eq!(count(&fits), Ok(3));
                assert_eq!(
                    count(&too_long),
                    Err(Error::PretokenTooLong {
                        offset: 44,
                        limit: 40
                    })
                );
            }
        }
    }

    #[test]
    fn an_endless_pretoken_is_refused_before_the_stream_ends() {
        let pattern = Pattern::parse("whitespace").unwrap();
        let mut counter = PretokenCounter::new(pattern, &[], Unit::Whole, 1, 10_000).unwrap();
        let blocks = (0..)
            .take_while(|_| counter.feed(&[b'z'; 64], NEVER).is_ok())
            .count();
        assert!((10_000 / 64..20_000 / 64).contains(&blocks), "{blocks}");
    }

    #[test]
    fn counting_can_be_interrupted() {
        // Takes far longer than the time between two questions.
        let document = b"a b ".repeat(10_000);
        let documents = vec![&document[..]; 5_000];
        for threads in [1, 2] {
            let mut counter = counter("whitespace", Unit::Whole, threads);
            let stopped = counter.feed_documents(&documents, &|| true);
            assert_eq!(stopped, Err(Error::Interrupted));
        }
    }

    #[test]
    fn special_tokens_that_make_no_sense_are_refused() {
        for texts in [vec!["a".to_string(); 2], vec![String::new()]] {
            let pattern = Pattern::parse("none").unwrap();
            let refused = PretokenCounter::new(pattern, &texts, Unit::Whole, 1, 9)
                .err()
                .unwrap();
            assert!(matches!(
                refused,
                Error::InvalidArgument {
                    name: "special_tokens",
                    ..
                }
            ));
        }
    }
}
