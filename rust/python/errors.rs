//! Errors of the core as exceptions of `bpe_tool.errors`.

use pyo3::prelude::*;

use crate::error::{Error, ErrorKind};

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
    let made = named_exception(py, class, error.to_string());
    let hint = match error {
        Error::CorpusTooLarge { .. } => {
            Some("`max_token_bytes` bounds the tokens, another `pattern` the pretokens")
        }
        Error::TooManyPieces { .. } => Some("pack some documents at a time, or in longer rows"),
        _ => None,
    };
    if let Some(hint) = hint {
        // Without a hint, the message still stands.
        let _ = made.value(py).setattr("hint", hint);
    }
    made
}

/// An exception by the name of its class.
pub fn named_exception(py: Python<'_>, class: &str, message: String) -> PyErr {
    let made = py
        .import("bpe_tool.errors")
        .and_then(|errors| errors.getattr(class)?.call1((message,)));
    match made {
        Ok(exception) => PyErr::from_value(exception),
        Err(error) => error,
    }
}

/// The exception for an argument of the wrong type.
pub fn argument_type_error(py: Python<'_>, message: String) -> PyErr {
    named_exception(py, "ArgumentTypeError", message)
}

/// Any value as messages show it: shortened, and with its type.
pub fn shown(object: &Bound<'_, PyAny>) -> String {
    object
        .py()
        .import("bpe_tool.checks")
        .and_then(|checks| checks.getattr("shown")?.call1((object,))?.extract())
        .unwrap_or_else(|_| object.get_type().to_string())
}
