//! Reads a `tokenizer.json`.

use crate::error::{Error, Result, quote};
use crate::formats::checked;
use crate::formats::json::Node;
use crate::vocab::{Model, Normalizer, Vocab};

use super::{FORMAT, added, model, splits, template};

/// Reads a file. See the [module](super) for what is refused.
pub fn read(data: &[u8]) -> Result<Vocab> {
    let mut file = Node::parse(FORMAT, data)?.object("a tokenizer.json")?;
    let version = file.need("version")?;
    if version.string()? != "1.0" {
        return Err(file.unsupported("version", version));
    }
    // These cut and pad rows: no part of a vocabulary, but the ids depend on it.
    file.refuse("truncation")?;
    file.refuse("padding")?;
    let added_tokens = file
        .take("added_tokens")
        .map_or(Ok(Vec::new()), added::read)?;
    let normalizer = file.take("normalizer").map_or(Ok(None), read_normalizer)?;
    let splits = splits::read(file.need("pre_tokenizer")?)?;
    let post_processor = file.take("post_processor");
    let template = post_processor.map_or(Ok(None), template::read)?;
    let decoder = read_decoder(file.take("decoder"))?;
    let node = file.need("model")?;
    file.finish()?;

    let mut fields = node.object("a model")?;
    let kind = match fields.take("type") {
        Some(kind) => kind.string()?,
        // Old files leave it out; only BPE has merges.
        None if fields.has("merges") => "BPE".into(),
        None => return Err(node.location().error("a model has no \"type\"")),
    };
    let unsupported = |what: &str| Error::Unsupported {
        what: what.to_owned(),
    };
    let model = match kind.as_str() {
        "BPE" => {
            if !splits.byte_level {
                return Err(unsupported("a BPE model without a ByteLevel pre_tokenizer"));
            }
            if decoder == Decoder::Fuse {
                return Err(unsupported("a BPE model with a Fuse decoder"));
            }
            Model::Bpe(model::read_bpe(fields, &splits.pattern, &added_tokens)?)
        }
        "WordLevel" => {
            if splits.byte_level
                || decoder != Decoder::Fuse
                || normalizer.is_some()
                || post_processor.is_some()
            {
                return Err(unsupported(
                    "a WordLevel model with more than Split pre_tokenizers and a Fuse decoder",
                ));
            }
            Model::Words(model::read_words(fields, &added_tokens)?)
        }
        other => return Err(unsupported(&format!("a model of type {}", quote(other)))),
    };
    checked(Vocab {
        model,
        pattern: splits.pattern,
        normalizer,
        added_tokens,
        template,
    })
}

/// Reads `NFC`, or a `Sequence` of nothing else, which may be empty.
fn read_normalizer(node: Node) -> Result<Option<Normalizer>> {
    let mut fields = node.object("a normalizer")?;
    let kind = fields.need("type")?;
    if kind.string()? != "Sequence" {
        return read_one_normalizer(node).map(Some);
    }
    let steps = fields.need("normalizers")?.list()?;
    fields.finish()?;
    let mut normalizer = None;
    for step in steps {
        normalizer = Some(read_one_normalizer(step)?);
    }
    Ok(normalizer)
}

fn read_one_normalizer(node: Node) -> Result<Normalizer> {
    let mut fields = node.object("a normalizer")?;
    let kind = fields.need("type")?;
    if kind.string()? != "NFC" {
        return Err(fields.unsupported("type", kind));
    }
    fields.finish()?;
    Ok(Normalizer::Nfc)
}

#[derive(PartialEq, Eq)]
enum Decoder {
    ByteLevel,
    Fuse,
    Missing,
}

fn read_decoder(node: Option<Node>) -> Result<Decoder> {
    let Some(node) = node else {
        return Ok(Decoder::Missing);
    };
    let mut fields = node.object("a decoder")?;
    let kind = fields.need("type")?;
    let decoder = match kind.string()?.as_str() {
        "ByteLevel" => {
            fields.ignore_flags(&["add_prefix_space", "trim_offsets", "use_regex"])?;
            Decoder::ByteLevel
        }
        "Fuse" => Decoder::Fuse,
        _ => return Err(fields.unsupported("type", kind)),
    };
    fields.finish()?;
    Ok(decoder)
}
