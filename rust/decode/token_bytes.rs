//! The bytes of every id, in a table that is fast to copy from.

use crate::error::{Error, Result};
use crate::vocab::{AddedToken, Model};

/// The size of a slot. One is copied as a whole, however long its token is.
const SLOT: usize = 16;
/// The longest token that fits in a slot, and the place of its length.
const INLINE: usize = SLOT - 1;
/// In place of a length: the slot says where the token is.
const LONG: u8 = u8::MAX - 1;
/// In place of a length: there is no such token.
const GAP: u8 = u8::MAX;

/// How many ids get room at once.
const GROUP: usize = 64;

/// The bytes of every id, tokens and added tokens alike.
pub(crate) struct TokenBytes {
    /// By id: a token of up to [`INLINE`] bytes and its length, or where in `long` it begins and ends.
    slots: Vec<[u8; SLOT]>,
    /// The longer tokens, one after the other.
    long: Vec<u8>,
}

impl TokenBytes {
    pub fn new(model: &Model, added: &[AddedToken]) -> Result<Self> {
        let last_added = added.iter().map(|token| token.id as usize + 1).max();
        let last_inert = model.inert().last().map(|&(id, _)| id as usize + 1);
        let ends = [Some(model.tokens().id_limit()), last_added, last_inert];
        let mut gap = [0; SLOT];
        gap[INLINE] = GAP;
        let mut table = TokenBytes {
            slots: vec![gap; ends.into_iter().flatten().max().unwrap_or(0)],
            long: Vec::new(),
        };
        for (id, start, end) in model.tokens().spans() {
            table.set(id, &model.tokens().bytes()[start..end])?;
        }
        for (id, text) in model.inert() {
            table.set(*id, text.as_bytes())?;
        }
        // Of several added tokens with one id, the first is what the id means.
        for token in added {
            if table.get(token.id).is_none() {
                table.set(token.id, token.text.as_bytes())?;
            }
        }
        Ok(table)
    }

    fn set(&mut self, id: u32, token: &[u8]) -> Result<()> {
        let slot = &mut self.slots[id as usize];
        if token.len() <= INLINE {
            slot[..token.len()].copy_from_slice(token);
            slot[INLINE] = token.len() as u8;
            return Ok(());
        }
        let start = self.long.len();
        self.long.extend_from_slice(token);
        let end = u32::try_from(self.long.len()).map_err(|_| Error::InvalidVocab {
            reason: "the tokens together exceed 4 GiB".into(),
        })?;
        slot[..4].copy_from_slice(&(start as u32).to_ne_bytes());
        slot[4..8].copy_from_slice(&end.to_ne_bytes());
        slot[INLINE] = LONG;
        Ok(())
    }

    /// One more than the largest id.
    pub fn id_limit(&self) -> usize {
        self.slots.len()
    }

    /// The bytes of `id`.
    pub fn get(&self, id: u32) -> Option<&[u8]> {
        let slot = self.slots.get(id as usize)?;
        match slot[INLINE] {
            GAP => None,
            LONG => {
                let [start, end, _, _] = slot.as_chunks().0 else {
                    return None;
                };
                let at = |place: &[u8; 4]| u32::from_ne_bytes(*place) as usize;
                Some(&self.long[at(start)..at(end)])
            }
            length => Some(&slot[..length as usize]),
        }
    }

    /// The length in bytes of `id`; 0 if there is no such id.
    #[inline]
    pub fn length(&self, id: u32) -> usize {
        match self.slots.get(id as usize) {
            Some(slot) if slot[INLINE] as usize <= INLINE => slot[INLINE] as usize,
            _ => self.get(id).map_or(0, <[u8]>::len),
        }
    }

    /// Appends the bytes of `ids` to `out`.
    /// [`Error::UnknownId`] names the first id that is not in the vocabulary.
    pub fn append(&self, ids: &[u32], out: &mut Vec<u8>) -> Result<()> {
        for (group, mut rest) in ids.chunks(GROUP).enumerate() {
            let end = ids.len().min((group + 1) * GROUP);
            while !rest.is_empty() {
                let start = out.len();
                out.resize(start + rest.len() * SLOT, 0);
                let (count, length) = self.write(rest, &mut out[start..]);
                out.truncate(start + length);
                rest = &rest[count..];
                if let Some((&id, others)) = rest.split_first() {
                    let unknown = || Error::UnknownId {
                        id,
                        position: end - rest.len(),
                    };
                    out.extend_from_slice(self.get(id).ok_or_else(unknown)?);
                    rest = others;
                }
            }
        }
        Ok(())
    }

    /// Writes the bytes of `ids`, up to the first one whose token does not fit in a slot, to the
    /// beginning of `out`, which has a slot for each. Returns how many ids and how many bytes.
    #[inline]
    fn write(&self, ids: &[u32], out: &mut [u8]) -> (usize, usize) {
        let mut at = 0;
        for (count, &id) in ids.iter().enumerate() {
            match (self.slots.get(id as usize), out[at..].first_chunk_mut()) {
                (Some(slot), Some(place)) if slot[INLINE] as usize <= INLINE => {
                    // What is too much is overwritten by the next token.
                    *place = *slot;
                    at += slot[INLINE] as usize;
                }
                _ => return (count, at),
            }
        }
        (ids.len(), at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::trained;
    use proptest::prelude::*;
    use std::sync::LazyLock;

    /// Added tokens of 1 to 40 bytes, with a gap before each.
    static TABLE: LazyLock<(Vec<u32>, TokenBytes)> = LazyLock::new(|| {
        let vocab = trained("aaaa", "none", 1);
        let text = |length: u32| "0123456789".repeat(4)[..length as usize].to_owned();
        let added: Vec<AddedToken> = (1..=40)
            .map(|length| AddedToken::special(300 + 2 * length, text(length)))
            .collect();
        let table = TokenBytes::new(&vocab.model, &added).unwrap();
        let ids = (0..=256).chain(added.iter().map(|token| token.id));
        (ids.collect(), table)
    });

    #[test]
    fn tokens_of_every_length_are_found() {
        let (_, table) = &*TABLE;
        assert_eq!(table.get(b'x'.into()), Some(&b"x"[..]));
        assert_eq!(table.get(256), Some(&b"aa"[..]));
        for length in 1..=40 {
            let id = 300 + 2 * length as u32;
            assert_eq!(table.get(id).unwrap(), &b"0123456789".repeat(4)[..length]);
            assert_eq!(table.length(id), length);
            assert_eq!((table.get(id - 1), table.length(id - 1)), (None, 0));
        }
        assert_eq!(
            (table.id_limit(), table.get(381), table.length(381)),
            (381, None, 0)
        );
    }

    proptest! {
        #[test]
        fn what_is_appended_is_what_the_tokens_are(
            indexes in prop::collection::vec(any::<prop::sample::Index>(), 0..200),
        ) {
            let (all, table) = &*TABLE;
            let ids: Vec<u32> = indexes.iter().map(|index| all[index.index(all.len())]).collect();
            let mut expected = vec![7];
            expected.extend(ids.iter().flat_map(|&id| table.get(id).unwrap()));
            let mut out = vec![7];
            table.append(&ids, &mut out).unwrap();
            prop_assert_eq!(out, expected);
        }

        #[test]
        fn the_first_unknown_id_is_named(before in 0..300usize, after in 0..100usize) {
            let (_, table) = &*TABLE;
            for known in [97, 380] {
                let ids = [vec![known; before], vec![381], vec![301; after]].concat();
                let error = Error::UnknownId { id: 381, position: before };
                prop_assert_eq!(table.append(&ids, &mut Vec::new()), Err(error));
            }
        }
    }
}
