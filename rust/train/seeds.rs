//! Tokens that must come in, whatever their counts.
//!
//! They are a corpus of their own, in which each occurs once: merges are learned there until each
//! is one token. The real corpus then continues from that vocabulary.

use crate::count::PretokenCounts;
use crate::error::{Error, Result, quote_bytes};
use crate::tokenizer::Tokenizer;
use crate::vocab::{Merge, Model};

use super::options::TrainOptions;
use super::origins::origins;
use super::progress::Progress;
use super::{Trained, learn};

/// A vocabulary with all seed tokens.
pub(super) struct Seeded {
    pub(super) tokenizer: Tokenizer,
    trained: Trained,
}

impl Seeded {
    /// The merges that make the seed tokens.
    pub(super) fn merges(&self) -> &[Merge] {
        &self.trained.merges
    }

    /// Refuses to make more of them than there is room for.
    pub(super) fn check_room(&self, room: usize) -> Result<()> {
        let needed = self.merges().len();
        if needed <= room {
            return Ok(());
        }
        Err(Error::InvalidArgument {
            name: "seed_tokens",
            reason: format!("they take {needed} merges, and the size leaves room for {room}"),
        })
    }

    /// How often each of them is applied in a corpus.
    pub(super) fn applied(
        &self,
        counts: &PretokenCounts,
        progress: Progress<'_>,
    ) -> Result<Vec<u64>> {
        let stop = std::cell::RefCell::new(progress);
        let interrupt = || stop.borrow_mut()(0, 1).is_err();
        let all = origins(&self.tokenizer, counts, 0, &interrupt)?;
        let before = all.len() - self.merges().len();
        Ok(all[before..].iter().map(|origin| origin.applied).collect())
    }
}

/// Makes the seed tokens of `options`. Refuses one that is more than one pretoken, which no text
/// would become, and one that cannot be made without a blocked token.
pub(super) fn seeded(
    options: &TrainOptions,
    init: Option<&Tokenizer>,
    progress: Progress<'_>,
) -> Result<Seeded> {
    let invalid = |seed: &[u8], reason: &str| {
        Err(Error::InvalidArgument {
            name: "seed_tokens",
            reason: format!("{} {reason}", quote_bytes(seed)),
        })
    };
    let mut counts = PretokenCounts::default();
    for seed in &options.seeds {
        let mut ends = Vec::new();
        options.pattern.pretokens(seed).fill(&mut ends)?;
        if ends != [seed.len()] {
            return invalid(seed, "is not one pretoken: no text would become this token");
        }
        let known = counts.len();
        let entry = counts.entry(seed)?;
        if counts.len() > known {
            counts.raise(entry, 1)?;
        }
    }
    let only = TrainOptions {
        seeds: Vec::new(),
        special_tokens: Vec::new(),
        min_frequency: 1,
        rules: super::Rules {
            blocked: options.rules.blocked.clone(),
            ..super::Rules::default()
        },
        ..options.clone()
    };
    let most = options.seeds.iter().map(Vec::len).sum();
    // What it is a part of has its own measure of work.
    let trained = learn(&counts, &only, init, most, &mut |_, _| progress(0, 1))?;
    let tokenizer = Tokenizer::new(trained.to_vocab(&only, init)?)?;
    let Model::Bpe(bpe) = &tokenizer.vocab().model else {
        unreachable!("only BPE is learned");
    };
    match options
        .seeds
        .iter()
        .find(|seed| bpe.tokens.id(seed).is_none())
    {
        None => Ok(Seeded { tokenizer, trained }),
        Some(seed) => invalid(seed, "cannot be made without tokens that are blocked"),
    }
}
