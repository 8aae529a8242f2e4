use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

/// What a stream consists of, however it is cut.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Event {
    Pretoken(Vec<u8>, u64),
    Special(usize, u64, usize),
    End,
}

const PATTERNS: [&str; 5] = ["cl100k", "gpt2", "whitespace", "none", "(?s:.)"];

/// Special tokens that begin like each other, and like the terminators, or hold them.
const SPECIALS: [&[&str]; 5] = [
    &[],
    &["--"],
    &["<>", "<>a", "a<"],
    &["-\n-", "\n"],
    &["---a"],
];

fn units() -> Vec<Unit> {
    let terminated = |text: &[u8]| Unit::Terminated(text.to_vec());
    vec![
        Unit::Whole,
        terminated(b"\n"),
        terminated(b"--"),
        terminated(b"-\n-a"),
    ]
}

fn pretokens(pattern: &Pattern, text: &[u8], offset: u64, events: &mut Vec<Event>) {
    let (mut walk, mut ends, mut start) = (pattern.pretokens(text), Vec::new(), 0);
    loop {
        walk.fill(&mut ends).unwrap();
        if ends.is_empty() {
            break;
        }
        for &end in &ends {
            events.push(Event::Pretoken(
                text[start..end].to_vec(),
                offset + start as u64,
            ));
            start = end;
        }
    }
    assert_eq!(start, text.len());
}

fn collect(pattern: &Pattern, parts: &[Part], events: &mut Vec<Event>) {
    for part in parts {
        match *part {
            Part::Text { bytes, offset } => {
                assert!(!bytes.is_empty());
                pretokens(pattern, bytes, offset, events);
            }
            Part::Special {
                index,
                offset,
                length,
            } => {
                events.push(Event::Special(index, offset, length));
            }
            Part::End => events.push(Event::End),
        }
    }
}

/// The stream split by the plainest means.
fn reference(pattern: &Pattern, specials: &[&str], unit: &Unit, stream: &[u8]) -> Vec<Event> {
    let mut events = Vec::new();
    let mut rest = stream;
    while !rest.is_empty() {
        let end = match unit {
            Unit::Whole => None,
            Unit::Terminated(text) => rest
                .windows(text.len())
                .position(|window| window == text)
                .map(|at| (at, text.len())),
        };
        let (length, skip) = end.unwrap_or((rest.len(), 0));
        let document = &rest[..length];
        let (mut start, mut at) = (0, 0);
        while at < document.len() {
            let here = |index: &usize| document[at..].starts_with(specials[*index].as_bytes());
            let longest = |index: &usize| specials[*index].len();
            let Some(index) = (0..specials.len()).filter(here).max_by_key(longest) else {
                at += 1;
                continue;
            };
            pretokens(pattern, &document[start..at], start as u64, &mut events);
            events.push(Event::Special(index, at as u64, specials[index].len()));
            at += specials[index].len();
            start = at;
        }
        pretokens(pattern, &document[start..], start as u64, &mut events);
        events.push(Event::End);
        rest = &rest[length + skip..];
    }
    events
}

/// Every pattern with every list of special tokens and every unit.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for pattern in PATTERNS.map(|pattern| Pattern::parse(pattern).unwrap()) {
        for specials in SPECIALS {
            for unit in units() {
                all.push(Case {
                    pattern: pattern.clone(),
                    specials,
                    unit,
                });
            }
        }
    }
    all
});

struct Case {
    pattern: Pattern,
    specials: &'static [&'static str],
    unit: Unit,
}

impl Case {
    fn special(&self) -> Option<SpecialMatcher> {
        SpecialMatcher::new(self.specials).unwrap()
    }

    fn feed(&self) -> DocumentFeed {
        DocumentFeed::new(
            self.pattern.clone(),
            self.special(),
            self.unit.clone(),
            1 << 20,
        )
    }

    /// Checks streams that come in blocks, one stream after the other.
    fn check<'a>(
        &self,
        feed: &mut DocumentFeed,
        stream: &[u8],
        blocks: impl Iterator<Item = &'a [u8]>,
    ) {
        let mut events = Vec::new();
        let mut handle = |parts: &[Part]| {
            collect(&self.pattern, parts, &mut events);
            Ok(())
        };
        for block in blocks {
            feed.feed(block, NEVER, &mut handle).unwrap();
        }
        feed.finish(&mut handle).unwrap();
        let expected = reference(&self.pattern, self.specials, &self.unit, stream);
        let context = (
            self.pattern.text(),
            self.specials,
            &self.unit,
            stream.escape_ascii().to_string(),
        );
        assert_eq!(events, expected, "{context:?}");
    }
}

/// Blocks of `stream`: bit `i` of `cuts` says whether one ends after byte `i`.
fn blocks(stream: &[u8], cuts: usize) -> impl Iterator<Item = &[u8]> {
    let mut rest = stream;
    let mut at = 0;
    std::iter::from_fn(move || {
        let length = (0..rest.len())
            .find(|i| cuts >> (at + i) & 1 == 1)
            .map_or(rest.len(), |i| i + 1);
        let (block, after) = rest.split_at(length);
        (at, rest) = (at + length, after);
        (!block.is_empty()).then_some(block)
    })
}

#[test]
fn every_cutting_of_short_streams_gives_the_same_parts() {
    let streams: [&[u8]; 8] = [
        b"",
        b"a-\n-a--",
        b"--\n--\na",
        b"-\n-\n-a<>",
        b"a<<>a<>\n",
        b"  \n a--- ",
        b"---a-\n-a",
        b"\xE2\x82\xAC\xFF\xE2--a",
    ];
    for case in CASES.iter() {
        let mut feed = case.feed();
        for stream in streams {
            for cuts in 0..1 << stream.len().saturating_sub(1) {
                case.check(&mut feed, stream, blocks(stream, cuts));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_cutting_of_any_stream_gives_the_same_parts(
        pieces in prop::collection::vec(
            prop::sample::select(vec!["a", "-", "\n", "<", ">", " ", "--", "<>", "-\n-a", "é", "1'"]),
            0..40,
        ),
        case in 0..CASES.len(),
        block in 1..9usize,
    ) {
        let case = &CASES[case];
        let stream = pieces.concat();
        let blocks = stream.as_bytes().chunks(block);
        case.check(&mut case.feed(), stream.as_bytes(), blocks);
    }

    #[test]
    fn portions_hold_the_same_pretokens(
        documents in prop::collection::vec("[ab '\\-\n1<>]{0,60}", 0..6),
        case in 0..CASES.len(),
        bytes in 1..80usize,
    ) {
        let case = &CASES[case];
        let special = case.special();
        let mut parts = Vec::new();
        for document in &documents {
            document_parts(document.as_bytes(), special.as_ref(), &mut parts);
        }
        let (mut whole, mut shared) = (Vec::new(), Vec::new());
        collect(&case.pattern, &parts, &mut whole);
        for portion in portions(&parts, &case.pattern, bytes) {
            assert!(!portion.is_empty());
            collect(&case.pattern, &portion, &mut shared);
        }
        prop_assert_eq!(&shared, &whole);
        let each: Vec<_> = documents
            .iter()
            .flat_map(|text| match text.is_empty() {
                true => vec![Event::End],
                false => reference(&case.pattern, case.specials, &Unit::Whole, text.as_bytes()),
            })
            .collect();
        prop_assert_eq!(whole, each);
    }
}

#[test]
fn little_is_held_back_even_if_blocks_are_small() {
    let text = b"some words, and 12 more\n".repeat(10_000);
    for name in ["cl100k", "gpt2", "whitespace"] {
        let pattern = Pattern::parse(name).unwrap();
        let unit = Unit::Terminated(b"\0".to_vec());
        let mut feed = DocumentFeed::new(pattern, None, unit, 1 << 20);
        for block in text.chunks(50) {
            feed.feed(block, NEVER, |_| Ok(())).unwrap();
            assert!(feed.pending.len() < 100, "{name}");
        }
    }
}

#[test]
fn a_long_pretoken_is_looked_at_seldom_and_then_let_go() {
    let pattern = Pattern::parse("whitespace").unwrap();
    let mut feed = DocumentFeed::new(pattern, None, Unit::Whole, 1 << 20);
    for _ in 0..2_000 {
        let settled = feed
            .feed(&[b'a'; 50], NEVER, |parts| Ok(parts.len()))
            .unwrap();
        assert_eq!(settled, 0);
    }
    // The text must grow by an eighth before the end of the pretoken is seen.
    for _ in 0..20_000 / 50 {
        feed.feed(&[b' ', b'a'].repeat(25), NEVER, |_| Ok(()))
            .unwrap();
    }
    assert!(feed.pending.len() < 100);
}
