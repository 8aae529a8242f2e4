//! Splits a text at added tokens, and normalizes what is between them.
//!
//! The rules are those of Hugging Face's `AddedVocabulary`. Added tokens that are not
//! `normalized` are looked for first; the texts between them are normalized and the
//! others are looked for in those. Each search takes the leftmost match, the longest
//! of several, and goes on after it, even if the match then does not count: because a
//! word character touches a `single_word` token, or because special tokens are text.

mod marked;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use crate::aligned::{Aligned, Origin, Span};
use crate::error::{Error, Result};
use crate::normalize::Normalizer;
use crate::special::SpecialMatcher;
use crate::threads::Stop;
use crate::vocab::AddedToken;
use regex_syntax::is_word_character;

/// What the text of a special token means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Special {
    /// It is text like any other.
    #[default]
    Text,
    /// It is the special token.
    Token,
    /// It is refused.
    Error,
    /// It is the special token between [`MARKS`], and text like any other elsewhere. What comes
    /// before and after a marked one is split and normalized as it is for [`Special::Token`].
    Marked,
}

/// The bytes that stand before and after a special token, under [`Special::Marked`]. Valid UTF-8
/// holds neither.
pub const MARKS: [u8; 2] = [0xFE, 0xFD];

/// A piece of a text, in order.
pub(crate) enum Piece<'a> {
    /// Text to be split into pretokens on its own.
    Text {
        /// The text, normalized.
        bytes: &'a [u8],
        /// Where it came from, if that was asked for.
        origin: Origin,
    },
    /// An added token.
    Added {
        id: u32,
        /// Where the text it stands for is, white space included. Empty if nobody asked.
        span: Span,
        /// What was found of it, white space included.
        text: &'a [u8],
    },
}

/// A piece of a text before normalization, and where it is.
pub(crate) enum Cut {
    Text(Range<usize>),
    Added {
        /// Its index in the stage that found it.
        index: usize,
        id: u32,
        range: Range<usize>,
    },
}

/// Added tokens that are looked for together.
#[derive(Clone)]
pub(crate) struct Stage {
    /// Finds them, by their index in `tokens`.
    pub matcher: SpecialMatcher,
    /// Special ones first.
    pub tokens: Vec<AddedToken>,
}

/// Everything that happens to a text before it is split into pretokens.
pub(crate) struct AddedTokens {
    /// Those looked for in the text as it is.
    raw: Option<Stage>,
    /// Those looked for in normalized text.
    normalized: Option<Stage>,
    normalizer: Option<Normalizer>,
    /// The ids of those that normalization changes, and what it makes of them.
    changed: Vec<(u32, String)>,
    /// Whether there is one stage at most, what a token is depends on its text alone, and
    /// no more than a pattern makes pretokens of text.
    simple: bool,
}

impl AddedTokens {
    /// `changes` if more than a pattern makes pretokens of text.
    pub fn new(
        tokens: &[AddedToken],
        normalizer: Option<Normalizer>,
        changes: bool,
    ) -> Result<Self> {
        let stop = Stop::default();
        let mut changed = Vec::new();
        // Of several added tokens with one id, the first is what the id means.
        let texts = tokens.iter().map(|token| (token.id, token.text.as_str()));
        let meanings: HashMap<u32, &str> = texts.rev().collect();
        // Where normalization makes two texts equal, the special token comes first.
        let mut stage = |normalized: bool| {
            let (special, other): (Vec<_>, Vec<_>) = tokens
                .iter()
                .filter(|token| token.normalized == normalized)
                .cloned()
                .partition(|token| token.special);
            let tokens: Vec<AddedToken> = special.into_iter().chain(other).collect();
            let text = |token: &AddedToken| match &normalizer {
                Some(normalizer) if normalized => {
                    let text = Aligned::new(&token.text, Origin::Unknown(0));
                    let text = normalizer.apply(text, true, &stop)?.text.into_owned();
                    // What normalization leaves nothing of is never found.
                    Ok((!text.is_empty()).then_some(text))
                }
                _ => Ok(Some(token.text.clone())),
            };
            let mut texts = Vec::with_capacity(tokens.len());
            let mut found = Vec::with_capacity(tokens.len());
            for token in tokens {
                if let Some(text) = text(&token)? {
                    if text != token.text && meanings.get(&token.id) == Some(&&token.text[..]) {
                        changed.push((token.id, text.clone()));
                    }
                    texts.push(text);
                    found.push(token);
                }
            }
            let tokens = found;
            let matcher = SpecialMatcher::new(&texts)?;
            Ok(matcher.map(|matcher| Stage { matcher, tokens }))
        };
        let (raw, normalized) = (stage(false)?, stage(true)?);
        let context = |token: &AddedToken| token.lstrip || token.rstrip || token.single_word;
        let simple =
            !changes && (raw.is_none() || normalized.is_none()) && !tokens.iter().any(context);
        Ok(AddedTokens {
            raw,
            normalized,
            normalizer,
            changed,
            simple,
        })
    }

    /// The texts that decoding gives for normalized added tokens, by id: those it was looked for
    /// in, where they differ from their own.
    pub fn normalized_texts(&self) -> &[(u32, String)] {
        &self.changed
    }

    /// Whether splitting a text is no more than cutting out one stage of added tokens:
    /// nothing changes the text, and what a token is depends on its text alone.
    pub fn is_plain(&self) -> bool {
        self.simple && self.normalizer.is_none()
    }

    /// Whether splitting this text is no more than that.
    pub fn is_plain_for(&self, text: &[u8]) -> bool {
        let normalizer = self.normalizer.as_ref();
        self.simple && normalizer.is_none_or(|normalizer| normalizer.leaves(text))
    }

    /// The same, for what special tokens mean: marked ones have bytes around them.
    pub fn is_plain_under(&self, special: Special) -> bool {
        self.is_plain() && special != Special::Marked
    }

    /// The one stage of plain added tokens, if there are any.
    pub fn stage(&self) -> Option<&Stage> {
        self.raw.as_ref().or(self.normalized.as_ref())
    }

    /// Finds plain added tokens, and knows which of them are text. None if there is nothing to
    /// find, or only what is text and not to be counted.
    pub fn matcher(&self, special: Special, count_text: bool) -> Option<SpecialMatcher> {
        let stage = self.stage()?;
        let as_text = |token: &AddedToken| token.special && special == Special::Text;
        let as_text: Vec<bool> = stage.tokens.iter().map(as_text).collect();
        let needed = count_text || as_text.contains(&false);
        needed.then(|| stage.matcher.clone().with_text(as_text))
    }

    /// Cuts plain added tokens out of a text. Otherwise like [`AddedTokens::split`].
    pub fn cut(
        &self,
        text: &[u8],
        special: Special,
        visit: impl FnMut(Cut) -> Result<()>,
    ) -> Result<u64> {
        split_stage(self.stage(), text, special, visit)
    }

    /// Calls `visit` with the pieces of `text`, none of them empty. Returns how many
    /// special tokens were met as text. `tracked` if it matters where pieces came from.
    pub fn split(
        &self,
        text: &[u8],
        special: Special,
        tracked: bool,
        stop: &Stop,
        mut visit: impl FnMut(Piece) -> Result<()>,
    ) -> Result<u64> {
        match special {
            Special::Marked => self.split_marked(text, tracked, stop, &mut visit),
            _ => self.split_part(text, 0..text.len(), special, tracked, stop, &mut visit),
        }
    }

    /// Splits a part of a text.
    fn split_part(
        &self,
        text: &[u8],
        part: Range<usize>,
        special: Special,
        tracked: bool,
        stop: &Stop,
        visit: &mut dyn FnMut(Piece) -> Result<()>,
    ) -> Result<u64> {
        let mut as_text = 0;
        let found = split_stage(self.raw.as_ref(), &text[part.clone()], special, |cut| {
            let place = |range: Range<usize>| part.start + range.start..part.start + range.end;
            let range = match cut {
                Cut::Added { id, range, .. } => {
                    let range = place(range);
                    return visit(Piece::Added {
                        id,
                        span: (range.start, range.end),
                        text: &text[range],
                    });
                }
                Cut::Text(range) => place(range),
            };
            let start = range.start;
            if self.normalizer.is_none() && self.normalized.is_none() {
                return visit(Piece::Text {
                    bytes: &text[range],
                    origin: Origin::Same(start),
                });
            }
            let (bytes, origin) = self.normalize(&text[range], start, tracked, stop)?;
            let found = split_stage(self.normalized.as_ref(), &bytes, special, |cut| {
                visit(match cut {
                    Cut::Text(range) => Piece::Text {
                        bytes: &bytes[range.clone()],
                        origin: origin.part(range),
                    },
                    Cut::Added { id, range, .. } => {
                        let text = &bytes[range.clone()];
                        let span = origin.span(range);
                        Piece::Added { id, span, text }
                    }
                })
            });
            let found = found.map_err(|mut error| {
                if let Error::SpecialTokenInText { offset, .. } = &mut error {
                    *offset = origin.position(*offset);
                }
                error
            });
            as_text += found?;
            Ok(())
        });
        Ok(as_text + found?)
    }

    /// A text that starts at `start` of its document, normalized. Bytes that are not valid UTF-8
    /// stay as they are, and what precedes a text only goes before the first one.
    fn normalize<'t>(
        &self,
        text: &'t [u8],
        start: usize,
        tracked: bool,
        stop: &Stop,
    ) -> Result<(Cow<'t, [u8]>, Origin)> {
        let Some(normalizer) = &self.normalizer else {
            return Ok((text.into(), Origin::Same(start)));
        };
        let origin = |at| match tracked {
            true => Origin::Same(at),
            false => Origin::Unknown(at),
        };
        let apply = |valid: &'t str, at: usize| {
            let normalized = normalizer.apply(Aligned::new(valid, origin(at)), at == start, stop);
            normalized.map_err(|error| error.shifted(at))
        };
        if let Ok(valid) = str::from_utf8(text) {
            let Aligned { text, origin } = apply(valid, start)?;
            let bytes = match text {
                Cow::Borrowed(text) => text.as_bytes().into(),
                Cow::Owned(text) => text.into_bytes().into(),
            };
            return Ok((bytes, origin));
        }
        let (mut bytes, mut spans, mut at) = (Vec::new(), Vec::new(), start);
        let mut push = |text: &[u8], origin: Origin| {
            bytes.extend_from_slice(text);
            if tracked {
                spans.extend((0..text.len()).map(|at| origin.span(at..at + 1)));
            }
        };
        for chunk in text.utf8_chunks() {
            let normalized = apply(chunk.valid(), at)?;
            push(normalized.text.as_bytes(), normalized.origin);
            at += chunk.valid().len();
            push(chunk.invalid(), origin(at));
            at += chunk.invalid().len();
        }
        let origin = if tracked {
            Origin::Listed(spans)
        } else {
            Origin::Unknown(start)
        };
        Ok((bytes.into(), origin))
    }
}

/// Splits `text` at the added tokens of one stage.
fn split_stage(
    stage: Option<&Stage>,
    text: &[u8],
    special: Special,
    mut visit: impl FnMut(Cut) -> Result<()>,
) -> Result<u64> {
    let mut as_text = 0;
    let mut done = 0;
    // White space that was looked at already: there may be a match at each place of a long run.
    let mut space = 0..0;
    if let Some(Stage { matcher, tokens }) = stage {
        for found in matcher.matches(text, 0) {
            let token = &tokens[found.index];
            let (before, after) = (&text[..found.start], &text[found.end..]);
            if token.special && special == Special::Text {
                as_text += 1;
                continue;
            }
            let touches = last_char(before).is_some_and(is_word_character)
                || first_char(after).is_some_and(is_word_character);
            if token.single_word && touches {
                continue;
            }
            if token.special && special == Special::Error {
                return Err(Error::SpecialTokenInText {
                    token: token.text.clone(),
                    offset: found.start,
                });
            }
            // White space after a match is taken in without a look at the next match, which may
            // lie in it; white space before one, only as far as it was not taken.
            let mut start = found.start;
            if token.lstrip {
                start = done + trimmed_end(text.get(done..start).unwrap_or_default());
            }
            let mut end = found.end;
            if token.rstrip {
                if !(space.start..=space.end).contains(&end) {
                    space = end..text.len() - trimmed_start(&text[end..]).len();
                }
                end = space.end;
            }
            // Such a match was taken in as a whole. (The library fails there.)
            end = end.max(start);
            if done < start {
                visit(Cut::Text(done..start))?;
            }
            visit(Cut::Added {
                index: found.index,
                id: token.id,
                range: start..end,
            })?;
            done = end;
        }
    }
    if done < text.len() {
        visit(Cut::Text(done..text.len()))?;
    }
    Ok(as_text)
}

fn first_char(text: &[u8]) -> Option<char> {
    let chunk = text[..text.len().min(4)].utf8_chunks().next()?;
    chunk.valid().chars().next()
}

/// The character `text` ends with, if it ends with a valid one.
fn last_char(text: &[u8]) -> Option<char> {
    let start = (text.len().saturating_sub(4)..text.len()).rev();
    let text = start
        .map(|at| &text[at..])
        .find(|text| text[0] & 0xC0 != 0x80)?;
    str::from_utf8(text).ok()?.chars().next_back()
}

/// Where the white space at the end of `text` begins.
fn trimmed_end(mut text: &[u8]) -> usize {
    while let Some(last) = last_char(text).filter(|last| last.is_whitespace()) {
        text = &text[..text.len() - last.len_utf8()];
    }
    text.len()
}

/// `text` without the white space it starts with.
fn trimmed_start(mut text: &[u8]) -> &[u8] {
    while let Some(first) = first_char(text).filter(|first| first.is_whitespace()) {
        text = &text[first.len_utf8()..];
    }
    text
}

#[cfg(test)]
mod tests;
