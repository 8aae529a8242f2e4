//! A byte trie over tokens, with its edges in one hash table. Long tokens are beside it.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::merge::long_tokens::LongTokens;
use crate::vocab::Tokens;

/// Marks a node without a token, and a token without a shorter one.
pub(crate) const NO_TOKEN: u32 = u32::MAX;

const ROOT: u32 = 0;
/// The trie holds this many bytes of a token at most.
const DEPTH: usize = 256;
/// An edge is a `u64`: the node it leaves and its byte above; below them, once the trie
/// is frozen, whether a token ends at the node it reaches and whether that node has
/// children; at the bottom that node.
const NODE_BITS: u32 = 26;
const MAX_NODES: usize = 1 << NODE_BITS;
const HAS_TOKEN: u64 = 1 << NODE_BITS;
const HAS_CHILDREN: u64 = 2 << NODE_BITS;
const KEY_SHIFT: u32 = NODE_BITS + 2;
/// A free slot, whose bits say that it has neither token nor children. It is not 0: a fresh
/// allocation of zeros is mapped to the zero page, and the first write to a page that was read
/// before replaces that mapping, which costs a TLB shootdown on all cores of the process.
const FREE: u64 = 1 << 63;

/// Tokens by their bytes, or by their bytes read backwards. Nodes are numbered so
/// that a parent comes before its children.
pub(crate) struct Trie {
    /// Open addressing.
    edges: Vec<u64>,
    shift: u32,
    /// The token that ends at each node, or [`NO_TOKEN`].
    tokens: Vec<u32>,
    parents: Vec<u32>,
    /// The node at which each token ends.
    ends: Vec<u32>,
    /// The tokens that are longer than the trie is deep, and the nodes where they leave it.
    long: LongTokens,
    heads: HashSet<u32>,
    /// For the first two bytes of a text, once frozen: the edge that two steps end
    /// with, or [`FREE`] if there is none; and the longest token on that path.
    starts: Vec<(u64, u32)>,
}

impl Trie {
    /// A trie of all tokens.
    pub fn forward(tokens: &Tokens) -> Result<Self> {
        let mut trie = Trie::empty(tokens);
        for (id, token) in tokens.iter() {
            trie.insert(id, token.iter().copied())?;
        }
        trie.long.link();
        Ok(trie)
    }

    /// A trie of all tokens read from their last byte to their first.
    pub fn backward(tokens: &Tokens) -> Result<Self> {
        let mut trie = Trie::empty(tokens);
        for (id, token) in tokens.iter() {
            trie.insert(id, token.iter().rev().copied())?;
        }
        trie.long.link();
        Ok(trie)
    }

    fn empty(tokens: &Tokens) -> Self {
        Trie {
            edges: vec![FREE; 1 << 10],
            shift: 64 - 10,
            tokens: vec![NO_TOKEN],
            parents: vec![ROOT],
            ends: vec![ROOT; tokens.id_limit()],
            long: LongTokens::default(),
            heads: HashSet::new(),
            starts: Vec::new(),
        }
    }

    fn insert(&mut self, id: u32, bytes: impl ExactSizeIterator<Item = u8> + Clone) -> Result<()> {
        let is_long = bytes.len() > DEPTH;
        let mut node = ROOT;
        for byte in bytes.clone().take(DEPTH) {
            let slot = self.slot(node, byte);
            node = if self.edges[slot] == FREE {
                self.grow(node, byte, slot)?
            } else {
                child(self.edges[slot])
            };
        }
        self.ends[id as usize] = node;
        if is_long {
            self.long.insert(id, bytes);
            self.heads.insert(node);
        } else {
            self.tokens[node as usize] = id;
        }
        Ok(())
    }

    /// Adds a node below `node`; `slot` is the free slot of the edge to it.
    fn grow(&mut self, node: u32, byte: u8, slot: usize) -> Result<u32> {
        let new = self.tokens.len();
        if new == MAX_NODES {
            return Err(Error::InvalidVocab {
                reason: format!("the tokens have more than {MAX_NODES} distinct beginnings"),
            });
        }
        self.tokens.push(NO_TOKEN);
        self.parents.push(node);
        self.edges[slot] = key(node, byte) << KEY_SHIFT | new as u64;
        if new * 2 > self.edges.len() {
            self.rehash();
        }
        Ok(new as u32)
    }

    fn rehash(&mut self) {
        let doubled = vec![FREE; self.edges.len() * 2];
        let edges = std::mem::replace(&mut self.edges, doubled);
        self.shift -= 1;
        for edge in edges.into_iter().filter(|&edge| edge != FREE) {
            let slot = self.slot_of(edge >> KEY_SHIFT);
            self.edges[slot] = edge;
        }
    }

    #[inline]
    fn slot(&self, node: u32, byte: u8) -> usize {
        self.slot_of(key(node, byte))
    }

    /// The slot of the edge with this key, or the one it would be put in.
    #[inline]
    fn slot_of(&self, key: u64) -> usize {
        let mask = self.edges.len() - 1;
        // The edges of one node lie close together.
        let hash = (key >> 8).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift;
        let mut slot = (hash ^ key & 0xFF) as usize & mask;
        while self.edges[slot] != FREE && self.edges[slot] >> KEY_SHIFT != key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The longest token `text` starts with, or [`NO_TOKEN`]. The trie is frozen.
    #[inline]
    pub fn longest(&self, text: &[u8]) -> u32 {
        let &[first, second, ref rest @ ..] = text else {
            return text.first().map_or(NO_TOKEN, |&byte| self.walk(&[byte]).1);
        };
        let (mut edge, mut longest) = self.starts[usize::from(first) << 8 | usize::from(second)];
        let mut last = 0;
        for &byte in rest {
            if edge & HAS_CHILDREN == 0 {
                break;
            }
            edge = self.edges[self.slot(child(edge), byte)];
            if edge & HAS_TOKEN != 0 {
                last = edge;
            }
        }
        if last != 0 {
            longest = self.tokens[child(last) as usize];
        }
        if !self.long.is_empty() && edge != FREE && self.heads.contains(&child(edge)) {
            match self.long.longest(text) {
                NO_TOKEN => {}
                long => longest = long,
            }
        }
        longest
    }

    /// Follows all of `text`: the last edge, or [`FREE`] if there is none, and the longest
    /// token.
    fn walk(&self, text: &[u8]) -> (u64, u32) {
        let (mut edge, mut longest) = (FREE, NO_TOKEN);
        for &byte in text {
            edge = self.edges[self.slot(child(edge), byte)];
            if edge == FREE {
                break;
            }
            match self.tokens[child(edge) as usize] {
                NO_TOKEN => {}
                token => longest = token,
            }
        }
        (edge, longest)
    }

    /// Calls `visit(length, token)` for each token that is a proper prefix of `id`'s
    /// bytes as this trie reads them, the longest first. `length` is that of `id`.
    pub fn prefixes(&self, id: u32, length: usize, mut visit: impl FnMut(usize, u32)) {
        let mut node = self.ends[id as usize];
        if length > DEPTH {
            self.long
                .prefixes(id)
                .for_each(|(length, token)| visit(length, token));
            match self.tokens[node as usize] {
                NO_TOKEN => {}
                token => visit(DEPTH, token),
            }
        }
        for depth in (1..length.min(DEPTH)).rev() {
            node = self.parents[node as usize];
            let token = self.tokens[node as usize];
            if token != NO_TOKEN {
                visit(depth, token);
            }
        }
    }

    /// Removes the tokens for which `keep` is false.
    pub fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        self.long.retain(&keep);
        for token in &mut self.tokens {
            if *token != NO_TOKEN && !keep(*token) {
                *token = NO_TOKEN;
            }
        }
    }

    /// For each id the longest token that is a proper prefix of it, or [`NO_TOKEN`].
    pub fn shorter(&self) -> Vec<u32> {
        let mut longest = self.tokens.clone();
        let mut shorter = vec![NO_TOKEN; self.ends.len()];
        for node in 1..self.tokens.len() {
            let above = longest[self.parents[node] as usize];
            match self.tokens[node] {
                NO_TOKEN => longest[node] = above,
                token => shorter[token as usize] = above,
            }
        }
        for (id, long) in self.long.shorter() {
            shorter[id as usize] = match long {
                NO_TOKEN => longest[self.ends[id as usize] as usize],
                long => long,
            };
        }
        shorter
    }

    /// Prepares the trie for [`Trie::longest`], the only method to use afterwards.
    pub fn freeze(&mut self) {
        let mut has_children = vec![false; self.tokens.len()];
        for &parent in &self.parents {
            has_children[parent as usize] = true;
        }
        for edge in self.edges.iter_mut().filter(|edge| **edge != FREE) {
            let node = child(*edge) as usize;
            *edge |= if self.tokens[node] == NO_TOKEN {
                0
            } else {
                HAS_TOKEN
            };
            *edge |= if has_children[node] { HAS_CHILDREN } else { 0 };
        }
        self.parents = Vec::new();
        self.ends = Vec::new();
        self.tokens.shrink_to_fit();
        let mut starts = Vec::with_capacity(1 << 16);
        for first in 0..=u8::MAX {
            let (edge, token) = self.walk(&[first]);
            if edge & HAS_CHILDREN == 0 {
                starts.resize(starts.len() + 256, (FREE, token));
            } else {
                starts.extend((0..=u8::MAX).map(|second| self.walk(&[first, second])));
            }
        }
        self.starts = starts;
    }
}

fn key(node: u32, byte: u8) -> u64 {
    u64::from(node) << 8 | u64::from(byte)
}

fn child(edge: u64) -> u32 {
    (edge & (MAX_NODES as u64 - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> Tokens {
        let words: [&[u8]; 7] = [b"a", b"ab", b"abcd", b"b", b"bcd", b"cd", b"\x00\xff"];
        Tokens::new((0..).zip(words)).unwrap()
    }

    #[test]
    fn finds_the_longest_token() {
        let mut trie = Trie::forward(&tokens()).unwrap();
        trie.freeze();
        for (text, longest) in [
            (&b"abcde"[..], 2),
            (b"abc", 1),
            (b"ac", 0),
            (b"\x00\xff\xff", 6),
            (b"x", NO_TOKEN),
            (b"", NO_TOKEN),
        ] {
            assert_eq!(trie.longest(text), longest, "{text:?}");
        }
    }

    #[test]
    fn knows_prefixes_and_suffixes() {
        let tokens = tokens();
        let mut found = Vec::new();
        let forward = Trie::forward(&tokens).unwrap();
        forward.prefixes(2, 4, |length, token| found.push((length, token)));
        assert_eq!(found, [(2, 1), (1, 0)]);
        found.clear();
        let backward = Trie::backward(&tokens).unwrap();
        backward.prefixes(2, 4, |length, token| found.push((length, token)));
        assert_eq!(found, [(3, 4), (2, 5)]);
        assert_eq!(
            forward.shorter(),
            [NO_TOKEN, 0, 1, NO_TOKEN, 3, NO_TOKEN, NO_TOKEN]
        );
    }

    #[test]
    fn forgets_tokens_that_are_not_kept() {
        let mut trie = Trie::forward(&tokens()).unwrap();
        trie.retain(|id| id != 1);
        assert_eq!(trie.shorter()[2], 0);
        trie.freeze();
        assert_eq!(trie.longest(b"abc"), 0);
    }

    #[test]
    fn tokens_of_any_length_are_found() {
        let text = |unit: &str, length: usize| unit.repeat(length)[..length].to_owned();
        let mut words: Vec<String> = ["a", "b", "ab"].map(String::from).into();
        for length in [255, 256, 257, 258, 300, 511, 513, 2000] {
            words.extend(["a", "ab"].map(|unit| text(unit, length)));
            words.push(text("a", length) + "b");
            words.push("b".to_owned() + &text("a", length));
        }
        words.sort();
        words.dedup();
        let tokens = Tokens::new((0..).zip(&words)).unwrap();
        for keep in [|_: u32| true, |id: u32| !id.is_multiple_of(3)] {
            let longest = |text: &[u8], below: usize| {
                let fits = |id: &u32| {
                    let word = words[*id as usize].as_bytes();
                    keep(*id) && word.len() < below && text.starts_with(word)
                };
                (0..words.len() as u32)
                    .filter(fits)
                    .max_by_key(|&id| words[id as usize].len())
                    .unwrap_or(NO_TOKEN)
            };
            let mut trie = Trie::forward(&tokens).unwrap();
            trie.retain(keep);
            let shorter = trie.shorter();
            for (id, word) in tokens.iter().filter(|&(id, _)| keep(id)) {
                assert_eq!(shorter[id as usize], longest(word, word.len()));
                let (mut found, mut expected) = (Vec::new(), Vec::new());
                trie.prefixes(id, word.len(), |length, token| found.push((length, token)));
                let mut below = longest(word, word.len());
                while below != NO_TOKEN {
                    let length = words[below as usize].len();
                    expected.push((length, below));
                    below = longest(word, length);
                }
                assert_eq!(found, expected);
            }
            trie.freeze();
            for word in &words {
                for cut in [0, 1, 2, 44] {
                    let short = &word.as_bytes()[..word.len().saturating_sub(cut)];
                    for end in [&b""[..], b"a", b"b", b"\xff"] {
                        let text = [short, end].concat();
                        assert_eq!(trie.longest(&text), longest(&text, usize::MAX));
                    }
                }
            }
        }
    }

    #[test]
    fn survives_growing() {
        let words: Vec<String> = (0..5000).map(|word| word.to_string()).collect();
        let tokens = Tokens::new((0..).zip(&words)).unwrap();
        let mut trie = Trie::forward(&tokens).unwrap();
        trie.freeze();
        for (id, word) in (0..).zip(&words) {
            assert_eq!(trie.longest(format!("{word}x").as_bytes()), id);
        }
    }
}
