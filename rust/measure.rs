//! Statistics of documents as they are encoded: ids, sizes and words.

use crate::count::PretokenCounts;
use crate::documents::PORTION;
use crate::encode::{Document, Special};
use crate::error::Result;
use crate::threads::{self, Interrupt};
use crate::tokenizer::{Encoding, Tokenizer};

/// The number of sums of a document.
pub const SUMS: usize = 6;

/// Tokens, bytes, characters, words, tokens of all words, and words that lie within a single
/// token.
pub type Sums = [i64; SUMS];

/// What [`Tokenizer::measure`] gives.
pub struct Measured {
    /// How often each id occurs.
    pub counts: Vec<i64>,
    /// The sums of each document.
    pub sums: Vec<Sums>,
    /// How often each word occurs in more than one token, in order of first occurrence.
    pub split: PretokenCounts,
}

impl Tokenizer {
    /// Encodes documents, with special tokens as text, and adds up the result.
    ///
    /// A word is a maximal run of characters whose entry in `of_words`, which is indexed by
    /// code point, is not 0. Characters beyond its end, and bytes outside UTF-8, belong to no
    /// word. Where a text is normalized, or there is text without a token, sizes and words are those of
    /// the decoded ids.
    pub fn measure(
        &self,
        documents: &[&[u8]],
        of_words: &[u8],
        threads: usize,
        interrupt: Interrupt<'_>,
    ) -> Result<Measured> {
        let texts: Vec<Document> = documents.iter().map(|text| Document::Bytes(text)).collect();
        let rows = self.encode_batch(&texts, Special::Text, false, None, threads, interrupt)?;
        let mut counts = vec![0; self.max_id() as usize + 1];
        for &id in &rows.ids {
            counts[id as usize] += 1;
        }
        // Whether the tokens of every text are the text, cut.
        let exact = self.added.is_plain()
            && matches!(&self.encoding, Encoding::Bpe(tables) if tables.is_complete());
        let (decoded, bounds) = if exact {
            (Vec::new(), Vec::new())
        } else {
            self.decode_rows(&rows.ids, &rows.bounds, interrupt)?
        };
        let document = |index: usize| match bounds.get(index..index + 2) {
            Some(ends) => &decoded[ends[0] as usize..ends[1] as usize],
            None => documents[index],
        };
        let jobs = jobs(documents);
        let measured = threads::map(
            &jobs,
            threads,
            jobs.len() == 1,
            interrupt,
            |_| (),
            |(), job| {
                let mut split = Vec::new();
                let sums = job.clone().map(|index| {
                    let ids =
                        &rows.ids[rows.bounds[index] as usize..rows.bounds[index + 1] as usize];
                    self.measure_words(document(index), ids, of_words, &mut split)
                });
                Ok((sums.collect::<Vec<_>>(), split))
            },
        )?;
        let mut all = Measured {
            counts,
            sums: Vec::with_capacity(documents.len()),
            split: PretokenCounts::default(),
        };
        for (sums, split) in measured {
            all.sums.extend(sums);
            for word in split {
                all.split.add(word, 1)?;
            }
        }
        Ok(all)
    }

    /// The sums of one document of these ids. Adds the words that are split to `split`.
    fn measure_words<'d>(
        &self,
        text: &'d [u8],
        ids: &[u32],
        of_words: &[u8],
        split: &mut Vec<&'d [u8]>,
    ) -> Sums {
        let (mut characters, mut words, mut pieces, mut whole) = (0, 0, 0, 0);
        let mut lengths = ids.iter().map(|&id| self.bytes.length(id));
        // The start of the next token.
        let mut token = 0;
        let mut offset = 0;
        for chunk in text.utf8_chunks() {
            let valid = chunk.valid();
            characters += valid.chars().count() + chunk.invalid().len();
            let mut at = 0;
            while let Some((start, end)) = next_word(valid, at, of_words) {
                at = end;
                let (start, end) = (offset + start, offset + end);
                while token <= start {
                    token += lengths.next().unwrap_or(text.len());
                }
                let mut parts = 1;
                while token < end {
                    token += lengths.next().unwrap_or(text.len());
                    parts += 1;
                }
                words += 1;
                pieces += parts;
                if parts == 1 {
                    whole += 1;
                } else {
                    split.push(&text[start..end]);
                }
            }
            offset += valid.len() + chunk.invalid().len();
        }
        [ids.len(), text.len(), characters, words, pieces, whole].map(|sum| sum as i64)
    }
}

/// Documents in groups of about as many bytes.
fn jobs(documents: &[&[u8]]) -> Vec<std::ops::Range<usize>> {
    let mut jobs = Vec::new();
    let (mut start, mut size) = (0, 0);
    for (index, document) in documents.iter().enumerate() {
        size += document.len();
        if size >= PORTION {
            jobs.push(start..index + 1);
            (start, size) = (index + 1, 0);
        }
    }
    jobs.push(start..documents.len());
    jobs
}

/// Where the first word begins and ends that begins at `at` or later.
#[inline]
fn next_word(text: &str, at: usize, of_words: &[u8]) -> Option<(usize, usize)> {
    let is_of_word = |code: u32| of_words.get(code as usize).is_some_and(|&of| of != 0);
    let mut characters = text[at..].char_indices();
    let (start, _) = characters.find(|&(_, character)| is_of_word(character.into()))?;
    let end = characters.find(|&(_, character)| !is_of_word(character.into()));
    Some((at + start, end.map_or(text.len(), |(end, _)| at + end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::normalize::Normalizer;
    use crate::testing::trained;
    use crate::threads::NEVER;

    fn letters() -> Vec<u8> {
        let alphabetic = |code| char::from_u32(code).is_some_and(char::is_alphabetic);
        (0..0x3000).map(|code| alphabetic(code).into()).collect()
    }

    fn words(counts: &PretokenCounts) -> Vec<(String, u64)> {
        let spelled = |word: &[u8]| String::from_utf8(word.to_vec()).unwrap();
        let counts = counts.iter();
        counts.map(|(word, n)| (spelled(word), n)).collect()
    }

    #[test]
    fn sums_are_those_of_the_definition() {
        // "the" and " the" are tokens; of the other words, each byte is one.
        let vocab = trained("the the the the", "gpt2", 4);
        let tokenizer = Tokenizer::new(vocab).unwrap();
        let documents: [&[u8]; 5] = [
            b"the cat, the",
            b"",
            "\u{e9}a\u{4e00}\u{e9}".as_bytes(),
            b"a\xE2\x82b the\xFF",
            b"cat",
        ];
        let found = tokenizer.measure(&documents, &letters(), 2, NEVER).unwrap();
        let tokens = |at: usize| {
            tokenizer
                .encode(documents[at], Special::Text, false)
                .unwrap()
        };
        let expected = [
            [tokens(0).len(), 12, 12, 3, 1 + 3 + 1, 2],
            [0; 6],
            // The character beyond the table is of no word.
            [8, 8, 4, 2, 3 + 2, 0],
            [tokens(3).len(), 9, 9, 3, 3, 3],
            [3, 3, 3, 1, 3, 0],
        ];
        assert_eq!(found.sums, expected.map(|sums| sums.map(|sum| sum as i64)));
        let split = [("cat", 2), ("\u{e9}a", 1), ("\u{e9}", 1)];
        assert_eq!(words(&found.split), split.map(|(word, n)| (word.into(), n)));
        let mut counts = vec![0; tokenizer.max_id() as usize + 1];
        for id in (0..documents.len()).flat_map(tokens) {
            counts[id as usize] += 1;
        }
        assert_eq!(found.counts, counts);
        let none = tokenizer.measure(&[], &letters(), 2, NEVER).unwrap();
        assert!(none.sums.is_empty() && none.split.len() == 0);
    }

    #[test]
    fn normalized_text_is_measured_as_it_is_encoded() {
        let vocab = crate::vocab::Vocab {
            normalizer: Some(Normalizer::nfc()),
            ..trained("the", "gpt2", 0)
        };
        let tokenizer = Tokenizer::new(vocab).unwrap();
        let documents = ["e\u{301} x".as_bytes(), b"ab"];
        let found = tokenizer.measure(&documents, &letters(), 1, NEVER).unwrap();
        assert_eq!(found.sums, [[4, 4, 3, 2, 3, 1], [2, 2, 2, 1, 2, 0]]);
        assert_eq!(
            words(&found.split),
            [("\u{e9}".into(), 1), ("ab".into(), 1)]
        );
    }

    #[test]
    fn threads_change_nothing() {
        let tokenizer = Tokenizer::new(trained("the cat sat", "gpt2", 5)).unwrap();
        let line = "the cat, a dog; the mat ".repeat(50);
        let documents = vec![line.as_bytes(); 3 * PORTION / line.len()];
        let one = tokenizer.measure(&documents, &letters(), 1, NEVER).unwrap();
        let two = tokenizer.measure(&documents, &letters(), 3, NEVER).unwrap();
        assert!(jobs(&documents).len() > 2);
        assert_eq!(one.sums, two.sums);
        assert_eq!(one.counts, two.counts);
        assert_eq!(words(&one.split), words(&two.split));
    }
}
