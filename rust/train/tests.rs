use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::error::Error;
use crate::pattern::Pattern;
use crate::vocab::Model;

type Word = (Vec<u8>, u64);

fn options(vocab_size: usize) -> TrainOptions {
    TrainOptions {
        vocab_size,
        alphabet: Alphabet::Byte,
        special_tokens: Vec::new(),
        min_frequency: 1,
        rules: Rules::default(),
        seeds: Vec::new(),
        pattern: Pattern::parse("none").unwrap(),
        superwords: None,
    }
}

fn counts(words: &[Word]) -> PretokenCounts {
    let mut counts = PretokenCounts::default();
    for (word, n) in words {
        counts.add(word, *n).unwrap();
    }
    counts
}

fn learn(words: &[Word], options: &TrainOptions) -> Trained {
    train(&counts(words), options, None, &mut |_, _| Ok(())).unwrap()
}

/// Training by the definition: every pair is counted again for every merge.
fn reference(words: &[Word], options: &TrainOptions) -> Trained {
    let alphabet = options.alphabet.ids();
    let mut words: Vec<(Vec<u32>, u64)> = words
        .iter()
        .map(|(word, n)| {
            (
                word.iter().map(|&byte| alphabet[byte as usize]).collect(),
                *n,
            )
        })
        .collect();
    let mut tokens = vec![Vec::new(); 256];
    for (byte, id) in (0..=u8::MAX).zip(alphabet) {
        tokens[id as usize] = vec![byte];
    }
    let mut trained = Trained {
        merges: Vec::new(),
        merge_counts: Vec::new(),
    };
    while 256 + trained.merges.len() + options.special_tokens.len() < options.vocab_size {
        let mut pairs = BTreeMap::new();
        for (word, n) in &words {
            for pair in word.windows(2) {
                *pairs.entry((pair[0], pair[1])).or_insert(0) += n;
            }
        }
        pairs.retain(|pair, count| {
            let token = [&tokens[pair.0 as usize][..], &tokens[pair.1 as usize]].concat();
            options.rules.allow(&token) && *count >= options.min_frequency
        });
        // The first of the highest, in order of ids.
        let best = pairs.iter().rev().max_by_key(|(_, count)| **count);
        let Some((&(left, right), &count)) = best else {
            break;
        };
        let id = tokens.len() as u32;
        tokens.push([&tokens[left as usize][..], &tokens[right as usize]].concat());
        for (word, _) in &mut words {
            let mut i = 0;
            while i + 1 < word.len() {
                if word[i..i + 2] == [left, right] {
                    word.splice(i..i + 2, [id]);
                }
                i += 1;
            }
        }
        trained.merges.push(Merge { left, right, id });
        trained.merge_counts.push(count);
    }
    trained
}

/// Words over few letters, so that ties, runs and overlaps abound.
fn words() -> impl Strategy<Value = Vec<Word>> {
    let letters = prop_oneof![
        Just(b"ab".to_vec()),
        Just(b"a\0\xFF".to_vec()),
        Just(b"xyz \xE9".to_vec())
    ];
    letters.prop_flat_map(|letters| {
        let run = (
            prop::sample::select(letters),
            prop_oneof![4 => Just(1usize), 1 => 2..7usize],
        );
        let word = prop::collection::vec(run, 0..8).prop_map(|runs| {
            runs.into_iter()
                .flat_map(|(letter, n)| vec![letter; n])
                .collect()
        });
        let count = prop_oneof![4 => 1..4u64, 1 => 0..1000u64, 1 => 0..1_000_000u64];
        prop::collection::vec((word, count), 0..8)
    })
}

/// Mostly none.
fn rules() -> impl Strategy<Value = Rules> {
    let token = prop::collection::vec(prop::sample::select(b"abxy\0\xFF".to_vec()), 2..4);
    let tokens = prop::collection::hash_set(token, 1..9);
    let most = || prop_oneof![3 => Just(None), 1 => (1..6usize).prop_map(Some)];
    let blocked = prop_oneof![3 => Just(Default::default()), 1 => tokens.clone()];
    let allowed = prop_oneof![5 => Just(None), 1 => tokens.prop_map(Some)];
    let whole = prop_oneof![3 => Just(false), 1 => Just(true)];
    (most(), most(), whole, blocked, allowed).prop_map(
        |(max_token_bytes, max_token_chars, whole_characters, blocked, allowed)| Rules {
            max_token_bytes,
            max_token_chars,
            max_words: None,
            whole_characters,
            blocked,
            allowed,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equals_counting_anew_for_every_merge(
        words in words(),
        merges in 0..60usize,
        special_tokens in prop::sample::select(vec![vec![], vec!["<s>".to_string()]]),
        alphabet in prop::sample::select(vec![Alphabet::Byte, Alphabet::Gpt2]),
        min_frequency in prop_oneof![3 => Just(1u64), 1 => 1..20u64],
        rules in rules(),
    ) {
        let vocab_size = 256 + merges + special_tokens.len();
        let options = TrainOptions {
            alphabet, special_tokens, min_frequency, rules, ..options(vocab_size)
        };
        let trained = learn(&words, &options);
        prop_assert_eq!(&trained, &reference(&words, &options));
        // Tokens::new would refuse two pairs that spell the same token.
        let vocab = trained.to_vocab(&options, None).unwrap();
        let fixed = 256 + options.special_tokens.len();
        prop_assert_eq!(vocab.len(), fixed + trained.merges.len());
    }
}

#[test]
fn overlapping_pairs_count_and_the_leftmost_merge() {
    let trained = learn(&[(b"aaa".to_vec(), 3)], &options(300));
    let merges = [
        Merge {
            left: 97,
            right: 97,
            id: 256,
        },
        Merge {
            left: 256,
            right: 97,
            id: 257,
        },
    ];
    assert_eq!(trained.merges, merges);
    assert_eq!(trained.merge_counts, [6, 3]);
}

#[test]
fn ties_go_to_the_smaller_ids_of_the_alphabet() {
    let words = [(b" b".to_vec(), 1), (b"ab".to_vec(), 1)];
    let left = |alphabet| {
        learn(
            &words,
            &TrainOptions {
                alphabet,
                ..options(257)
            },
        )
        .merges[0]
            .left
    };
    assert_eq!(left(Alphabet::Byte), u32::from(b' '));
    assert_eq!(left(Alphabet::Gpt2), u32::from(b'a' - 33));
}

#[test]
fn the_gpt2_alphabet_is_a_permutation_in_the_published_order() {
    let mut ids = Alphabet::Gpt2.ids();
    let id = |byte: u8| ids[byte as usize];
    // Of GPT-2's vocab.json: "!", "~", "¡", "¬", "®", "ÿ", "Ā", "Ġ", "ł", "Ń".
    let bytes = [33, 126, 161, 172, 174, 255, 0, 32, 160, 173];
    assert_eq!(
        bytes.map(id),
        [0, 93, 94, 105, 106, 187, 188, 220, 254, 255]
    );
    ids.sort_unstable();
    assert!(ids.into_iter().eq(0..256));
}

#[test]
fn one_long_run_trains_in_logarithmically_many_merges() {
    let length = 10_000_000u64;
    let trained = learn(&[(vec![b'a'; length as usize], 2)], &options(300));
    // Halves each time; what is left over at the end merges last.
    let counts: Vec<u64> = (0..23).map(|i| 2 * ((length >> i) - 1)).collect();
    assert_eq!(trained.merge_counts[..23], counts);
}

#[test]
fn counts_near_the_limit_are_exact() {
    let words = [
        (b"ab".to_vec(), u64::MAX / 8),
        (b"cab".to_vec(), u64::MAX / 16),
    ];
    let trained = learn(&words, &options(300));
    assert_eq!(
        trained.merge_counts,
        [u64::MAX / 8 + u64::MAX / 16, u64::MAX / 16]
    );
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let refused = |options: TrainOptions| {
        train(&PretokenCounts::default(), &options, None, &mut |_, _| {
            Ok(())
        })
        .unwrap_err()
    };
    let special_tokens = vec!["<s>".to_string()];
    let too_small = Error::VocabSizeTooSmall {
        requested: 256,
        minimum: 257,
    };
    assert_eq!(
        refused(TrainOptions {
            special_tokens,
            ..options(256)
        }),
        too_small
    );
    let name = |options| match refused(options) {
        Error::InvalidArgument { name, .. } => name,
        other => panic!("{other}"),
    };
    assert_eq!(name(options(usize::MAX)), "vocab_size");
    assert_eq!(
        name(TrainOptions {
            min_frequency: 0,
            ..options(300)
        }),
        "min_frequency"
    );
    assert_eq!(
        name(TrainOptions {
            rules: Rules {
                max_token_bytes: Some(0),
                ..Rules::default()
            },
            ..options(300)
        }),
        "max_token_bytes"
    );
    for special_tokens in [vec!["a".to_string(); 2], vec![String::new()]] {
        assert_eq!(
            name(TrainOptions {
                special_tokens,
                ..options(300)
            }),
            "special_tokens"
        );
    }
}

#[test]
fn a_vocabulary_is_alphabet_merges_special_tokens() {
    let special_tokens = vec!["<b>".to_string(), "<a>".to_string()];
    for alphabet in [Alphabet::Byte, Alphabet::Gpt2] {
        let options = TrainOptions {
            special_tokens: special_tokens.clone(),
            alphabet,
            ..options(260)
        };
        let vocab = learn(&[(b"abab".to_vec(), 1)], &options)
            .to_vocab(&options, None)
            .unwrap();
        let Model::Bpe(bpe) = &vocab.model else {
            panic!("not BPE")
        };
        let id = |byte: u8| bpe.tokens.id(&[byte]).unwrap();
        assert_eq!(std::array::from_fn(|byte| id(byte as u8)), alphabet.ids());
        assert_eq!(bpe.tokens.get(256), Some(&b"ab"[..]));
        assert_eq!(bpe.tokens.get(257), Some(&b"abab"[..]));
        let added: Vec<_> = vocab
            .added_tokens
            .iter()
            .map(|token| (token.id, &token.text[..]))
            .collect();
        assert_eq!(added, [(258, "<b>"), (259, "<a>")]);
        assert_eq!(vocab.len(), 260);
    }
}

#[test]
fn a_special_token_that_is_also_another_token_is_refused() {
    for text in ["a", "ab"] {
        let options = TrainOptions {
            special_tokens: vec![text.into()],
            ..options(258)
        };
        let words = [(b"ab".to_vec(), 1)];
        let refused = train(&counts(&words), &options, None, &mut |_, _| Ok(()))
            .and_then(|trained| trained.to_vocab(&options, None))
            .err()
            .unwrap();
        let expected = matches!(
            &refused,
            Error::InvalidArgument {
                name: "special_tokens",
                ..
            }
        );
        assert!(expected, "{refused}");
    }
}

#[test]
fn progress_is_reported_and_its_error_ends_training() {
    let words = [(
        (0..4_000_000u32)
            .map(|i| (i.wrapping_mul(i) >> 3) as u8)
            .collect(),
        1,
    )];
    let mut reports = Vec::new();
    let mut note = |done, total| {
        reports.push((done, total));
        Ok(())
    };
    train(&counts(&words), &options(2000), None, &mut note).unwrap();
    assert!(reports.iter().all(|(done, total)| done <= total));
    assert!(reports.is_sorted_by_key(|report| report.0));
    let (done, total) = reports[reports.len() - 1];
    assert!(done == total && reports.len() > 1);
    let stopped = train(&counts(&words), &options(2000), None, &mut |_, _| {
        Err(Error::Interrupted)
    });
    assert_eq!(stopped, Err(Error::Interrupted));
}

#[test]
fn replaying_what_was_learned_finds_the_best_pair_each_time() {
    let words = [
        (b"low".to_vec(), 5),
        (b"lower".to_vec(), 2),
        (b"newest".to_vec(), 6),
        (b"aaaa".to_vec(), 3),
    ];
    let trained = learn(&words, &options(300));
    let pairs: Vec<_> = trained
        .merges
        .iter()
        .map(|merge| (merge.left, merge.right))
        .collect();
    let alphabet = Alphabet::Byte.ids();
    let replayed = |pairs: &[(u32, u32)]| {
        replay(
            &counts(&words),
            &alphabet,
            pairs,
            usize::MAX,
            false,
            &mut |_, _| Ok(()),
        )
        .unwrap()
    };
    for (at, step) in replayed(&pairs).iter().enumerate() {
        assert_eq!(step.best, Some((pairs[at], trained.merge_counts[at])));
        assert_eq!(step.count, trained.merge_counts[at]);
    }
    // One that is not the best, one that never occurs, and what is left for the third.
    let (l, o, w) = (u32::from(b'l'), u32::from(b'o'), u32::from(b'w'));
    let found = replayed(&[(l, o), (o, w), (256, w)]);
    assert_eq!(found[0].count, 7);
    assert!(found[0].best.unwrap().1 > 7);
    assert_eq!((found[1].count, found[2].count), (0, 7));
    assert_eq!(replayed(&pairs[..1])[0], replayed(&pairs)[0]);
}

#[test]
fn making_seed_tokens_can_be_stopped() {
    let options = TrainOptions {
        seeds: vec![b"seed".to_vec()],
        ..options(300)
    };
    let stopped = options.check_seeds(None, &mut |_, _| Err(Error::Interrupted));
    assert_eq!(stopped, Err(Error::Interrupted));
    assert_eq!(options.check_seeds(None, &mut |_, _| Ok(())), Ok(()));
}
