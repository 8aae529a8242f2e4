//! `_core.plan_packing`.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use super::arguments::choice;
use super::arrays::{self, Array};
use super::gil::{run, run_detached};
use crate::pack::{self, Long, Strategy};

/// See `_core.pyi`.
#[pyfunction]
#[pyo3(signature = (lengths, length, *, strategy, long))]
pub fn plan_packing<'py>(
    py: Python<'py>,
    lengths: PyBackedBytes,
    length: i64,
    strategy: &str,
    long: &str,
) -> PyResult<(Array<'py>, Array<'py>, Array<'py>, Array<'py>)> {
    let lengths = arrays::to_positions(&lengths)?;
    let strategies = [
        ("concatenate", Strategy::Concatenate),
        ("best-fit", Strategy::BestFit),
        ("best-fit-crop", Strategy::BestFitCrop),
    ];
    let fates = [
        ("split", Long::Split),
        ("truncate", Long::Truncate),
        ("drop", Long::Drop),
    ];
    let (strategy, long) = run(py, || {
        Ok((
            choice("strategy", strategy, &strategies)?,
            choice("long", long, &fates)?,
        ))
    })?;
    let plan = run_detached(py, |interrupt| {
        pack::plan(&lengths, length, strategy, long, interrupt)
    })?;
    Ok((
        arrays::from_positions(py, &plan.row_bounds)?,
        arrays::from_positions(py, &plan.documents)?,
        arrays::from_positions(py, &plan.starts)?,
        arrays::from_positions(py, &plan.stops)?,
    ))
}
