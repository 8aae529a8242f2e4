//! `.tiktoken` files: a line for each token, its bytes in base64 and its id.
//!
//! Such a file holds neither the pattern nor the special tokens, so the caller gives
//! them. The ids are the ranks, see [`MergeRule::Ranked`].

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::bpe::{check_added_ids, check_id};
use super::{Location, checked, id_limit, quote, specials};
use crate::error::{Error, Result};
use crate::merge::{BpeTables, difference_from_id_order};
use crate::pattern::Pattern;
use crate::vocab::{Bpe, MergeRule, Model, Tokens, Vocab};

const FORMAT: &str = "tiktoken";

/// Reads a file. Special tokens without an id follow the largest id, in their order.
///
/// Lines may end in CR LF and may be empty, as in tiktoken. Unlike there, base64 must
/// be canonical, and neither a token nor an id may come twice.
pub fn read(data: &[u8], pattern: Pattern, special: &[(String, Option<u32>)]) -> Result<Vocab> {
    let lines = memchr::memchr_iter(b'\n', data).count() + 1;
    let limit = id_limit(lines);
    // A line has two bytes at least, and base64 is longer than what it stands for.
    let mut tokens = Tokens::with_capacity(lines.min(data.len() / 2), data.len() / 2);
    let mut token = Vec::new();
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
            let id = parse_line(text, location, &mut token)?;
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
    specials::refuse_taken(&added_tokens, |id| tokens.get(id))?;
    // With an id, it is what the caller means.
    let ordinary = special
        .iter()
        .find(|(text, id)| id.is_none() && tokens.id(text.as_bytes()).is_some());
    if let Some((text, _)) = ordinary {
        return Err(Error::InvalidArgument {
            name: "special_tokens",
            reason: format!("{} is an ordinary token of the file", quote(text)),
        });
    }
    check_added_ids(&added_tokens, limit)?;
    let model = Model::Bpe(Bpe {
        tokens,
        merges: Vec::new(),
        rule: MergeRule::Ranked,
        ..Bpe::default()
    });
    checked(Vocab {
        model,
        pattern,
        normalizer: None,
        around: Default::default(),
        added_tokens,
        template: None,
    })
}

/// Returns the id in a line, and puts its token in `token`.
fn parse_line(line: &[u8], location: Location, token: &mut Vec<u8>) -> Result<u32> {
    let malformed = |reason: &str| {
        location.error(format_args!(
            "{reason}, found {}",
            quote(&String::from_utf8_lossy(line))
        ))
    };
    let space = memchr::memchr(b' ', line)
        .ok_or_else(|| malformed("expected a token in base64, a space and an id"))?;
    let (text, id) = (&line[..space], &line[space + 1..]);
    token.clear();
    STANDARD
        .decode_vec(text, token)
        .map_err(|error| malformed(&format!("expected a token in base64 ({error})")))?;
    let canonical = id.iter().all(u8::is_ascii_digit) && (id.len() == 1 || !id.starts_with(b"0"));
    let id = std::str::from_utf8(id)
        .ok()
        .filter(|_| canonical)
        .and_then(|id| id.parse().ok());
    id.ok_or_else(|| malformed("expected an id after the space"))
}

/// Whether the merges that can occur are those that the order of the tokens alone allows, in a
/// vocabulary that looks whole pretokens up. Tokens that no merge makes are then found so, too.
fn is_ranked_alike(bpe: &Bpe) -> Result<bool> {
    let whole = MergeRule::Listed {
        ignore_merges: true,
    };
    if bpe.rule != whole {
        return Ok(false);
    }
    let ranked = Bpe {
        tokens: bpe.tokens.clone(),
        merges: Vec::new(),
        rule: MergeRule::Ranked,
        ..Bpe::default()
    };
    Ok(BpeTables::new(bpe)?.merges(bpe) == BpeTables::new(&ranked)?.merges(&ranked))
}

/// Writes the tokens in order of id. The pattern, the special tokens and the template are
/// not in the file: they must be given again on reading.
///
/// A list of merges can be written if it says no more than the order of the tokens does, as in
/// every vocabulary trained here, or in lists of all pairs that spell a token.
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
    if !bpe.units.are_bytes_alone() || !bpe.inert.is_empty() {
        return Err(refuse("its tokens are not made of bytes alone".into()));
    }
    if let Some(byte) = (0..=u8::MAX).find(|&byte| bpe.tokens.id(&[byte]).is_none()) {
        return Err(refuse(format!("byte 0x{byte:02X} has no token")));
    }
    if let Some(reason) = difference_from_id_order(bpe)
        && !is_ranked_alike(bpe)?
    {
        return Err(refuse(reason));
    }
    let mut file = String::new();
    for (id, token) in bpe.tokens.iter() {
        STANDARD.encode_string(token, &mut file);
        file.push_str(&format!(" {id}\n"));
    }
    Ok(file.into_bytes())
}
