//! A vocabulary as a checked value: tokens, merges, pattern and special tokens.
//!
//! This is what vocabulary files are parsed into and written from, and what a
//! [`Tokenizer`](crate::Tokenizer) is built from. It holds no lookup structure that
//! only encoding needs.

mod shrink;
mod subset;
mod tokens;

use std::collections::{HashMap, HashSet};

use crate::byte_level;
use crate::decode::Decoder;
use crate::error::{Error, Result, quote};
use crate::normalize::Normalizer;
use crate::pattern::Pattern;
use crate::pretokenize::PreTokenizer;

pub use subset::Ids;
pub use tokens::Tokens;

/// Ids at or above this are refused: a table indexed by id is built from them.
pub const MAX_IDS: usize = 1 << 24;

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

impl Default for MergeRule {
    fn default() -> Self {
        MergeRule::Listed {
            ignore_merges: false,
        }
    }
}

/// What the text of a pretoken is cut into before merging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Bytes. Files spell them in GPT-2's alphabet.
    #[default]
    Byte,
    /// Characters; a byte outside valid UTF-8 is a unit of its own.
    Character,
}

impl Unit {
    /// The bytes of a token as files have them.
    pub fn spelled(self, bytes: &[u8]) -> String {
        match self {
            Unit::Byte => byte_level::encode(bytes),
            Unit::Character => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

/// What a unit without a token becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unknown {
    pub id: u32,
    /// Whether neighbouring ones become one id together.
    pub fused: bool,
}

/// What merging starts from. The default is that of the vocabularies we train.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Units {
    pub unit: Unit,
    /// Spelled before each unit of a pretoken but the first, and taken off the right side of
    /// a merge (foreign files only).
    pub prefix: Vec<u8>,
    /// Spelled after the last unit of a pretoken (foreign files only).
    pub suffix: Vec<u8>,
    /// A unit without a token becomes the tokens `<0xNN>` of its bytes, if there are all of them
    /// (foreign files only).
    pub byte_fallback: bool,
    /// What becomes of other units without a token; `None`: they are left out (foreign files
    /// only).
    pub unknown: Option<Unknown>,
    /// Text without a token that does not fall back is an error. No file says so: the caller does.
    pub refuse: bool,
}

impl Units {
    /// Whether files that know of nothing but bytes can hold it.
    pub fn are_bytes_alone(&self) -> bool {
        let refuse = self.refuse;
        *self
            == Units {
                refuse,
                ..Units::default()
            }
    }

    /// Whether a unit is spelled alike wherever it is in a pretoken.
    pub fn are_plain(&self) -> bool {
        self.prefix.is_empty() && self.suffix.is_empty()
    }
}

/// The token for a byte where there is `byte_fallback`.
pub fn fallback_token(byte: u8) -> String {
    format!("<0x{byte:02X}>")
}

/// Byte pair encoding.
#[derive(Clone, Default)]
pub struct Bpe {
    /// All tokens that text can become but the added ones.
    pub tokens: Tokens,
    /// Merges in rank order; empty under [`MergeRule::Ranked`].
    pub merges: Vec<Merge>,
    pub rule: MergeRule,
    pub units: Units,
    /// Entries of the vocabulary, in order of id, that no text becomes: empty ones, and in a
    /// vocabulary of bytes those that hold a character which stands for no byte. They can be
    /// decoded (foreign files only).
    pub inert: Vec<(u32, String)>,
}

impl Bpe {
    /// The bytes of a token or the text of an inert entry.
    pub fn spelled(&self, id: u32) -> Option<&[u8]> {
        let inert = || {
            let index = self.inert.binary_search_by_key(&id, |&(id, _)| id).ok()?;
            Some(self.inert[index].1.as_bytes())
        };
        self.tokens.get(id).or_else(inert)
    }
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

    /// Entries of the vocabulary that no text becomes.
    pub fn inert(&self) -> &[(u32, String)] {
        match self {
            Model::Bpe(bpe) => &bpe.inert,
            Model::Words(_) => &[],
        }
    }

    /// Whether the model has an entry with this id.
    pub fn has(&self, id: u32) -> bool {
        let inert = self.inert();
        self.tokens().get(id).is_some() || inert.binary_search_by_key(&id, |&(id, _)| id).is_ok()
    }

    /// A token as files have it.
    pub fn spelled(&self, id: u32) -> Option<String> {
        if let Some(token) = self.tokens().get(id) {
            return Some(match self {
                Model::Bpe(bpe) => bpe.units.unit.spelled(token),
                Model::Words(_) => String::from_utf8_lossy(token).into_owned(),
            });
        }
        let inert = self.inert();
        let index = inert.binary_search_by_key(&id, |&(id, _)| id).ok()?;
        Some(inert[index].1.clone())
    }
}

/// A text that is found before pretokenizing and becomes one id. Those with
/// `special` are the special tokens; others occur in foreign files only and are
/// found under every policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddedToken {
    /// Its id. A token of the model may have it, too; in foreign files also another added token.
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

/// A post-processor: ids around one encoded text, applied on request, and what becomes of
/// offsets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Template {
    pub before: Vec<u32>,
    pub after: Vec<u32>,
    /// How the offsets of tokens are trimmed, one after the other (foreign files only).
    pub trims: Vec<Trim>,
    /// The file's own JSON, written back as it was read.
    pub json: String,
}

/// Takes the spaces that a token begins and ends with out of its offsets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trim {
    /// A single space at the beginning of a document stays: it was put there.
    pub keeps_first: bool,
}

/// What stands around a model in a foreign file, besides its normalizer, pattern and template.
#[derive(Clone, Default)]
pub struct Around {
    /// How text becomes pretokens, where the pattern alone does not say it. Then the pattern
    /// is not used.
    pub pre_tokenizer: Option<PreTokenizer>,
    /// How ids become text, where it is not the bytes of their tokens.
    pub decoder: Option<Decoder>,
    /// How rows would be cut, as JSON: kept, but not used.
    pub truncation: Option<String>,
    /// How rows would be padded, as JSON: kept, but not used.
    pub padding: Option<String>,
}

/// A whole vocabulary: everything that decides how text becomes ids.
#[derive(Clone)]
pub struct Vocab {
    /// How pretokens become ids.
    pub model: Model,
    /// How text becomes pretokens.
    pub pattern: Pattern,
    /// What is done to text before anything else (foreign files only).
    pub normalizer: Option<Normalizer>,
    /// What else a foreign file says.
    pub around: Around,
    /// Texts found before pretokenizing, in order of id.
    pub added_tokens: Vec<AddedToken>,
    /// Ids to put around a text on request.
    pub template: Option<Template>,
}

impl Vocab {
    /// Whether the pattern alone says how text becomes pretokens.
    pub fn splits_only(&self) -> bool {
        self.normalizer.is_none() && self.around.pre_tokenizer.is_none()
    }

    /// Whether pretokens come out of the steps in GPT-2's alphabet, although the tokens of the
    /// model are bytes.
    pub fn leaves_mapped(&self) -> bool {
        let by_normalizer = self.normalizer.as_ref().is_some_and(Normalizer::maps_bytes);
        match &self.around.pre_tokenizer {
            None => false,
            Some(steps) if steps.ends_with_bytes() => false,
            Some(steps) => by_normalizer || steps.maps_bytes(),
        }
    }

    /// The number of distinct ids, of tokens and added tokens.
    pub fn len(&self) -> usize {
        let model = &self.model;
        let mut added: Vec<u32> = self.added_tokens.iter().map(|added| added.id).collect();
        added.sort_unstable();
        added.dedup();
        added.retain(|&id| !model.has(id));
        model.tokens().len() + model.inert().len() + added.len()
    }

    /// The ids of the added tokens, by their text. Refuses texts that are empty or come twice,
    /// ids out of range, and a template with an id that has no token.
    pub fn check_added(&self) -> Result<HashMap<Vec<u8>, u32>> {
        let mut by_text = HashMap::with_capacity(self.added_tokens.len());
        for AddedToken { id, text, .. } in &self.added_tokens {
            let invalid = |reason: String| {
                Err(Error::InvalidVocab {
                    reason: format!("the added token {} {reason}", quote(text)),
                })
            };
            if text.is_empty() {
                return invalid(format!("of id {id} is empty"));
            }
            if *id as usize >= MAX_IDS {
                return invalid(format!("has id {id}, above the limit of {}", MAX_IDS - 1));
            }
            if by_text.insert(text.as_bytes().to_vec(), *id).is_some() {
                return invalid("comes twice".into());
            }
        }
        let template = self.template.iter();
        let ids = template.flat_map(|template| template.before.iter().chain(&template.after));
        let added: HashSet<u32> = by_text.values().copied().collect();
        let has_token = |id: u32| self.model.has(id) || added.contains(&id);
        match ids.copied().find(|&id| !has_token(id)) {
            None => Ok(by_text),
            Some(id) => Err(Error::InvalidVocab {
                reason: format!("its template adds id {id}, which is no token"),
            }),
        }
    }
}
