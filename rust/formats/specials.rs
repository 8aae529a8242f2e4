//! Special tokens for file formats that cannot hold them: the caller gives them.

use std::collections::HashSet;

use super::quote;
use crate::error::{Error, Result};
use crate::vocab::{AddedToken, MAX_IDS, Vocab};

/// Numbers the special tokens: those without an id follow the largest id, in the order
/// given. `id_limit` is one more than the largest id of the file.
pub(super) fn number(
    special: &[(String, Option<u32>)],
    id_limit: usize,
) -> Result<Vec<AddedToken>> {
    let invalid = |reason: String| Error::InvalidArgument {
        name: "special_tokens",
        reason,
    };
    let given = special.iter().filter_map(|&(_, id)| Some(id? as usize + 1));
    let mut next = given.chain([id_limit]).max().unwrap_or(id_limit);
    let (mut ids, mut texts) = (HashSet::new(), HashSet::new());
    let mut added = Vec::with_capacity(special.len());
    for (text, id) in special {
        let id = id.map_or(next, |id| id as usize);
        next += usize::from(id == next);
        if text.is_empty() {
            return Err(invalid("a special token is empty".into()));
        }
        if !texts.insert(text) {
            return Err(invalid(format!("{} comes twice", quote(text))));
        }
        if id >= MAX_IDS {
            return Err(invalid(format!(
                "id {id} of {} is above {}",
                quote(text),
                MAX_IDS - 1
            )));
        }
        if !ids.insert(id) {
            return Err(invalid(format!("id {id} of {} is taken", quote(text))));
        }
        added.push(AddedToken::special(id as u32, text));
    }
    added.sort_unstable_by_key(|token| token.id);
    Ok(added)
}

/// What a file of tokens and merges alone would lose, beyond what the caller gives when
/// reading it; `None` if nothing.
pub(super) fn inexpressible(vocab: &Vocab) -> Option<String> {
    if vocab.normalizer.is_some() {
        return Some("it normalizes text first".into());
    }
    let plain = |token: &&AddedToken| **token == AddedToken::special(token.id, token.text.as_str());
    let other = vocab.added_tokens.iter().find(|token| !plain(token))?;
    Some(format!(
        "the added token {} is not a plain special token",
        quote(&other.text)
    ))
}
