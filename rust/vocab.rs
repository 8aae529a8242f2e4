//! A vocabulary as a checked value: tokens, merges, pattern and special tokens.
//!
//! This is what vocabulary files are parsed into and written from, and what a
//! [`Tokenizer`](crate::Tokenizer) is built from. It holds no lookup structure that
//! only encoding needs.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use crate::error::{Error, Result, quote, quote_bytes};
use crate::pattern::Pattern;

/// Ids at or above this are refused: a table indexed by id is built from them.
pub const MAX_IDS: usize = 1 << 24;

/// Token bytes by id, and ids by token bytes. Ids may have gaps.
#[derive(Clone, Default)]
pub struct Tokens {
    bytes: Vec<u8>,
    /// `(start, length)` in `bytes`, by id; `None` marks an id without a token.
    spans: Vec<Option<(u32, u32)>>,
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
        if let Some(other) = self.id(token) {
            return Err(invalid(format!(
                "ids {other} and {id} have the same token {}",
                quote_bytes(token)
            )));
        }
        if self.spans.len() <= index {
            self.spans.resize(index + 1, None);
        }
        if self.spans[index].is_some() {
            return Err(invalid(format!("id {id} comes twice")));
        }
        let start = u32::try_from(self.bytes.len())
            .ok()
            .filter(|start| start.checked_add(token.len() as u32).is_some())
            .ok_or_else(|| invalid("the tokens together exceed 4 GiB".into()))?;
        self.bytes.extend_from_slice(token);
        self.spans[index] = Some((start, token.len() as u32));
        let Tokens {
            bytes,
            spans,
            ids,
            hasher,
        } = self;
        ids.insert_unique(hasher.hash_one(token), id, |&other| {
            let (start, length) = spans[other as usize].unwrap_or_default();
            hasher.hash_one(&bytes[start as usize..(start + length) as usize])
        });
        Ok(())
    }

    /// The bytes of `id`.
    pub fn get(&self, id: u32) -> Option<&[u8]> {
        let (start, length) = (*self.spans.get(id as usize)?)?;
        Some(&self.bytes[start as usize..(start + length) as usize])
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

    /// The ids of the 256 single-byte tokens, by byte. Refuses a vocabulary that
    /// lacks one: it could not encode every input.
    pub fn alphabet(&self) -> Result<[u32; 256]> {
        let mut alphabet = [0; 256];
        for (byte, id) in (0..=u8::MAX).zip(&mut alphabet) {
            *id = self.id(&[byte]).ok_or_else(|| Error::Unsupported {
                what: format!("a vocabulary without a token for byte 0x{byte:02X}"),
            })?;
        }
        Ok(alphabet)
    }
}

/// One merge: `left` and `right`, side by side, become `id`. Its rank is its
/// position in the list of merges; lower ranks are applied first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Merge {
    pub left: u32,
    pub right: u32,
    /// The id they become.
    pub id: u32,
}

/// Which adjacent pairs may merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeRule {
    /// Those in the list of merges, in its order (Hugging Face). With
    /// `ignore_merges`, a pretoken that is a token is that token.
    Listed {
        /// Look the whole pretoken up first.
        ignore_merges: bool,
    },
    /// Any pair whose concatenation is a token, in order of that token's id, after
    /// looking the whole pretoken up (tiktoken). The list of merges is empty.
    Ranked,
}

/// Byte-level byte pair encoding.
#[derive(Clone)]
pub struct Bpe {
    /// All tokens but the added ones; the 256 single bytes are among them.
    pub tokens: Tokens,
    /// Merges in rank order; empty under [`MergeRule::Ranked`].
    pub merges: Vec<Merge>,
    pub rule: MergeRule,
}

/// Whole pretokens as tokens (levels `char` and `word`): one that is not in the
/// vocabulary becomes `unknown`.
#[derive(Clone)]
pub struct Words {
    /// All tokens but the added ones.
    pub tokens: Tokens,
    /// The id of `[UNK]`.
    pub unknown: u32,
}

/// How pretokens become ids.
#[derive(Clone)]
pub enum Model {
    /// Level `byte`.
    Bpe(Bpe),
    /// Levels `char` and `word`.
    Words(Words),
}

impl Model {
    /// All tokens but the added ones.
    pub fn tokens(&self) -> &Tokens {
        match self {
            Model::Bpe(bpe) => &bpe.tokens,
            Model::Words(words) => &words.tokens,
        }
    }
}

/// A text that is found before pretokenizing and becomes one id. Those with
/// `special` are the special tokens; others occur in foreign files only and are
/// found under every policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedToken {
    /// Its id, which may equal that of a token of the model with the same text.
    pub id: u32,
    pub text: String,
    pub special: bool,
    /// White space on its left belongs to it (foreign files only).
    pub lstrip: bool,
    /// White space on its right belongs to it (foreign files only).
    pub rstrip: bool,
    /// It is found only where no word character touches it (foreign files only).
    pub single_word: bool,
    /// It is searched for after normalization (foreign files only).
    pub normalized: bool,
}

impl AddedToken {
    /// A special token as this tool makes them.
    pub fn special(id: u32, text: impl Into<String>) -> Self {
        AddedToken {
            id,
            text: text.into(),
            special: true,
            lstrip: false,
            rstrip: false,
            single_word: false,
            normalized: false,
        }
    }
}

/// What is done to text before anything else (foreign files only).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Normalizer {
    /// Unicode normalization form C.
    Nfc,
}

/// A `TemplateProcessing` step: ids around one encoded text, applied on request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    pub before: Vec<u32>,
    pub after: Vec<u32>,
    /// The file's own JSON, written back as it was read.
    pub json: String,
}

/// A whole vocabulary: everything that decides how text becomes ids.
#[derive(Clone)]
pub struct Vocab {
    /// How pretokens become ids.
    pub model: Model,
    /// How text becomes pretokens.
    pub pattern: Pattern,
    pub normalizer: Option<Normalizer>,
    /// Texts found before pretokenizing, in order of id.
    pub added_tokens: Vec<AddedToken>,
    /// Ids to put around a text on request.
    pub template: Option<Template>,
}

impl Vocab {
    /// The number of distinct ids, of tokens and added tokens.
    pub fn len(&self) -> usize {
        let tokens = self.model.tokens();
        let added = self
            .added_tokens
            .iter()
            .filter(|added| tokens.get(added.id).is_none());
        tokens.len() + added.count()
    }

    /// The added tokens by their text. Refuses added tokens that contradict each other or
    /// the model's tokens, and a template with an id that has no token.
    pub fn check_added(&self) -> Result<Tokens> {
        let tokens = self.model.tokens();
        let mut by_text = Tokens::default();
        for AddedToken { id, text, .. } in &self.added_tokens {
            let (id, bytes) = (*id, text.as_bytes());
            let invalid = |reason: String| {
                Err(Error::InvalidVocab {
                    reason: format!("the added token {} {reason}", quote(text)),
                })
            };
            if text.is_empty() {
                return invalid(format!("of id {id} is empty"));
            }
            if by_text.id(bytes).is_some() {
                return invalid("comes twice".into());
            }
            if by_text.get(id).is_some() {
                return invalid(format!("has the id {id} of another added token"));
            }
            if tokens.get(id).is_some_and(|token| token != bytes) {
                return invalid(format!("has the id {id} of another token"));
            }
            if let Some(other) = tokens.id(bytes).filter(|&other| other != id) {
                return invalid(format!("has id {id}, but the same token has id {other}"));
            }
            by_text.push(id, bytes)?;
        }
        let template = self.template.iter();
        let ids = template.flat_map(|template| template.before.iter().chain(&template.after));
        let has_token = |id: u32| tokens.get(id).is_some() || by_text.get(id).is_some();
        match ids.copied().find(|&id| !has_token(id)) {
            None => Ok(by_text),
            Some(id) => Err(Error::InvalidVocab {
                reason: format!("its template adds id {id}, which is no token"),
            }),
        }
    }
}
