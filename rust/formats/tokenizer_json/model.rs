//! The `model` of a `tokenizer.json`.

use crate::error::Result;
use crate::formats::bpe::{self, MergeEntry, check_added_ids, check_id};
use crate::formats::json::{Node, Object};
use crate::formats::{id_limit, quote};
use crate::pattern::Pattern;
use crate::vocab::{AddedToken, Bpe, Tokens, Words};
use crate::words::UNKNOWN;

/// Reads a byte-level BPE model.
pub(super) fn read_bpe(mut fields: Object, pattern: &Pattern, added: &[AddedToken]) -> Result<Bpe> {
    if let Some(dropout) = fields.take("dropout")
        && !matches!(dropout.text(), "0" | "0.0")
    {
        return Err(fields.unsupported("dropout", dropout));
    }
    for affix in ["continuing_subword_prefix", "end_of_word_suffix"] {
        if let Some(text) = fields.take(affix)
            && !text.string()?.is_empty()
        {
            return Err(fields.unsupported(affix, text));
        }
    }
    fields.only("byte_fallback", false)?;
    fields.take("unk_token").map(Node::string).transpose()?;
    fields.ignore_flags(&["fuse_unk"])?;
    let ignore_merges = fields
        .take("ignore_merges")
        .map_or(Ok(false), Node::boolean)?;
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
    bpe::assemble(entries, merges, ignore_merges, pattern, added)
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
pub(super) fn read_words(mut fields: Object, added: &[AddedToken]) -> Result<Words> {
    let unknown = fields.need("unk_token")?;
    if unknown.string()? != UNKNOWN {
        return Err(fields.unsupported("unk_token", unknown));
    }
    let vocab = fields.need("vocab")?;
    fields.finish()?;
    let entries = vocab.entries()?;
    let limit = id_limit(entries.len() + added.len());
    let mut tokens = Tokens::default();
    for (word, node) in entries {
        let id = node.id()?;
        check_id(id, limit)
            .and_then(|()| tokens.push(id, word.as_bytes()))
            .map_err(|error| node.location().locate(error))?;
    }
    if tokens.id(UNKNOWN.as_bytes()) != Some(0) {
        return Err(vocab
            .location()
            .error(format_args!("{UNKNOWN:?} does not have id 0")));
    }
    check_added_ids(added, limit)?;
    Ok(Words { tokens, unknown: 0 })
}
