//! Splits a text at added tokens, and normalizes what is between them.
//!
//! The rules are those of Hugging Face's `AddedVocabulary`. Added tokens that are not
//! `normalized` are looked for first; the texts between them are normalized and the
//! others are looked for in those. Each search takes the leftmost match, the longest
//! of several, and goes on after it, even if the match then does not count: because a
//! word character touches a `single_word` token, or because special tokens are text.

use std::borrow::Cow;

use regex_syntax::is_word_character;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use crate::error::{Error, Result};
use crate::special::SpecialMatcher;
use crate::vocab::{AddedToken, Normalizer};

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
}

/// A piece of a text, in order.
pub(crate) enum Piece<'a> {
    /// Text to be split into pretokens on its own.
    Text(&'a [u8]),
    /// An added token.
    Added {
        /// Its index in the stage that found it.
        index: usize,
        /// Its id.
        id: u32,
        /// The length in bytes of the text it stands for, white space included.
        length: usize,
    },
}

/// Added tokens that are looked for together.
#[derive(Clone)]
pub(crate) struct Stage {
    /// Finds them, by their index in `tokens`.
    pub matcher: SpecialMatcher,
    /// In no particular order.
    pub tokens: Vec<AddedToken>,
}

/// Everything that happens to a text before it is split into pretokens.
pub(crate) struct AddedTokens {
    /// Those looked for in the text as it is.
    raw: Option<Stage>,
    /// Those looked for in normalized text.
    normalized: Option<Stage>,
    normalizer: Option<Normalizer>,
    plain: bool,
}

impl AddedTokens {
    pub fn new(tokens: &[AddedToken], normalizer: Option<Normalizer>) -> Result<Self> {
        // Where normalization makes two texts equal, the special token comes first.
        let stage = |normalized: bool| {
            let (special, other): (Vec<_>, Vec<_>) = tokens
                .iter()
                .filter(|token| token.normalized == normalized)
                .cloned()
                .partition(|token| token.special);
            let tokens: Vec<AddedToken> = special.into_iter().chain(other).collect();
            let texts: Vec<Cow<[u8]>> = tokens
                .iter()
                .map(|token| {
                    let text = token.text.as_bytes();
                    if normalized {
                        normalize(text, normalizer)
                    } else {
                        text.into()
                    }
                })
                .collect();
            let matcher = SpecialMatcher::new(&texts)?;
            Ok(matcher.map(|matcher| Stage { matcher, tokens }))
        };
        let (raw, normalized) = (stage(false)?, stage(true)?);
        let context = |token: &AddedToken| token.lstrip || token.rstrip || token.single_word;
        let plain = normalizer.is_none()
            && (raw.is_none() || normalized.is_none())
            && !tokens.iter().any(context);
        Ok(AddedTokens {
            raw,
            normalized,
            normalizer,
            plain,
        })
    }

    /// Whether splitting a text is no more than cutting out one stage of added tokens:
    /// nothing is normalized, and what a token is depends on its text alone.
    pub fn is_plain(&self) -> bool {
        self.plain
    }

    /// The one stage of plain added tokens, if there are any.
    pub fn stage(&self) -> Option<&Stage> {
        self.raw.as_ref().or(self.normalized.as_ref())
    }

    /// Calls `visit` with the pieces of `text`, none of them empty. Returns how many
    /// special tokens were met as text. Offsets of errors are in the normalized text.
    pub fn split(
        &self,
        text: &[u8],
        special: Special,
        mut visit: impl FnMut(Piece) -> Result<()>,
    ) -> Result<u64> {
        let mut as_text = 0;
        let mut done = 0;
        as_text += split_stage(self.raw.as_ref(), text, special, |piece| {
            let Piece::Text(text) = piece else {
                done += length(&piece);
                return visit(piece);
            };
            let text = normalize(text, self.normalizer);
            let mut inner = 0;
            let found = split_stage(self.normalized.as_ref(), &text, special, |piece| {
                inner += length(&piece);
                visit(piece)
            });
            as_text += found.map_err(|error| error.shifted(done))?;
            done += inner;
            Ok(())
        })?;
        Ok(as_text)
    }
}

fn length(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) => text.len(),
        Piece::Added { length, .. } => *length,
    }
}

/// Splits `text` at the added tokens of one stage.
fn split_stage(
    stage: Option<&Stage>,
    text: &[u8],
    special: Special,
    mut visit: impl FnMut(Piece) -> Result<()>,
) -> Result<u64> {
    let mut as_text = 0;
    let mut done = 0;
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
            // White space that the match before took in is not there any more.
            let mut start = found.start.max(done);
            if token.lstrip {
                start = done + trimmed_end(&text[done..start]);
            }
            let mut end = found.end.max(done);
            if token.rstrip {
                end = text.len() - trimmed_start(&text[end..]).len();
            }
            if done < start {
                visit(Piece::Text(&text[done..start]))?;
            }
            visit(Piece::Added {
                index: found.index,
                id: token.id,
                length: end - start,
            })?;
            done = end;
        }
    }
    if done < text.len() {
        visit(Piece::Text(&text[done..]))?;
    }
    Ok(as_text)
}

/// The text in normalization form; bytes that are not valid UTF-8 stay as they are.
fn normalize(text: &[u8], normalizer: Option<Normalizer>) -> Cow<'_, [u8]> {
    let Some(Normalizer::Nfc) = normalizer else {
        return text.into();
    };
    let is_normal = |text: &str| is_nfc_quick(text.chars()) == IsNormalized::Yes;
    if text.is_ascii() || text.utf8_chunks().all(|chunk| is_normal(chunk.valid())) {
        return text.into();
    }
    let mut normalized = String::new();
    let mut bytes = Vec::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        normalized.clear();
        normalized.extend(chunk.valid().nfc());
        bytes.extend_from_slice(normalized.as_bytes());
        bytes.extend_from_slice(chunk.invalid());
    }
    bytes.into()
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
mod tests {
    use super::*;

    fn token(id: u32, text: &str) -> AddedToken {
        AddedToken {
            special: false,
            ..AddedToken::special(id, text)
        }
    }

    fn pieces(added: &AddedTokens, text: &[u8], special: Special) -> (Vec<String>, u64) {
        let mut pieces = Vec::new();
        let as_text = added.split(text, special, |piece| {
            pieces.push(match piece {
                Piece::Text(text) => text.escape_ascii().to_string(),
                Piece::Added { id, length, .. } => format!("#{id}:{length}"),
            });
            Ok(())
        });
        (pieces, as_text.unwrap())
    }

    #[test]
    fn takes_the_longest_and_counts_text() {
        let tokens = [
            AddedToken::special(1, "<a>"),
            AddedToken::special(2, "<a><b>"),
            token(3, "b>c"),
        ];
        let added = AddedTokens::new(&tokens, None).unwrap();
        assert_eq!(
            pieces(&added, b"x<a>y<a><b>c", Special::Token).0,
            ["x", "#1:3", "y", "#2:6", "c"]
        );
        // The special token that is text still hides the other one.
        assert_eq!(
            pieces(&added, b"<a><b>cb>c", Special::Text),
            (vec!["<a><b>c".into(), "#3:3".into()], 1)
        );
        assert_eq!(
            added.split(b"ab<a>", Special::Error, |_| Ok(())),
            Err(Error::SpecialTokenInText {
                token: "<a>".into(),
                offset: 2
            })
        );
    }

    #[test]
    fn takes_white_space_in() {
        let mask = AddedToken {
            lstrip: true,
            rstrip: true,
            ..token(1, "<m>")
        };
        let space = token(2, " ");
        let added = AddedTokens::new(&[mask, space], None).unwrap();
        let text = "a\t\u{2000}<m>\n<m>\u{a0} b c".as_bytes();
        let expected = ["a", "#1:8", "#1:6", "#2:0", "b", "#2:1", "c"];
        assert_eq!(pieces(&added, text, Special::Text).0, expected);
    }

    #[test]
    fn single_words_stand_alone() {
        let added = AddedTokens::new(
            &[AddedToken {
                single_word: true,
                ..token(1, "<m>")
            }],
            None,
        )
        .unwrap();
        let text = "<m>, a<m> <m>\u{330} <m>_ \u{e9}<m> \u{b2}<m>\u{ff}".as_bytes();
        let (found, _) = pieces(&added, text, Special::Text);
        let whole = ", a<m> <m>\u{330} <m>_ \u{e9}<m> \u{b2}<m>\u{ff}".as_bytes();
        assert_eq!(found, ["#1:3", &whole.escape_ascii().to_string()]);
        assert_eq!(
            pieces(&added, b"\xff<m>\x80", Special::Text).0,
            ["\\xff", "#1:3", "\\x80"]
        );
    }

    #[test]
    fn normalizes_between_tokens() {
        let raw = token(1, "e\u{301}");
        let late = AddedToken {
            normalized: true,
            ..token(2, "o\u{301}")
        };
        let added = AddedTokens::new(&[raw, late], Some(Normalizer::Nfc)).unwrap();
        let text = b"a\xCC\x81e\xCC\x81\xFFa\xCC\x81\xC3\xB3 o\xCC\x81";
        let expected = ["\\xc3\\xa1", "#1:3", "\\xff\\xc3\\xa1", "#2:2", " ", "#2:2"];
        assert_eq!(pieces(&added, text, Special::Text).0, expected);
    }

    #[test]
    fn knows_when_it_is_plain() {
        let plain = |tokens: &[AddedToken], normalizer| {
            AddedTokens::new(tokens, normalizer).unwrap().is_plain()
        };
        assert!(plain(&[], None));
        assert!(plain(&[token(1, "a"), AddedToken::special(2, "b")], None));
        assert!(plain(
            &[AddedToken {
                normalized: true,
                ..token(1, "a")
            }],
            None
        ));
        assert!(!plain(
            &[
                AddedToken {
                    normalized: true,
                    ..token(1, "a")
                },
                token(2, "b")
            ],
            None
        ));
        assert!(!plain(
            &[AddedToken {
                lstrip: true,
                ..token(1, "a")
            }],
            None
        ));
        assert!(!plain(&[], Some(Normalizer::Nfc)));
    }
}
