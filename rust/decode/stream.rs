//! Decodes a stream of documents whose ids arrive in blocks: the inverse of
//! [`crate::encode::stream`].

use std::borrow::Cow;
use std::sync::Arc;

use super::foreign::Progress;
use crate::error::Result;
use crate::threads::Interrupt;
use crate::tokenizer::Tokenizer;

/// Text is returned as soon as there is this much of it.
const PIECE_BYTES: usize = 8 << 20;

/// The ids of a block, and the length of the ids at the end of each document that ends in it.
/// Ids after the last end belong to a document that goes on in the next block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block<'a> {
    pub ids: Cow<'a, [u32]>,
    /// The ends, in order, none beyond the ids.
    pub ends: Cow<'a, [i64]>,
    /// Whether the last of these documents lacks its terminator, and is the last of all.
    pub unterminated: bool,
}

impl Block<'_> {
    /// The ids of part `index`: of a document that ends here, or of the one that goes on.
    fn part(&self, index: usize) -> &[u32] {
        let end_of = |index: usize| self.ends.get(index).map(|&end| end as usize);
        let start = index.checked_sub(1).and_then(end_of).unwrap_or(0);
        &self.ids[start..end_of(index).unwrap_or(self.ids.len())]
    }

    /// Its ids without some of them, and its ends in what is left.
    fn without(&self, left_out: impl Fn(u32) -> bool) -> (Vec<u32>, Vec<i64>) {
        let mut ids = Vec::with_capacity(self.ids.len());
        let mut ends = Vec::with_capacity(self.ends.len());
        for index in 0..=self.ends.len() {
            ids.extend(self.part(index).iter().filter(|&&id| !left_out(id)));
            if index < self.ends.len() {
                ends.push(ids.len() as i64);
            }
        }
        (ids, ends)
    }
}

/// Turns blocks of ids into the text of their documents, whatever the blocks' bounds.
pub struct DocumentDecoder {
    tokenizer: Arc<Tokenizer>,
    terminator: Vec<u8>,
    stripper: Stripper,
    /// Whether special tokens are left out.
    skips_special: bool,
    /// How many documents have ended.
    documents: usize,
    /// Whether the current document has text already.
    begun: bool,
    progress: Progress,
}

impl DocumentDecoder {
    /// A decoder for one stream. `terminator` follows the text of each document; `before` and
    /// `after` are taken off its ids if they are there.
    pub fn new(
        tokenizer: Arc<Tokenizer>,
        terminator: &[u8],
        before: &[u32],
        after: &[u32],
    ) -> Self {
        DocumentDecoder {
            tokenizer,
            terminator: terminator.to_vec(),
            stripper: Stripper::new(before, after),
            skips_special: false,
            documents: 0,
            begun: false,
            progress: Progress::default(),
        }
    }

    /// The same that leaves special tokens out, if it is to.
    pub fn skipping_special(self, skips_special: bool) -> Self {
        DocumentDecoder {
            skips_special,
            ..self
        }
    }

    /// How many documents have ended. After an error the next one is that with the error.
    pub fn documents(&self) -> usize {
        self.documents
    }

    /// The block without the ids around its documents, and without special tokens if they are
    /// left out. To be called once for each block, in order.
    pub fn strip<'a>(&mut self, block: Block<'a>) -> Block<'a> {
        let unterminated = block.unterminated;
        let of = |(ids, ends): (Vec<u32>, Vec<i64>)| Block {
            ids: ids.into(),
            ends: ends.into(),
            unterminated,
        };
        let block = if self.stripper.is_empty() {
            block
        } else {
            of(self.stripper.strip(&block))
        };
        if self.skips_special {
            of(block.without(|id| self.tokenizer.is_special(id)))
        } else {
            block
        }
    }

    /// The text of a block's documents with their terminators, from part `next` on, which
    /// moves; `None` after the last part.
    ///
    /// [`Error::UnknownId`](crate::Error::UnknownId) counts positions from the start of the part.
    pub fn text(
        &mut self,
        block: &Block<'_>,
        next: &mut usize,
        interrupt: Interrupt<'_>,
    ) -> Result<Option<Vec<u8>>> {
        if *next > block.ends.len() {
            return Ok(None);
        }
        let mut out = Vec::new();
        while *next <= block.ends.len() && out.len() < PIECE_BYTES {
            let length = out.len();
            let ids = block.part(*next);
            self.tokenizer
                .advance(ids, &mut self.progress, &mut out, interrupt)?;
            if *next < block.ends.len() {
                self.tokenizer.finish(&mut self.progress, &mut out)?;
            }
            self.begun |= out.len() > length;
            if *next < block.ends.len() {
                let is_last = block.unterminated && *next + 1 == block.ends.len();
                // An empty document needs its terminator: without it, there would be none.
                if !is_last || !self.begun {
                    out.extend_from_slice(&self.terminator);
                }
                self.documents += 1;
                self.begun = false;
            }
            *next += 1;
        }
        Ok(Some(out))
    }

    /// The text that the next ids of a document settle.
    pub fn more(&mut self, ids: &[u32], interrupt: Interrupt<'_>) -> Result<Vec<u8>> {
        let skipped = |&id: &u32| self.skips_special && self.tokenizer.is_special(id);
        let ids: Cow<[u32]> = if ids.iter().any(skipped) {
            ids.iter().copied().filter(|id| !skipped(id)).collect()
        } else {
            ids.into()
        };
        let mut out = Vec::new();
        self.tokenizer
            .advance(&ids, &mut self.progress, &mut out, interrupt)?;
        Ok(out)
    }

    /// Ends such a document; returns the rest of its text.
    pub fn end(&mut self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        self.tokenizer.finish(&mut self.progress, &mut out)?;
        Ok(out)
    }

    /// The text of each part of a block on its own: of each document that ends here, and of
    /// the one that goes on. They are bytes, and where each of them ends.
    pub fn texts(
        &mut self,
        block: &Block<'_>,
        interrupt: Interrupt<'_>,
    ) -> Result<(Vec<u8>, Vec<usize>)> {
        let (mut out, mut ends) = (Vec::new(), Vec::with_capacity(block.ends.len() + 1));
        for index in 0..=block.ends.len() {
            self.tokenizer
                .advance(block.part(index), &mut self.progress, &mut out, interrupt)?;
            if index < block.ends.len() {
                self.tokenizer.finish(&mut self.progress, &mut out)?;
                self.documents += 1;
            }
            ends.push(out.len());
        }
        Ok((out, ends))
    }
}

/// Takes ids off the two ends of each document, if they are there.
struct Stripper {
    before: Vec<u32>,
    after: Vec<u32>,
    /// The ids of the current document that may be among those, so far.
    held: Vec<u32>,
    /// Whether what goes before the current document was taken off, or is not there.
    begun: bool,
}

impl Stripper {
    fn new(before: &[u32], after: &[u32]) -> Self {
        Stripper {
            before: before.to_vec(),
            after: after.to_vec(),
            held: Vec::new(),
            begun: false,
        }
    }

    fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }

    fn strip(&mut self, block: &Block<'_>) -> (Vec<u32>, Vec<i64>) {
        let mut ids = Vec::with_capacity(block.ids.len());
        let mut ends = Vec::with_capacity(block.ends.len());
        for index in 0..block.ends.len() {
            self.hold(block.part(index));
            let own = self.held.strip_suffix(&self.after[..]);
            ids.extend_from_slice(own.unwrap_or(&self.held));
            ends.push(ids.len() as i64);
            self.held.clear();
            self.begun = false;
        }
        self.hold(block.part(block.ends.len()));
        if self.begun {
            let certain = self.held.len().saturating_sub(self.after.len());
            ids.extend(self.held.drain(..certain));
        }
        (ids, ends)
    }

    fn hold(&mut self, ids: &[u32]) {
        self.held.extend_from_slice(ids);
        let certain = self.held.len() >= self.before.len() || !self.before.starts_with(&self.held);
        if !self.begun && certain {
            if self.held.starts_with(&self.before) {
                self.held.drain(..self.before.len());
            }
            self.begun = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::testing::trained;
    use crate::threads::NEVER;
    use crate::vocab::AddedToken;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    static TOKENIZER: LazyLock<Arc<Tokenizer>> =
        LazyLock::new(|| Arc::new(Tokenizer::new(trained("aaaa", "none", 1)).unwrap()));

    fn block<'a>(ids: &'a [u32], ends: &'a [i64]) -> Block<'a> {
        Block {
            ids: ids.into(),
            ends: ends.into(),
            unterminated: false,
        }
    }

    fn decoder(terminator: &[u8], before: &[u32], after: &[u32]) -> DocumentDecoder {
        DocumentDecoder::new(TOKENIZER.clone(), terminator, before, after)
    }

    fn text(decoder: &mut DocumentDecoder, block: Block<'_>) -> Vec<u8> {
        let block = decoder.strip(block);
        let (mut next, mut all) = (0, Vec::new());
        while let Some(text) = decoder.text(&block, &mut next, NEVER).unwrap() {
            all.extend(text);
        }
        all
    }

    #[test]
    fn documents_end_with_their_terminator() {
        let mut lines = decoder(b"<>", &[], &[]);
        assert_eq!(text(&mut lines, block(&[97, 98], &[0, 1])), b"<>a<>b");
        assert_eq!(text(&mut lines, block(&[], &[])), b"");
        assert_eq!(text(&mut lines, block(&[99], &[1])), b"c<>");
        assert_eq!(lines.documents(), 3);
    }

    #[test]
    fn only_an_empty_document_keeps_the_terminator_it_lacked() {
        for (begun, ids, ends, expected) in [
            (&[][..], &[97][..], &[1][..], &b"a"[..]),
            (&[], &[97], &[1, 1], b"a\n\n"),
            (&[97], &[], &[0], b""),
            (&[], &[], &[0], b"\n"),
        ] {
            let mut lines = decoder(b"\n", &[], &[]);
            text(&mut lines, block(begun, &[]));
            let last = Block {
                unterminated: true,
                ..block(ids, ends)
            };
            assert_eq!(text(&mut lines, last), expected, "{ids:?} {ends:?}");
        }
    }

    #[test]
    fn text_comes_in_pieces() {
        let terminator = vec![b'x'; PIECE_BYTES / 2 + 1];
        let mut decoder = decoder(&terminator, &[], &[]);
        let block = block(&[], &[0, 0, 0]);
        let mut next = 0;
        let sizes: Vec<usize> = std::iter::from_fn(|| {
            let text = decoder.text(&block, &mut next, NEVER).unwrap();
            text.map(|text| text.len())
        })
        .collect();
        assert_eq!(sizes, [2 * terminator.len(), terminator.len()]);
    }

    #[test]
    fn an_unknown_id_is_found_in_its_document() {
        let block = block(&[97, 97, 9999], &[1, 1, 3]);
        let error = Error::UnknownId {
            id: 9999,
            position: 1,
        };
        let mut one = decoder(b"\n", &[], &[]);
        assert_eq!(one.text(&block, &mut 0, NEVER), Err(error.clone()));
        assert_eq!(one.documents(), 2);
        let mut other = decoder(b"\n", &[], &[]);
        assert_eq!(other.texts(&block, NEVER), Err(error));
        assert_eq!(other.documents(), 2);
    }

    #[test]
    fn each_text_on_its_own() {
        let texts = decoder(b"\n", &[], &[]).texts(&block(&[97, 98, 99], &[0, 2]), NEVER);
        assert_eq!(texts, Ok((b"abc".to_vec(), vec![0, 2, 3])));
    }

    #[test]
    fn special_tokens_are_left_out() {
        let mut vocab = trained("aaaa", "none", 1);
        vocab.added_tokens = vec![AddedToken::special(500, "<s>")];
        let tokenizer = Arc::new(Tokenizer::new(vocab).unwrap());
        let decoder = DocumentDecoder::new(tokenizer, b"\n", &[500], &[]);
        let mut decoder = decoder.skipping_special(true);
        let ids = [500, 97, 500, 500, 500, 98, 99];
        let stripped = decoder.strip(block(&ids, &[3, 5]));
        assert_eq!(stripped, block(&[97, 98, 99], &[1, 1]));
    }

    #[test]
    fn only_what_is_there_is_taken_off() {
        let mut decoder = decoder(b"", &[8, 8], &[9]);
        let ids = [8, 8, 8, 9, 8, 8, 9, 1, 2];
        let stripped = decoder.strip(block(&ids, &[1, 3, 4, 7, 9, 9]));
        assert_eq!(stripped, block(&[8, 1, 2], &[1, 1, 1, 1, 3, 3]));
    }

    proptest! {
        #[test]
        fn what_stands_around_documents_is_taken_off(
            documents in prop::collection::vec(prop::collection::vec(0..3u32, 0..4), 0..6),
            before in prop::collection::vec(0..3u32, 0..3),
            after in prop::collection::vec(0..3u32, 0..3),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
        ) {
            let (mut ids, mut ends) = (Vec::new(), Vec::new());
            for document in &documents {
                ids.extend([&before[..], document, &after].concat());
                ends.push(ids.len() as i64);
            }
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(ids.len() + 1)).collect();
            cuts.sort_unstable();
            cuts.push(ids.len());
            let mut decoder = decoder(b"", &before, &after);
            let (mut start, mut done, mut found) = (0, 0, vec![Vec::new()]);
            for cut in cuts {
                let until = ends.partition_point(|&end| end <= cut as i64);
                let own: Vec<i64> = ends[done..until].iter().map(|end| end - start as i64).collect();
                let stripped = decoder.strip(block(&ids[start..cut], &own));
                for index in 0..=stripped.ends.len() {
                    found.last_mut().unwrap().extend_from_slice(stripped.part(index));
                    if index < stripped.ends.len() {
                        found.push(Vec::new());
                    }
                }
                (start, done) = (cut, until);
            }
            prop_assert_eq!(found.pop(), Some(vec![]));
            prop_assert_eq!(found, documents);
        }
    }
}
