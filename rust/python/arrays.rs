//! Arrays of numbers, in and out. They leave as `bytearray`s in native byte order,
//! which numpy views without a copy and without this module knowing numpy.

use pyo3::buffer::{Element, ElementType, PyUntypedBuffer};
use pyo3::exceptions::{PyMemoryError, PyOverflowError, PyTypeError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{
    PyBool, PyByteArray, PyBytes, PyDict, PyFrozenSet, PyInt, PyList, PyMemoryView, PySet,
    PyString, PyTuple,
};

use super::{argument_type_error, named_exception, shown};

/// After so many items of a sequence, signals are handled.
pub const PATIENCE: usize = 1 << 20;

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

/// Ids from whatever sequence or array of whole numbers a caller has, none above `most`.
///
/// How long a sequence says it is decides nothing: room is made for what is there.
pub fn ids_of(object: &Bound<'_, PyAny>, most: u32) -> PyResult<Vec<u32>> {
    let py = object.py();
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

/// The items of a list or a tuple, which are then borrowed one by one; `None` for what else
/// there is, also for kinds of lists that may have an iterator of their own.
///
/// To copy a list is cheaper than its iterator, and the copy cannot change meanwhile.
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

/// What can be iterated over, but holds no ids in an order.
const NO_SEQUENCES: [fn(&Bound<'_, PyAny>) -> bool; 7] = [
    |object| object.is_instance_of::<PyString>(),
    |object| object.is_instance_of::<PyBytes>(),
    |object| object.is_instance_of::<PyByteArray>(),
    |object| object.is_instance_of::<PyDict>(),
    |object| object.is_instance_of::<PySet>(),
    |object| object.is_instance_of::<PyFrozenSet>(),
    // Of bytes, not of numbers of 8 bits: numpy has a type for these.
    |object| {
        object.is_instance_of::<PyMemoryView>()
            && PyUntypedBuffer::get(object).is_ok_and(|buffer| buffer.item_size() == 1)
    },
];

/// The ids in an array of whole numbers in native byte order; `None` if it is another one.
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
    let native = match buffer.format().to_bytes() {
        [_] | [b'@' | b'=', _] => true,
        [b'<', _] => cfg!(target_endian = "little"),
        [b'>' | b'!', _] => cfg!(target_endian = "big"),
        _ => false,
    };
    if !native {
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
    for (position, &number) in all.iter().enumerate() {
        match number.try_into() {
            Ok(id) if id <= most => ids.push(id),
            _ => return Err(unknown(py, number, position)),
        }
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

/// Makes room, if there is any: to run out of memory here would end the interpreter.
fn reserve<T>(items: &mut Vec<T>, more: usize) -> PyResult<()> {
    items
        .try_reserve(more)
        .map_err(|_| PyMemoryError::new_err(()))
}

/// Arrays of ids and of the bounds of their rows.
type Joined<'py> = (Bound<'py, PyByteArray>, Bound<'py, PyByteArray>);

/// See `_core.pyi`.
#[pyfunction]
pub fn join_rows<'py>(py: Python<'py>, rows: &Bound<'py, PyAny>) -> PyResult<Option<Joined<'py>>> {
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

/// Whether one of the ids may be no `int`. A `bool` was read as 0 or 1, so the types of other
/// items need no look.
fn has_others(ids: &[u32], bounds: &[i64], lists: &[Bound<'_, PyList>]) -> bool {
    bounds.windows(2).zip(lists).any(|(ends, list)| {
        let row = &ids[ends[0] as usize..ends[1] as usize];
        row.iter().enumerate().any(|(place, &id)| {
            let is_int = |item: Bound<'_, PyAny>| item.is_exact_instance_of::<PyInt>();
            id <= 1 && !list.get_item(place).is_ok_and(is_int)
        })
    })
}
