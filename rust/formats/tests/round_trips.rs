//! Writing and reading give the same vocabulary back.

use proptest::prelude::*;
use std::collections::HashSet;

use super::*;
use crate::error::{Error, ErrorKind};
use crate::formats::{tiktoken, tokenizer_json, vocab_merges};
use crate::normalize::Normalizer;
use crate::vocab::{Template, Words};

/// Bytes that break careless formats.
const AWKWARD: &[u8] = b" \n\r\0\"\\#\t,:{}[]=\xEF\xBB\xBF\xFF\xC0\x80\xE2\x98\x83va";

/// How a random vocabulary is made: all choices as numbers, so that they shrink.
#[derive(Debug, Clone)]
struct Recipe {
    merges: Vec<(usize, usize)>,
    specials: Vec<String>,
    id_gaps: Vec<u8>,
    special_gap: u32,
    ignore_merges: bool,
}

fn recipes(gaps: bool) -> impl Strategy<Value = Recipe> {
    let gap = if gaps { 3u8 } else { 1 };
    (
        prop::collection::vec((any::<usize>(), any::<usize>()), 0..60),
        prop::collection::hash_set("<[ -~é日\n]{1,8}>", 0..4),
        prop::collection::vec(0..gap, 400),
        0..u32::from(gap) * 5,
        any::<bool>(),
    )
        .prop_map(
            move |(merges, specials, id_gaps, special_gap, ignore_merges)| Recipe {
                merges,
                specials: specials.into_iter().collect(),
                id_gaps,
                special_gap: if gaps { special_gap } else { 0 },
                ignore_merges,
            },
        )
}

fn build(recipe: &Recipe) -> Vocab {
    let mut gaps = recipe.id_gaps.iter().copied().map(u32::from);
    let mut next = 0;
    let mut id = || {
        next += gaps.next().unwrap_or(0) + 1;
        next - 1
    };
    let mut tokens = Tokens::default();
    // The awkward bytes come first, so that merges often take them.
    let mut order = AWKWARD.to_vec();
    order.extend((0..=255).filter(|byte| !AWKWARD.contains(byte)));
    let mut seen = HashSet::new();
    order.retain(|byte| seen.insert(*byte));
    for byte in order {
        tokens.push(id(), &[byte]).unwrap();
    }
    let mut merges = Vec::new();
    for &(left, right) in &recipe.merges {
        let all: Vec<u32> = tokens.iter().map(|(id, _)| id).collect();
        // Half of the picks are among the awkward bytes, half among the tokens made so far.
        let pick = |choice: usize| match choice % 2 {
            0 => all[choice / 2 % seen.len().min(30)],
            _ => all[255 + choice / 2 % (all.len() - 255)],
        };
        let (left, right) = (pick(left), pick(right));
        let token = [tokens.get(left).unwrap(), tokens.get(right).unwrap()].concat();
        if tokens.id(&token).is_none() && token.len() < 40 {
            let id = id();
            tokens.push(id, &token).unwrap();
            merges.push(Merge { left, right, id });
        }
    }
    let first = tokens.id_limit() as u32 + recipe.special_gap;
    let specials = recipe
        .specials
        .iter()
        .filter(|text| tokens.id(text.as_bytes()).is_none());
    let added_tokens = specials
        .zip(first..)
        .map(|(text, id)| AddedToken::special(id, text));
    Vocab {
        added_tokens: added_tokens.collect(),
        model: Model::Bpe(Bpe {
            tokens,
            merges,
            rule: MergeRule::Listed {
                ignore_merges: recipe.ignore_merges,
            },
            ..Bpe::default()
        }),
        pattern: Pattern::parse("gpt2").unwrap(),
        normalizer: None,
        around: Default::default(),
        template: None,
    }
}

fn names(vocab: &Vocab) -> Vec<(String, Option<u32>)> {
    vocab
        .added_tokens
        .iter()
        .map(|token| (token.text.clone(), Some(token.id)))
        .collect()
}

/// Writing may refuse a vocabulary that the format cannot hold, and nothing else.
fn refused<T>(written: Result<T, Error>) -> Option<T> {
    match written {
        Ok(written) => Some(written),
        Err(Error::NotExpressible { .. }) => None,
        Err(other) => panic!("{other}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn tokenizer_json_with_gaps(recipe in recipes(true)) {
        let vocab = build(&recipe);
        if let Some(file) = refused(tokenizer_json::write(&vocab)) {
            assert_same(&tokenizer_json::read(&file).unwrap(), &vocab);
        } else {
            prop_assert!(recipe.ignore_merges);
        }
    }

    #[test]
    fn tokenizer_json_without_gaps(recipe in recipes(false)) {
        let vocab = build(&recipe);
        let file = tokenizer_json::write(&vocab).unwrap();
        assert_same(&tokenizer_json::read(&file).unwrap(), &vocab);
    }

    #[test]
    fn vocab_and_merges(recipe in recipes(true)) {
        let recipe = Recipe { ignore_merges: false, ..recipe };
        let vocab = build(&recipe);
        let (json, merges) = vocab_merges::write(&vocab).unwrap();
        let read = vocab_merges::read(&json, &merges, vocab.pattern.clone(), &names(&vocab));
        assert_same(&read.unwrap(), &vocab);
        // The ids of special tokens are in the file.
        let unnumbered: Vec<_> = names(&vocab).into_iter().map(|(text, _)| (text, None)).collect();
        let read = vocab_merges::read(&json, &merges, vocab.pattern.clone(), &unnumbered);
        assert_same(&read.unwrap(), &vocab);
    }

    #[test]
    fn tiktoken_ranked(recipe in recipes(true)) {
        let mut vocab = build(&recipe);
        if let Model::Bpe(bpe) = &mut vocab.model {
            bpe.rule = MergeRule::Ranked;
            bpe.merges.clear();
        }
        let file = tiktoken::write(&vocab).unwrap();
        let read = tiktoken::read(&file, vocab.pattern.clone(), &names(&vocab)).unwrap();
        assert_same(&read, &vocab);
    }
}

#[test]
fn a_listed_vocabulary_becomes_ranks() {
    let vocab = trained();
    let file = tiktoken::write(&vocab).unwrap();
    let read = tiktoken::read(&file, vocab.pattern.clone(), &names(&vocab)).unwrap();
    assert_eq!(bpe(&read).rule, MergeRule::Ranked);
    assert!(bpe(&read).tokens.iter().eq(bpe(&vocab).tokens.iter()));
    assert_eq!(read.added_tokens, vocab.added_tokens);
}

#[test]
fn a_merge_that_looks_like_a_header_survives() {
    let mut merges: Vec<(&[u8], &[u8])> = vec![(b"#", b"v"), (b"#v", b"e"), (b"#ve", b"r")];
    merges.extend::<[(&[u8], &[u8]); 5]>([
        (b"#ver", b"s"),
        (b"#vers", b"i"),
        (b"#versi", b"o"),
        (b"#versio", b"n"),
        (b"#version", b":"),
    ]);
    let vocab = vocab(&GPT2_ORDER, &merges, &[]);
    let (json, merges) = vocab_merges::write(&vocab).unwrap();
    let read = vocab_merges::read(&json, &merges, vocab.pattern.clone(), &[]).unwrap();
    assert_same(&read, &vocab);
    assert_same(
        &tokenizer_json::read(&tokenizer_json::write(&vocab).unwrap()).unwrap(),
        &vocab,
    );
}

#[test]
fn everything_a_foreign_file_says_is_written_back() {
    let mut vocab = trained();
    vocab.normalizer = Some(Normalizer::nfc());
    vocab.added_tokens[1] = AddedToken {
        special: false,
        lstrip: true,
        rstrip: true,
        single_word: true,
        normalized: true,
        ..vocab.added_tokens[1].clone()
    };
    let end = vocab.added_tokens[0].id;
    vocab.template = Some(Template {
        before: vec![end, end],
        after: vec![end],
        json: format!(
            r#"{{"type": "TemplateProcessing",
                "single": [{{"SpecialToken": {{"id": "e", "type_id": 0}}}},
                    {{"SpecialToken": {{"id": "e", "type_id": 0}}}},
                    {{"Sequence": {{"id": "A", "type_id": 0}}}},
                    {{"SpecialToken": {{"id": "e", "type_id": 0}}}}],
                "pair": [{{"Sequence": {{"id": "A", "type_id": 0}}}}, {{"Sequence": {{"id": "B", "type_id": 1}}}}],
                "special_tokens": {{"e": {{"id": "e", "ids": [{end}], "tokens": ["<|endoftext|>"]}}}}}}"#
        ),
        ..Template::default()
    });
    let file = tokenizer_json::write(&vocab).unwrap();
    assert_same(&tokenizer_json::read(&file).unwrap(), &vocab);
    // The other formats have no place for some of it.
    assert!(refused(tiktoken::write(&vocab)).is_none());
    assert!(refused(vocab_merges::write(&vocab)).is_none());
    vocab.normalizer = None;
    assert!(refused(tiktoken::write(&vocab)).is_none());
    assert!(refused(vocab_merges::write(&vocab)).is_none());
    vocab.added_tokens[1] = AddedToken::special(vocab.added_tokens[1].id, "<|pad|>");
    assert!(refused(tiktoken::write(&vocab)).is_some());
    assert!(refused(vocab_merges::write(&vocab)).is_some());
}

#[test]
fn lists_of_words() {
    let words = ["[UNK]", "the", " ", "\u{feff}\"\\\n", "<|no|>"];
    let tokens = Tokens::new((0..).zip(words)).unwrap();
    let vocab = Vocab {
        model: Model::Words(Words { tokens, unknown: 0 }),
        pattern: Pattern::parse("whitespace").unwrap(),
        normalizer: None,
        around: Default::default(),
        added_tokens: vec![AddedToken::special(5, "<|endoftext|>")],
        template: None,
    };
    let file = tokenizer_json::write(&vocab).unwrap();
    assert_same(&tokenizer_json::read(&file).unwrap(), &vocab);
    assert!(refused(tiktoken::write(&vocab)).is_none());
    assert!(refused(vocab_merges::write(&vocab)).is_none());

    let mut gap = vocab.clone();
    gap.added_tokens[0].id = 9;
    assert!(refused(tokenizer_json::write(&gap)).is_none());
    let mut invalid = vocab.clone();
    let bytes: [&[u8]; 2] = [b"[UNK]", b"\xFF"];
    invalid.model = Model::Words(Words {
        tokens: Tokens::new((0..).zip(bytes)).unwrap(),
        unknown: 0,
    });
    invalid.added_tokens.clear();
    assert!(refused(tokenizer_json::write(&invalid)).is_none());
}

#[test]
fn ranks_are_no_list_of_merges() {
    let mut vocab = trained();
    if let Model::Bpe(bpe) = &mut vocab.model {
        bpe.rule = MergeRule::Ranked;
        bpe.merges.clear();
    }
    assert!(refused(tokenizer_json::write(&vocab)).is_none());
    assert!(refused(vocab_merges::write(&vocab)).is_none());
}

#[test]
fn a_special_token_spelt_like_another_token_is_refused() {
    // In GPT-2's alphabet, the token " t" is written like this text.
    let mut vocab = trained();
    vocab.added_tokens[0].text = "Ġt".into();
    assert!(refused(tokenizer_json::write(&vocab)).is_none());
    assert!(refused(vocab_merges::write(&vocab)).is_none());
    assert!(refused(tiktoken::write(&vocab)).is_some());
}

#[test]
fn special_tokens_after_a_gap_keep_their_ids() {
    let mut vocab = trained();
    vocab.added_tokens[1].id += 7;
    let file = tokenizer_json::write(&vocab).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&file).unwrap();
    assert_eq!(json["model"]["vocab"]["<|pad|>"], vocab.added_tokens[1].id);
    let without_gap = tokenizer_json::write(&trained()).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&without_gap).unwrap();
    assert!(json["model"]["vocab"]["<|pad|>"].is_null());
    assert_same(&tokenizer_json::read(&file).unwrap(), &vocab);

    // A whole pretoken that the model lists would be found as plain text.
    if let Model::Bpe(bpe) = &mut vocab.model {
        bpe.rule = MergeRule::Listed {
            ignore_merges: true,
        };
    }
    let file = tokenizer_json::write(&vocab).unwrap();
    assert_same(&tokenizer_json::read(&file).unwrap(), &vocab);
    vocab.added_tokens[1].text = "pad".into();
    assert!(refused(tokenizer_json::write(&vocab)).is_none());
}

#[test]
fn special_tokens_named_by_the_caller() {
    let file = tiktoken::write(&trained()).unwrap();
    let size = bpe(&trained()).tokens.len() as u32;
    let read = |special: &[(&str, Option<u32>)]| {
        let special: Vec<_> = special
            .iter()
            .map(|(text, id)| (text.to_string(), *id))
            .collect();
        let vocab = tiktoken::read(&file, Pattern::parse("gpt2").unwrap(), &special)?;
        let ids = vocab
            .added_tokens
            .into_iter()
            .map(|token| (token.text, token.id));
        Ok::<Vec<_>, Error>(ids.collect())
    };
    let named = |pairs: &[(&str, u32)]| -> Vec<(String, u32)> {
        pairs
            .iter()
            .map(|(text, id)| (text.to_string(), *id))
            .collect()
    };
    assert_eq!(
        read(&[("<a>", None), ("<b>", None)]),
        Ok(named(&[("<a>", size), ("<b>", size + 1)]))
    );
    assert_eq!(
        read(&[("<a>", None), ("<b>", Some(size + 5)), ("<c>", None)]),
        Ok(named(&[
            ("<b>", size + 5),
            ("<a>", size + 6),
            ("<c>", size + 7)
        ]))
    );
    for bad in [
        &[("", None)][..],
        &[("<a>", None), ("<a>", None)],
        &[("<a>", Some(u32::MAX))],
        &[("<a>", Some(u32::MAX)), ("<b>", None)],
        &[(" the", None)],
    ] {
        assert_eq!(
            read(bad).unwrap_err().kind(),
            ErrorKind::Argument,
            "{bad:?}"
        );
    }
    assert!(matches!(
        read(&[("<a>", Some(3))]),
        Err(Error::InvalidVocab { .. })
    ));
}
