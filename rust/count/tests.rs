use std::collections::BTreeMap;

use super::*;

const PATTERNS: [&str; 5] = ["cl100k", "gpt2", "whitespace", "none", "(?s:.)"];

fn counter(pattern: &str, unit: Unit, threads: usize) -> PretokenCounter {
    let pattern = Pattern::parse(pattern).unwrap();
    let special_tokens = ["<|end|>".to_string(), "\n\n".to_string()];
    PretokenCounter::new(pattern, &special_tokens, unit, threads, 1 << 20).unwrap()
}

fn all(counts: &PretokenCounts) -> (BTreeMap<Vec<u8>, u64>, [u64; 3]) {
    let totals = [counts.documents(), counts.bytes(), counts.pretokens()];
    (
        counts
            .iter()
            .map(|(pretoken, n)| (pretoken.to_vec(), n))
            .collect(),
        totals,
    )
}

/// Documents of words of all lengths around [`MAX_KEY`], and everything special.
fn documents() -> Vec<Vec<u8>> {
    let document = |i: usize| {
        let word = |j: usize| {
            format!(
                "{} ",
                "abcdefghijklmnopqrst".repeat(2)[..1 + (i * j) % 37].to_owned()
            )
        };
        let mut text = (0..i % 60).map(word).collect::<String>().into_bytes();
        match i % 5 {
            0 => text.extend_from_slice(b"<|end|> don't\0\xFF\xFE\xE2\x82"),
            1 => text.extend_from_slice("\n\n\nπ 12345\r\n".as_bytes()),
            _ => {}
        }
        text
    };
    (0..400).map(document).collect()
}

/// The same counts, in the most obvious way.
fn reference(pattern: &str, documents: &[Vec<u8>]) -> (BTreeMap<Vec<u8>, u64>, [u64; 3]) {
    let pattern = Pattern::parse(pattern).unwrap();
    let mut counts = BTreeMap::new();
    let mut ends = Vec::new();
    for document in documents {
        let mut text = document.as_slice();
        loop {
            let special = (0..text.len()).find_map(|at| {
                let rest = &text[at..];
                [&b"<|end|>"[..], b"\n\n"]
                    .iter()
                    .find(|s| rest.starts_with(s))
                    .map(|s| (at, s.len()))
            });
            let piece = &text[..special.map_or(text.len(), |(at, _)| at)];
            let (mut pretokens, mut start) = (pattern.pretokens(piece), 0);
            loop {
                pretokens.fill(&mut ends).unwrap();
                if ends.is_empty() {
                    break;
                }
                for &end in &ends {
                    *counts.entry(piece[start..end].to_vec()).or_insert(0) += 1;
                    start = end;
                }
            }
            let Some((at, length)) = special else { break };
            text = &text[at + length..];
        }
    }
    let bytes = counts
        .iter()
        .map(|(pretoken, n)| pretoken.len() as u64 * n)
        .sum();
    let pretokens = counts.values().sum();
    (counts, [documents.len() as u64, bytes, pretokens])
}

#[test]
fn counts_do_not_depend_on_threads_or_order_or_sharing_out() {
    let documents = documents();
    for pattern in PATTERNS {
        let expected = reference(pattern, &documents);
        for threads in [1, 2, 8] {
            for (batch, spill) in [(1, SPILL), (7, 0), (400, 0), (400, SPILL)] {
                let mut counter = counter(pattern, Unit::Whole, threads);
                counter.tally.spill = spill;
                for texts in documents.rchunks(batch) {
                    let texts: Vec<&[u8]> = texts.iter().map(Vec::as_slice).collect();
                    counter.feed_documents(&texts, NEVER).unwrap();
                }
                let counts = counter.finish().unwrap();
                assert_eq!(
                    all(&counts),
                    expected,
                    "{pattern} {threads} {batch} {spill}"
                );
            }
        }
    }
}

#[test]
fn counts_do_not_depend_on_blocks() {
    let documents = documents();
    // Each document ends with a terminator, so that an empty last one counts too.
    let stream: Vec<u8> = documents
        .iter()
        .flat_map(|text| [text, &b"\x01\x02"[..]].concat())
        .collect();
    let unit = Unit::Terminated(b"\x01\x02".to_vec());
    for pattern in PATTERNS {
        let expected = reference(pattern, &documents);
        for block in [5, 4096, 1 << 23] {
            let mut counter = counter(pattern, unit.clone(), 2);
            stream
                .chunks(block)
                .for_each(|block| counter.feed(block, NEVER).unwrap());
            assert_eq!(
                all(&counter.finish().unwrap()),
                expected,
                "{pattern} {block}"
            );
        }
    }
}

#[test]
fn a_large_stream_is_shared_out() {
    let text = documents().concat().repeat(6);
    for pattern in PATTERNS {
        let expected = reference(pattern, std::slice::from_ref(&text));
        let mut counter = counter(pattern, Unit::Whole, 3);
        text.chunks(1 << 19)
            .for_each(|block| counter.feed(block, NEVER).unwrap());
        assert_eq!(all(&counter.finish().unwrap()), expected, "{pattern}");
    }
}

#[test]
fn each_stream_begins_a_document() {
    let mut counter = counter("cl100k", Unit::Whole, 1);
    for stream in ["a", "", "a b"] {
        counter.feed(stream.as_bytes(), NEVER).unwrap();
        counter.end_stream(NEVER).unwrap();
    }
    counter.feed_documents(&[b"", b"a"], NEVER).unwrap();
    let (counts, totals) = all(&counter.finish().unwrap());
    assert_eq!(
        counts,
        BTreeMap::from([(b"a".to_vec(), 3), (b" b".to_vec(), 1)])
    );
    assert_eq!(totals, [4, 5, 4]);
}

#[test]
fn a_pretoken_that_is_too_long_is_refused_wherever_blocks_end() {
    let pattern = Pattern::parse("whitespace").unwrap();
    let fits = [b"xy\n", &b"z".repeat(40)[..], b" "].concat();
    let too_long = [
        &fits[..],
        b"zz ",
        &b"z".repeat(41),
        b" z ",
        &b"z".repeat(99),
    ]
    .concat();
    for threads in [1, 2] {
        for block in 1..=too_long.len() {
            let count = |text: &[u8]| {
                let unit = Unit::Terminated(b"\n".to_vec());
                let mut counter = PretokenCounter::new(pattern.clone(), &[], unit, threads, 40)?;
                text.chunks(block)
                    .try_for_each(|block| counter.feed(block, NEVER))?;
                counter.finish().map(|counts| counts.pretokens())
            };
            assert_eq!(count(&fits), Ok(3));
            assert_eq!(
                count(&too_long),
                Err(Error::PretokenTooLong {
                    offset: 44,
                    limit: 40
                })
            );
        }
    }
}

#[test]
fn an_endless_pretoken_is_refused_before_the_stream_ends() {
    let pattern = Pattern::parse("whitespace").unwrap();
    let mut counter = PretokenCounter::new(pattern, &[], Unit::Whole, 1, 10_000).unwrap();
    let blocks = (0..)
        .take_while(|_| counter.feed(&[b'z'; 64], NEVER).is_ok())
        .count();
    assert!((10_000 / 64..20_000 / 64).contains(&blocks), "{blocks}");
}

#[test]
fn too_much_work_is_refused_where_it_occurs_in_the_document() {
    let before = b"a word<|end|>";
    let heavy = b"a".repeat(8_000);
    let refused = |document: &[u8]| {
        let mut counter = counter("[ab]*c|(?s:.)", Unit::Whole, 1);
        match counter.feed_documents(&[document], NEVER) {
            Err(Error::PatternWork { offset }) => offset,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        refused(&[&before[..], &heavy].concat()),
        before.len() + refused(&heavy)
    );
}

#[test]
fn counting_can_be_interrupted() {
    // Takes far longer than the time between two questions.
    let document = b"a b ".repeat(10_000);
    let documents = vec![&document[..]; 5_000];
    for threads in [1, 2] {
        let mut counter = counter("whitespace", Unit::Whole, threads);
        let stopped = counter.feed_documents(&documents, &|| true);
        assert_eq!(stopped, Err(Error::Interrupted));
    }
}

#[test]
fn special_tokens_that_make_no_sense_are_refused() {
    for texts in [vec!["a".to_string(); 2], vec![String::new()]] {
        let pattern = Pattern::parse("none").unwrap();
        let refused = PretokenCounter::new(pattern, &texts, Unit::Whole, 1, 9)
            .err()
            .unwrap();
        assert!(matches!(
            refused,
            Error::InvalidArgument {
                name: "special_tokens",
                ..
            }
        ));
    }
}
