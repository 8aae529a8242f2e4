//! What happens when memory runs out.
//!
//! On stable Rust a failed allocation aborts the process with a signal, unless the code that
//! asked handles the failure. A command line must not end like that, so it can give a function
//! here, which is called first, on the thread where the allocation failed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::{Mutex, OnceLock};

use pyo3::exceptions::PyMemoryError;
use pyo3::prelude::*;

/// Freed before the function is called, which needs some memory.
const RESERVE_BYTES: usize = 16 << 20;

/// From this size on, an allocation is large.
const LARGE_BYTES: usize = 2 << 20;

/// The size of a page, or a divisor of it.
const PAGE_BYTES: usize = 4096;

static RESERVE: Mutex<Option<Vec<u8>>> = Mutex::new(None);
static ON_EXHAUSTION: OnceLock<Py<PyAny>> = OnceLock::new();

/// See `_core.pyi`.
#[pyfunction]
pub fn on_exhaustion(end: Py<PyAny>) -> PyResult<()> {
    // Pages that are never written to take no memory.
    let mut reserve = Vec::new();
    if reserve.try_reserve_exact(RESERVE_BYTES).is_err() {
        return Err(PyMemoryError::new_err(()));
    }
    if let Ok(mut slot) = RESERVE.lock() {
        *slot = Some(reserve);
    }
    // Only the first function counts.
    let _ = ON_EXHAUSTION.set(end);
    Ok(())
}

/// The system's allocator, which calls the function above when it fails.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

// SAFETY: Every method is that of the system's allocator and returns what that returned.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: The caller promises what this asks for.
        checked(unsafe { System.alloc(layout) }, layout.size())
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: As above.
        checked(unsafe { System.alloc_zeroed(layout) }, layout.size())
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: As above.
        checked(unsafe { System.realloc(pointer, layout, size) }, size)
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: As above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

fn checked(pointer: *mut u8, size: usize) -> *mut u8 {
    if pointer.is_null() {
        exhausted();
    } else if size >= LARGE_BYTES {
        prefer_huge_pages(pointer, size);
    }
    pointer
}

/// Asks for huge pages, of which a large result needs a few in place of thousands of small ones,
/// each with a page fault. A hint: where the kernel does not follow it, nothing is lost.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn prefer_huge_pages(pointer: *mut u8, size: usize) {
    // Whole pages, the first and the last one included: a mapping that is only partly marked is
    // split in two, and could not grow in place any more.
    let start = pointer.map_addr(|address| address & !(PAGE_BYTES - 1));
    let end = (pointer.addr() + size).next_multiple_of(PAGE_BYTES);
    // SAFETY: the call changes neither what is mapped nor what is in it.
    unsafe { libc::madvise(start.cast(), end - start.addr(), libc::MADV_HUGEPAGE) };
}

#[cfg(not(target_os = "linux"))]
fn prefer_huge_pages(_pointer: *mut u8, _size: usize) {}

#[cold]
fn exhausted() {
    thread_local! {
        static HERE: Cell<bool> = const { Cell::new(false) };
    }
    let Some(end) = ON_EXHAUSTION.get() else {
        return;
    };
    // If the function itself runs out of memory, the process is aborted as usual.
    if HERE.try_with(|here| here.replace(true)).unwrap_or(true) {
        return;
    }
    if let Ok(mut reserve) = RESERVE.try_lock() {
        drop(reserve.take());
    }
    Python::attach(|py| drop(end.call0(py)));
    let _ = HERE.try_with(|here| here.set(false));
}
