//! What merging starts from: the units of a pretoken, bytes or characters, as ids.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::byte_level;
use crate::vocab::{Bpe, MAX_IDS, Tokens, Unit, Units, Unknown, fallback_token};

/// In place of the id of a unit that has no token.
pub(super) const NO_TOKEN: u32 = MAX_IDS as u32;

/// The tokens of units.
pub(super) struct UnitTable {
    ids: Ids,
    /// The tokens of bytes, where units without a token fall back to them.
    fallback: Option<Box<[u32; 256]>>,
    /// How units are spelled.
    units: Units,
    /// Whether every unit is known.
    complete: bool,
}

enum Ids {
    Bytes(Box<[u32; 256]>),
    Characters {
        ascii: Box<[u32; 128]>,
        others: HashMap<char, u32, FixedState>,
    },
}

/// A unit as an id, or some of them together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Start {
    pub id: u32,
    /// What it stands for in the pretoken.
    pub span: (usize, usize),
}

impl UnitTable {
    pub fn new(bpe: &Bpe) -> Self {
        let tokens = &bpe.tokens;
        let ids = match bpe.units.unit {
            Unit::Byte => Ids::Bytes(Box::new(std::array::from_fn(|byte| {
                tokens.id(&[byte as u8]).unwrap_or(NO_TOKEN)
            }))),
            Unit::Character => {
                let (mut ascii, mut others) = (Box::new([NO_TOKEN; 128]), HashMap::default());
                for (id, token) in tokens.iter().filter(|(_, token)| token.len() <= 4) {
                    match character(token) {
                        Some((unit, width)) if width == token.len() => match unit {
                            '\0'..'\u{80}' => ascii[unit as usize] = id,
                            _ => drop(others.insert(unit, id)),
                        },
                        _ => {}
                    }
                }
                Ids::Characters { ascii, others }
            }
        };
        let fallback = bpe.units.byte_fallback.then(|| {
            Box::new(std::array::from_fn(|byte| {
                let token = fallback_token(byte as u8);
                tokens.id(token.as_bytes()).unwrap_or(NO_TOKEN)
            }))
        });
        UnitTable {
            complete: bpe.units.are_plain()
                && matches!(&ids, Ids::Bytes(ids) if !ids.contains(&NO_TOKEN)),
            ids,
            fallback,
            units: bpe.units.clone(),
        }
    }

    /// The tokens of bytes, if units are bytes.
    pub fn bytes(&self) -> Option<&[u32; 256]> {
        match &self.ids {
            Ids::Bytes(ids) => Some(ids),
            Ids::Characters { .. } => None,
        }
    }

    /// Whether every unit has a token.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// The first byte without a token, if units are bytes.
    pub fn missing_byte(&self) -> Option<u8> {
        let ids = self.bytes()?;
        (0..=u8::MAX).find(|&byte| ids[usize::from(byte)] == NO_TOKEN)
    }

    /// All tokens that are units.
    pub fn tokens(&self) -> Vec<u32> {
        let mut all = match &self.ids {
            Ids::Bytes(ids) => ids.to_vec(),
            Ids::Characters { ascii, others } => {
                ascii.iter().chain(others.values()).copied().collect()
            }
        };
        all.retain(|&id| id != NO_TOKEN);
        all
    }

    /// The ids of a text's units as they are spelled in themselves; [`NO_TOKEN`] for those
    /// without a token.
    #[inline]
    pub fn spell<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = u32> + use<'a> {
        let mut rest = text;
        std::iter::from_fn(move || {
            let (id, width) = self.first(rest)?;
            rest = &rest[width..];
            Some(id)
        })
    }

    /// Whether all units of a text have tokens.
    pub fn knows(&self, text: &[u8]) -> bool {
        self.complete || self.spell(text).all(|id| id != NO_TOKEN)
    }

    /// Whether the units on both sides of a place in a text have tokens, so that nothing that
    /// becomes of others depends on what is on the other side.
    pub fn knows_around(&self, left: &[u8], right: &[u8]) -> bool {
        let last = match &self.ids {
            Ids::Bytes(ids) => left.last().map(|&byte| ids[usize::from(byte)]),
            Ids::Characters { .. } => {
                let start = left.iter().rposition(|&byte| byte & 0xC0 != 0x80);
                start.and_then(|start| Some(self.first(&left[start..])?.0))
            }
        };
        let first = self.first(right).map(|(id, _)| id);
        last != Some(NO_TOKEN) && first != Some(NO_TOKEN)
    }

    /// Whether units without a token affect one another across others' borders: they are left
    /// out, or become one id together.
    pub fn unknown_ones_interact(&self) -> bool {
        let falls_back = matches!(&self.fallback, Some(ids) if !ids.contains(&NO_TOKEN));
        let alone = matches!(self.units.unknown, Some(Unknown { fused: false, .. }));
        !(self.complete || falls_back || alone && self.fallback.is_none())
    }

    /// Whether `id` is what a unit without a token can become.
    pub fn is_substitute(&self, id: u32) -> bool {
        let fallback = self.fallback.as_ref();
        self.units.unknown.is_some_and(|unknown| unknown.id == id)
            || fallback.is_some_and(|ids| ids.contains(&id))
    }

    /// Whether a token is a unit, with what is spelled before or after some of them or without.
    pub fn is_spelled(&self, token: &[u8]) -> bool {
        let Units { prefix, suffix, .. } = &self.units;
        let bare = token.strip_prefix(&prefix[..]).unwrap_or(token);
        [token, bare].into_iter().any(|token| {
            let bare = token.strip_suffix(&suffix[..]).unwrap_or(token);
            let is_unit = |text: &[u8]| {
                self.first(text)
                    .is_some_and(|(_, width)| width == text.len())
            };
            is_unit(token) || is_unit(bare)
        })
    }

    /// The first unit's id and length in bytes.
    #[inline]
    fn first(&self, text: &[u8]) -> Option<(u32, usize)> {
        let &byte = text.first()?;
        Some(match &self.ids {
            Ids::Bytes(ids) => (ids[usize::from(byte)], 1),
            Ids::Characters { ascii, .. } if byte < 0x80 => (ascii[usize::from(byte)], 1),
            Ids::Characters { others, .. } => match character(text) {
                Some((unit, width)) => (others.get(&unit).copied().unwrap_or(NO_TOKEN), width),
                None => (NO_TOKEN, 1),
            },
        })
    }

    /// Replaces `starts` with what a pretoken's units become, as Hugging Face's `BPE` has it;
    /// returns how many have no token and do not fall back to those of bytes.
    pub fn starts(&self, tokens: &Tokens, pretoken: &[u8], starts: &mut Vec<Start>) -> u64 {
        starts.clear();
        let (mut missing, mut at) = (0, 0);
        // Comes before the next unit that has a token, even after those that fall back.
        let mut held: Option<Start> = None;
        while let Some((own, width)) = self.first(&pretoken[at..]) {
            let (span, unit) = ((at, at + width), &pretoken[at..at + width]);
            at = span.1;
            let (before, after) = self.affixes(span, pretoken.len());
            let id = spelled(tokens, before, unit, after, own);
            if id != NO_TOKEN {
                starts.extend(held.take());
                starts.push(Start { id, span });
            } else if !self.fall_back(before, unit, after, span, starts) {
                missing += 1;
                let Some(unknown) = self.units.unknown else {
                    continue;
                };
                held = match held {
                    Some(Start {
                        id,
                        span: (start, _),
                    }) if unknown.fused => Some(Start {
                        id,
                        span: (start, span.1),
                    }),
                    other => {
                        starts.extend(other);
                        Some(Start {
                            id: unknown.id,
                            span,
                        })
                    }
                };
            }
        }
        starts.extend(held);
        missing
    }

    /// The first unit of a pretoken that has no token and does not fall back, and where it is.
    pub fn first_missing(&self, tokens: &Tokens, pretoken: &[u8]) -> Option<(usize, Vec<u8>)> {
        let (mut unused, mut at) = (Vec::new(), 0);
        while let Some((own, width)) = self.first(&pretoken[at..]) {
            let (span, unit) = ((at, at + width), &pretoken[at..at + width]);
            let (before, after) = self.affixes(span, pretoken.len());
            let id = spelled(tokens, before, unit, after, own);
            if id == NO_TOKEN && !self.fall_back(before, unit, after, span, &mut unused) {
                return Some((at, unit.to_vec()));
            }
            unused.clear();
            at = span.1;
        }
        None
    }

    /// What is spelled before and after a unit of a pretoken of this length.
    fn affixes(&self, span: (usize, usize), length: usize) -> (&[u8], &[u8]) {
        let Units { prefix, suffix, .. } = &self.units;
        let before = if span.0 == 0 { &[][..] } else { prefix };
        let after = if span.1 == length { &suffix[..] } else { &[] };
        (before, after)
    }

    /// Whether text without a token is refused.
    pub fn refuses_missing(&self) -> bool {
        self.units.refuse
    }

    /// Adds the tokens of the bytes of a unit, if there are all of them.
    fn fall_back(
        &self,
        before: &[u8],
        unit: &[u8],
        after: &[u8],
        span: (usize, usize),
        starts: &mut Vec<Start>,
    ) -> bool {
        let Some(ids) = &self.fallback else {
            return false;
        };
        let spelled = [before, unit, after].concat();
        let (key, own) = match self.units.unit {
            // Files spell bytes as characters, and those have bytes of their own.
            Unit::Byte => (byte_level::encode(&spelled).into_bytes(), 0..0),
            Unit::Character => (spelled, before.len()..before.len() + unit.len()),
        };
        if key.iter().any(|&byte| ids[usize::from(byte)] == NO_TOKEN) {
            return false;
        }
        for (index, &byte) in key.iter().enumerate() {
            let span = match own.contains(&index) {
                true => (span.0 + index - own.start, span.0 + index - own.start + 1),
                false if index == 0 => (span.0, if own.is_empty() { span.1 } else { span.0 }),
                false => (span.1, span.1),
            };
            starts.push(Start {
                id: ids[usize::from(byte)],
                span,
            });
        }
        true
    }
}

/// The token of a unit with what is spelled around it; `own` is that of the unit alone.
fn spelled(tokens: &Tokens, before: &[u8], unit: &[u8], after: &[u8], own: u32) -> u32 {
    match (before, after) {
        (&[], &[]) => own,
        _ => {
            let spelled = [before, unit, after].concat();
            tokens.id(&spelled).unwrap_or(NO_TOKEN)
        }
    }
}

/// The character a text begins with, and its length in bytes; `None` if there is none.
#[inline]
fn character(text: &[u8]) -> Option<(char, usize)> {
    let width = match text.first()? {
        ..0x80 => 1,
        ..0xE0 => 2,
        ..0xF0 => 3,
        0xF0.. => 4,
    };
    let character = str::from_utf8(text.get(..width)?).ok()?.chars().next()?;
    Some((character, width))
}
