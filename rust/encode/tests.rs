use super::*;
use crate::error::Error;
use crate::normalize::Normalizer;
use crate::pattern::Pattern;
use crate::testing::{pretokens, recipe, reference, trained, vocab};
use crate::vocab::{AddedToken, MergeRule, Model, Tokens, Vocab, Words};
use proptest::prelude::*;
use std::sync::LazyLock;

const TEXT: &str = "the cat sat on the mat, and the cats' hats are on the mats; that is that. ";

static SMALL: LazyLock<Vocab> = LazyLock::new(|| trained(&TEXT.repeat(3), "gpt2", 60));

fn small() -> Vocab {
    SMALL.clone()
}

#[test]
fn every_short_string_comes_back() {
    let tokenizer = Tokenizer::new(small()).unwrap();
    for first in 0..=u8::MAX {
        for second in 0..=u8::MAX {
            for text in [&[first, second][..], &[first]] {
                let ids = tokenizer.encode(text, Special::Token, false).unwrap();
                assert_eq!(tokenizer.decode(&ids, NEVER).unwrap(), text);
            }
        }
    }
    assert_eq!(tokenizer.encode(b"", Special::Text, false), Ok(vec![]));
}

#[test]
fn any_size_of_the_cache_gives_the_same_ids() {
    use super::cache::Cache;
    use super::memory::Memory;
    let words = (0..5_000u32).map(|number| number.wrapping_mul(2_654_435_761) >> (number % 20));
    let text: String = words.map(|word| format!(" the{word:x}")).collect();
    let vocab = small();
    let Model::Bpe(bpe) = &vocab.model else {
        panic!("the vocabulary has merges");
    };
    let pieces = pretokens(&vocab.pattern, text.as_bytes()).into_iter();
    let expected: Vec<u32> = pieces.flat_map(|piece| reference(bpe, piece)).collect();
    // Room for four pretokens, 4 KiB, and the usual size.
    let caches = [Cache::of_size(1, 1), Cache::of_size(6, 6), Cache::new()];
    for cache in caches {
        let tokenizer = Tokenizer::new(vocab.clone()).unwrap();
        tokenizer.memories.give(Memory::with_cache(cache));
        for _ in 0..2 {
            let ids = tokenizer
                .encode(text.as_bytes(), Special::Text, false)
                .unwrap();
            assert_eq!(ids, expected);
        }
    }
}

proptest! {
    #[test]
    fn texts_are_encoded_pretoken_by_pretoken(
        recipe in recipe(),
        text in "([abc]{0,9} ?){0,8}|[abc]{0,60}|\\PC{0,12}",
    ) {
        let bpe = recipe.bpe();
        let pattern = Pattern::parse("gpt2").unwrap();
        let text = text.as_bytes();
        let pieces = pretokens(&pattern, text);
        let expected: Vec<u32> = pieces.into_iter().flat_map(|piece| reference(&bpe, piece)).collect();
        let tokenizer = Tokenizer::new(vocab(bpe, pattern, &[])).unwrap();
        // The second time the cache knows the pretokens.
        for _ in 0..2 {
            prop_assert_eq!(&tokenizer.encode(text, Special::Text, false).unwrap(), &expected);
        }
        prop_assert_eq!(tokenizer.count(text, Special::Text, false, NEVER).unwrap(), expected.len());
        prop_assert_eq!(tokenizer.decode(&expected, NEVER).unwrap(), text);
        let listed = Tokenizer::new(tokenizer.listed()).unwrap();
        prop_assert_eq!(&listed.encode(text, Special::Text, false).unwrap(), &expected);
    }

    #[test]
    fn offsets_tile_the_text(bytes in prop::collection::vec(any::<u8>(), 0..40), tail in "[a-z <>|]{0,40}") {
        let mut vocab = small();
        vocab.added_tokens = vec![AddedToken::special(900, "<|"), AddedToken::special(901, "a>")];
        let tokenizer = Tokenizer::new(vocab).unwrap();
        let text = [&bytes, tail.as_bytes()].concat();
        let (ids, offsets) = tokenizer.encode_with_offsets(&text, Special::Token, false, NEVER).unwrap();
        prop_assert_eq!(&ids, &tokenizer.encode(&text, Special::Token, false).unwrap());
        prop_assert_eq!(ids.len(), offsets.len());
        let mut position = 0;
        for (&id, &(start, end)) in ids.iter().zip(&offsets) {
            prop_assert_eq!(start, position);
            prop_assert_eq!(tokenizer.token(id).unwrap(), &text[start as usize..end as usize]);
            position = end;
        }
        prop_assert_eq!(position, text.len() as i64);
    }
}

/// Text of several scripts, of which tokens hold characters in part.
const SCRIPTS: &str = "天地玄黄，宇宙洪荒。日月盈昃辰宿列张天地日月，いろはにほへとちりぬるをわかよたれそ\
    съешь ещё этих мягких французских булок, 다람쥐 헌 쳇바퀴에 타고파 😀😁 ";

proptest! {
    #[test]
    fn long_pretokens_are_cut_where_that_changes_nothing(
        text in "[天地日月，いろは의съешь😀 a]{0,60}",
        rule in 0..3u8,
        unmade in any::<bool>(),
    ) {
        let mut vocab = trained(&SCRIPTS.repeat(3), "none", 150);
        let pattern = vocab.pattern.clone();
        let Model::Bpe(bpe) = &mut vocab.model else { unreachable!() };
        if unmade {
            bpe.tokens.push(bpe.tokens.id_limit() as u32, "地日月，い".as_bytes()).unwrap();
        }
        match rule {
            0 => bpe.rule = MergeRule::Listed { ignore_merges: false },
            1 => bpe.rule = MergeRule::Listed { ignore_merges: true },
            _ => (bpe.rule, bpe.merges) = (MergeRule::Ranked, Vec::new()),
        }
        let expected = match text.len() {
            0 => Vec::new(),
            _ => reference(bpe, text.as_bytes()),
        };
        let tokenizer = Tokenizer::new(self::vocab(bpe.clone(), pattern, &[])).unwrap();
        for _ in 0..2 {
            let ids = tokenizer.encode(text.as_bytes(), Special::Text, false).unwrap();
            prop_assert_eq!(&ids, &expected);
        }
    }
}

#[test]
fn special_tokens_follow_the_policy() {
    let mut vocab = small();
    vocab.added_tokens = vec![AddedToken::special(900, "<s>")];
    vocab.template = Some(Template {
        before: vec![900],
        after: vec![97],
        json: String::new(),
        ..Template::default()
    });
    let tokenizer = Tokenizer::new(vocab).unwrap();
    let text = b"a<s>b";
    assert_eq!(
        tokenizer.encode(text, Special::Token, false),
        Ok(vec![97, 900, 98])
    );
    assert_eq!(
        tokenizer.encode(text, Special::Text, false),
        Ok(text.map(u32::from).to_vec())
    );
    let refused = Error::SpecialTokenInText {
        token: "<s>".into(),
        offset: 1,
    };
    assert_eq!(tokenizer.encode(text, Special::Error, false), Err(refused));
    assert_eq!(
        tokenizer.encode(b"b", Special::Text, true),
        Ok(vec![900, 98, 97])
    );
    assert_eq!(tokenizer.count(b"b", Special::Text, true, NEVER), Ok(3));
    let (_, offsets) = tokenizer
        .encode_with_offsets(b"b", Special::Text, true, NEVER)
        .unwrap();
    assert_eq!(offsets, [(0, 0), (0, 1), (1, 1)]);
    assert_eq!(tokenizer.decode(&[900, 98], NEVER).unwrap(), b"<s>b");
    assert_eq!(tokenizer.token_to_id(b"<s>"), Some(900));
    assert_eq!(tokenizer.max_id(), 900);
}

#[test]
fn whole_pretokens_become_words() {
    let words: [&[u8]; 4] = [b"[UNK]", b"on", b" ", b"the"];
    let tokens = Tokens::new((0..).zip(words)).unwrap();
    let model = Model::Words(Words { tokens, unknown: 0 });
    let pattern = Pattern::parse("whitespace").unwrap();
    let vocab = Vocab {
        model,
        pattern,
        normalizer: None,
        around: Default::default(),
        added_tokens: vec![],
        template: None,
    };
    let tokenizer = Tokenizer::new(vocab).unwrap();
    let (ids, offsets) = tokenizer
        .encode_with_offsets(b"on theirs the", Special::Text, false, NEVER)
        .unwrap();
    assert_eq!(ids, [1, 2, 0, 2, 3]);
    assert_eq!(offsets, [(0, 2), (2, 3), (3, 9), (9, 10), (10, 13)]);
    assert!(tokenizer.merges().is_empty());
}

#[test]
fn foreign_rules_have_offsets_in_the_text_as_it_was() {
    let mut vocab = small();
    vocab.normalizer = Some(Normalizer::nfc());
    vocab.added_tokens = vec![AddedToken {
        lstrip: true,
        rstrip: true,
        ..AddedToken::special(900, "<m>")
    }];
    let tokenizer = Tokenizer::new(vocab).unwrap();
    let (ids, offsets) = tokenizer
        .encode_with_offsets("e\u{301} <m> z".as_bytes(), Special::Token, false, NEVER)
        .unwrap();
    assert_eq!(ids, [0xC3, 0xA9, 900, 122]);
    // The accent is taken in by the letter, and is in no span.
    assert_eq!(offsets, [(0, 1), (0, 1), (3, 8), (8, 9)]);
}

#[test]
fn contradicting_added_tokens_are_refused() {
    let refused = |added: &[AddedToken]| {
        let mut vocab = small();
        vocab.added_tokens = added.to_vec();
        matches!(Tokenizer::new(vocab), Err(Error::InvalidVocab { .. }))
    };
    assert!(!refused(&[AddedToken::special(97, "a")]), "the same token");
    // Files have them, with keys that are not spelled alike.
    assert!(!refused(&[AddedToken::special(97, "b")]), "another text");
    assert!(!refused(&[AddedToken::special(900, "a")]), "another id");
    assert!(refused(&[
        AddedToken::special(900, "<s>"),
        AddedToken::special(901, "<s>")
    ]));
    let names = ["<s>", "<t>"].map(|text| AddedToken::special(900, text));
    assert!(!refused(&names), "two names");
    assert!(refused(&[AddedToken::special(900, "")]));
    assert!(refused(&[AddedToken::special(u32::MAX, "<s>")]));
    let mut vocab = small();
    vocab.template = Some(Template {
        before: vec![900],
        after: vec![],
        json: String::new(),
        ..Template::default()
    });
    assert!(Tokenizer::new(vocab).is_err());
}
