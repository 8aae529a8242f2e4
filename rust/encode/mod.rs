//! Turns one text into ids.

pub(crate) mod added;

mod batch;
mod cache;
mod document;
pub(crate) mod dropout;
mod frame;
mod learn;
mod long;
pub(crate) mod memory;
mod packed;
mod pieces;
mod prepared;
mod pretokens;
pub mod stream;
pub mod text;
mod trim;
pub(crate) mod whole;
mod worker;

use crate::documents::PORTION;
use crate::error::Result;
use crate::merge::Scratch;
use crate::threads::{self, Interrupt, NEVER, Stop};
use crate::tokenizer::{Encoding, Tokenizer};
use crate::vocab::Template;
use added::Piece;
pub use added::Special;
pub use batch::Ragged;
pub use document::Document;
pub use dropout::Dropout;
use prepared::Prepared;
pub(crate) use worker::Worker;

/// For each id, where its text starts and ends.
pub type Offsets = Vec<(i64, i64)>;

/// What an encoding is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Want {
    #[default]
    Ids,
    IdsAndOffsets,
    Count,
}

/// What encoding gives.
#[derive(Default)]
pub(crate) struct Output {
    want: Want,
    pub ids: Vec<u32>,
    /// Where each id's text starts and ends in its document.
    pub offsets: Offsets,
    pub count: usize,
    /// The number of ids at the end of each document.
    pub ends: Vec<usize>,
    /// How many special tokens were met as text.
    pub as_text: u64,
}

impl Output {
    pub fn new(want: Want) -> Self {
        Output {
            want,
            ..Output::default()
        }
    }

    /// Forgets everything but what is wanted.
    fn clear(&mut self) {
        self.ids.clear();
        self.offsets.clear();
        self.ends.clear();
        (self.count, self.as_text) = (0, 0);
    }

    fn has_offsets(&self) -> bool {
        self.want == Want::IdsAndOffsets
    }

    /// Adds the id of a token that is found as a whole.
    fn push(&mut self, id: u32, start: i64, end: i64) {
        self.count += 1;
        if self.want != Want::Count {
            self.ids.push(id);
        }
        if self.has_offsets() {
            self.offsets.push((start, end));
        }
    }
}

impl Tokenizer {
    /// Appends the ids of a pretoken. `is_no_token` if it is known that no token has its bytes.
    fn encode_pretoken(
        &self,
        pretoken: &[u8],
        is_no_token: bool,
        scratch: &mut Scratch,
        ids: &mut Vec<u32>,
    ) {
        match &self.encoding {
            Encoding::Bpe(tables) if is_no_token => {
                tables.merge(self.model_tokens(), pretoken, scratch, ids);
            }
            Encoding::Bpe(tables) => tables.encode(self.model_tokens(), pretoken, scratch, ids),
            Encoding::Words(unknown) => {
                ids.push(self.model_tokens().id(pretoken).unwrap_or(*unknown))
            }
        }
    }

    fn encode_as(
        &self,
        text: &[u8],
        special: Special,
        want: Want,
        interrupt: Interrupt<'_>,
    ) -> Result<Output> {
        let outputs = threads::map(
            &[text],
            1,
            text.len() <= PORTION,
            interrupt,
            |stop| Worker::new(self, special, usize::MAX, stop),
            |worker, text| {
                let mut out = Output::new(want);
                worker.encode_document(Document::Bytes(text), &mut out)?;
                Ok(out)
            },
        )?;
        Ok(outputs.into_iter().next().expect("one job has one result"))
    }

    /// The pretokens of a text in which special tokens are text, as the model gets them.
    pub fn pretokens(&self, text: &[u8]) -> Result<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        self.for_each_pretoken(text, Special::Text, |pretoken, _| {
            all.push(pretoken.to_vec());
            Ok(())
        })?;
        Ok(all)
    }

    /// Calls `visit` with each pretoken of a text, as the model gets it, and with the text of each
    /// added token; and whether it is one.
    pub fn for_each_pretoken(
        &self,
        text: &[u8],
        special: Special,
        mut visit: impl FnMut(&[u8], bool) -> Result<()>,
    ) -> Result<()> {
        let (vocab, stop) = (self.vocab(), Stop::default());
        let (mut prepared, mut ends) = (Prepared::default(), Vec::new());
        let split = self.added.split(text, special, true, &stop, |piece| {
            let (bytes, origin) = match piece {
                Piece::Text { bytes, origin } => (bytes, origin),
                Piece::Added { text, .. } => return visit(text, true),
            };
            let mut start = 0;
            if let Some(steps) = &vocab.around.pre_tokenizer {
                let source = (bytes, &origin);
                prepared.fill(steps, vocab.leaves_mapped(), source, false, &stop)?;
                for &end in &prepared.ends {
                    visit(&prepared.bytes[start..end], false)?;
                    start = end;
                }
                return Ok(());
            }
            let mut pretokens = vocab.pattern.pretokens(bytes);
            loop {
                pretokens.fill(&mut ends)?;
                if ends.is_empty() {
                    return Ok(());
                }
                for &end in &ends {
                    visit(&bytes[start..end], false)?;
                    start = end;
                }
            }
        });
        split.map(drop)
    }

    /// The ids around a text, before and after, if the vocabulary has a template and
    /// `template` asks for it.
    pub(crate) fn around(&self, template: bool) -> (&[u32], &[u32]) {
        match &self.vocab().template {
            Some(Template { before, after, .. }) if template => (before, after),
            _ => (&[], &[]),
        }
    }

    /// The ids of one document; with `template`, those of the vocabulary's template
    /// around them.
    ///
    /// Refuses special tokens under [`Special::Error`], and text on which the pattern
    /// passes its work limit. Offsets in errors are those in the text.
    pub fn encode(&self, text: &[u8], special: Special, template: bool) -> Result<Vec<u32>> {
        let mut ids = self.encode_as(text, special, Want::Ids, NEVER)?.ids;
        let (before, after) = self.around(template);
        ids.splice(0..0, before.iter().copied());
        ids.extend_from_slice(after);
        Ok(ids)
    }

    /// Like [`Tokenizer::encode`], with the bytes each id stands for: start and end in
    /// the text. They cover it without gaps where nothing changes the text before it is encoded;
    /// ids of the template stand for nothing at its ends.
    pub fn encode_with_offsets(
        &self,
        text: &[u8],
        special: Special,
        template: bool,
        interrupt: Interrupt<'_>,
    ) -> Result<(Vec<u32>, Offsets)> {
        let Output {
            mut ids,
            mut offsets,
            ..
        } = self.encode_as(text, special, Want::IdsAndOffsets, interrupt)?;
        let (before, after) = self.around(template);
        let end = offsets.last().map_or(0, |&(_, end)| end);
        ids.splice(0..0, before.iter().copied());
        offsets.splice(0..0, before.iter().map(|_| (0, 0)));
        ids.extend_from_slice(after);
        offsets.extend(after.iter().map(|_| (end, end)));
        Ok((ids, offsets))
    }

    /// How many ids [`Tokenizer::encode`] gives, without keeping them.
    pub fn count(
        &self,
        text: &[u8],
        special: Special,
        template: bool,
        interrupt: Interrupt<'_>,
    ) -> Result<usize> {
        let (before, after) = self.around(template);
        let count = self.encode_as(text, special, Want::Count, interrupt)?.count;
        Ok(before.len() + count + after.len())
    }
}

#[cfg(test)]
mod tests;
