//! Functions of `_core` on the blocks of count files. `read` and `write` are Python's.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use super::arrays::{Array, from_bytes, from_positions, to_bytes};
use super::counter::PretokenCounts;
use super::gil::{Calls, run, run_calling};
use crate::count_file::{self, Weights};
use crate::error::Result;
use crate::pattern::Pattern;

/// Numbers of distinct pretokens, of pretokens and of their bytes, and bytes of the distinct ones.
pub type Totals = (u64, u64, u64, u64);

pub fn numbers(totals: count_file::Totals) -> Totals {
    let count_file::Totals {
        unique,
        pretokens,
        bytes,
        unique_bytes,
    } = totals;
    (unique, pretokens, bytes, unique_bytes)
}

/// Gives the next block of a file.
fn reader(calls: &Calls, read: &Py<PyAny>) -> impl FnMut(usize) -> Result<Option<Vec<u8>>> {
    |file| {
        calls.call(|py| {
            let block: Option<PyBackedBytes> = read.call1(py, (file,))?.extract(py)?;
            Ok(block.map(|block| block.to_vec()))
        })
    }
}

/// See `_core.pyi`.
#[pyfunction]
pub fn merge_counts(
    py: Python<'_>,
    weights: (Vec<u64>, u64),
    read: Py<PyAny>,
    write: Py<PyAny>,
) -> PyResult<Totals> {
    let weights = run(py, || Weights::new(weights.0, weights.1))?;
    let merged = run_calling(py, |calls| {
        count_file::rewrite(&weights, &mut reader(calls, &read), &mut |block| {
            calls.call(|py| write.call1(py, (to_bytes(py, block)?,)).map(drop))
        })
    });
    merged.map(numbers)
}

/// See `_core.pyi`.
#[pyfunction]
pub fn load_counts(
    py: Python<'_>,
    weights: (Vec<u64>, u64),
    documents: u64,
    read: Py<PyAny>,
) -> PyResult<PretokenCounts> {
    let weights = run(py, || Weights::new(weights.0, weights.1))?;
    let counts = run_calling(py, |calls| {
        count_file::load(&weights, documents, &mut reader(calls, &read))
    })?;
    Ok(PretokenCounts {
        counts: Arc::new(counts),
    })
}

/// See `_core.pyi`.
#[pyfunction]
pub fn top_counts<'py>(
    py: Python<'py>,
    most: usize,
    read: Py<PyAny>,
) -> PyResult<Vec<(Bound<'py, PyBytes>, u64)>> {
    let weights = run(py, || Weights::equal(1))?;
    let best = run_calling(py, |calls| {
        count_file::top(most, &weights, &mut reader(calls, &read))
    })?;
    listed(py, &best)
}

/// See `_core.pyi`.
#[pyfunction]
pub fn count_records<'py>(
    py: Python<'py>,
    block: &[u8],
) -> PyResult<Vec<(Bound<'py, PyBytes>, u64)>> {
    listed(py, &run(py, || count_file::records(block))?)
}

/// See `_core.pyi`.
#[pyfunction]
pub fn count_arrays<'py>(
    py: Python<'py>,
    block: &[u8],
) -> PyResult<(Array<'py>, Array<'py>, Array<'py>)> {
    let records = run(py, || count_file::records(block))?;
    let mut text = Vec::new();
    let mut bounds = vec![0];
    let mut counts = Vec::with_capacity(records.len());
    for (pretoken, count) in &records {
        text.extend_from_slice(pretoken);
        bounds.push(text.len() as i64);
        counts.push(*count as i64);
    }
    Ok((
        from_bytes(py, &text)?,
        from_positions(py, &bounds)?,
        from_positions(py, &counts)?,
    ))
}

fn listed<'py>(
    py: Python<'py>,
    records: &[(Vec<u8>, u64)],
) -> PyResult<Vec<(Bound<'py, PyBytes>, u64)>> {
    let one = |(text, count): &(Vec<u8>, u64)| Ok((to_bytes(py, text)?, *count));
    records.iter().map(one).collect()
}

/// See `_core.pyi`.
#[pyfunction]
pub fn pattern_splits(py: Python<'_>, pattern: &str) -> PyResult<Vec<String>> {
    run(py, || Pattern::parse(pattern)?.to_oniguruma())
}

/// See `_core.pyi`.
#[pyfunction]
pub fn pattern_with_superwords(py: Python<'_>, pattern: &str) -> PyResult<Option<String>> {
    run(py, || {
        let with = Pattern::parse(pattern)?.with_superwords();
        Ok(with.map(|pattern| pattern.text()))
    })
}

/// See `_core.pyi`.
#[pyfunction]
pub fn pattern_without_superwords(py: Python<'_>, pattern: &str) -> PyResult<Option<String>> {
    run(py, || {
        let without = Pattern::parse(pattern)?.without_superwords();
        Ok(without.map(|pattern| pattern.text()))
    })
}
