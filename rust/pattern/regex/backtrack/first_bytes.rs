//! The bytes that parts of a regex can begin with, so that they are not tried elsewhere.

use super::set::Set;
use super::tree::Node;

/// The bytes that no character begins with, but for those outside UTF-8.
const INNER: std::ops::Range<usize> = 0x80..0xC0;

/// Bytes that characters begin with.
pub struct FirstBytes([bool; 256]);

impl FirstBytes {
    /// Whether `byte` is among them.
    #[inline]
    pub fn hold(&self, byte: u8) -> bool {
        self.0[usize::from(byte)]
    }

    /// Adds those of a range of characters.
    fn add(&mut self, first: char, last: char) {
        let lead = |character: char| usize::from(character.encode_utf8(&mut [0; 4]).as_bytes()[0]);
        // In UTF-8, greater characters begin with greater bytes, or the same.
        self.0[lead(first)..=lead(last)].fill(true);
        self.0[INNER].fill(false);
    }
}

/// The bytes that `node` can begin with, unless it can be empty.
pub fn first_bytes(node: &Node, sets: &[Set]) -> Option<FirstBytes> {
    let mut first_bytes = FirstBytes([false; 256]);
    let can_be_empty = add(node, sets, &mut first_bytes);
    (!can_be_empty).then_some(first_bytes)
}

/// Adds the bytes that `node` can begin with. Whether it can be empty. Recursive; the
/// parser limits how deep a regex is.
fn add(node: &Node, sets: &[Set], first_bytes: &mut FirstBytes) -> bool {
    match node {
        Node::Character(character) => {
            first_bytes.add(*character, *character);
            false
        }
        Node::Set(set) => {
            for &(first, last) in sets[*set].ranges() {
                first_bytes.add(first, last);
            }
            false
        }
        Node::Assertion(_) | Node::SearchStart | Node::LineEndsToEnd { .. } | Node::Look { .. } => {
            true
        }
        Node::Concat(nodes) => nodes.iter().all(|node| add(node, sets, first_bytes)),
        Node::Alternatives(nodes) => nodes
            .iter()
            .fold(false, |any, node| any | add(node, sets, first_bytes)),
        Node::Group(_, child) | Node::Atomic(child) => add(child, sets, first_bytes),
        Node::Repeat { child, least, .. } => add(child, sets, first_bytes) | (*least == 0),
        Node::Backreference { .. } => {
            first_bytes.add('\0', char::MAX);
            true
        }
    }
}
