//! What is done to text before it is split into pretokens, in foreign vocabularies.
//!
//! The steps are those of Hugging Face's `normalizers`, with its tables of characters: both
//! crates for them are the ones that library uses, as newer tables would give other ids.

mod bert;

use unicode_normalization_alignments::char::is_combining_mark;
use unicode_normalization_alignments::{
    IsNormalized, UnicodeNormalization, is_nfc_quick, is_nfd_quick, is_nfkc_quick, is_nfkd_quick,
};

use crate::aligned::{Aligned, Editor, character_range, character_range_before};
use crate::byte_level;
use crate::error::Result;
use crate::pattern::Matcher;
use crate::threads::Stop;
use std::sync::Arc;

/// The steps of a normalizer, in order.
#[derive(Clone)]
pub struct Normalizer {
    steps: Vec<Step>,
    json: String,
}

/// One step.
#[derive(Clone)]
pub enum Step {
    /// A Unicode normalization form.
    Form(Form),
    Lowercase,
    /// White space is taken off the ends.
    Strip {
        left: bool,
        right: bool,
    },
    /// Combining marks are taken out.
    StripAccents,
    Replace(Replace),
    /// Text goes before any that is not empty.
    Prepend(String),
    /// Bytes become characters of GPT-2's alphabet.
    Bytes,
    /// What SentencePiece does for machine translation.
    Nmt,
    Bert(bert::Bert),
}

/// A Unicode normalization form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Nfc,
    Nfd,
    Nfkc,
    Nfkd,
}

pub use bert::Bert;

/// What is replaced, and by what.
#[derive(Clone)]
pub struct Replace {
    pub what: Needle,
    pub content: String,
}

/// Something that is looked for in a text.
#[derive(Clone)]
pub enum Needle {
    /// This text, which is not empty.
    Text(String),
    Regex(Arc<Matcher>),
}

impl Needle {
    /// Calls `visit` with the occurrences, in order. Those of a regex may be empty.
    pub fn find(
        &self,
        text: &str,
        stop: &Stop,
        mut visit: impl FnMut(std::ops::Range<usize>),
    ) -> Result<()> {
        match self {
            Needle::Text(needle) => {
                memchr::memmem::find_iter(text.as_bytes(), needle)
                    .for_each(|at| visit(at..at + needle.len()));
                Ok(())
            }
            Needle::Regex(matcher) => matcher.matches(text, stop, visit),
        }
    }
}

impl PartialEq for Normalizer {
    fn eq(&self, other: &Self) -> bool {
        self.json == other.json
    }
}

impl std::fmt::Debug for Normalizer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Normalizer").field(&self.json).finish()
    }
}

impl Normalizer {
    /// `json` is what the file says, and is written back.
    pub fn new(steps: Vec<Step>, json: String) -> Self {
        Normalizer { steps, json }
    }

    /// Normalization form C.
    #[cfg(test)]
    pub fn nfc() -> Self {
        Normalizer::new(vec![Step::Form(Form::Nfc)], r#"{"type":"NFC"}"#.into())
    }

    /// Its JSON in a `tokenizer.json`.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Whether it writes bytes as characters of GPT-2's alphabet.
    pub fn maps_bytes(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Bytes))
    }

    /// Whether it may put something between characters without replacing any.
    pub fn may_insert(&self) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Replace(Replace {
                what: Needle::Regex(regex),
                content,
            }) => !content.is_empty() && regex.may_match_empty(),
            _ => false,
        })
    }

    /// Whether a quick look shows that it would leave this text and every part of it as they are.
    pub fn leaves(&self, text: &[u8]) -> bool {
        let leaves = |text: &str| self.steps.iter().all(|step| step.leaves(text));
        leaves("") && text.utf8_chunks().all(|chunk| leaves(chunk.valid()))
    }

    /// The text after all steps. `opens` says whether bytes that are no text do not precede it:
    /// else nothing goes before it. Errors have offsets in the text as the step found it.
    pub fn apply<'t>(
        &self,
        mut text: Aligned<'t>,
        opens: bool,
        stop: &Stop,
    ) -> Result<Aligned<'t>> {
        for step in &self.steps {
            if let Step::Prepend(_) = step
                && !opens
            {
                continue;
            }
            if let Some(changed) = step.apply(&text, stop)? {
                text = changed;
            }
        }
        Ok(text)
    }
}

impl Step {
    /// Whether a quick look shows that this step would leave a text and every part of it as they
    /// are. Never so for steps that look at more than a character and the ones around it.
    fn leaves(&self, text: &str) -> bool {
        match self {
            Step::Form(form) => form.is_form_of(text),
            Step::Lowercase => text.chars().all(is_lower),
            Step::StripAccents => text.is_ascii() || !text.chars().any(is_combining_mark),
            _ => false,
        }
    }

    /// The text after this step; `None` if it is the same.
    fn apply(&self, from: &Aligned, stop: &Stop) -> Result<Option<Aligned<'static>>> {
        let text = &from.text[..];
        if text.is_empty() {
            return Ok(None);
        }
        Ok(match self {
            Step::Form(form) => form.apply(from),
            Step::Lowercase => lowercase(from),
            Step::Strip { left, right } => strip(from, *left, *right),
            Step::StripAccents => keep(from, |character| !is_combining_mark(character)),
            Step::Replace(replace) => replace.apply(from, stop)?,
            Step::Prepend(before) => {
                let mut to = Editor::new(from);
                to.insert(before, character_range(text, 0));
                to.copy(0..text.len());
                Some(to.finish())
            }
            Step::Bytes => Some(map_bytes(from)),
            Step::Nmt => {
                let kept = keep(from, |character| !is_nmt_control(character));
                let kept = kept.unwrap_or_else(|| copied(from));
                Some(map(&kept, nmt_space).unwrap_or(kept))
            }
            Step::Bert(bert) => bert.apply(from),
        })
    }
}

impl Form {
    /// Whether a quick look shows that a text has this form.
    fn is_form_of(self, text: &str) -> bool {
        let quick = || match self {
            Form::Nfc => is_nfc_quick(text.chars()),
            Form::Nfd => is_nfd_quick(text.chars()),
            Form::Nfkc => is_nfkc_quick(text.chars()),
            Form::Nfkd => is_nfkd_quick(text.chars()),
        };
        text.is_ascii() || quick() == IsNormalized::Yes
    }

    fn apply(self, from: &Aligned) -> Option<Aligned<'static>> {
        let text = &from.text[..];
        if self.is_form_of(text) {
            return None;
        }
        let mut to = Editor::new(from);
        match self {
            Form::Nfc => to.transform(text.nfc()),
            Form::Nfd => to.transform(text.nfd()),
            Form::Nfkc => to.transform(text.nfkc()),
            Form::Nfkd => to.transform(text.nfkd()),
        }
        Some(to.finish())
    }
}

impl Replace {
    fn apply(&self, from: &Aligned, stop: &Stop) -> Result<Option<Aligned<'static>>> {
        let text = &from.text[..];
        let (mut to, mut done, mut found) = (Editor::new(from), 0, false);
        self.what.find(text, stop, |range| {
            to.copy(done..range.start);
            to.insert(&self.content, character_range_before(text, range.end));
            (done, found) = (range.end, true);
        })?;
        if !found {
            return Ok(None);
        }
        to.copy(done..text.len());
        Ok(Some(to.finish()))
    }
}

fn copied(from: &Aligned) -> Aligned<'static> {
    Aligned {
        text: from.text.clone().into_owned().into(),
        origin: from.origin.clone(),
    }
}

/// The characters for which `keeps` is true.
fn keep(from: &Aligned, keeps: impl Fn(char) -> bool) -> Option<Aligned<'static>> {
    let text = &from.text[..];
    let first = text
        .char_indices()
        .find(|&(_, character)| !keeps(character));
    first?;
    let (mut to, mut start) = (Editor::new(from), 0);
    for (at, character) in text.char_indices() {
        if !keeps(character) {
            to.copy(start..at);
            start = at + character.len_utf8();
        }
    }
    to.copy(start..text.len());
    Some(to.finish())
}

/// Each character replaced by another one.
fn map(from: &Aligned, mapped: impl Fn(char) -> char) -> Option<Aligned<'static>> {
    let text = &from.text[..];
    if text.chars().all(|character| mapped(character) == character) {
        return None;
    }
    let (mut to, mut start) = (Editor::new(from), 0);
    for (at, character) in text.char_indices() {
        let new = mapped(character);
        if new != character {
            to.copy(start..at);
            start = at + character.len_utf8();
            to.insert_char(new, at..start);
        }
    }
    to.copy(start..text.len());
    Some(to.finish())
}

fn is_lower(character: char) -> bool {
    let mut lower = character.to_lowercase();
    lower.next() == Some(character) && lower.next().is_none()
}

fn lowercase(from: &Aligned) -> Option<Aligned<'static>> {
    let text = &from.text[..];
    if text.chars().all(is_lower) {
        return None;
    }
    let (mut to, mut start) = (Editor::new(from), 0);
    for (at, character) in text.char_indices() {
        if !is_lower(character) {
            to.copy(start..at);
            start = at + character.len_utf8();
            for lower in character.to_lowercase() {
                to.insert_char(lower, at..start);
            }
        }
    }
    to.copy(start..text.len());
    Some(to.finish())
}

fn strip(from: &Aligned, left: bool, right: bool) -> Option<Aligned<'static>> {
    let text = &from.text[..];
    let start = if left {
        text.len() - text.trim_start().len()
    } else {
        0
    };
    let end = if right {
        text.trim_end().len().max(start)
    } else {
        text.len()
    };
    if (start, end) == (0, text.len()) {
        return None;
    }
    let mut to = Editor::new(from);
    to.copy(start..end);
    Some(to.finish())
}

/// Every byte as its character in GPT-2's alphabet. It stands for the whole character that the
/// byte is from, as steps may ask whether this begins the document.
pub fn map_bytes(from: &Aligned) -> Aligned<'static> {
    let mut to = Editor::new(from);
    for (at, character) in from.text.char_indices() {
        let range = at..at + character.len_utf8();
        for byte in from.text[range.clone()].bytes() {
            to.insert_char(byte_level::to_char(byte), range.clone());
        }
    }
    to.finish()
}

fn is_nmt_control(character: char) -> bool {
    matches!(
        character,
        '\x01'..='\x08' | '\x0B' | '\x0E'..='\x1F' | '\x7F' | '\u{8F}' | '\u{9F}'
    )
}

fn nmt_space(character: char) -> char {
    match character {
        '\t' | '\n' | '\x0C' | '\r' | '\u{1680}' => ' ',
        '\u{200B}'..='\u{200F}' | '\u{2028}' | '\u{2029}' => ' ',
        '\u{2581}' | '\u{FEFF}' | '\u{FFFD}' => ' ',
        _ => character,
    }
}
