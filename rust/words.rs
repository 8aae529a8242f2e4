//! Vocabularies of whole pretokens: levels `char` and `word`.
//!
//! Nothing is merged. Each of the most frequent units gets an id; everything else becomes
//! [`UNKNOWN`].

use crate::count::PretokenCounts;
use crate::error::Result;
use crate::train::{Level, TrainOptions};
use crate::vocab::{Model, Tokens, Vocab, Words};

/// The token for every unit without an id of its own. Its id is 0.
pub const UNKNOWN: &str = "[UNK]";

/// Builds the vocabulary of the most frequent units of `counts`.
///
/// `[UNK]` has id 0; the units follow by count, the highest first, equal ones in order
/// of bytes; the special tokens come last. Units that are not UTF-8, that are longer than
/// `max_token_bytes` or whose count is below `min_frequency` are left out. The alphabet
/// does not matter. Refuses a special token that equals a unit or `[UNK]`.
pub fn build(counts: &PretokenCounts, options: &TrainOptions) -> Result<Vocab> {
    let room = options.room(Level::Whole, None)?;
    let longest = options.rules.max_token_bytes.unwrap_or(usize::MAX);
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
        around: Default::default(),
        added_tokens,
        template: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::pattern::Pattern;
    use crate::train::{Alphabet, Rules};

    fn options(vocab_size: usize) -> TrainOptions {
        TrainOptions {
            vocab_size,
            alphabet: Alphabet::Byte,
            special_tokens: vec!["<s>".into()],
            min_frequency: 1,
            rules: Rules::default(),
            seeds: Vec::new(),
            pattern: Pattern::parse("whitespace").unwrap(),
            superwords: None,
        }
    }

    fn tokens(options: &TrainOptions) -> Result<Vec<(u32, String)>> {
        let mut counts = PretokenCounts::default();
        let units = [
            ("b", 3),
            ("long", 3),
            ("a", 3),
            ("[UNK]", 9),
            ("<u>", 1),
            (" ", 5),
        ];
        for (unit, count) in units {
            counts.add(unit.as_bytes(), count)?;
        }
        counts.add(b"\xFF", 8)?;
        let vocab = build(&counts, options)?;
        let Model::Words(words) = &vocab.model else {
            panic!("not words")
        };
        assert_eq!(words.unknown, 0);
        let text = |token: &[u8]| String::from_utf8(token.to_vec()).unwrap();
        let mut all: Vec<_> = words
            .tokens
            .iter()
            .map(|(id, token)| (id, text(token)))
            .collect();
        all.extend(
            vocab
                .added_tokens
                .into_iter()
                .map(|token| (token.id, token.text)),
        );
        Ok(all)
    }

    fn spelled(options: TrainOptions) -> Vec<String> {
        let all = tokens(&options).unwrap();
        assert!(all.iter().map(|(id, _)| *id).eq(0..all.len() as u32));
        all.into_iter().map(|(_, token)| token).collect()
    }

    #[test]
    fn units_come_by_count_then_by_bytes_between_unknown_and_special_tokens() {
        assert_eq!(
            spelled(options(100)),
            ["[UNK]", " ", "a", "b", "long", "<u>", "<s>"]
        );
        assert_eq!(spelled(options(4)), ["[UNK]", " ", "a", "<s>"]);
        assert_eq!(spelled(options(2)), ["[UNK]", "<s>"]);
    }

    #[test]
    fn rare_and_long_units_are_left_out() {
        let frequent = TrainOptions {
            min_frequency: 4,
            ..options(100)
        };
        assert_eq!(spelled(frequent), ["[UNK]", " ", "<s>"]);
        let short = TrainOptions {
            rules: Rules {
                max_token_bytes: Some(1),
                ..Rules::default()
            },
            ..options(100)
        };
        assert_eq!(spelled(short), ["[UNK]", " ", "a", "b", "<s>"]);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let too_small = Error::VocabSizeTooSmall {
            requested: 1,
            minimum: 2,
        };
        assert_eq!(tokens(&options(1)), Err(too_small));
        for text in ["[UNK]", "<u>"] {
            let clash = TrainOptions {
                special_tokens: vec![text.into()],
                ..options(100)
            };
            let refused = tokens(&clash).unwrap_err();
            assert!(matches!(
                refused,
                Error::InvalidArgument {
                    name: "special_tokens",
                    ..
                }
            ));
        }
    }
}
