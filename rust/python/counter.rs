//! `_core.PretokenCounter`, `_core.PretokenCounts` and `_core.train`.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use super::tokenizer::Tokenizer;
use super::{Text, all_bytes, encoder, exception, run, run_detached, thread_count, to_bytes};
use crate::count;
use crate::error::Error;
use crate::pattern::Pattern;
use crate::train::{Alphabet, TrainOptions};
use crate::words;

/// See `_core.pyi`.
#[pyclass(frozen, module = "bpe_tool._core")]
pub struct PretokenCounts {
    counts: count::PretokenCounts,
}

#[pymethods]
impl PretokenCounts {
    #[getter]
    fn documents(&self) -> u64 {
        self.counts.documents()
    }

    #[getter]
    fn bytes(&self) -> u64 {
        self.counts.bytes()
    }

    #[getter]
    fn pretokens(&self) -> u64 {
        self.counts.pretokens()
    }

    fn __len__(&self) -> usize {
        self.counts.len()
    }

    fn write_sorted(&self, py: Python<'_>, sink: &Bound<'_, PyAny>) -> PyResult<()> {
        let mut failed = None;
        self.counts.write_sorted(&mut |piece| {
            if failed.is_none() {
                failed = sink.call1((to_bytes(py, piece),)).err();
            }
        });
        failed.map_or(Ok(()), Err)
    }
}

/// See `_core.pyi`.
#[pyclass(module = "bpe_tool._core")]
pub struct PretokenCounter {
    /// Gone once [`finish`](Self::finish) was called.
    counter: Option<count::PretokenCounter>,
}

impl PretokenCounter {
    fn open(&mut self) -> PyResult<&mut count::PretokenCounter> {
        self.counter
            .as_mut()
            .ok_or_else(|| pyo3::exceptions::PyRuntimeError::new_err("the counter is finished"))
    }
}

#[pymethods]
impl PretokenCounter {
    #[new]
    #[pyo3(signature = (pattern, *, special_tokens, terminator, threads, max_pretoken_bytes))]
    fn new(
        py: Python<'_>,
        pattern: &str,
        special_tokens: Vec<String>,
        terminator: Option<PyBackedBytes>,
        threads: usize,
        max_pretoken_bytes: usize,
    ) -> PyResult<Self> {
        let counter = run(py, || {
            count::PretokenCounter::new(
                Pattern::parse(pattern)?,
                &special_tokens,
                encoder::unit(terminator)?,
                thread_count(threads),
                max_pretoken_bytes,
            )
        })?;
        Ok(PretokenCounter {
            counter: Some(counter),
        })
    }

    fn feed(&mut self, py: Python<'_>, block: PyBackedBytes) -> PyResult<()> {
        let counter = self.open()?;
        run_detached(py, |interrupt| counter.feed(&block, interrupt))
    }

    fn end_stream(&mut self, py: Python<'_>) -> PyResult<()> {
        let counter = self.open()?;
        run_detached(py, |interrupt| counter.end_stream(interrupt))
    }

    fn feed_documents(&mut self, py: Python<'_>, texts: Vec<Text>) -> PyResult<()> {
        let counter = self.open()?;
        let documents = all_bytes(&texts);
        run_detached(py, |interrupt| {
            counter.feed_documents(&documents, interrupt)
        })
    }

    fn finish(&mut self, py: Python<'_>) -> PyResult<PretokenCounts> {
        self.open()?;
        match self.counter.take() {
            Some(counter) => Ok(PretokenCounts {
                counts: run_detached(py, |_| counter.finish())?,
            }),
            None => unreachable!("open() refuses a finished counter"),
        }
    }
}

/// See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (counts, *, pattern, vocab_size, special_tokens, level, alphabet,
    min_frequency, max_token_bytes, progress))]
#[allow(clippy::too_many_arguments)]
pub fn train(
    py: Python<'_>,
    counts: &PretokenCounts,
    pattern: &str,
    vocab_size: usize,
    special_tokens: Vec<String>,
    level: &str,
    alphabet: &str,
    min_frequency: u64,
    max_token_bytes: Option<usize>,
    progress: Option<Py<PyAny>>,
) -> PyResult<(Tokenizer, Vec<u64>)> {
    let unknown = |name, value: &str, known: &str| Error::InvalidArgument {
        name,
        reason: format!("{value:?} is none of {known}"),
    };
    let alphabet = match alphabet {
        "byte" => Alphabet::Byte,
        "gpt2" => Alphabet::Gpt2,
        other => {
            return Err(exception(
                py,
                &unknown("alphabet", other, "'byte' and 'gpt2'"),
            ));
        }
    };
    let options = TrainOptions {
        pattern: run(py, || Pattern::parse(pattern))?,
        vocab_size,
        alphabet,
        special_tokens,
        min_frequency,
        max_token_bytes,
    };
    let (vocab, merge_counts) = match level {
        "byte" => learn(py, counts, &options, progress)?,
        "char" | "word" => (
            run(py, || words::build(&counts.counts, &options))?,
            Vec::new(),
        ),
        other => {
            let error = unknown("level", other, "'byte', 'char' and 'word'");
            return Err(exception(py, &error));
        }
    };
    let tokenizer = run_detached(py, |_| crate::Tokenizer::new(vocab))?;
    Ok((Tokenizer::new(tokenizer), merge_counts))
}

/// Learns merges, reporting progress to Python. An exception from there, or from a
/// signal's handler, ends it.
fn learn(
    py: Python<'_>,
    counts: &PretokenCounts,
    options: &TrainOptions,
    progress: Option<Py<PyAny>>,
) -> PyResult<(crate::vocab::Vocab, Vec<u64>)> {
    let (result, raised) = py.detach(|| {
        let mut raised = None;
        let result = crate::train::train(&counts.counts, options, &mut |done, total| {
            Python::attach(|py| {
                py.check_signals()?;
                progress
                    .as_ref()
                    .map_or(Ok(()), |call| call.call1(py, (done, total)).map(drop))
            })
            .map_err(|error| {
                raised = Some(error);
                Error::Interrupted
            })
        });
        (result, raised)
    });
    if let Some(error) = raised {
        return Err(error);
    }
    run(py, || {
        let trained = result?;
        Ok((trained.to_vocab(options)?, trained.merge_counts))
    })
}
