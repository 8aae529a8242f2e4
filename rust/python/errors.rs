//! Errors of the core as exceptions of `bpe_tool.errors`.

use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{Error, ErrorKind, brief};

/// The exception for an error of the core: a class of `bpe_tool.errors`, by kind.
pub fn exception(py: Python<'_>, error: &Error) -> PyErr {
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

/// An exception by the name of its class.
pub fn named_exception(py: Python<'_>, class: &str, message: String) -> PyErr {
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

/// The exception for an argument of the wrong type. The message goes on after its name.
pub fn argument_type_error(py: Python<'_>, name: &str, message: String) -> PyErr {
    made(py, "ArgumentTypeError", message, Some(name), None)
}

/// The exception for an argument with a value that makes no sense. Likewise.
pub fn named_argument(py: Python<'_>, name: &str, message: String) -> PyErr {
    made(py, "ArgumentError", message, Some(name), None)
}

/// Any value as messages show it: shortened, and with its type.
pub fn shown(object: &Bound<'_, PyAny>) -> String {
    object
        .py()
        .import("bpe_tool.checks")
        .and_then(|checks| checks.getattr("shown")?.call1((object,))?.extract())
        .unwrap_or_else(|_| object.get_type().to_string())
}
