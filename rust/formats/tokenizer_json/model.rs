//! The `model` of a `tokenizer.json`.

use std::collections::HashMap;

use crate::error::Result;
use crate::formats::bpe::{self, MergeEntry, Options, check_added_ids, check_id};
use crate::formats::json::{Node, Object};
use crate::formats::{id_limit, quote};
use crate::pattern::Pattern;
use crate::vocab::{AddedToken, Bpe, Tokens, Unit, Words};
use crate::words::UNKNOWN;

/// Reads a BPE model whose text comes as `unit`s. The ids of added tokens become those that the
/// model's vocabulary lists. `dropout` is not for encoding: it is left out.
pub(super) fn read_bpe(
    mut fields: Object,
    unit: Unit,
    pattern: &Pattern,
    added: &mut [AddedToken],
) -> Result<Bpe> {
    if let Some(dropout) = fields.take("dropout") {
        let rate = dropout.text().parse().ok();
        if !rate.is_some_and(|rate: f32| (0.0..=1.0).contains(&rate)) {
            return Err(fields.unsupported("dropout", dropout));
        }
    }
    let mut text = |key: &str| fields.take(key).map(Node::string).transpose();
    let unknown = text("unk_token")?;
    let prefix = text("continuing_subword_prefix")?.unwrap_or_default();
    let suffix = text("end_of_word_suffix")?.unwrap_or_default();
    let mut flag = |key: &str| fields.take(key).map_or(Ok(false), Node::boolean);
    let options = Options {
        unit,
        prefix,
        suffix,
        unknown,
        byte_fallback: flag("byte_fallback")?,
        fuse_unknown: flag("fuse_unk")?,
        ignore_merges: flag("ignore_merges")?,
    };
    let entries = bpe::read_entries(fields.need("vocab")?)?;
    let merges = fields.need("merges")?.list()?;
    fields.finish()?;
    // Old files write a merge as one string, and may start with a line of merges.txt.
    let merges: Box<dyn Iterator<Item = Result<MergeEntry>>> = match merges.first() {
        Some(first) if first.is_string() => Box::new(
            merges
                .into_iter()
                .map(read_string)
                .filter_map(Result::transpose),
        ),
        _ => Box::new(merges.into_iter().map(read_pair)),
    };
    bpe::assemble(entries, merges, options, pattern, added)
}

fn read_pair(node: Node) -> Result<MergeEntry> {
    let [left, right] = node.list()?[..] else {
        return Err(node.location().error("expected a merge of two tokens"));
    };
    Ok(MergeEntry {
        left: left.string()?,
        right: right.string()?,
        location: node.location(),
    })
}

/// `None` for what `tokenizers` takes for a header, wherever it is in the list.
fn read_string(node: Node) -> Result<Option<MergeEntry>> {
    let text = node.string()?;
    if text.starts_with(bpe::HEADER) {
        return Ok(None);
    }
    let (left, right) = text.split_once(' ').ok_or_else(|| {
        node.location().error(format_args!(
            "expected two tokens with a space between, found {}",
            quote(&text)
        ))
    })?;
    let (left, right) = (left.to_owned(), right.to_owned());
    Ok(Some(MergeEntry {
        left,
        right,
        location: node.location(),
    }))
}

/// Reads a list of words, as written for levels `char` and `word`.
pub(super) fn read_words(mut fields: Object, added: &mut [AddedToken]) -> Result<Words> {
    let unknown = fields.need("unk_token")?;
    if unknown.string()? != UNKNOWN {
        return Err(fields.unsupported("unk_token", unknown));
    }
    let vocab = fields.need("vocab")?;
    fields.finish()?;
    let entries = vocab.entries()?;
    let limit = id_limit(entries.len() + added.len());
    let mut tokens = Tokens::default();
    let mut listed = HashMap::with_capacity(entries.len());
    for (word, node) in &entries {
        let id = node.id()?;
        listed.insert(word.as_str(), id);
        check_id(id, limit)
            .and_then(|()| tokens.push(id, word.as_bytes()))
            .map_err(|error| node.location().locate(error))?;
    }
    if tokens.id(UNKNOWN.as_bytes()) != Some(0) {
        return Err(vocab
            .location()
            .error(format_args!("{UNKNOWN:?} does not have id 0")));
    }
    bpe::number(added, &listed);
    check_added_ids(added, limit)?;
    Ok(Words { tokens, unknown: 0 })
}
