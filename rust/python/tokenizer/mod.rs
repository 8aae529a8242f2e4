//! `_core.Tokenizer`.

mod state;

use std::ffi::CStr;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict, PyList, PyMemoryView, PyString, PyTuple};

use super::arguments::{self, GivenDropout, Text, all_bytes, thread_count};
use super::arrays::{self, Array, to_bytes};
use super::buffer::{IdBuffer, narrowed};
use super::errors::exception;
use super::gil::{BRIEF, hear_nothing, run, run_apart, run_detached, with_lock_if};
use super::ids::{PATIENCE, ids_of};
use super::integers::{self, Integers};
use super::slots::IdSlots;
use super::strings;
use crate::encode::{Document, Offsets, Ragged};
use crate::error::{Error, Result};
use crate::formats::missing::{Missing, missing};
use crate::formats::{gguf, sentencepiece, tiktoken, tokenizer_json, vocab_merges};
use crate::pattern::Pattern;
use crate::threads::NEVER;
use crate::vocab::Vocab;

/// Special tokens as given to a constructor: each with its id, if it has one.
type GivenSpecials = Vec<(String, Option<u32>)>;

/// See `_core.pyi`.
#[pyclass(frozen, module = "bpe_tool._core")]
pub struct Tokenizer {
    pub(super) shared: Arc<crate::Tokenizer>,
    integers: Integers,
}

impl Tokenizer {
    pub(super) fn new(tokenizer: crate::Tokenizer) -> Self {
        Tokenizer {
            integers: Integers::new(tokenizer.max_id()),
            shared: Arc::new(tokenizer),
        }
    }

    /// The ids of the added tokens that are special, or of those that are not.
    fn added<'py>(&self, py: Python<'py>, special: bool) -> PyResult<Bound<'py, PyDict>> {
        let found = PyDict::new(py);
        let added = self.shared.vocab().added_tokens.iter();
        for token in added.filter(|token| token.special == special) {
            found.set_item(&token.text, token.id)?;
        }
        Ok(found)
    }

    fn load(
        py: Python<'_>,
        read: impl FnOnce() -> Result<Vocab> + Send + 'static,
    ) -> PyResult<Self> {
        let made = run_apart(py, |_| crate::Tokenizer::new(read()?), hear_nothing)?;
        Ok(Self::new(made))
    }

    /// Encodes texts without the interpreter lock.
    fn encode_rows(
        &self,
        py: Python<'_>,
        texts: &[Text],
        special: &Bound<'_, PyAny>,
        template: bool,
        dropout: Option<GivenDropout>,
        threads: i64,
    ) -> PyResult<Ragged> {
        let special = arguments::special(special)?;
        let threads = thread_count(py, threads)?;
        let documents: Vec<Document> = texts.iter().map(Text::document).collect();
        let dropout = dropout.map(arguments::dropout);
        run_detached(py, |interrupt| {
            self.shared
                .encode_batch(&documents, special, template, dropout, threads, interrupt)
        })
    }

    /// Encodes one text: short ones at once, longer ones without the interpreter lock.
    fn encode_one(
        &self,
        py: Python<'_>,
        text: &Text,
        special: &Bound<'_, PyAny>,
        template: bool,
        dropout: Option<GivenDropout>,
    ) -> PyResult<Vec<u32>> {
        if dropout.is_none() && text.bytes().len() < BRIEF {
            let special = arguments::special(special)?;
            return run(py, || self.shared.encode(text.bytes(), special, template));
        }
        let text = std::slice::from_ref(text);
        Ok(self
            .encode_rows(py, text, special, template, dropout, 1)?
            .ids)
    }

    /// The bytes of ids: of a few at once, of more without the interpreter lock.
    fn decoded(&self, py: Python<'_>, ids: &[u32], skip_special: bool) -> PyResult<Vec<u8>> {
        with_lock_if(py, ids.len() < BRIEF, |interrupt| match skip_special {
            true => self.shared.decode_without_special(ids, interrupt),
            false => self.shared.decode(ids, interrupt),
        })
    }

    /// A list of ids.
    pub(super) fn list<'py>(&self, py: Python<'py>, ids: &[u32]) -> PyResult<Bound<'py, PyList>> {
        integers::list(py, self.integers.get(py, ids.len()), ids)
    }

    /// Writes it in a format.
    fn written<R: Send + 'static>(
        &self,
        py: Python<'_>,
        write: impl FnOnce(&crate::Tokenizer) -> Result<R> + Send + 'static,
    ) -> PyResult<R> {
        let shared = self.shared.clone();
        run_apart(py, move |_| write(&shared), hear_nothing)
    }
}

#[pymethods]
impl Tokenizer {
    #[staticmethod]
    fn from_tokenizer_json(py: Python<'_>, data: PyBackedBytes) -> PyResult<Self> {
        Self::load(py, move || tokenizer_json::read(&data))
    }

    #[staticmethod]
    fn from_sentencepiece(py: Python<'_>, data: PyBackedBytes) -> PyResult<Self> {
        Self::load(py, move || sentencepiece::read(&data))
    }

    #[staticmethod]
    fn gguf_length(py: Python<'_>, data: PyBackedBytes) -> PyResult<Option<usize>> {
        gguf::metadata_length(&data).map_err(|error| exception(py, &error))
    }

    #[staticmethod]
    fn from_gguf(py: Python<'_>, data: PyBackedBytes) -> PyResult<Self> {
        Self::load(py, move || gguf::read(&data))
    }

    #[staticmethod]
    fn from_tiktoken(
        py: Python<'_>,
        data: PyBackedBytes,
        pattern: &str,
        special_tokens: GivenSpecials,
    ) -> PyResult<Self> {
        let pattern = pattern.to_owned();
        Self::load(py, move || {
            tiktoken::read(&data, Pattern::parse(&pattern)?, &special_tokens)
        })
    }

    #[staticmethod]
    fn from_vocab_and_merges(
        py: Python<'_>,
        vocab: PyBackedBytes,
        merges: PyBackedBytes,
        pattern: &str,
        special_tokens: GivenSpecials,
    ) -> PyResult<Self> {
        let pattern = pattern.to_owned();
        Self::load(py, move || {
            vocab_merges::read(&vocab, &merges, Pattern::parse(&pattern)?, &special_tokens)
        })
    }

    /// Text without a token is an error for the one that is returned.
    fn refusing_missing(&self, py: Python<'_>) -> PyResult<Self> {
        let shared = self.shared.clone();
        let made = run_apart(py, move |_| shared.refusing_missing(), hear_nothing)?;
        Ok(Self::new(made))
    }

    #[getter]
    fn is_complete(&self) -> bool {
        self.shared.is_complete()
    }

    #[getter]
    fn refuses_missing(&self) -> bool {
        self.shared.refuses_missing()
    }

    fn take_missing(&self) -> u64 {
        self.shared.take_missing()
    }

    fn to_tokenizer_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let json = self.written(py, |own| tokenizer_json::write(&own.listed()))?;
        to_bytes(py, &json)
    }

    fn to_tiktoken<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let lines = self.written(py, |own| tiktoken::write(own.vocab()))?;
        to_bytes(py, &lines)
    }

    fn to_vocab_and_merges<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        let (vocab, merges) = self.written(py, |own| vocab_merges::write(&own.listed()))?;
        Ok((to_bytes(py, &vocab)?, to_bytes(py, &merges)?))
    }

    fn state<'py>(&self, py: Python<'py>) -> PyResult<(&'static str, Bound<'py, PyTuple>)> {
        self.constructor(py)
    }

    #[pyo3(signature = (text, special, template, dropout = None))]
    fn encode<'py>(
        &self,
        py: Python<'py>,
        text: Text,
        special: &Bound<'py, PyAny>,
        template: bool,
        dropout: Option<GivenDropout>,
    ) -> PyResult<Bound<'py, PyList>> {
        let ids = self.encode_one(py, &text, special, template, dropout)?;
        self.list(py, &ids)
    }

    fn encode_into<'py>(
        &self,
        py: Python<'py>,
        text: Text,
        buffer: &Bound<'py, PyAny>,
        special: &Bound<'py, PyAny>,
        template: bool,
    ) -> PyResult<usize> {
        let out = IdSlots::of(buffer, self.shared.max_id())?;
        let ids = self.encode_one(py, &text, special, template, None)?;
        out.fill(&ids)
    }

    #[pyo3(signature = (texts, special, template, threads, dropout = None))]
    fn encode_batch<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Text>,
        special: &Bound<'py, PyAny>,
        template: bool,
        threads: i64,
        dropout: Option<GivenDropout>,
    ) -> PyResult<Bound<'py, PyList>> {
        let rows = self.encode_rows(py, &texts, special, template, dropout, threads)?;
        let integers = self.integers.get(py, rows.ids.len());
        let mut patience = PATIENCE as i64;
        let lists = rows.bounds.windows(2).zip(0..).map(|(bounds, row)| {
            // Rows may be empty.
            if bounds[1] + row > patience {
                py.check_signals()?;
                patience = bounds[1] + row + PATIENCE as i64;
            }
            let ids = &rows.ids[bounds[0] as usize..bounds[1] as usize];
            integers::list(py, integers, ids)
        });
        PyList::new(py, lists.collect::<PyResult<Vec<_>>>()?)
    }

    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (texts, special, template, threads, width = 4, dropout = None))]
    fn encode_arrays<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Text>,
        special: &Bound<'py, PyAny>,
        template: bool,
        threads: i64,
        width: usize,
        dropout: Option<GivenDropout>,
    ) -> PyResult<(Bound<'py, PyMemoryView>, Array<'py>)> {
        let rows = self.encode_rows(py, &texts, special, template, dropout, threads)?;
        let ids = match width {
            2 => IdBuffer::view(py, py.detach(|| narrowed(&rows.ids)))?,
            _ => IdBuffer::view(py, rows.ids)?,
        };
        Ok((ids, arrays::from_positions(py, &rows.bounds)?))
    }

    fn measure<'py>(
        &self,
        py: Python<'py>,
        texts: Vec<Text>,
        of_words: PyBackedBytes,
        threads: i64,
    ) -> PyResult<(Array<'py>, Array<'py>, Bound<'py, PyDict>)> {
        let threads = thread_count(py, threads)?;
        let documents = all_bytes(&texts);
        let found = run_detached(py, |interrupt| {
            self.shared
                .measure(&documents, &of_words, threads, interrupt)
        })?;
        let split = PyDict::new(py);
        for (word, count) in found.split.iter() {
            split.set_item(to_bytes(py, word)?, count)?;
        }
        Ok((
            arrays::from_positions(py, &found.counts)?,
            arrays::from_positions(py, found.sums.as_flattened())?,
            split,
        ))
    }

    fn encode_with_offsets<'py>(
        &self,
        py: Python<'py>,
        text: Text,
        special: &Bound<'py, PyAny>,
        template: bool,
    ) -> PyResult<(Vec<u32>, Offsets)> {
        let special = arguments::special(special)?;
        run_detached(py, |interrupt| {
            self.shared
                .encode_with_offsets(text.bytes(), special, template, interrupt)
        })
    }

    #[pyo3(signature = (text, special, template, limit = None))]
    fn count<'py>(
        &self,
        py: Python<'py>,
        text: Text,
        special: &Bound<'py, PyAny>,
        template: bool,
        limit: Option<usize>,
    ) -> PyResult<usize> {
        let special = arguments::special(special)?;
        let (bytes, own) = (text.bytes(), &self.shared);
        match limit {
            None if bytes.len() < BRIEF => run(py, || own.count(bytes, special, template, NEVER)),
            None => run_detached(py, |interrupt| {
                own.count(bytes, special, template, interrupt)
            }),
            Some(limit) => run_detached(py, |interrupt| {
                own.count_up_to(bytes, special, template, limit, interrupt)
            }),
        }
    }

    fn truncate(
        &self,
        py: Python<'_>,
        text: Text,
        limit: usize,
        special: &Bound<'_, PyAny>,
    ) -> PyResult<usize> {
        let special = arguments::special(special)?;
        run_detached(py, |interrupt| {
            self.shared
                .truncate(text.bytes(), limit, special, interrupt)
        })
    }

    fn chunks(
        &self,
        py: Python<'_>,
        text: Text,
        limit: usize,
        overlap: usize,
        special: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<(usize, usize)>> {
        let special = arguments::special(special)?;
        let chunks = run_detached(py, |interrupt| {
            self.shared
                .chunks(text.bytes(), limit, overlap, special, interrupt)
        })?;
        let spans = chunks.into_iter().map(|chunk| (chunk.start, chunk.end));
        Ok(spans.collect())
    }

    #[pyo3(signature = (ids, skip_special = false))]
    fn decode<'py>(
        &self,
        py: Python<'py>,
        ids: &Bound<'py, PyAny>,
        skip_special: bool,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let ids = ids_of(ids, self.shared.max_id())?;
        to_bytes(py, &self.decoded(py, &ids, skip_special)?)
    }

    fn decode_text<'py>(
        &self,
        py: Python<'py>,
        ids: &Bound<'py, PyAny>,
        errors: &CStr,
        skip_special: bool,
    ) -> PyResult<Bound<'py, PyString>> {
        let ids = ids_of(ids, self.shared.max_id())?;
        strings::decoded(py, &self.decoded(py, &ids, skip_special)?, errors)
    }

    fn decode_arrays<'py>(
        &self,
        py: Python<'py>,
        ids: PyBackedBytes,
        bounds: PyBackedBytes,
    ) -> PyResult<(Array<'py>, Array<'py>)> {
        let ids = arrays::to_ids(&ids)?;
        let bounds = arrays::to_positions(&bounds)?;
        let (bytes, bounds) = run_detached(py, |interrupt| {
            self.shared.decode_rows(&ids, &bounds, interrupt)
        })?;
        Ok((
            arrays::from_bytes(py, &bytes)?,
            arrays::from_positions(py, &bounds)?,
        ))
    }

    fn id_to_token<'py>(&self, py: Python<'py>, id: u32) -> PyResult<Bound<'py, PyBytes>> {
        match self.shared.token(id) {
            Some(token) => to_bytes(py, token),
            None => Err(exception(py, &Error::UnknownId { id, position: 0 })),
        }
    }

    fn tokens<'py>(&self, py: Python<'py>) -> PyResult<(Array<'py>, Array<'py>, Array<'py>)> {
        let (mut ids, mut bytes, mut bounds) = (Vec::new(), Vec::new(), vec![0]);
        for (id, token) in self.shared.tokens() {
            ids.push(id);
            bytes.extend_from_slice(token);
            bounds.push(bytes.len() as i64);
        }
        Ok((
            arrays::from_ids(py, &ids)?,
            arrays::from_bytes(py, &bytes)?,
            arrays::from_positions(py, &bounds)?,
        ))
    }

    fn token_to_id(&self, token: PyBackedBytes) -> Option<u32> {
        self.shared.token_to_id(&token)
    }

    fn pretokenize<'py>(
        &self,
        py: Python<'py>,
        text: PyBackedBytes,
    ) -> PyResult<Bound<'py, PyList>> {
        if !self.shared.vocab().splits_only() {
            let all = PyList::empty(py);
            let found = run_detached(py, |_| self.shared.pretokens(&text))?;
            for pretoken in found {
                all.append(to_bytes(py, &pretoken)?)?;
            }
            return Ok(all);
        }
        let mut pretokens = self.shared.vocab().pattern.pretokens(&text);
        // Appended to, as a list that finds no memory all at once would panic.
        let (all, mut ends, mut start) = (PyList::empty(py), Vec::new(), 0);
        loop {
            run(py, || pretokens.fill(&mut ends))?;
            if ends.is_empty() {
                return Ok(all);
            }
            for &end in &ends {
                all.append(to_bytes(py, &text[start..end])?)?;
                start = end;
            }
        }
    }

    /// The first stage of encoding alone: how many pretokens a text that no step changes has.
    fn pretoken_count(&self, py: Python<'_>, text: Text) -> PyResult<usize> {
        let mut pretokens = self.shared.vocab().pattern.pretokens(text.bytes());
        run_detached(py, |_| {
            let (mut count, mut ends) = (0, Vec::new());
            loop {
                pretokens.fill(&mut ends)?;
                if ends.is_empty() {
                    return Ok(count);
                }
                count += ends.len();
            }
        })
    }

    #[getter]
    fn merges<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let merges = self.shared.merges();
        let pairs = merges
            .iter()
            .map(|(left, right)| Ok((to_bytes(py, left)?, to_bytes(py, right)?)));
        PyList::new(py, pairs.collect::<PyResult<Vec<_>>>()?)
    }

    fn with_vocab_size(&self, py: Python<'_>, vocab_size: i64) -> PyResult<Self> {
        let size = vocab_size.max(0) as usize;
        let shorter = self.written(py, move |own| {
            crate::Tokenizer::new(own.vocab().with_size(size)?)
        })?;
        Ok(Self::new(shorter))
    }

    fn effective_merges<'py>(&self, py: Python<'py>) -> PyResult<Array<'py>> {
        let merges = self.shared.effective_merges().into_iter();
        let ids: Vec<u32> = merges
            .flat_map(|merge| [merge.left, merge.right, merge.id])
            .collect();
        arrays::from_ids(py, &ids)
    }

    #[getter]
    fn missing(&self) -> Option<(&'static str, usize, u32)> {
        Some(match missing(self.shared.vocab())? {
            Missing::Merges { tokens, example } => ("merges", tokens, example),
            Missing::Tokens { ids, example } => ("tokens", ids, example),
        })
    }

    #[getter]
    fn looks_up_whole(&self) -> bool {
        self.shared.looks_up_whole()
    }

    fn in_model(&self, id: u32) -> bool {
        self.shared.vocab().model.tokens().get(id).is_some()
    }

    #[getter]
    fn special_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.added(py, true)
    }

    #[getter]
    fn whole_word_tokens(&self) -> Vec<&str> {
        let added = self.shared.vocab().added_tokens.iter();
        added
            .filter(|token| token.special && token.single_word)
            .map(|token| token.text.as_str())
            .collect()
    }

    #[getter]
    fn added_tokens<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.added(py, false)
    }

    #[getter]
    fn pattern<'py>(&self, py: Python<'py>) -> Bound<'py, PyString> {
        let vocab = self.shared.vocab();
        match &vocab.around.pre_tokenizer {
            Some(steps) => PyString::new(py, steps.json()),
            None => PyString::new(py, &vocab.pattern.text()),
        }
    }

    #[getter]
    fn changes_text(&self) -> bool {
        !self.shared.vocab().splits_only()
    }

    #[getter]
    fn decodes_by_steps(&self) -> bool {
        self.shared.foreign.is_some()
    }

    #[getter]
    fn not_applied(&self) -> Vec<&'static str> {
        let around = &self.shared.vocab().around;
        let parts = [
            ("truncation", &around.truncation),
            ("padding", &around.padding),
        ];
        let found = parts.into_iter().filter(|(_, part)| part.is_some());
        found.map(|(name, _)| name).collect()
    }

    #[getter]
    fn max_id(&self) -> u32 {
        self.shared.max_id()
    }

    #[getter]
    fn template(&self) -> (Vec<u32>, Vec<u32>) {
        let template = self.shared.vocab().template.as_ref();
        template.map_or_else(Default::default, |template| {
            (template.before.clone(), template.after.clone())
        })
    }

    fn __len__(&self) -> usize {
        self.shared.vocab().len()
    }
}
