//! The tokenizer in a GGUF file, of the kinds `gpt2` (bytes) and `llama` (SentencePiece). Only the
//! metadata is read, which comes first.

mod metadata;
mod splits;

use std::collections::HashMap;

use serde_json::{Value as Json, json};

use super::pieces::{Kind, Piece, Rules, template, to_tokenizer_json};
use super::sentencepiece::without_offset;
use super::{Location, quote, tokenizer_json};
use crate::error::{Error, Result};
use crate::vocab::Vocab;
use metadata::Fields;
use splits::Split;

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

fn bytes(fields: &Fields<'_>) -> Result<Vec<u8>> {
    let name = fields
        .text("tokenizer.ggml.pre")?
        .ok_or_else(|| Error::Unsupported {
            what: format!("a {FORMAT} file that does not say how text is split"),
        })?;
    let split = Split::named(name).ok_or_else(|| Error::Unsupported {
        what: format!("a {FORMAT} file with the split {}", quote(name)),
    })?;
    let tokens = fields.texts("tokenizer.ggml.tokens")?;
    let kinds = fields.kinds(tokens.len())?;
    let mut vocab = HashMap::with_capacity(tokens.len());
    let mut added = Vec::new();
    for (id, (text, kind)) in (0u32..).zip(tokens.iter().zip(kinds)) {
        if text.is_empty() {
            // No text becomes this.
            continue;
        }
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
    let mut steps: Vec<Json> = split
        .regexes
        .iter()
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
    let rules = rules(fields, split.begins, None)?;
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
            "ignore_merges": split.whole,
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
    to_tokenizer_json(&pieces, &rules(fields, true, Some((1, 2)))?)
}

/// What is done around merging. Where the file does not say, `begins` is whether the first token
/// goes before a text, and `ids` are those of the first and the last token.
fn rules(fields: &Fields<'_>, begins: bool, ids: Option<(u32, u32)>) -> Result<Rules> {
    let around = |name: &str, add: bool, usual: Option<u32>| {
        let wanted = fields.flag(&format!("tokenizer.ggml.add_{name}_token"))?;
        let id = fields.id(&format!("tokenizer.ggml.{name}_token_id"))?;
        Ok(id.or(usual).filter(|_| wanted.unwrap_or(add)))
    };
    let (first, last) = ids.unzip();
    Ok(Rules {
        format: FORMAT,
        byte_fallback: true,
        prefix: fields
            .flag("tokenizer.ggml.add_space_prefix")?
            .unwrap_or(true),
        collapse: fields
            .flag("tokenizer.ggml.remove_extra_whitespaces")?
            .unwrap_or(false),
        before: around("bos", begins, first)?,
        after: around("eos", false, last)?,
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
