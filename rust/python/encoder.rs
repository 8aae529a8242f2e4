//! `_core.DocumentEncoder`, and where to cut a stream of records.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use super::arguments::{self, GivenDropout, thread_count, unit};
use super::gil::{alone, run, run_detached};
use super::records::Records;
use super::tokenizer::Tokenizer;
use crate::documents::{self, Unit};
use crate::encode::stream::{self, StreamOptions};

/// See `_core.pyi`.
#[pyclass(module = "bpe_tool._core")]
pub struct DocumentEncoder {
    encoder: stream::DocumentEncoder,
}

#[pymethods]
impl DocumentEncoder {
    #[new]
    #[allow(clippy::too_many_arguments)]
    #[pyo3(signature = (tokenizer, *, terminator, special, offsets, count_special, threads,
        max_pretoken_bytes, before = vec![], after = vec![], dropout = None))]
    fn new(
        py: Python<'_>,
        tokenizer: &Tokenizer,
        terminator: Option<PyBackedBytes>,
        special: &Bound<'_, PyAny>,
        offsets: bool,
        count_special: bool,
        threads: i64,
        max_pretoken_bytes: usize,
        before: Vec<u32>,
        after: Vec<u32>,
        dropout: Option<GivenDropout>,
    ) -> PyResult<Self> {
        if dropout.is_some() {
            run(py, || tokenizer.shared.droppable().map(drop))?;
        }
        let options = StreamOptions {
            unit: run(py, || unit(terminator))?,
            special: arguments::special_or_marked(special)?,
            offsets,
            count_special,
            dropout: dropout.map(arguments::dropout),
            threads: thread_count(py, threads)?,
            max_pretoken_bytes,
        };
        let encoder = stream::DocumentEncoder::new(tokenizer.shared.clone(), options);
        Ok(DocumentEncoder {
            encoder: encoder.with_frame(&before, &after),
        })
    }

    #[pyo3(signature = (block, bare = vec![]))]
    fn give(
        slf: &Bound<'_, Self>,
        py: Python<'_>,
        block: PyBackedBytes,
        bare: Vec<usize>,
    ) -> PyResult<()> {
        let encoder = &mut alone(slf)?.encoder;
        run_detached(py, |interrupt| {
            encoder.give(&block, &bare, interrupt);
            Ok(())
        })
    }

    fn give_end(slf: &Bound<'_, Self>, py: Python<'_>) -> PyResult<()> {
        let encoder = &mut alone(slf)?.encoder;
        run_detached(py, |interrupt| {
            encoder.give_end(interrupt);
            Ok(())
        })
    }

    fn take(slf: &Bound<'_, Self>, py: Python<'_>, most: usize) -> PyResult<Option<Records>> {
        let encoder = &mut alone(slf)?.encoder;
        let encoded = run_detached(py, |interrupt| encoder.take(most, interrupt))?;
        Ok(encoded.map(|encoded| Records::new(encoded.ids, encoded.ends, encoded.offsets)))
    }

    fn end_threads(slf: &Bound<'_, Self>, py: Python<'_>) -> PyResult<()> {
        let encoder = &mut alone(slf)?.encoder;
        py.detach(|| encoder.end_threads());
        Ok(())
    }

    fn reset(slf: &Bound<'_, Self>, py: Python<'_>) -> PyResult<()> {
        let encoder = &mut alone(slf)?.encoder;
        py.detach(|| encoder.reset());
        Ok(())
    }

    #[getter]
    fn threads(slf: &Bound<'_, Self>) -> PyResult<usize> {
        Ok(alone(slf)?.encoder.threads())
    }

    #[getter]
    fn special_tokens_in_text(slf: &Bound<'_, Self>) -> PyResult<u64> {
        Ok(alone(slf)?.encoder.special_tokens_in_text())
    }
}

/// See `_core.pyi`.
#[pyfunction]
pub fn record_cuts(
    py: Python<'_>,
    text: PyBackedBytes,
    terminator: PyBackedBytes,
    most: usize,
) -> PyResult<Vec<usize>> {
    run_detached(py, |_| match unit(Some(terminator))? {
        Unit::Terminated(terminator) => Ok(documents::record_cuts(&text, &terminator, most)),
        Unit::Whole => Ok(Vec::new()),
    })
}
