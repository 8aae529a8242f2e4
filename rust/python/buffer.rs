//! Ids of the core as memory that Python views without a copy.

#![allow(unsafe_code)]

use std::ffi::c_int;
use std::mem::ManuallyDrop;

use pyo3::ffi;
use pyo3::prelude::*;

/// Unsigned 32-bit numbers with the buffer protocol, of bytes: numpy makes an array of them, which
/// may be written to and keeps this object.
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
    pub fn new(ids: Vec<u32>) -> Self {
        let mut ids = ManuallyDrop::new(ids);
        IdBuffer {
            start: ids.as_mut_ptr(),
            length: ids.len(),
            capacity: ids.capacity(),
        }
    }
}

impl Drop for IdBuffer {
    fn drop(&mut self) {
        // SAFETY: these are the parts of the vector that `new` took, and nothing else frees it.
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
