//! Ids from the sequences and arrays that callers have.

use std::ffi::CStr;

use pyo3::buffer::{Element, ElementType, PyUntypedBuffer};
use pyo3::exceptions::{PyMemoryError, PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFrozenSet, PyInt, PyList, PyMemoryView, PySet,
    PyString, PyTuple,
};

use super::arrays::{Array, from_ids, from_positions};
use super::errors::{argument_type_error, named_exception, shown};
use super::lists;

/// The number of items of a sequence between two looks for signals.
pub const PATIENCE: usize = 1 << 20;

/// Ids from any sequence or array of whole numbers, none above `most`.
///
/// The length that a sequence claims is not trusted: memory is reserved as items come.
pub fn ids_of(object: &Bound<'_, PyAny>, most: u32) -> PyResult<Vec<u32>> {
    let py = object.py();
    if let Ok(list) = object.cast_exact::<PyList>()
        && let Some(ids) = plain_ids(list, most)?
    {
        return Ok(ids);
    }
    if let Some(items) = as_tuple(object)? {
        let mut ids = Vec::new();
        reserve(&mut ids, items.len())?;
        for (position, item) in items.iter_borrowed().enumerate() {
            if position % PATIENCE == PATIENCE - 1 {
                py.check_signals()?;
            }
            ids.push(id_of(&item, position, most)?);
        }
        return Ok(ids);
    }
    if !object.is_instance_of::<PyList>() {
        if NO_SEQUENCES.iter().any(|is_one| is_one(object)) {
            return Err(no_ids(object));
        }
        if let Ok(buffer) = PyUntypedBuffer::get(object)
            && let Some(ids) = ids_in(py, object, buffer, most)?
        {
            return Ok(ids);
        }
    }
    let items = object.try_iter().map_err(|error| {
        let is_type_error = error.is_instance_of::<PyTypeError>(py);
        if is_type_error { no_ids(object) } else { error }
    })?;
    let mut ids = Vec::new();
    for (position, item) in items.enumerate() {
        if position % PATIENCE == PATIENCE - 1 {
            py.check_signals()?;
        }
        if ids.len() == ids.capacity() {
            reserve(&mut ids, position.max(16))?;
        }
        ids.push(id_of(&item?, position, most)?);
    }
    Ok(ids)
}

/// The ids in a list of nothing but `int`s; `None` if anything else may be in it.
fn plain_ids(list: &Bound<'_, PyList>, most: u32) -> PyResult<Option<Vec<u32>>> {
    let mut ids = Vec::new();
    loop {
        let done = ids.len();
        let end = list.len().min(done + PATIENCE);
        reserve(&mut ids, end.saturating_sub(done))?;
        lists::extend(&mut ids, list, end, most);
        if ids.len() != end {
            return Ok(None);
        }
        if end == list.len() {
            return Ok(Some(ids));
        }
        list.py().check_signals()?;
    }
}

/// The items of a list or a tuple, to be borrowed one by one; `None` for everything else,
/// subclasses included, which may have an iterator of their own.
///
/// Copying a list is cheaper than its iterator, and the copy cannot change during the conversion.
fn as_tuple<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyTuple>>> {
    if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        return Ok(Some(tuple.clone()));
    }
    if object.cast_exact::<PyList>().is_err() {
        return Ok(None);
    }
    // `to_tuple` would panic where there is no memory for it.
    let copy = object.py().get_type::<PyTuple>().call1((object,))?;
    Ok(Some(copy.cast_into()?))
}

/// Iterables that hold no ids in an order.
const NO_SEQUENCES: [fn(&Bound<'_, PyAny>) -> bool; 7] = [
    |object| object.is_instance_of::<PyString>(),
    |object| object.is_instance_of::<PyBytes>(),
    |object| object.is_instance_of::<PyByteArray>(),
    |object| object.is_instance_of::<PyDict>(),
    |object| object.is_instance_of::<PySet>(),
    |object| object.is_instance_of::<PyFrozenSet>(),
    // One of bytes. For numbers of 8 bits, numpy has a type.
    |object| {
        object.is_instance_of::<PyMemoryView>()
            && PyUntypedBuffer::get(object).is_ok_and(|buffer| buffer.item_size() == 1)
    },
];

/// The ids in an array of whole numbers in native byte order; `None` for any other array.
fn ids_in(
    py: Python<'_>,
    object: &Bound<'_, PyAny>,
    buffer: PyUntypedBuffer,
    most: u32,
) -> PyResult<Option<Vec<u32>>> {
    if buffer.dimensions() != 1 {
        return Err(argument_type_error(
            py,
            "ids",
            format!(
                "has {} dimensions: ids have one; decode_batch takes rows of them",
                buffer.dimensions()
            ),
        ));
    }
    if !is_native(buffer.format()) {
        return Ok(None);
    }
    let ids = match ElementType::from_format(buffer.format()) {
        ElementType::UnsignedInteger { bytes: 1 } => numbers::<u8>(py, buffer, most),
        ElementType::UnsignedInteger { bytes: 2 } => numbers::<u16>(py, buffer, most),
        ElementType::UnsignedInteger { bytes: 4 } => numbers::<u32>(py, buffer, most),
        ElementType::UnsignedInteger { bytes: 8 } => numbers::<u64>(py, buffer, most),
        ElementType::SignedInteger { bytes: 1 } => numbers::<i8>(py, buffer, most),
        ElementType::SignedInteger { bytes: 2 } => numbers::<i16>(py, buffer, most),
        ElementType::SignedInteger { bytes: 4 } => numbers::<i32>(py, buffer, most),
        ElementType::SignedInteger { bytes: 8 } => numbers::<i64>(py, buffer, most),
        ElementType::Unknown => return Ok(None),
        _ => return Err(no_ids(object)),
    };
    ids.map(Some)
}

/// Whether the format of a buffer is one of numbers in native byte order.
pub fn is_native(format: &CStr) -> bool {
    match format.to_bytes() {
        [_] | [b'@' | b'=', _] => true,
        [b'<', _] => cfg!(target_endian = "little"),
        [b'>' | b'!', _] => cfg!(target_endian = "big"),
        _ => false,
    }
}

/// The ids in an array of numbers of one type.
fn numbers<T: Element + TryInto<u32> + std::fmt::Display>(
    py: Python<'_>,
    buffer: PyUntypedBuffer,
    most: u32,
) -> PyResult<Vec<u32>> {
    // An empty array may have no buffer that would pass for one of numbers. One that repeats a
    // number costs no memory, but its copy would: without room for that, `to_vec` aborts.
    let count = buffer.item_count();
    if count == 0 {
        return Ok(Vec::new());
    }
    reserve(&mut Vec::<T>::new(), count)?;
    let all = buffer.into_typed::<T>()?.to_vec(py)?;
    let mut ids = Vec::new();
    reserve(&mut ids, all.len())?;
    let id = |number: T| number.try_into().ok().filter(|&id| id <= most);
    let mut all_known = true;
    ids.extend(all.iter().map(|&number| {
        let id = id(number);
        all_known &= id.is_some();
        id.unwrap_or_default()
    }));
    if !all_known && let Some(position) = all.iter().position(|&number| id(number).is_none()) {
        return Err(unknown(py, all[position], position));
    }
    Ok(ids)
}

/// One id. Its `position` is for the error's message.
fn id_of(item: &Bound<'_, PyAny>, position: usize, most: u32) -> PyResult<u32> {
    let py = item.py();
    let not_an_id = || {
        let what = shown(item);
        argument_type_error(py, "ids", format!(", position {position}: {what} is no id"))
    };
    match item.extract::<u32>() {
        Ok(0 | 1) if item.is_instance_of::<PyBool>() => Err(not_an_id()),
        Ok(id) if id <= most => Ok(id),
        Ok(id) => Err(unknown(py, id, position)),
        Err(error) if error.is_instance_of::<PyOverflowError>(py) => {
            Err(unknown(py, shown(item), position))
        }
        Err(error) if error.is_instance_of::<PyTypeError>(py) => Err(not_an_id()),
        Err(error) => Err(error),
    }
}

fn unknown(py: Python<'_>, id: impl std::fmt::Display, position: usize) -> PyErr {
    let message = format!("id {id} at position {position} is not in the vocabulary");
    named_exception(py, "UnknownIdError", message)
}

fn no_ids(object: &Bound<'_, PyAny>) -> PyErr {
    let message = format!(
        "is {}: expected a sequence or an array of ids",
        shown(object)
    );
    argument_type_error(object.py(), "ids", message)
}

/// Reserves memory, or raises: a failed allocation would end the interpreter.
fn reserve<T>(items: &mut Vec<T>, more: usize) -> PyResult<()> {
    items
        .try_reserve(more)
        .map_err(|_| PyMemoryError::new_err(()))
}

/// See `_core.pyi`.
#[pyfunction]
pub fn join_rows<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyAny>,
) -> PyResult<Option<(Array<'py>, Array<'py>)>> {
    // Each list is read by Python itself, in half the time that its items would take here.
    let array = py.import("array")?.getattr("array")?.call1(("I",))?;
    let append = array.getattr("fromlist")?;
    let (mut lists, mut bounds) = (Vec::new(), vec![0]);
    let mut patience = PATIENCE;
    for row in rows.try_iter()? {
        let row = row?;
        let row = if row.is_exact_instance_of::<PyTuple>() {
            py.get_type::<PyList>().call1((row,))?
        } else {
            row
        };
        let Ok(list) = row.cast_into_exact::<PyList>() else {
            return Ok(None);
        };
        let appended = if list.len() <= PATIENCE {
            append.call1((&list,)).map(drop)
        } else {
            (0..list.len()).step_by(PATIENCE).try_for_each(|start| {
                py.check_signals()?;
                append
                    .call1((list.get_slice(start, start + PATIENCE),))
                    .map(drop)
            })
        };
        if let Err(error) = appended {
            let expected = error.is_instance_of::<PyTypeError>(py)
                || error.is_instance_of::<PyOverflowError>(py);
            return if expected { Ok(None) } else { Err(error) };
        }
        lists.push(list);
        bounds.push(array.len()? as i64);
        if array.len()? + bounds.len() > patience {
            py.check_signals()?;
            patience = array.len()? + bounds.len() + PATIENCE;
        }
    }
    // An empty array has no buffer that would pass for one of numbers.
    let ids = if array.is_empty()? {
        Vec::new()
    } else {
        PyUntypedBuffer::get(&array)?
            .into_typed::<u32>()?
            .to_vec(py)?
    };
    if has_others(&ids, &bounds, &lists) {
        return Ok(None);
    }
    Ok(Some((from_ids(py, &ids)?, from_positions(py, &bounds)?)))
}

/// Whether one of the items is not an `int`. Only a `bool` could have passed, as 0 or 1, so
/// the types of larger items need no look.
fn has_others(ids: &[u32], bounds: &[i64], lists: &[Bound<'_, PyList>]) -> bool {
    bounds.windows(2).zip(lists).any(|(ends, list)| {
        let row = &ids[ends[0] as usize..ends[1] as usize];
        row.iter().enumerate().any(|(index, &id)| {
            let is_int = |item: Bound<'_, PyAny>| item.is_exact_instance_of::<PyInt>();
            id <= 1 && !list.get_item(index).is_ok_and(is_int)
        })
    })
}
