//! The tokens of a vocabulary, by id and by their bytes.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;

use super::MAX_IDS;
use crate::error::{Error, Result, quote_bytes};

/// Token bytes by id, and ids by token bytes. Ids may have gaps.
#[derive(Clone, Default)]
pub struct Tokens {
    bytes: Vec<u8>,
    /// `(start, length)` in `bytes`, by id; no token is empty, so length 0 marks a gap.
    spans: Vec<(u32, u32)>,
    ids: HashTable<u32>,
    hasher: FixedState,
}

impl Tokens {
    /// Collects tokens. Refuses ids from [`MAX_IDS`] up, empty tokens, and an id or a
    /// token that comes twice.
    pub fn new<B: AsRef<[u8]>>(tokens: impl IntoIterator<Item = (u32, B)>) -> Result<Self> {
        let mut all = Tokens::default();
        for (id, token) in tokens {
            all.push(id, token.as_ref())?;
        }
        Ok(all)
    }

    /// Room for tokens of so many bytes together.
    pub fn with_capacity(tokens: usize, bytes: usize) -> Self {
        Tokens {
            bytes: Vec::with_capacity(bytes),
            spans: Vec::with_capacity(tokens),
            ids: HashTable::with_capacity(tokens),
            hasher: FixedState::default(),
        }
    }

    /// Adds one token, under the same conditions as [`Tokens::new`].
    pub fn push(&mut self, id: u32, token: &[u8]) -> Result<()> {
        let invalid = |reason: String| Error::InvalidVocab { reason };
        let index = id as usize;
        if index >= MAX_IDS {
            return Err(invalid(format!(
                "id {id} is above the limit of {}",
                MAX_IDS - 1
            )));
        }
        if token.is_empty() {
            return Err(invalid(format!("the token of id {id} is empty")));
        }
        let Tokens {
            bytes,
            spans,
            ids,
            hasher,
        } = self;
        let spelled = |id: u32| span(bytes, spans[id as usize]);
        let place = ids.entry(
            hasher.hash_one(token),
            |&other| spelled(other) == token,
            |&other| hasher.hash_one(spelled(other)),
        );
        let place = match place {
            Entry::Vacant(place) => place,
            Entry::Occupied(other) => {
                return Err(invalid(format!(
                    "ids {} and {id} have the same token {}",
                    other.get(),
                    quote_bytes(token)
                )));
            }
        };
        if spans.get(index).is_some_and(|&(_, length)| length > 0) {
            return Err(invalid(format!("id {id} comes twice")));
        }
        let start = u32::try_from(bytes.len())
            .ok()
            .filter(|start| start.checked_add(token.len() as u32).is_some())
            .ok_or_else(|| invalid("the tokens together exceed 4 GiB".into()))?;
        place.insert(id);
        bytes.extend_from_slice(token);
        if spans.len() <= index {
            spans.resize(index + 1, (0, 0));
        }
        spans[index] = (start, token.len() as u32);
        Ok(())
    }

    /// The bytes of `id`.
    pub fn get(&self, id: u32) -> Option<&[u8]> {
        let &place = self.spans.get(id as usize)?;
        (place.1 > 0).then(|| span(&self.bytes, place))
    }

    /// The bytes of all tokens, in no particular order.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// `(id, start, end)` in order of id: where each token is in [`bytes`](Tokens::bytes).
    pub fn spans(&self) -> impl Iterator<Item = (u32, usize, usize)> {
        let spans = (0..)
            .zip(&self.spans)
            .filter(|(_, (_, length))| *length > 0);
        spans.map(|(id, &(start, length))| (id, start as usize, start as usize + length as usize))
    }

    /// The id of a token.
    pub fn id(&self, token: &[u8]) -> Option<u32> {
        self.ids
            .find(self.hasher.hash_one(token), |&id| {
                self.get(id) == Some(token)
            })
            .copied()
    }

    /// The number of tokens.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether the tables for them take long enough to build for a thread to be worth its start.
    pub fn are_many(&self) -> bool {
        self.len() >= 1 << 13
    }

    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// One more than the largest id; 0 without tokens.
    pub fn id_limit(&self) -> usize {
        self.spans.len()
    }

    /// `(id, token)` in order of id.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (0..self.spans.len() as u32).filter_map(|id| Some((id, self.get(id)?)))
    }

    /// The length of each token by id; 0 for an id without a token.
    pub fn lengths(&self) -> Vec<u32> {
        self.spans.iter().map(|&(_, length)| length).collect()
    }
}

/// The bytes of a token that begin and are as many as these say.
fn span(bytes: &[u8], (start, length): (u32, u32)) -> &[u8] {
    &bytes[start as usize..start as usize + length as usize]
}
