//! Walks a stream of documents that arrives in blocks of any size.
//!
//! [`DocumentFeed`] finds where documents end, cuts special tokens out, and hands out
//! stretches of text whose pretokens can no longer change, whatever comes next. It
//! keeps the rest, which is seldom more than one pretoken. Training and encoding both
//! stand on it, so both see the same pretokens for every way of cutting the stream.

use memchr::memmem;

use crate::error::{Error, Result};
use crate::pattern::Pattern;
use crate::special::SpecialMatcher;

/// How documents are told apart in a stream of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// The whole stream, up to [`DocumentFeed::finish`], is one document.
    Whole,
    /// Each document ends with this text, which is not part of it; the last one may
    /// lack it. Never empty.
    Terminated(Vec<u8>),
}

/// A piece of the stream, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// Text that is split on its own: pretokens end where it ends.
    Text {
        /// The text.
        bytes: &'a [u8],
        /// Where it starts in its document.
        offset: u64,
    },
    /// The special token with this index among those given.
    Special {
        /// Index among the special tokens.
        index: usize,
        /// Where it starts in its document.
        offset: u64,
        /// Its length in bytes.
        length: usize,
    },
    /// The end of a document.
    End,
}

impl<'a> Part<'a> {
    /// The text of a [`Part::Text`]; nothing for the others.
    pub fn text(&self) -> &'a [u8] {
        match self {
            Part::Text { bytes, .. } => bytes,
            Part::Special { .. } | Part::End => &[],
        }
    }
}

/// Below this many bytes, waiting text is looked at again on every block.
const EAGER: usize = 4096;

/// By how many bytes a pretoken that ends where the text ends can shrink when more text
/// comes: the patterns look at most one character ahead.
const LOOKAHEAD: usize = 4;

/// Hands out the settled parts of a stream of documents; see the module's text.
pub struct DocumentFeed {
    pattern: Pattern,
    special: Option<SpecialMatcher>,
    unit: Unit,
    max_pretoken_bytes: usize,
    /// Bytes of the current document that are not settled yet.
    pending: Vec<u8>,
    /// Where `pending` starts in the current document.
    offset: u64,
    /// Whether the current document has begun (a stream without bytes has none).
    open: bool,
    /// Length of `pending` at which looking at it again is worth while.
    patience: usize,
}

impl DocumentFeed {
    /// A feed for one stream. Text of `special` is cut out; with `None`, special
    /// tokens are plain text. The feed ends with an error rather than hold back a
    /// pretoken of more than `max_pretoken_bytes`; such pretokens in the parts it hands
    /// out are the caller's to refuse.
    pub fn new(
        pattern: Pattern,
        special: Option<SpecialMatcher>,
        unit: Unit,
        max_pretoken_bytes: usize,
    ) -> Self {
        DocumentFeed {
            pattern,
            special,
            unit,
            max_pretoken_bytes,
            pending: Vec::new(),
            offset: 0,
            open: false,
            patience: 0,
        }
    }

    /// Takes the next block and gives `handle` the parts that are settled by it.
    pub fn feed<R>(
        &mut self,
        block: &[u8],
        handle: impl FnOnce(&[Part]) -> Result<R>,
    ) -> Result<R> {
        self.advance(block, false, handle)
    }

    /// Ends the stream, and with it the current document if one is open, and gives
    /// `handle` what was still waiting. The feed can then start on another stream.
    pub fn finish<R>(&mut self, handle: impl FnOnce(&[Part]) -> Result<R>) -> Result<R> {
        self.advance(&[], true, handle)
    }

    fn advance<R>(
        &mut self,
        block: &[u8],
        last: bool,
        handle: impl FnOnce(&[Part]) -> Result<R>,
    ) -> Result<R> {
        let mut buffer = std::mem::take(&mut self.pending);
        let searched = buffer.len();
        buffer.extend_from_slice(block);
        self.open |= !block.is_empty();
        let mut parts = Vec::new();
        let mut start = 0;
        if let Unit::Terminated(terminator) = &self.unit {
            // What waits holds no whole terminator, though it may hold the beginning of one.
            let from = searched.saturating_sub(terminator.len() - 1);
            for found in memmem::find_iter(&buffer[from..], terminator) {
                let end = from + found;
                self.settle(&buffer[start..end], &mut parts);
                start = end + terminator.len();
                self.offset = 0;
                self.patience = 0;
            }
            if start > 0 {
                self.open = start < buffer.len();
            }
        }
        let rest = &buffer[start..];
        let looked = !last && rest.len() >= self.patience;
        let settled = if last {
            if self.open {
                self.settle(rest, &mut parts);
            }
            rest.len()
        } else if looked {
            self.settle_open(rest, &mut parts)?
        } else {
            0
        };
        let result = handle(&parts)?;
        drop(parts);
        let waiting = rest.len() - settled;
        if looked && self.holds_too_long(&rest[settled..])? {
            return Err(Error::PretokenTooLong {
                offset: self.offset + settled as u64,
                limit: self.max_pretoken_bytes,
            });
        }
        if last {
            (self.offset, self.open, self.patience) = (0, false, 0);
        } else {
            self.offset += settled as u64;
            if looked {
                // Looking again only once it has grown by an eighth keeps the total linear.
                self.patience = if waiting < EAGER {
                    0
                } else {
                    waiting + waiting / 8
                };
            }
            buffer.drain(..start + settled);
            self.pending = buffer;
        }
        Ok(result)
    }

    /// Parts of `text`, the rest of the current document.
    fn settle<'a>(&self, text: &'a [u8], parts: &mut Vec<Part<'a>>) {
        let special = self.special.as_ref();
        let (start, end) = cut_specials(text, self.offset, special, text.len(), text.len(), parts);
        push_text(&text[start..end], self.offset + start as u64, parts);
        parts.push(Part::End);
    }

    /// Parts of `text` that hold whatever follows it. Returns where they end.
    fn settle_open<'a>(&self, text: &'a [u8], parts: &mut Vec<Part<'a>>) -> Result<usize> {
        // A terminator or a special token may have begun at the end of the text.
        let inside = text
            .len()
            .saturating_sub(self.terminator_bytes().saturating_sub(1));
        let longest = self.special.as_ref().map_or(1, SpecialMatcher::longest);
        let known = inside.min(text.len().saturating_sub(longest - 1));
        let special = self.special.as_ref();
        let (start, end) = cut_specials(text, self.offset, special, known, inside, parts);
        let tail = &text[start..end];
        let sync = self.pattern.last_sync(tail).unwrap_or(0);
        let end = sync + self.pattern.certain_end(&tail[sync..])?;
        push_text(&tail[..end], self.offset + start as u64, parts);
        Ok(start + end)
    }

    /// Whether waiting text begins with a pretoken that will be too long whatever comes.
    fn holds_too_long(&self, waiting: &[u8]) -> Result<bool> {
        // Waiting text may end with the beginning of a special token or a terminator.
        let longest = self.special.as_ref().map_or(0, SpecialMatcher::longest);
        let slack = LOOKAHEAD + longest + self.terminator_bytes();
        let limit = self.max_pretoken_bytes.saturating_add(slack);
        if waiting.len() <= limit {
            return Ok(false);
        }
        let mut ends = Vec::new();
        self.pattern.pretokens(waiting).fill(&mut ends)?;
        Ok(ends.first().is_some_and(|&end| end > limit))
    }

    fn terminator_bytes(&self) -> usize {
        match &self.unit {
            Unit::Whole => 0,
            Unit::Terminated(terminator) => terminator.len(),
        }
    }
}

/// Appends the parts of one complete document.
pub fn document_parts<'a>(
    document: &'a [u8],
    special: Option<&SpecialMatcher>,
    parts: &mut Vec<Part<'a>>,
) {
    let length = document.len();
    let (start, end) = cut_specials(document, 0, special, length, length, parts);
    push_text(&document[start..end], start as u64, parts);
    parts.push(Part::End);
}

/// Appends the parts of `text` up to the end of the last special token that starts
/// before `known` and ends within `inside`. Returns where they end, and up to where no
/// special token follows.
fn cut_specials<'a>(
    text: &'a [u8],
    offset: u64,
    special: Option<&SpecialMatcher>,
    known: usize,
    inside: usize,
    parts: &mut Vec<Part<'a>>,
) -> (usize, usize) {
    let mut start = 0;
    let Some(special) = special else {
        return (start, known);
    };
    while let Some(found) = special.find(text, start) {
        if found.start >= known || found.end > inside {
            return (start, known.min(found.start).max(start));
        }
        push_text(&text[start..found.start], offset + start as u64, parts);
        parts.push(Part::Special {
            index: found.index,
            offset: offset + found.start as u64,
            length: found.end - found.start,
        });
        start = found.end;
    }
    (start, known.max(start))
}

fn push_text<'a>(bytes: &'a [u8], offset: u64, parts: &mut Vec<Part<'a>>) {
    if !bytes.is_empty() {
        parts.push(Part::Text { bytes, offset });
    }
}

/// Groups `parts` into portions of about `bytes` bytes each, which threads can work on
/// independently. Long texts are cut where the pattern ends a pretoken anyway.
pub fn portions<'a>(parts: &[Part<'a>], pattern: &Pattern, bytes: usize) -> Vec<Vec<Part<'a>>> {
    let mut portions = Vec::new();
    let mut current = Vec::new();
    let mut size = 0;
    for &part in parts {
        let Part::Text {
            bytes: mut text,
            mut offset,
        } = part
        else {
            current.push(part);
            continue;
        };
        while size + text.len() > bytes {
            let Some(cut) = pattern.next_sync(text, bytes - size) else {
                break;
            };
            push_text(&text[..cut], offset, &mut current);
            portions.push(std::mem::take(&mut current));
            (text, offset, size) = (&text[cut..], offset + cut as u64, 0);
        }
        push_text(text, offset, &mut current);
        size += text.len();
        if size >= bytes {
            portions.push(std::mem::take(&mut current));
            size = 0;
        }
    }
    if !current.is_empty() {
        portions.push(current);
    }
    portions
}

#[cfg(test)]
mod tests;
