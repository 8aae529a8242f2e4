//! Text for Python.

#![allow(unsafe_code)]

use std::ffi::CStr;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

/// What `bytes.decode("utf-8", errors)` makes of `bytes`, without a `bytes` in between.
pub fn decoded<'py>(
    py: Python<'py>,
    bytes: &[u8],
    errors: &CStr,
) -> PyResult<Bound<'py, PyString>> {
    // SAFETY: the bytes and the name live longer than the call, which returns a new string, or
    // null with an exception set.
    let text = unsafe {
        let (start, length) = (bytes.as_ptr().cast(), bytes.len() as isize);
        let text = ffi::PyUnicode_DecodeUTF8(start, length, errors.as_ptr());
        Bound::from_owned_ptr_or_err(py, text)?
    };
    Ok(text.cast_into()?)
}
