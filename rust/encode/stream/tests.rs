use super::*;
use crate::error::Error;
use crate::normalize::Normalizer;
use crate::testing::trained;
use crate::threads::{NEVER, Stop};
use crate::vocab::{AddedToken, Vocab};
use proptest::prelude::*;
use std::sync::LazyLock;

const TEXT: &str = "the cat sat on the mat, and the cats' hats are on the mats.";

/// A tokenizer, one that has to keep whole documents, and one without added tokens.
static TOKENIZERS: LazyLock<[Arc<Tokenizer>; 3]> = LazyLock::new(|| {
    let mut vocab = trained(&TEXT.repeat(3), "gpt2", 40);
    let other = AddedToken {
        special: false,
        ..AddedToken::special(902, "b>c")
    };
    vocab.added_tokens = vec![
        AddedToken::special(900, "<a>"),
        AddedToken::special(901, "<a><b>"),
        other,
    ];
    let foreign = Vocab {
        normalizer: Some(Normalizer::nfc()),
        ..vocab.clone()
    };
    let bare = Vocab {
        added_tokens: Vec::new(),
        ..vocab.clone()
    };
    [vocab, foreign, bare].map(|vocab| Arc::new(Tokenizer::new(vocab).unwrap()))
});

fn tokenizer() -> Arc<Tokenizer> {
    TOKENIZERS[0].clone()
}

/// An encoder that takes a stream for one text, and nothing in it for a special token.
fn of_one_text(tokenizer: &Arc<Tokenizer>, threads: usize, longest: usize) -> DocumentEncoder {
    let tokenizer = tokenizer.clone();
    DocumentEncoder::new(
        tokenizer,
        StreamOptions {
            unit: Unit::Whole,
            special: Special::Text,
            offsets: false,
            count_special: false,
            dropout: None,
            threads,
            max_pretoken_bytes: longest,
        },
    )
}

/// Encodes `stream` in blocks that end at `cuts`, with `most` bytes under way at most.
fn encode_ahead(
    encoder: &mut DocumentEncoder,
    stream: &[u8],
    cuts: &[usize],
    most: usize,
) -> Result<Encoded> {
    let mut all = Encoded::default();
    let mut take = |encoder: &mut DocumentEncoder, most| -> Result<()> {
        while let Some(encoded) = encoder.take(most, NEVER)? {
            let start = all.ids.len() as i64;
            all.ids.extend(encoded.ids);
            all.ends.extend(encoded.ends.iter().map(|end| start + end));
            all.offsets.extend(encoded.offsets);
        }
        Ok(())
    };
    let mut start = 0;
    for &cut in cuts.iter().chain([&stream.len()]) {
        encoder.give(&stream[start..cut], &[], NEVER);
        take(encoder, most)?;
        start = cut;
    }
    encoder.give_end(NEVER);
    take(encoder, 0)?;
    Ok(all)
}

/// Encodes one block, and nothing else at the same time.
fn feed(encoder: &mut DocumentEncoder, block: &[u8], bare: &[usize]) -> Result<Encoded> {
    encoder.give(block, bare, NEVER);
    Ok(encoder.take(0, NEVER)?.expect("a block is under way"))
}

fn encode(encoder: &mut DocumentEncoder, stream: &[u8], cuts: &[usize]) -> Result<Encoded> {
    encode_ahead(encoder, stream, cuts, 0)
}

fn documents<'s>(unit: &Unit, stream: &'s [u8]) -> Vec<&'s [u8]> {
    let mut documents = Vec::new();
    let mut rest = stream;
    if let Unit::Terminated(terminator) = unit {
        while let Some(end) = rest
            .windows(terminator.len())
            .position(|window| window == terminator)
        {
            documents.push(&rest[..end]);
            rest = &rest[end + terminator.len()..];
        }
    }
    if !rest.is_empty() {
        documents.push(rest);
    }
    documents
}

fn units() -> impl Strategy<Value = Unit> {
    const TERMINATORS: &[&str] = &["\n", "\n\n", "--", "<a", ">c", "<a><"];
    let terminated = prop::sample::select(TERMINATORS)
        .prop_map(|terminator| Unit::Terminated(terminator.into()));
    prop_oneof![Just(Unit::Whole), terminated]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn blocks_and_threads_change_nothing(
        pieces in prop::collection::vec(
            prop_oneof![
                Just("<a>".as_bytes().to_vec()), Just(b"<b>c".to_vec()), Just(b"\n".to_vec()),
                Just(b"-".to_vec()), Just(b"\xff".to_vec()), Just("e\u{301}".into()),
                "[a-z' ]{1,9}".prop_map(String::into_bytes), "\\PC".prop_map(String::into_bytes),
            ],
            0..24,
        ),
        unit in units(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
        every in any::<bool>(),
        kind in prop_oneof![3 => Just(0), 1 => Just(1usize), 1 => Just(2)],
        special in prop::sample::select(&[Special::Text, Special::Token][..]),
        before in prop::collection::vec(0..9u32, 0..3),
        after in prop::collection::vec(0..9u32, 0..3),
    ) {
        let stream = pieces.concat();
        let tokenizer = TOKENIZERS[kind].clone();
        let mut expected = Encoded::default();
        let mut as_text = 0;
        for document in documents(&unit, &stream) {
            let (ids, offsets) = tokenizer.encode_with_offsets(document, special, false, NEVER).unwrap();
            expected.ids.extend([&before[..], &ids, &after].concat());
            let end = offsets.last().map_or((0, 0), |&(_, end)| (end, end));
            expected.offsets.extend(before.iter().map(|_| (0, 0)));
            expected.offsets.extend(offsets);
            expected.offsets.extend(after.iter().map(|_| end));
            expected.ends.push(expected.ids.len() as i64);
            as_text += tokenizer
                .added
                .split(document, special, false, &Stop::default(), |_| Ok(()))
                .unwrap();
        }
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        if every {
            cuts = (0..stream.len()).collect();
        }
        cuts.sort_unstable();
        for (threads, most) in [(1, 0), (2, 0), (2, 9), (1, 1 << 20)] {
            let mut encoder =
                DocumentEncoder::new(tokenizer.clone(), StreamOptions { unit: unit.clone(), special, offsets: true, count_special: true, dropout: None, threads, max_pretoken_bytes: 1 << 20 })
                    .with_frame(&before, &after);
            prop_assert_eq!(&encode_ahead(&mut encoder, &stream, &cuts, most).unwrap(), &expected);
            prop_assert_eq!(encoder.special_tokens_in_text(), as_text);
            // The encoder can start again.
            prop_assert_eq!(&encode(&mut encoder, &stream, &[]).unwrap(), &expected);
        }
    }

    #[test]
    fn refusals_do_not_depend_on_blocks(
        words in prop::collection::vec(prop_oneof![4 => "[a-z]{1,9} ?", 1 => "[a-z]{38,44}", 1 => "<a>"], 1..12),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
    ) {
        let stream = format!("first\n{}", words.concat());
        let encoder = || DocumentEncoder::new(tokenizer(), StreamOptions { unit: Unit::Terminated(b"\n".to_vec()), special: Special::Error, offsets: false, count_special: false, dropout: None, threads: 1, max_pretoken_bytes: 40 });
        let whole = encode(&mut encoder(), stream.as_bytes(), &[]);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        prop_assert_eq!(&encode(&mut encoder(), stream.as_bytes(), &cuts), &whole);
        match whole {
            Err(Error::PretokenTooLong { offset, limit: 40 }) => {
                prop_assert!(stream[6 + offset as usize..].len() > 40);
            }
            Err(Error::SpecialTokenInText { offset, .. }) => {
                prop_assert!(stream[6 + offset..].starts_with("<a>"));
            }
            Err(error) => prop_assert!(false, "{error}"),
            Ok(_) => prop_assert!(!stream.contains("<a>")),
        }
    }
}

/// One whose pattern can need too much work.
static TOILSOME: LazyLock<Arc<Tokenizer>> = LazyLock::new(|| {
    let vocab = trained(&TEXT.repeat(3), r"x*y|[a-w]+| +", 40);
    Arc::new(Tokenizer::new(vocab).unwrap())
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn too_much_work_does_not_depend_on_blocks(
        words in prop::collection::vec(prop_oneof![3 => "[a-w]{1,300}", 2 => "x{200,420}", 1 => "y"], 1..12),
        after in prop_oneof![Just(""), Just("é"), Just(" ")],
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..9),
    ) {
        let stream = words.join(after);
        let encoder = || of_one_text(&TOILSOME, 1, 1 << 20);
        let whole = encode(&mut encoder(), stream.as_bytes(), &[]);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
        cuts.sort_unstable();
        for cuts in [cuts, (0..stream.len()).step_by(7).collect()] {
            let cut = encode(&mut encoder(), stream.as_bytes(), &cuts);
            prop_assert_eq!(cut.as_ref().err(), whole.as_ref().err());
            if let (Ok(cut), Ok(whole)) = (&cut, &whole) {
                prop_assert_eq!(cut, whole);
            }
        }
    }
}

#[test]
fn too_much_work_is_refused_in_a_stream() {
    let encode = |text: &str| {
        let mut encoder = of_one_text(&TOILSOME, 1, 1 << 20);
        encode(&mut encoder, text.as_bytes(), &[100, 900])
    };
    let run = "x".repeat(1000);
    assert!(encode(&format!("{}y", run)).is_ok());
    let error = encode(&format!("some words {run}")).unwrap_err();
    assert!(matches!(error, Error::PatternWork { offset } if offset > 11 && offset < 1011));
}

#[test]
fn an_endless_pretoken_is_refused_before_it_ends() {
    let mut encoder = of_one_text(&TOKENIZERS[0], 1, 1000);
    feed(&mut encoder, b"some words ", &[]).unwrap();
    let mut refused = (0..10_000).map(|_| feed(&mut encoder, b"xxxxxxxxxx", &[]));
    let error = refused.find_map(Result::err);
    assert!(
        matches!(error, Some(Error::PretokenTooLong { limit: 1000, .. })),
        "{error:?}"
    );
}

#[test]
fn some_documents_get_no_frame() {
    let unit = Unit::Terminated(b"\n".to_vec());
    let mut encoder = DocumentEncoder::new(
        tokenizer(),
        StreamOptions {
            unit,
            special: Special::Text,
            offsets: true,
            count_special: false,
            dropout: None,
            threads: 1,
            max_pretoken_bytes: 1000,
        },
    )
    .with_frame(&[7], &[8, 9]);
    let alone = tokenizer().encode(b"the", Special::Text, false).unwrap();
    let framed = [&[7], &alone[..], &[8, 9]].concat();
    let length = framed.len() as i64;
    for (block, bare) in [("the\n\n\nthe\n", &[1][..]), ("the\n\nthe\n\n", &[1, 3])] {
        let encoded = feed(&mut encoder, block.as_bytes(), bare).unwrap();
        let (ids, ends) = match bare {
            [1] => (
                [&framed[..], &[7, 8, 9], &framed].concat(),
                vec![length, length, length + 3, 2 * length + 3],
            ),
            _ => (
                framed.repeat(2),
                vec![length, length, 2 * length, 2 * length],
            ),
        };
        assert_eq!((encoded.ids, encoded.ends), (ids, ends));
    }
}

#[test]
fn a_call_can_be_interrupted() {
    let unit = Unit::Terminated(b"\n".to_vec());
    let mut encoder = DocumentEncoder::new(
        tokenizer(),
        StreamOptions {
            unit,
            special: Special::Text,
            offsets: false,
            count_special: false,
            dropout: None,
            threads: 2,
            max_pretoken_bytes: 1 << 30,
        },
    );
    let lines = format!("{TEXT}\n").repeat(100 * PORTION / TEXT.len());
    encoder.give(lines.as_bytes(), &[], NEVER);
    assert_eq!(encoder.take(0, &|| true), Err(Error::Interrupted));
    encoder.reset();
    let alone = encode(&mut encoder, b"the cat\n", &[]).unwrap();
    assert_eq!(
        alone.ids,
        tokenizer()
            .encode(b"the cat", Special::Text, false)
            .unwrap()
    );
}

#[test]
fn a_document_that_was_held_back_can_be_interrupted() {
    let mut encoder = of_one_text(&TOKENIZERS[1], 1, 1 << 30);
    for block in TEXT
        .repeat(100 * PORTION / TEXT.len())
        .as_bytes()
        .chunks(4096)
    {
        encoder.give(block, &[], NEVER);
        assert_eq!(encoder.take(0, NEVER).unwrap(), Some(Encoded::default()));
    }
    encoder.give_end(NEVER);
    assert_eq!(encoder.take(0, &|| true), Err(Error::Interrupted));
}

/// Some 4 MB, in documents of all lengths.
fn long_stream() -> Vec<u8> {
    let mut stream = Vec::new();
    for number in 0..16 * PORTION / TEXT.len() {
        stream.extend_from_slice(TEXT.as_bytes());
        let end: &[u8] = match number % 7 {
            0 => b"<a>",
            1 | 2 => b"\n",
            _ if number > 9000 => b" ",
            _ => b"\n\n",
        };
        stream.extend_from_slice(end);
    }
    stream
}

#[test]
fn blocks_can_be_given_ahead() {
    let stream = long_stream();
    let unit = Unit::Terminated(b"\n".to_vec());
    let encoder = |threads| {
        DocumentEncoder::new(
            tokenizer(),
            StreamOptions {
                unit: unit.clone(),
                special: Special::Token,
                offsets: true,
                count_special: false,
                dropout: None,
                threads,
                max_pretoken_bytes: 1 << 20,
            },
        )
        .with_frame(&[7], &[8, 9])
    };
    let expected = encode(&mut encoder(1), &stream, &[]).unwrap();
    for (threads, block, most) in [
        (1, PORTION, 3 * PORTION),
        (2, 3 * PORTION / 2, 3 * PORTION),
        (2, 7 * PORTION, PORTION),
        (3, 5000, 2 * PORTION),
        (3, stream.len(), 0),
    ] {
        let cuts: Vec<usize> = (0..stream.len()).step_by(block).collect();
        let mut encoder = encoder(threads);
        for _ in 0..2 {
            let encoded = encode_ahead(&mut encoder, &stream, &cuts, most).unwrap();
            assert!(encoded == expected, "{threads} threads, {block}, {most}");
            encoder.end_threads();
        }
    }
}

#[test]
fn an_error_comes_in_its_turn() {
    let mut stream = long_stream();
    let good = stream.len();
    stream.extend_from_slice(b"xxxx".repeat(500).as_slice());
    stream.extend_from_slice(&long_stream());
    for threads in [1, 2] {
        let mut encoder = of_one_text(&TOKENIZERS[0], threads, 1000);
        let blocks = stream.chunks(PORTION);
        let given = blocks.len();
        for block in blocks {
            encoder.give(block, &[], NEVER);
        }
        let mut taken = 0;
        let error = loop {
            match encoder.take(0, NEVER) {
                Ok(encoded) => taken += usize::from(encoded.is_some()),
                Err(error) => break error,
            }
        };
        assert!(matches!(error, Error::PretokenTooLong { limit: 1000, .. }));
        assert!(taken.abs_diff(good / PORTION) <= 1, "{taken} of {given}");
    }
}
