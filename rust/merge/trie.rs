//! A byte trie over tokens, with its edges in one hash table. Long tokens are beside it.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::merge::long_tokens::LongTokens;
use crate::merge::sorted::{NO_TOKEN, Sorted};
use crate::vocab::Tokens;

const ROOT: u32 = 0;
/// The trie holds this many bytes of a token at most.
const DEPTH: usize = 256;
/// An edge is a `u64`: the node it leaves and its byte above; below them, whether a token ends at
/// the node it reaches and whether that node has children; at the bottom that node.
const NODE_BITS: u32 = 26;
const MAX_NODES: usize = 1 << NODE_BITS;
const HAS_TOKEN: u64 = 1 << NODE_BITS;
const HAS_CHILDREN: u64 = 2 << NODE_BITS;
const KEY_SHIFT: u32 = NODE_BITS + 2;
/// A free slot, whose bits say that it has neither token nor children. It is not 0: a fresh
/// allocation of zeros is mapped to the zero page, and the first write to a page that was read
/// before replaces that mapping, which costs a TLB shootdown on all cores of the process.
const FREE: u64 = 1 << 63;

/// Tokens by their bytes.
pub(crate) struct Trie {
    /// Open addressing.
    edges: Vec<u64>,
    shift: u32,
    /// The token that ends at each node, or [`NO_TOKEN`].
    tokens: Vec<u32>,
    /// The tokens that are longer than the trie is deep, and the nodes where they leave it.
    long: LongTokens,
    heads: HashSet<u32>,
    /// For the first two bytes of a text: the edge that two steps end with, or [`FREE`] if there
    /// is none; and the longest token on that path.
    starts: Vec<(u64, u32)>,
}

impl Trie {
    /// Refuses tokens of which no trie can be made.
    pub fn check(tokens: &Tokens) -> Result<()> {
        let most: usize = tokens.iter().map(|(_, token)| depth(token.len())).sum();
        if most >= MAX_NODES && nodes(tokens, &Sorted::forward(tokens, &|_| true)) > MAX_NODES {
            return Err(Error::InvalidVocab {
                reason: format!("the tokens have more than {MAX_NODES} distinct beginnings"),
            });
        }
        Ok(())
    }

    /// A trie of some of the tokens, sorted forward.
    pub fn new(tokens: &Tokens, sorted: &Sorted) -> Self {
        let nodes = nodes(tokens, sorted);
        // At most half full.
        let slots = (2 * nodes).next_power_of_two();
        let mut trie = Trie {
            edges: vec![FREE; slots],
            shift: 64 - slots.trailing_zeros(),
            tokens: Vec::with_capacity(nodes),
            long: LongTokens::default(),
            heads: HashSet::new(),
            starts: vec![(FREE, NO_TOKEN); 1 << 16],
        };
        trie.tokens.push(NO_TOKEN);
        // The nodes on the way to the last token.
        let mut path = [ROOT; DEPTH + 1];
        let entries = sorted.ids.iter().zip(&sorted.common);
        let following = sorted.common.iter().skip(1).chain([&0]);
        for ((&id, &common), &next) in entries.zip(following) {
            let token = tokens.get(id).unwrap_or_default();
            let end = depth(token.len());
            for at in depth(common as usize)..end {
                let is_end = at + 1 == token.len();
                // The next token may go on where this one ends.
                let goes_on = at + 1 < end.max(depth(next as usize + 1));
                let flags = (u64::from(is_end) * HAS_TOKEN) | (u64::from(goes_on) * HAS_CHILDREN);
                let node = trie.tokens.len() as u32;
                trie.tokens.push(if is_end { id } else { NO_TOKEN });
                let slot = trie.slot(path[at], token[at]);
                let edge = key(path[at], token[at]) << KEY_SHIFT | flags | u64::from(node);
                trie.edges[slot] = edge;
                path[at + 1] = node;
                trie.start(&token[..=at], edge);
            }
            if token.len() > DEPTH {
                trie.long.push(id, token);
                trie.heads.insert(path[DEPTH]);
            }
        }
        trie
    }

    /// Adds an edge to `starts`, if it is the first or second one on the path of `bytes`.
    fn start(&mut self, bytes: &[u8], edge: u64) {
        let ends = |edge| match edge & HAS_TOKEN {
            0 => NO_TOKEN,
            _ => self.tokens[child(edge) as usize],
        };
        match *bytes {
            [first] => {
                let first = usize::from(first) << 8;
                self.starts[first..first + 256].fill((FREE, ends(edge)));
            }
            [first, second] => {
                let start = usize::from(first) << 8 | usize::from(second);
                let longest = match ends(edge) {
                    NO_TOKEN => self.starts[start].1,
                    token => token,
                };
                self.starts[start] = (edge, longest);
            }
            _ => {}
        }
    }

    /// The slot of an edge, or the one it would be put in.
    #[inline]
    fn slot(&self, node: u32, byte: u8) -> usize {
        let mask = self.edges.len() - 1;
        let key = key(node, byte);
        // The edges of one node lie close together.
        let hash = u64::from(node).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> self.shift;
        let mut slot = (hash ^ u64::from(byte)) as usize & mask;
        while self.edges[slot] != FREE && self.edges[slot] >> KEY_SHIFT != key {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// The longest token `text` starts with, or [`NO_TOKEN`]; and how many bytes tell so, unless it
    /// depends on where the text ends.
    #[inline]
    pub fn longest(&self, text: &[u8]) -> (u32, Option<usize>) {
        let &[first, second, ref rest @ ..] = text else {
            let token = text.first().map_or(NO_TOKEN, |&byte| self.single(byte));
            return (token, None);
        };
        let (mut edge, mut longest) = self.starts[usize::from(first) << 8 | usize::from(second)];
        let (mut last, mut seen) = (0, 2);
        for &byte in rest {
            if edge & HAS_CHILDREN == 0 {
                break;
            }
            seen += 1;
            edge = self.edges[self.slot(child(edge), byte)];
            if edge & HAS_TOKEN != 0 {
                last = edge;
            }
        }
        if last != 0 {
            longest = self.tokens[child(last) as usize];
        }
        let mut seen = (edge & HAS_CHILDREN == 0).then_some(seen);
        if !self.long.is_empty() && edge != FREE && self.heads.contains(&child(edge)) {
            seen = None;
            match self.long.longest(text) {
                NO_TOKEN => {}
                long => longest = long,
            }
        }
        (longest, seen)
    }

    /// The token of a single byte, or [`NO_TOKEN`].
    fn single(&self, byte: u8) -> u32 {
        let edge = self.edges[self.slot(ROOT, byte)];
        if edge & HAS_TOKEN == 0 {
            NO_TOKEN
        } else {
            self.tokens[child(edge) as usize]
        }
    }
}

/// The number of nodes of a trie of these tokens.
fn nodes(tokens: &Tokens, sorted: &Sorted) -> usize {
    let added = |(&id, &common): (&u32, &u32)| {
        let token = tokens.get(id).unwrap_or_default();
        depth(token.len()) - depth(common as usize)
    };
    let entries = sorted.ids.iter().zip(&sorted.common);
    1 + entries.map(added).sum::<usize>()
}

/// How many bytes of a text of this length the trie holds.
fn depth(length: usize) -> usize {
    length.min(DEPTH)
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

    fn trie(tokens: &Tokens, keep: &dyn Fn(u32) -> bool) -> Trie {
        Trie::check(tokens).unwrap();
        Trie::new(tokens, &Sorted::forward(tokens, keep))
    }

    #[test]
    fn finds_the_longest_token() {
        let trie = trie(&tokens(), &|_| true);
        for (text, longest) in [
            (&b"abcde"[..], 2),
            (b"abc", 1),
            (b"ac", 0),
            (b"\x00\xff\xff", 6),
            (b"x", NO_TOKEN),
            (b"", NO_TOKEN),
        ] {
            assert_eq!(trie.longest(text).0, longest, "{text:?}");
        }
    }

    #[test]
    fn knows_only_the_tokens_to_keep() {
        let trie = trie(&tokens(), &|id| id != 1);
        assert_eq!(trie.longest(b"abc").0, 0);
        assert_eq!(trie.longest(b"abcd").0, 2);
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
            let longest = |text: &[u8]| {
                let fits = |id: &u32| keep(*id) && text.starts_with(words[*id as usize].as_bytes());
                (0..words.len() as u32)
                    .filter(fits)
                    .max_by_key(|&id| words[id as usize].len())
                    .unwrap_or(NO_TOKEN)
            };
            let trie = trie(&tokens, &keep);
            for word in &words {
                for cut in [0, 1, 2, 44] {
                    let short = &word.as_bytes()[..word.len().saturating_sub(cut)];
                    for end in [&b""[..], b"a", b"b", b"\xff"] {
                        let text = [short, end].concat();
                        let (found, seen) = trie.longest(&text);
                        assert_eq!(found, longest(&text));
                        // Whatever follows what was seen.
                        if let Some(seen) = seen {
                            let other = [&text[..seen], b"abab"].concat();
                            assert_eq!(trie.longest(&other).0, found);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn many_tokens_are_found() {
        let words: Vec<String> = (0..5000).map(|word| word.to_string()).collect();
        let tokens = Tokens::new((0..).zip(&words)).unwrap();
        let trie = trie(&tokens, &|_| true);
        for (id, word) in (0..).zip(&words) {
            assert_eq!(trie.longest(format!("{word}x").as_bytes()).0, id);
        }
    }
}
