//! Damaged files are refused, and never more than that.

use serde_json::Value;

use super::*;
use crate::error::{Error, ErrorKind};
use crate::formats::{tiktoken, tokenizer_json, vocab_merges};

fn pattern() -> Pattern {
    Pattern::parse("gpt2").unwrap()
}

fn read_json(data: &[u8]) -> Result<Vocab, Error> {
    tokenizer_json::read(data)
}

fn read_tiktoken(data: &[u8]) -> Result<Vocab, Error> {
    tiktoken::read(data, pattern(), &[("<|endoftext|>".into(), None)])
}

fn read_vocab(data: &[u8]) -> Result<Vocab, Error> {
    vocab_merges::read(data, b"#version: 0.2\n", pattern(), &[])
}

fn read_merges(data: &[u8]) -> Result<Vocab, Error> {
    let (vocab, _) = vocab_merges::write(&tiny()).unwrap();
    vocab_merges::read(&vocab, data, pattern(), &[])
}

/// So few tokens that a test can damage every bit. Readers do not ask for all bytes.
fn tiny() -> Vocab {
    let merges: [(&[u8], &[u8]); 3] = [(b" ", b"t"), (b"h", b"e"), (b" t", b"he")];
    let mut vocab = vocab(b"the \n", &merges, &["<|endoftext|>", "<|pad|>"]);
    vocab.pattern = Pattern::parse("none").unwrap();
    vocab
}

/// A `tokenizer.json` without white space, so that most flips hit something.
fn small_json() -> Vec<u8> {
    let written = tokenizer_json::write(&tiny()).unwrap();
    let value: Value = serde_json::from_slice(&written).unwrap();
    serde_json::to_vec(&value).unwrap()
}

fn error(result: Result<Vocab, Error>) -> Error {
    match result {
        Ok(_) => panic!("accepted"),
        Err(error) => error,
    }
}

/// Whatever happens to a file, reading ends, and blames the file or a special token
/// that no longer fits.
pub(super) fn survives<T>(data: &[u8], read: fn(&[u8]) -> Result<T, Error>) {
    let check = |damaged: &[u8]| {
        if let Err(error) = read(damaged) {
            assert!(
                matches!(error.kind(), ErrorKind::Vocab | ErrorKind::Argument),
                "{error}"
            );
            assert!(error.to_string().len() < 400, "{error}");
        }
    };
    for end in 0..data.len() {
        check(&data[..end]);
    }
    let mut damaged = data.to_vec();
    for position in 0..data.len() {
        for bit in 0..8 {
            damaged[position] ^= 1 << bit;
            check(&damaged);
            damaged[position] ^= 1 << bit;
        }
    }
}

#[test]
fn damaged_tokenizer_json() {
    let data = small_json();
    assert!(read_json(&data).is_ok());
    survives(&data, read_json);
}

#[test]
fn damaged_tiktoken() {
    use base64::Engine;
    let vocab = tiny();
    let tokens = vocab.model.tokens().iter();
    let lines = tokens.map(|(id, token)| {
        let token = base64::engine::general_purpose::STANDARD.encode(token);
        format!("{token} {id}\n")
    });
    survives(lines.collect::<String>().as_bytes(), read_tiktoken);
}

#[test]
fn damaged_vocab_and_merges() {
    let (vocab, merges) = vocab_merges::write(&tiny()).unwrap();
    survives(&vocab, read_vocab);
    survives(&merges, read_merges);
}

/// A cut `tokenizer.json` is never a smaller vocabulary.
#[test]
fn no_cut_tokenizer_json_is_accepted() {
    let data = small_json();
    for end in 0..data.len() {
        let error = error(read_json(&data[..end]));
        assert!(
            matches!(error, Error::Malformed { offset: Some(at), .. } if at <= end),
            "{error}"
        );
    }
}

/// Replaces the one place where `from` stands in a small `tokenizer.json`; reading
/// fails, and the message holds `message`.
fn broken(from: &str, to: &str, message: &str) {
    let data = String::from_utf8(small_json()).unwrap();
    assert_eq!(data.matches(from).count(), 1, "{from}");
    let error = error(read_json(data.replace(from, to).as_bytes()));
    assert_eq!(error.kind(), ErrorKind::Vocab, "{error}");
    assert!(error.to_string().contains(message), "{error}");
}

#[test]
fn bad_ids() {
    for id in [
        "-1",
        "1.5",
        "1e2",
        "\"1\"",
        "null",
        "4294967296",
        "99999999999999999999",
        "[6]",
        "-0",
    ] {
        broken("\"he\":6", &format!("\"he\":{id}"), "expected an id");
    }
    broken("\"he\":6", "\"he\":NaN", "byte ");
    broken("\"he\":6", "\"he\":06", "byte ");
    broken("\"he\":6", "\"he\":5", "id 5 comes twice");
    broken("\"he\":6", "\"he\":4294967295", "id 4294967295 is above");
    broken("\"he\":6", "\"he\":16777215", "id 16777215 is above");
    broken("\"id\":8", "\"id\":4294967295", "id 4294967295 is above");
}

#[test]
fn bad_tokens_and_merges() {
    broken(
        "\"he\":6",
        "\"he\":6,\"he\":300",
        "the key \"he\" comes twice",
    );
    broken("\"he\":6", "\"h e\":6", "the merge needs \"he\"");
    broken("\"he\":6", "\"\":6", "the merge needs \"he\"");
    broken("\"he\":6", "\"he\\ud800\":6", "byte ");
    broken("\"he\":6,", "", "the merge needs \"he\", which is no token");
    broken(
        "[\"h\",\"e\"]",
        "[\"h\",\"x\"]",
        "the merge needs \"x\", which is no token",
    );
    broken(
        "[\"h\",\"e\"]",
        "[\"h\",\"t\"]",
        "the merge needs \"ht\", which is no token",
    );
    broken(
        "[\"h\",\"e\"]",
        "[\"\",\"e\"]",
        "the merge needs \"\", which is no token",
    );
    broken("[\"h\",\"e\"]", "[\"日\",\"e\"]", "the merge needs \"日\"");
    broken("[\"h\",\"e\"]", "[\"h\"]", "expected a merge of two tokens");
    broken(
        "[\"h\",\"e\"]",
        "[\"h\",\"e\",\"e\"]",
        "expected a merge of two tokens",
    );
    broken(
        "[\"h\",\"e\"]",
        "\"h e\"",
        "expected a list, found a string",
    );
    broken(
        "\"version\":\"1.0\"",
        "\"version\":\"1.0\",\"version\":\"1.0\"",
        "comes twice",
    );
    broken(
        "\"ignore_merges\":false",
        "\"ignore_merges\":0",
        "expected true or false",
    );
    broken(
        "\"type\":\"BPE\"",
        "\"type\":\"WordLevel\"",
        "a WordLevel model with more",
    );
}

#[test]
fn no_tokenizer_json_at_all() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_object = "{\"a\":".repeat(100_000);
    for (data, message) in [
        ("", "byte 0: the file is empty"),
        (" \n", "byte 0: the file is empty"),
        ("<!DOCTYPE html>\n<html></html>\n", "byte 0: expected value"),
        ("\u{feff}{}", "byte 0: expected value"),
        ("null", "byte 0: expected an object, found null"),
        ("[1]", "byte 0: expected an object, found a list"),
        ("{}", "byte 0: a tokenizer.json has no \"version\""),
        ("{} {}", "byte 3: trailing characters"),
        (
            "{\"version\":\n \"1.0\",\n  x}",
            "byte 22: key must be a string",
        ),
        (deep.as_str(), "byte 0: expected an object, found a list"),
        (deep_object.as_str(), "byte 500000: EOF while parsing"),
    ] {
        let message = format!("not a valid tokenizer.json file: {message}");
        let shown = error(read_json(data.as_bytes())).to_string();
        assert!(shown.starts_with(&message), "{shown}");
    }
    let invalid = error(read_json(b"{\"a\": \"\xFF\"}"));
    assert!(
        invalid
            .to_string()
            .contains("byte 7: the text is not valid UTF-8"),
        "{invalid}"
    );
    let data = String::from_utf8(small_json()).unwrap();
    let nested = data.replace("\"truncation\":null", &format!("\"truncation\":{deep}"));
    assert_eq!(error(read_json(nested.as_bytes())).kind(), ErrorKind::Vocab);
}

#[test]
fn bad_tiktoken() {
    for (data, message) in [
        ("", "the file holds no tokens"),
        ("\n\r\n", "the file holds no tokens"),
        (
            "IQ== 0\n!!! 1\n",
            "byte 7: line 2: expected a token in base64",
        ),
        ("IQ== 0\nIg 1\n", "line 2: expected a token in base64"),
        ("IR== 0\n", "line 1: expected a token in base64"),
        (" 0\n", "line 1: the token of id 0 is empty"),
        (
            "IQ==\n",
            "line 1: expected a token in base64, a space and an id",
        ),
        ("IQ== \n", "line 1: expected an id"),
        ("IQ==  0\n", "line 1: expected an id"),
        ("IQ== 0 \n", "line 1: expected an id"),
        (
            "IQ==\t0\n",
            "line 1: expected a token in base64, a space and an id",
        ),
        ("IQ== -1\n", "line 1: expected an id"),
        ("IQ== +1\n", "line 1: expected an id"),
        ("IQ== 1_0\n", "line 1: expected an id"),
        ("IQ== 01\n", "line 1: expected an id"),
        ("IQ== 1.5\n", "line 1: expected an id"),
        ("IQ== NaN\n", "line 1: expected an id"),
        ("IQ== 4294967296\n", "line 1: expected an id"),
        ("IQ== 4294967295\n", "line 1: id 4294967295 is above"),
        (
            "IQ== 0\nIQ== 1\n",
            "byte 7: line 2: ids 0 and 1 have the same token",
        ),
        ("IQ== 0\nIg== 0\n", "byte 7: line 2: id 0 comes twice"),
        (
            "<!DOCTYPE html>\n<html>\n",
            "byte 0: line 1: expected a token in base64",
        ),
    ] {
        let error = error(read_tiktoken(data.as_bytes()));
        assert_eq!(error.kind(), ErrorKind::Vocab);
        assert!(error.to_string().contains(message), "{data:?}: {error}");
    }
    assert!(read_tiktoken(b"IQ== 0\r\n\r\nIg== 1").is_ok());
}

#[test]
fn bad_merges_txt() {
    for (data, message) in [
        ("", "byte 0: the file is empty"),
        ("h e\n\nĠ t\n", "byte 4: line 2: expected two tokens"),
        ("h e\nhe\n", "byte 4: line 2: expected two tokens"),
        ("h e\n h\n", "line 2: expected two tokens"),
        ("h \n", "line 1: expected two tokens"),
        ("h e x\n", "line 1: the merge needs \"e x\""),
        ("h  e\n", "line 1: the merge needs \" e\""),
        (
            "#version: 0.2\n#version: 0.2\n",
            "line 2: the merge needs \"#version:\"",
        ),
        ("<html>\n", "line 1: expected two tokens"),
    ] {
        let error = error(read_merges(data.as_bytes()));
        assert_eq!(error.kind(), ErrorKind::Vocab);
        assert!(error.to_string().contains("merges.txt"), "{error}");
        assert!(error.to_string().contains(message), "{data:?}: {error}");
    }
    let invalid = error(read_merges(b"h e\n\xFF x\n"));
    assert!(
        invalid
            .to_string()
            .contains("byte 4: the text is not valid UTF-8"),
        "{invalid}"
    );
}
