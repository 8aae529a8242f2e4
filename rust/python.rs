//! The native module `bpe_tool._core`: converts types, releases the interpreter lock,
//! maps errors. `bpe_tool/_core.pyi` is its contract.

use std::cell::RefCell;
use std::sync::Arc;

use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3::types::{PyBytes, PyDict, PyString};

use crate::error::{Error, ErrorKind, brief};
use crate::threads::{self, Interrupt};

mod apart;
mod arrays;
mod contractions;
mod counter;
mod encoder;
mod memory;
mod pack;
mod records;
mod tokenizer;

/// Below this many bytes the work takes less than handing the interpreter lock over.
const BRIEF: usize = 4096;

#[pymodule(gil_used = false)]
mod _core {
    #[pymodule_export]
    use super::arrays::join_rows;
    #[pymodule_export]
    use super::contractions::{
        code_spans, contraction_edits, expand_all_contractions, expand_contractions,
        irregular_verbs, protected_spans,
    };
    #[pymodule_export]
    use super::counter::{PretokenCounter, PretokenCounts, check_options, train};
    #[pymodule_export]
    use super::encoder::{DocumentEncoder, record_cuts};
    #[pymodule_export]
    use super::memory::on_exhaustion;
    #[pymodule_export]
    use super::pack::plan_packing;
    #[pymodule_export]
    use super::records::{DocumentDecoder, Records, parse_ids, raw_ids};
    #[pymodule_export]
    use super::tokenizer::Tokenizer;

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("UNICODE_VERSION", crate::unicode::UNICODE_VERSION)?;
        module.add("APOSTROPHES", crate::contractions::APOSTROPHES)?;
        module.add("PATTERNS", crate::pattern::NAMES.to_vec())
    }
}

/// The exception for an error of the core: a class of `bpe_tool.errors`, by kind.
fn exception(py: Python<'_>, error: &Error) -> PyErr {
    let class = match (error, error.kind()) {
        (Error::SpecialTokenInText { .. }, _) => "SpecialTokenError",
        (Error::UnknownId { .. }, _) => "UnknownIdError",
        (_, ErrorKind::Argument) => "ArgumentError",
        (_, ErrorKind::Pattern) => "PatternError",
        (_, ErrorKind::Vocab) => "VocabError",
        (_, ErrorKind::Data) => "DataError",
        (_, ErrorKind::Limit) => "LimitError",
        // Only raised after a signal, whose own exception is then raised instead.
        (_, ErrorKind::Interrupted) => "InternalError",
    };
    let (message, parameter) = match error {
        Error::InvalidArgument { name, reason } => (format!(": {}", brief(reason)), Some(*name)),
        _ => (error.to_string(), None),
    };
    let hint = match error {
        Error::CorpusTooLarge { .. } => {
            Some("{max_token_bytes} bounds the tokens, another {pattern} the pretokens")
        }
        Error::TooManyPieces { .. } => Some("pack some documents at a time, or in longer rows"),
        _ => None,
    };
    made(py, class, message, parameter, hint)
}

fn named_exception(py: Python<'_>, class: &str, message: String) -> PyErr {
    made(py, class, message, None, None)
}

/// An exception of `bpe_tool.errors`; the hint is the text of a `Suggestion`.
fn made(
    py: Python<'_>,
    class: &str,
    message: String,
    parameter: Option<&str>,
    hint: Option<&str>,
) -> PyErr {
    let made = py.import("bpe_tool.errors").and_then(|errors| {
        let keywords = PyDict::new(py);
        keywords.set_item("parameter", parameter)?;
        if let Some(hint) = hint {
            keywords.set_item("hint", errors.getattr("Suggestion")?.call1((hint,))?)?;
        }
        errors.getattr(class)?.call((message,), Some(&keywords))
    });
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// The exception for an argument of a wrong type. The message goes on after its name.
fn argument_type_error(py: Python<'_>, name: &str, message: String) -> PyErr {
    made(py, "ArgumentTypeError", message, Some(name), None)
}

/// A value of any kind, as messages show it: not all of it, and with its type.
fn shown(object: &Bound<'_, PyAny>) -> String {
    object
        .py()
        .import("bpe_tool.checks")
        .and_then(|checks| checks.getattr("shown")?.call1((object,))?.extract())
        .unwrap_or_else(|_| object.get_type().to_string())
}

/// Runs brief work at once.
fn run<R>(py: Python<'_>, work: impl FnOnce() -> crate::Result<R>) -> PyResult<R> {
    work().map_err(|error| exception(py, &error))
}

/// Runs long work without the interpreter lock. Signals are handled while it runs; an
/// exception from a handler, such as `KeyboardInterrupt`, ends it and is raised.
fn run_detached<R: Send>(
    py: Python<'_>,
    work: impl FnOnce(Interrupt<'_>) -> crate::Result<R> + Send,
) -> PyResult<R> {
    let (result, raised) = py.detach(move || {
        let raised = RefCell::new(None);
        let result = work(&|| match Python::attach(|py| py.check_signals()) {
            Ok(()) => false,
            Err(error) => {
                *raised.borrow_mut() = Some(error);
                true
            }
        });
        (result, raised.into_inner())
    });
    match raised {
        Some(error) => Err(error),
        None => result.map_err(|error| exception(py, &error)),
    }
}

/// The number of threads a caller means: 0 is all that the process may use.
fn thread_count(py: Python<'_>, threads: i64) -> PyResult<usize> {
    run(py, || match usize::try_from(threads) {
        Ok(0) => Ok(threads::default_threads()),
        Ok(threads) => Ok(threads),
        Err(_) => Err(Error::InvalidArgument {
            name: "threads",
            reason: format!("{threads} is negative"),
        }),
    })
}

/// Text as a caller gives it. The bytes of both kinds stay where Python keeps them.
enum Text {
    Str(PyBackedStr),
    Bytes(pyo3::pybacked::PyBackedBytes),
}

impl Text {
    fn bytes(&self) -> &[u8] {
        match self {
            Text::Str(text) => text.as_bytes(),
            Text::Bytes(text) => text,
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

/// An object of which one method runs at a time. What another thread, or a signal's handler
/// within the call, would do to it meanwhile is refused.
fn alone<'py, T: pyo3::PyClass<Frozen = pyo3::pyclass::boolean_struct::False>>(
    object: &Bound<'py, T>,
) -> PyResult<PyRefMut<'py, T>> {
    object.try_borrow_mut().map_err(|_| {
        named_exception(
            object.py(),
            "ArgumentError",
            "this is at work in another thread, and takes one piece at a time".into(),
        )
    })
}

/// The UTF-8 of a text, which stays where Python keeps it.
fn utf8(text: &Bound<'_, PyString>) -> PyResult<PyBackedStr> {
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

/// The bytes of several texts.
fn all_bytes(texts: &[Text]) -> Vec<&[u8]> {
    texts.iter().map(Text::bytes).collect()
}

/// Bytes for Python. `PyBytes::new` would panic where there is no memory for them.
fn to_bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, bytes.len(), |place| {
        place.copy_from_slice(bytes);
        Ok(())
    })
}

/// A tokenizer behind its Python object.
type Shared = Arc<crate::Tokenizer>;
