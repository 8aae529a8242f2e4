//! Encodes many documents on many threads.

use std::ops::Range;

use crate::documents::{PORTION, Part, portions};
use crate::encode::added::{Cut, Special};
use crate::encode::dropout::Dropout;
use crate::encode::frame::{Framer, Joined};
use crate::encode::{Document, Output, Worker};
use crate::error::Result;
use crate::threads::{self, Interrupt};
use crate::tokenizer::Tokenizer;

/// Rows of ids: row `i` is `ids[bounds[i]..bounds[i + 1]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ragged {
    /// The ids of all rows.
    pub ids: Vec<u32>,
    /// Where rows begin and end; one more than rows.
    pub bounds: Vec<i64>,
}

/// Less text than this is one job. It takes about a millisecond, as much as some threads take to
/// start on a busy machine.
const MIN_SPLIT: usize = 128 << 10;

/// Text is divided into at least so many jobs for each thread, so that all end at about the same
/// time, of at least so many bytes.
const JOBS_A_THREAD: usize = 4;
const MIN_PORTION: usize = 16 << 10;

/// How many bytes an id mostly stands for, at least: room for fewer is made in advance, since
/// moving a large result while it grows takes as long as a tenth of the encoding.
const BYTES_PER_ID: usize = 3;

/// Work for one thread.
enum Job<'a> {
    /// Whole documents.
    Documents(Range<usize>),
    /// A part of a long document.
    Portion {
        document: usize,
        parts: Vec<Part<'a>>,
    },
}

impl Tokenizer {
    /// The ids of many documents, as [`Tokenizer::encode`] gives them, on as many as
    /// `threads` threads. With `dropout`, the documents are numbered as they come.
    pub fn encode_batch(
        &self,
        documents: &[Document<'_>],
        special: Special,
        template: bool,
        dropout: Option<Dropout>,
        threads: usize,
        interrupt: Interrupt<'_>,
    ) -> Result<Ragged> {
        if dropout.is_some() {
            self.droppable()?;
        }
        let size: usize = documents
            .iter()
            .map(|document| document.bytes().len())
            .sum();
        let jobs = if threads == 1 || size < MIN_SPLIT {
            vec![Job::Documents(0..documents.len())]
        } else {
            let portion = (size / (threads * JOBS_A_THREAD)).clamp(MIN_PORTION, PORTION);
            self.jobs(documents, special, portion)?
        };
        let (before, after) = self.around(template);
        let mut framer = Framer::new(before, after);
        let mut joined = Joined::default();
        joined.ends.push(0);
        let alone = jobs.len() == 1 && framer.len() == 0;
        let room = size / BYTES_PER_ID;
        let mut ids = Vec::with_capacity(if alone { 0 } else { room });
        threads::in_order(
            &jobs,
            threads,
            size <= PORTION,
            interrupt,
            |stop| Worker::new(self, special, usize::MAX, stop).with_dropout(dropout),
            |worker, job, out: &mut Output| match job {
                Job::Documents(range) => {
                    out.ids.reserve(if alone { room } else { 0 });
                    range.clone().try_for_each(|index| {
                        worker.begin(index as u64);
                        worker.encode_document(documents[index], out)?;
                        out.ends.push(out.ids.len());
                        Ok(())
                    })
                }
                Job::Portion { document, parts } => {
                    worker.begin(*document as u64);
                    worker.encode_parts(parts.iter().copied(), out)
                }
            },
            |out: &mut Output| {
                if alone {
                    // Nothing to join it with.
                    joined.ends.extend(out.ends.iter().map(|&end| end as i64));
                    ids = std::mem::take(&mut out.ids);
                } else {
                    framer.add(out, &[], &mut joined, &mut |some| {
                        ids.extend_from_slice(some)
                    });
                    out.clear();
                }
            },
        )?;
        Ok(Ragged {
            ids,
            bounds: joined.ends,
        })
    }

    /// Groups short documents, and cuts long ones up where that is exact, into portions of about
    /// as many bytes.
    fn jobs<'a>(
        &self,
        documents: &[Document<'a>],
        special: Special,
        portion: usize,
    ) -> Result<Vec<Job<'a>>> {
        let plain = self.added.is_plain_under(special);
        let mut jobs = Vec::new();
        let (mut start, mut size) = (0, 0);
        for (index, document) in documents.iter().enumerate() {
            let document = document.bytes();
            let long = plain && document.len() >= 2 * portion;
            if size + document.len() > portion || long {
                jobs.push(Job::Documents(start..index));
                (start, size) = (index, 0);
            }
            size += document.len();
            if long {
                let parts = self.parts(document, special)?;
                let portions = portions(&parts, &self.vocab().pattern, portion);
                jobs.extend(portions.into_iter().map(|parts| Job::Portion {
                    document: index,
                    parts,
                }));
                (start, size) = (index + 1, 0);
            }
        }
        jobs.push(Job::Documents(start..documents.len()));
        Ok(jobs)
    }

    /// The parts of a whole document; the added tokens are plain.
    fn parts<'a>(&self, document: &'a [u8], special: Special) -> Result<Vec<Part<'a>>> {
        let mut parts = Vec::new();
        self.added.cut(document, special, |cut| {
            parts.push(match cut {
                Cut::Text(range) => Part::Text {
                    offset: range.start as u64,
                    bytes: &document[range],
                },
                Cut::Added { index, range, .. } => Part::Special {
                    index,
                    offset: range.start as u64,
                    length: range.len(),
                },
            });
            Ok(())
        })?;
        parts.push(Part::End);
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::Normalizer;
    use crate::testing::trained;
    use crate::threads::NEVER;
    use crate::vocab::{AddedToken, Template};

    #[test]
    fn batches_equal_single_documents() {
        let text = "the cat sat on the mat, <s> and the cats' hats are on the mats.\n";
        let long = text.repeat(3 * PORTION / text.len());
        let documents: Vec<&[u8]> = vec![
            b"",
            text.as_bytes(),
            long.as_bytes(),
            b"",
            &long.as_bytes()[7..],
            b"x",
        ];
        let mut vocab = trained(&text.repeat(3), "gpt2", 60);
        vocab.added_tokens = vec![AddedToken::special(900, "<s>")];
        vocab.template = Some(Template {
            before: vec![900],
            after: vec![1, 2],
            json: String::new(),
            ..Template::default()
        });
        for normalizer in [None, Some(Normalizer::nfc())] {
            let vocab = crate::vocab::Vocab {
                normalizer,
                ..vocab.clone()
            };
            let tokenizer = Tokenizer::new(vocab).unwrap();
            for (special, template) in [(Special::Text, false), (Special::Token, true)] {
                let mut expected = Ragged {
                    ids: Vec::new(),
                    bounds: vec![0],
                };
                for document in &documents {
                    expected
                        .ids
                        .extend(tokenizer.encode(document, special, template).unwrap());
                    expected.bounds.push(expected.ids.len() as i64);
                }
                let documents: Vec<Document> =
                    documents.iter().map(|text| Document::Bytes(text)).collect();
                for threads in [1, 3] {
                    let rows = tokenizer
                        .encode_batch(&documents, special, template, None, threads, NEVER)
                        .unwrap();
                    assert!(rows == expected);
                }
            }
            let documents: Vec<Document> =
                documents.iter().map(|text| Document::Bytes(text)).collect();
            let refused = tokenizer.encode_batch(&documents, Special::Error, false, None, 2, NEVER);
            assert!(refused.is_err());
            let none = tokenizer
                .encode_batch(&[], Special::Text, true, None, 2, NEVER)
                .unwrap();
            assert_eq!(
                none,
                Ragged {
                    ids: vec![],
                    bounds: vec![0]
                }
            );
        }
    }
}
