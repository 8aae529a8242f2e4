//! Tokens in the order of their bytes, which tells the tokens that each of them begins with.

use crate::vocab::{MAX_IDS, Tokens};

/// No token: one with no other token at its beginning.
pub(crate) const NO_TOKEN: u32 = u32::MAX;

/// Tokens in the order of their bytes, read forward or backward.
pub(crate) struct Sorted {
    pub ids: Vec<u32>,
    /// How many bytes each has in common with the one before it.
    pub common: Vec<u32>,
}

impl Sorted {
    /// Sorts the tokens to keep by their bytes from the first to the last.
    pub fn forward(tokens: &Tokens, keep: &dyn Fn(u32) -> bool) -> Self {
        Sorted::by::<Forward>(tokens, keep)
    }

    /// Sorts the tokens to keep by their bytes from the last to the first.
    pub fn backward(tokens: &Tokens, keep: &dyn Fn(u32) -> bool) -> Self {
        Sorted::by::<Backward>(tokens, keep)
    }

    fn by<D: Direction>(tokens: &Tokens, keep: &dyn Fn(u32) -> bool) -> Self {
        // Numbers sort several times faster than tokens do, and few tokens are longer.
        let key =
            |(id, start, end)| D::head(tokens.bytes(), start, end) << ID_BITS | u128::from(id);
        let kept = tokens.spans().filter(|&(id, _, _)| keep(id));
        let mut keys: Vec<u128> = kept.map(key).collect();
        keys.sort_unstable();
        let id = |key: u128| key as u32 & (MAX_IDS as u32 - 1);
        let token = |key: u128| tokens.get(id(key)).unwrap_or_default();
        for same in keys.chunk_by_mut(|&one, &other| (one ^ other) >> ID_BITS == 0) {
            same.sort_unstable_by(|&one, &other| {
                let (one, other) = (token(one), token(other));
                let common = D::common(one, other);
                D::byte(one, common).cmp(&D::byte(other, common))
            });
        }
        let mut common = Vec::with_capacity(keys.len());
        common.extend(keys.first().map(|_| 0));
        common.extend(keys.windows(2).map(|pair| {
            let same = (pair[0] ^ pair[1]).leading_zeros() as usize / 8;
            let first = token(pair[0]);
            let common = match same {
                // Zeros that follow a token are no bytes of it.
                0..HEAD => same.min(first.len()),
                _ => D::common(first, token(pair[1])),
            };
            common as u32
        }));
        let ids = keys.into_iter().map(id).collect();
        Sorted { ids, common }
    }

    /// For each id, the longest other token here that it begins with, or [`NO_TOKEN`].
    /// `lengths` are those of all tokens.
    pub fn shorter(&self, lengths: &[u32]) -> Vec<u32> {
        let mut shorter = vec![NO_TOKEN; lengths.len()];
        // The tokens that the last one begins with, and itself.
        let mut open: Vec<(u32, u32)> = Vec::new();
        for (&id, &common) in self.ids.iter().zip(&self.common) {
            while open.last().is_some_and(|&(length, _)| length > common) {
                open.pop();
            }
            if let Some(&(_, longest)) = open.last() {
                shorter[id as usize] = longest;
            }
            open.push((lengths[id as usize], id));
        }
        shorter
    }
}

/// How many bytes of a token leave room for its id in a number.
const HEAD: usize = 13;
const ID_BITS: u32 = 128 - 8 * HEAD as u32;
const _: () = assert!(MAX_IDS <= 1 << ID_BITS);

/// How many bytes are compared at once.
const CHUNK: usize = 8;

/// Which byte of a token is its first one.
trait Direction {
    /// The first bytes of `text[start..end]`, at most [`HEAD`], and zeros, as a number that orders
    /// as they do.
    fn head(text: &[u8], start: usize, end: usize) -> u128;
    /// How many bytes two tokens have in common from the first on.
    fn common(one: &[u8], other: &[u8]) -> usize;
    /// The byte at a position, if there is one.
    fn byte(token: &[u8], at: usize) -> Option<u8>;
}

/// The highest bytes of a number, at most [`HEAD`] and `length`, and zeros.
fn head(bytes: u128, length: usize) -> u128 {
    let unused = 8 * (HEAD - length.min(HEAD)) as u32;
    bytes >> ID_BITS >> unused << unused
}

struct Forward;

impl Direction for Forward {
    fn head(text: &[u8], start: usize, end: usize) -> u128 {
        let bytes = match text[start..].first_chunk() {
            Some(bytes) => *bytes,
            None => {
                let mut bytes = [0; 16];
                bytes[..text.len() - start].copy_from_slice(&text[start..]);
                bytes
            }
        };
        head(u128::from_be_bytes(bytes), end - start)
    }

    fn common(one: &[u8], other: &[u8]) -> usize {
        let chunks = one.chunks_exact(CHUNK).zip(other.chunks_exact(CHUNK));
        let equal = CHUNK * chunks.take_while(|(one, other)| one == other).count();
        let rest = one[equal..].iter().zip(&other[equal..]);
        equal + rest.take_while(|(one, other)| one == other).count()
    }

    fn byte(token: &[u8], at: usize) -> Option<u8> {
        token.get(at).copied()
    }
}

struct Backward;

impl Direction for Backward {
    fn head(text: &[u8], start: usize, end: usize) -> u128 {
        let bytes = match text[..end].last_chunk() {
            Some(bytes) => *bytes,
            None => {
                let mut bytes = [0; 16];
                bytes[16 - end..].copy_from_slice(&text[..end]);
                bytes
            }
        };
        head(u128::from_le_bytes(bytes), end - start)
    }

    fn common(one: &[u8], other: &[u8]) -> usize {
        let chunks = one.rchunks_exact(CHUNK).zip(other.rchunks_exact(CHUNK));
        let equal = CHUNK * chunks.take_while(|(one, other)| one == other).count();
        let rest = |token: &[u8]| token.len() - equal;
        let rest = one[..rest(one)]
            .iter()
            .rev()
            .zip(other[..rest(other)].iter().rev());
        equal + rest.take_while(|(one, other)| one == other).count()
    }

    fn byte(token: &[u8], at: usize) -> Option<u8> {
        token.iter().nth_back(at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What [`Sorted`] is to be, by the definition.
    fn check(tokens: &Tokens, sorted: &Sorted, kept: &[u32], read: impl Fn(u32) -> Vec<u8>) {
        let mut ids = kept.to_vec();
        ids.sort_by_key(|&id| read(id));
        assert_eq!(sorted.ids, ids);
        let common = |one: u32, other: u32| {
            let (one, other) = (read(one), read(other));
            one.iter()
                .zip(&other)
                .take_while(|(one, other)| one == other)
                .count() as u32
        };
        let expected = ids.windows(2).map(|pair| common(pair[0], pair[1]));
        assert_eq!(
            sorted.common,
            [0].into_iter()
                .take(ids.len())
                .chain(expected)
                .collect::<Vec<_>>()
        );
        let lengths = tokens.lengths();
        let shorter = sorted.shorter(&lengths);
        for (id, found) in (0..).zip(shorter) {
            let longest = ids
                .iter()
                .filter(|&&other| other != id && kept.contains(&id))
                .filter(|&&other| read(id).starts_with(&read(other)))
                .max_by_key(|&&other| lengths[other as usize]);
            assert_eq!(found, longest.copied().unwrap_or(NO_TOKEN));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]

        #[test]
        fn sorts_by_bytes_and_finds_what_tokens_begin_with(
            words in prop::collection::hash_set(
                (prop::collection::vec(prop::sample::select(&b"ab\0\xFF"[..]), 1..4), 1..8_usize)
                    .prop_map(|(unit, times)| unit.repeat(times)),
                0..30,
            ),
            drop in 1..6_u32,
        ) {
            let tokens = Tokens::new((0..).step_by(3).zip(&words)).unwrap();
            let read = |id: u32| tokens.get(id).unwrap_or_default().to_vec();
            let back = |id: u32| read(id).into_iter().rev().collect::<Vec<u8>>();
            let keep = |id: u32| drop == 1 || !id.is_multiple_of(drop);
            let kept: Vec<u32> = tokens.iter().map(|(id, _)| id).filter(|&id| keep(id)).collect();
            check(&tokens, &Sorted::forward(&tokens, &keep), &kept, read);
            check(&tokens, &Sorted::backward(&tokens, &keep), &kept, back);
        }
    }
}
