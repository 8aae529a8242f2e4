//! Encodes one text after the other: splits it at added tokens, changes it where the vocabulary
//! asks for that, splits it into pretokens, and encodes those.

use super::added::{Cut, Piece, Special};
use super::dropout::{Dropout, DropoutEncoder};
use super::prepared::Prepared;
use super::pretokens::{PretokenEncoder, Run};
use super::trim::{Source, trim};
use super::{Document, Output, Want};
use crate::aligned::Origin;
use crate::documents::Part;
use crate::error::{Error, Result};
use crate::pretokenize::PreTokenizer;
use crate::threads::Stop;
use crate::tokenizer::{Encoding, Tokenizer};
use crate::vocab::Trim;

/// Encodes one text after the other, with its own working memory.
pub(crate) struct Worker<'t> {
    special: Special,
    stop: Stop,
    ends: Vec<usize>,
    pretokens: PretokenEncoder<'t>,
    dropout: Option<Box<DropoutEncoder<'t>>>,
    max_pretoken_bytes: usize,
    /// Whether the texts of parts are whole documents, with added tokens in them.
    whole: bool,
    prepared: Prepared,
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
            dropout: None,
            prepared: Prepared::default(),
            max_pretoken_bytes,
            whole: !tokenizer.added.is_plain_under(special),
        }
    }

    /// The same with dropout, if it is asked for and [there are merges](Tokenizer::droppable).
    pub fn with_dropout(self, dropout: Option<Dropout>) -> Self {
        let encoder = dropout.and_then(|dropout| {
            let (tokenizer, stop) = (self.pretokens.tokenizer(), self.stop.clone());
            DropoutEncoder::new(tokenizer, dropout, self.max_pretoken_bytes, stop).ok()
        });
        Worker {
            dropout: encoder.map(Box::new),
            ..self
        }
    }

    /// The same for parts whose texts have no added tokens, and need no normalization.
    pub fn of_plain_parts(self) -> Self {
        Worker {
            whole: false,
            ..self
        }
    }

    /// What follows is of the document with this number.
    pub fn begin(&mut self, document: u64) {
        if let Some(dropout) = &mut self.dropout {
            dropout.begin(document);
        }
    }

    /// Encodes a whole document, from splitting at added tokens on.
    pub fn encode_document(&mut self, document: Document<'_>, out: &mut Output) -> Result<()> {
        if !self.whole {
            return self.encode_plain(document, out);
        }
        let text = document.bytes();
        let (tokenizer, special) = (self.pretokens.tokenizer(), self.special);
        let steps = tokenizer.vocab().around.pre_tokenizer.as_ref();
        let tracked = out.has_offsets() || steps.is_some_and(|steps| steps.needs_origin());
        let (source, stop) = (Source { text, start: 0 }, self.stop.clone());
        let first = out.offsets.len();
        let mut place = 0;
        out.as_text +=
            tokenizer
                .added
                .split(text, special, tracked, &stop, |piece| match piece {
                    Piece::Text { bytes, origin } => {
                        let start = out.offsets.len();
                        place += match steps {
                            None => {
                                self.encode_text(Document::Bytes(bytes), &origin, place, out)?
                            }
                            Some(steps) => {
                                self.encode_prepared(steps, bytes, &origin, place, out)?
                            }
                        };
                        self.trim(start, first, source, out);
                        Ok(())
                    }
                    Piece::Added { id, span, text, .. } => {
                        place += text.len() as u64;
                        let is_first = out.offsets.len() == first;
                        self.push_added(id, span, is_first, (text, source), out);
                        Ok(())
                    }
                })?;
        Ok(())
    }

    /// The same if added tokens are plain.
    fn encode_plain(&mut self, document: Document<'_>, out: &mut Output) -> Result<()> {
        let text = document.bytes();
        let (added, special) = (&self.pretokens.tokenizer().added, self.special);
        let (source, first) = (Source { text, start: 0 }, out.offsets.len());
        out.as_text += added.cut(text, special, |cut| {
            match cut {
                Cut::Text(range) => {
                    let (start, at) = (out.offsets.len(), range.start);
                    self.encode_text(document.part(range), &Origin::Same(at), at as u64, out)?;
                    self.trim(start, first, source, out);
                }
                Cut::Added { id, range, .. } => {
                    let span = (range.start, range.end);
                    let is_first = out.offsets.len() == first;
                    self.push_added(id, span, is_first, (&text[range], source), out);
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
                Part::Text { bytes, offset } if !self.whole => {
                    let (first, start) = (out.offsets.len(), offset as usize);
                    let text = Document::Bytes(bytes);
                    self.encode_text(text, &Origin::Same(start), offset, out)?;
                    self.trim(first, usize::MAX, Source { text: bytes, start }, out);
                }
                Part::Text { bytes, .. } => self.encode_document(Document::Bytes(bytes), out)?,
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
                    let start = offset as usize;
                    let text = token.text.as_bytes();
                    let source = Source { text, start };
                    let span = (start, start + length);
                    self.push_added(token.id, span, false, (text, source), out);
                }
                Part::End => {
                    out.ends.push(out.ids.len());
                    if let Some(dropout) = &mut self.dropout {
                        dropout.end();
                    }
                }
            }
        }
        Ok(())
    }

    /// Encodes a text without added tokens. Dropout counts its bytes from `place` of the document
    /// on. Returns how many they are.
    fn encode_text(
        &mut self,
        document: Document<'_>,
        origin: &Origin,
        place: u64,
        out: &mut Output,
    ) -> Result<u64> {
        let Worker {
            stop,
            ends,
            pretokens: encoder,
            dropout,
            ..
        } = self;
        let text = document.bytes();
        let pattern = &encoder.tokenizer().vocab().pattern;
        let mut pretokens = document.pretokens(pattern).with_stop(stop);
        let shifted = |error: Error| error.located(|at| origin.position(at));
        let mut start = 0;
        loop {
            pretokens.fill(ends).map_err(shifted)?;
            let Some(&last) = ends.last() else { break };
            let first_id = out.ids.len();
            let run = Run { text, start, ends };
            encode_run(run, encoder, dropout, place, &mut out.ids).map_err(shifted)?;
            out.count += out.ids.len() - first_id;
            match out.want {
                Want::Ids => {}
                Want::Count => out.ids.truncate(first_id),
                Want::IdsAndOffsets => {
                    let first = out.offsets.len();
                    encoder.push_offsets(text, start, ends, 0, first_id, out);
                    map_offsets(&mut out.offsets[first..], origin);
                }
            }
            start = last;
        }
        Ok(text.len() as u64)
    }

    /// The same for a text that steps of the vocabulary change.
    fn encode_prepared(
        &mut self,
        steps: &PreTokenizer,
        text: &[u8],
        origin: &Origin,
        place: u64,
        out: &mut Output,
    ) -> Result<u64> {
        let Worker {
            stop,
            pretokens: encoder,
            prepared,
            dropout,
            ..
        } = self;
        let vocab = encoder.tokenizer().vocab();
        let tracked = out.has_offsets();
        let filled = prepared.fill(steps, vocab.leaves_mapped(), (text, origin), tracked, stop);
        filled.map_err(|error| error.located(|at| origin.position(at)))?;
        let first_id = out.ids.len();
        let (bytes, ends) = (&prepared.bytes, &prepared.ends);
        let run = Run {
            text: bytes,
            start: 0,
            ends,
        };
        let encoded = encode_run(run, encoder, dropout, place, &mut out.ids);
        encoded.map_err(|error| error.located(|_| origin.position(0)))?;
        out.count += out.ids.len() - first_id;
        match out.want {
            Want::Ids => {}
            Want::Count => out.ids.truncate(first_id),
            Want::IdsAndOffsets => {
                let first = out.offsets.len();
                encoder.push_offsets(bytes, 0, ends, 0, first_id, out);
                let origin = Origin::Listed(std::mem::take(&mut prepared.spans));
                map_offsets(&mut out.offsets[first..], &origin);
            }
        }
        Ok(prepared.bytes.len() as u64)
    }

    /// Adds an added token that was found as `text`. `first` if it is the first of its document.
    fn push_added(
        &self,
        id: u32,
        span: (usize, usize),
        first: bool,
        (text, source): (&[u8], Source),
        out: &mut Output,
    ) {
        out.push(id, span.0 as i64, span.1 as i64);
        let trims = self.trims();
        if let Some(offsets) = out.offsets.last_mut()
            && !trims.is_empty()
        {
            let text = String::from_utf8_lossy(text);
            trim(trims, &text, first, source, offsets);
        }
    }

    /// Trims the offsets from number `start` on; `first` is that of the document's first ones.
    fn trim(&self, start: usize, first: usize, source: Source, out: &mut Output) {
        let trims = self.trims();
        if trims.is_empty() || !out.has_offsets() {
            return;
        }
        for index in start..out.offsets.len() {
            let vocab = self.pretokens.tokenizer().vocab();
            let token = vocab.model.spelled(out.ids[index]).unwrap_or_default();
            trim(
                trims,
                &token,
                index == first,
                source,
                &mut out.offsets[index],
            );
        }
    }

    fn trims(&self) -> &'t [Trim] {
        let template = self.pretokens.tokenizer().vocab().template.as_ref();
        template.map_or(&[], |template| &template.trims)
    }
}

/// Appends the ids of pretokens, with dropout where there is some. What has no token is counted, or
/// refused.
fn encode_run(
    run: Run<'_>,
    encoder: &mut PretokenEncoder<'_>,
    dropout: &mut Option<Box<DropoutEncoder<'_>>>,
    place: u64,
    ids: &mut Vec<u32>,
) -> Result<()> {
    let Run { text, start, ends } = run;
    let missing = match dropout {
        None => {
            encoder.encode(text, start, ends, ids)?;
            encoder.take_missing()
        }
        Some(dropout) => {
            dropout.encode(text, start, ends, place, ids)?;
            dropout.take_missing()
        }
    };
    match missing {
        0 => Ok(()),
        _ => encoder.note_missing(missing, text, start, ends, dropout.is_none()),
    }
}

/// Replaces offsets in a text with those of what the text came from.
fn map_offsets(offsets: &mut [(i64, i64)], origin: &Origin) {
    if let Origin::Same(0) = origin {
        return;
    }
    for (start, end) in offsets {
        let span = if start < end {
            origin.span(*start as usize..*end as usize)
        } else {
            let at = origin.position(*start as usize);
            (at, at)
        };
        (*start, *end) = (span.0 as i64, span.1 as i64);
    }
}

impl PretokenEncoder<'_> {
    /// Adds the offsets of the ids from `first_id` on. They are those of the
    /// pretokens from `start` on in a text that starts at `offset` in its document.
    fn push_offsets(
        &mut self,
        text: &[u8],
        start: usize,
        ends: &[usize],
        offset: i64,
        first_id: usize,
        out: &mut Output,
    ) {
        let tokenizer = self.tokenizer();
        match &tokenizer.encoding {
            Encoding::Bpe(tables) if tables.is_complete() => {
                let mut start = offset + start as i64;
                let ids = out.ids[first_id..].iter();
                let lengths = ids.map(|&id| tokenizer.bytes.length(id) as i64);
                out.offsets.extend(lengths.map(|length| {
                    let span = (start, start + length);
                    start = span.1;
                    span
                }));
            }
            // What an id stands for need not be spelled as its token is.
            Encoding::Bpe(tables) => self.push_spans(tables, text, start, ends, offset, out),
            Encoding::Words(_) => {
                let mut start = offset + start as i64;
                out.offsets.extend(ends.iter().map(|&end| {
                    let span = (start, offset + end as i64);
                    start = span.1;
                    span
                }));
            }
        }
    }
}
