//! `tekken.json`, made here.

use serde_json::{Value, json};

use super::damage::survives;
use super::*;
use crate::formats::{tekken, tokenizer_json};

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
fn damaged_tekken_files() {
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
