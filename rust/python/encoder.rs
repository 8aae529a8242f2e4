//! `_core.DocumentEncoder` and ids as text.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::arguments::{self, thread_count, unit};
use super::arrays::{self, Array, to_bytes};
use super::run::{alone, run, run_detached};
use super::tokenizer::Tokenizer;
use crate::documents::{self, Unit};
use crate::encode::stream;
use crate::idtext;

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
        max_pretoken_bytes, before = vec![], after = vec![]))]
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
    ) -> PyResult<Self> {
        let special = arguments::special(special)?;
        let unit = run(py, || unit(terminator))?;
        let encoder = stream::DocumentEncoder::new(
            tokenizer.shared.clone(),
            unit,
            special,
            offsets,
            count_special,
            thread_count(py, threads)?,
            max_pretoken_bytes,
        );
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

    fn take<'py>(
        slf: &Bound<'py, Self>,
        py: Python<'py>,
        most: usize,
    ) -> PyResult<Option<(Array<'py>, Array<'py>, Array<'py>)>> {
        let encoder = &mut alone(slf)?.encoder;
        let Some(encoded) = run_detached(py, |interrupt| encoder.take(most, interrupt))? else {
            return Ok(None);
        };
        Ok(Some((
            arrays::from_ids(py, &encoded.ids)?,
            arrays::from_positions(py, &encoded.ends)?,
            arrays::from_offsets(py, &encoded.offsets)?,
        )))
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
#[pyo3(signature = (ids, ends, *, json, skipped, continued))]
pub fn format_ids<'py>(
    py: Python<'py>,
    ids: PyBackedBytes,
    ends: PyBackedBytes,
    json: bool,
    skipped: Vec<usize>,
    continued: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let (ids, ends) = (arrays::to_ids(&ids)?, arrays::to_positions(&ends)?);
    let form = if json { &idtext::JSON } else { &idtext::LINES };
    let text = py.detach(|| idtext::format_ids(&ids, &ends, &skipped, form, continued));
    to_bytes(py, &text)
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

/// See `_core.pyi`.
#[pyfunction]
pub fn parse_ids<'py>(
    py: Python<'py>,
    text: PyBackedBytes,
    separator: PyBackedBytes,
) -> PyResult<(Array<'py>, Array<'py>)> {
    let (ids, ends) = run_detached(py, |_| idtext::parse_ids(&text, &separator))?;
    Ok((
        arrays::from_ids(py, &ids)?,
        arrays::from_positions(py, &ends)?,
    ))
}
