//! Ids in a list.
//!
//! The stable interface of Python has a call for each item and another one for its value, which
//! take longer than all the rest of decoding. So where it is known how the interpreter stores
//! lists and small integers, they are read from memory.

#![allow(unsafe_code)]

use std::ops::Range;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyInt, PyList};

/// A list in CPython 3.11 to 3.14.
#[repr(C)]
struct List {
    head: ffi::PyObject,
    length: isize,
    items: *const *const Int,
    allocated: isize,
}

/// An integer of one digit there.
#[repr(C)]
struct Int {
    head: ffi::PyObject,
    /// The number of digits, and from 3.12 on the sign below it.
    size: usize,
    digit: u32,
}

/// The `size` of positive integers of one digit; `None` if this is another interpreter.
static ONE_DIGIT: PyOnceLock<Option<usize>> = PyOnceLock::new();

fn one_digit(py: Python<'_>) -> Option<usize> {
    let version = py.version_info();
    let size = match (version.major, version.minor) {
        (3, 11) => 1,
        (3, 12..=14) => 1 << 3,
        _ => return None,
    };
    // A build for debugging may have more in every object.
    let bytes = |kind: Bound<'_, PyAny>| -> PyResult<(usize, usize)> {
        let (basic, item) = (
            kind.getattr("__basicsize__")?,
            kind.getattr("__itemsize__")?,
        );
        Ok((basic.extract()?, item.extract()?))
    };
    let int = bytes(py.get_type::<PyInt>().into_any()).ok()?;
    let list = bytes(py.get_type::<PyList>().into_any()).ok()?;
    let expected = (std::mem::offset_of!(Int, digit), size_of::<u32>());
    (int == expected && list == (size_of::<List>(), 0)).then_some(size)
}

/// Appends items of `list`, from the position `ids.len()` to `end`, up to the first one that is not
/// an `int` from 0 to `most`. It runs no code of Python.
pub fn extend(ids: &mut Vec<u32>, list: &Bound<'_, PyList>, end: usize, most: u32) {
    let py = list.py();
    let positions = ids.len()..end;
    match ONE_DIGIT.get_or_init(py, || one_digit(py)) {
        Some(size) => read(ids, list, positions, most, *size),
        None => ask(ids, list, positions, most),
    }
}

fn read(ids: &mut Vec<u32>, list: &Bound<'_, PyList>, at: Range<usize>, most: u32, size: usize) {
    // An empty list points to no items. One that got shorter has none from here on.
    if at.is_empty() {
        return;
    }
    let int = list.py().get_type::<PyInt>().as_type_ptr();
    // SAFETY: this is a list in an interpreter whose lists look like this, and it does not change
    // while this function, which runs no code of Python, holds the interpreter lock.
    let items = unsafe {
        let List { items, length, .. } = &*list.as_ptr().cast::<List>();
        match at.end <= *length as usize {
            true => std::slice::from_raw_parts(*items, at.end),
            false => return,
        }
    };
    ids.extend(items[at].iter().map_while(|&item| {
        // SAFETY: as above, for what the list holds: every object has a type, and an `int` has a
        // size, and a digit if the size says so. The list keeps it alive.
        let id = unsafe {
            if ffi::Py_TYPE(item.cast_mut().cast()) != int {
                return None;
            }
            match (*item).size == size {
                true => (*item).digit,
                false => u32::try_from(ffi::PyLong_AsLong(item.cast_mut().cast())).ok()?,
            }
        };
        (id <= most).then_some(id)
    }));
    // A number may have been too large.
    drop(PyErr::take(list.py()));
}

fn ask(ids: &mut Vec<u32>, list: &Bound<'_, PyList>, at: Range<usize>, most: u32) {
    let int = list.py().get_type::<PyInt>().as_type_ptr();
    ids.extend(at.map_while(|position| {
        // SAFETY: the interpreter lock is held, and nothing changes the list, from which the item
        // is borrowed. It is null if the list is shorter.
        let number = unsafe {
            let item = ffi::PyList_GetItem(list.as_ptr(), position as isize);
            if item.is_null() || ffi::Py_TYPE(item) != int {
                return None;
            }
            ffi::PyLong_AsLong(item)
        };
        u32::try_from(number).ok().filter(|&id| id <= most)
    }));
    // An item may be missing, or too large a number.
    drop(PyErr::take(list.py()));
}
