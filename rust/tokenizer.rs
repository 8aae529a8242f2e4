//! The tokenizer: a checked vocabulary, with everything that encoding and decoding look up.
//!
//! Its methods, by the module that has them:
//!
//! | module | methods of [`Tokenizer`] |
//! |---|---|
//! | here | `new`, `refusing_missing`, `refuses_missing`, `is_complete`, `take_missing`; `vocab`, `tokens`, `token`, `token_to_id`, `max_id`, `is_special`; `merges`, `effective_merges`, `listed`, `looks_up_whole` |
//! | [`encode`](crate::encode) | `encode`, `encode_with_offsets`, `count`, `pretokens`; `encode_batch` in `encode/batch`, `truncate` and `chunks` in `encode/pieces`, `count_up_to` in `encode/text`, `droppable` in `encode/dropout` |
//! | [`decode`](crate::decode) | `decode`, `decode_without_special`, `decode_rows` |
//! | [`measure`](crate::measure) | `measure` |
//!
//! Streams are encoded by [`DocumentEncoder`](crate::encode::stream::DocumentEncoder).

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::decode::foreign::Foreign;
use crate::decode::{Decoder, TokenBytes};
use crate::encode::added::AddedTokens;
use crate::encode::dropout::Merges;
use crate::encode::memory::Memories;
use crate::encode::whole::WholeTokens;
use crate::error::{Error, Result};
use crate::lazy::Lazy;
use crate::merge::BpeTables;
use crate::short_key::Key;
use crate::threads::both;
use crate::vocab::{AddedToken, Merge, MergeRule, Model, Tokens, Vocab, Words};

/// How pretokens become ids.
pub(crate) enum Encoding {
    Bpe(Box<BpeTables>),
    /// The id of pretokens that are not tokens.
    Words(u32),
}

/// Turns text into ids and back. Immutable, and safe to share between threads.
pub struct Tokenizer {
    vocab: Vocab,
    /// The added tokens by their text.
    added_ids: HashMap<Vec<u8>, u32>,
    pub(crate) encoding: Encoding,
    pub(crate) added: AddedTokens,
    pub(crate) bytes: TokenBytes,
    /// What decodes, if it is not `bytes`.
    pub(crate) foreign: Option<Foreign>,
    pub(crate) memories: Memories,
    pub(crate) whole: WholeTokens,
    /// The ids of special tokens, sorted.
    special_ids: Vec<u32>,
    /// Made when dropout is first asked for.
    pub(crate) droppable: Lazy<Merges>,
    /// How many units without a token were met.
    pub(crate) missing: AtomicU64,
    max_id: u32,
}

impl Tokenizer {
    /// Checks a vocabulary and builds the tables for it. [`Error::InvalidVocab`] says
    /// where it contradicts itself; a byte without a token is [`Error::Unsupported`].
    pub fn new(vocab: Vocab) -> Result<Self> {
        let added_ids = vocab.check_added()?;
        let tokens = vocab.model.tokens();
        let by_id_and_whole = || {
            let bytes = TokenBytes::new(&vocab.model, &vocab.added_tokens);
            let whole = looks_up_whole(&vocab.model).then(|| whole_tokens(tokens, |_| true));
            (bytes, whole)
        };
        let ((bytes, whole), encoding) = both(tokens.are_many(), by_id_and_whole, || {
            encoding(&vocab.model)
        });
        let (bytes, encoding) = (bytes?, encoding?);
        let is_whole = |id| match &encoding {
            Encoding::Bpe(tables) => tables.is_whole(id),
            Encoding::Words(_) => true,
        };
        let added = AddedTokens::new(
            &vocab.added_tokens,
            vocab.normalizer.clone(),
            vocab.around.pre_tokenizer.is_some(),
        )?;
        let limit = bytes.id_limit();
        let changed = added.normalized_texts();
        let decoder = vocab.around.decoder.clone();
        // Hugging Face's library decodes an added token to what it was looked for as.
        let decoder = decoder.or_else(|| (!changed.is_empty()).then(Decoder::of_bytes));
        let foreign = decoder.map(|decoder| {
            let mut texts: Vec<Option<Vec<u8>>> = (0..limit as u32)
                .map(|id| Some(vocab.model.spelled(id)?.into_bytes()))
                .collect();
            // Of several with one id, the first is what the id means.
            for AddedToken { id, text, .. } in vocab.added_tokens.iter().rev() {
                texts[*id as usize] = Some(text.clone().into_bytes());
            }
            for (id, text) in changed {
                texts[*id as usize] = Some(text.clone().into_bytes());
            }
            Foreign::new(decoder, texts)
        });
        let special = vocab.added_tokens.iter().filter(|token| token.special);
        let mut special_ids: Vec<u32> = special.map(|token| token.id).collect();
        special_ids.sort_unstable();
        Ok(Tokenizer {
            added,
            foreign: foreign.transpose()?,
            special_ids,
            max_id: bytes.id_limit().saturating_sub(1) as u32,
            bytes,
            memories: Memories::default(),
            whole: whole.unwrap_or_else(|| whole_tokens(tokens, is_whole)),
            droppable: Lazy::default(),
            missing: AtomicU64::new(0),
            added_ids,
            encoding,
            vocab,
        })
    }

    /// The same tokenizer, for which text without a token is an error.
    pub fn refusing_missing(&self) -> Result<Self> {
        let mut vocab = self.vocab.clone();
        if let Model::Bpe(bpe) = &mut vocab.model {
            bpe.units.refuse = true;
        }
        Tokenizer::new(vocab)
    }

    /// Whether every text is known to have tokens.
    pub fn is_complete(&self) -> bool {
        match &self.encoding {
            Encoding::Bpe(tables) => tables.is_complete(),
            Encoding::Words(_) => true,
        }
    }

    /// Whether text without a token is an error.
    pub fn refuses_missing(&self) -> bool {
        matches!(&self.encoding, Encoding::Bpe(tables) if tables.refuses_missing())
    }

    /// How many bytes or characters had no token since this was last asked, in all texts and
    /// threads: they were left out, or became the unknown token.
    pub fn take_missing(&self) -> u64 {
        self.missing.swap(0, Ordering::Relaxed)
    }

    pub fn vocab(&self) -> &Vocab {
        &self.vocab
    }

    /// The tokens of the model: all but the added ones.
    pub(crate) fn model_tokens(&self) -> &Tokens {
        self.vocab.model.tokens()
    }

    /// The merges as pairs of tokens, in order of rank. Where any pair that spells a
    /// token may merge, these are the pairs that do. Empty at levels `char` and `word`.
    pub fn merges(&self) -> Vec<(&[u8], &[u8])> {
        let merges = self.listed_merges();
        let token = |id| self.model_tokens().get(id).unwrap_or_default();
        merges
            .iter()
            .map(|merge| (token(merge.left), token(merge.right)))
            .collect()
    }

    /// The same as ids.
    pub(crate) fn listed_merges(&self) -> Cow<'_, [Merge]> {
        match (&self.vocab.model, &self.encoding) {
            (Model::Bpe(bpe), _) if bpe.rule != MergeRule::Ranked => (&bpe.merges).into(),
            (Model::Bpe(bpe), Encoding::Bpe(tables)) => tables.merges(bpe).into(),
            _ => Cow::default(),
        }
    }

    /// The merges that can occur, in order of rank. Each token has one at most, and a token of
    /// several bytes without one is never the result of merging. Empty at levels `char` and
    /// `word`.
    pub fn effective_merges(&self) -> Vec<Merge> {
        match (&self.vocab.model, &self.encoding) {
            (Model::Bpe(bpe), Encoding::Bpe(tables)) => tables.merges(bpe),
            _ => Vec::new(),
        }
    }

    /// Whether a pretoken that is a token becomes that token, without merging.
    pub fn looks_up_whole(&self) -> bool {
        looks_up_whole(&self.vocab.model)
    }

    /// The bytes of a token or the text of an added token.
    pub fn token(&self, id: u32) -> Option<&[u8]> {
        self.bytes.get(id)
    }

    /// `(id, token)` of every id, in order of id. An added token's bytes are its text.
    pub fn tokens(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (0..=self.max_id).filter_map(|id| Some((id, self.token(id)?)))
    }

    /// The id of a token or of the text of an added token.
    pub fn token_to_id(&self, token: &[u8]) -> Option<u32> {
        let inert = || {
            let mut inert = self.vocab.model.inert().iter();
            Some(inert.find(|(_, text)| text.as_bytes() == token)?.0)
        };
        let added = self.added_ids.get(token).copied();
        added
            .or_else(|| self.model_tokens().id(token))
            .or_else(inert)
    }

    pub fn max_id(&self) -> u32 {
        self.max_id
    }

    /// Whether an id is that of a special token.
    pub fn is_special(&self, id: u32) -> bool {
        self.special_ids.binary_search(&id).is_ok()
    }

    /// The same vocabulary with its merges listed, as `tokenizer.json` needs them: equal
    /// ids for every text. A vocabulary that lists its merges comes back as it is.
    pub fn listed(&self) -> Vocab {
        let mut vocab = self.vocab.clone();
        if let Model::Bpe(bpe) = &mut vocab.model
            && bpe.rule == MergeRule::Ranked
        {
            bpe.merges = self.listed_merges().into_owned();
            bpe.rule = MergeRule::Listed {
                ignore_merges: true,
            };
        }
        vocab
    }
}

fn looks_up_whole(model: &Model) -> bool {
    const MERGES_ONLY: MergeRule = MergeRule::Listed {
        ignore_merges: false,
    };
    !matches!(model, Model::Bpe(bpe) if bpe.rule == MERGES_ONLY)
}

fn encoding(model: &Model) -> Result<Encoding> {
    match model {
        Model::Bpe(bpe) => Ok(Encoding::Bpe(Box::new(BpeTables::new(bpe)?))),
        Model::Words(Words { tokens, unknown }) if tokens.get(*unknown).is_none() => {
            Err(Error::InvalidVocab {
                reason: format!("the unknown token's id {unknown} has no token"),
            })
        }
        Model::Words(Words { unknown, .. }) => Ok(Encoding::Words(*unknown)),
    }
}

/// The tokens that a pretoken of the same bytes becomes.
fn whole_tokens(tokens: &Tokens, is_whole: impl Fn(u32) -> bool) -> WholeTokens {
    let spans = tokens.spans().filter(|&(id, _, _)| is_whole(id));
    let keys = spans.map(|(id, start, end)| (id, Key::new(tokens.bytes(), start, end)));
    WholeTokens::new(tokens.len(), keys)
}
