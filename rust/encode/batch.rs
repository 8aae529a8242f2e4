//! Encodes many documents on many threads.

use crate::documents::{PORTION, Part, portions};
use crate::encode::added::{Piece, Special};
use crate::encode::frame::Framer;
use crate::encode::{Output, Want, Worker};
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

/// How many bytes an id mostly stands for, at least: room for fewer is made in advance.
const BYTES_PER_ID: usize = 3;

/// Work for one thread.
enum Job<'a> {
    /// Whole documents.
    Documents(&'a [&'a [u8]]),
    /// A part of a long document.
    Portion(Vec<Part<'a>>),
}

impl Tokenizer {
    /// The ids of many documents, as [`Tokenizer::encode`] gives them, on as many as
    /// `threads` threads.
    pub fn encode_batch(
        &self,
        documents: &[&[u8]],
        special: Special,
        template: bool,
        threads: usize,
        interrupt: Interrupt<'_>,
    ) -> Result<Ragged> {
        let jobs = match threads {
            // One job has one output, which need not be joined.
            1 => vec![Job::Documents(documents)],
            _ => self.jobs(documents, special)?,
        };
        let small = documents
            .iter()
            .map(|document| document.len())
            .sum::<usize>()
            <= PORTION;
        let mut outputs = threads::map(
            &jobs,
            threads,
            small,
            interrupt,
            |stop| Worker::new(self, special, usize::MAX, stop),
            |worker, job| {
                let mut out = Output::new(Want::Ids);
                match job {
                    Job::Documents(documents) => {
                        let bytes: usize = documents.iter().map(|document| document.len()).sum();
                        out.ids.reserve(bytes / BYTES_PER_ID);
                        for document in *documents {
                            worker.encode_document(document, &mut out)?;
                            out.ends.push(out.ids.len());
                        }
                    }
                    Job::Portion(parts) => worker.encode_parts(parts.iter().copied(), &mut out)?,
                }
                Ok(out)
            },
        )?;
        let (before, after) = self.around(template);
        if let [output] = &mut outputs[..]
            && before.is_empty()
            && after.is_empty()
        {
            let ends = output.ends.iter().map(|&end| end as i64);
            return Ok(Ragged {
                bounds: std::iter::once(0).chain(ends).collect(),
                ids: std::mem::take(&mut output.ids),
            });
        }
        let encoded: usize = outputs.iter().map(|output| output.ids.len()).sum();
        let around = documents.len() * (before.len() + after.len());
        let mut ids = Vec::with_capacity(encoded + around);
        let push = |some: &[u32]| ids.extend_from_slice(some);
        let mut bounds = Framer::new(before, after).join(outputs, &[], push).ends;
        bounds.insert(0, 0);
        Ok(Ragged { ids, bounds })
    }

    /// Groups short documents, and cuts long ones up where that is exact.
    fn jobs<'a>(&self, documents: &'a [&'a [u8]], special: Special) -> Result<Vec<Job<'a>>> {
        let plain = self.added.is_plain();
        let mut jobs = Vec::new();
        let (mut start, mut size) = (0, 0);
        for (index, document) in documents.iter().enumerate() {
            let long = plain && document.len() >= 2 * PORTION;
            if size + document.len() > PORTION || long {
                jobs.push(Job::Documents(&documents[start..index]));
                (start, size) = (index, 0);
            }
            size += document.len();
            if long {
                let parts = self.parts(document, special)?;
                let pattern = &self.vocab().pattern;
                jobs.extend(
                    portions(&parts, pattern, PORTION)
                        .into_iter()
                        .map(Job::Portion),
                );
                (start, size) = (index + 1, 0);
            }
        }
        jobs.push(Job::Documents(&documents[start..]));
        Ok(jobs)
    }

    /// The parts of a whole document; the added tokens are plain.
    fn parts<'a>(&self, document: &'a [u8], special: Special) -> Result<Vec<Part<'a>>> {
        let mut parts = Vec::new();
        let mut start = 0;
        self.added.split(document, special, |piece| {
            let offset = start as u64;
            match piece {
                Piece::Text(text) => {
                    let bytes = &document[start..start + text.len()];
                    start += text.len();
                    parts.push(Part::Text { bytes, offset });
                }
                Piece::Added { index, length, .. } => {
                    start += length;
                    parts.push(Part::Special {
                        index,
                        offset,
                        length,
                    });
                }
            }
            Ok(())
        })?;
        parts.push(Part::End);
        Ok(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::trained;
    use crate::threads::NEVER;
    use crate::vocab::{AddedToken, Normalizer, Template};

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
        });
        for normalizer in [None, Some(Normalizer::Nfc)] {
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
                for threads in [1, 3] {
                    let rows = tokenizer
                        .encode_batch(&documents, special, template, threads, NEVER)
                        .unwrap();
                    assert!(rows == expected);
                }
            }
            let refused = tokenizer.encode_batch(&documents, Special::Error, false, 2, NEVER);
            assert!(refused.is_err());
            let none = tokenizer
                .encode_batch(&[], Special::Text, true, 2, NEVER)
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
