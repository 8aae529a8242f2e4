//! Ids of the core as memory that Python views without a copy.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::mem::ManuallyDrop;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

/// Unsigned numbers of 16 or 32 bits behind the buffer protocol, as bytes. An array that numpy
/// makes of them keeps this object, and may be written to.
#[pyclass(frozen, module = "bpe_tool._core")]
pub struct IdBuffer {
    start: *mut u8,
    /// In bytes.
    length: usize,
    capacity: usize,
    /// Frees the vector of which these are the start and the capacity.
    free: unsafe fn(*mut u8, usize),
}

// SAFETY: Rust reads and writes the numbers no more; it only frees them, when no Python object is
// left that could.
unsafe impl Send for IdBuffer {}
// SAFETY: as above.
unsafe impl Sync for IdBuffer {}

/// A number that any bytes are one of.
pub trait Number: Copy {}
impl Number for u16 {}
impl Number for u32 {}

impl IdBuffer {
    /// A view of all of them.
    pub fn view<T: Number>(py: Python<'_>, ids: Vec<T>) -> PyResult<Bound<'_, PyMemoryView>> {
        let mut ids = ManuallyDrop::new(ids);
        let buffer = IdBuffer {
            start: ids.as_mut_ptr().cast(),
            length: size_of_val(&ids[..]),
            capacity: ids.capacity(),
            free: free::<T>,
        };
        PyMemoryView::from(Bound::new(py, buffer)?.as_any())
    }
}

/// Frees a vector.
///
/// # Safety
///
/// `start` and `capacity` are those of a `Vec<T>` that nothing else frees.
unsafe fn free<T: Number>(start: *mut u8, capacity: usize) {
    // SAFETY: as above; the numbers themselves need no drop.
    drop(unsafe { Vec::from_raw_parts(start.cast::<T>(), 0, capacity) });
}

impl Drop for IdBuffer {
    fn drop(&mut self) {
        // SAFETY: these are of the vector that `view` took, and nothing else frees it.
        unsafe { (self.free)(self.start, self.capacity) };
    }
}

/// Ids in half the memory. They must fit.
pub fn narrowed(ids: &[u32]) -> Vec<u16> {
    ids.iter().map(|&id| id as u16).collect()
}

#[pymethods]
impl IdBuffer {
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let own = slf.get();
        let bytes = own.length as isize;
        // SAFETY: Python gives a view to be filled. The memory stays where it is while this
        // object lives, which the view keeps.
        let failed = unsafe {
            ffi::PyBuffer_FillInfo(view, slf.as_ptr(), own.start.cast(), bytes, 0, flags)
        };
        match failed {
            0 => Ok(()),
            _ => Err(PyErr::fetch(slf.py())),
        }
    }
}
