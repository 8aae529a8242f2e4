//! How text becomes pretokens in foreign vocabularies, where that is more than splitting it at
//! a [`Pattern`]: text may be changed, and parts of it left out.
//!
//! The steps are those of Hugging Face's `pre_tokenizers`. Each is applied to the pieces of the
//! one before.

mod classes;
mod cuts;

use std::ops::Range;

use crate::aligned::{Aligned, Editor, character_range};
use crate::byte_level;
use crate::error::Result;
use crate::normalize::{Needle, map_bytes};
use crate::pattern::Pattern;
use crate::threads::Stop;

pub use classes::Class;
pub use cuts::{Behavior, Cuts};

/// The steps of a pre-tokenizer, in order.
#[derive(Clone)]
pub struct PreTokenizer {
    steps: Vec<Step>,
    json: String,
}

/// One step.
#[derive(Clone)]
pub enum Step {
    /// A space goes before each piece that does not begin with one.
    PrefixSpace,
    /// The pieces are split at a pattern.
    Pattern(Pattern),
    /// Matches, of a regex or of a text, are cut out.
    Matches { needle: Needle, cuts: Cuts },
    /// Characters of a class are cut out.
    Class { class: Class, cuts: Cuts },
    /// Only words and runs of other characters that are not white space are kept.
    Words,
    /// Spaces become another character, which begins pieces.
    Metaspace(Metaspace),
    /// Each piece is split into so many characters.
    Length(usize),
    /// Bytes become characters of GPT-2's alphabet.
    Bytes,
}

/// What SentencePiece does with spaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metaspace {
    pub replacement: char,
    pub prepend: Prepend,
    /// Whether a piece ends before each of them.
    pub split: bool,
}

/// Which pieces get a space before their text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepend {
    Always,
    /// The one at the beginning of the document.
    First,
    Never,
}

/// A text and its pieces, in order and none of them empty. What is between them is left out.
pub struct Pieces<'t> {
    pub text: Aligned<'t>,
    pub ranges: Vec<Range<usize>>,
}

impl PreTokenizer {
    /// `json` is what the file says, and is written back.
    pub fn new(steps: Vec<Step>, json: String) -> Self {
        PreTokenizer { steps, json }
    }

    /// Its JSON in a `tokenizer.json`.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Whether what a step does depends on where in the document a piece is.
    pub fn needs_origin(&self) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Metaspace(metaspace) => metaspace.prepend == Prepend::First,
            _ => false,
        })
    }

    /// Whether it writes bytes as characters of GPT-2's alphabet.
    pub fn maps_bytes(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Bytes))
    }

    /// Whether that is the last step. Then it is left out: the characters would have to be read
    /// back as bytes at once.
    pub fn ends_with_bytes(&self) -> bool {
        matches!(self.steps.last(), Some(Step::Bytes))
    }

    /// The pieces of a text. `opens` says whether bytes that are no text do not precede it: else
    /// nothing goes before it.
    pub fn apply<'t>(&self, text: Aligned<'t>, opens: bool, stop: &Stop) -> Result<Pieces<'t>> {
        let whole = 0..text.text.len();
        let mut pieces = Pieces {
            text,
            ranges: if whole.is_empty() {
                vec![]
            } else {
                vec![whole]
            },
        };
        for (index, step) in self.steps.iter().enumerate() {
            match step {
                Step::Bytes if index + 1 == self.steps.len() => {}
                _ => pieces.apply(step, opens, stop)?,
            }
        }
        Ok(pieces)
    }
}

impl Pieces<'_> {
    fn apply(&mut self, step: &Step, opens: bool, stop: &Stop) -> Result<()> {
        match step {
            Step::PrefixSpace if !opens => Ok(()),
            Step::PrefixSpace => {
                self.edit(|text, range, to| {
                    if !text[range.clone()].starts_with(' ') {
                        to.insert(" ", character_range(text, range.start));
                    }
                    to.copy(range);
                });
                Ok(())
            }
            Step::Bytes => {
                let mapped = map_bytes(&self.text);
                // Where each byte went.
                let mut at = 0;
                let mut starts: Vec<usize> = Vec::with_capacity(self.text.text.len() + 1);
                for byte in self.text.text.bytes() {
                    starts.push(at);
                    at += byte_level::to_char(byte).len_utf8();
                }
                starts.push(at);
                for range in &mut self.ranges {
                    *range = starts[range.start]..starts[range.end];
                }
                self.text = mapped;
                Ok(())
            }
            Step::Metaspace(metaspace) => {
                self.put_metaspaces(metaspace, opens);
                if metaspace.split {
                    let class = Class::Is(metaspace.replacement);
                    let cuts = Cuts {
                        behavior: Behavior::MergedWithNext,
                        invert: false,
                    };
                    return self.apply(&Step::Class { class, cuts }, opens, stop);
                }
                Ok(())
            }
            Step::Pattern(pattern) => self.split_at(pattern, stop),
            Step::Matches { needle, cuts } => self.cut(*cuts, |text, found| {
                let mut done = 0;
                needle.find(text, stop, |range| {
                    found.gap(done, range.start);
                    done = range.end;
                    found.matched(range);
                })?;
                found.gap(done, text.len());
                Ok(())
            }),
            Step::Class { class, cuts } => self.cut(*cuts, |text, found| {
                let mut done = 0;
                for (at, character) in text.char_indices() {
                    if class.holds(character) {
                        found.gap(done, at);
                        done = at + character.len_utf8();
                        found.matched(at..done);
                    }
                }
                found.gap(done, text.len());
                Ok(())
            }),
            Step::Words => {
                self.divide(classes::words);
                Ok(())
            }
            Step::Length(length) => {
                self.divide(|text, range, ranges| {
                    let mut start = range.start;
                    let mut left = *length;
                    for (at, _) in text[range.clone()].char_indices() {
                        if left == 0 {
                            ranges.push(start..range.start + at);
                            (start, left) = (range.start + at, *length);
                        }
                        left -= 1;
                    }
                    ranges.push(start..range.end);
                });
                Ok(())
            }
        }
    }

    /// Writes every piece anew.
    fn edit(&mut self, mut write: impl FnMut(&str, Range<usize>, &mut Editor)) {
        let mut to = Editor::new(&self.text);
        for range in &mut self.ranges {
            let start = to.len();
            write(&self.text.text, range.clone(), &mut to);
            *range = start..to.len();
        }
        self.text = to.finish();
    }

    /// Replaces every piece with ranges of it.
    fn divide(&mut self, divide: impl Fn(&str, Range<usize>, &mut Vec<Range<usize>>)) {
        let mut ranges = Vec::with_capacity(self.ranges.len());
        for range in std::mem::take(&mut self.ranges) {
            divide(&self.text.text, range, &mut ranges);
        }
        self.ranges = ranges;
    }

    /// Cuts every piece where `find` finds something.
    fn cut(
        &mut self,
        cuts: Cuts,
        mut find: impl FnMut(&str, &mut cuts::Found) -> Result<()>,
    ) -> Result<()> {
        let mut ranges = Vec::with_capacity(self.ranges.len());
        let mut found = cuts::Found::default();
        for range in &self.ranges {
            let before = |error: crate::error::Error| error.shifted(range.start);
            find(&self.text.text[range.clone()], &mut found).map_err(before)?;
            cuts.ranges(&mut found, range.start, &mut ranges);
        }
        self.ranges = ranges;
        Ok(())
    }

    fn split_at(&mut self, pattern: &Pattern, stop: &Stop) -> Result<()> {
        let mut ranges = Vec::with_capacity(self.ranges.len());
        let mut ends = Vec::new();
        for range in &self.ranges {
            let piece = &self.text.text.as_bytes()[range.clone()];
            let mut pretokens = pattern.pretokens(piece).with_stop(stop);
            let mut start = range.start;
            loop {
                let filled = pretokens.fill(&mut ends);
                filled.map_err(|error| error.shifted(range.start))?;
                if ends.is_empty() {
                    break;
                }
                for &end in &ends {
                    ranges.push(start..range.start + end);
                    start = range.start + end;
                }
            }
        }
        self.ranges = ranges;
        Ok(())
    }

    fn put_metaspaces(&mut self, metaspace: &Metaspace, opens: bool) {
        let Metaspace {
            replacement,
            prepend,
            ..
        } = *metaspace;
        let new = replacement.to_string();
        let origin = self.text.origin.clone();
        self.edit(|text, range, to| {
            let wanted = match prepend {
                Prepend::Always => true,
                Prepend::Never => false,
                Prepend::First => origin.position(range.start) == 0,
            };
            if wanted && opens && !text[range.clone()].starts_with([' ', replacement]) {
                to.insert(&new, character_range(text, range.start));
            }
            let mut done = range.start;
            for at in memchr::memchr_iter(b' ', &text.as_bytes()[range.clone()]) {
                let at = range.start + at;
                to.copy(done..at);
                to.insert(&new, at..at + 1);
                done = at + 1;
            }
            to.copy(done..range.end);
        });
    }
}
