//! `.tiktoken` files: a line for each token, its bytes in base64 and its id.
//!
//! Such a file holds neither the pattern nor the special tokens, so the caller gives
//! them. The ids are the ranks, see [`MergeRule::Ranked`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::bpe::{check_added_ids, check_id};
use super::{Location, checked, id_limit, quote, specials};
use crate::error::{Error, Result};
use crate::merge::difference_from_id_order;
use crate::pattern::Pattern;
use crate::vocab::{Bpe, MergeRule, Model, Tokens, Vocab};

const FORMAT: &str = "tiktoken";

/// Reads a file. Special tokens without an id follow the largest id, in their order.
///
/// Lines may end in CR LF and may be empty, as in tiktoken. Unlike there, base64 must
/// be canonical, and neither a token nor an id may come twice.
pub fn read(data: &[u8], pattern: Pattern, special: &[(String, Option<u32>)]) -> Result<Vocab> {
    let mut tokens = Tokens::default();
    let lines = memchr::memchr_iter(b'\n', data).count() + 1;
    let limit = id_limit(lines);
    let mut location = Location {
        format: FORMAT,
        offset: 0,
        line: None,
    };
    for (line, number) in data.split_inclusive(|&byte| byte == b'\n').zip(1..) {
        location.line = Some(number);
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if !text.is_empty() {
            let (token, id) = parse_line(text, location)?;
            check_id(id, limit)
                .and_then(|()| tokens.push(id, &token))
                .map_err(|error| location.locate(error))?;
        }
        location.offset += line.len();
    }
    if tokens.is_empty() {
        return Err(Error::Malformed {
            format: FORMAT,
            offset: None,
            reason: "the file holds no tokens".into(),
        });
    }
    let added_tokens = specials::number(special, tokens.id_limit())?;
    if let Some(token) = added_tokens
        .iter()
        .find(|token| tokens.id(token.text.as_bytes()).is_some())
    {
        return Err(Error::InvalidArgument {
            name: "special_tokens",
            reason: format!("{} is an ordinary token of the file", quote(&token.text)),
        });
    }
    check_added_ids(&added_tokens, limit)?;
    let model = Model::Bpe(Bpe {
        tokens,
        merges: Vec::new(),
        rule: MergeRule::Ranked,
    });
    checked(Vocab {
        model,
        pattern,
        normalizer: None,
        added_tokens,
        template: None,
    })
}

fn parse_line(line: &[u8], location: Location) -> Result<(Vec<u8>, u32)> {
    let malformed = |reason: &str| {
        location.error(format_args!(
            "{reason}, found {}",
            quote(&String::from_utf8_lossy(line))
        ))
    };
    let space = memchr::memchr(b' ', line)
        .ok_or_else(|| malformed("expected a token in base64, a space and an id"))?;
    let (token, id) = (&line[..space], &line[space + 1..]);
    let token = STANDARD
        .decode(token)
        .map_err(|error| malformed(&format!("expected a token in base64 ({error})")))?;
    let canonical = id.iter().all(u8::is_ascii_digit) && (id.len() == 1 || !id.starts_with(b"0"));
    let id = std::str::from_utf8(id)
        .ok()
        .filter(|_| canonical)
        .and_then(|id| id.parse().ok());
    Ok((
        token,
        id.ok_or_else(|| malformed("expected an id after the space"))?,
    ))
}

/// Writes the tokens in order of id. The pattern, the special tokens and the template are
/// not in the file: they must be given again on reading.
///
/// A list of merges can be written if it says no more than the order of the tokens
/// does, as in every vocabulary trained here.
pub fn write(vocab: &Vocab) -> Result<Vec<u8>> {
    let refuse = |reason: String| Error::NotExpressible {
        format: FORMAT,
        reason,
    };
    let Model::Bpe(bpe) = &vocab.model else {
        return Err(refuse("its tokens are whole characters or words".into()));
    };
    if let Some(reason) = specials::inexpressible(vocab) {
        return Err(refuse(reason));
    }
    if let Some(reason) = difference_from_id_order(bpe) {
        return Err(refuse(reason));
    }
    let mut file = String::new();
    for (id, token) in bpe.tokens.iter() {
        STANDARD.encode_string(token, &mut file);
        file.push_str(&format!(" {id}\n"));
    }
    Ok(file.into_bytes())
}
