//! The expansion of contractions, and what it knows of text and English that other steps need.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyList, PyString, PyTuple};

use super::arguments::{choice, utf8};
use super::gil::{BRIEF, run, run_detached};
use crate::contractions::{self, Ambiguous, Expander};
use crate::documents::PORTION;
use crate::error::Result;
use crate::threads::{self, Stop};

/// The number of texts between two looks for signals.
const PATIENCE: usize = 1 << 16;

/// Start, end, full form, rule, confidence, alternatives.
type Edit<'py> = (usize, usize, String, String, f64, Bound<'py, PyTuple>);

/// The expander that the options name.
fn expander(py: Python<'_>, ambiguous: &str, inversion: &str, bare: bool) -> PyResult<Expander> {
    let ways = [
        ("likely", Ambiguous::Likely),
        ("keep", Ambiguous::Keep),
        ("list", Ambiguous::List),
    ];
    run(py, || {
        Ok(Expander {
            ambiguous: choice("ambiguous", ambiguous, &ways)?,
            reorder: choice(
                "inversion",
                inversion,
                &[("literal", false), ("reorder", true)],
            )?,
            bare,
        })
    })
}

/// See `_core.pyi`.
#[pyfunction]
pub fn expand_contractions<'py>(
    py: Python<'py>,
    text: Bound<'py, PyString>,
    ambiguous: &str,
    inversion: &str,
    bare: bool,
) -> PyResult<Bound<'py, PyString>> {
    let expander = expander(py, ambiguous, inversion, bare)?;
    let backed = utf8(&text)?;
    let expanded = run_sized(py, backed.len(), |stop| expander.expand(&backed, stop))?;
    Ok(match expanded {
        Some(expanded) => PyString::new(py, &expanded),
        None => text,
    })
}

/// See `_core.pyi`.
#[pyfunction]
pub fn expand_all_contractions<'py>(
    py: Python<'py>,
    texts: &Bound<'py, PyAny>,
    ambiguous: &str,
    inversion: &str,
    bare: bool,
) -> PyResult<Bound<'py, PyList>> {
    let expander = expander(py, ambiguous, inversion, bare)?;
    let (mut all, mut backed) = (Vec::new(), Vec::new());
    for (count, text) in texts.try_iter()?.enumerate() {
        if count % PATIENCE == PATIENCE - 1 {
            py.check_signals()?;
        }
        let text = text?.cast_into::<PyString>()?;
        backed.push(utf8(&text)?);
        all.push(text);
    }
    let size = backed.iter().map(|text| text.len()).sum();
    let expanded = run_sized(py, size, |stop| {
        let expand = |text: &PyBackedStr| expander.expand(text, stop);
        backed.iter().map(expand).collect::<Result<Vec<_>>>()
    })?;
    for (count, expanded) in expanded.into_iter().enumerate() {
        if count % PATIENCE == PATIENCE - 1 {
            py.check_signals()?;
        }
        if let Some(expanded) = expanded {
            all[count] = PyString::new(py, &expanded);
        }
    }
    PyList::new(py, all)
}

/// See `_core.pyi`.
#[pyfunction]
pub fn contraction_edits<'py>(
    py: Python<'py>,
    text: &Bound<'py, PyString>,
    ambiguous: &str,
    inversion: &str,
    bare: bool,
) -> PyResult<Vec<Edit<'py>>> {
    let expander = expander(py, ambiguous, inversion, bare)?;
    let text = utf8(text)?;
    let edits = run_sized(py, text.len(), |stop| expander.edits(&text, stop))?;
    edits
        .into_iter()
        .map(|edit| {
            let alternatives = PyTuple::new(py, edit.alternatives)?;
            Ok((
                edit.start,
                edit.end,
                edit.text,
                edit.rule,
                edit.confidence,
                alternatives,
            ))
        })
        .collect()
}

/// See `_core.pyi`.
#[pyfunction]
pub fn protected_spans(
    py: Python<'_>,
    text: &Bound<'_, PyString>,
) -> PyResult<contractions::Spans> {
    let text = utf8(text)?;
    run_sized(py, text.len(), |_| Ok(contractions::protected_spans(&text)))
}

/// See `_core.pyi`.
#[pyfunction]
pub fn code_spans(py: Python<'_>, text: &Bound<'_, PyString>) -> PyResult<contractions::Spans> {
    let text = utf8(text)?;
    run_sized(py, text.len(), |_| Ok(contractions::code_spans(&text)))
}

/// See `_core.pyi`.
#[pyfunction]
pub fn irregular_verbs() -> Vec<(&'static str, Vec<&'static str>, Vec<&'static str>)> {
    let verbs = contractions::irregular_verbs();
    verbs
        .map(|verb| (verb.base, verb.pasts, verb.participles))
        .collect()
}

/// Works on a text of `size` bytes, without the interpreter lock if that is long.
fn run_sized<R: Send>(
    py: Python<'_>,
    size: usize,
    work: impl Fn(&Stop) -> Result<R> + Sync + Send,
) -> PyResult<R> {
    if size < BRIEF {
        return run(py, || work(&Stop::default()));
    }
    run_detached(py, |interrupt| {
        threads::run(size <= PORTION, interrupt, work)
    })
}
