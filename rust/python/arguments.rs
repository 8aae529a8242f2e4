//! Arguments as callers give them.

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::pybacked::{PyBackedBytes, PyBackedStr};
use pyo3::types::PyString;

use super::errors::{argument_type_error, exception, named_exception, shown};
use super::gil::run;
use crate::Special;
use crate::documents::Unit;
use crate::encode::{Document, Dropout};
use crate::error::{Error, Result};
use crate::threads;

/// A text. The bytes of both kinds stay in the Python object.
pub enum Text {
    Str(PyBackedStr),
    Bytes(PyBackedBytes),
}

impl Text {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Text::Str(text) => text.as_bytes(),
            Text::Bytes(text) => text,
        }
    }

    pub fn document(&self) -> Document<'_> {
        match self {
            Text::Str(text) => Document::Text(text),
            Text::Bytes(text) => Document::Bytes(text),
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Text {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let Ok(text) = object.cast::<PyString>() else {
            return Ok(Text::Bytes(object.extract().map_err(|_| {
                let what = shown(&object);
                argument_type_error(
                    object.py(),
                    "text",
                    format!("is {what}: expected str or bytes"),
                )
            })?));
        };
        utf8(&text).map(Text::Str)
    }
}

/// Probability, seed, epoch, and the number of the first text.
pub type GivenDropout = (f64, u64, u64, u64);

/// Which merges are dropped.
pub fn dropout((probability, seed, epoch, sample): GivenDropout) -> Dropout {
    Dropout {
        probability,
        seed,
        epoch,
        sample,
    }
}

/// The bytes of several texts.
pub fn all_bytes(texts: &[Text]) -> Vec<&[u8]> {
    texts.iter().map(Text::bytes).collect()
}

/// The UTF-8 of a text, which stays in the Python object.
pub fn utf8(text: &Bound<'_, PyString>) -> PyResult<PyBackedStr> {
    text.to_owned().try_into().map_err(|error: PyErr| {
        let py = text.py();
        if !error.is_instance_of::<PyUnicodeEncodeError>(py) {
            return error;
        }
        let index = error
            .value(py)
            .getattr("start")
            .map_or(0, |at| at.extract().unwrap_or(0));
        lone_surrogate(py, index)
    })
}

fn lone_surrogate(py: Python<'_>, index: usize) -> PyErr {
    named_exception(
        py,
        "DataError",
        format!("the character at index {index} is a lone surrogate, which no bytes stand for"),
    )
}

/// The number of threads; 0 means as many as the process may use.
pub fn thread_count(py: Python<'_>, threads: i64) -> PyResult<usize> {
    run(py, || match usize::try_from(threads) {
        Ok(0) => Ok(threads::default_threads()),
        Ok(threads) => Ok(threads),
        Err(_) => Err(Error::InvalidArgument {
            name: "threads",
            reason: format!("{threads} is negative"),
        }),
    })
}

/// The value that a name stands for.
pub fn choice<T: Copy>(argument: &'static str, name: &str, known: &[(&str, T)]) -> Result<T> {
    if let Some(&(_, value)) = known.iter().find(|(known, _)| *known == name) {
        return Ok(value);
    }
    let mut names: Vec<String> = known
        .iter()
        .map(|(known, _)| format!("'{known}'"))
        .collect();
    let last = names.pop().unwrap_or_default();
    Err(Error::InvalidArgument {
        name: argument,
        reason: format!("{name:?} is not one of {} and {last}", names.join(", ")),
    })
}

/// The names of what it may mean.
const SPECIAL: [(&str, Special); 3] = [
    ("text", Special::Text),
    ("token", Special::Token),
    ("error", Special::Error),
];

/// What the text of a special token means.
pub fn special(name: &Bound<'_, PyAny>) -> PyResult<Special> {
    let py = name.py();
    let Ok(known) = name.extract() else {
        let what = shown(name);
        return Err(argument_type_error(
            py,
            "special",
            format!("is {what}: it must be 'text', 'token' or 'error'"),
        ));
    };
    choice("special", known, &SPECIAL).map_err(|error| exception(py, &error))
}

/// The same for a stream, in which special tokens may be marked.
pub fn special_or_marked(name: &Bound<'_, PyAny>) -> PyResult<Special> {
    match name.extract() {
        Ok("marked") => Ok(Special::Marked),
        _ => special(name),
    }
}

/// How documents end.
pub fn unit(terminator: Option<PyBackedBytes>) -> Result<Unit> {
    match terminator {
        None => Ok(Unit::Whole),
        Some(text) if text.is_empty() => Err(Error::InvalidArgument {
            name: "separator",
            reason: "it is empty".into(),
        }),
        Some(text) => Ok(Unit::Terminated(text.to_vec())),
    }
}
