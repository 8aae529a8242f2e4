//! Recognises the named patterns in the forms in which they are published.

use std::sync::LazyLock;

use super::super::named::{ALL, Named};
use super::Split;
use super::regular::{self, Branch};

/// Other texts with the same meaning as [`Named::splits`].
const VARIANTS: &[(Named, &str)] = &[
    (
        Named::Gpt2,
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s",
    ),
    (
        Named::Gpt2,
        r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    ),
    (
        Named::Cl100k,
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    ),
    (
        Named::Llama3,
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+",
    ),
    (
        Named::Llama3,
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ),
    (
        Named::Qwen2,
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ),
    (Named::None, r"(?s:.)+"),
    (Named::None, r"(?s:.+)"),
];

/// A named pattern in one of its forms: the alternatives of each split.
type Form = (Named, Vec<Vec<Branch>>);

static FORMS: LazyLock<Vec<Form>> = LazyLock::new(|| {
    let parse = |split: &&str| regular::parse(split).expect("named patterns are regular");
    let own = ALL
        .into_iter()
        .map(|name| (name, name.splits().iter().map(parse).collect()));
    let variants = VARIANTS
        .iter()
        .map(|(name, split)| (*name, vec![parse(split)]));
    own.chain(variants).collect()
});

/// The named pattern that has these splits.
pub fn recognise(splits: &[Split]) -> Option<Named> {
    let ours: Vec<&[Branch]> = splits
        .iter()
        .map(Split::branches)
        .collect::<Result<_, _>>()
        .ok()?;
    FORMS
        .iter()
        .find(|(_, form)| *form == ours)
        .map(|&(name, _)| name)
}
