//! Converts between Hugging Face's view of a BPE model and ours.
//!
//! There, tokens are strings; where units are bytes, these are spelled in GPT-2's alphabet. Here,
//! tokens are bytes. Entries that hold other characters, or nothing, are inert: no text becomes
//! them.
//!
//! Their vocabulary may list added tokens among the others. Such an entry becomes a token of the
//! model only if the model can produce it. Its id counts, not the one in the list of added tokens.

use std::collections::{HashMap, HashSet};

use super::json::Node;
use super::{Location, id_limit, quote};
use crate::byte_level;
use crate::error::{Error, Result};
use crate::pattern::Pattern;
use crate::vocab::{
    AddedToken, Bpe, Merge, MergeRule, Tokens, Unit, Units, Unknown, fallback_token,
};

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

/// What a file says of a model besides its vocabulary and merges.
#[derive(Default)]
pub(super) struct Options {
    pub unit: Unit,
    pub prefix: String,
    pub suffix: String,
    pub byte_fallback: bool,
    /// The text of the token for what has none.
    pub unknown: Option<String>,
    pub fuse_unknown: bool,
    pub ignore_merges: bool,
}

/// Builds the model, and gives added tokens that the vocabulary lists the ids they have there.
/// Merges may come in any order, repeat (the last counts), and make the same token more than
/// once, as Hugging Face allows. They must not name tokens that do not exist.
pub(super) fn assemble(
    entries: Vec<Entry>,
    merges: impl Iterator<Item = Result<MergeEntry>>,
    options: Options,
    pattern: &Pattern,
    added: &mut [AddedToken],
) -> Result<Bpe> {
    let limit = id_limit(entries.len() + added.len());
    let listed: HashMap<&str, u32> = entries
        .iter()
        .map(|entry| (entry.key.as_str(), entry.id))
        .collect();
    number(added, &listed);
    check_added_ids(added, limit)?;
    let added_texts: HashSet<&str> = added.iter().map(|token| token.text.as_str()).collect();
    let unknown = options.unknown.as_ref().and_then(|text| {
        let id = *listed.get(text.as_str())?;
        Some(Unknown {
            id,
            fused: options.fuse_unknown,
        })
    });
    let units = Units {
        unit: options.unit,
        prefix: affix(&options.prefix, options.unit)?,
        suffix: affix(&options.suffix, options.unit)?,
        byte_fallback: options.byte_fallback,
        unknown,
        refuse: false,
    };
    let mut model = Assembly {
        tokens: Tokens::default(),
        set_aside: HashSet::new(),
        inert: HashMap::new(),
        unit: options.unit,
    };
    for Entry { key, id, location } in &entries {
        check_id(*id, limit).map_err(|error| location.locate(error))?;
        let bytes = decode(key, options.unit);
        if added_texts.contains(key.as_str()) {
            let Some(bytes) = &bytes else { continue };
            // Of others it takes a merge to know.
            let is_made = !units.are_plain()
                || is_unit(bytes, options.unit)
                || options.byte_fallback && is_fallback(key)
                || options.ignore_merges && is_pretoken(pattern, bytes)?;
            if !is_made {
                model.set_aside.insert(key.as_str());
                continue;
            }
        }
        match bytes {
            Some(bytes) => model.tokens.push(*id, &bytes),
            None => match model.inert.insert(*id, key) {
                None => Ok(()),
                Some(_) => Err(twice(*id)),
            },
        }
        .map_err(|error| location.locate(error))?;
    }
    let merges = model.resolve(merges, &listed, &options.prefix)?;
    let Assembly { tokens, inert, .. } = model;
    let mut inert: Vec<(u32, String)> = inert
        .into_iter()
        .map(|(id, key)| (id, key.to_owned()))
        .collect();
    inert.sort_unstable_by_key(|&(id, _)| id);
    if let Some(&(id, _)) = inert.iter().find(|&&(id, _)| tokens.get(id).is_some()) {
        return Err(twice(id));
    }
    Ok(Bpe {
        tokens,
        merges,
        rule: MergeRule::Listed {
            ignore_merges: options.ignore_merges,
        },
        units,
        inert,
    })
}

fn twice(id: u32) -> Error {
    Error::InvalidVocab {
        reason: format!("id {id} comes twice"),
    }
}

/// A model under construction.
struct Assembly<'e> {
    tokens: Tokens,
    /// The keys of entries that are added tokens, and not known to be made from text.
    set_aside: HashSet<&'e str>,
    inert: HashMap<u32, &'e str>,
    unit: Unit,
}

impl Assembly<'_> {
    /// Turns merges into ids. A token that was set aside joins the others if a merge names it.
    fn resolve(
        &mut self,
        merges: impl Iterator<Item = Result<MergeEntry>>,
        listed: &HashMap<&str, u32>,
        prefix: &str,
    ) -> Result<Vec<Merge>> {
        let mut resolved: Vec<Option<Merge>> = Vec::new();
        let mut seen = HashMap::new();
        for merge in merges {
            let MergeEntry {
                left,
                right,
                location,
            } = merge?;
            let end = right.get(prefix.len()..).ok_or_else(|| {
                location.error(format_args!(
                    "the right side of the merge is no longer than {}",
                    quote(prefix)
                ))
            })?;
            let whole = format!("{left}{end}");
            let mut ids = [0; 3];
            for (id, key) in ids.iter_mut().zip([&left, &right, &whole]) {
                *id = *listed.get(key.as_str()).ok_or_else(|| {
                    location.error(format_args!(
                        "the merge needs {}, which is no token",
                        quote(key)
                    ))
                })?;
                if self.set_aside.remove(key.as_str())
                    && let Some(bytes) = decode(key, self.unit)
                {
                    let pushed = self.tokens.push(*id, &bytes);
                    pushed.map_err(|error| location.locate(error))?;
                }
            }
            // Nothing becomes an inert token, so there is nothing to merge.
            if ids.iter().any(|&id| self.tokens.get(id).is_none()) {
                continue;
            }
            let [left, right, id] = ids;
            if let Some(earlier) = seen.insert((left, right), resolved.len()) {
                resolved[earlier] = None;
            }
            resolved.push(Some(Merge { left, right, id }));
        }
        Ok(resolved.into_iter().flatten().collect())
    }
}

/// Numbers added tokens as `tokenizers` does: those that the vocabulary lists have the id they have
/// there. The others keep theirs, unless they are taken or come twice; then they follow the
/// vocabulary in their order.
pub(super) fn number(added: &mut [AddedToken], listed: &HashMap<&str, u32>) {
    let mut taken: HashSet<u32> = listed.values().copied().collect();
    let is_listed = |token: &AddedToken| listed.contains_key(token.text.as_str());
    let free = added
        .iter()
        .filter(|token| !is_listed(token))
        .all(|token| taken.insert(token.id));
    let mut next = listed.len() as u32;
    for token in added.iter_mut() {
        match listed.get(token.text.as_str()) {
            Some(&id) => token.id = id,
            None if !free => {
                token.id = next;
                next += 1;
            }
            None => {}
        }
    }
}

/// The bytes that a key spells; `None` if no text can become it.
fn decode(key: &str, unit: Unit) -> Option<Vec<u8>> {
    let bytes = match unit {
        Unit::Byte => byte_level::decode(key).ok()?,
        Unit::Character => key.as_bytes().to_vec(),
    };
    (!bytes.is_empty()).then_some(bytes)
}

fn affix(text: &str, unit: Unit) -> Result<Vec<u8>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    decode(text, unit).ok_or_else(|| Error::Unsupported {
        what: format!("{} around bytes that do not spell it", quote(text)),
    })
}

fn is_unit(bytes: &[u8], unit: Unit) -> bool {
    match unit {
        Unit::Byte => bytes.len() == 1,
        Unit::Character => str::from_utf8(bytes).is_ok_and(|text| text.chars().count() == 1),
    }
}

fn is_fallback(key: &str) -> bool {
    let digits = key
        .strip_prefix("<0x")
        .and_then(|key| key.strip_suffix('>'));
    digits
        .and_then(|digits| u8::from_str_radix(digits, 16).ok())
        .is_some_and(|byte| key == fallback_token(byte))
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

/// The entries to write, in order of id: those of the model, and those of `added` that are not
/// among them.
pub(super) fn entries<'a>(
    bpe: &Bpe,
    added: impl IntoIterator<Item = &'a AddedToken>,
) -> Vec<(u32, String)> {
    let tokens = bpe
        .tokens
        .iter()
        .map(|(id, token)| (id, bpe.units.unit.spelled(token)));
    let added = added
        .into_iter()
        .filter(|token| bpe.spelled(token.id).is_none())
        .map(|token| (token.id, token.text.clone()));
    let mut entries: Vec<_> = tokens
        .chain(bpe.inert.iter().cloned())
        .chain(added)
        .collect();
    entries.sort_by_key(|&(id, _)| id);
    entries
}

/// Why a file that identifies tokens by their text cannot hold these added tokens; `None` if it
/// can.
pub(super) fn confusion(bpe: &Bpe, added: &[AddedToken]) -> Option<String> {
    added.iter().find_map(|AddedToken { id, text, .. }| {
        let spelled = decode(text, bpe.units.unit).and_then(|bytes| bpe.tokens.id(&bytes));
        let inert = || Some(bpe.inert.iter().find(|(_, key)| key == text)?.0);
        let same_key = spelled.or_else(inert)?;
        (same_key != *id).then(|| {
            format!(
                "the added token {} is how it spells token {same_key}",
                quote(text)
            )
        })
    })
}

/// The two sides of a merge as a file holds them. Their result is implied.
pub(super) fn parts(bpe: &Bpe, merge: &Merge) -> Result<[String; 2]> {
    let [left, right, whole] = [merge.left, merge.right, merge.id].map(|id| bpe.tokens.get(id));
    let prefix = bpe.units.prefix.len();
    match (left, right, whole) {
        (Some(left), Some(right), Some(whole))
            if right.len() >= prefix && [left, &right[prefix..]].concat() == whole =>
        {
            Ok([left, right].map(|token| bpe.units.unit.spelled(token)))
        }
        _ => Err(Error::InvalidVocab {
            reason: format!(
                "ids {} and {} do not spell id {}",
                merge.left, merge.right, merge.id
            ),
        }),
    }
}
