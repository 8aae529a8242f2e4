//! SpecialCuts the special tokens out of text.

use crate::special::SpecialMatcher;

/// A piece of the stream, in order.
pub type Part<'a> = PartOf<&'a [u8]>;

/// A piece of a stream whose text is given as a `T`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartOf<T> {
    /// Text that is split on its own: pretokens end where it ends.
    Text {
        bytes: T,
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

impl<T> PartOf<T> {
    /// The same part, with another kind of text.
    pub fn map<U>(self, text: impl FnOnce(T) -> U) -> PartOf<U> {
        match self {
            PartOf::Text { bytes, offset } => PartOf::Text {
                bytes: text(bytes),
                offset,
            },
            PartOf::Special {
                index,
                offset,
                length,
            } => PartOf::Special {
                index,
                offset,
                length,
            },
            PartOf::End => PartOf::End,
        }
    }
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

/// What cutting the special tokens out of a text found.
pub struct SpecialCuts {
    /// Where the last one ends.
    pub start: usize,
    /// Up to here, there are no others.
    pub known: usize,
    /// Where to search for the next one.
    pub searched: usize,
    /// The number of those that were text.
    pub as_text: u64,
}

/// Appends the parts of one complete document.
pub fn document_parts<'a>(
    document: &'a [u8],
    special: Option<&SpecialMatcher>,
    parts: &mut Vec<Part<'a>>,
) {
    let end = document.len();
    let cuts = SpecialCuts {
        start: 0,
        known: end,
        searched: 0,
        as_text: 0,
    };
    let cuts = cut_specials(document, 0, special, end, cuts, parts);
    push_text(&document[cuts.start..], cuts.start as u64, parts);
    parts.push(Part::End);
}

/// Appends the parts of `text`, which starts at `offset`, up to the end of the last
/// special token that starts before `cuts.known`. One that does not end within `inside`
/// may turn out to be no part of this document, so nothing is known from its start on.
pub fn cut_specials<'a>(
    text: &'a [u8],
    offset: u64,
    special: Option<&SpecialMatcher>,
    inside: usize,
    mut cuts: SpecialCuts,
    parts: &mut Vec<Part<'a>>,
) -> SpecialCuts {
    let matches = special.map(|special| special.matches(text, cuts.searched));
    for found in matches.into_iter().flatten() {
        if found.start >= cuts.known {
            break;
        }
        if found.end > inside {
            cuts.known = found.start;
            break;
        }
        cuts.searched = found.end;
        if special.is_some_and(|special| special.is_text(found.index)) {
            cuts.as_text += 1;
            continue;
        }
        push_text(
            &text[cuts.start..found.start],
            offset + cuts.start as u64,
            parts,
        );
        parts.push(Part::Special {
            index: found.index,
            offset: offset + found.start as u64,
            length: found.end - found.start,
        });
        cuts.start = found.end;
    }
    cuts.searched = cuts.searched.max(cuts.known);
    cuts
}

/// Appends text, if there is any.
pub fn push_text<'a>(bytes: &'a [u8], offset: u64, parts: &mut Vec<Part<'a>>) {
    if !bytes.is_empty() {
        parts.push(Part::Text { bytes, offset });
    }
}
