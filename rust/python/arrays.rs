//! Arrays of numbers, in and out. They leave as `bytearray`s in native byte order,
//! which numpy views without a copy and without this module knowing numpy.

use pyo3::buffer::PyBuffer;
use pyo3::exceptions::{PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBool, PyByteArray, PyBytes, PyString};

use super::named_exception;

/// After so many items of a sequence, signals are handled.
const PATIENCE: usize = 1 << 20;

/// Bytes as they are.
pub fn from_bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyByteArray>> {
    PyByteArray::new_with(py, bytes.len(), |place| {
        place.copy_from_slice(bytes);
        Ok(())
    })
}

/// Ids as unsigned 32-bit numbers.
pub fn from_ids<'py>(py: Python<'py>, ids: &[u32]) -> PyResult<Bound<'py, PyByteArray>> {
    pack(py, ids.iter().map(|id| id.to_ne_bytes()))
}

/// `count` ids that `write` gives stretch by stretch.
pub fn from_stretches(
    py: Python<'_>,
    count: usize,
    write: impl FnOnce(&mut dyn FnMut(&[u32])),
) -> PyResult<Bound<'_, PyByteArray>> {
    PyByteArray::new_with(py, count * size_of::<u32>(), |bytes| {
        let mut free = bytes.as_chunks_mut().0;
        write(&mut |ids| {
            let (places, others) = std::mem::take(&mut free).split_at_mut(ids.len());
            for (place, id) in places.iter_mut().zip(ids) {
                *place = id.to_ne_bytes();
            }
            free = others;
        });
        Ok(())
    })
}

/// Positions as signed 64-bit numbers.
pub fn from_positions<'py>(
    py: Python<'py>,
    positions: &[i64],
) -> PyResult<Bound<'py, PyByteArray>> {
    pack(py, positions.iter().map(|position| position.to_ne_bytes()))
}

/// Pairs of positions, one after the other.
pub fn from_offsets<'py>(
    py: Python<'py>,
    offsets: &[(i64, i64)],
) -> PyResult<Bound<'py, PyByteArray>> {
    pack(
        py,
        offsets.iter().map(|(start, end)| {
            let mut both = [0; 16];
            both[..8].copy_from_slice(&start.to_ne_bytes());
            both[8..].copy_from_slice(&end.to_ne_bytes());
            both
        }),
    )
}

fn pack<'py, const N: usize>(
    py: Python<'py>,
    numbers: impl ExactSizeIterator<Item = [u8; N]>,
) -> PyResult<Bound<'py, PyByteArray>> {
    PyByteArray::new_with(py, numbers.len() * N, |bytes| {
        for (place, number) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
            *place = number;
        }
        Ok(())
    })
}

/// Ids from a `bytes` or `bytearray` made by [`from_ids`].
pub fn to_ids(bytes: &PyBackedBytes) -> PyResult<Vec<u32>> {
    Ok(unpack(bytes)?
        .iter()
        .map(|&id| u32::from_ne_bytes(id))
        .collect())
}

/// Positions from a `bytes` or `bytearray` made by [`from_positions`].
pub fn to_positions(bytes: &PyBackedBytes) -> PyResult<Vec<i64>> {
    Ok(unpack(bytes)?
        .iter()
        .map(|&position| i64::from_ne_bytes(position))
        .collect())
}

fn unpack<const N: usize>(bytes: &[u8]) -> PyResult<&[[u8; N]]> {
    match bytes.as_chunks() {
        (numbers, []) => Ok(numbers),
        _ => Err(pyo3::exceptions::PyValueError::new_err(format!(
            "{} bytes are not a whole number of {N}-byte numbers",
            bytes.len()
        ))),
    }
}

/// Ids from whatever sequence or array of integers a caller has.
pub fn ids_of(object: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    let py = object.py();
    if object.is_instance_of::<PyString>()
        || object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyByteArray>()
    {
        return Err(PyTypeError::new_err(format!(
            "expected a sequence of ids, not {}",
            object.get_type()
        )));
    }
    if !object.is_instance_of::<pyo3::types::PyList>()
        && let Ok(buffer) = PyBuffer::<u32>::get(object)
        && buffer.dimensions() == 1
    {
        return buffer.to_vec(py);
    }
    let mut ids = Vec::with_capacity(object.len().unwrap_or(0));
    for (position, item) in object.try_iter()?.enumerate() {
        if position % PATIENCE == PATIENCE - 1 {
            py.check_signals()?;
        }
        ids.push(id_of(&item?, position)?);
    }
    Ok(ids)
}

/// One id. Its `position` is for the error's message.
fn id_of(item: &Bound<'_, PyAny>, position: usize) -> PyResult<u32> {
    let py = item.py();
    let not_an_id = || {
        PyTypeError::new_err(format!(
            "expected an id at position {position}, not {}",
            item.get_type()
        ))
    };
    if item.is_instance_of::<PyBool>() {
        return Err(not_an_id());
    }
    item.extract().map_err(|error: PyErr| {
        if error.is_instance_of::<PyOverflowError>(py) {
            let message = format!("id {item} at position {position} is not in the vocabulary");
            named_exception(py, "UnknownIdError", message)
        } else {
            not_an_id()
        }
    })
}
