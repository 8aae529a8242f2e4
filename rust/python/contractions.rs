//! The expansion of contractions.

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

use super::{BRIEF, run, run_detached, utf8};
use crate::contractions::{Ambiguous, Expander};
use crate::error::Error;
use crate::parallel::{self, NEVER};

/// After so many texts, signals are handled.
const PATIENCE: usize = 1 << 16;

/// Start, end, full form, rule, confidence, alternatives.
type Edit<'py> = (usize, usize, String, String, f64, Bound<'py, PyTuple>);

/// Reads options by name.
fn expander(py: Python<'_>, ambiguous: &str, inversion: &str) -> PyResult<Expander> {
    let unknown = |name, value: &str| Error::InvalidArgument {
        name,
        reason: format!("{value:?} is unknown"),
    };
    run(py, || {
        Ok(Expander {
            ambiguous: match ambiguous {
                "likely" => Ambiguous::Likely,
                "keep" => Ambiguous::Keep,
                "list" => Ambiguous::List,
                other => return Err(unknown("ambiguous", other)),
            },
            reorder: match inversion {
                "literal" => false,
                "reorder" => true,
                other => return Err(unknown("inversion", other)),
            },
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
) -> PyResult<Bound<'py, PyString>> {
    let expander = expander(py, ambiguous, inversion)?;
    let mut expanded = expand(py, &expander, &[&utf8(&text)?])?;
    Ok(match expanded.pop().flatten() {
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
) -> PyResult<Bound<'py, PyList>> {
    let expander = expander(py, ambiguous, inversion)?;
    let mut all = Vec::with_capacity(texts.len().unwrap_or(0));
    let mut backed = Vec::with_capacity(all.capacity());
    for (count, text) in texts.try_iter()?.enumerate() {
        if count % PATIENCE == PATIENCE - 1 {
            py.check_signals()?;
        }
        let text = text?.cast_into::<PyString>()?;
        backed.push(utf8(&text)?);
        all.push(text);
    }
    let backed: Vec<&str> = backed.iter().map(|text| &**text).collect();
    for (count, expanded) in expand(py, &expander, &backed)?.into_iter().enumerate() {
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
) -> PyResult<Vec<Edit<'py>>> {
    let expander = expander(py, ambiguous, inversion)?;
    let text = utf8(text)?;
    let inline = text.len() < BRIEF;
    let edits = run_detached(py, |interrupt| {
        parallel::run(inline, interrupt, |stop| expander.edits(&text, stop))
    })?;
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

/// Expands texts, without the interpreter lock if they are long.
fn expand(py: Python<'_>, expander: &Expander, texts: &[&str]) -> PyResult<Vec<Option<String>>> {
    if texts.iter().map(|text| text.len()).sum::<usize>() < BRIEF {
        run(py, || expander.expand_all(texts, NEVER))
    } else {
        run_detached(py, |interrupt| expander.expand_all(texts, interrupt))
    }
}
