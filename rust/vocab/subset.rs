//! A vocabulary with some of its tokens only.

use serde_json::Value;

use super::{Bpe, Merge, MergeRule, Model, Tokens, Unit, Vocab};
use crate::error::{Error, Result};

/// What becomes of the ids of tokens that stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ids {
    /// They follow each other without gaps, in the same order.
    Compact,
    /// They stay. Entries that no text becomes take the place of tokens that go, so that the size
    /// stays, too, as other programs take the size for the first free id.
    Frozen,
}

impl Vocab {
    /// The vocabulary with those tokens of the model that `keeps` has, by their ids, and all added
    /// tokens. Merges of other tokens go with them. Returns the id here of each id there.
    pub fn subset(&self, keeps: &[bool], ids: Ids) -> Result<(Vocab, Vec<u32>)> {
        let frozen = ids == Ids::Frozen;
        let kept = |id: u32| keeps[id as usize];
        let inert = self.model.inert().iter().map(|&(id, _)| id);
        let added = self.added_tokens.iter().map(|token| token.id);
        let of_model = self.model.tokens().iter().map(|(id, _)| id);
        let (mut old, gone): (Vec<u32>, Vec<u32>) = of_model.partition(|&id| kept(id));
        old.extend(inert.filter(|&id| frozen || kept(id)).chain(added));
        old.sort_unstable();
        old.dedup();
        let number = |id: u32| match old.binary_search(&id) {
            Ok(new) if !frozen => new as u32,
            _ => id,
        };
        let mut vocab = self.clone();
        match &mut vocab.model {
            Model::Bpe(bpe) => shorten(bpe, kept, frozen, number)?,
            Model::Words(words) => {
                words.tokens = some(&words.tokens, kept, number)?;
                words.unknown = number(words.unknown);
            }
        }
        if frozen {
            reserve(&mut vocab.model, &gone)?;
            let last = old.last().max(gone.last());
            return Ok((vocab, last.map_or(Vec::new(), |&last| (0..=last).collect())));
        }
        for token in &mut vocab.added_tokens {
            token.id = number(token.id);
        }
        if let Some(template) = &mut vocab.template {
            let around = template.before.iter_mut().chain(&mut template.after);
            around.for_each(|id| *id = number(*id));
            template.json = renumbered(&template.json, &number)?;
        }
        if let Some(json) = &mut vocab.around.padding {
            *json = renumbered(json, &number)?;
        }
        Ok((vocab, old))
    }
}

/// Leaves tokens of a model out, and gives the others other ids.
fn shorten(
    bpe: &mut Bpe,
    kept: impl Fn(u32) -> bool,
    frozen: bool,
    number: impl Fn(u32) -> u32,
) -> Result<()> {
    bpe.tokens = some(&bpe.tokens, &kept, &number)?;
    bpe.merges
        .retain(|merge| kept(merge.left) && kept(merge.right) && kept(merge.id));
    for Merge { left, right, id } in &mut bpe.merges {
        (*left, *right, *id) = (number(*left), number(*right), number(*id));
    }
    if let Some(unknown) = &mut bpe.units.unknown {
        unknown.id = number(unknown.id);
    }
    bpe.inert.retain(|&(id, _)| frozen || kept(id));
    for (id, _) in &mut bpe.inert {
        *id = number(*id);
    }
    Ok(())
}

fn some(
    tokens: &Tokens,
    kept: impl Fn(u32) -> bool,
    number: impl Fn(u32) -> u32,
) -> Result<Tokens> {
    let kept = tokens.iter().filter(|&(id, _)| kept(id));
    Tokens::new(kept.map(|(id, token)| (number(id), token)))
}

/// Puts entries that no text becomes where ids have lost their tokens.
fn reserve(model: &mut Model, gone: &[u32]) -> Result<()> {
    // The space stands for no byte, so that none becomes it where tokens are bytes. Elsewhere, no
    // merge makes it.
    let entry = |&id: &u32| (id, format!("<removed {id}>"));
    let tokens = match model {
        Model::Bpe(bpe) if bpe.units.unit == Unit::Byte => {
            bpe.inert.extend(gone.iter().map(entry));
            bpe.inert.sort_unstable();
            return Ok(());
        }
        Model::Bpe(bpe) => {
            if bpe.rule != MergeRule::default() {
                return Err(Error::InvalidArgument {
                    name: "freeze_ids",
                    reason: "this vocabulary looks whole pretokens up, and could find any entry"
                        .into(),
                });
            }
            &mut bpe.tokens
        }
        Model::Words(words) => &mut words.tokens,
    };
    for (id, text) in gone.iter().map(entry) {
        tokens.push(id, text.as_bytes())?;
    }
    Ok(())
}

/// A part of a file that is kept as JSON, with other ids.
fn renumbered(json: &str, number: &impl Fn(u32) -> u32) -> Result<String> {
    let invalid = |error: serde_json::Error| Error::InvalidVocab {
        reason: format!("a part of it is not JSON: {error}"),
    };
    let mut value: Value = serde_json::from_str(json).map_err(invalid)?;
    renumber(&mut value, number);
    serde_json::to_string(&value).map_err(invalid)
}

/// Replaces the ids in a post-processor or in settings of padding.
fn renumber(value: &mut Value, number: &impl Fn(u32) -> u32) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| renumber(item, number)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match (&name[..], field) {
                    ("ids", Value::Array(ids)) => ids.iter_mut().for_each(|id| replace(id, number)),
                    // A token and its id.
                    ("cls" | "sep", Value::Array(pair)) => {
                        pair.iter_mut().for_each(|id| replace(id, number));
                    }
                    ("pad_id", id) => replace(id, number),
                    (_, field) => renumber(field, number),
                }
            }
        }
        _ => {}
    }
}

fn replace(id: &mut Value, number: &impl Fn(u32) -> u32) {
    let known = id.as_u64().and_then(|id| u32::try_from(id).ok());
    if let Some(known) = known {
        *id = number(known).into();
    }
}
