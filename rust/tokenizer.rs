//! The tokenizer: a checked vocabulary, with everything that encoding and decoding look up.
//!
//! Its methods, by the module that has them:
//!
//! | module | methods of [`Tokenizer`] |
//! |---|---|
//! | here | `new`; `vocab`, `tokens`, `token`, `token_to_id`, `max_id`; `merges`, `effective_merges`, `listed` |
//! | [`encode`](crate::encode) | `encode`, `encode_with_offsets`, `count`; `encode_batch` in `encode/batch` |
//! | [`decode`](crate::decode) | `decode`, `decode_rows` |
//! | [`measure`](crate::measure) | `measure` |
//!
//! Streams are encoded by [`DocumentEncoder`](crate::encode::stream::DocumentEncoder).

use crate::decode::TokenBytes;
use crate::encode::added::AddedTokens;
use crate::encode::memory::Pool;
use crate::encode::whole::WholeTokens;
use crate::error::{Error, Result};
use crate::merge::BpeTables;
use crate::vocab::{Bpe, Merge, MergeRule, Model, Tokens, Vocab, Words};

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
    added_ids: Tokens,
    pub(crate) encoding: Encoding,
    pub(crate) added: AddedTokens,
    pub(crate) bytes: TokenBytes,
    pub(crate) memories: Pool,
    pub(crate) whole: WholeTokens,
    max_id: u32,
}

impl Tokenizer {
    /// Checks a vocabulary and builds the tables for it. [`Error::InvalidVocab`] says
    /// where it contradicts itself; a byte without a token is [`Error::Unsupported`].
    pub fn new(vocab: Vocab) -> Result<Self> {
        let added_ids = vocab.check_added()?;
        let encoding = match &vocab.model {
            Model::Bpe(bpe) => Encoding::Bpe(Box::new(BpeTables::new(bpe)?)),
            Model::Words(Words { tokens, unknown }) => {
                if tokens.get(*unknown).is_none() {
                    return Err(Error::InvalidVocab {
                        reason: format!("the unknown token's id {unknown} has no token"),
                    });
                }
                Encoding::Words(*unknown)
            }
        };
        let tokens = vocab.model.tokens();
        let added = AddedTokens::new(&vocab.added_tokens, vocab.normalizer)?;
        Ok(Tokenizer {
            added,
            bytes: TokenBytes::new(tokens, &vocab.added_tokens)?,
            memories: Pool::default(),
            whole: whole_tokens(&vocab, &encoding),
            max_id: tokens
                .id_limit()
                .max(added_ids.id_limit())
                .saturating_sub(1) as u32,
            added_ids,
            encoding,
            vocab,
        })
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
        let merges = match (&self.vocab.model, &self.encoding) {
            (Model::Bpe(bpe), _) if bpe.rule != MergeRule::Ranked => bpe.merges.clone(),
            (_, Encoding::Bpe(tables)) => tables.merges(),
            (_, Encoding::Words(_)) => Vec::new(),
        };
        let token = |id| self.model_tokens().get(id).unwrap_or_default();
        merges
            .iter()
            .map(|merge| (token(merge.left), token(merge.right)))
            .collect()
    }

    /// The merges that can occur, in order of rank. Each token has one at most, and a token of
    /// several bytes without one is never the result of merging. Empty at levels `char` and
    /// `word`.
    pub fn effective_merges(&self) -> Vec<Merge> {
        match &self.encoding {
            Encoding::Bpe(tables) => tables.merges(),
            Encoding::Words(_) => Vec::new(),
        }
    }

    /// Whether a pretoken that is a token becomes that token, without merging.
    pub fn looks_up_whole(&self) -> bool {
        match &self.vocab.model {
            Model::Bpe(bpe) => {
                bpe.rule
                    != MergeRule::Listed {
                        ignore_merges: false,
                    }
            }
            Model::Words(_) => true,
        }
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
        self.added_ids
            .id(token)
            .or_else(|| self.model_tokens().id(token))
    }

    pub fn max_id(&self) -> u32 {
        self.max_id
    }

    /// The same vocabulary with its merges listed, as `tokenizer.json` needs them: equal
    /// ids for every text. A vocabulary that lists its merges comes back as it is.
    pub fn listed(&self) -> Vocab {
        let mut vocab = self.vocab.clone();
        if let (Model::Bpe(bpe), Encoding::Bpe(tables)) = (&mut vocab.model, &self.encoding)
            && bpe.rule == MergeRule::Ranked
        {
            *bpe = Bpe {
                tokens: std::mem::take(&mut bpe.tokens),
                merges: tables.merges(),
                rule: MergeRule::Listed {
                    ignore_merges: true,
                },
            };
        }
        vocab
    }
}

/// The tokens that a pretoken of the same bytes becomes.
fn whole_tokens(vocab: &Vocab, encoding: &Encoding) -> WholeTokens {
    let tokens = vocab.model.tokens();
    let is_whole = |id| match encoding {
        Encoding::Bpe(tables) => tables.is_whole(id),
        Encoding::Words(_) => true,
    };
    WholeTokens::new(tokens.len(), tokens.iter().filter(|&(id, _)| is_whole(id)))
}
