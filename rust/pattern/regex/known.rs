//! Recognises the named patterns: at once in the forms in which they are published, otherwise by a
//! comparison of automata.

use std::sync::LazyLock;

use super::super::named::{ALL, BASES, Named};
use super::super::scan;
use super::super::text::Text;
use super::regular::{self, Branch};
use super::work::Work;
use super::{Custom, Split, oniguruma};

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
    let parse = |split: &str| regular::parse(split).expect("named patterns are regular");
    let own = ALL.into_iter().flat_map(|name| {
        let translate = |split| oniguruma::translate(split).expect("named patterns are in both");
        let as_they_are = name.splits().iter().map(|split| parse(split)).collect();
        let as_read = name.splits().iter().map(|split| parse(&translate(split)));
        [(name, as_they_are), (name, as_read.collect())]
    });
    let variants = VARIANTS
        .iter()
        .map(|(name, split)| (*name, vec![parse(split)]));
    own.chain(variants).collect()
});

/// The named pattern that is written with these texts, in both dialects. Those with superwords are
/// recognised by them alone.
pub fn by_text(splits: &[&str]) -> Option<Named> {
    let mut all = ALL.into_iter().chain(BASES.map(Named::Superwords));
    all.find(|name| name.splits() == splits)
}

/// The named pattern that has these splits, in one of the forms known.
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

/// A text that few patterns with different meanings split alike.
const PROBE: &str = "It's we'LL x'ſ  a\t b\r\n \n  !?\n/\n/a (x) #y 1234567 ٣1 ½  3 Ab AB bA 中Ab A中 中a e\u{301}a \
\u{301}a !\u{301} 中文。，中 ⼀〇1 ・カ ゠ー한글 é.é a_b\u{a0}c \u{3000}d \u{200d}e €€ €a 5€ -- …\n\n  \n\r\ta  ";

/// The named pattern that splits every text as this one does, whatever its form. Only one that
/// splits a telling text alike is looked at closely.
pub fn recognise_meaning(custom: &Custom) -> Option<Named> {
    let splits = custom.splits();
    if splits.iter().any(|split| split.branches().is_err()) {
        return None;
    }
    let mut ends = Vec::new();
    let work = &mut Work::default();
    custom.scan(PROBE, 0, usize::MAX, work, &mut ends).ok()?;
    let mut same = ALL.into_iter().filter(|name| {
        let mut theirs = Vec::new();
        scan::scan(*name, &Text::new(PROBE), 0, usize::MAX / 2, &mut theirs);
        theirs == ends
    });
    same.find(|name| {
        name.splits().len() == splits.len()
            && name
                .splits()
                .iter()
                .zip(splits)
                .all(|(theirs, ours)| Split::parse(theirs).is_ok_and(|theirs| theirs.means(ours)))
    })
}
