//! Arrays of numbers, in and out. They leave as `bytearray`s in native byte order,
//! which numpy views without a copy and without this module knowing numpy.

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

/// `count` ids, which `write` gives in slices.
pub fn from_slices(
    py: Python<'_>,
    count: usize,
    write: impl FnOnce(&mut dyn FnMut(&[u32])),
) -> PyResult<Array<'_>> {
    PyByteArray::new_with(py, count * size_of::<u32>(), |bytes| {
        let mut free = bytes.as_chunks_mut().0;
        write(&mut |ids| {
            let (slots, rest) = std::mem::take(&mut free).split_at_mut(ids.len());
            for (slot, id) in slots.iter_mut().zip(ids) {
                *slot = id.to_ne_bytes();
            }
            free = rest;
        });
        Ok(())
    })
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
        for (slot, number) in bytes.as_chunks_mut().0.iter_mut().zip(numbers) {
            *slot = number;
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

/// Bytes for Python. `PyBytes::new` would panic where there is no memory for them.
pub fn to_bytes<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    PyBytes::new_with(py, bytes.len(), |slots| {
        slots.copy_from_slice(bytes);
        Ok(())
    })
}
