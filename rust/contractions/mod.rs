//! Writes English contractions out in full: "it's" as "it is" or "it has", "can't" as
//! "cannot". Nothing here knows of tokens; it could be a crate of its own.
//!
//! 1. `candidate` finds where a contraction may be; `bare` those without an apostrophe.
//! 2. `grammar` splits it into host and clitics, and tells what it is.
//! 3. Where it may mean several things, `rules` decide by the words around it, which
//!    `context` sees, and by their classes, which `lexicon` knows.
//! 4. `form` writes the full form; `inversion` moves "not" behind the subject.
//!
//! What is `protected` stays as it is. The work for each contraction is bounded.

mod bare;
mod candidate;
mod characters;
mod context;
mod full_form;
mod grammar;
mod inversion;
mod lexicon;
mod protected;
mod rules;
#[cfg(test)]
mod tests;

pub use characters::APOSTROPHES;
pub use lexicon::irregular_verbs;
pub use protected::{Spans, code_spans, protected_spans};

use std::ops::Range;

use bare::{Bare, find_bare, is_meant};
use candidate::{clitics, host};
use characters::find_apostrophe;
use context::Before;
use grammar::{Contraction, Kind, Source};
use inversion::reorder;
use protected::Protected;
use rules::verdict::{Verdict, means};

use crate::error::{Error, Result};
use crate::threads::Stop;

/// With [`Ambiguous::Keep`], contractions are left alone below this confidence.
const SURE: f64 = 0.9;
/// The confidence in where "not" goes.
const INVERTED: f64 = 0.9;
/// A caller can stop the work each time that this many apostrophes were looked at.
const PATIENCE: usize = 1024;

/// What to do where 's, 'd or ain't has several possible meanings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ambiguous {
    /// Take the most likely.
    Likely,
    /// Leave those that are not sure.
    Keep,
    /// Take the most likely, and name the others.
    List,
}

/// Writes contractions out.
#[derive(Debug, Clone, Copy)]
pub struct Expander {
    /// What to do where several meanings are possible.
    pub ambiguous: Ambiguous,
    /// Whether "not" is put behind the subject of a question.
    pub reorder: bool,
    /// Whether contractions without their apostrophe are written out too: dont, im.
    pub bare: bool,
}

/// One contraction, written out.
#[derive(Debug, Clone, PartialEq)]
pub struct Edit {
    /// Where it begins, in characters.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its full form.
    pub text: String,
    /// The name of the rule that decided.
    pub rule: String,
    /// How sure the rule is, above 0 and at most 1.
    pub confidence: f64,
    /// Other full forms that might have been meant, the most likely first.
    pub alternatives: Vec<String>,
}

/// What was decided about a contraction.
#[derive(Debug, Clone, Copy)]
struct Decision {
    /// Where it ends, in bytes.
    end: usize,
    verdict: Verdict,
    /// Whether "not" was moved behind the subject.
    inverted: bool,
}

impl Expander {
    /// The text with its contractions written out; None if there are none.
    pub fn expand(&self, text: &str, stop: &Stop) -> Result<Option<String>> {
        let (mut out, mut done) = (String::new(), 0);
        self.find(text, stop, |start, decision, full, _| {
            if done == 0 {
                out.reserve(text.len() + text.len() / 16);
            }
            out.push_str(&text[done..start]);
            out.push_str(full);
            done = decision.end;
        })?;
        if done == 0 {
            return Ok(None);
        }
        out.push_str(&text[done..]);
        Ok(Some(out))
    }

    /// One edit for each contraction, in order.
    pub fn edits(&self, text: &str, stop: &Stop) -> Result<Vec<Edit>> {
        let mut edits = Vec::new();
        let (mut characters, mut done) = (0, 0);
        let mut to_characters = |at: usize| {
            characters += text[done..at].chars().count();
            done = at;
            characters
        };
        self.find(text, stop, |start, decision, full, contraction| {
            let alternative = |meaning: &&str| {
                let mut out = String::new();
                contraction.push_full(&mut out, meaning);
                out
            };
            let listed = match self.ambiguous {
                Ambiguous::List => decision.verdict.others,
                Ambiguous::Likely | Ambiguous::Keep => &[],
            };
            edits.push(Edit {
                start: to_characters(start),
                end: to_characters(decision.end),
                text: full.to_owned(),
                rule: decision.rule(),
                confidence: decision.verdict.confidence,
                alternatives: listed.iter().map(alternative).collect(),
            });
        })?;
        Ok(edits)
    }

    /// Finds the contractions, decides about each, and passes on where it begins, the decision
    /// and the full form.
    fn find(
        &self,
        text: &str,
        stop: &Stop,
        mut found: impl FnMut(usize, Decision, &str, &Contraction<'_>),
    ) -> Result<()> {
        let protected = Protected::new(text);
        let (mut source, mut full) = (Source::default(), String::new());
        let mut done = 0;
        let mut marked = find_apostrophe(text, 0);
        let mut bare = self.find_bare(text, 0);
        for count in 0.. {
            if count % PATIENCE == 0 && stop.is_set() {
                return Err(Error::Interrupted);
            }
            if let Some(word) = bare.filter(|word| marked.is_none_or(|at| word.start < at)) {
                bare = self.find_bare(text, word.end);
                let span = word.start..word.end;
                let (host, clitic) = text[span.clone()].split_at(word.apostrophe - word.start);
                source.set_bare(host, clitic);
                full.clear();
                if word.start >= done
                    && is_meant(text, word)
                    && let Some(contraction) = source.parse()
                    && let Some(decision) = self.decide(&mut full, text, span, &contraction)
                    && !protected.overlaps(word.start, decision.end)
                {
                    found(word.start, decision, &full, &contraction);
                    done = decision.end;
                }
                continue;
            }
            let Some(at) = marked else {
                break;
            };
            let clitics = clitics(text, at);
            marked = find_apostrophe(text, clitics.end);
            let Some(host) = host(text, done, at).filter(|_| clitics.may_end) else {
                continue;
            };
            source.set(&text[host.start..clitics.end]);
            let Some(contraction) = source.parse() else {
                continue;
            };
            full.clear();
            let span = host.start..clitics.end;
            let Some(decision) = self.decide(&mut full, text, span, &contraction) else {
                continue;
            };
            let is_protected = if host.is_plain {
                protected.in_code(host.start, decision.end)
            } else {
                protected.overlaps(host.start, decision.end)
            };
            if !is_protected {
                found(host.start, decision, &full, &contraction);
                done = decision.end;
            }
        }
        Ok(())
    }

    fn find_bare(&self, text: &str, at: usize) -> Option<Bare> {
        self.bare.then(|| find_bare(text, at)).flatten()
    }

    /// Decides about one contraction and writes its full form.
    fn decide(
        &self,
        full: &mut String,
        text: &str,
        span: Range<usize>,
        contraction: &Contraction<'_>,
    ) -> Option<Decision> {
        let before = Before::new(text, span.start);
        let mut decision = match contraction.kind {
            Kind::Fixed(_, rule) => Decision::certain(span.end, rule),
            Kind::Whole(_) => Decision::certain(span.end, "whole"),
            _ => {
                let verdict = rules::verdict(text, &span, contraction, &before);
                let kept = self.ambiguous == Ambiguous::Keep && verdict.confidence < SURE;
                if kept || verdict.meaning.is_empty() {
                    return None;
                }
                Decision {
                    end: span.end,
                    verdict,
                    inverted: false,
                }
            }
        };
        if self.reorder
            && let Some(auxiliary) = contraction.auxiliary(decision.verdict.meaning)
            && let Some(end) = reorder(
                full,
                text,
                &before,
                span.end,
                &auxiliary,
                contraction.shouts(),
            )
        {
            decision.end = end;
            decision.inverted = true;
            if contraction.kind != Kind::Aint {
                decision.verdict.confidence = INVERTED;
            }
        } else {
            contraction.push_full(full, decision.verdict.meaning);
        }
        Some(decision)
    }
}

impl Decision {
    fn certain(end: usize, rule: &'static str) -> Self {
        Decision {
            end,
            verdict: means("", rule, 1.0, &[]),
            inverted: false,
        }
    }

    /// The name of the rule, with all that it depends on.
    fn rule(&self) -> String {
        let noun = if self.verdict.of_noun { "noun-" } else { "" };
        let inverted = if self.inverted { "-inverted" } else { "" };
        format!("{noun}{}{inverted}", self.verdict.rule)
    }
}
