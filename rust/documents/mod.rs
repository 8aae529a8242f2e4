//! Walks a stream of documents that arrives in blocks of any size.
//!
//! [`DocumentFeed`] finds where documents end, cuts special tokens out, and hands out
//! text whose pretokens can no longer change, whatever comes next. It keeps the rest,
//! which is seldom more than one pretoken. Training and encoding both use it, so both see
//! the same pretokens, however the stream is cut.

mod record_limit;
mod split_specials;
mod thread_portions;

use memchr::memmem;

use crate::error::{Error, Result};
use crate::pattern::Pattern;
use crate::special::SpecialMatcher;
use crate::threads::{self, Interrupt, NEVER};
use split_specials::{SpecialCuts, cut_specials, push_text};

pub use record_limit::record_cuts;
pub use split_specials::{Part, document_parts};
pub use thread_portions::{OwnPortion, PORTION, groups, portions};

/// How documents are separated in a stream of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unit {
    /// The whole stream, up to [`DocumentFeed::finish`], is one document.
    Whole,
    /// Each document ends with this text, which is not part of it; the last one may
    /// lack it. Never empty.
    Terminated(Vec<u8>),
}

/// Up to this many bytes, pending text is examined again with every block.
const EAGER: usize = 4096;

/// The most bytes by which a pretoken that has not ended yet may end earlier than it would
/// if the text ended here: patterns look that far ahead.
const LOOKAHEAD: usize = 16;

/// How far a stream that is one document is settled.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mark {
    /// How many bytes are.
    pub settled: usize,
    /// How many bytes after them special tokens have been searched for in.
    searched: usize,
}

/// Hands out the settled parts of a stream of documents; see the module.
#[derive(Clone)]
pub struct DocumentFeed {
    pattern: Pattern,
    special: Option<SpecialMatcher>,
    unit: Unit,
    max_pretoken_bytes: usize,
    /// Whether documents are handed out whole only.
    whole: bool,
    /// Bytes of the current document that are not settled yet.
    pending: Vec<u8>,
    /// Where `pending` starts in the current document.
    offset: u64,
    /// How far special tokens have been searched for in `pending`.
    searched: usize,
    /// Whether the current document has begun (a stream without bytes has none).
    open: bool,
    /// The length of `pending` at which it is examined again.
    patience: usize,
    /// The number of special tokens found as text.
    as_text: u64,
}

impl DocumentFeed {
    /// A feed for one stream. Text of `special` is cut out; with `None`, special
    /// tokens are plain text. A document that continues while a pretoken of more than
    /// `max_pretoken_bytes` is pending is an error. Longer ones that arrive whole are not, so
    /// the caller has to check the pretokens, too.
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
            whole: false,
            pending: Vec::new(),
            offset: 0,
            searched: 0,
            open: false,
            patience: 0,
            as_text: 0,
        }
    }

    /// A feed that hands out every document whole, as one text.
    pub fn whole(pattern: Pattern, unit: Unit) -> Self {
        let feed = DocumentFeed::new(pattern, None, unit, usize::MAX);
        DocumentFeed {
            whole: true,
            ..feed
        }
    }

    /// The number of special tokens found as text so far.
    pub fn special_tokens_in_text(&self) -> u64 {
        self.as_text
    }

    /// Takes the next block and gives `handle` the parts that are settled by it.
    pub fn feed<R>(
        &mut self,
        block: &[u8],
        interrupt: Interrupt<'_>,
        handle: impl FnOnce(&[Part]) -> Result<R>,
    ) -> Result<R> {
        self.advance(block, false, interrupt, handle)
    }

    /// Ends the stream, and with it the current document if one is open, and gives
    /// `handle` what was pending. The feed can then start on another stream.
    pub fn finish<R>(&mut self, handle: impl FnOnce(&[Part]) -> Result<R>) -> Result<R> {
        self.advance(&[], true, NEVER, handle)
    }

    /// The parts that are left if the stream ends here.
    pub fn rest(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        self.settle(&self.pending, &mut parts);
        parts
    }

    /// Where a stream that is one document is.
    pub fn mark(&self) -> Mark {
        Mark {
            settled: self.offset as usize,
            searched: self.searched,
        }
    }

    /// Goes back to a mark. `pending` is what was given until then and not settled.
    pub fn return_to(&mut self, mark: Mark, pending: &[u8]) {
        self.restart();
        self.pending.extend_from_slice(pending);
        self.open = mark.settled > 0 || !pending.is_empty();
        (self.offset, self.searched) = (mark.settled as u64, mark.searched);
    }

    /// Drops what is pending. The feed can then start on another stream.
    pub fn restart(&mut self) {
        self.pending.clear();
        (self.offset, self.searched, self.open, self.patience) = (0, 0, false, 0);
    }

    fn advance<R>(
        &mut self,
        block: &[u8],
        last: bool,
        interrupt: Interrupt<'_>,
        handle: impl FnOnce(&[Part]) -> Result<R>,
    ) -> Result<R> {
        let mut buffer = std::mem::take(&mut self.pending);
        let waited = buffer.len();
        buffer.extend_from_slice(block);
        self.open |= !block.is_empty();
        let mut parts = Vec::new();
        let mut start = 0;
        if let Unit::Terminated(terminator) = &self.unit {
            // What is pending holds no whole terminator, though perhaps the beginning of one.
            let from = waited.saturating_sub(terminator.len() - 1);
            for found in memmem::find_iter(&buffer[from..], terminator) {
                let end = from + found;
                self.as_text += self.settle(&buffer[start..end], &mut parts);
                start = end + terminator.len();
                (self.offset, self.searched, self.patience) = (0, 0, 0);
            }
            if start > 0 {
                self.open = start < buffer.len();
            }
        }
        let rest = &buffer[start..];
        let looked = !last && !self.whole && rest.len() >= self.patience;
        let settled = if last {
            if self.open {
                self.as_text += self.settle(rest, &mut parts);
            }
            rest.len()
        } else if looked {
            self.settle_open(rest, interrupt, &mut parts)?
        } else {
            0
        };
        let result = handle(&parts)?;
        drop(parts);
        if looked {
            self.check_waiting(&rest[settled..], interrupt)
                .map_err(|error| error.shifted(self.offset as usize + settled))?;
        }
        if last {
            self.restart();
        } else {
            self.offset += settled as u64;
            buffer.drain(..start + settled);
            self.pending = buffer;
        }
        Ok(result)
    }

    /// Parts of `text`, the rest of the current document. Returns how many special
    /// tokens were text.
    fn settle<'a>(&self, text: &'a [u8], parts: &mut Vec<Part<'a>>) -> u64 {
        let cuts = self.cut_specials(text, text.len(), text.len(), parts);
        push_text(&text[cuts.start..], self.offset + cuts.start as u64, parts);
        parts.push(Part::End);
        cuts.as_text
    }

    /// Parts of `text` that stay the same whatever follows it. Returns where they end.
    fn settle_open<'a>(
        &mut self,
        text: &'a [u8],
        interrupt: Interrupt<'_>,
        parts: &mut Vec<Part<'a>>,
    ) -> Result<usize> {
        // A terminator or a special token may have begun at the end of the text.
        let inside = text
            .len()
            .saturating_sub(self.terminator_bytes().saturating_sub(1));
        let longest = self.special.as_ref().map_or(1, SpecialMatcher::longest);
        let known = inside.min(text.len().saturating_sub(longest - 1));
        let SpecialCuts {
            start,
            known,
            searched,
            as_text,
        } = self.cut_specials(text, known, inside, parts);
        let tail = &text[start..known.max(start)];
        let offset = self.offset + start as u64;
        let sync = self.pattern.last_sync(tail).unwrap_or(0);
        let certain = threads::run(tail.len() <= sync + PORTION, interrupt, |stop| {
            Ok(self.pattern.certain_end(&tail[sync..], stop))
        });
        let end = sync + certain?;
        push_text(&tail[..end], offset, parts);
        let settled = start + end;
        let waiting = text.len() - settled;
        self.as_text += as_text;
        self.searched = searched - settled;
        // Examining it again only once it has grown by an eighth keeps the total linear.
        self.patience = if waiting < EAGER {
            0
        } else {
            waiting + waiting / 8
        };
        Ok(settled)
    }

    /// Refuses pending text with a pretoken that is too long whatever comes next, or text that
    /// is pending because a regex needs too much work. The pretoken need not be the first:
    /// a line end is pending until the spaces after it end.
    fn check_waiting(&self, waiting: &[u8], interrupt: Interrupt<'_>) -> Result<()> {
        // It may end with the beginning of a special token or a terminator.
        let longest = self.special.as_ref().map_or(0, SpecialMatcher::longest);
        let slack = LOOKAHEAD + longest + self.terminator_bytes();
        let limit = self.max_pretoken_bytes.saturating_add(slack);
        if waiting.len() <= limit {
            return Ok(());
        }
        threads::run(waiting.len() <= PORTION, interrupt, |stop| {
            let mut pretokens = self.pattern.pretokens(waiting).with_stop(stop);
            let (mut start, mut ends) = (0, Vec::new());
            loop {
                pretokens.fill(&mut ends)?;
                if ends.is_empty() {
                    return Ok(());
                }
                for &end in &ends {
                    if end - start > limit {
                        return Err(Error::PretokenTooLong {
                            offset: start as u64,
                            limit: self.max_pretoken_bytes,
                        });
                    }
                    start = end;
                }
            }
        })
    }

    fn terminator_bytes(&self) -> usize {
        match &self.unit {
            Unit::Whole => 0,
            Unit::Terminated(terminator) => terminator.len(),
        }
    }

    fn cut_specials<'a>(
        &self,
        text: &'a [u8],
        known: usize,
        inside: usize,
        parts: &mut Vec<Part<'a>>,
    ) -> SpecialCuts {
        let cuts = SpecialCuts {
            start: 0,
            known,
            searched: self.searched,
            as_text: 0,
        };
        cut_specials(
            text,
            self.offset,
            self.special.as_ref(),
            inside,
            cuts,
            parts,
        )
    }
}

#[cfg(test)]
mod tests;
