//! A list of pieces with scores, as SentencePiece's BPE has it, as a `tokenizer.json`.
//!
//! SentencePiece merges the two neighbours that make the piece of the highest score, the leftmost
//! of equals. Here that becomes a list of merges in order of score.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::quote;
use crate::error::{Error, Result};
use crate::merge::{effective, spellings};
use crate::vocab::{Bpe, Merge, Tokens, Unit, Units, fallback_token};

/// The character that stands for a space.
const SPACE: &str = "\u{2581}";

/// What a piece is for, with the numbers of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Normal,
    Unknown,
    Control,
    UserDefined,
    Unused,
    Byte,
}

impl Kind {
    pub fn new(number: u64) -> Option<Self> {
        Some(match number {
            1 => Kind::Normal,
            2 => Kind::Unknown,
            3 => Kind::Control,
            4 => Kind::UserDefined,
            5 => Kind::Unused,
            6 => Kind::Byte,
            _ => return None,
        })
    }
}

/// One piece; its id is its position.
pub(super) struct Piece {
    pub text: String,
    pub score: f32,
    pub kind: Kind,
}

/// What is done besides merging.
pub(super) struct Rules {
    /// What the file is called in messages.
    pub format: &'static str,
    pub byte_fallback: bool,
    /// A space goes before the text.
    pub prefix: bool,
    /// Spaces around the text go, and of several in it one stays.
    pub collapse: bool,
    /// Ids around the text on request.
    pub before: Option<u32>,
    pub after: Option<u32>,
}

impl Rules {
    fn malformed(&self, reason: String) -> Error {
        Error::Malformed {
            format: self.format,
            offset: None,
            reason,
        }
    }
}

/// The text of the `tokenizer.json`.
pub(super) fn to_tokenizer_json(pieces: &[Piece], rules: &Rules) -> Result<Vec<u8>> {
    let mut vocab = HashMap::with_capacity(pieces.len());
    for (id, piece) in (0u32..).zip(pieces) {
        if piece.text.is_empty() {
            return Err(rules.malformed(format!("piece {id} is empty")));
        }
        if let Some(other) = vocab.insert(piece.text.as_str(), id) {
            let text = quote(&piece.text);
            return Err(rules.malformed(format!("pieces {other} and {id} are both {text}")));
        }
        if !piece.score.is_finite() {
            return Err(rules.malformed(format!("the score of piece {id} is not a number")));
        }
    }
    refuse_unused(pieces, rules)?;
    if rules.byte_fallback {
        let lost = (0..=u8::MAX).find(|&byte| !vocab.contains_key(&fallback_token(byte)[..]));
        if let Some(byte) = lost {
            return Err(rules.malformed(format!("there is no piece for byte 0x{byte:02X}")));
        }
    }
    let of_kind = |kind| {
        (0u32..)
            .zip(pieces)
            .filter(move |(_, piece)| piece.kind == kind)
    };
    let unknown = of_kind(Kind::Unknown).next().map(|(_, piece)| &piece.text);
    let merges = merges(pieces, rules)?;
    let added: Vec<Value> = (0u32..)
        .zip(pieces)
        .filter_map(|(id, piece)| {
            let special = match piece.kind {
                Kind::Unknown | Kind::Control => true,
                Kind::UserDefined => false,
                _ => return None,
            };
            // Those of the user are looked for once spaces are replaced. With a space before the
            // text that cannot be: it would become part of them. They are cut out before, and
            // what follows them begins with a space, as in transformers.
            let normalized = !special && !rules.prefix;
            Some(json!({
                "id": id, "content": piece.text, "special": special, "normalized": normalized,
                "lstrip": false, "rstrip": false, "single_word": false,
            }))
        })
        .collect();
    let replace = |pattern: Value, content: &str| json!({"type": "Replace", "pattern": pattern, "content": content});
    let mut normalizers = Vec::new();
    if rules.collapse {
        normalizers.push(replace(json!({"Regex": r"\A +| +\z"}), ""));
        normalizers.push(replace(json!({"Regex": " {2,}"}), " "));
    }
    if rules.prefix {
        normalizers.push(json!({"type": "Prepend", "prepend": SPACE}));
    }
    normalizers.push(replace(json!({"String": " "}), SPACE));
    let mut decoders = vec![
        replace(json!({"String": SPACE}), " "),
        json!({"type": "ByteFallback"}),
        json!({"type": "Fuse"}),
    ];
    if rules.prefix {
        decoders.push(json!({"type": "Strip", "content": " ", "start": 1, "stop": 0}));
    }
    let file = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {"type": "Sequence", "normalizers": normalizers},
        "pre_tokenizer": null,
        "post_processor": template(rules, |id| Some(pieces.get(id as usize)?.text.clone()))?,
        "decoder": {"type": "Sequence", "decoders": decoders},
        "model": {
            "type": "BPE",
            "dropout": null,
            "unk_token": unknown,
            "continuing_subword_prefix": null,
            "end_of_word_suffix": null,
            "fuse_unk": true,
            "byte_fallback": rules.byte_fallback,
            "ignore_merges": false,
            "vocab": vocab,
            "merges": merges,
        },
    });
    Ok(file.to_string().into_bytes())
}

/// The `TemplateProcessing` that puts the ids of the rules around a text, if there are any.
pub(super) fn template(
    rules: &Rules,
    text: impl Fn(u32) -> Option<String>,
) -> Result<Option<Value>> {
    if rules.before.is_none() && rules.after.is_none() {
        return Ok(None);
    }
    let mut tokens = serde_json::Map::new();
    let mut special = |id: Option<u32>| {
        let Some(id) = id else {
            return Ok(None);
        };
        let text = text(id).ok_or_else(|| {
            rules.malformed(format!("id {id}, which goes around text, is no token"))
        })?;
        let piece = json!({"SpecialToken": {"id": text, "type_id": 0}});
        let token = json!({"id": text, "ids": [id], "tokens": [text]});
        tokens.insert(text, token);
        Ok(Some(piece))
    };
    let (before, after) = (special(rules.before)?, special(rules.after)?);
    let sequence = |name: &str| json!({"Sequence": {"id": name, "type_id": 0}});
    let around = |name: &str| {
        let pieces = [before.clone(), Some(sequence(name)), after.clone()];
        pieces.into_iter().flatten()
    };
    Ok(Some(json!({
        "type": "TemplateProcessing",
        "single": around("A").collect::<Vec<_>>(),
        "pair": around("A").chain(around("B")).collect::<Vec<_>>(),
        "special_tokens": tokens,
    })))
}

/// Refuses unused pieces that merging could make. Others only take up ids, such as those that fill
/// a vocabulary up to a round size.
fn refuse_unused(pieces: &[Piece], rules: &Rules) -> Result<()> {
    let is_unused = |id: u32| pieces[id as usize].kind == Kind::Unused;
    if !pieces.iter().any(|piece| piece.kind == Kind::Unused) {
        return Ok(());
    }
    let merged = (0u32..)
        .zip(pieces)
        .filter(|(_, piece)| matches!(piece.kind, Kind::Normal | Kind::Unused));
    let is_unit =
        |&(id, piece): &(u32, &Piece)| is_unused(id) && piece.text.chars().nth(1).is_none();
    let mut made = merged.clone().find(is_unit).map(|(id, _)| id);
    let tokens = Tokens::new(merged.map(|(id, piece)| (id, piece.text.as_bytes())))?;
    spellings(&tokens, &mut |_, _, id| {
        if is_unused(id) {
            made = made.or(Some(id));
        }
    });
    match made {
        None => Ok(()),
        Some(id) => Err(Error::Unsupported {
            what: format!("{} with unused pieces, such as {id}", rules.format),
        }),
    }
}

/// How pieces are made of two others, in order of score. Of the ways to spell a piece, only the
/// one that merging takes is there: the others would make a long list.
fn merges<'p>(pieces: &'p [Piece], rules: &Rules) -> Result<Vec<[&'p str; 2]>> {
    refuse_ties(pieces, rules)?;
    let normal = (0u32..)
        .zip(pieces)
        .filter(|(_, piece)| piece.kind == Kind::Normal)
        .map(|(id, piece)| (id, piece.text.as_bytes()));
    let tokens = Tokens::new(normal)?;
    let mut merges = Vec::new();
    spellings(&tokens, &mut |left, right, id| {
        merges.push(Merge { left, right, id });
    });
    // Of equal scores, the first piece comes first.
    merges.sort_by(|one, other| {
        let score = |merge: &Merge| pieces[merge.id as usize].score;
        let order = score(other).total_cmp(&score(one));
        order.then(one.id.cmp(&other.id))
    });
    let bpe = Bpe {
        tokens,
        merges,
        units: Units {
            unit: Unit::Character,
            ..Units::default()
        },
        ..Bpe::default()
    };
    let text = |id: u32| pieces[id as usize].text.as_str();
    Ok(effective(&bpe)
        .into_iter()
        .map(|merge| [text(merge.left), text(merge.right)])
        .collect())
}

/// Refuses equal scores where the leftmost piece could be another than the first in the list.
///
/// It cannot if the pieces of the lowest score are runs of one character that no other piece
/// holds twice in a row, as runs of spaces in Llama's: they merge when everything else has, and
/// the list makes of each run what merging the leftmost pieces makes.
fn refuse_ties(pieces: &[Piece], rules: &Rules) -> Result<()> {
    let mut long: Vec<&Piece> = pieces
        .iter()
        .filter(|piece| piece.kind == Kind::Normal && piece.text.chars().nth(1).is_some())
        .collect();
    // Stable, so that equals stay in order of id.
    long.sort_by(|one, other| other.score.total_cmp(&one.score));
    let Some(lowest) = long.last().map(|piece| piece.score) else {
        return Ok(());
    };
    let others = long.partition_point(|piece| piece.score > lowest);
    let (others, tied) = long.split_at(others);
    let twice = others
        .windows(2)
        .find(|pair| pair[0].score == pair[1].score);
    let harmless = twice.is_none() && (tied.len() < 2 || are_runs(tied, others));
    if harmless {
        return Ok(());
    }
    let example = twice.map_or(tied[0], |pair| pair[0]);
    Err(Error::Unsupported {
        what: format!(
            "{} in which {} and another piece have the same score",
            rules.format,
            quote(&example.text)
        ),
    })
}

/// Whether pieces, in the order in which they merge, are runs of one character that `others` do
/// not hold, and become what merging the leftmost first would make.
fn are_runs(tied: &[&Piece], others: &[&Piece]) -> bool {
    const LONGEST: usize = 64;
    let Some(first) = tied[0].text.chars().next() else {
        return false;
    };
    let twice = format!("{first}{first}");
    let mut lengths = Vec::with_capacity(tied.len());
    for piece in tied {
        let length = piece.text.chars().count();
        if length > LONGEST || piece.text.chars().any(|character| character != first) {
            return false;
        }
        lengths.push(length);
    }
    if others.iter().any(|piece| piece.text.contains(&twice)) {
        return false;
    }
    let is_part = |length: usize| length == 1 || lengths.contains(&length);
    let longest = lengths.iter().copied().max().unwrap_or(1);
    (1..=4 * longest).all(|run| {
        let (mut listed, mut leftmost) = (vec![1; run], vec![1; run]);
        for &length in &lengths {
            let mut at = 0;
            while at + 1 < listed.len() {
                if listed[at] + listed[at + 1] == length {
                    listed.splice(at..at + 2, [length]);
                } else {
                    at += 1;
                }
            }
        }
        let joins = |parts: &[usize]| {
            let mut pairs = parts.windows(2);
            pairs.position(|pair| is_part(pair[0] + pair[1]))
        };
        while let Some(at) = joins(&leftmost) {
            let sum = leftmost[at] + leftmost[at + 1];
            leftmost.splice(at..at + 2, [sum]);
        }
        listed == leftmost
    })
}
