//! The `post_processor` of a `tokenizer.json`.

use std::collections::HashMap;

use crate::error::Result;
use crate::formats::json::{Node, Object};
use crate::formats::quote;
use crate::vocab::Template;

const NAME: &str = "a post_processor";

/// Reads a `ByteLevel`, a `TemplateProcessing`, or a `Sequence` with at most one of the
/// latter. `ByteLevel` trims offsets and is dropped when there is nothing else.
pub(super) fn read(node: Node) -> Result<Option<Template>> {
    let mut fields = node.object(NAME)?;
    let kind = fields.need("type")?;
    if kind.string()? != "Sequence" {
        return read_one(node, node);
    }
    let steps = fields.need("processors")?;
    fields.finish()?;
    let mut template = None;
    for step in steps.list()? {
        if let Some(read) = read_one(step, node)?
            && template.replace(read).is_some()
        {
            return Err(step.location().error("a second TemplateProcessing"));
        }
    }
    Ok(template)
}

/// `whole` is what the vocabulary keeps.
fn read_one(node: Node, whole: Node) -> Result<Option<Template>> {
    let mut fields = node.object(NAME)?;
    let kind = fields.need("type")?;
    let template = match kind.string()?.as_str() {
        "ByteLevel" => {
            fields.ignore_flags(&["add_prefix_space", "trim_offsets", "use_regex"])?;
            None
        }
        "TemplateProcessing" => Some(read_template(&mut fields, whole)?),
        _ => return Err(fields.unsupported("type", kind)),
    };
    fields.finish()?;
    Ok(template)
}

/// One piece of a template.
enum Piece {
    Text { first: bool },
    Ids(Vec<u32>),
}

fn read_template(fields: &mut Object, whole: Node) -> Result<Template> {
    let ids = read_ids(fields.need("special_tokens")?)?;
    // Templates for two texts are kept unused, but must be valid.
    for piece in fields.need("pair")?.list()? {
        read_piece(piece, &ids)?;
    }
    let single = fields.need("single")?;
    let (mut before, mut after, mut seen) = (Vec::new(), Vec::new(), false);
    for piece in single.list()? {
        match read_piece(piece, &ids)? {
            Piece::Ids(ids) if seen => after.extend(ids),
            Piece::Ids(ids) => before.extend(ids),
            Piece::Text { first: true } if !seen => seen = true,
            Piece::Text { .. } => {
                return Err(piece
                    .location()
                    .error("the template for one text takes more than one"));
            }
        }
    }
    if !seen {
        return Err(single
            .location()
            .error("the template for one text leaves it out"));
    }
    Ok(Template {
        before,
        after,
        json: whole.text().to_owned(),
    })
}

fn read_ids(node: Node) -> Result<HashMap<String, Vec<u32>>> {
    let read = |(name, node): (String, Node)| {
        let mut fields = node.object("a special token of a template")?;
        let id = fields.need("id")?;
        id.string()?;
        let ids = fields
            .need("ids")?
            .list()?
            .into_iter()
            .map(Node::id)
            .collect::<Result<Vec<_>>>()?;
        let tokens = fields.need("tokens")?.list()?;
        if ids.len() != tokens.len() {
            return Err(id.location().error(format_args!(
                "{} has {} ids for {} tokens",
                quote(&name),
                ids.len(),
                tokens.len()
            )));
        }
        fields.finish()?;
        Ok((name, ids))
    };
    node.entries()?.into_iter().map(read).collect()
}

fn read_piece(node: Node, ids: &HashMap<String, Vec<u32>>) -> Result<Piece> {
    let mut fields = node.object("a piece of a template")?;
    let special = fields.take("SpecialToken");
    let is_special = special.is_some();
    let inner = special.map_or_else(|| fields.need("Sequence"), Ok)?;
    fields.finish()?;
    let mut fields = inner.object("a piece of a template")?;
    let id = fields.need("id")?;
    // Type ids distinguish two texts; here there is one.
    fields.take("type_id").map(Node::id).transpose()?;
    fields.finish()?;
    let name = id.string()?;
    if !is_special {
        return Ok(Piece::Text { first: name == "A" });
    }
    let found = ids.get(&name).cloned();
    found.map(Piece::Ids).ok_or_else(|| {
        id.location().error(format_args!(
            "{} is not among its special_tokens",
            quote(&name)
        ))
    })
}
