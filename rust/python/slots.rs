//! Room for ids that a caller provides.

use pyo3::buffer::{Element, ElementType, PyBuffer, PyUntypedBuffer};
use pyo3::prelude::*;
use pyo3::types::{PyMemoryView, PySlice};

use super::errors::{argument_type_error, named_argument, shown};
use super::ids::is_native;

/// What callers learn about an object that is no room for ids.
const WANTED: &str = "it must be a writable array of whole numbers of 16, 32 or 64 bits, with one \
    dimension and without gaps";

/// A writable array with one dimension and without gaps.
pub struct IdSlots<'py> {
    view: Bound<'py, PyMemoryView>,
    count: usize,
    kind: Kind,
}

/// The type of its numbers.
#[derive(Clone, Copy)]
enum Kind {
    U16,
    U32,
    U64,
    I16,
    I32,
    I64,
}

impl<'py> IdSlots<'py> {
    /// The slots of an array that can hold ids up to `max_id`.
    pub fn of(object: &Bound<'py, PyAny>, max_id: u32) -> PyResult<Self> {
        let py = object.py();
        let refused = || {
            let what = shown(object);
            argument_type_error(py, "buffer", format!("is {what}: {WANTED}"))
        };
        let buffer = PyUntypedBuffer::get(object).map_err(|_| refused())?;
        let is_fit = buffer.dimensions() == 1
            && !buffer.readonly()
            && buffer.is_c_contiguous()
            && is_native(buffer.format());
        if !is_fit {
            return Err(refused());
        }
        let format = ElementType::from_format(buffer.format());
        let (kind, largest) = match format {
            ElementType::UnsignedInteger { bytes: 2 } => (Kind::U16, u64::from(u16::MAX)),
            ElementType::UnsignedInteger { bytes: 4 } => (Kind::U32, u64::from(u32::MAX)),
            ElementType::UnsignedInteger { bytes: 8 } => (Kind::U64, u64::MAX),
            ElementType::SignedInteger { bytes: 2 } => (Kind::I16, i16::MAX as u64),
            ElementType::SignedInteger { bytes: 4 } => (Kind::I32, i32::MAX as u64),
            ElementType::SignedInteger { bytes: 8 } => (Kind::I64, i64::MAX as u64),
            _ => return Err(refused()),
        };
        if u64::from(max_id) > largest {
            let why = format!("holds numbers up to {largest}, but ids go up to {max_id}");
            return Err(named_argument(py, "buffer", why));
        }
        Ok(IdSlots {
            view: PyMemoryView::from(object)?,
            count: buffer.item_count(),
            kind,
        })
    }

    /// Writes ids to the first slots. Returns how many they are.
    pub fn fill(&self, ids: &[u32]) -> PyResult<usize> {
        let (py, count) = (self.view.py(), self.count);
        if count < ids.len() {
            let why = format!("has room for {count} ids, but there are {}", ids.len());
            return Err(named_argument(py, "buffer", why));
        }
        if !ids.is_empty() {
            let slots = self
                .view
                .get_item(PySlice::new(py, 0, ids.len() as isize, 1))?;
            match self.kind {
                Kind::U16 => fill(&slots, ids, |id| id as u16),
                Kind::U32 => PyBuffer::get(&slots)?.copy_from_slice(py, ids),
                Kind::U64 => fill(&slots, ids, u64::from),
                Kind::I16 => fill(&slots, ids, |id| id as i16),
                Kind::I32 => fill(&slots, ids, |id| id as i32),
                Kind::I64 => fill(&slots, ids, i64::from),
            }?;
        }
        Ok(ids.len())
    }
}

fn fill<T: Element>(
    slots: &Bound<'_, PyAny>,
    ids: &[u32],
    number: impl Fn(u32) -> T,
) -> PyResult<()> {
    let numbers: Vec<T> = ids.iter().map(|&id| number(id)).collect();
    PyBuffer::get(slots)?.copy_from_slice(slots.py(), &numbers)
}
