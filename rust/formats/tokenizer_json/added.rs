//! The `added_tokens` of a `tokenizer.json`.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use crate::error::Result;
use crate::formats::json::Node;
use crate::vocab::AddedToken;

/// Reads the list, in its order. As in Hugging Face's library, a token without text is left out,
/// and one that comes again keeps its first id; what else the file says of it last counts.
pub(super) fn read(list: Node) -> Result<Vec<AddedToken>> {
    let list = list.list()?;
    let (mut tokens, mut places) = (Vec::<AddedToken>::new(), HashMap::new());
    for node in list {
        let token = read_one(node)?;
        if token.text.is_empty() {
            continue;
        }
        match places.entry(token.text.clone()) {
            Entry::Vacant(place) => {
                place.insert(tokens.len());
                tokens.push(token);
            }
            Entry::Occupied(place) => {
                let before = &mut tokens[*place.get()];
                *before = AddedToken {
                    id: before.id,
                    special: before.special || token.special,
                    ..token
                };
            }
        }
    }
    Ok(tokens)
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
