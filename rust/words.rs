//! Vocabularies of whole pretokens: levels `char` and `word`.
//!
//! Nothing is merged. The most frequent units get an id each, everything else becomes
//! [`UNKNOWN`].

use crate::counts::PretokenCounts;
use crate::error::{Error, Result};
use crate::train::TrainOptions;
use crate::vocab::{Model, Tokens, Vocab, Words};

/// The pattern to count with for level `char`: each character is a unit.
pub const CHAR_PATTERN: &str = "(?s:.)";

/// The pattern to count with for level `word`: words, and the white space between them.
pub const WORD_PATTERN: &str = "whitespace";

/// The token, of id 0, that stands for every unit without an id.
pub const UNKNOWN: &str = "[UNK]";

/// Builds the vocabulary of the most frequent units of `counts`.
///
/// `[UNK]` has id 0; the units follow by count, the highest first, equal ones in order
/// of bytes; the special tokens come last. Left out are units that are not UTF-8, that
/// are longer than `max_token_bytes` or whose count is below `min_frequency`. The
/// alphabet plays no part. Refuses a special token that equals a unit or `[UNK]`.
pub fn train_words(counts: &PretokenCounts, options: &TrainOptions) -> Result<Vocab> {
    options.check()?;
    let minimum = 1 + options.special_tokens.len();
    let room = options
        .vocab_size
        .checked_sub(minimum)
        .ok_or(Error::VocabSizeTooSmall {
            requested: options.vocab_size,
            minimum,
        })?;
    let longest = options.max_token_bytes.unwrap_or(usize::MAX);
    let mut tokens = Tokens::new([(0, UNKNOWN)])?;
    let units = counts.sorted().into_iter().filter(|&(unit, count)| {
        count >= options.min_frequency
            && unit.len() <= longest
            && unit != UNKNOWN.as_bytes()
            && str::from_utf8(unit).is_ok()
    });
    for (id, (unit, _)) in (1..).zip(units.take(room)) {
        tokens.push(id, unit)?;
    }
    let added_tokens = options.added_tokens(tokens.len() as u32, &tokens)?;
    Ok(Vocab {
        model: Model::Words(Words { tokens, unknown: 0 }),
        pattern: options.pattern.clone(),
        normalizer: None,
        added_tokens,
        template: None,
    })
}
