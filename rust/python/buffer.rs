//! Ids of the core as memory that Python views without a copy.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::mem::ManuallyDrop;

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

/// Unsigned 32-bit numbers behind the buffer protocol, as bytes. An array that numpy makes of them
/// keeps this object, and may be written to.
#[pyclass(frozen, module = "bpe_tool._core")]
pub struct IdBuffer {
    start: *mut u32,
    length: usize,
    capacity: usize,
}

// SAFETY: Rust reads and writes the numbers no more; it only frees them, when no Python object is
// left that could.
unsafe impl Send for IdBuffer {}
// SAFETY: as above.
unsafe impl Sync for IdBuffer {}

impl IdBuffer {
    /// A view of all of them.
    pub fn view(py: Python<'_>, ids: Vec<u32>) -> PyResult<Bound<'_, PyMemoryView>> {
        let mut ids = ManuallyDrop::new(ids);
        let buffer = IdBuffer {
            start: ids.as_mut_ptr(),
            length: ids.len(),
            capacity: ids.capacity(),
        };
        PyMemoryView::from(Bound::new(py, buffer)?.as_any())
    }
}

impl Drop for IdBuffer {
    fn drop(&mut self) {
        // SAFETY: these are the parts of the vector that `view` took, and nothing else frees it.
        drop(unsafe { Vec::from_raw_parts(self.start, self.length, self.capacity) });
    }
}

#[pymethods]
impl IdBuffer {
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let own = slf.get();
        let bytes = (own.length * size_of::<u32>()) as isize;
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
