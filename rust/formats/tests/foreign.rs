//! Files of the shapes that well-known models publish, with small vocabularies.

use serde_json::{Value, json};

use super::*;
use crate::byte_level;
use crate::error::{Error, Result};
use crate::formats::{tokenizer_json, vocab_merges};
use crate::normalize::Normalizer;

const LLAMA3: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN2: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// All bytes in GPT-2's order, then " t", "he", " the", as a file lists them.
fn base() -> Value {
    let mut vocab: serde_json::Map<String, Value> = (0..)
        .zip(GPT2_ORDER)
        .map(|(id, byte)| (byte_level::to_char(byte).to_string(), Value::from(id)))
        .collect();
    for (token, id) in [("Ġt", 256), ("he", 257), ("Ġthe", 258)] {
        vocab.insert(token.into(), id.into());
    }
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [],
        "normalizer": null,
        "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
        "post_processor": null,
        "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
        "model": {
            "type": "BPE",
            "dropout": null,
            "unk_token": null,
            "continuing_subword_prefix": null,
            "end_of_word_suffix": null,
            "fuse_unk": false,
            "byte_fallback": false,
            "ignore_merges": false,
            "vocab": vocab,
            "merges": [["Ġ", "t"], ["h", "e"], ["Ġt", "he"]],
        },
    })
}

fn added(id: u32, content: &str, special: bool) -> Value {
    json!({"id": id, "content": content, "single_word": false, "lstrip": false,
        "rstrip": false, "normalized": !special, "special": special})
}

fn split(regex: &str) -> Value {
    json!({"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": false})
}

fn bytes_only() -> Value {
    json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false})
}

fn sequence(steps: &[Value]) -> Value {
    json!({"type": "Sequence", "pretokenizers": steps})
}

fn read(file: &Value) -> Result<Vocab> {
    let pretty = tokenizer_json::read(&serde_json::to_vec_pretty(file).unwrap());
    let compact = tokenizer_json::read(&serde_json::to_vec(file).unwrap());
    assert_eq!(pretty.is_ok(), compact.is_ok());
    compact
}

/// Reads a file that is fine, and checks that it is written back as it was understood.
fn accept(file: &Value) -> Vocab {
    let vocab = read(file).unwrap();
    let written = tokenizer_json::write(&vocab).unwrap();
    assert_same(&tokenizer_json::read(&written).unwrap(), &vocab);
    vocab
}

/// Reads a file that asks for something not supported; the refusal names `what`.
fn refuse(file: &Value, what: &str) {
    match read(file).err() {
        Some(Error::Unsupported { what: named }) => {
            assert!(named.contains(what), "{named:?} does not name {what:?}");
        }
        other => panic!("{what}: {other:?}"),
    }
}

fn added_texts(vocab: &Vocab) -> Vec<(u32, &str)> {
    vocab
        .added_tokens
        .iter()
        .map(|token| (token.id, token.text.as_str()))
        .collect()
}

#[test]
fn gpt2() {
    // Of old: no model type, merges as strings with a header, "" for no affix, the
    // special token among the others.
    let mut file = base();
    file["model"]["merges"] = json!(["#version: 0.2", "Ġ t", "h e", "Ġt he"]);
    let model = file["model"].as_object_mut().unwrap();
    for key in ["type", "ignore_merges", "byte_fallback"] {
        model.remove(key);
    }
    model["continuing_subword_prefix"] = json!("");
    model["end_of_word_suffix"] = json!("");
    model["unk_token"] = json!("");
    file["model"]["vocab"]["<|endoftext|>"] = json!(259);
    file["added_tokens"] = json!([added(259, "<|endoftext|>", true)]);
    file["pre_tokenizer"]
        .as_object_mut()
        .unwrap()
        .remove("use_regex");
    file["post_processor"] =
        json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false});
    file["decoder"].as_object_mut().unwrap().remove("use_regex");

    let vocab = accept(&file);
    assert_eq!(bpe(&vocab).tokens.len(), 259);
    assert_eq!(bpe(&vocab).tokens.get(258), Some(&b" the"[..]));
    assert_eq!(
        bpe(&vocab).merges[2],
        Merge {
            left: 256,
            right: 257,
            id: 258
        }
    );
    assert_eq!(
        vocab.added_tokens,
        [AddedToken::special(259, "<|endoftext|>")]
    );
    assert_eq!(vocab.len(), 260);
    assert_eq!(
        pretokens(&vocab.pattern, "it's  12345"),
        ["it", "'s", " ", " 12345"]
    );
}

#[test]
fn llama3() {
    let mut file = base();
    file["model"]["ignore_merges"] = json!(true);
    file["added_tokens"] = json!([
        added(259, "<|begin_of_text|>", true),
        added(260, "<|end_of_text|>", true)
    ]);
    file["pre_tokenizer"] = sequence(&[split(LLAMA3), bytes_only()]);
    let begin = json!({"SpecialToken": {"id": "<|begin_of_text|>", "type_id": 0}});
    let text = json!({"Sequence": {"id": "A", "type_id": 0}});
    let second = json!({"Sequence": {"id": "B", "type_id": 1}});
    file["post_processor"] = json!({"type": "Sequence", "processors": [
        {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true},
        {"type": "TemplateProcessing",
            "single": [begin, text],
            "pair": [begin, text, begin, second],
            "special_tokens": {"<|begin_of_text|>":
                {"id": "<|begin_of_text|>", "ids": [259], "tokens": ["<|begin_of_text|>"]}}},
    ]});

    let vocab = accept(&file);
    assert_eq!(
        bpe(&vocab).rule,
        MergeRule::Listed {
            ignore_merges: true
        }
    );
    let template = vocab.template.as_ref().unwrap();
    assert_eq!(
        (&template.before[..], &template.after[..]),
        (&[259][..], &[][..])
    );
    assert_eq!(
        added_texts(&vocab),
        [(259, "<|begin_of_text|>"), (260, "<|end_of_text|>")]
    );
    assert_eq!(
        pretokens(&vocab.pattern, "IT'S 12345"),
        ["IT", "'S", " ", "123", "45"]
    );

    // A template must be one that can be applied.
    let template = &file["post_processor"]["processors"][1];
    let break_it = |change: &dyn Fn(&mut Value)| {
        let (mut file, mut template) = (file.clone(), template.clone());
        change(&mut template);
        file["post_processor"] = template;
        assert!(read(&file).is_err(), "{}", file["post_processor"]);
    };
    break_it(&|template| template["single"] = json!([begin]));
    break_it(&|template| template["single"] = json!([text, text]));
    break_it(&|template| template["single"] = json!([second]));
    break_it(&|template| template["special_tokens"] = json!({}));
    break_it(&|template| template["special_tokens"]["<|begin_of_text|>"]["ids"] = json!([999]));
    break_it(&|template| template["special_tokens"]["<|begin_of_text|>"]["ids"] = json!([259, 1]));
    break_it(&|template| template["pair"] = json!(null));
}

#[test]
fn qwen2() {
    let mut file = base();
    file["normalizer"] = json!({"type": "NFC"});
    file["added_tokens"] = json!([
        added(260, "<|im_start|>", true),
        added(259, "<|endoftext|>", true)
    ]);
    file["pre_tokenizer"] = sequence(&[split(QWEN2), bytes_only()]);
    file["post_processor"] = json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false});
    let vocab = accept(&file);
    assert_eq!(vocab.normalizer, Some(Normalizer::nfc()));
    assert_eq!(
        added_texts(&vocab),
        [(259, "<|endoftext|>"), (260, "<|im_start|>")]
    );
    assert_eq!(pretokens(&vocab.pattern, "ab 12"), ["ab", " ", "1", "2"]);
}

#[test]
fn deepseek_v3() {
    let mut file = base();
    file["normalizer"] = json!({"type": "Sequence", "normalizers": []});
    file["added_tokens"] = json!([
        added(0, "!", true),
        added(259, "<｜begin▁of▁sentence｜>", true),
        added(260, "<think>", false),
    ]);
    file["pre_tokenizer"] = sequence(&[
        split(r"\p{N}{1,3}"),
        split(r"[一-龥぀-ゟ゠-ヿ]+"),
        split(
            r##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"##,
        ),
        bytes_only(),
    ]);
    let vocab = accept(&file);
    assert_eq!(vocab.normalizer, None);
    // A special token may be an ordinary token of the model.
    assert_eq!(vocab.len(), 261);
    assert_eq!(bpe(&vocab).tokens.get(0), Some(&b"!"[..]));
    assert!(!vocab.added_tokens[2].special && vocab.added_tokens[2].normalized);
    assert_eq!(pretokens(&vocab.pattern, "1234567"), ["123", "456", "7"]);
}

#[test]
fn steps_that_mean_a_named_pattern() {
    let digits = |individual: bool| json!({"type": "Digits", "individual_digits": individual});
    let byte_level = base()["pre_tokenizer"].clone();
    let gpt2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";
    for (steps, name) in [
        (vec![digits(true), byte_level.clone()], "digits-gpt2"),
        (
            vec![split(r"\p{N}"), split(gpt2), bytes_only()],
            "digits-gpt2",
        ),
        (vec![split(gpt2), byte_level.clone()], "gpt2"),
        (
            vec![
                split("[\r\n]"),
                split(r"\s?\p{L}+"),
                split(r"\s?\p{P}+"),
                split("[一-龥ࠀ-一가-퟿]+"),
                digits(true),
                bytes_only(),
            ],
            "deepseek-coder",
        ),
        (
            vec![split(r" ?[^(\s|[.,!?…。，、।۔،])]+"), bytes_only()],
            "bloom",
        ),
    ] {
        let mut file = base();
        file["pre_tokenizer"] = sequence(&steps);
        assert_eq!(accept(&file).pattern, Pattern::parse(name).unwrap());
    }
    let mut file = base();
    file["pre_tokenizer"] = sequence(&[digits(false), bytes_only()]);
    // No named pattern: a step of its own.
    assert_eq!(accept(&file).pattern, Pattern::parse("none").unwrap());
}

#[test]
fn gpt_neox() {
    // Runs of spaces are added tokens.
    let mut file = base();
    file["normalizer"] = json!({"type": "NFC"});
    file["model"]["vocab"]["ĠĠ"] = json!(259);
    file["model"]["merges"]
        .as_array_mut()
        .unwrap()
        .push(json!(["Ġ", "Ġ"]));
    file["model"]["vocab"]["<|endoftext|>"] = json!(260);
    file["added_tokens"] = json!([
        added(260, "<|endoftext|>", true),
        added(261, "    ", false),
        added(259, "  ", false),
    ]);
    file["post_processor"] =
        json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true});
    let vocab = accept(&file);
    assert_eq!(
        added_texts(&vocab),
        [(260, "<|endoftext|>"), (261, "    "), (262, "  ")]
    );
    // The keys differ, so an added token of the same bytes has an id of its own.
    assert_eq!(bpe(&vocab).tokens.id(b"  "), Some(259));
    file["added_tokens"][2]["id"] = json!(262);
    assert_same(&accept(&file), &vocab);
}

#[test]
fn an_added_token_that_merges_make_is_a_token_of_the_model_too() {
    let mut file = base();
    file["added_tokens"] = json!([added(257, "he", false)]);
    let vocab = accept(&file);
    assert_eq!(bpe(&vocab).tokens.get(257), Some(&b"he"[..]));
    assert_eq!(vocab.len(), 259);
}

#[test]
fn literal_patterns_are_escaped() {
    let mut file = base();
    let literal = |text: &str| json!({"type": "Split", "pattern": {"String": text}, "behavior": "Isolated", "invert": false});
    file["pre_tokenizer"] = sequence(&[literal("a.b|c$"), bytes_only()]);
    let vocab = read(&file).unwrap();
    assert_eq!(
        pretokens(&vocab.pattern, "xa.b|c$axb"),
        ["x", "a.b|c$", "axb"]
    );
    // Nothing is everywhere between characters.
    file["pre_tokenizer"] = sequence(&[literal(""), bytes_only()]);
    assert!(read(&file).unwrap().around.pre_tokenizer.is_some());
}

#[test]
fn no_regex_at_all_is_no_split() {
    let mut file = base();
    file["pre_tokenizer"] = bytes_only();
    assert_eq!(
        pretokens(&read(&file).unwrap().pattern, "a b\nc"),
        ["a b\nc"]
    );
}

#[test]
fn what_would_change_ids_is_refused_by_name() {
    let with = |path: &str, value: Value| {
        let mut file = base();
        let (parent, key) = path.rsplit_once('/').unwrap();
        let parent = if parent.is_empty() {
            &mut file
        } else {
            file.pointer_mut(parent).unwrap()
        };
        parent[key] = value;
        file
    };
    let step = |step: Value| with("/pre_tokenizer", sequence(&[step, bytes_only()]));
    refuse(&with("/version", json!("2.0")), "version");
    refuse(&with("/surprise", json!(1)), "surprise");
    refuse(
        &with("/normalizer", json!({"type": "Precompiled"})),
        "Precompiled",
    );
    refuse(
        &with(
            "/normalizer",
            json!({"type": "Sequence", "normalizers": [{"type": "Other"}]}),
        ),
        "Other",
    );
    refuse(&step(json!({"type": "UnicodeScripts"})), "UnicodeScripts");
    assert!(read(&step(json!({"type": "Metaspace"}))).is_err());
    refuse(
        &step(json!({"type": "Punctuation", "behavior": "Other"})),
        "Other",
    );
    refuse(&step(json!({"type": "FixedLength", "length": 0})), "length");
    let mut other = split("a");
    other["behavior"] = json!("Other");
    refuse(&step(other), "Other");
    let characters = read(&with("/pre_tokenizer", split("a"))).unwrap();
    assert!(matches!(
        bpe(&characters).units.unit,
        crate::vocab::Unit::Character
    ));
    let without_ids = json!({"type": "RobertaProcessing"});
    assert!(read(&with("/post_processor", without_ids)).is_err());
    let template = json!({"type": "BertProcessing", "sep": ["a", 1], "cls": ["a", 1]});
    let twice = json!({"type": "Sequence", "processors": [template, template]});
    refuse(&with("/post_processor", twice), "BertProcessing");
    refuse(&with("/decoder", json!({"type": "CTC"})), "CTC");
    refuse(&with("/model/type", json!("Unigram")), "Unigram");
    refuse(&with("/model/type", json!("WordPiece")), "WordPiece");
    refuse(&with("/model/dropout", json!(1.5)), "dropout");
    refuse(&with("/model/surprise", json!([])), "surprise");
    // The same with values that change nothing.
    accept(&with("/model/dropout", json!(0.0)));
    read(&with("/model/dropout", json!(0.1))).unwrap();
    read(&with("/model/unk_token", json!("<unk>"))).unwrap();
    accept(&with("/model/surprise", json!(null)));
    accept(&with("/decoder", json!(null)));
    accept(&with("/truncation", json!({"max_length": 4})));
    accept(&with("/padding", json!({"strategy": "BatchLongest"})));
    accept(&step(sequence(&[])));
    accept(&step(bytes_only()));
    accept(&with(
        "/normalizer",
        json!({"type": "Sequence", "normalizers": [{"type": "NFC"}]}),
    ));
}

#[test]
fn word_lists_of_other_shapes_are_refused() {
    let file = json!({
        "version": "1.0",
        "added_tokens": [],
        "pre_tokenizer": split(r"\S+|\s+"),
        "decoder": {"type": "Fuse"},
        "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1}, "unk_token": "[UNK]"},
    });
    assert!(read(&file).is_ok());
    let refused = |path: &str, value: Value| {
        let mut file = file.clone();
        *file.pointer_mut(path).unwrap() = value;
        assert!(read(&file).is_err(), "{path}");
    };
    refused("/decoder", json!(null));
    refused("/pre_tokenizer", json!({"type": "WhitespaceSplit"}));
    refused("/pre_tokenizer", sequence(&[split("a"), bytes_only()]));
    refused("/model/unk_token", json!("<unk>"));
    refused("/model/vocab", json!({"a": 0, "[UNK]": 1}));
    refused("/model/vocab", json!({"a": 0}));
    let mut normalized = file.clone();
    normalized["normalizer"] = json!({"type": "NFC"});
    refuse(&normalized, "WordLevel");
}

#[test]
fn gpt2s_pair_of_files() {
    let file = base();
    let mut vocab_json = file["model"]["vocab"].clone();
    vocab_json["<|endoftext|>"] = json!(300);
    let vocab_json = serde_json::to_vec(&vocab_json).unwrap();
    let pattern = || Pattern::parse("gpt2").unwrap();
    let end = |id| [("<|endoftext|>".to_owned(), id)];
    for merges in ["#version: 0.2\nĠ t\nh e\nĠt he\n", "Ġ t\r\nh e\r\nĠt he"] {
        for id in [None, Some(300)] {
            let vocab =
                vocab_merges::read(&vocab_json, merges.as_bytes(), pattern(), &end(id)).unwrap();
            assert_eq!(bpe(&vocab).merges.len(), 3);
            assert_eq!(added_texts(&vocab), [(300, "<|endoftext|>")]);
            assert_eq!(vocab.len(), 260);
        }
    }
    let merges = "Ġ t\nh e\nĠt he\n".as_bytes();
    let other_id = vocab_merges::read(&vocab_json, merges, pattern(), &end(Some(7)));
    assert!(matches!(other_id, Err(Error::InvalidArgument { .. })));
    let pad = [("<pad>".to_owned(), None)];
    let vocab = vocab_merges::read(&vocab_json, merges, pattern(), &pad).unwrap();
    // Nobody said that it is special, so it is a token that nothing merges into.
    assert_eq!(bpe(&vocab).tokens.id(b"<|endoftext|>"), Some(300));
    assert_eq!(added_texts(&vocab), [(301, "<pad>")]);
}
