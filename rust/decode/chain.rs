//! How ids become text in foreign vocabularies, where it is not the bytes of their tokens.
//!
//! The steps are those of Hugging Face's `decoders`, on bytes: what a byte token stands for stays
//! that byte, even where the bytes around it are no valid UTF-8.

use crate::byte_level;
use crate::error::Result;
use crate::normalize::Replace;
use crate::threads::Stop;

/// The steps of a decoder, in order. They make other tokens of the tokens of a document, which
/// are joined in the end.
#[derive(Clone)]
pub struct Decoder {
    steps: Vec<Step>,
    json: String,
}

/// One step.
#[derive(Clone)]
pub enum Step {
    /// Tokens in GPT-2's alphabet become bytes, others stay as they are; all are joined.
    Bytes,
    /// `<0xFF>` becomes a byte; bytes side by side are joined.
    ByteFallback,
    /// All tokens are joined.
    Fuse,
    /// So many of a character are taken off the ends of each token, if they are there.
    Strip {
        content: char,
        start: usize,
        stop: usize,
    },
    Replace(Replace),
    /// The character becomes a space; with `prepended`, in the first token nothing.
    Metaspace {
        replacement: char,
        prepended: bool,
    },
    /// The end of a word becomes a space; in the last token, nothing.
    Suffix(String),
    /// A space goes before all tokens but the first.
    Spaced,
    /// A space goes before all tokens but the first and those with the prefix, which goes.
    WordPiece {
        prefix: String,
        cleanup: bool,
    },
}

/// What a step does to the token that it gets, on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub first: bool,
    pub last: bool,
}

/// What decoding one token after the other takes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ByToken {
    /// Whether the first token of a document decodes in another way.
    pub first_differs: bool,
    /// How many of a byte are taken off the beginning of the document.
    pub head: Option<(u8, usize)>,
}

impl Decoder {
    /// `json` is what the file says, and is written back.
    pub fn new(steps: Vec<Step>, json: String) -> Self {
        Decoder { steps, json }
    }

    /// That of byte-level vocabularies.
    pub fn of_bytes() -> Self {
        Decoder::new(vec![Step::Bytes], String::new())
    }

    /// That of a file that has none: tokens as the file has them, with spaces between.
    pub fn spaced() -> Self {
        Decoder::new(vec![Step::Spaced], "null".to_owned())
    }

    /// Its JSON in a `tokenizer.json`.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The text of the tokens of a document.
    pub(super) fn decode(&self, tokens: Vec<Vec<u8>>, stop: &Stop) -> Result<Vec<u8>> {
        let mut tokens = tokens;
        for step in &self.steps {
            tokens = step.apply(tokens, stop)?;
        }
        Ok(tokens.concat())
    }

    /// What it takes to decode one token after the other, each with [`Decoder::one`]; `None` if
    /// all tokens of a document must be known.
    pub(super) fn by_token(&self) -> Option<ByToken> {
        let mut found = ByToken::default();
        let (mut bytes, mut joined) = (false, false);
        for step in &self.steps {
            match step {
                Step::Fuse => joined = true,
                Step::Bytes if !joined && !bytes => joined = true,
                Step::Strip {
                    content,
                    start,
                    stop: 0,
                } if joined && content.is_ascii() && found.head.is_none() => {
                    found.head = Some((*content as u8, *start));
                }
                _ if joined || bytes => return None,
                Step::ByteFallback => bytes = true,
                Step::Suffix(_) | Step::Bytes => return None,
                Step::Metaspace { prepended, .. } => found.first_differs |= prepended,
                Step::WordPiece { .. } | Step::Spaced => found.first_differs = true,
                Step::Strip { .. } | Step::Replace(_) => {}
            }
        }
        Some(found)
    }

    /// The text of one token, but for [`ByToken::head`].
    pub(super) fn one(&self, token: &[u8], place: Place, stop: &Stop) -> Result<Vec<u8>> {
        let mut token = token.to_vec();
        for step in &self.steps {
            token = match step {
                Step::Fuse => break,
                Step::Bytes => {
                    token = bytes_of(&token);
                    break;
                }
                Step::ByteFallback => byte_of(&token).map_or(token, |byte| vec![byte]),
                step => step.one(token, place, stop)?,
            };
        }
        Ok(token)
    }
}

impl Step {
    fn apply(&self, tokens: Vec<Vec<u8>>, stop: &Stop) -> Result<Vec<Vec<u8>>> {
        Ok(match self {
            Step::Bytes => vec![tokens.iter().flat_map(|token| bytes_of(token)).collect()],
            Step::Fuse => vec![tokens.concat()],
            Step::ByteFallback => {
                let (mut joined, mut run) = (Vec::with_capacity(tokens.len()), false);
                for token in tokens {
                    match (byte_of(&token), joined.last_mut()) {
                        (Some(byte), Some(last)) if run => {
                            let last: &mut Vec<u8> = last;
                            last.push(byte);
                        }
                        (Some(byte), _) => joined.push(vec![byte]),
                        (None, _) => joined.push(token.clone()),
                    }
                    run = byte_of(&token).is_some();
                }
                joined
            }
            step => {
                let count = tokens.len();
                let each = tokens.into_iter().enumerate().map(|(index, token)| {
                    let place = Place {
                        first: index == 0,
                        last: index + 1 == count,
                    };
                    step.one(token, place, stop)
                });
                each.collect::<Result<_>>()?
            }
        })
    }

    fn one(&self, token: Vec<u8>, place: Place, stop: &Stop) -> Result<Vec<u8>> {
        Ok(match self {
            Step::Strip {
                content,
                start,
                stop,
            } => {
                let content = content.to_string();
                let content = content.as_bytes();
                let mut rest = &token[..];
                // A file may ask for billions.
                let mut left = *start;
                while left > 0
                    && let Some(stripped) = rest.strip_prefix(content)
                {
                    (rest, left) = (stripped, left - 1);
                }
                left = *stop;
                while left > 0
                    && let Some(stripped) = rest.strip_suffix(content)
                {
                    (rest, left) = (stripped, left - 1);
                }
                rest.to_vec()
            }
            Step::Replace(replace) => replaced_by(&token, replace, stop)?,
            Step::Metaspace {
                replacement,
                prepended,
            } => {
                let new = if place.first && *prepended { "" } else { " " };
                replaced(&token, &replacement.to_string(), new)
            }
            Step::Suffix(suffix) => {
                let new = if place.last { "" } else { " " };
                replaced(&token, suffix, new)
            }
            Step::Spaced if place.first => token,
            Step::Spaced => [b" ", &token[..]].concat(),
            Step::WordPiece { prefix, cleanup } => {
                let mut token = match token.strip_prefix(prefix.as_bytes()) {
                    _ if place.first => token,
                    Some(rest) => rest.to_vec(),
                    None => [b" ", &token[..]].concat(),
                };
                if *cleanup {
                    for (old, new) in CLEANUP {
                        token = replaced(&token, old, new);
                    }
                }
                token
            }
            Step::Bytes | Step::ByteFallback | Step::Fuse => token,
        })
    }
}

/// What cleaning up replaces, in this order.
const CLEANUP: [(&str, &str); 11] = [
    (" .", "."),
    (" ?", "?"),
    (" !", "!"),
    (" ,", ","),
    (" ' ", "'"),
    (" n't", "n't"),
    (" 'm", "'m"),
    (" do not", " don't"),
    (" 's", "'s"),
    (" 've", "'ve"),
    (" 're", "'re"),
];

/// The bytes of a token in GPT-2's alphabet; another one as it is.
fn bytes_of(token: &[u8]) -> Vec<u8> {
    let text = str::from_utf8(token).ok();
    text.and_then(|text| byte_level::decode(text).ok())
        .unwrap_or_else(|| token.to_vec())
}

/// The byte of a token like `<0x0A>`.
fn byte_of(token: &[u8]) -> Option<u8> {
    let digits = token.strip_prefix(b"<0x")?.strip_suffix(b">")?;
    let digits = str::from_utf8(digits).ok().filter(|text| text.len() == 2)?;
    u8::from_str_radix(digits, 16).ok()
}

/// The token with `old`, which may be empty, replaced everywhere.
fn replaced(token: &[u8], old: &str, new: &str) -> Vec<u8> {
    if old.is_empty() {
        // As Rust's `str::replace`: at both ends and between all characters.
        let text = String::from_utf8_lossy(token);
        return text.replace(old, new).into_bytes();
    }
    let (mut out, mut done) = (Vec::with_capacity(token.len()), 0);
    for at in memchr::memmem::find_iter(token, old) {
        out.extend_from_slice(&token[done..at]);
        out.extend_from_slice(new.as_bytes());
        done = at + old.len();
    }
    out.extend_from_slice(&token[done..]);
    out
}

fn replaced_by(token: &[u8], replace: &Replace, stop: &Stop) -> Result<Vec<u8>> {
    let mut out = Vec::with_capacity(token.len());
    for chunk in token.utf8_chunks() {
        let (text, mut done) = (chunk.valid(), 0);
        replace.what.find(text, stop, |range| {
            out.extend_from_slice(&text.as_bytes()[done..range.start]);
            out.extend_from_slice(replace.content.as_bytes());
            done = range.end;
        })?;
        out.extend_from_slice(&text.as_bytes()[done..]);
        out.extend_from_slice(chunk.invalid());
    }
    Ok(out)
}
