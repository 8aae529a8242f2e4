//! SentencePiece models, made here.

use serde_json::{Value, json};

use super::damage::survives;
use crate::encode::Special;
use crate::error::{Error, Result};
use crate::formats::sentencepiece;
use crate::tokenizer::Tokenizer;
use crate::vocab::fallback_token;
/// A piece as a test gives it: text, score, type.
pub(super) type Given<'t> = (&'t str, f32, u64);

const NORMAL: u64 = 1;
const UNKNOWN: u64 = 2;
const CONTROL: u64 = 3;
const USER_DEFINED: u64 = 4;
pub(super) const BYTE: u64 = 6;

pub(super) const PIECES: [Given; 8] = [
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

pub(super) fn bpe_model(pieces: &[Given]) -> Vec<u8> {
    model(pieces, &number(3, 2), &number(4, 0))
}

pub(super) fn converted(data: &[u8]) -> Result<Value> {
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
fn damaged_models() {
    survives(&bpe_model(&PIECES), sentencepiece::convert);
    survives(&bpe_model(&PIECES), sentencepiece::read);
}
