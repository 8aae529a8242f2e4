//! The tokens that are the whole encoding of a pretoken with the same bytes. In any text, most
//! pretokens are among them.
//!
//! The table is made with the tokenizer and never changes, so all threads share it and
//! nothing has to be merged for them.

use super::packed::{self, Packed};
use crate::prefetch::{Delay, prefetch};
use crate::short_key::{Key, MAX_KEY};

/// Longer tokens are only in the filter.
const MAX_BYTES: usize = 12;

/// Where a slot's second word has the id: between the last bytes and the length.
const ID_BITS: u32 = 32;
const ID: u64 = packed::ID << ID_BITS;

/// Two slots in one line of the processor's cache. A slot is the key of a token with the id in the
/// three bytes that no token of at most [`MAX_BYTES`] bytes needs; zeros are no token's.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Pair([u64; 4]);

/// Flag above the length in a pair's last word: more tokens belong to this pair than fit.
const FULL: u64 = 1 << 63;

/// How many bits of the filter there are for a token, as a power of two.
const FILTER_BITS: u32 = 3;

/// The table. Tokens that find both slots of their pair taken are not in it.
pub(crate) struct WholeTokens {
    pairs: Vec<Pair>,
    bits: u32,
    /// A bit for every token of up to [`MAX_KEY`] bytes. Most pretokens that are looked up here
    /// are no tokens, and learn it from this, which is small enough to stay in a near cache.
    filter: Vec<u64>,
}

/// Whether a pretoken is a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whole {
    Token(Packed),
    NoToken,
    /// It may be one that is not in the table.
    Unknown,
}

impl WholeTokens {
    /// A table of at most `count` tokens' keys and ids, of which the first matter most.
    pub fn new(count: usize, tokens: impl Iterator<Item = (u32, Key)>) -> Self {
        let bits = count.next_power_of_two().trailing_zeros().max(4);
        let mut table = WholeTokens {
            pairs: vec![Pair::default(); 1 << bits],
            bits,
            filter: vec![0; 1 << (bits + FILTER_BITS - 6)],
        };
        let mut delay = Delay::default();
        for (id, key) in tokens.filter(|(_, key)| key.length() <= MAX_KEY) {
            let (word, bit) = table.bit(key);
            table.filter[word] |= bit;
            if key.length() > MAX_BYTES {
                continue;
            }
            let pair = key.place(bits);
            prefetch(&table.pairs, pair);
            if let Some((id, key, pair)) = delay.pass((id, key, pair)) {
                table.insert(id, key, pair);
            }
        }
        for (id, key, pair) in delay.rest() {
            table.insert(id, key, pair);
        }
        table
    }

    fn insert(&mut self, id: u32, key: Key, pair: usize) {
        let Pair(slots) = &mut self.pairs[pair];
        match slots.chunks_exact_mut(2).find(|slot| slot[1] == 0) {
            Some(slot) => slot.copy_from_slice(&[key.0, key.1 | u64::from(id) << ID_BITS]),
            None => slots[3] |= FULL,
        }
    }

    /// Asks the processor for the memory in which a pretoken would be.
    pub fn prefetch(&self, key: Key) {
        prefetch(&self.filter, self.bit(key).0);
        prefetch(&self.pairs, key.place(self.bits));
    }

    /// Whether the pretoken with this key is a token.
    pub fn find(&self, key: Key) -> Whole {
        let (word, bit) = self.bit(key);
        if self.filter[word] & bit == 0 {
            return Whole::NoToken;
        }
        let Pair(slots) = self.pairs[key.place(self.bits)];
        let (slots, _) = slots.as_chunks();
        let is_it = |[low, high]: &&[u64; 2]| *low == key.0 && high & !(ID | FULL) == key.1;
        match slots.iter().find(is_it) {
            Some([_, high]) => Whole::Token(Packed::one((high >> ID_BITS & packed::ID) as u32)),
            None if key.length() <= MAX_BYTES && slots[1][1] & FULL == 0 => Whole::NoToken,
            None => Whole::Unknown,
        }
    }

    /// The word of the filter that knows a token, and the bit in it.
    fn bit(&self, key: Key) -> (usize, u64) {
        let place = key.place(self.bits + FILTER_BITS);
        (place / 64, 1 << (place % 64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(table: &WholeTokens, text: &[u8]) -> Whole {
        table.find(Key::new(text, 0, text.len()))
    }

    #[test]
    fn finds_tokens_and_nothing_else() {
        let texts: Vec<String> = (0..5000)
            .map(|number| format!("{:x}", number * 7919))
            .collect();
        let tokens = || (0xFF_0000..).zip(texts.iter().map(|text| text.as_bytes()));
        let keys = tokens().map(|(id, token)| (id, Key::new(token, 0, token.len())));
        let table = WholeTokens::new(texts.len(), keys);
        let mut found = 0;
        for (id, token) in tokens() {
            match find(&table, token) {
                Whole::Token(packed) => {
                    assert_eq!(packed, Packed::one(id));
                    found += 1;
                }
                other => assert_eq!(other, Whole::Unknown),
            }
            let longer = [token, b"\0"].concat();
            assert!(!matches!(find(&table, &longer), Whole::Token(_)));
        }
        assert!(found > texts.len() * 9 / 10);
        let others = (0..1000).map(|number| format!("g{number}"));
        let no_tokens = others.filter(|other| find(&table, other.as_bytes()) == Whole::NoToken);
        assert!(no_tokens.count() > 900);
    }

    #[test]
    fn long_tokens_are_left_out() {
        let text = b"0123456789abcdef";
        let keys = (1..=16).map(|length| (length as u32, Key::new(text, 0, length)));
        let table = WholeTokens::new(1000, keys);
        for length in 1..=MAX_KEY {
            let expected = match length {
                ..=MAX_BYTES => Whole::Token(Packed::one(length as u32)),
                _ => Whole::Unknown,
            };
            assert_eq!(find(&table, &text[..length]), expected);
        }
    }
}
