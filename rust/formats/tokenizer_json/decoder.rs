//! The `decoder` of a `tokenizer.json`.

use super::normalizer::read_replace;
use super::splits::{read_character, read_metaspace};
use crate::decode::{DecodeStep as Step, Decoder};
use crate::error::Result;
use crate::formats::json::{Node, Object};
use crate::pretokenize::Prepend;

const NAME: &str = "a decoder";

/// A decoder as the file has it.
pub(super) struct Read {
    pub steps: Vec<Step>,
    json: String,
}

impl Read {
    /// Whether it joins tokens and does nothing else.
    pub fn is_fuse(&self) -> bool {
        matches!(self.steps[..], [Step::Fuse])
    }

    /// The decoder of a model; `None` if text is the bytes of tokens. With `byte_level`, the
    /// file has these in GPT-2's alphabet.
    pub fn decoder(self, byte_level: bool) -> Option<Decoder> {
        let is_plain = byte_level && matches!(self.steps[..], [Step::Bytes]);
        (!is_plain).then(|| Decoder::new(self.steps, self.json))
    }
}

/// Reads a decoder, however deeply sequences are nested.
pub(super) fn read(node: Node) -> Result<Read> {
    let (mut steps, mut nodes) = (Vec::new(), vec![node]);
    while let Some(node) = nodes.pop() {
        let mut fields = node.object(NAME)?;
        let kind = fields.need("type")?;
        if kind.string()? == "Sequence" {
            let inner = fields.need("decoders")?.list()?;
            nodes.extend(inner.into_iter().rev());
        } else {
            steps.push(read_step(kind, &mut fields)?);
        }
        fields.finish()?;
    }
    Ok(Read {
        steps,
        json: node.text().to_owned(),
    })
}

fn read_step(kind: Node, fields: &mut Object) -> Result<Step> {
    let count = |node: Node| Ok(node.id()? as usize);
    Ok(match kind.string()?.as_str() {
        "ByteLevel" => {
            fields.ignore_flags(&["add_prefix_space", "trim_offsets", "use_regex"])?;
            Step::Bytes
        }
        "ByteFallback" => Step::ByteFallback,
        "Fuse" => Step::Fuse,
        "Strip" => Step::Strip {
            content: read_character(fields.need("content")?)?,
            start: fields.need("start").and_then(count)?,
            stop: fields.need("stop").and_then(count)?,
        },
        "Replace" => Step::Replace(read_replace(fields)?),
        "Metaspace" => {
            let metaspace = read_metaspace(fields)?;
            Step::Metaspace {
                replacement: metaspace.replacement,
                prepended: metaspace.prepend != Prepend::Never,
            }
        }
        "BPEDecoder" => Step::Suffix(fields.need("suffix")?.string()?),
        "WordPiece" => Step::WordPiece {
            prefix: fields.need("prefix")?.string()?,
            cleanup: fields.need("cleanup")?.boolean()?,
        },
        _ => return Err(fields.unsupported("type", kind)),
    })
}
