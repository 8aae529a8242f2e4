//! SentencePiece models, GGUF files and `tekken.json`, made here.

use serde_json::{Value, json};

use super::damage::survives;
use super::*;
use crate::byte_level;
use crate::encode::Special;
use crate::error::{Error, Result};
use crate::formats::{gguf, sentencepiece, tekken, tokenizer_json};
use crate::testing::pretokens;
use crate::tokenizer::Tokenizer;
use crate::vocab::fallback_token;

/// A piece as a test gives it: text, score, type.
type Given<'t> = (&'t str, f32, u64);

const NORMAL: u64 = 1;
const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;
const USER_DEFINED: u64 = 4;
const BYTE: u64 = 6;

const PIECES: [Given; 8] = [
    ("<unk>", 0.0, UNKNOWN),
    ("<s>", 0.0, CONTROL),
    ("b", -5.0, NORMAL),
    ("▁ab", -2.0, NORMAL),
    ("▁", -3.0, NORMAL),
    ("a", -4.0, NORMAL),
    ("ab", -1.0, NORMAL),
    ("▁a", -2.5, NORMAL),
];

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (number & 0x7F) as u8;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [
        varint(field << 3 | 2),
        varint(value.len() as u64),
        value.to_vec(),
    ]
    .concat()
}

fn model(pieces: &[Given], trainer: &[u8], normalizer: &[u8]) -> Vec<u8> {
    let piece = |(text, score, kind): &Given| {
        let score = [varint(2 << 3 | 5), score.to_le_bytes().to_vec()].concat();
        let piece = [bytes(1, text.as_bytes()), score, number(3, *kind)].concat();
        bytes(1, &piece)
    };
    let pieces: Vec<Vec<u8>> = pieces.iter().map(piece).collect();
    [pieces.concat(), bytes(2, trainer), bytes(3, normalizer)].concat()
}

fn bpe_model(pieces: &[Given]) -> Vec<u8> {
    model(pieces, &number(3, 2), &number(4, 0))
}

fn converted(data: &[u8]) -> Result<Value> {
    sentencepiece::convert(data).map(|json| serde_json::from_slice(&json).unwrap())
}

fn unsupported(data: &[u8], what: &str) {
    match sentencepiece::convert(data) {
        Err(Error::Unsupported { what: named }) => assert!(named.contains(what), "{named}"),
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn scores_become_an_order_of_merges() {
    let file = converted(&bpe_model(&PIECES)).unwrap();
    // "▁a" + "b" never comes about: "ab" has merged by then.
    let merges = json!([["a", "b"], ["▁", "ab"], ["▁", "a"]]);
    assert_eq!(file["model"]["merges"], merges);
    assert_eq!(file["model"]["vocab"]["▁ab"], 3);
    assert_eq!(file["model"]["unk_token"], "<unk>");
    assert_eq!(file["model"]["fuse_unk"], true);
    assert_eq!(file["model"]["byte_fallback"], false);
    let texts: Vec<&str> = file["added_tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["content"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["<unk>", "<s>"]);
    assert_eq!(
        file["normalizer"]["normalizers"],
        json!([
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"},
        ])
    );
}

#[test]
fn what_a_model_says_of_spaces_is_kept() {
    let plain = model(
        &PIECES,
        &number(3, 2),
        &[number(3, 0), number(4, 1)].concat(),
    );
    let steps = converted(&plain).unwrap()["normalizer"]["normalizers"].clone();
    let kinds: Vec<&Value> = steps
        .as_array()
        .unwrap()
        .iter()
        .map(|step| &step["type"])
        .collect();
    assert_eq!(kinds, ["Replace", "Replace", "Replace"]);
    let mut pieces = PIECES.to_vec();
    pieces.push(("<mask>", 0.0, USER_DEFINED));
    let file = converted(&bpe_model(&pieces)).unwrap();
    assert_eq!(file["added_tokens"][2]["special"], false);
    assert_eq!(file["added_tokens"][2]["normalized"], false);
}

#[test]
fn bytes_are_fallen_back_to_if_all_are_there() {
    let names: Vec<String> = (0..=255).map(fallback_token).collect();
    let mut pieces = PIECES.to_vec();
    pieces.extend(names.iter().map(|name| (name.as_str(), 0.0, BYTE)));
    let trainer = [number(3, 2), number(35, 1)].concat();
    let file = converted(&model(&pieces, &trainer, &number(4, 0))).unwrap();
    assert_eq!(file["model"]["byte_fallback"], true);
    pieces.pop();
    let error = converted(&model(&pieces, &trainer, &[])).unwrap_err();
    assert!(error.to_string().contains("byte 0xFF"), "{error}");
}

#[test]
fn equal_scores_are_refused_where_they_matter() {
    let runs = ["▁▁", "▁▁▁▁", "▁▁▁"].map(|run| (run, -9.0, NORMAL));
    let file = converted(&bpe_model(&[&PIECES[..], &runs].concat())).unwrap();
    assert_eq!(file["model"]["merges"][3], json!(["▁", "▁"]));
    // By list, five of them would become 3 + 2; from the left, 4 + 1.
    let other = ["▁▁▁", "▁▁", "▁▁▁▁"].map(|run| (run, -9.0, NORMAL));
    unsupported(
        &bpe_model(&[&PIECES[..], &other].concat()),
        "the same score",
    );
    let mut tied = PIECES;
    tied[7].1 = -1.0;
    unsupported(&bpe_model(&tied), "the same score");
}

#[test]
fn other_models_are_refused_by_name() {
    unsupported(&model(&PIECES, &number(3, 1), &[]), "Unigram");
    unsupported(&model(&PIECES, &[], &[]), "Unigram");
    unsupported(&model(&PIECES, &number(3, 3), &[]), "Word");
    let table = [bytes(1, b"nmt_nfkc"), bytes(2, b"\x01\x02")].concat();
    unsupported(&model(&PIECES, &number(3, 2), &table), "nmt_nfkc");
    let mut unused = PIECES;
    unused[7].2 = 5;
    unsupported(&bpe_model(&unused), "unused");
    for twice in [&PIECES[..1], &PIECES[6..7]] {
        let error = converted(&bpe_model(&[&PIECES[..], twice].concat())).unwrap_err();
        assert!(error.to_string().contains("are both"), "{error}");
    }
    assert!(sentencepiece::read(b"").is_err());
}

/// A GGUF file with these values in its metadata, and some of a tensor after it.
fn gguf_file(fields: &[(&str, u32, Vec<u8>)]) -> Vec<u8> {
    let mut file = b"GGUF".to_vec();
    file.extend(3u32.to_le_bytes());
    file.extend(1u64.to_le_bytes());
    file.extend((fields.len() as u64).to_le_bytes());
    for (key, kind, value) in fields {
        file.extend(text(key));
        file.extend(kind.to_le_bytes());
        file.extend(value);
    }
    file
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

fn list(kind: u32, values: Vec<Vec<u8>>) -> Vec<u8> {
    let count = values.len() as u64;
    [
        kind.to_le_bytes().to_vec(),
        count.to_le_bytes().to_vec(),
        values.concat(),
    ]
    .concat()
}

fn texts(values: &[String]) -> Vec<u8> {
    list(8, values.iter().map(|value| text(value)).collect())
}

/// All bytes, two merges, and a special token.
fn byte_fields() -> Vec<(&'static str, u32, Vec<u8>)> {
    let mut tokens: Vec<String> = (0..=255u8)
        .map(|byte| byte_level::encode(&[byte]))
        .collect();
    tokens.extend(["he", "Ġhe", "<s>"].map(String::from));
    let kinds = (0..tokens.len()).map(|id| if id == 258 { 3u32 } else { 1 });
    vec![
        ("general.alignment", 4, 32u32.to_le_bytes().to_vec()),
        ("general.tags", 9, texts(&["x".into()])),
        ("tokenizer.ggml.model", 8, text("gpt2")),
        ("tokenizer.ggml.pre", 8, text("gpt-2")),
        (
            "tokenizer.ggml.token_type",
            9,
            list(5, kinds.map(|kind| kind.to_le_bytes().to_vec()).collect()),
        ),
        ("tokenizer.ggml.tokens", 9, texts(&tokens)),
        (
            "tokenizer.ggml.merges",
            9,
            texts(&["h e".into(), "Ġ he".into()]),
        ),
        (
            "tokenizer.ggml.bos_token_id",
            4,
            258u32.to_le_bytes().to_vec(),
        ),
        ("tokenizer.ggml.add_bos_token", 7, vec![1]),
    ]
}

#[test]
fn a_gguf_of_bytes_is_read() {
    let file = gguf_file(&byte_fields());
    let vocab = gguf::read(&file).unwrap();
    assert_eq!(bpe(&vocab).tokens.get(257), Some(&b" he"[..]));
    assert_eq!(bpe(&vocab).merges.len(), 2);
    assert_eq!(vocab.added_tokens, [AddedToken::special(258, "<s>")]);
    assert_eq!(vocab.template.unwrap().before, [258]);
    assert_eq!(vocab.pattern.text(), "gpt2");
    // The metadata is enough, and nothing less.
    let length = gguf::metadata_length(&[&file[..], &[7; 99]].concat()).unwrap();
    assert_eq!(length, Some(file.len()));
    assert_eq!(gguf::metadata_length(&file[..file.len() - 1]), Ok(None));
    assert!(gguf::read(&file[..file.len() - 1]).is_err());
}

#[test]
fn every_known_split_of_a_gguf_is_read() {
    let with = |pre: &str, flags: &[(&'static str, u32, Vec<u8>)]| {
        let mut fields = byte_fields();
        fields[3].2 = text(pre);
        fields.retain(|field| field.0 != "tokenizer.ggml.add_bos_token");
        fields.extend(flags.iter().cloned());
        gguf::read(&gguf_file(&fields)).unwrap()
    };
    let named = [
        ("modern-bert", "gpt2"),
        ("lfm2", "llama3"),
        ("glm4", "llama3"),
        ("kormo", "qwen2"),
        ("qwen35", "qwen3.5"),
        ("minimax-m2", "o200k"),
        ("tekken", "tekken"),
        ("deepseek-llm", "deepseek-v2"),
        ("deepseek-coder", "deepseek-coder"),
        ("joyai-llm", "deepseek-v3"),
        ("mellum2", "digits-gpt2"),
        ("poro-chat", "bloom"),
        ("kimi-k2", "kimi-k2"),
    ];
    for (pre, pattern) in named {
        assert_eq!(with(pre, &[]).pattern.text(), pattern, "{pre}");
    }
    let others = [
        "falcon",
        "viking",
        "bailingmoe",
        "seed-coder",
        "exaone-moe",
        "minicpm5",
    ];
    for pre in others {
        let pattern = with(pre, &[]).pattern;
        let found = pretokens(&pattern, b"It's 12345 days, ok?\n\n");
        assert!(found.len() > 5, "{pre}");
    }
    // Some of them begin with a token if nothing is said.
    let before = |vocab: Vocab| vocab.template.map(|template| template.before);
    assert_eq!(before(with("tekken", &[])), Some(vec![258]));
    assert_eq!(before(with("lfm2", &[])), Some(vec![258]));
    assert_eq!(before(with("dbrx", &[])), None);
    let off = ("tokenizer.ggml.add_bos_token", 7, vec![0]);
    assert_eq!(before(with("lfm2", &[off])), None);
    let is_whole = |vocab: Vocab| match bpe(&vocab).rule {
        MergeRule::Listed { ignore_merges } => ignore_merges,
        MergeRule::Ranked => false,
    };
    assert!(is_whole(with("midm-2.0", &[])) && !is_whole(with("smaug-bpe", &[])));
}

#[test]
fn a_gguf_of_the_other_byte_order_is_read() {
    let swapped = |bytes: &[u8]| bytes.iter().rev().copied().collect::<Vec<u8>>();
    let long = |text: &str| [swapped(&(text.len() as u64).to_le_bytes()), text.into()].concat();
    let tokens: Vec<String> = (0..=255u8)
        .map(|byte| byte_level::encode(&[byte]))
        .collect();
    let list = |kind: u32, count: usize, values: Vec<u8>| {
        let head = [
            swapped(&kind.to_le_bytes()),
            swapped(&(count as u64).to_le_bytes()),
        ];
        [head.concat(), values].concat()
    };
    let all = tokens.iter().flat_map(|token| long(token)).collect();
    let kinds = (0..256).flat_map(|_| [0, 0, 0, 1]).collect();
    let fields: [(&str, u32, Vec<u8>); 6] = [
        ("tokenizer.ggml.model", 8, long("gpt2")),
        ("tokenizer.ggml.pre", 8, long("gpt-2")),
        ("tokenizer.ggml.tokens", 9, list(8, 256, all)),
        ("tokenizer.ggml.token_type", 9, list(5, 256, kinds)),
        ("tokenizer.ggml.merges", 9, list(8, 0, vec![])),
        ("tokenizer.ggml.eos_token_id", 4, vec![0, 0, 0, 7]),
    ];
    let mut file = [
        &b"GGUF"[..],
        &[0, 0, 0, 3],
        &[0; 8],
        &[0, 0, 0, 0, 0, 0, 0, 6],
    ]
    .concat();
    for (key, kind, value) in &fields {
        file.extend(long(key));
        file.extend(swapped(&kind.to_le_bytes()));
        file.extend(value);
    }
    assert_eq!(gguf::metadata_length(&file), Ok(Some(file.len())));
    let vocab = gguf::read(&file).unwrap();
    assert_eq!(bpe(&vocab).tokens.get(65), Some(&b"A"[..]));
}

#[test]
fn surplus_spaces_are_taken_out() {
    let plain = [number(3, 1), number(4, 1), bytes(1, b"identity")].concat();
    let file = model(&PIECES, &number(3, 2), &plain);
    let tokenizer = Tokenizer::new(sentencepiece::read(&file).unwrap()).unwrap();
    let ids = |text: &[u8]| tokenizer.encode(text, Special::Text, false).unwrap();
    assert_eq!(ids(b"  ab   ab "), ids(b"ab ab"));
    assert_eq!(ids(b"ab ab"), [3, 3]);
    // Only spaces, and not those beside other white space.
    assert_eq!(ids(b"\n ab"), ids(b"\n  ab"));
    assert_ne!(ids(b"\n ab"), ids(b"ab"));
}

#[test]
fn pieces_that_fill_a_vocabulary_up_only_take_up_ids() {
    let filled = [&PIECES[..], &[("[PAD9]", -10000.0, 5)]].concat();
    let json = converted(&bpe_model(&filled)).unwrap();
    let plain = converted(&bpe_model(&PIECES)).unwrap();
    assert_eq!(json["model"]["merges"], plain["model"]["merges"]);
    assert_eq!(json["added_tokens"], plain["added_tokens"]);
    assert!(json["model"]["vocab"].get("[PAD9]").is_some());
}

#[test]
fn a_gguf_of_pieces_is_converted_as_a_model_is() {
    let mut names: Vec<String> = (0..=255).map(fallback_token).collect();
    names.splice(0..0, PIECES.map(|(text, ..)| text.to_owned()));
    let scores = (0..names.len()).map(|id| PIECES.get(id).map_or(0f32, |piece| piece.1));
    let kinds = (0..names.len()).map(|id| PIECES.get(id).map_or(BYTE, |piece| piece.2) as u32);
    let fields = [
        ("tokenizer.ggml.model", 8, text("llama")),
        ("tokenizer.ggml.tokens", 9, texts(&names)),
        (
            "tokenizer.ggml.scores",
            9,
            list(
                6,
                scores.map(|score| score.to_le_bytes().to_vec()).collect(),
            ),
        ),
        (
            "tokenizer.ggml.token_type",
            9,
            list(4, kinds.map(|kind| kind.to_le_bytes().to_vec()).collect()),
        ),
        (
            "tokenizer.ggml.bos_token_id",
            4,
            1u32.to_le_bytes().to_vec(),
        ),
    ];
    let json: Value = serde_json::from_slice(&gguf::convert(&gguf_file(&fields)).unwrap()).unwrap();
    let plain = converted(&bpe_model(&PIECES)).unwrap();
    assert_eq!(json["model"]["merges"], plain["model"]["merges"]);
    assert_eq!(json["model"]["byte_fallback"], true);
    assert_eq!(
        json["post_processor"]["single"][0]["SpecialToken"]["id"],
        "<s>"
    );
}

#[test]
fn other_ggufs_are_refused_by_name() {
    let with = |key: &str, value: &str| {
        let mut fields = byte_fields();
        let field = fields.iter_mut().find(|field| field.0 == key).unwrap();
        field.2 = text(value);
        gguf::read(&gguf_file(&fields))
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    assert!(with("tokenizer.ggml.model", "bert").contains("\"bert\""));
    assert!(with("tokenizer.ggml.pre", "surprise").contains("\"surprise\""));
    let none = gguf::read(&gguf_file(&[]))
        .map(|_| ())
        .unwrap_err()
        .to_string();
    assert!(none.contains("no tokenizer"), "{none}");
    let mut old = gguf_file(&byte_fields());
    old[4] = 1;
    assert!(matches!(gguf::read(&old), Err(Error::Unsupported { .. })));
}

/// All bytes and two tokens more, one of which is beyond the size.
fn tekken_file() -> Value {
    use base64::Engine;
    let encode = |bytes: &[u8]| base64::engine::general_purpose::STANDARD.encode(bytes);
    let tokens = (0..=255u8).map(|byte| vec![byte]);
    let tokens = tokens.chain([b"he".to_vec(), b"never".to_vec()]);
    let tokens = tokens.enumerate().map(
        |(rank, token)| json!({"rank": rank, "token_bytes": encode(&token), "token_str": null}),
    );
    json!({
        "config": {
            "pattern": r"\S+|\s+",
            "num_vocab_tokens": 258,
            "default_vocab_size": 260,
            "default_num_special_tokens": 3,
            "version": "v3",
        },
        "vocab": tokens.collect::<Vec<_>>(),
        "image": {},
    })
}

#[test]
fn a_tekken_file_is_read() {
    let mut file = tekken_file();
    let read = |file: &Value| tokenizer_json::read(&serde_json::to_vec(file).unwrap());
    let vocab = read(&file).unwrap();
    assert_eq!(bpe(&vocab).tokens.id(b"he"), Some(259));
    assert_eq!(bpe(&vocab).tokens.id(b"never"), None);
    assert_eq!(vocab.pattern.text(), "whitespace");
    let texts = |vocab: &Vocab| -> Vec<String> {
        vocab
            .added_tokens
            .iter()
            .map(|token| token.text.clone())
            .collect()
    };
    assert_eq!(texts(&vocab), ["<unk>", "<s>", "</s>"]);
    file["special_tokens"] = json!([{"rank": 0, "token_str": "<x>", "is_control": true}]);
    assert_eq!(
        texts(&read(&file).unwrap()),
        ["<x>", "<SPECIAL_1>", "<SPECIAL_2>"]
    );
    file["vocab"][7]["rank"] = json!(8);
    assert!(
        read(&file)
            .map(|_| ())
            .unwrap_err()
            .to_string()
            .contains("expected rank 7")
    );
    file["config"]["default_vocab_size"] = json!(262);
    assert!(
        read(&file)
            .map(|_| ())
            .unwrap_err()
            .to_string()
            .contains("do not make 262")
    );
}

#[test]
fn damaged_files() {
    survives(&bpe_model(&PIECES), sentencepiece::convert);
    survives(&bpe_model(&PIECES), sentencepiece::read);
    let small = byte_fields()
        .into_iter()
        .filter(|field| field.0 != "tokenizer.ggml.token_type");
    let mut small: Vec<_> = small.collect();
    small[4].2 = texts(&["h", "e", "Ġ", "he", "Ġhe", "<s>"].map(String::from));
    survives(&gguf_file(&small), gguf::read);
    survives(&gguf_file(&small), gguf::metadata_length);
    let mut file = tekken_file();
    let short: Vec<Value> = file["vocab"].as_array().unwrap()[97..103].to_vec();
    file["vocab"] = short
        .into_iter()
        .enumerate()
        .map(|(rank, mut token)| {
            token["rank"] = json!(rank);
            token
        })
        .collect();
    file["config"]["default_vocab_size"] = json!(8);
    let data = serde_json::to_vec(&file).unwrap();
    assert!(tekken::read(&data).is_ok());
    survives(&data, tekken::read);
}
