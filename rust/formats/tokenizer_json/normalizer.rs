//! The `normalizer` of a `tokenizer.json`.

use super::needle;
use crate::error::{Error, Result};
use crate::formats::json::{Node, Object};
use crate::normalize::{Bert, Form, Normalizer, Replace, Step};

const NAME: &str = "a normalizer";

/// Reads a normalizer; a `Sequence` of nothing is none.
pub(super) fn read(node: Node) -> Result<Option<Normalizer>> {
    let mut steps = Vec::new();
    read_steps(node, &mut steps)?;
    if steps.is_empty() {
        return Ok(None);
    }
    // What changes or adds characters of GPT-2's alphabet would change bytes here.
    let mapped = steps.iter().position(|step| matches!(step, Step::Bytes));
    let after = mapped.map_or(&[][..], |at| &steps[at + 1..]);
    let changes = |step: &Step| {
        matches!(
            step,
            Step::Form(_) | Step::StripAccents | Step::Prepend(_) | Step::Bert(_)
        )
    };
    if after.iter().any(changes) {
        return Err(Error::Unsupported {
            what: "a normalizer that changes characters after ByteLevel".into(),
        });
    }
    Ok(Some(Normalizer::new(steps, node.text().to_owned())))
}

/// Appends the steps of a normalizer. Sequences may hold sequences: those that are still to be
/// read are kept in a list, as a file may nest them as deeply as it likes.
fn read_steps(node: Node, steps: &mut Vec<Step>) -> Result<()> {
    let mut nodes = vec![node];
    while let Some(node) = nodes.pop() {
        let mut fields = node.object(NAME)?;
        let kind = fields.need("type")?;
        let step = match kind.string()?.as_str() {
            "Sequence" => {
                nodes.extend(fields.need("normalizers")?.list()?.into_iter().rev());
                continue;
            }
            "NFC" => Step::Form(Form::Nfc),
            "NFD" => Step::Form(Form::Nfd),
            "NFKC" => Step::Form(Form::Nfkc),
            "NFKD" => Step::Form(Form::Nfkd),
            "Lowercase" => Step::Lowercase,
            "StripAccents" => Step::StripAccents,
            "ByteLevel" => Step::Bytes,
            "Nmt" => Step::Nmt,
            "Strip" => Step::Strip {
                left: fields.need("strip_left")?.boolean()?,
                right: fields.need("strip_right")?.boolean()?,
            },
            "Prepend" => Step::Prepend(fields.need("prepend")?.string()?),
            "Replace" => Step::Replace(read_replace(&mut fields)?),
            "BertNormalizer" => {
                let lowercase = fields.need("lowercase")?.boolean()?;
                let strip_accents = fields.take("strip_accents").map(Node::boolean);
                Step::Bert(Bert {
                    clean_text: fields.need("clean_text")?.boolean()?,
                    handle_chinese_chars: fields.need("handle_chinese_chars")?.boolean()?,
                    strip_accents: strip_accents.unwrap_or(Ok(lowercase))?,
                    lowercase,
                })
            }
            _ => return Err(fields.unsupported("type", kind)),
        };
        steps.push(step);
    }
    Ok(())
}

/// Reads what a `Replace` replaces, which occurs in decoders, too.
pub(super) fn read_replace(fields: &mut Object) -> Result<Replace> {
    Ok(Replace {
        what: needle::read(fields.need("pattern")?, "the Replace pattern")?,
        content: fields.need("content")?.string()?,
    })
}
