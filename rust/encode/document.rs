//! A text to be encoded.

use std::ops::Range;

use crate::pattern::{Pattern, Pretokens};

/// Any bytes, or what is known to be UTF-8, so that it need not be checked again.
#[derive(Debug, Clone, Copy)]
pub enum Document<'d> {
    Text(&'d str),
    Bytes(&'d [u8]),
}

impl<'d> Document<'d> {
    pub fn bytes(self) -> &'d [u8] {
        match self {
            Document::Text(text) => text.as_bytes(),
            Document::Bytes(bytes) => bytes,
        }
    }

    pub fn part(self, range: Range<usize>) -> Self {
        let text = match self {
            Document::Text(text) => text.get(range.clone()),
            Document::Bytes(_) => None,
        };
        text.map_or_else(|| Document::Bytes(&self.bytes()[range]), Document::Text)
    }

    pub fn pretokens<'p>(self, pattern: &'p Pattern) -> Pretokens<'p, 'd> {
        match self {
            Document::Text(text) => pattern.pretokens_of(text),
            Document::Bytes(bytes) => pattern.pretokens(bytes),
        }
    }
}
