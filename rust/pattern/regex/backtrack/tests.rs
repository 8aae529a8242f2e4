//! Compares the engine with fancy-regex, whose syntax it reads, and checks its limits.

use proptest::prelude::*;

use super::tree::{Node, Tree, size};
use super::*;
use crate::threads::Stop;

/// The matches, as starts and ends.
fn matches(regex: &Backtracker, text: &str) -> Result<Vec<(usize, usize)>, TooMuch> {
    let (mut all, mut at) = (Vec::new(), 0);
    let (mut next, mut work) = (regex.steps(text), Work::default());
    while at < text.len() {
        let step = next(at, &mut work)?;
        if step.start < step.end {
            all.push((step.start, step.end));
        }
        at = step.end;
    }
    Ok(all)
}

/// What fancy-regex finds, but for empty matches; `None` if it gives up.
fn expected(oracle: &fancy_regex::Regex, text: &str) -> Option<Vec<(usize, usize)>> {
    let found = oracle.find_iter(text);
    let spans = found.map(|found| found.map(|found| (found.start(), found.end())));
    let all: Vec<_> = spans.collect::<Result<_, _>>().ok()?;
    Some(all.into_iter().filter(|(start, end)| start < end).collect())
}

fn assert_same(regex: &str, texts: &[&str]) {
    let oracle = fancy_regex::Regex::new(regex).unwrap();
    let ours = Backtracker::new(regex).unwrap();
    for text in texts {
        let theirs = expected(&oracle, text).unwrap();
        assert_eq!(matches(&ours, text).unwrap(), theirs, "{regex} {text:?}");
    }
}

#[test]
fn every_construct_matches_as_the_oracle_has_it() {
    let texts = [
        "",
        "s",
        "The 1234567 lesses, K \u{212A}k;\r\n\n  x\u{301}yy中中 ﬁ straSSe STRASSE\n\n",
        "aXbxb abab aabb \"q\" 'it''s' = 10,000.5\t\u{85}\u{2028}end\r",
        "ssllssl sl ls s\u{17F}S sS\n l\r\nle\r",
    ];
    for regex in [
        r"(?i)K|ſ|straße|\u{FB01}",
        r".+|(?s:.)",
        r"(?R:.)+|(?s:.)",
        r"(?m:^).|(?m:$)\s",
        r"(?Rm:^)\w+|(?Rm:$)\s",
        r"^\w|\w$|\w\z|\s\Z",
        r"\A\w+(?-i:s)?",
        r"\b\w+\b|\B.|\s",
        r"\b{start}\w|\w\b{end}|\b{start-half}.",
        r"\R|\x41|\xE9|\x{301}|\h+",
        r"(?<=\d)(?=(?:\d{3})+\b)|\w+|\W",
        r"(?<!s)l|(?<!s|ll)s|(?<=^|\s)\w",
        r"(?<=l+s*)s|(?<=(?:sl|l)+)\s|(?<!\w\s*)l",
        r"(?<=a.{1,3}?)b|(?<=中)中",
        r"(?=(?:s|ss)l)s+|(?!s)\w+",
        r"(?:(?!ss).)+|s",
        r"(?:(?=\w)(?:s|l))*+l|s",
        r"(\w)\1|(?i:(\w)\2)",
        r"(?<q>['\x22]).*?\k<q>|(?P<w>\w)(?P=w)",
        r"(?:(s)|l)+\1|(?:(l)s\2)+",
        r"(s|sl)(?:l|s)\1|\1s",
        r"(?>s+|sl)l|(?>l|ls)s",
        r"s{2}+l|l{1,2}?s|(?:sl){1,2}+|(?U)s+l*?",
        r"(?:sl|s){2,3}?l|(?:s?l?){3}e",
        r"(?:s*|l)*e|(?:|s)+l|(?:s??)*?l|(?:\b|s){2,}l",
        r"(?x: s \  l # white space
            | l )",
        r"[^\S\r\n]+(?!\S)|[\p{Lu}&&[^S]]|[[:alpha:]]",
        r"(?:s{0}l){0,1}?s|(?:sl){0}s",
    ] {
        assert_same(regex, &texts);
    }
}

#[test]
fn what_is_not_supported_is_refused_by_name() {
    for (regex, named) in [
        (r"a\Kb", r"\K"),
        (r"(a)?(?(1)b|c)", "condition"),
        (r"(a)\g<1>", "call"),
        (r"(?<x>a\g<x>?b)", "call"),
        (r"(?~ab)", "absent"),
        (r"a(*FAIL)", "verb"),
        (r"(?(DEFINE)(a))b", "DEFINE"),
        (r"a{3,2}(?=b)", "order"),
        (r"(a)\2", "no group 2"),
        (r"(?=[z-a])", "range"),
        (r"(?<=(a+)b)\1", "lookbehind"),
        (r"(?<=(?>a+)b)c", "lookbehind"),
        (r"(?<=a++b)c", "lookbehind"),
        (r"(?=a", "paren"),
    ] {
        let reason = Backtracker::new(regex).err().unwrap();
        assert!(reason.contains(named), "{regex}: {reason}");
        assert!(!reason.contains('\n'), "{regex}");
    }
    let deep = "(?=".repeat(5000) + &")".repeat(5000);
    assert!(Backtracker::new(&deep).is_err());
}

/// Parts of regexes without lookaround.
fn any_part() -> BoxedStrategy<String> {
    let atom = prop::sample::select(vec![
        "s", "l", "sl", "[sl]", "[^s]", r"\s", r"\S", ".", r"\d", "中", "(?i:k)", "(?i:S)", r"\w",
        r"\p{L}", r"\b", r"\B", "(?m:^)", "(?m:$)", r"\z",
    ]);
    let leaf = (atom, any_operator()).prop_map(|(atom, operator)| format!("{atom}{operator}"));
    let inside = leaf.prop_recursive(2, 8, 3, |inner| {
        let items = prop::collection::vec(inner, 1..4);
        prop_oneof![
            items.clone().prop_map(|items| items.concat()),
            (items.clone(), any_operator())
                .prop_map(|(items, operator)| format!("(?:{}){operator}", items.join("|"))),
            items.prop_map(|items| format!("(?>{})", items.join("|"))),
        ]
    });
    inside.boxed()
}

fn any_operator() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "", "", "", "", "?", "*", "+", "+?", "{2}", "{1,3}", "*?", "++", "??", "{0,2}?", "{2,}",
    ])
}

/// Lookarounds, of which the oracle does not try all ways if a lookbehind has more than
/// this in it.
fn any_look() -> impl Strategy<Value = String> {
    let behind = prop::sample::select(vec![
        "s",
        "sl",
        r"\s",
        r"[^s]",
        "s+",
        r"\w+l",
        "s|ll",
        "s+l?|l",
        r"^\s*",
        "(?i:k)",
        "中s?",
        "(?:s|l ?)+",
        r"\S{2}",
        "s{1,3}?",
    ]);
    prop_oneof![
        any_part().prop_map(|part| format!("(?={part})")),
        any_part().prop_map(|part| format!("(?!{part})")),
        behind.clone().prop_map(|body| format!("(?<={body})")),
        behind.prop_map(|body| format!("(?<!{body})")),
    ]
}

/// Regexes of such parts, some with a backreference.
fn any_regex() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any_part(),
        2 => any_look(),
        1 => (any_look(), any_part(), any_operator())
            .prop_map(|(look, part, operator)| format!("(?:{look}{part}){operator}")),
    ];
    let row = prop::collection::vec(piece, 1..3).prop_map(|items| items.concat());
    let frame = prop::sample::select(vec![
        "A|B",
        "AB|C",
        "(?>A|B)C|B",
        "(A)B\\1",
        "(A)\\1|C",
        "(?:(A)|B)+\\1C",
        "(?:(A)B\\1|C)+",
        "(?i:(A)\\1)|B",
        "(?:A|B)*C",
        "((?:A|B)+?)C\\1",
        "(?:(A)\\1?)+B|C",
    ]);
    (frame, row.clone(), row.clone(), row).prop_map(|(frame, one, two, three)| {
        let part = |letter: char| match letter {
            'A' => format!("(?:{one})"),
            'B' => format!("(?:{two})"),
            'C' => format!("(?:{three})"),
            other => other.to_string(),
        };
        frame.chars().map(part).collect()
    })
}

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "s", "s", "l", "l", "sl", "ss", " ", "\n", "k", "K", "\u{212A}", "中", "S", "\u{17F}", "1",
        "\r\n", "'", "\u{301}", "e",
    ]);
    prop::collection::vec(piece, 0..16).prop_map(|pieces| pieces.concat())
}

/// Whether a part that can be empty is repeated without limit. For those the oracle, which
/// leaves some parts to an automaton, does not always have the same order of preference.
fn repeats_nothing(node: &Node) -> bool {
    match node {
        Node::Concat(nodes) | Node::Alternatives(nodes) => nodes.iter().any(repeats_nothing),
        Node::Group(_, child) | Node::Atomic(child) | Node::Look { child, .. } => {
            repeats_nothing(child)
        }
        Node::Repeat { child, most, .. } => {
            *most == usize::MAX && size(child).0 == 0 || repeats_nothing(child)
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_regex_matches_as_the_oracle_has_it(
        regex in any_regex(),
        texts in prop::collection::vec(any_text(), 4),
    ) {
        if repeats_nothing(&Tree::parse(&regex).unwrap().root) {
            return Ok(());
        }
        let builder = fancy_regex::RegexBuilder::new(&regex).backtrack_limit(10_000).build();
        let Ok(oracle) = builder else { return Ok(()) };
        let ours = Backtracker::new(&regex);
        prop_assert!(ours.is_ok(), "{regex} {:?}", ours.err());
        let ours = ours.unwrap();
        for text in texts {
            let Some(theirs) = expected(&oracle, &text) else { continue };
            // What the oracle leaves to an automaton may take us too much work.
            let Ok(own) = matches(&ours, &text) else { continue };
            prop_assert_eq!(own, theirs, "{} {:?}", &regex, &text);
        }
    }
}

/// Regexes that look at much of a text from each position in it, and the text.
const SLOW: &[(&str, &str)] = &[
    (r"a(?=a*)", "a"),
    (r"(?>a*)b|c|(x)\1", "a"),
    (r"\s+(?!\s*\S)", " "),
    (r"a(?=a*b)|c", "a"),
    (r"a(?<=^a*)", "a"),
    (r"(?<!ba*)a", "a"),
    (r"a*b|c", "a"),
    (r"a*?b|c", "a"),
    (r"(?:a|a)*b", "a"),
    (r"(?:a*)*b", "a"),
    (r"(a+)\1b", "a"),
    (r"(?i:(A+)\1b)", "a"),
    (r"\n\Zx|c", "\n"),
    (r"(?:(?!b)a)*b", "a"),
    (r"(?=(?:\B|^){1000000000}x)a", "a"),
    (r"(?=(a)*b\1)a", "a"),
];

#[test]
fn too_much_work_ends_any_search() {
    for (regex, unit) in SLOW {
        // Many times the same, and once something else.
        let text = unit.repeat(400_000) + "z";
        let error = matches(&Backtracker::new(regex).unwrap(), &text).unwrap_err();
        assert!(error.0 < text.len(), "{regex}");
    }
}

#[test]
fn ordinary_text_takes_little_work() {
    let text = "It costs 1234567 dollars, and \"that's\" all; café 中文字.\r\n\r\n  Next: x.\n";
    let text = text.repeat((2 << 20) / text.len());
    for regex in [
        r"\b\w+\b|\s+|.",
        r"(?<=\d)(?=(?:\d{3})+\b)|\w+|\W",
        r"(?<![^\s])\S+|\s+(?!\S)|\s",
        r"(\w)\1|\w|(?s:.)",
        r"(?:(?!\r?\n).)+|\s+",
        r"(?<=never)y|\w+\bx",
        r"(?<=[,;]\s+)\w+|(?>\w+)(?!\.)|.",
        r"(?m:^)\s*+(?:It|Next)\b|(?i:THAT)(?=')|\p{L}+(?=\P{L})|\s+|.",
    ] {
        assert!(
            matches(&Backtracker::new(regex).unwrap(), &text).is_ok(),
            "{regex}"
        );
    }
}

#[test]
fn a_stop_ends_a_search() {
    let stop = Stop::set();
    let mut work = Work::new(&stop);
    for (regex, unit) in SLOW {
        let (regex, text) = (Backtracker::new(regex).unwrap(), unit.repeat(10_000));
        let mut vm = Vm::new(&regex.program, &text);
        // Some have short matches, each of which is a search.
        let mut found = Ok(None);
        for from in 0..text.len() {
            found = vm.find(from, &mut work);
            if found.is_err() {
                break;
            }
        }
        assert!(found.is_err());
    }
}
