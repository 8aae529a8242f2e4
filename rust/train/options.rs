//! What to train, and the vocabulary that comes out of it.

use std::collections::HashSet;

use crate::byte_level::GPT2_ORDER;
use crate::error::{Error, Result, quote};
use crate::pattern::Pattern;
use crate::special::refuse_duplicates;
use crate::vocab::{AddedToken, Bpe, MAX_IDS, MergeRule, Model, Tokens, Vocab};

use super::progress::Progress;
use super::rules::Rules;
use super::{Trained, seeds, start};
use crate::tokenizer::Tokenizer;
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
    /// Which tokens may be made.
    pub rules: Rules,
    /// Tokens that come in whatever their counts, with what they are made of.
    pub seeds: Vec<Vec<u8>>,
    /// The pattern that the pretokens were counted with.
    pub pattern: Pattern,
    /// The number of tokens from which on merges may join words; see [`super::superwords`]. The
    /// pattern must be one with superwords.
    pub superwords: Option<usize>,
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
    /// vocabulary can be written, but for the seed tokens.
    pub fn check(&self, level: Level, init: Option<&Tokenizer>) -> Result<()> {
        self.room(level, init).map(drop)
    }

    /// Checks the seed tokens, which takes as long as making them.
    pub fn check_seeds(&self, init: Option<&Tokenizer>, progress: Progress<'_>) -> Result<()> {
        if self.seeds.is_empty() {
            return Ok(());
        }
        let (wanted, from) = (self.room(Level::Byte, init)?, self.superwords);
        let words = wanted - from.map_or(0, |from| self.vocab_size - from);
        seeds::seeded(self, init, progress)?.check_room(words)
    }

    /// The number of tokens to learn, beyond those of `init`; see [`check`](Self::check).
    pub(crate) fn room(&self, level: Level, init: Option<&Tokenizer>) -> Result<usize> {
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
        for (name, most) in [
            ("max_token_bytes", self.rules.max_token_bytes),
            ("max_token_chars", self.rules.max_token_chars),
        ] {
            if most == Some(0) {
                return invalid(name, "it must be at least 1");
            }
        }
        if self.special_tokens.iter().any(String::is_empty) {
            return invalid("special_tokens", "a special token is empty");
        }
        refuse_duplicates(&self.special_tokens)?;
        if level == Level::Whole {
            for (name, given) in [
                ("alphabet", self.alphabet != Alphabet::Byte),
                ("max_token_chars", self.rules.max_token_chars.is_some()),
                ("whole_characters", self.rules.whole_characters),
                ("blocked_tokens", !self.rules.blocked.is_empty()),
                ("allowed_tokens", self.rules.allowed.is_some()),
                ("seed_tokens", !self.seeds.is_empty()),
                ("init", init.is_some()),
                ("superwords", self.superwords.is_some()),
            ] {
                if given {
                    return invalid(name, "only level 'byte' has it");
                }
            }
        }
        let fixed = match (level, init) {
            (Level::Byte, Some(init)) => {
                start::check(init)?;
                self.new_special_tokens(init, &Tokens::default())?.len() + init.vocab().len()
            }
            (level, _) => {
                let fixed = match level {
                    Level::Byte => Tokens::new((0..).zip((0..=u8::MAX).map(|byte| [byte])))?,
                    Level::Whole => Tokens::new([(0, UNKNOWN)])?,
                };
                self.added_tokens(0, &fixed)?;
                fixed.len() + self.special_tokens.len()
            }
        };
        self.pattern.to_oniguruma()?;
        let room = self
            .vocab_size
            .checked_sub(fixed)
            .ok_or(Error::VocabSizeTooSmall {
                requested: self.vocab_size,
                minimum: fixed,
            })?;
        if let Some(from) = self.superwords {
            if init.is_some() {
                return invalid(
                    "superwords",
                    "a vocabulary that is extended keeps its pattern",
                );
            }
            if self.pattern.without_superwords().is_none() {
                return invalid("superwords", "the pattern has none");
            }
            if !(fixed..=self.vocab_size).contains(&from) {
                let most = self.vocab_size;
                return invalid(
                    "superwords",
                    &format!("it must be from {fixed} to the number of tokens, {most}"),
                );
            }
        }
        Ok(room)
    }

    /// The rules, which also keep tokens of `init` from being made again.
    pub(super) fn rules_after(&self, init: Option<&Tokenizer>) -> Rules {
        let mut rules = self.rules.clone();
        if let Some(init) = init {
            rules.blocked.extend(others(init));
        }
        rules
    }

    /// The special tokens that `init` does not have, with the ids after those of `tokens`.
    fn new_special_tokens(&self, init: &Tokenizer, tokens: &Tokens) -> Result<Vec<AddedToken>> {
        let known = &init.vocab().added_tokens;
        let is_new = |text: &&String| known.iter().all(|token| token.text != **text);
        let first = tokens.id_limit().max(init.max_id() as usize + 1) as u32;
        let added = |(id, text): (u32, &String)| {
            let token = init.model_tokens().id(text.as_bytes());
            match token.or_else(|| tokens.id(text.as_bytes())) {
                None => Ok(AddedToken::special(id, text)),
                Some(token) => also_a_token(text, token),
            }
        };
        (first..)
            .zip(self.special_tokens.iter().filter(is_new))
            .map(added)
            .collect()
    }

    /// The special tokens with their ids, the first of which is `first`. Refuses one
    /// that equals one of `tokens`: its id would be ambiguous.
    pub(crate) fn added_tokens(&self, first: u32, tokens: &Tokens) -> Result<Vec<AddedToken>> {
        let added = |(id, text): (u32, &String)| match tokens.id(text.as_bytes()) {
            None => Ok(AddedToken::special(id, text)),
            Some(token) => also_a_token(text, token),
        };
        (first..).zip(&self.special_tokens).map(added).collect()
    }
}

/// The tokens of several bytes that merging does not make: added ones, for example.
fn others(init: &Tokenizer) -> Vec<Vec<u8>> {
    let merges = init.effective_merges();
    let made: HashSet<u32> = merges.iter().map(|merge| merge.id).collect();
    let tokens = init.tokens();
    let others = tokens.filter(|(id, token)| token.len() > 1 && !made.contains(id));
    others.map(|(_, token)| token.to_vec()).collect()
}

fn also_a_token(text: &str, token: u32) -> Result<AddedToken> {
    Err(Error::InvalidArgument {
        name: "special_tokens",
        reason: format!("{} is also token {token} of the vocabulary", quote(text)),
    })
}

impl Trained {
    /// The vocabulary of these merges; `options` and `init` are those they were learned with.
    /// Refuses a special token that equals another token.
    pub fn to_vocab(&self, options: &TrainOptions, init: Option<&Tokenizer>) -> Result<Vocab> {
        match init {
            None => self.alone(options),
            Some(init) => self.after(options, init),
        }
    }

    /// `init`, followed by these merges.
    fn after(&self, options: &TrainOptions, init: &Tokenizer) -> Result<Vocab> {
        let mut vocab = init.vocab().clone();
        let in_model = |token: &Vec<u8>| init.model_tokens().id(token).is_some();
        if others(init).iter().any(in_model) {
            // Where any pair that spells a token may merge, a new token could be half of such
            // a pair, and give old tokens that merging did not make so far.
            vocab = init.listed();
        }
        let Model::Bpe(bpe) = &mut vocab.model else {
            unreachable!("learning starts from BPE only");
        };
        for merge in &self.merges {
            let part = |id| {
                bpe.tokens
                    .get(id)
                    .expect("merges are of tokens before them")
            };
            let token = [part(merge.left), part(merge.right)].concat();
            bpe.tokens.push(merge.id, &token)?;
        }
        if bpe.rule != MergeRule::Ranked {
            bpe.merges.extend(&self.merges);
        }
        let added = options.new_special_tokens(init, &bpe.tokens)?;
        vocab.added_tokens.extend(added);
        Ok(vocab)
    }

    fn alone(&self, options: &TrainOptions) -> Result<Vocab> {
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
