//! The `added_tokens` of a `tokenizer.json`.

use crate::error::Result;
use crate::formats::json::Node;
use crate::vocab::AddedToken;

/// Reads the list, in its order.
pub(super) fn read(list: Node) -> Result<Vec<AddedToken>> {
    list.list()?.into_iter().map(read_one).collect()
}

fn read_one(node: Node) -> Result<AddedToken> {
    let mut fields = node.object("an added token")?;
    let token = AddedToken {
        id: fields.need("id")?.id()?,
        text: fields.need("content")?.string()?,
        special: fields.need("special")?.boolean()?,
        lstrip: fields.need("lstrip")?.boolean()?,
        rstrip: fields.need("rstrip")?.boolean()?,
        single_word: fields.need("single_word")?.boolean()?,
        normalized: fields.need("normalized")?.boolean()?,
    };
    fields.finish()?;
    Ok(token)
}
