//! The pretokens of a text that foreign steps make: one after the other, as bytes.

use crate::aligned::{Aligned, Origin, Span};
use crate::byte_level;
use crate::error::Result;
use crate::pretokenize::{Pieces, PreTokenizer};
use crate::threads::Stop;

/// Pretokens, one after the other.
#[derive(Default)]
pub(super) struct Prepared {
    pub bytes: Vec<u8>,
    pub ends: Vec<usize>,
    /// Where the bytes came from; empty if nobody asked.
    pub spans: Vec<Span>,
}

impl Prepared {
    /// Replaces the pretokens with those of `text`. With `mapped`, they come out of the steps in
    /// GPT-2's alphabet, and are read back as bytes. `tracked` if it matters where they came from.
    pub fn fill(
        &mut self,
        steps: &PreTokenizer,
        mapped: bool,
        (text, origin): (&[u8], &Origin),
        tracked: bool,
        stop: &Stop,
    ) -> Result<()> {
        self.bytes.clear();
        self.ends.clear();
        self.spans.clear();
        let mut at = 0;
        for chunk in text.utf8_chunks() {
            let valid = chunk.valid();
            if !valid.is_empty() {
                let origin = origin.part(at..at + valid.len());
                let pieces = steps.apply(Aligned::new(valid, origin), at == 0, stop);
                let pieces = pieces.map_err(|error| error.shifted(at))?;
                self.push(&pieces, mapped, tracked);
            }
            at += valid.len();
            let end = at + chunk.invalid().len();
            if at < end {
                self.push_invalid(chunk.invalid(), valid.is_empty() && at > 0);
                if tracked {
                    let span = |at| origin.span(at..at + 1);
                    self.spans.extend((at..end).map(span));
                }
            }
            at = end;
        }
        Ok(())
    }

    fn push(&mut self, pieces: &Pieces, mapped: bool, tracked: bool) {
        let Aligned { text, origin } = &pieces.text;
        for range in &pieces.ranges {
            if mapped {
                for (at, character) in text[range.clone()].char_indices() {
                    let at = range.start + at;
                    // What was put in after the bytes had become characters is in no token.
                    let Some(byte) = byte_level::to_byte(character) else {
                        continue;
                    };
                    self.bytes.push(byte);
                    if tracked {
                        self.spans.push(origin.span(at..at + 1));
                    }
                }
            } else {
                self.bytes
                    .extend_from_slice(&text.as_bytes()[range.clone()]);
                if tracked {
                    let span = |at| origin.span(at..at + 1);
                    self.spans.extend(range.clone().map(span));
                }
            }
            if self.bytes.len() > self.ends.last().copied().unwrap_or(0) {
                self.ends.push(self.bytes.len());
            }
        }
    }

    /// A run of bytes that are no text is one pretoken.
    fn push_invalid(&mut self, bytes: &[u8], continues: bool) {
        self.bytes.extend_from_slice(bytes);
        if continues {
            self.ends.pop();
        }
        self.ends.push(self.bytes.len());
    }
}
