//! Text that is being changed, with the place in the original text that each byte came from.
//!
//! Normalizers and pre-tokenizers make one [`Aligned`] of another with an [`Editor`]. Their rules
//! are those of Hugging Face's `NormalizedString`, with one refinement: there, all bytes of a
//! character have the span of the character; here, a byte that was only copied has its own.

use std::borrow::Cow;
use std::ops::Range;

/// Where the text of something starts and ends in the original text, in bytes.
pub type Span = (usize, usize);

/// Where the bytes of a text came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The text is a part of the original one that starts there.
    Same(usize),
    /// The spans of its bytes.
    Listed(Vec<Span>),
    /// Nobody asked. The text comes from there on.
    Unknown(usize),
}

impl Origin {
    /// The span of the bytes in `range`, which is not empty. Empty if it is unknown.
    pub fn span(&self, range: Range<usize>) -> Span {
        match self {
            Origin::Same(start) => (start + range.start, start + range.end),
            Origin::Listed(spans) => (spans[range.start].0, spans[range.end - 1].1),
            Origin::Unknown(start) => (*start, *start),
        }
    }

    /// Where position `at` of the text is in the original one, about: for messages.
    pub fn position(&self, at: usize) -> usize {
        match self {
            Origin::Same(start) | Origin::Unknown(start) => start + at,
            Origin::Listed(spans) => match spans.get(at) {
                Some(span) => span.0,
                None => spans.last().map_or(0, |span| span.1),
            },
        }
    }

    /// That of the bytes in `range`.
    pub fn part(&self, range: Range<usize>) -> Origin {
        match self {
            Origin::Same(start) => Origin::Same(start + range.start),
            Origin::Listed(spans) => Origin::Listed(spans[range].to_vec()),
            Origin::Unknown(start) => Origin::Unknown(start + range.start),
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Origin::Unknown(_))
    }
}

/// A text and where it came from.
#[derive(Debug, Clone)]
pub struct Aligned<'t> {
    pub text: Cow<'t, str>,
    pub origin: Origin,
}

impl<'t> Aligned<'t> {
    pub fn new(text: &'t str, origin: Origin) -> Self {
        Aligned {
            text: text.into(),
            origin,
        }
    }
}

/// Writes a text that is made of another one.
pub struct Editor<'s> {
    source: &'s Aligned<'s>,
    text: String,
    /// `None` if nobody asked.
    spans: Option<Vec<Span>>,
}

impl<'s> Editor<'s> {
    pub fn new(source: &'s Aligned<'s>) -> Self {
        let length = source.text.len();
        let known = source.origin.is_known();
        Editor {
            source,
            text: String::with_capacity(length + length / 8),
            spans: known.then(|| Vec::with_capacity(length)),
        }
    }

    /// The length of what was written.
    pub fn len(&self) -> usize {
        self.text.len()
    }

    /// Copies a part of the source.
    pub fn copy(&mut self, range: Range<usize>) {
        self.text.push_str(&self.source.text[range.clone()]);
        let Some(spans) = &mut self.spans else { return };
        match &self.source.origin {
            Origin::Same(start) => {
                spans.extend(range.map(|at| (start + at, start + at + 1)));
            }
            Origin::Listed(listed) => spans.extend_from_slice(&listed[range]),
            Origin::Unknown(_) => {}
        }
    }

    /// Writes text that stands for `range` of the source. Text that stands for nothing stands
    /// at the beginning.
    pub fn insert(&mut self, text: &str, range: Range<usize>) {
        self.text.push_str(text);
        if let Some(spans) = &mut self.spans {
            let span = if range.is_empty() {
                let at = self.source.origin.position(range.start);
                (at, at)
            } else {
                self.source.origin.span(range)
            };
            spans.extend(std::iter::repeat_n(span, text.len()));
        }
    }

    /// Writes one character that stands for `range` of the source.
    pub fn insert_char(&mut self, character: char, range: Range<usize>) {
        self.insert(character.encode_utf8(&mut [0; 4]), range);
    }

    /// Writes characters each of which replaces the next one of the source, and takes in as many
    /// after that as its negative number says; or, with a positive number, is new and stands for
    /// the same as what was taken last.
    pub fn transform(&mut self, changes: impl Iterator<Item = (char, isize)>) {
        let source = self.source;
        let mut rest = source.text.char_indices();
        let mut next = move || rest.next().map(|(at, old)| (at..at + old.len_utf8(), old));
        let mut last = 0..0;
        for (new, change) in changes {
            if change > 0 {
                self.insert_char(new, last.clone());
                continue;
            }
            let Some((range, old)) = next() else {
                self.insert_char(new, last.clone());
                continue;
            };
            if old == new {
                self.copy(range.clone());
            } else {
                self.insert_char(new, range.clone());
            }
            last = range;
            for _ in change..0 {
                last = next().map_or(last, |(range, _)| range);
            }
        }
    }

    /// What was written.
    pub fn finish(self) -> Aligned<'static> {
        let start = self.source.origin.position(0);
        Aligned {
            text: self.text.into(),
            origin: self.spans.map_or(Origin::Unknown(start), Origin::Listed),
        }
    }
}

/// The range of the character that starts at `at`.
pub fn character_range(text: &str, at: usize) -> Range<usize> {
    let width = text[at..].chars().next().map_or(0, char::len_utf8);
    at..at + width
}

/// The range of the character that ends at `end`.
pub fn character_range_before(text: &str, end: usize) -> Range<usize> {
    let width = text[..end].chars().next_back().map_or(0, char::len_utf8);
    end - width..end
}
