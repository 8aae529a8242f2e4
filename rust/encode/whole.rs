//! The tokens that a pretoken of the same bytes becomes: most pretokens of any text.
//!
//! The table is made with the tokenizer and never changes, so all threads share it and
//! nothing has to be learnt from the first text.

use super::packed::Packed;
use crate::key::Key;
use crate::prefetch::prefetch;

/// Longer tokens are left to the cache.
const MAX_BYTES: usize = 12;

/// Where a slot's second word has the id: between the last bytes and the length.
const ID_BITS: u32 = 32;
const ID: u64 = 0x00FF_FFFF << ID_BITS;

/// Two slots in one line of the processor's cache. A slot is the key of a token with the id in the
/// three bytes that no token of at most [`MAX_BYTES`] bytes needs; zeros are no token's.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Pair([u64; 4]);

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
            if let Some(slot) = slots.chunks_exact_mut(2).find(|slot| slot[1] == 0) {
                slot.copy_from_slice(&[key.0, key.1 | u64::from(id) << ID_BITS]);
            }
        }
        table
    }

    /// Where a token with this key would be, which is asked for.
    #[inline(always)]
    pub fn place(&self, key: Key) -> u32 {
        let at = key.place(self.bits);
        prefetch(&self.pairs, at);
        at as u32
    }

    /// Whether the token with this key is at its place, and its id if so. Without a branch.
    #[inline(always)]
    pub fn get(&self, key: Key, place: u32) -> (bool, Packed) {
        let Pair([first, first_id, second, second_id]) = self.pairs[place as usize];
        let in_first = (first == key.0) & (first_id & !ID == key.1);
        let in_second = (second == key.0) & (second_id & !ID == key.1);
        let word = if in_first { first_id } else { second_id };
        (
            in_first | in_second,
            Packed::one((word >> ID_BITS) as u32 & 0x00FF_FFFF),
        )
    }
}
