//! Compares the engines for regexes with the oracle, and their texts with each other.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::super::tests::{CHARACTERS, Oracle, PUBLISHED, any_text, assert_cuts, each_text, ends};
use super::super::*;
use super::*;

/// Regexes for the automaton.
const REGULAR: &[&str] = &[
    r"\w+|\s+",
    r"\d",
    r"a|ab|abc",
    r"[a-z]+?|\s",
    r"(?i)le|s+",
    r"\s+(?!\S)|\s+",
    r"\s+$|\s",
    r"\s+\z|\S",
    r"\S+?(?=\s)|\n",
    r"\S+(?=s)|\s+?(?!l)|.",
    r"(?:s|ss)(?!s)|s",
    r"(?:ss|s)(?=[s'])|'",
    r".+?(?=e)|l+(?!e)",
    r"(s|l)(e|s)+|[^sle](?![sle])",
    r" ?\p{L}++| ?[^\s\p{L}]++$|\s*+l|\s",
    r"\s++(?!\s)|\S",
    r"[^\r\nle]?+(?:l{1,2}|e)|s",
    r"(?s).{3}|\p{Lu}{2,}",
    r"(?:s?l)*e",
    r"\x{301}+|[中・]{2}?",
];

/// Regexes for the backtracking engine.
const IRREGULAR: &[&str] = &[
    r"(?<=s)l+|\s",
    r"\bs+\b|.",
    r"(s|l)\1",
    r"\s+(?!ll)|\S",
    r"(?>s+)e|s",
    r"(?:(?!e)\S)+|\s+",
    r"\s++(?!\S)|\S",
    r"^s|\n+",
];

static PATTERNS: LazyLock<Vec<(Pattern, Oracle)>> = LazyLock::new(|| {
    let all = REGULAR.iter().chain(IRREGULAR);
    all.map(|regex| (Pattern::parse(regex).unwrap(), Oracle::new(&[regex])))
        .collect()
});

/// Patterns of several splits, as they come from Oniguruma.
static SEQUENCES: LazyLock<Vec<(Pattern, Oracle)>> = LazyLock::new(|| {
    let sequences: [&[&str]; 3] = [
        &[r"\d", r"\s+(?!\S)|\s+"],
        &[r"[^s]+", r"l+|e", r"\p{M}"],
        &[r"\s", r"\S+?(?=s)|[sl](?!\S)"],
    ];
    let build = |splits: &[&str]| {
        (
            Pattern::from_oniguruma(splits).unwrap(),
            Oracle::new(splits),
        )
    };
    sequences.map(build).into()
});

fn is_regular(pattern: &Pattern) -> bool {
    let Kind::Custom(custom) = &pattern.kind else {
        return false;
    };
    custom.splits().iter().all(|split| split.branches().is_ok())
}

#[test]
fn patterns_can_be_shared_between_threads() {
    fn shared<T: Clone + Send + Sync>() {}
    shared::<Pattern>();
}

#[test]
fn regexes_go_to_the_engine_they_need() {
    for (pattern, _) in PATTERNS.iter() {
        let regular = REGULAR.contains(&pattern.text().as_str());
        assert_eq!(is_regular(pattern), regular, "{}", pattern.text());
    }
}

#[test]
fn regexes_split_all_short_texts_as_the_oracle_does() {
    let characters = ['s', 'l', 'e', ' ', '\n', '\'', 'S', '\u{301}', '中'];
    for (pattern, oracle) in PATTERNS.iter().chain(SEQUENCES.iter()) {
        each_text(&characters, 4, &mut |text| {
            let (ours, theirs) = (ends(pattern, text.as_bytes()), oracle.ends(text.as_bytes()));
            assert_eq!(ours, theirs, "{} {text:?}", pattern.text());
        });
    }
}

/// Texts in which the regexes above have something to match.
fn busy_text() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        "s", "l", "e", "ss", "le", " ", "\n", "'", "中", "S", "1",
    ]);
    let text = prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat().into_bytes());
    prop_oneof![text, any_text()]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn regexes_split_any_bytes_as_the_oracle_does(text in busy_text()) {
        for (pattern, oracle) in PATTERNS.iter().chain(SEQUENCES.iter()) {
            prop_assert_eq!(ends(pattern, &text), oracle.ends(&text), "{}", pattern.text());
        }
    }

    #[test]
    fn texts_are_cut_where_regexes_are_certain(text in busy_text(), next in busy_text()) {
        for (pattern, _) in PATTERNS.iter().chain(SEQUENCES.iter()) {
            let certain = pattern.certain_end(&text, &Stop::default());
            assert_cuts(pattern, &[&text[..], &next].concat(), certain);
        }
    }

    #[test]
    fn written_regexes_are_read_back_equal(regex in any_regex()) {
        let Ok(pattern) = Pattern::parse(&regex) else { return Ok(()) };
        let Ok(written) = pattern.to_oniguruma() else { return Ok(()) };
        let splits: Vec<&str> = written.iter().map(String::as_str).collect();
        let read = Pattern::from_oniguruma(&splits);
        prop_assert_eq!(read.as_ref(), Ok(&pattern), "{:?} {:?}", regex, written);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn no_text_of_a_regex_is_too_strange(regex in r"[\[\](){}|?*+^$.\\\-:!=<>,&ispPxuULNbzkAZ012#é\n ]{0,20}") {
        for pattern in [Pattern::parse(&regex), Pattern::from_oniguruma(&[&regex])].into_iter().flatten() {
            let text = "is z\n12 éL\u{301}";
            let ends = ends(&pattern, text.as_bytes());
            prop_assert!(ends.is_sorted_by(|one, next| one < next), "{:?}", ends);
            prop_assert_eq!(ends.last(), Some(&text.len()));
            prop_assert!(pattern.certain_end(text.as_bytes(), &Stop::default()) < text.len());
        }
    }
}

/// Regexes put together from what regexes consist of.
fn any_regex() -> impl Strategy<Value = String> {
    let atom = prop::sample::select(vec![
        "s",
        "l",
        "'",
        "[sl]",
        "[^s]",
        r"\s",
        r"\S",
        r"\p{L}",
        r"[\p{Lu}\p{M}_-]",
        ".",
        r"\d",
        r"[^\r\n\p{L}\p{N}]",
        "中",
        r"\.",
        "(?i:k)",
        r"\x{301}",
    ]);
    let operator = prop::sample::select(vec![
        "", "", "", "?", "*", "+", "+?", "{2}", "{1,3}", "*?", "++",
    ]);
    let leaf = (atom, operator.clone()).prop_map(|(atom, operator)| format!("{atom}{operator}"));
    let body = leaf.prop_recursive(3, 12, 3, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|items| items.concat()),
            (prop::collection::vec(inner, 1..4), operator.clone())
                .prop_map(|(items, operator)| format!("(?:{}){operator}", items.join("|"))),
        ]
    });
    let look = prop::sample::select(vec!["", "", r"(?!\S)", r"(?=[sl])", r"\z", "(?!s)"]);
    let branch = (body, look).prop_map(|(body, look)| format!("{body}{look}"));
    prop::collection::vec(branch, 1..4).prop_map(|branches| branches.join("|"))
}

#[test]
fn every_regular_regex_is_written_and_read_back() {
    let sequences = SEQUENCES.iter().map(|(pattern, _)| pattern);
    let single = PATTERNS
        .iter()
        .map(|(pattern, _)| pattern)
        .filter(|pattern| is_regular(pattern));
    for pattern in single.chain(sequences) {
        let written = pattern
            .to_oniguruma()
            .unwrap_or_else(|error| panic!("{error}"));
        let splits: Vec<&str> = written.iter().map(String::as_str).collect();
        assert_eq!(
            Pattern::from_oniguruma(&splits).as_ref(),
            Ok(pattern),
            "{written:?}"
        );
    }
}

#[test]
fn named_patterns_are_recognised_by_meaning() {
    for &(name, splits) in PUBLISHED {
        let named = Pattern::parse(name).unwrap();
        if let [split] = splits {
            assert_eq!(Pattern::parse(split).unwrap(), named, "{split}");
        }
        let means_more =
            splits[0].contains("}+") || splits[0].contains("++$") || splits[0].contains("(?s");
        if !means_more {
            assert_eq!(
                Pattern::from_oniguruma(splits).unwrap(),
                named,
                "{splits:?}"
            );
        }
    }
    for name in NAMES {
        let named = Pattern::parse(name).unwrap();
        let written = named.to_oniguruma().unwrap();
        let splits: Vec<&str> = written.iter().map(String::as_str).collect();
        assert_eq!(Pattern::from_oniguruma(&splits).unwrap(), named);
        assert_eq!(named.text(), *name);
    }
}

#[test]
fn named_patterns_are_recognised_in_other_spellings() {
    for (regex, name) in [
        (r"\s+|\S+", "whitespace"),
        (r"[^\s]+|\s\s*", "whitespace"),
        (r"[\s\S]{1,}", "none"),
        (
            r"'(?:t|s|re|ve|m|ll|d)| ?\p{L}\p{L}*| ?\p{N}+| ?[^\s\p{N}\p{L}]+|\s+(?!\S)|\s",
            "gpt2",
        ),
        (
            r"'(?i:[tsmd]|ll|[rv]e)|[^\p{L}\p{N}\r\n]?\p{L}+|\p{N}\p{N}?\p{N}?| ?[^\s\p{L}\p{N}]+[\n\r]*|\s*[\n\r]+|\s+(?!\S)|\s+",
            "llama3",
        ),
        (
            r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|(?:[^\r\n\p{L}\p{N}])?[\p{M}\p{L}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
            "qwen3.5",
        ),
        (r" ?[^\s(|).,!?…。，、।۔،]+", "bloom"),
    ] {
        assert_eq!(Pattern::parse(regex).unwrap().text(), name, "{regex}");
    }
    for regex in [
        r"\s+|\S",
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,4}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        r" ?[^\s(|).,!?…。，、।۔،\u{378}]+",
    ] {
        assert_eq!(Pattern::parse(regex).unwrap().text(), regex);
    }
}

#[test]
fn other_names_are_names() {
    for (alias, name) in [
        ("llama4", "o200k"),
        ("gpt-oss", "o200k"),
        ("glm4", "llama3"),
    ] {
        assert_eq!(Pattern::parse(alias).unwrap().text(), name);
    }
    assert!(Pattern::parse("Llama-4").is_err());
}

#[test]
fn what_differs_in_oniguruma_is_refused_by_name() {
    for (regex, named) in [
        (r"\X+", r"\X"),
        (r"a\Kb", r"\K"),
        (r"\cA", r"\c"),
        (r"\p{InArabic}", "InArabic"),
        ("^a", "^"),
        (r"\Ga", r"\G"),
        (r"\s++$", "possessive"),
        ("(?x:a b)", "(?x:"),
        ("a(?x)b", "(?x)"),
        ("(?~ab)", "(?~ab)"),
        ("(?<n>a)\\k<n>", "k"),
        ("a**", "repetition"),
        ("a{2}{3}", "repetition"),
        (r"(?i:\p{Lu}x)", "(?i:…)"),
        ("(?i:[^a]x)", "(?i:…)"),
        ("(?i:straße)", "(?i:…)"),
        ("(?i:miss)", "ss"),
        ("a{2}?", "{2}?"),
        ("[a--b]", "--"),
        ("[a&&]", "empty"),
        ("[[:other:]]", "[:"),
        (r"(?<=a)b", "lookaround"),
        (r"\bx", "lookaround"),
        (r"a\Z", "anchor"),
        (r"(a)\1", "backref"),
        ("a(?!bc)", "lookaround"),
        ("(a", "parentheses"),
        (".+(?:l*|s){2}", "may be empty"),
    ] {
        match Pattern::from_oniguruma(&[regex]) {
            Err(Error::PatternUnsupported { reason, .. }) => {
                assert!(reason.contains(named), "{regex}: {reason}");
            }
            other => panic!("{regex}: {other:?}"),
        }
    }
    // Repeated there, not possessive.
    assert_eq!(
        Pattern::from_oniguruma(&[r"\d{1,3}+"]).unwrap(),
        Pattern::parse(r"(?:\d{1,3})+").unwrap()
    );
    assert_eq!(
        Pattern::from_oniguruma(&[r"\S+$"]).unwrap(),
        Pattern::parse(r"\S+(?![^\n])").unwrap()
    );
    assert!(Pattern::from_oniguruma(&["(?:a:)+|(b=)"]).is_ok());
    for regex in IRREGULAR {
        let error = Pattern::parse(regex).unwrap().to_oniguruma().unwrap_err();
        assert!(matches!(error, Error::PatternUnsupported { .. }), "{regex}");
    }
}

#[test]
fn what_is_nearly_a_name_is_refused() {
    for (text, name) in [
        ("GPT-2", "gpt2"),
        ("cl100k_base", "cl100k"),
        ("r50k_base", "gpt2"),
        ("Llama 3", "llama3"),
        ("deepseekv3", "deepseek-v3"),
        ("None", "none"),
    ] {
        match Pattern::parse(text) {
            Err(Error::PatternUnsupported { reason, .. }) => assert!(reason.contains(name)),
            other => panic!("{text}: {other:?}"),
        }
        assert!(Pattern::parse(&format!("(?:{text})")).is_ok());
    }
}

#[test]
fn bad_regexes_are_refused() {
    for regex in ["(", "[z-a]", "*", r"\p{Nothing}", "(?<=a"] {
        let error = Pattern::parse(regex).unwrap_err();
        assert!(
            matches!(error, Error::PatternSyntax { .. }),
            "{regex}: {error}"
        );
        assert!(!error.to_string().contains('\n'), "{regex}");
    }
    let long = "a".repeat(100_000);
    for regex in [
        "",
        "a*",
        "a|b?",
        r"(?=a)",
        r"(?:\b)*",
        r"(?:\p{L}{1000}){1000}",
        &long,
    ] {
        let error = Pattern::parse(regex).unwrap_err();
        assert!(
            matches!(error, Error::PatternUnsupported { .. }),
            "{regex:.20}: {error}"
        );
    }
    assert!(Pattern::from_oniguruma(&[]).is_err());
}

#[test]
fn too_much_work_is_an_error_with_an_offset() {
    let text = "a".repeat(200_000);
    for regex in ["a*b|c", r"(?:a|a)+(?=cc)c"] {
        let pattern = Pattern::parse(regex).unwrap();
        let error = pattern
            .pretokens(text.as_bytes())
            .fill(&mut Vec::new())
            .unwrap_err();
        assert!(
            matches!(error, Error::PatternWork { offset } if offset < text.len()),
            "{regex}"
        );
    }
}

#[test]
fn telling_characters_are_written_as_they_are() {
    for character in CHARACTERS
        .iter()
        .chain(&['\\', '[', ']', '^', '-', '&', '~', '#', '<', '|'])
    {
        let class = format!(r"[\x{{{:X}}}x]", u32::from(*character));
        let pattern = Pattern::parse(&class).unwrap();
        let written = pattern.to_oniguruma().unwrap();
        assert_eq!(
            Pattern::from_oniguruma(&[&written[0]]).unwrap(),
            pattern,
            "{written:?}"
        );
    }
}

#[test]
fn splitting_ends_when_told_to_stop() {
    let mut ends = vec![1];
    assert_eq!(Work::default().count(7, 1, 1), Ok(()));
    assert_eq!(Work::new(&Stop::set()).count(7, 1, 1), Err(TooMuch(7)));
    for name in ["gpt2", "(?s:.)", r"(?s:.)(?=.|\z)"] {
        let pattern = Pattern::parse(name).unwrap();
        let stop = Stop::set();
        let mut pretokens = pattern.pretokens(b"text").with_stop(&stop);
        assert_eq!(pretokens.fill(&mut ends), Err(Error::Interrupted));
    }
}
