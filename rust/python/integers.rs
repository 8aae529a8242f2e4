//! Lists of ids.

use std::sync::atomic::{AtomicUsize, Ordering};

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyInt, PyList};

use super::ids::PATIENCE;

/// Vocabularies with larger ids get no table of integers: it takes 40 bytes an id.
const MOST_INTEGERS: usize = 1 << 20;

/// The Python integer of every id. They are made once lists had a part as many ids: incrementing a
/// reference count is several times cheaper than making an integer.
pub struct Integers {
    /// One more than the largest id.
    limit: usize,
    /// How many ids were asked for before they are there.
    listed: AtomicUsize,
    all: PyOnceLock<Vec<Py<PyInt>>>,
}

impl Integers {
    /// For ids up to `max_id`.
    pub fn new(max_id: u32) -> Self {
        Integers {
            limit: max_id as usize + 1,
            listed: AtomicUsize::new(0),
            all: PyOnceLock::new(),
        }
    }

    /// The integers of all ids, if they exist or one more list of `count` ids is worth making them.
    pub fn get(&self, py: Python<'_>, count: usize) -> Option<&[Py<PyInt>]> {
        if let Some(all) = self.all.get(py) {
            return Some(all);
        }
        let listed = self.listed.fetch_add(count, Ordering::Relaxed) + count;
        let worth = self.limit <= MOST_INTEGERS && listed >= self.limit / 8;
        worth.then(|| {
            let all = || {
                (0..self.limit)
                    .map(|id| PyInt::new(py, id).unbind())
                    .collect()
            };
            &self.all.get_or_init(py, all)[..]
        })
    }
}

/// A list of ids, made from the integers of all of them if they are there. It is made in pieces,
/// between which signals are handled.
pub fn list<'py>(
    py: Python<'py>,
    integers: Option<&[Py<PyInt>]>,
    ids: &[u32],
) -> PyResult<Bound<'py, PyList>> {
    let piece = |ids: &[u32]| match integers {
        Some(all) => PyList::new(py, ids.iter().map(|&id| all[id as usize].bind(py))),
        None => PyList::new(py, ids),
    };
    let (first, rest) = ids.split_at(ids.len().min(PATIENCE));
    let list = piece(first)?;
    for ids in rest.chunks(PATIENCE) {
        py.check_signals()?;
        list.set_slice(list.len(), list.len(), piece(ids)?.as_any())?;
    }
    Ok(list)
}
