//! The state of a tokenizer, for pickling and comparison.

use pyo3::prelude::*;
use pyo3::types::PyTuple;

use super::{GivenSpecials, Tokenizer};
use crate::vocab::{MergeRule, Model};

impl Tokenizer {
    /// The name of a constructor, and the arguments with which it gives an equal tokenizer.
    pub(super) fn constructor<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(&'static str, Bound<'py, PyTuple>)> {
        let vocab = self.shared.vocab();
        let pattern = vocab.pattern.text();
        let added = vocab.added_tokens.iter();
        let specials: GivenSpecials = added
            .map(|added| (added.text.clone(), Some(added.id)))
            .collect();
        match &vocab.model {
            Model::Bpe(bpe) if bpe.rule == MergeRule::Ranked => {
                let arguments = (self.to_tiktoken(py)?, pattern, specials);
                Ok(("from_tiktoken", arguments.into_pyobject(py)?))
            }
            // Such a pattern came with a file that does not hold one.
            Model::Bpe(_) if vocab.pattern.to_oniguruma().is_err() => {
                let (tokens, merges) = self.to_vocab_and_merges(py)?;
                let arguments = (tokens, merges, pattern, specials);
                Ok(("from_vocab_and_merges", arguments.into_pyobject(py)?))
            }
            _ => {
                let arguments = (self.to_tokenizer_json(py)?,);
                Ok(("from_tokenizer_json", arguments.into_pyobject(py)?))
            }
        }
    }
}
