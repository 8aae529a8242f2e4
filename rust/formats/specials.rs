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
    let mut texts = HashSet::new();
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
        added.push(AddedToken::special(id as u32, text));
    }
    // Of several names for one id, the first is what it is decoded to.
    added.sort_by_key(|token| token.id);
    Ok(added)
}

/// Refuses special tokens with the id of another token.
pub(super) fn refuse_taken<'t>(
    special: &[AddedToken],
    token: impl Fn(u32) -> Option<&'t [u8]>,
) -> Result<()> {
    let taken = |special: &&AddedToken| {
        token(special.id).is_some_and(|token| token != special.text.as_bytes())
    };
    match special.iter().find(taken) {
        None => Ok(()),
        Some(AddedToken { id, text, .. }) => Err(Error::InvalidVocab {
            reason: format!(
                "the special token {} has the id {id} of another token",
                quote(text)
            ),
        }),
    }
}

/// What a file of tokens and merges alone would lose, beyond what the caller gives when
/// reading it; `None` if nothing.
pub(super) fn inexpressible(vocab: &Vocab) -> Option<String> {
    if vocab.normalizer.is_some() {
        return Some("it normalizes text first".into());
    }
    if vocab.around.pre_tokenizer.is_some() {
        return Some("it does more with text than to split it at a pattern".into());
    }
    if vocab.around.decoder.is_some() {
        return Some("it decodes tokens to more than their bytes".into());
    }
    // Without a normalizer, tokens are looked for in the same text, only later if `normalized`.
    // That matters where two of them overlap.
    let plain = |token: &&AddedToken| {
        let special = AddedToken::special(token.id, token.text.as_str());
        **token
            == AddedToken {
                normalized: token.normalized,
                ..special
            }
    };
    if let Some(other) = vocab.added_tokens.iter().find(|token| !plain(token)) {
        return Some(format!(
            "the added token {} is not a plain special token",
            quote(&other.text)
        ));
    }
    let (later, first): (Vec<_>, Vec<_>) = vocab
        .added_tokens
        .iter()
        .partition(|token| token.normalized);
    let other = later.iter().find(|one| {
        let overlaps = |other: &&&AddedToken| overlap(&one.text, &other.text);
        first.iter().any(|other| overlaps(&other))
    })?;
    Some(format!(
        "the added token {} is looked for later than one that overlaps it",
        quote(&other.text)
    ))
}

/// Whether two texts can share a part of a third: one holds the other, or begins as it ends.
fn overlap(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let ends_in_start = |one: &[u8], other: &[u8]| {
        (1..one.len().min(other.len())).any(|size| one.ends_with(&other[..size]))
    };
    let holds = |one: &[u8], other: &[u8]| memchr::memmem::find(one, other).is_some();
    holds(one, other) || holds(other, one) || ends_in_start(one, other) || ends_in_start(other, one)
}
