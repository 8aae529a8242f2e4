//! Mistral's `tekken.json`: a ranked vocabulary with its pattern and its special tokens, whose ids
//! come first.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::bpe::check_id;
use super::json::{Node, Object};
use super::{checked, id_limit, quote};
use crate::error::{Error, Result};
use crate::pattern::Pattern;
use crate::vocab::{AddedToken, Around, Bpe, MAX_IDS, MergeRule, Model, Tokens, Vocab};

const FORMAT: &str = "tekken.json";

/// The special tokens of files that do not list them.
const OLD_SPECIALS: [&str; 20] = [
    "<unk>",
    "<s>",
    "</s>",
    "[INST]",
    "[/INST]",
    "[AVAILABLE_TOOLS]",
    "[/AVAILABLE_TOOLS]",
    "[TOOL_RESULTS]",
    "[/TOOL_RESULTS]",
    "[TOOL_CALLS]",
    "[IMG]",
    "<pad>",
    "[IMG_BREAK]",
    "[IMG_END]",
    "[PREFIX]",
    "[MIDDLE]",
    "[SUFFIX]",
    "[SYSTEM_PROMPT]",
    "[/SYSTEM_PROMPT]",
    "[TOOL_CONTENT]",
];

/// Reads a file. Keys that say nothing of text are ignored.
pub fn read(data: &[u8]) -> Result<Vocab> {
    let mut file = Node::parse(FORMAT, data)?.object("a tekken.json")?;
    let mut config = file.need("config")?.object("the config")?;
    let pattern = config.need("pattern")?;
    let size = count(&mut config, "default_vocab_size")?;
    let specials = count(&mut config, "default_num_special_tokens")?;
    let list = file.need("vocab")?;
    let entries = list.list()?;
    let own = size
        .checked_sub(specials)
        .filter(|&own| own <= entries.len());
    let own = own.ok_or_else(|| {
        list.location().error(format_args!(
            "{} tokens and {specials} special tokens do not make {size}",
            entries.len()
        ))
    })?;
    check_id(specials as u32, id_limit(entries.len()))
        .map_err(|error| list.location().locate(error))?;
    let mut tokens = Tokens::default();
    // Tokens beyond the size of the vocabulary are left out.
    for (rank, &entry) in entries[..own].iter().enumerate() {
        let mut fields = entry.object("a token")?;
        let bytes = fields.need("token_bytes")?;
        if fields.need("rank")?.id()? as usize != rank {
            return Err(entry.location().error(format_args!("expected rank {rank}")));
        }
        let token = STANDARD.decode(bytes.string()?).map_err(|error| {
            bytes
                .location()
                .error(format_args!("expected base64 ({error})"))
        })?;
        tokens
            .push((specials + rank) as u32, &token)
            .map_err(|error| entry.location().locate(error))?;
    }
    let added_tokens = read_specials(file.take("special_tokens"), specials)?;
    let text = pattern.string()?;
    let pattern = Pattern::parse(&text).map_err(|error| match error {
        Error::PatternUnsupported { pattern, reason } => Error::Unsupported {
            what: format!("the pattern {} ({reason})", quote(&pattern)),
        },
        error @ Error::PatternSyntax { .. } => pattern.location().error(error),
        other => other,
    })?;
    checked(Vocab {
        model: Model::Bpe(Bpe {
            tokens,
            rule: MergeRule::Ranked,
            ..Bpe::default()
        }),
        pattern,
        normalizer: None,
        added_tokens,
        template: None,
        around: Around::default(),
    })
}

fn count(config: &mut Object, key: &str) -> Result<usize> {
    let node = config.need(key)?;
    let count = node.id()? as usize;
    if count > MAX_IDS {
        return Err(node
            .location()
            .error(format_args!("{count} is above {MAX_IDS}")));
    }
    Ok(count)
}

/// The special tokens with their ids; those that are not listed have a text made of theirs.
fn read_specials(list: Option<Node>, count: usize) -> Result<Vec<AddedToken>> {
    let mut added = Vec::new();
    match list {
        None => {
            let old = (0..).zip(OLD_SPECIALS).take(count);
            added.extend(old.map(|(id, text)| AddedToken::special(id, text)));
        }
        Some(list) => {
            for node in list.list()? {
                let mut fields = node.object("a special token")?;
                let id = fields.need("rank")?.id()?;
                if id as usize >= count {
                    return Err(node
                        .location()
                        .error(format_args!("expected a rank below {count}")));
                }
                added.push(AddedToken::special(id, fields.need("token_str")?.string()?));
            }
        }
    }
    let listed = added.len() as u32;
    let rest = (listed..count as u32).map(|id| AddedToken::special(id, format!("<SPECIAL_{id}>")));
    added.extend(rest);
    added.sort_by_key(|token| token.id);
    Ok(added)
}
