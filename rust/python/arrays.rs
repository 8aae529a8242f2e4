//! Arrays of numbers, in and out. They leave as `bytearray`s in native byte order,
//! which numpy views without a copy and without this module knowing numpy.

use pyo3::buffer::{Element, PyUntypedBuffer};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyByteArray, PyBytes};

/// Numbers, or bytes.
pub type Array<'py> = Bound<'py, PyByteArray>;

/// Bytes as they are.
pub fn from_bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Array<'py>> {
    PyByteArray::new_with(py, bytes.len(), |slots| {
        slots.copy_from_slice(bytes);
        Ok(())
    })
}

/// Ids as unsigned 32-bit numbers.
pub fn from_ids<'py>(py: Python<'py>, ids: &[u32]) -> PyResult<Array<'py>> {
    pack(py, ids.iter().map(|id| id.to_ne_bytes()))
}

/// Positions as signed 64-bit numbers.
pub fn from_positions<'py>(py: Python<'py>, positions: &[i64]) -> PyResult<Array<'py>> {
    pack(py, positions.iter().map(|position| position.to_ne_bytes()))
}

/// Pairs of positions, one after the other.
pub fn from_offsets<'py>(py: Python<'py>, offsets: &[(i64, i64)]) -> PyResult<Array<'py>> {
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
) -> PyResult<Array<'py>> {
    PyByteArray::new_with(py, numbers.len() * N, |bytes| {
        fill(bytes, numbers);
        Ok(())
    })
}

/// Numbers of `N` bytes each, as `bytes`.
pub fn packed<'py, const N: usize>(
    py: Python<'py>,
    numbers: impl ExactSizeIterator<Item = [u8; N]>,
) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, numbers.len() * N, |bytes| {
        fill(bytes, numbers);
        Ok(())
    })
}

fn fill<const N: usize>(bytes: &mut [u8], numbers: impl Iterator<Item = [u8; N]>) {
    for (slot, number) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
        *slot = number;
    }
}

/// Ids in the buffer of an object: unsigned 32-bit numbers, or bytes as [`from_ids`] makes them.
pub fn ids_in_buffer(object: &Bound<'_, PyAny>) -> PyResult<Vec<u32>> {
    if let Ok(bytes) = object.extract::<PyBackedBytes>() {
        return to_ids(&bytes);
    }
    in_buffer(object)
}

/// Positions in the buffer of an object: signed 64-bit numbers, or bytes as [`from_positions`]
/// makes them.
pub fn positions_in_buffer(object: &Bound<'_, PyAny>) -> PyResult<Vec<i64>> {
    if let Ok(bytes) = object.extract::<PyBackedBytes>() {
        return to_positions(&bytes);
    }
    in_buffer(object)
}

fn in_buffer<T: Element>(object: &Bound<'_, PyAny>) -> PyResult<Vec<T>> {
    let buffer = PyUntypedBuffer::get(object)?;
    // An empty array has no buffer that would pass for one of numbers.
    if buffer.item_count() == 0 {
        return Ok(Vec::new());
    }
    buffer.into_typed::<T>()?.to_vec(object.py())
}

/// Ids from a `bytes` or `bytearray` made by [`from_ids`].
pub fn to_ids(bytes: &PyBackedBytes) -> PyResult<Vec<u32>> {
    unpacked(bytes, u32::from_ne_bytes)
}

/// Positions from a `bytes` or `bytearray` made by [`from_positions`].
pub fn to_positions(bytes: &PyBackedBytes) -> PyResult<Vec<i64>> {
    unpacked(bytes, i64::from_ne_bytes)
}

/// Numbers of `N` bytes each, as `number` reads them.
pub fn unpacked<const N: usize, T>(bytes: &[u8], number: fn([u8; N]) -> T) -> PyResult<Vec<T>> {
    match bytes.as_chunks() {
        (numbers, []) => Ok(numbers.iter().map(|&bytes| number(bytes)).collect()),
        _ => Err(pyo3::exceptions::PyValueError::new_err(format!(
            "{} bytes are not a whole number of {N}-byte numbers",
            bytes.len()
        ))),
    }
}

/// Bytes for Python. `PyBytes::new` would panic where there is no memory for them.
pub fn to_bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, bytes.len(), |slots| {
        slots.copy_from_slice(bytes);
        Ok(())
    })
}
