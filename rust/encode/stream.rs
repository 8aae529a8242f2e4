//! Encodes a stream of documents that arrives in blocks of any size.

use std::sync::Arc;

use crate::documents::{DocumentFeed, PORTION, Part, Unit, groups, portions};
use crate::encode::added::Special;
use crate::encode::frame::Framer;
use crate::encode::{Offsets, Output, Want, Worker};
use crate::error::Result;
use crate::parallel::{self, Interrupt};
use crate::tokenizer::Tokenizer;
use crate::vocab::AddedToken;

/// The ids that one call settled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The ids, of several documents perhaps.
    pub ids: Vec<u32>,
    /// The length of `ids` at the end of each document that ended.
    pub ends: Vec<i64>,
    /// Where each id's text starts and ends in its document, if asked for; else empty.
    pub offsets: Offsets,
}

/// Encodes a stream of documents. The ids do not depend on how the stream is cut into
/// blocks, nor on the number of threads.
///
/// Memory: a block and the longest pretoken, with named patterns. A document is kept
/// until its end where its beginning may depend on it: if the vocabulary (a foreign one)
/// has a normalizer, added tokens with `lstrip`, `rstrip` or `single_word`, or some that
/// are `normalized` beside some that are not; or if the pattern backtracks.
pub struct DocumentEncoder {
    tokenizer: Arc<Tokenizer>,
    feed: DocumentFeed,
    framer: Framer,
    special: Special,
    want: Want,
    threads: usize,
    max_pretoken_bytes: usize,
    /// Special tokens that were met as text in whole documents.
    as_text: u64,
}

impl DocumentEncoder {
    /// An encoder for one stream. A pretoken of more than `max_pretoken_bytes` is an
    /// error; `offsets` asks for offsets; `count_special` for
    /// [`DocumentEncoder::special_tokens_in_text`], which holds text back that may
    /// begin a special token.
    pub fn new(
        tokenizer: Arc<Tokenizer>,
        unit: Unit,
        special: Special,
        offsets: bool,
        count_special: bool,
        threads: usize,
        max_pretoken_bytes: usize,
    ) -> Self {
        let pattern = tokenizer.vocab().pattern.clone();
        let feed = if tokenizer.added.is_plain() {
            let matcher = tokenizer.added.stage().and_then(|stage| {
                let as_text = |token: &AddedToken| token.special && special == Special::Text;
                let as_text: Vec<bool> = stage.tokens.iter().map(as_text).collect();
                let needed = count_special || as_text.contains(&false);
                needed.then(|| stage.matcher.clone().with_text(as_text))
            });
            DocumentFeed::new(pattern, matcher, unit, max_pretoken_bytes)
        } else {
            DocumentFeed::whole(pattern, unit)
        };
        let want = if offsets {
            Want::IdsAndOffsets
        } else {
            Want::Ids
        };
        DocumentEncoder {
            tokenizer,
            feed,
            framer: Framer::default(),
            special,
            want,
            threads,
            max_pretoken_bytes,
            as_text: 0,
        }
    }

    /// The same with ids before and after each document.
    pub fn with_frame(self, before: &[u32], after: &[u32]) -> Self {
        DocumentEncoder {
            framer: Framer::new(before, after),
            ..self
        }
    }

    /// Takes the next block and returns what it settles. The documents of the numbers in
    /// `bare`, which are sorted and count those that end in this block, get no frame.
    /// After an error the encoder is of no more use.
    pub fn feed(
        &mut self,
        block: &[u8],
        bare: &[usize],
        interrupt: Interrupt<'_>,
    ) -> Result<Encoded> {
        self.advance(block, bare, false, interrupt)
    }

    /// Ends the stream, and with it the current document if one is open. The encoder
    /// can then start on another stream.
    pub fn finish(&mut self, interrupt: Interrupt<'_>) -> Result<Encoded> {
        self.advance(&[], &[], true, interrupt)
    }

    /// How many threads it uses at most.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// How many special tokens were met as text so far, under [`Special::Text`], if
    /// they are to be counted.
    pub fn special_tokens_in_text(&self) -> u64 {
        self.feed.special_tokens_in_text() + self.as_text
    }

    fn advance(
        &mut self,
        block: &[u8],
        bare: &[usize],
        last: bool,
        interrupt: Interrupt<'_>,
    ) -> Result<Encoded> {
        let DocumentEncoder {
            tokenizer,
            feed,
            framer,
            special,
            want,
            threads,
            max_pretoken_bytes,
            ..
        } = self;
        let tokenizer: &Tokenizer = tokenizer;
        let encode = |parts: &[Part]| {
            let jobs = if tokenizer.added.is_plain() {
                portions(parts, &tokenizer.vocab().pattern, PORTION)
            } else {
                groups(parts)
            };
            let small = parts.iter().map(|part| part.text().len()).sum::<usize>() <= PORTION;
            let outputs = parallel::map(
                &jobs,
                *threads,
                small,
                interrupt,
                |stop| Worker::new(tokenizer, *special, *max_pretoken_bytes, stop),
                |worker, parts| {
                    let mut out = Output::new(*want);
                    worker.encode_parts(parts, &mut out)?;
                    Ok(out)
                },
            )?;
            Ok(join(outputs, framer, bare))
        };
        let (encoded, as_text) = if last {
            feed.finish(encode)?
        } else {
            feed.feed(block, interrupt, encode)?
        };
        self.as_text += as_text;
        Ok(encoded)
    }
}

/// Puts what the jobs gave one after the other; also how many special tokens were text.
fn join(outputs: Vec<Output>, framer: &mut Framer, bare: &[usize]) -> (Encoded, u64) {
    let as_text = outputs.iter().map(|output| output.as_text).sum();
    let ids: usize = outputs.iter().map(|output| output.ids.len()).sum();
    let ended: usize = outputs.iter().map(|output| output.ends.len()).sum();
    let mut ids = Vec::with_capacity(ids + framer.len() * (ended + 1));
    let joined = framer.join(outputs, bare, |some| ids.extend_from_slice(some));
    let encoded = Encoded {
        ids,
        ends: joined.ends,
        offsets: joined.offsets,
    };
    (encoded, as_text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::parallel::NEVER;
    use crate::testing::trained;
    use crate::vocab::{AddedToken, Normalizer, Vocab};
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
            normalizer: Some(Normalizer::Nfc),
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

    /// Encodes `stream` in blocks that end at `cuts`.
    fn encode(encoder: &mut DocumentEncoder, stream: &[u8], cuts: &[usize]) -> Result<Encoded> {
        let mut all = Encoded::default();
        let mut add = |encoded: Encoded| {
            let start = all.ids.len() as i64;
            all.ids.extend(encoded.ids);
            all.ends.extend(encoded.ends.iter().map(|end| start + end));
            all.offsets.extend(encoded.offsets);
        };
        let mut start = 0;
        for &cut in cuts {
            add(encoder.feed(&stream[start..cut], &[], NEVER)?);
            start = cut;
        }
        add(encoder.feed(&stream[start..], &[], NEVER)?);
        add(encoder.finish(NEVER)?);
        Ok(all)
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
                as_text += tokenizer.added.split(document, special, |_| Ok(())).unwrap();
            }
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(stream.len() + 1)).collect();
            if every {
                cuts = (0..stream.len()).collect();
            }
            cuts.sort_unstable();
            for threads in [1, 2] {
                let mut encoder =
                    DocumentEncoder::new(tokenizer.clone(), unit.clone(), special, true, true, threads, 1 << 20)
                        .with_frame(&before, &after);
                prop_assert_eq!(&encode(&mut encoder, &stream, &cuts).unwrap(), &expected);
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
            let encoder = || DocumentEncoder::new(
                tokenizer(), Unit::Terminated(b"\n".to_vec()), Special::Error, false, false, 1, 40,
            );
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
            let encoder = || DocumentEncoder::new(
                TOILSOME.clone(), Unit::Whole, Special::Text, false, false, 1, 1 << 20,
            );
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
            let mut encoder = DocumentEncoder::new(
                TOILSOME.clone(),
                Unit::Whole,
                Special::Text,
                false,
                false,
                1,
                1 << 20,
            );
            encode(&mut encoder, text.as_bytes(), &[100, 900])
        };
        let run = "x".repeat(1000);
        assert!(encode(&format!("{}y", run)).is_ok());
        let error = encode(&format!("some words {run}")).unwrap_err();
        assert!(matches!(error, Error::PatternWork { offset } if offset > 11 && offset < 1011));
    }

    #[test]
    fn an_endless_pretoken_is_refused_before_it_ends() {
        let mut encoder = DocumentEncoder::new(
            tokenizer(),
            Unit::Whole,
            Special::Text,
            false,
            false,
            1,
            1000,
        );
        encoder.feed(b"some words ", &[], NEVER).unwrap();
        let mut refused = (0..10_000).map(|_| encoder.feed(b"xxxxxxxxxx", &[], NEVER));
        let error = refused.find_map(Result::err);
        assert!(
            matches!(error, Some(Error::PretokenTooLong { limit: 1000, .. })),
            "{error:?}"
        );
    }

    #[test]
    fn some_documents_get_no_frame() {
        let unit = Unit::Terminated(b"\n".to_vec());
        let mut encoder =
            DocumentEncoder::new(tokenizer(), unit, Special::Text, true, false, 1, 1000)
                .with_frame(&[7], &[8, 9]);
        let alone = tokenizer().encode(b"the", Special::Text, false).unwrap();
        let framed = [&[7], &alone[..], &[8, 9]].concat();
        let length = framed.len() as i64;
        for (block, bare) in [("the\n\n\nthe\n", &[1][..]), ("the\n\nthe\n\n", &[1, 3])] {
            let encoded = encoder.feed(block.as_bytes(), bare, NEVER).unwrap();
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
        let mut encoder =
            DocumentEncoder::new(tokenizer(), unit, Special::Text, false, false, 2, 1 << 30);
        let lines = format!("{TEXT}\n").repeat(40 * PORTION / TEXT.len());
        assert!(matches!(
            encoder.feed(lines.as_bytes(), &[], &|| true),
            Err(Error::Interrupted)
        ));
    }
}
