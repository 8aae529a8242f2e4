//! The tokenizer in a GGUF file, of the kinds `gpt2` (bytes) and `llama` (SentencePiece). Only the
//! metadata is read, which comes first.

mod metadata;

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::pieces::{Kind, Piece, Rules, template, to_tokenizer_json};
use super::sentencepiece::without_offset;
use super::{Location, quote, tokenizer_json};
use crate::error::{Error, Result};
use crate::pattern::Named;
use crate::vocab::Vocab;
use metadata::Fields;

pub use metadata::metadata_length;

const FORMAT: &str = "GGUF";

/// Reads the tokenizer of a file, of which the metadata is enough.
pub fn read(data: &[u8]) -> Result<Vocab> {
    tokenizer_json::read(&convert(data)?).map_err(|error| without_offset(error, FORMAT))
}

/// The same tokenizer as a `tokenizer.json`.
pub(super) fn convert(data: &[u8]) -> Result<Vec<u8>> {
    let fields = Fields::read(data)?;
    let kind = fields
        .text("tokenizer.ggml.model")?
        .ok_or_else(|| malformed(0, "it holds no tokenizer"))?;
    match kind {
        "gpt2" => bytes(&fields),
        "llama" => pieces(&fields),
        other => Err(Error::Unsupported {
            what: format!(
                "a {FORMAT} file with a tokenizer of the kind {}",
                quote(other)
            ),
        }),
    }
}

/// What a `gpt2` tokenizer says of its split, by its name.
fn splits(name: &str) -> Option<Vec<&'static str>> {
    const DIGIT: &str = r"\p{N}";
    const CJK: &str = "[一-龥\u{0800}-一가-\u{D7FF}]+";
    let named = |name: &str| Some(Named::parse(name)?.splits().to_vec());
    let gpt2 = || named("gpt2");
    Some(match name {
        "gpt-2" | "phi-2" | "mpt" | "olmo" | "jais" | "trillion" | "jina-es" | "jina-de"
        | "jina-v2-es" | "jina-v2-de" | "granite-docling" => gpt2()?,
        "llama3" | "llama-v3" | "llama-bpe" | "falcon3" | "falcon-h1" | "pixtral" | "midm-2.0"
        | "lfm2" | "dbrx" | "smaug-bpe" => named("llama3")?,
        "qwen2" | "stablelm2" | "hunyuan" | "megrez" | "deepseek-r1-qwen" => named("qwen2")?,
        "gpt-4o" | "llama4" => named("o200k")?,
        "deepseek-v3" | "hunyuan-dense" => named("deepseek-v3")?,
        "starcoder" | "refact" | "command-r" | "smollm" | "codeshell" | "exaone" | "minerva-7b" => {
            [vec![DIGIT], gpt2()?].concat()
        }
        "deepseek-coder" => vec!["[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", CJK, DIGIT],
        "falcon" => [
            vec![r"[\p{P}\$\+<=>\^~\|`]+"],
            gpt2()?,
            vec!["[0-9][0-9][0-9]"],
        ]
        .concat(),
        "tekken" => vec![concat!(
            r"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))*((?=[\p{L}])([^A-Z]))+|",
            r"[^\r\n\p{L}\p{N}]?((?=[\p{L}])([^a-z]))+((?=[\p{L}])([^A-Z]))*|",
            r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
        )],
        _ => return None,
    })
}

/// Those kinds that look whole pretokens up first.
const WHOLE: [&str; 7] = [
    "llama3",
    "llama-v3",
    "llama-bpe",
    "falcon3",
    "pixtral",
    "tekken",
    "llama4",
];

fn bytes(fields: &Fields<'_>) -> Result<Vec<u8>> {
    let name = fields
        .text("tokenizer.ggml.pre")?
        .ok_or_else(|| Error::Unsupported {
            what: format!("a {FORMAT} file that does not say how text is split"),
        })?;
    let splits = splits(name).ok_or_else(|| Error::Unsupported {
        what: format!("a {FORMAT} file with the split {}", quote(name)),
    })?;
    let tokens = fields.texts("tokenizer.ggml.tokens")?;
    let kinds = fields.kinds(tokens.len())?;
    let mut vocab = HashMap::with_capacity(tokens.len());
    let mut added = Vec::new();
    for (id, (text, kind)) in (0u32..).zip(tokens.iter().zip(kinds)) {
        if let Some(other) = vocab.insert(*text, id) {
            let text = quote(text);
            return Err(malformed(
                0,
                format!("tokens {other} and {id} are both {text}"),
            ));
        }
        if matches!(kind, Kind::Control | Kind::Unknown | Kind::UserDefined) {
            added.push(json!({
                "id": id, "content": text, "special": kind != Kind::UserDefined,
                "normalized": false, "lstrip": false, "rstrip": false, "single_word": false,
            }));
        }
    }
    let mut steps: Vec<Json> = splits
        .into_iter()
        .map(|regex| {
            json!({
                "type": "Split", "pattern": {"Regex": regex},
                "behavior": "Isolated", "invert": false,
            })
        })
        .collect();
    let level = json!({
        "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": false,
    });
    steps.push(level.clone());
    let rules = rules(fields, false)?;
    let file = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": null,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps},
        "post_processor": template(&rules, |id| Some(tokens.get(id as usize)?.to_string()))?,
        "decoder": level,
        "model": {
            "type": "BPE",
            "ignore_merges": WHOLE.contains(&name),
            "vocab": vocab,
            "merges": fields.texts("tokenizer.ggml.merges")?,
        },
    });
    Ok(file.to_string().into_bytes())
}

fn pieces(fields: &Fields<'_>) -> Result<Vec<u8>> {
    let tokens = fields.texts("tokenizer.ggml.tokens")?;
    let scores = fields.numbers("tokenizer.ggml.scores")?;
    if scores.len() != tokens.len() {
        return Err(malformed(0, "there are not as many scores as tokens"));
    }
    let kinds = fields.kinds(tokens.len())?;
    let pieces: Vec<Piece> = tokens
        .into_iter()
        .zip(scores)
        .zip(kinds)
        .map(|((text, score), kind)| Piece {
            text: text.to_owned(),
            score: score as f32,
            kind,
        })
        .collect();
    to_tokenizer_json(&pieces, &rules(fields, true)?)
}

/// What is done around merging; `add` is whether the first token is added if nothing is said.
fn rules(fields: &Fields<'_>, add: bool) -> Result<Rules> {
    let around = |name: &str, add: bool| {
        let wanted = fields.flag(&format!("tokenizer.ggml.add_{name}_token"))?;
        let id = fields.id(&format!("tokenizer.ggml.{name}_token_id"))?;
        Ok(id.filter(|_| wanted.unwrap_or(add)))
    };
    Ok(Rules {
        format: FORMAT,
        byte_fallback: true,
        prefix: fields
            .flag("tokenizer.ggml.add_space_prefix")?
            .unwrap_or(true),
        collapse: fields
            .flag("tokenizer.ggml.remove_extra_whitespaces")?
            .unwrap_or(false),
        before: around("bos", add)?,
        after: around("eos", false)?,
    })
}

fn malformed(offset: usize, reason: impl std::fmt::Display) -> Error {
    Location {
        format: FORMAT,
        offset,
        line: None,
    }
    .error(reason)
}
