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

/// Encoded documents that are not joined to rows yet.
pub struct Rows<'t> {
    outputs: Vec<Output>,
    count: usize,
    /// What stands before and after each.
    around: (&'t [u32], &'t [u32]),
}

impl Rows<'_> {
    /// How many ids they have.
    pub fn ids(&self) -> usize {
        let encoded: usize = self.outputs.iter().map(|output| output.ids.len()).sum();
        encoded + self.count * (self.around.0.len() + self.around.1.len())
    }

    /// Gives `push` all ids in order, slice by slice, and returns the bounds of rows.
    pub fn write(self, push: impl FnMut(&[u32])) -> Vec<i64> {
        let mut framer = Framer::new(self.around.0, self.around.1);
        let mut bounds = framer.join(self.outputs, &[], push).ends;
        bounds.insert(0, 0);
        bounds
    }

    /// Joins them; without a copy, if one output has all ids.
    pub fn join(mut self) -> Ragged {
        if self.outputs.len() == 1 && self.around == (&[], &[]) {
            let output = self.outputs.remove(0);
            let ends = output.ends.iter().map(|&end| end as i64);
            return Ragged {
                bounds: std::iter::once(0).chain(ends).collect(),
                ids: output.ids,
            };
        }
        let mut ids = Vec::with_capacity(self.ids());
        let bounds = self.write(|some| ids.extend_from_slice(some));
        Ragged { ids, bounds }
    }
}

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
    ) -> Result<Rows<'_>> {
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
        let outputs = threads::map(
            &jobs,
            threads,
            small,
            interrupt,
            |stop| Worker::new(self, special, usize::MAX, stop),
            |worker, job| {
                let mut out = Output::new(Want::Ids);
                match job {
                    Job::Documents(documents) => {
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
        Ok(Rows {
            outputs,
            count: documents.len(),
            around: self.around(template),
        })
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
                    assert_eq!(rows.ids(), expected.ids.len());
                    assert!(rows.join() == expected);
                }
            }
            let refused = tokenizer.encode_batch(&documents, Special::Error, false, 2, NEVER);
            assert!(refused.is_err());
            let none = tokenizer
                .encode_batch(&[], Special::Text, true, 2, NEVER)
                .unwrap();
            assert_eq!(
                none.join(),
                Ragged {
                    ids: vec![],
                    bounds: vec![0]
                }
            );
        }
    }
}
