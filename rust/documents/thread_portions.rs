//! Divides the parts of documents among threads.

use std::ops::Range;

use super::split_specials::{Part, PartOf, push_text};
use crate::pattern::Pattern;

/// The size of a portion, in bytes, about.
pub const PORTION: usize = 256 << 10;

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

/// Like [`portions`], without cutting any text.
pub fn groups<'a>(parts: &[Part<'a>]) -> Vec<Vec<Part<'a>>> {
    let mut groups = Vec::new();
    let mut group = Vec::new();
    let mut size = 0;
    for &part in parts {
        group.push(part);
        size += part.text().len();
        if size >= PORTION {
            groups.push(std::mem::take(&mut group));
            size = 0;
        }
    }
    groups.push(group);
    groups
}

/// A portion that owns its text, and so outlives the block that it came in.
pub struct OwnPortion {
    text: Vec<u8>,
    parts: Vec<PartOf<Range<usize>>>,
}

impl OwnPortion {
    /// A copy of a portion.
    pub fn of(parts: &[Part]) -> Self {
        let mut text = Vec::with_capacity(parts.iter().map(|part| part.text().len()).sum());
        let own = |part: &Part| {
            part.map(|bytes| {
                let start = text.len();
                text.extend_from_slice(bytes);
                start..text.len()
            })
        };
        OwnPortion {
            parts: parts.iter().map(own).collect(),
            text,
        }
    }

    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let of = |range: Range<usize>| &self.text[range];
        self.parts.iter().map(move |part| part.clone().map(of))
    }
}
