//! What to train, and the vocabulary that comes out of it.

use crate::byte_level::GPT2_ORDER;
use crate::error::{Error, Result, quote};
use crate::pattern::Pattern;
use crate::special::refuse_duplicates;
use crate::vocab::{AddedToken, Bpe, MAX_IDS, MergeRule, Model, Tokens, Vocab};

use super::Trained;
use crate::words::UNKNOWN;

/// How a vocabulary is to be learned.
#[derive(Clone)]
pub struct TrainOptions {
    /// The number of tokens to learn: alphabet, merges and special tokens.
    pub vocab_size: usize,
    /// The ids of the 256 single bytes.
    pub alphabet: Alphabet,
    /// Special tokens, none twice. They get the last ids, in this order.
    pub special_tokens: Vec<String>,
    /// The smallest count of a pair that is merged; at least 1.
    pub min_frequency: u64,
    /// The longest token, in bytes; at least 1.
    pub max_token_bytes: Option<usize>,
    /// The pattern that the pretokens were counted with.
    pub pattern: Pattern,
}

/// What the tokens of a vocabulary are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The single bytes, and what merging learns.
    Byte,
    /// Whole pretokens: characters or words, as the pattern has it.
    Whole,
}

/// Which ids the single bytes have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Byte `b` has id `b`.
    Byte,
    /// The order of the characters that GPT-2 writes bytes as: those that are printable
    /// in Latin-1 first, then the others.
    Gpt2,
}

impl Alphabet {
    /// The id of each byte.
    pub fn ids(self) -> [u32; 256] {
        let mut ids = std::array::from_fn(|byte| byte as u32);
        if self == Alphabet::Gpt2 {
            for (id, byte) in (0..).zip(GPT2_ORDER) {
                ids[usize::from(byte)] = id;
            }
        }
        ids
    }
}

impl TrainOptions {
    /// Checks everything that can be checked before any text is read, and that the
    /// vocabulary can be written. Returns the number of tokens to learn.
    pub fn check(&self, level: Level) -> Result<usize> {
        let invalid = |name, reason: &str| {
            Err(Error::InvalidArgument {
                name,
                reason: reason.into(),
            })
        };
        if self.vocab_size > MAX_IDS {
            return invalid(
                "vocab_size",
                &format!("{} is above {MAX_IDS}", self.vocab_size),
            );
        }
        if self.min_frequency == 0 {
            return invalid("min_frequency", "it must be at least 1");
        }
        if self.max_token_bytes == Some(0) {
            return invalid("max_token_bytes", "it must be at least 1");
        }
        if self.special_tokens.iter().any(String::is_empty) {
            return invalid("special_tokens", "a special token is empty");
        }
        refuse_duplicates(&self.special_tokens)?;
        let fixed = match level {
            Level::Byte => Tokens::new((0..).zip((0..=u8::MAX).map(|byte| [byte])))?,
            Level::Whole => Tokens::new([(0, UNKNOWN)])?,
        };
        self.added_tokens(0, &fixed)?;
        if level == Level::Whole && self.alphabet != Alphabet::Byte {
            return invalid("alphabet", "only level 'byte' has one");
        }
        self.pattern.to_oniguruma()?;
        let minimum = fixed.len() + self.special_tokens.len();
        self.vocab_size
            .checked_sub(minimum)
            .ok_or(Error::VocabSizeTooSmall {
                requested: self.vocab_size,
                minimum,
            })
    }

    /// The special tokens with their ids, the first of which is `first`. Refuses one
    /// that equals one of `tokens`: its id would be ambiguous.
    pub(crate) fn added_tokens(&self, first: u32, tokens: &Tokens) -> Result<Vec<AddedToken>> {
        let added = |(id, text): (u32, &String)| match tokens.id(text.as_bytes()) {
            None => Ok(AddedToken::special(id, text)),
            Some(token) => Err(Error::InvalidArgument {
                name: "special_tokens",
                reason: format!("{} is also token {token} of the vocabulary", quote(text)),
            }),
        };
        (first..).zip(&self.special_tokens).map(added).collect()
    }
}

impl Trained {
    /// The vocabulary of these merges; `options` are those they were learned with.
    /// Refuses a special token that equals another token.
    pub fn to_vocab(&self, options: &TrainOptions) -> Result<Vocab> {
        let mut by_id = vec![Vec::new(); 256];
        for (byte, id) in (0..=u8::MAX).zip(options.alphabet.ids()) {
            by_id[id as usize] = vec![byte];
        }
        for merge in &self.merges {
            by_id.push(
                [
                    &by_id[merge.left as usize][..],
                    &by_id[merge.right as usize],
                ]
                .concat(),
            );
        }
        // Two pairs never spell the same token: between two borders that no merge has
        // crossed, the same bytes always become the same tokens. Tokens::new checks it.
        let tokens = Tokens::new((0..).zip(&by_id))?;
        let added_tokens = options.added_tokens(by_id.len() as u32, &tokens)?;
        Ok(Vocab {
            model: Model::Bpe(Bpe {
                tokens,
                merges: self.merges.clone(),
                rule: MergeRule::Listed {
                    ignore_merges: false,
                },
                ..Bpe::default()
            }),
            pattern: options.pattern.clone(),
            normalizer: None,
            around: Default::default(),
            added_tokens,
            template: None,
        })
    }
}
