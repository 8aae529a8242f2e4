"""Batches of packed rows: the plan of a pool, and what a few of its rows take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.pack import Long, PackPlan, Strategy, plan_packing
from bpe_tool.batching.rows import bounds_of, check_length


@final
@dataclass(frozen=True, slots=True)
class Packed:
    """Batches of equally many rows of one length, which documents share.

    The documents of a pool are packed together; the last batch of a pool may have fewer
    rows. If samples are shuffled, so are the rows of a pool.

    Args:
        length: How many ids a row has room for.
        rows: How many rows a batch has.
        strategy: Which documents share a row; see `plan_packing`.
        long: What becomes of documents longer than a row; see `plan_packing`.

    Raises:
        ArgumentError: A number is not positive.
    """

    length: int
    rows: int
    strategy: Strategy = "best-fit"
    long: Long = "split"

    def __post_init__(self) -> None:
        check_length("length", self.length)
        check_length("rows", self.rows)

    def plan(self, lengths: NDArray[np.int64]) -> PackPlan:
        """Plan the rows of a pool; see `plan_packing`."""
        return plan_packing(lengths, self.length, strategy=self.strategy, long=self.long)


def some_rows(plan: PackPlan, rows: NDArray[np.int64]) -> PackPlan:
    """Return a plan of only these rows, in this order, of the same documents."""
    firsts = plan.row_bounds[rows]
    counts = plan.row_bounds[rows + 1] - firsts
    bounds = bounds_of(counts)
    pieces = np.arange(bounds[-1]) + np.repeat(firsts - bounds[:-1], counts)
    return PackPlan(
        length=plan.length,
        lengths=plan.lengths,
        row_bounds=bounds,
        documents=plan.documents[pieces],
        starts=plan.starts[pieces],
        stops=plan.stops[pieces],
    )
