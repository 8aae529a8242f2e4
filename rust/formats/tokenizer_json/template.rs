//! The `post_processor` of a `tokenizer.json`.

use std::collections::HashMap;

use crate::error::{Error, Result};
use crate::formats::json::{Node, Object};
use crate::formats::quote;
use crate::vocab::{Template, Trim};

const NAME: &str = "a post_processor";

/// Reads a post-processor, however deeply sequences are nested. At most one part of it may put
/// ids around a text.
pub(super) fn read(node: Node) -> Result<Template> {
    let mut template = Template {
        json: node.text().to_owned(),
        ..Template::default()
    };
    let (mut nodes, mut framed) = (vec![node], false);
    while let Some(node) = nodes.pop() {
        let mut fields = node.object(NAME)?;
        let kind = fields.need("type")?;
        let kind_name = kind.string()?;
        let frame = match kind_name.as_str() {
            "Sequence" => {
                nodes.extend(fields.need("processors")?.list()?.into_iter().rev());
                fields.finish()?;
                continue;
            }
            "ByteLevel" => {
                template.trims.extend(read_trim(&mut fields)?);
                fields.ignore_flags(&["use_regex"])?;
                fields.finish()?;
                continue;
            }
            "TemplateProcessing" => read_template(&mut fields)?,
            "RobertaProcessing" => {
                template.trims.extend(read_trim(&mut fields)?);
                read_ends(&mut fields)?
            }
            "BertProcessing" => read_ends(&mut fields)?,
            _ => return Err(fields.unsupported("type", kind)),
        };
        // Other fields of these mean nothing, and real files have some.
        if std::mem::replace(&mut framed, true) {
            let what = format!("a second post_processor that adds ids, {kind_name},");
            return Err(Error::Unsupported { what });
        }
        (template.before, template.after) = frame;
    }
    Ok(template)
}

/// Whether offsets are trimmed. A missing flag is taken as true, the default.
fn read_trim(fields: &mut Object) -> Result<Option<Trim>> {
    let mut flag = |name| fields.take(name).map_or(Ok(true), Node::boolean);
    let (trims, keeps_first) = (flag("trim_offsets")?, flag("add_prefix_space")?);
    Ok(trims.then_some(Trim { keeps_first }))
}

/// Ids before and after a text.
type Frame = (Vec<u32>, Vec<u32>);

/// Reads `cls`, which goes before a text, and `sep`, which goes after it.
fn read_ends(fields: &mut Object) -> Result<Frame> {
    let mut id = |name| {
        let pair = fields.need(name)?;
        let [token, id] = pair.list()?[..] else {
            return Err(pair.location().error("expected a token and its id"));
        };
        token.string()?;
        id.id()
    };
    Ok((vec![id("cls")?], vec![id("sep")?]))
}

/// One piece of a template.
enum Piece {
    Text { first: bool },
    Ids(Vec<u32>),
}

fn read_template(fields: &mut Object) -> Result<Frame> {
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
    Ok((before, after))
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
