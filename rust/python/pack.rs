//! `_core.plan_packing`.

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyByteArray;

use super::{arrays, run, run_detached};
use crate::error::{Error, Result};
use crate::pack::{self, Long, Strategy};

type Array<'py> = Bound<'py, PyByteArray>;

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
    let (strategy, long) = run(py, || Ok((strategy_of(strategy)?, long_of(long)?)))?;
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

fn strategy_of(name: &str) -> Result<Strategy> {
    match name {
        "concatenate" => Ok(Strategy::Concatenate),
        "best-fit" => Ok(Strategy::BestFit),
        "best-fit-crop" => Ok(Strategy::BestFitCrop),
        _ => Err(Error::InvalidArgument {
            name: "strategy",
            reason: format!("{name:?} is not one of concatenate, best-fit, best-fit-crop"),
        }),
    }
}

fn long_of(name: &str) -> Result<Long> {
    match name {
        "split" => Ok(Long::Split),
        "truncate" => Ok(Long::Truncate),
        "drop" => Ok(Long::Drop),
        _ => Err(Error::InvalidArgument {
            name: "long",
            reason: format!("{name:?} is not one of split, truncate, drop"),
        }),
    }
}
