//! GGUF files, made here.

use serde_json::Value;

use super::damage::survives;
use super::sentencepiece::{BYTE, PIECES, bpe_model, converted};
use super::*;
use crate::byte_level;
use crate::error::Error;
use crate::formats::gguf;
use crate::testing::pretokens;
use crate::vocab::fallback_token;

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

#[test]
fn damaged_ggufs() {
    let small = byte_fields()
        .into_iter()
        .filter(|field| field.0 != "tokenizer.ggml.token_type");
    let mut small: Vec<_> = small.collect();
    small[4].2 = texts(&["h", "e", "Ġ", "he", "Ġhe", "<s>"].map(String::from));
    survives(&gguf_file(&small), gguf::read);
    survives(&gguf_file(&small), gguf::metadata_length);
}
