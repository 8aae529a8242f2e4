//! `_core.EncodedText`.

use pyo3::exceptions::PyIndexError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use super::arguments::{self, Text};
use super::arrays::to_bytes;
use super::gil::{BRIEF, alone, run, run_detached};
use super::tokenizer::Tokenizer;
use crate::encode::text;
use crate::threads::NEVER;

/// See `_core.pyi`.
#[pyclass(module = "bpe_tool._core")]
pub struct EncodedText {
    text: text::EncodedText,
    tokenizer: Py<Tokenizer>,
}

#[pymethods]
impl EncodedText {
    #[new]
    fn new(tokenizer: Py<Tokenizer>, special: &Bound<'_, PyAny>) -> PyResult<Self> {
        let shared = tokenizer.get().shared.clone();
        let text = text::EncodedText::new(shared, arguments::special(special)?);
        Ok(EncodedText { text, tokenizer })
    }

    fn copy(slf: &Bound<'_, Self>, py: Python<'_>) -> PyResult<Self> {
        let own = alone(slf)?;
        Ok(EncodedText {
            text: own.text.clone(),
            tokenizer: own.tokenizer.clone_ref(py),
        })
    }

    fn append(slf: &Bound<'_, Self>, py: Python<'_>, piece: Text) -> PyResult<usize> {
        let text = &mut alone(slf)?.text;
        let piece = piece.bytes();
        if piece.len() < BRIEF {
            run(py, || text.append(piece, NEVER))
        } else {
            run_detached(py, |interrupt| text.append(piece, interrupt))
        }
    }

    fn truncate(slf: &Bound<'_, Self>, py: Python<'_>, size: usize) -> PyResult<usize> {
        let text = &mut alone(slf)?.text;
        run_detached(py, |interrupt| text.truncate(size, interrupt))
    }

    fn ids<'py>(
        slf: &Bound<'_, Self>,
        py: Python<'py>,
        start: usize,
        stop: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        let own = alone(slf)?;
        let ids = own.text.ids().get(start..stop);
        let ids = ids.ok_or_else(|| PyIndexError::new_err("no such ids"))?;
        own.tokenizer.get().list(py, ids)
    }

    fn text<'py>(slf: &Bound<'_, Self>, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        to_bytes(py, alone(slf)?.text.text())
    }

    #[getter]
    fn size(slf: &Bound<'_, Self>) -> PyResult<usize> {
        Ok(alone(slf)?.text.text().len())
    }

    fn __len__(slf: &Bound<'_, Self>) -> PyResult<usize> {
        Ok(alone(slf)?.text.ids().len())
    }
}
