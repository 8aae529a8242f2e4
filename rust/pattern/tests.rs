//! Compares the patterns with an oracle: their official texts on a backtracking engine.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// The texts that define the named patterns, as their owners publish them (tiktoken
/// 0.14 and the `tokenizer.json` files of the models), besides our own form of them.
pub(super) const PUBLISHED: &[(&str, &[&str])] = &[
    (
        "gpt2",
        &[r"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"],
    ),
    (
        "gpt2",
        &[r"'s|'t|'re|'ve|'m|'ll|'d| ?[\p{L}]+| ?[\p{N}]+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"],
    ),
    (
        "cl100k",
        &[
            r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
        ],
    ),
    (
        "o200k",
        &[
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "llama3",
        &[
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "qwen2",
        &[
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "qwen3.5",
        &[
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "tekken",
        &[
            r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "kimi-k2",
        &[
            r"[\p{Han}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]+[\p{Ll}\p{Lm}\p{Lo}\p{M}&&[^\p{Han}]]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "digits-gpt2",
        &[
            r"\p{N}",
            r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        ],
    ),
    (
        "deepseek-coder",
        &[
            "[\r\n]",
            r"\s?\p{L}+",
            r"\s?\p{P}+",
            "[一-龥ࠀ-一가-퟿]+",
            r"\p{N}",
        ],
    ),
    (
        "deepseek-v2",
        &[
            "[\r\n]",
            named::DEEPSEEK_V2_WORD,
            "\\s?[!-/:-~！-／：-～‘-‟　-。]+",
            r"\s+$",
            "[一-龥ࠀ-一가-퟿]+",
            r"\p{N}",
        ],
    ),
    (
        "deepseek-v3",
        &[
            r"\p{N}{1,3}",
            "[一-龥\u{3040}-ゟ゠-ヿ]+",
            "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
        ],
    ),
    ("bloom", &[r" ?[^(\s|[.,!?…。，、।۔،])]+"]),
    ("whitespace", &[r"\S+|\s+"]),
    ("none", &[r"(?s:.+)"]),
];

/// Characters that differ in at least one of the patterns, the most telling first.
pub(super) const CHARACTERS: &[char] = &[
    'A',
    's',
    ' ',
    '\n',
    '\'',
    '1',
    '中',
    '\u{301}',
    '!',
    '\t',
    'l',
    'e',
    '/',
    '\u{17F}',
    'ʰ',
    '\r',
    '・',
    '\u{3040}',
    '\u{200D}',
    '\u{A0}',
    '€',
    'Ⅷ',
    '½',
    'V',
    'ǅ',
    '\u{85}',
    '\u{2028}',
    '\u{3000}',
    'é',
    '\u{1F600}',
    '\u{1F3FD}',
    '\u{0}',
    'ー',
    '\u{3099}',
    '\u{903}',
    '٣',
    '한',
    '゠',
    '〇',
    '龦',
    '\u{378}',
    '\u{FEFF}',
    '\u{10FFFF}',
    '\u{E000}',
    '_',
    'º',
    'ß',
    'ŉ',
    'K',
    'İ',
    '⼀',
    '々',
    '\u{16FF0}',
    '。',
    '!',
    'Ａ',
    '(',
    '।',
    '’',
];

/// Splits as the definition says, slowly.
pub(super) struct Oracle(Vec<fancy_regex::Regex>);

impl Oracle {
    pub(super) fn new(splits: &[&str]) -> Self {
        Oracle(
            splits
                .iter()
                .map(|split| fancy_regex::Regex::new(split).unwrap())
                .collect(),
        )
    }

    pub(super) fn ends(&self, text: &[u8]) -> Vec<usize> {
        let (mut ends, mut at) = (Vec::new(), 0);
        let mut after_invalid = false;
        for chunk in text.utf8_chunks() {
            if !chunk.valid().is_empty() {
                self.split(chunk.valid(), 0, at, &mut ends);
                after_invalid = false;
            }
            at += chunk.valid().len() + chunk.invalid().len();
            if !chunk.invalid().is_empty() {
                if after_invalid {
                    ends.pop();
                }
                ends.push(at);
                after_invalid = true;
            }
        }
        ends
    }

    fn split(&self, text: &str, level: usize, base: usize, ends: &mut Vec<usize>) {
        let Some(regex) = self.0.get(level) else {
            ends.push(base + text.len());
            return;
        };
        let mut last = 0;
        for found in regex.find_iter(text) {
            let found = found.unwrap();
            if last < found.start() {
                self.split(&text[last..found.start()], level + 1, base + last, ends);
            }
            self.split(found.as_str(), level + 1, base + found.start(), ends);
            last = found.end();
        }
        if last < text.len() {
            self.split(&text[last..], level + 1, base + last, ends);
        }
    }
}

pub(super) fn ends(pattern: &Pattern, text: &[u8]) -> Vec<usize> {
    let (mut all, mut some) = (Vec::new(), Vec::new());
    let mut pretokens = pattern.pretokens(text);
    loop {
        pretokens.fill(&mut some).unwrap();
        if some.is_empty() {
            return all;
        }
        all.extend_from_slice(&some);
    }
}

/// Calls `check` with all texts of up to `length` of `characters`.
pub(super) fn each_text(characters: &[char], length: usize, check: &mut impl FnMut(&str)) {
    fn extend(text: &mut String, characters: &[char], length: usize, check: &mut impl FnMut(&str)) {
        for &character in characters {
            text.push(character);
            check(text);
            if length > 1 {
                extend(text, characters, length - 1, check);
            }
            text.pop();
        }
    }
    extend(&mut String::new(), characters, length, check);
}

/// The named patterns, each with the oracle for one of its published texts.
static ORACLES: LazyLock<Vec<(Pattern, Oracle)>> = LazyLock::new(|| {
    let oracle =
        |(name, splits): (&str, &[&str])| (Pattern::parse(name).unwrap(), Oracle::new(splits));
    let superwords = superwords().map(|named| (named.name(), named.splits()));
    let all = PUBLISHED.iter().copied().chain(superwords);
    all.map(oracle).collect()
});

fn superwords() -> impl Iterator<Item = Named> {
    named::BASES.into_iter().map(Named::Superwords)
}

fn names() -> Vec<Pattern> {
    let superwords = superwords().map(Named::name);
    NAMES
        .iter()
        .copied()
        .chain(superwords)
        .map(|name| Pattern::parse(name).unwrap())
        .collect()
}

#[test]
fn named_patterns_split_all_short_texts_as_published() {
    for (pattern, oracle) in ORACLES.iter() {
        let mut check = |text: &str| {
            let (ours, theirs) = (ends(pattern, text.as_bytes()), oracle.ends(text.as_bytes()));
            assert_eq!(ours, theirs, "{} {text:?}", pattern.text());
        };
        each_text(CHARACTERS, 2, &mut check);
        each_text(&CHARACTERS[..24], 3, &mut check);
        each_text(&CHARACTERS[..11], 4, &mut check);
        each_text(&CHARACTERS[..6], 5, &mut check);
    }
}

#[test]
#[ignore = "it takes most of a minute"]
fn named_patterns_split_all_texts_of_four_characters_as_published() {
    for (pattern, oracle) in ORACLES.iter() {
        each_text(&CHARACTERS[..30], 4, &mut |text| {
            let (ours, theirs) = (ends(pattern, text.as_bytes()), oracle.ends(text.as_bytes()));
            assert_eq!(ours, theirs, "{} {text:?}", pattern.text());
        });
    }
}

#[test]
fn own_texts_of_named_patterns_mean_what_is_published() {
    for name in named::ALL.into_iter().chain(superwords()) {
        let pattern = Pattern::parse(name.name()).unwrap();
        let oracle = Oracle::new(name.splits());
        each_text(&CHARACTERS[..12], 3, &mut |text| {
            let (ours, theirs) = (
                ends(&pattern, text.as_bytes()),
                oracle.ends(text.as_bytes()),
            );
            assert_eq!(ours, theirs, "{} {text:?}", pattern.text());
        });
    }
}

/// Checks that a pattern with superwords joins pretokens of the pattern without, and that these are
/// found again in what it joins.
fn assert_joins(pattern: &Pattern, text: &[u8]) {
    let without = pattern.without_superwords().unwrap();
    let mut apart = Vec::new();
    let mut start = 0;
    for end in ends(pattern, text) {
        let parts = ends(&without, &text[start..end]);
        apart.extend(parts.into_iter().map(|part| start + part));
        start = end;
    }
    assert_eq!(apart, ends(&without, text), "{} {text:?}", pattern.text());
}

#[test]
fn superwords_are_whole_pretokens_joined() {
    for named in superwords() {
        let pattern = Pattern::parse(named.name()).unwrap();
        let mut check = |text: &str| assert_joins(&pattern, text.as_bytes());
        each_text(CHARACTERS, 2, &mut check);
        each_text(&CHARACTERS[..24], 3, &mut check);
        each_text(
            &['A', 's', ' ', '\'', '\n', '\u{301}', '!', '1', '’'],
            5,
            &mut check,
        );
    }
}

#[test]
fn superwords_are_words_with_single_spaces_between_them() {
    let pattern = Pattern::parse("cl100k-superwords").unwrap();
    let text = "(I don't  know why, said 12 of the 3rd.\nAs a rule\t";
    let pretokens = [
        "(I don't",
        " ",
        " know why",
        ",",
        " said",
        " ",
        "12",
        " of the",
        " ",
        "3",
    ];
    let pretokens = [&pretokens[..], &["rd", ".\n", "As a rule", "\t"]].concat();
    let (mut start, mut found) = (0, Vec::new());
    for end in ends(&pattern, text.as_bytes()) {
        found.push(&text[start..end]);
        start = end;
    }
    assert_eq!(found, pretokens);
}

#[test]
fn patterns_with_superwords_are_known_by_their_text() {
    for named in superwords() {
        let pattern = Pattern::parse(named.name()).unwrap();
        let text = pattern.to_oniguruma().unwrap();
        assert_eq!(Pattern::from_oniguruma(&[&text[0]]), Ok(pattern.clone()));
        assert_eq!(Pattern::parse(&text[0]), Ok(pattern.clone()));
        let without = pattern.without_superwords().unwrap();
        assert_eq!(without.with_superwords(), Some(pattern.clone()));
        assert_eq!(pattern.with_superwords(), Some(pattern));
        assert_eq!(without.without_superwords(), None);
    }
    for name in ["none", "whitespace", "deepseek-v3", "kimi-k2", "[a-z]+"] {
        assert_eq!(Pattern::parse(name).unwrap().with_superwords(), None);
    }
}

#[test]
fn o200k_divides_words_by_case_as_published() {
    let (pattern, oracle) = &ORACLES[3];
    let characters = ['A', 'b', '中', '\u{301}', ' ', '\'', 's'];
    each_text(&characters, 6, &mut |text| {
        let (ours, theirs) = (ends(pattern, text.as_bytes()), oracle.ends(text.as_bytes()));
        assert_eq!(ours, theirs, "{text:?}");
    });
}

#[test]
fn deepseek_v2_divides_white_space_as_published() {
    let (pattern, oracle) = ORACLES
        .iter()
        .find(|(pattern, _)| pattern.text() == "deepseek-v2")
        .unwrap();
    let characters = ['a', 'é', ' ', '\u{A0}', '\u{3000}', '!', '€'];
    each_text(&characters, 5, &mut |text| {
        let (ours, theirs) = (ends(pattern, text.as_bytes()), oracle.ends(text.as_bytes()));
        assert_eq!(ours, theirs, "{text:?}");
    });
}

#[test]
fn every_character_is_classed_as_published() {
    for (pattern, oracle) in ORACLES.iter() {
        let mut text = String::new();
        let rare = ('\u{20000}'..=char::MAX).step_by(61);
        for character in ('\0'..'\u{20000}').chain(rare) {
            text.extend([
                character, 'a', character, character, ' ', character, '1', '\'', character,
            ]);
            if text.len() > 500 {
                assert_eq!(ends(pattern, text.as_bytes()), oracle.ends(text.as_bytes()));
                text.clear();
            }
        }
    }
}

/// Texts of the telling characters with invalid bytes among them.
pub(super) fn any_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        20 => prop::sample::select(CHARACTERS).prop_map(|c| c.to_string().into_bytes()),
        2 => any::<char>().prop_map(|c| c.to_string().into_bytes()),
        4 => (prop::sample::select(CHARACTERS), 1..20usize)
            .prop_map(|(c, n)| c.to_string().repeat(n).into_bytes()),
        2 => prop::collection::vec(0x80..=0xFFu8, 1..4),
        1 => prop::sample::select(CHARACTERS)
            .prop_map(|c| { let mut bytes = c.to_string().into_bytes(); bytes.pop(); bytes }),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// Checks that the ends of `text` are those of its parts if it is cut at `at`.
pub(super) fn assert_cuts(pattern: &Pattern, text: &[u8], at: usize) {
    let mut parts = ends(pattern, &text[..at]);
    parts.extend(ends(pattern, &text[at..]).into_iter().map(|end| end + at));
    assert_eq!(
        parts,
        ends(pattern, text),
        "{} {text:?} cut at {at}",
        pattern.text()
    );
}

#[test]
fn characters_are_cut_apart_whatever_stands_around_them() {
    for pattern in names() {
        let mut cuts = 0;
        each_text(&CHARACTERS[..24], 2, &mut |pair| {
            let at = pair.chars().next().unwrap().len_utf8();
            if !pattern.cuts(pair.as_bytes(), at) {
                return;
            }
            cuts += 1;
            for before in [
                "", "A", "s", " ", "\n", "'", "1", "中", "\u{301}", "!", "\u{200D}", "/",
            ] {
                each_text(&CHARACTERS[..7], 2, &mut |after| {
                    for before in [
                        before.to_owned(),
                        format!(" {before}"),
                        format!("a{before}"),
                    ] {
                        let text = format!("{before}{pair}{after}");
                        assert_cuts(&pattern, text.as_bytes(), before.len() + at);
                    }
                });
            }
        });
        assert_eq!(cuts == 0, pattern.text() == "none", "{}", pattern.text());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn named_patterns_split_any_bytes_as_published(text in any_text()) {
        for (pattern, oracle) in ORACLES.iter() {
            prop_assert_eq!(ends(pattern, &text), oracle.ends(&text), "{}", pattern.text());
        }
        for named in superwords() {
            assert_joins(&Pattern::parse(named.name()).unwrap(), &text);
        }
    }

    #[test]
    fn certain_pretokens_stay_whatever_follows(text in any_text(), next in any_text()) {
        for pattern in names() {
            let whole = [&text[..], &next].concat();
            let certain = pattern.certain_end(&text, &Stop::default());
            prop_assert!(certain == 0 || ends(&pattern, &text).contains(&certain));
            assert_cuts(&pattern, &whole, certain);
        }
    }

    #[test]
    fn texts_are_cut_at_syncs(text in any_text(), next in any_text(), from in 0..40usize) {
        for pattern in names() {
            let whole = [&text[..], &next].concat();
            for at in [pattern.last_sync(&text), pattern.next_sync(&text, from)].into_iter().flatten() {
                prop_assert!(0 < at && at < text.len());
                assert_cuts(&pattern, &whole, at);
            }
            prop_assert!(pattern.next_sync(&text, from).is_none_or(|at| at > from));
        }
    }
}

#[test]
fn the_last_pretoken_is_certain_only_if_nothing_can_change_it() {
    for (name, text, certain) in [
        ("gpt2", &b"one two"[..], 3),
        ("gpt2", b"one two ", 7),
        ("gpt2", b"one  \t!", 3),
        ("gpt2", b"one two\xC3", 3),
        ("gpt2", b"one two\xFF", 7),
        ("gpt2", b"one two\xFFx", 8),
        ("gpt2", b"\xFF\xE4\xB8", 0),
        ("cl100k", b"12345", 3),
        ("cl100k", b"x\n  ", 1),
        ("none", b"one two", 0),
        ("none", b"one\xFFtwo", 4),
    ] {
        let pattern = Pattern::parse(name).unwrap();
        assert_eq!(
            pattern.certain_end(text, &Stop::default()),
            certain,
            "{name} {text:?}"
        );
    }
}
