//! Turns one text into ids.

pub(crate) mod added;
mod batch;
mod cache;
mod frame;
mod long;
pub(crate) mod memory;
mod packed;
mod pretokens;
pub mod stream;
pub(crate) mod whole;

use crate::documents::{PORTION, Part};
use crate::error::{Error, Result};
use crate::merge::Scratch;
use crate::threads::{self, Interrupt, NEVER, Stop};
use crate::tokenizer::{Encoding, Tokenizer};
use crate::vocab::Template;
use pretokens::PretokenEncoder;

use added::Piece;
pub use added::Special;
pub use batch::Ragged;

/// For each id, where its text starts and ends.
pub type Offsets = Vec<(i64, i64)>;

/// What an encoding is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Want {
    Ids,
    IdsAndOffsets,
    Count,
}

/// What encoding gives.
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
        let (ids, offsets, ends) = (Vec::new(), Vec::new(), Vec::new());
        Output {
            want,
            ids,
            offsets,
            count: 0,
            ends,
            as_text: 0,
        }
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

/// Encodes one text after the other, with memory of its own.
pub(crate) struct Worker<'t> {
    special: Special,
    stop: Stop,
    ends: Vec<usize>,
    pretokens: PretokenEncoder<'t>,
}

impl<'t> Worker<'t> {
    /// A worker that refuses pretokens of more than `max_pretoken_bytes`.
    pub fn new(
        tokenizer: &'t Tokenizer,
        special: Special,
        max_pretoken_bytes: usize,
        stop: Stop,
    ) -> Self {
        let pretokens = PretokenEncoder::new(tokenizer, max_pretoken_bytes, stop.clone());
        Worker {
            special,
            stop,
            ends: Vec::new(),
            pretokens,
        }
    }

    /// Encodes a whole document, from splitting at added tokens on. Offsets are in the
    /// normalized document.
    pub fn encode_document(&mut self, text: &[u8], out: &mut Output) -> Result<()> {
        let mut offset = 0;
        let (added, special) = (&self.pretokens.tokenizer().added, self.special);
        out.as_text += added.split(text, special, |piece| {
            match piece {
                Piece::Text(text) => {
                    self.encode_text(text, offset, out)?;
                    offset += text.len() as i64;
                }
                Piece::Added { id, length, .. } => {
                    let start = offset;
                    offset += length as i64;
                    out.push(id, start, offset);
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Encodes parts of documents. The added tokens are cut out of them already if they
    /// are plain; else each text is a whole document.
    pub fn encode_parts<'p>(
        &mut self,
        parts: impl IntoIterator<Item = Part<'p>>,
        out: &mut Output,
    ) -> Result<()> {
        let added = &self.pretokens.tokenizer().added;
        for part in parts {
            match part {
                Part::Text { bytes, offset } if added.is_plain() => {
                    self.encode_text(bytes, offset as i64, out)?;
                }
                Part::Text { bytes, .. } => self.encode_document(bytes, out)?,
                Part::Special {
                    index,
                    offset,
                    length,
                } => {
                    let tokens = added.stage().map_or(&[][..], |stage| &stage.tokens);
                    let token = &tokens[index];
                    if token.special && self.special == Special::Error {
                        return Err(Error::SpecialTokenInText {
                            token: token.text.clone(),
                            offset: offset as usize,
                        });
                    }
                    out.push(token.id, offset as i64, offset as i64 + length as i64);
                }
                Part::End => out.ends.push(out.ids.len()),
            }
        }
        Ok(())
    }

    /// Encodes a text without added tokens that starts at `offset` in its document.
    fn encode_text(&mut self, text: &[u8], offset: i64, out: &mut Output) -> Result<()> {
        let Worker {
            stop,
            ends,
            pretokens: encoder,
            ..
        } = self;
        let mut pretokens = encoder
            .tokenizer()
            .vocab()
            .pattern
            .pretokens(text)
            .with_stop(stop);
        let mut start = 0;
        loop {
            let filled = pretokens.fill(ends);
            filled.map_err(|error| error.shifted(offset as usize))?;
            let Some(&last) = ends.last() else { break };
            let first_id = out.ids.len();
            let encoded = encoder.encode(text, start, ends, &mut out.ids);
            encoded.map_err(|error| error.shifted(offset as usize))?;
            out.count += out.ids.len() - first_id;
            match out.want {
                Want::Ids => {}
                Want::Count => out.ids.truncate(first_id),
                Want::IdsAndOffsets => encoder.push_offsets(start, ends, offset, first_id, out),
            }
            start = last;
        }
        Ok(())
    }
}

impl PretokenEncoder<'_> {
    /// Adds the offsets of the ids from `first_id` on. They are those of the
    /// pretokens from `start` on in a text that starts at `offset` in its document.
    fn push_offsets(
        &self,
        start: usize,
        ends: &[usize],
        offset: i64,
        first_id: usize,
        out: &mut Output,
    ) {
        let mut start = offset + start as i64;
        match &self.tokenizer().encoding {
            Encoding::Bpe(_) => {
                let ids = out.ids[first_id..].iter();
                let lengths = ids.map(|&id| self.tokenizer().bytes.length(id) as i64);
                out.offsets.extend(lengths.map(|length| {
                    let span = (start, start + length);
                    start = span.1;
                    span
                }));
            }
            Encoding::Words(_) => out.offsets.extend(ends.iter().map(|&end| {
                let span = (start, offset + end as i64);
                start = span.1;
                span
            })),
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
                worker.encode_document(text, &mut out)?;
                Ok(out)
            },
        )?;
        Ok(outputs.into_iter().next().expect("one job has one result"))
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
    /// passes its work limit. Offsets in errors are in the normalized text.
    pub fn encode(&self, text: &[u8], special: Special, template: bool) -> Result<Vec<u32>> {
        let mut ids = self.encode_as(text, special, Want::Ids, NEVER)?.ids;
        let (before, after) = self.around(template);
        ids.splice(0..0, before.iter().copied());
        ids.extend_from_slice(after);
        Ok(ids)
    }

    /// Like [`Tokenizer::encode`], with the bytes each id stands for: start and end in
    /// the text, which is the normalized one where there is a normalizer. They cover it
    /// without gaps; ids of the template stand for nothing at its ends.
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
