//! Reads a `tokenizer.json`.

use crate::decode::Decoder;
use crate::error::{Error, Result, quote};
use crate::formats::json::Node;
use crate::formats::{checked, tekken};
use crate::normalize::Normalizer;
use crate::vocab::{Around, Model, Unit, Vocab};

use super::{FORMAT, added, decoder, model, normalizer, splits, template};

/// Reads a file. See the [module](super) for what is refused. A `tekken.json` is read as one.
pub fn read(data: &[u8]) -> Result<Vocab> {
    let mut file = Node::parse(FORMAT, data)?.object("a tokenizer.json")?;
    if file.has("config") && !file.has("model") {
        return tekken::read(data);
    }
    let version = file.need("version")?;
    if version.string()? != "1.0" {
        return Err(file.unsupported("version", version));
    }
    // These cut and pad rows. They are no part of a vocabulary.
    let mut kept = |key| match file.take(key) {
        Some(node) => node.entries().map(|_| Some(node.text().to_owned())),
        None => Ok(None),
    };
    let (truncation, padding) = (kept("truncation")?, kept("padding")?);
    let mut added_tokens = file
        .take("added_tokens")
        .map_or(Ok(Vec::new()), added::read)?;
    let normalizer = file.take("normalizer").map_or(Ok(None), normalizer::read)?;
    let mapped = normalizer.as_ref().is_some_and(Normalizer::maps_bytes);
    let splits = splits::read(file.take("pre_tokenizer"), mapped)?;
    // There, the library doubles what was inserted before the text.
    if splits.byte_level && normalizer.as_ref().is_some_and(Normalizer::may_insert) {
        return Err(Error::Unsupported {
            what: "a Replace that matches the empty text, with ByteLevel after it,".into(),
        });
    }
    let template = file
        .take("post_processor")
        .map(template::read)
        .transpose()?;
    let decoder = file.take("decoder").map(decoder::read).transpose()?;
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
            let unit = match splits.byte_level {
                true => Unit::Byte,
                false => Unit::Character,
            };
            let pattern = &splits.pattern;
            Model::Bpe(model::read_bpe(fields, unit, pattern, &mut added_tokens)?)
        }
        "WordLevel" => {
            if splits.byte_level
                || splits.steps.is_some()
                || !decoder.as_ref().is_some_and(decoder::Read::is_fuse)
                || normalizer.is_some()
                || template.is_some()
            {
                return Err(unsupported(
                    "a WordLevel model with more than Split pre_tokenizers and a Fuse decoder",
                ));
            }
            Model::Words(model::read_words(fields, &mut added_tokens)?)
        }
        other => return Err(unsupported(&format!("a model of type {}", quote(other)))),
    };
    let decoder = match model {
        Model::Words(_) => None,
        Model::Bpe(_) => match decoder {
            Some(decoder) => decoder.decoder(splits.byte_level),
            None => Some(Decoder::spaced()),
        },
    };
    added_tokens.sort_by_key(|token| token.id);
    checked(Vocab {
        model,
        pattern: splits.pattern,
        normalizer,
        around: Around {
            pre_tokenizer: splits.steps,
            decoder,
            truncation,
            padding,
        },
        added_tokens,
        template,
    })
}
