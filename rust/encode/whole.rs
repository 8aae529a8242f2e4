//! The tokens that are the whole encoding of a pretoken with the same bytes. In any text, most
//! pretokens are among them.
//!
//! The table is made with the tokenizer and never changes, so all threads share it and
//! nothing has to be learnt from the first text.

use super::packed::{self, Packed};
use crate::prefetch::prefetch;
use crate::short_key::Key;

/// Longer tokens are left to the cache.
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

/// The table. Tokens that find both slots of their pair taken are not in it.
pub(crate) struct WholeTokens {
    pairs: Vec<Pair>,
    bits: u32,
}

impl WholeTokens {
    /// A table of tokens and their ids, of which the first matter most.
    pub fn new<'t>(count: usize, tokens: impl Iterator<Item = (u32, &'t [u8])>) -> Self {
        let bits = count.next_power_of_two().trailing_zeros().max(4);
        let mut table = WholeTokens {
            pairs: vec![Pair::default(); 1 << bits],
            bits,
        };
        for (id, token) in tokens.filter(|(_, token)| token.len() <= MAX_BYTES) {
            let key = Key::new(token, 0, token.len());
            let Pair(slots) = &mut table.pairs[key.place(bits)];
            match slots.chunks_exact_mut(2).find(|slot| slot[1] == 0) {
                Some(slot) => slot.copy_from_slice(&[key.0, key.1 | u64::from(id) << ID_BITS]),
                None => slots[3] |= FULL,
            }
        }
        table
    }

    /// The pair in which a token with this key would be; prefetches it.
    #[inline(always)]
    pub fn pair(&self, key: Key) -> u32 {
        let at = key.place(self.bits);
        prefetch(&self.pairs, at);
        at as u32
    }

    /// Whether the token with this key is in its pair, and its id if so. Without a branch.
    #[inline(always)]
    pub fn get(&self, key: Key, pair: u32) -> (bool, Packed) {
        let Pair([first, first_id, second, second_id]) = self.pairs[pair as usize];
        let in_first = (first == key.0) & (first_id & !ID == key.1);
        let in_second = (second == key.0) & (second_id & !(ID | FULL) == key.1);
        let word = if in_first { first_id } else { second_id };
        (
            in_first | in_second,
            Packed::one((word >> ID_BITS & packed::ID) as u32),
        )
    }

    /// Whether no token has this key, which was not found in this pair.
    pub fn is_no_token(&self, key: Key, pair: u32) -> bool {
        key.length() <= MAX_BYTES && self.pairs[pair as usize].0[3] & FULL == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get(table: &WholeTokens, text: &[u8]) -> Option<Packed> {
        let key = Key::new(text, 0, text.len());
        let (found, id) = table.get(key, table.pair(key));
        found.then_some(id)
    }

    #[test]
    fn finds_tokens_and_nothing_else() {
        let is_no_token = |table: &WholeTokens, text: &[u8]| {
            let key = Key::new(text, 0, text.len());
            table.is_no_token(key, table.pair(key))
        };
        let texts: Vec<String> = (0..5000)
            .map(|number| format!("{:x}", number * 7919))
            .collect();
        let tokens = || (0xFF_0000..).zip(texts.iter().map(|text| text.as_bytes()));
        let table = WholeTokens::new(texts.len(), tokens());
        let mut found = 0;
        for (id, token) in tokens() {
            if let Some(packed) = get(&table, token) {
                assert_eq!(packed, Packed::one(id));
                found += 1;
            } else {
                assert!(!is_no_token(&table, token));
            }
            let longer = [token, b"\0"].concat();
            assert_eq!(get(&table, &longer), None);
        }
        assert!(found > texts.len() * 9 / 10);
        let others = (0..1000).map(|number| format!("g{number}"));
        let known = others.filter(|other| is_no_token(&table, other.as_bytes()));
        assert!(known.count() > 500);
        assert_eq!(get(&table, b"g"), None);
        assert!(!is_no_token(&table, b"1234567890abc"));
        assert_eq!(get(&table, &[b'f'; 40]), None);
    }

    #[test]
    fn long_tokens_are_left_out() {
        let text = b"0123456789abcdef";
        let tokens = (1..=16).map(|length| (length as u32, &text[..length]));
        let table = WholeTokens::new(1000, tokens);
        for length in 1..=16 {
            let expected = (length <= MAX_BYTES).then(|| Packed::one(length as u32));
            assert_eq!(get(&table, &text[..length]), expected);
        }
    }
}
