//! Converts between Hugging Face's view of a byte-level BPE model, where tokens are words
//! in GPT-2's alphabet, and ours, where they are bytes.
//!
//! Their vocabulary may list added tokens among the others, as plain text. Such an entry
//! becomes a token of the model only if the model can produce it.

use std::collections::{HashMap, HashSet};

use super::json::Node;
use super::{Location, id_limit, quote};
use crate::byte_level;
use crate::error::{Error, Result};
use crate::pattern::Pattern;
use crate::vocab::{AddedToken, Bpe, Merge, MergeRule, Tokens};

/// How the first line of a list of merges begins, if it is not a merge.
pub(super) const HEADER: &str = "#version";

/// One entry of the vocabulary in a file.
pub(super) struct Entry {
    pub key: String,
    pub id: u32,
    pub location: Location,
}

/// The entries of a JSON object of tokens and their ids.
pub(super) fn read_entries(vocab: Node) -> Result<Vec<Entry>> {
    let entry = |(key, id): (String, Node)| {
        Ok(Entry {
            key,
            location: id.location(),
            id: id.id()?,
        })
    };
    vocab.entries()?.into_iter().map(entry).collect()
}

/// One merge in a file.
pub(super) struct MergeEntry {
    pub left: String,
    pub right: String,
    pub location: Location,
}

/// Builds the model. Merges may come in any order and make the same token more than once,
/// as Hugging Face allows. They must not repeat, or name tokens that do not exist.
pub(super) fn assemble(
    entries: Vec<Entry>,
    merges: impl Iterator<Item = Result<MergeEntry>>,
    ignore_merges: bool,
    pattern: &Pattern,
    added: &[AddedToken],
) -> Result<Bpe> {
    let limit = id_limit(entries.len() + added.len());
    let ids: HashMap<&str, u32> = added
        .iter()
        .map(|token| (token.text.as_str(), token.id))
        .collect();
    let mut tokens = Tokens::default();
    let mut set_aside = HashMap::new();
    for Entry { key, id, location } in entries {
        check_id(id, limit).map_err(|error| location.locate(error))?;
        let bytes = byte_level::decode(&key);
        if let Some(&added_id) = ids.get(key.as_str()) {
            if added_id != id {
                return Err(location.error(format_args!(
                    "{} has id {id} here and {added_id} as an added token",
                    quote(&key)
                )));
            }
            let Ok(bytes) = &bytes else { continue };
            if bytes.len() > 1 && !(ignore_merges && is_pretoken(pattern, bytes)?) {
                set_aside.insert(bytes.clone(), id);
                continue;
            }
        }
        let bytes = bytes.map_err(|character| {
            location.error(format_args!(
                "the token of id {id} holds {character:?}, which is no byte"
            ))
        })?;
        tokens
            .push(id, &bytes)
            .map_err(|error| location.locate(error))?;
    }
    let merges = resolve(merges, &mut tokens, set_aside)?;
    check_added_ids(added, limit)?;
    Ok(Bpe {
        tokens,
        merges,
        rule: MergeRule::Listed { ignore_merges },
    })
}

/// Turns merges into ids. A token that was set aside joins the others if a merge names it.
fn resolve(
    merges: impl Iterator<Item = Result<MergeEntry>>,
    tokens: &mut Tokens,
    mut set_aside: HashMap<Vec<u8>, u32>,
) -> Result<Vec<Merge>> {
    let mut resolved = Vec::new();
    let mut seen = HashSet::new();
    for merge in merges {
        let MergeEntry {
            left,
            right,
            location,
        } = merge?;
        let decode = |text: &str| {
            byte_level::decode(text).map_err(|character| {
                location.error(format_args!(
                    "the merge holds {character:?}, which is no byte"
                ))
            })
        };
        let mut find = |bytes: &[u8]| {
            if let Some(id) = set_aside.remove(bytes) {
                tokens
                    .push(id, bytes)
                    .map_err(|error| location.locate(error))?;
            }
            tokens.id(bytes).ok_or_else(|| {
                let text = byte_level::encode(bytes);
                location.error(format_args!(
                    "the merge needs {}, which is no token",
                    quote(&text)
                ))
            })
        };
        let (mut bytes, end) = (decode(&left)?, decode(&right)?);
        let (left, right) = (find(&bytes)?, find(&end)?);
        bytes.extend(end);
        let id = find(&bytes)?;
        if !seen.insert((left, right)) {
            return Err(location.error(format_args!(
                "the merge of ids {left} and {right} comes twice"
            )));
        }
        resolved.push(Merge { left, right, id });
    }
    Ok(resolved)
}

/// Whether the pattern does not split `bytes`.
pub(super) fn is_pretoken(pattern: &Pattern, bytes: &[u8]) -> Result<bool> {
    let mut ends = Vec::new();
    pattern.pretokens(bytes).fill(&mut ends)?;
    Ok(ends.first() == Some(&bytes.len()))
}

/// Refuses an id that is out of proportion to the vocabulary.
pub(super) fn check_id(id: u32, limit: usize) -> Result<()> {
    if (id as usize) < limit {
        return Ok(());
    }
    let reason = format!("id {id} is above {}, the limit for its size", limit - 1);
    Err(Error::InvalidVocab { reason })
}

/// Refuses added tokens whose id is out of proportion, too.
pub(super) fn check_added_ids(added: &[AddedToken], limit: usize) -> Result<()> {
    added.iter().try_for_each(|token| check_id(token.id, limit))
}

/// The entries to write, in order of id: the tokens of the model, and those of `added` that
/// are not among them.
pub(super) fn entries<'a>(
    tokens: &Tokens,
    added: impl IntoIterator<Item = &'a AddedToken>,
) -> Vec<(u32, String)> {
    let model = tokens
        .iter()
        .map(|(id, token)| (id, byte_level::encode(token)));
    let added = added
        .into_iter()
        .filter(|token| tokens.get(token.id).is_none())
        .map(|token| (token.id, token.text.clone()));
    let mut entries: Vec<_> = model.chain(added).collect();
    entries.sort_unstable_by_key(|&(id, _)| id);
    entries
}

/// Why a file that identifies tokens by their text in GPT-2's alphabet cannot hold these
/// added tokens; `None` if it can.
pub(super) fn confusion(tokens: &Tokens, added: &[AddedToken]) -> Option<String> {
    added.iter().find_map(|AddedToken { id, text, .. }| {
        let same_key = byte_level::decode(text)
            .ok()
            .and_then(|bytes| tokens.id(&bytes))?;
        let same_token = same_key == *id && tokens.get(*id) == Some(text.as_bytes());
        (!same_token).then(|| {
            format!(
                "the added token {} is how it spells token {same_key}",
                quote(text)
            )
        })
    })
}

/// The two sides of a merge as a file holds them. Their result is implied.
pub(super) fn parts(tokens: &Tokens, merge: &Merge) -> Result<[String; 2]> {
    let [left, right, whole] = [merge.left, merge.right, merge.id].map(|id| tokens.get(id));
    match (left, right, whole) {
        (Some(left), Some(right), Some(whole)) if [left, right].concat() == whole => {
            Ok([byte_level::encode(left), byte_level::encode(right)])
        }
        _ => Err(Error::InvalidVocab {
            reason: format!(
                "ids {} and {} do not spell id {}",
                merge.left, merge.right, merge.id
            ),
        }),
    }
}
