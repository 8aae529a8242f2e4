//! GPT-2's pair of files: `vocab.json` maps tokens in GPT-2's alphabet to ids, and
//! `merges.txt` has a line for each merge, in rank order.
//!
//! They hold neither the pattern nor which tokens are special, so the caller gives both.

use std::collections::HashMap;
use std::fmt::Write;

use super::bpe::{self, HEADER, MergeEntry, Options};
use super::json::Node;
use super::{Location, checked, quote, specials};
use crate::error::{Error, Result};
use crate::merge::difference_from_id_order;
use crate::pattern::Pattern;
use crate::vocab::{MergeRule, Model, Vocab};

const VOCAB: &str = "vocab.json";
const MERGES: &str = "merges.txt";

/// Reads both files. A special token that `vocab.json` lists has the id it has there;
/// the others, if no id is given, follow the largest id, in their order.
pub fn read(
    vocab_json: &[u8],
    merges_txt: &[u8],
    pattern: Pattern,
    special: &[(String, Option<u32>)],
) -> Result<Vocab> {
    let entries = bpe::read_entries(Node::parse(VOCAB, vocab_json)?)?;
    let listed: HashMap<&str, u32> = entries
        .iter()
        .map(|entry| (entry.key.as_str(), entry.id))
        .collect();
    let special: Vec<(String, Option<u32>)> = special
        .iter()
        .map(|(text, id)| match (listed.get(text.as_str()), id) {
            (Some(listed), Some(id)) if listed != id => Err(Error::InvalidArgument {
                name: "special_tokens",
                reason: format!("{} has id {listed} in {VOCAB}, not {id}", quote(text)),
            }),
            (listed, id) => Ok((text.clone(), listed.or(id.as_ref()).copied())),
        })
        .collect::<Result<_>>()?;
    let id_limit = entries
        .iter()
        .map(|entry| entry.id as usize + 1)
        .max()
        .unwrap_or(0);
    let mut added_tokens = specials::number(&special, id_limit)?;
    let model = bpe::assemble(
        entries,
        merges(merges_txt)?,
        Options::default(),
        &pattern,
        &mut added_tokens,
    )?;
    specials::refuse_taken(&added_tokens, |id| model.spelled(id))?;
    checked(Vocab {
        model: Model::Bpe(model),
        pattern,
        normalizer: None,
        around: Default::default(),
        added_tokens,
        template: None,
    })
}

/// The merges of `merges.txt`. Only its first line can be the header: a later line
/// that starts like it is a merge.
fn merges(data: &[u8]) -> Result<impl Iterator<Item = Result<MergeEntry>>> {
    let mut location = Location {
        format: MERGES,
        offset: 0,
        line: None,
    };
    let text = std::str::from_utf8(data).map_err(|error| {
        Location {
            offset: error.valid_up_to(),
            ..location
        }
        .error("the text is not valid UTF-8")
    })?;
    if text.is_empty() {
        return Err(location.error("the file is empty"));
    }
    let merges = text
        .split_inclusive('\n')
        .zip(1..)
        .map(move |(line, number)| {
            location.line = Some(number);
            let start = location;
            location.offset += line.len();
            let line = line.strip_suffix('\n').unwrap_or(line);
            let line = line.strip_suffix('\r').unwrap_or(line);
            if number == 1 && line.starts_with(HEADER) {
                return Ok(None);
            }
            match line.split_once(' ') {
                Some((left, right)) if !left.is_empty() && !right.is_empty() => {
                    Ok(Some(MergeEntry {
                        left: left.to_owned(),
                        right: right.to_owned(),
                        location: start,
                    }))
                }
                _ => Err(start.error(format_args!(
                    "expected two tokens with a space between, found {}",
                    quote(line)
                ))),
            }
        });
    Ok(merges.filter_map(Result::transpose))
}

/// Writes `(vocab.json, merges.txt)`. Special tokens are listed in `vocab.json`; the
/// pattern and the template are in neither: they must be given again on reading.
pub fn write(vocab: &Vocab) -> Result<(Vec<u8>, Vec<u8>)> {
    let refuse = |reason: String| {
        Err(Error::NotExpressible {
            format: "vocab.json and merges.txt",
            reason,
        })
    };
    let Model::Bpe(bpe) = &vocab.model else {
        return refuse("its tokens are whole characters or words".into());
    };
    if let Some(reason) = specials::inexpressible(vocab) {
        return refuse(reason);
    }
    if !bpe.units.are_bytes_alone() {
        return refuse("its tokens are not made of bytes alone".into());
    }
    match bpe.rule {
        MergeRule::Ranked => return refuse("it has no list of merges".into()),
        MergeRule::Listed {
            ignore_merges: false,
        } => {}
        // Looking whole pretokens up first changes nothing if merging finds them too.
        MergeRule::Listed {
            ignore_merges: true,
        } => {
            if let Some(reason) = difference_from_id_order(bpe) {
                return refuse(reason);
            }
        }
    }
    if let Some(reason) = bpe::confusion(bpe, &vocab.added_tokens) {
        return refuse(reason);
    }
    let entries = bpe::entries(bpe, &vocab.added_tokens);
    let mut json = String::from("{");
    let mut separator = "\n  ";
    for (id, key) in entries {
        let key = serde_json::Value::String(key);
        write!(json, "{separator}{key}: {id}").expect("a string takes everything");
        separator = ",\n  ";
    }
    json.push_str("\n}\n");
    let mut text = format!("{HEADER}: 0.2\n");
    for merge in &bpe.merges {
        let [left, right] = bpe::parts(bpe, merge)?;
        writeln!(text, "{left} {right}").expect("a string takes everything");
    }
    Ok((json.into_bytes(), text.into_bytes()))
}
