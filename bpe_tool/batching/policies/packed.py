"""The policy of packed rows, which is unlike others: it puts pieces of documents together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final, get_args

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.policies.plan import Long, PackPlan, Strategy, plan_packing
from bpe_tool.batching.rows import keep_lengths


@final
@dataclass(frozen=True, slots=True)
class Packed:
    """Batches of equally many rows of one length, which documents share.

    The documents of a pool are packed together; the last batch of a pool may have fewer
    rows. If samples are shuffled, so are the rows of a pool. How models keep the documents of a
    row apart is told in `Batch.arrays`.

    Args:
        length: How many ids a row has room for.
        rows: How many rows a batch has.
        strategy: Which documents share a row; see `plan_packing`.
        long: What becomes of documents longer than a row; see `plan_packing`.

    Raises:
        ArgumentError: A number is not positive, or there is no such `strategy` or `long`.
    """

    length: int
    rows: int
    strategy: Strategy = "best-fit"
    long: Long = "split"

    def __post_init__(self) -> None:
        keep_lengths(self, "length", "rows")
        for name, kind in (("strategy", Strategy), ("long", Long)):
            checks.choice(name, getattr(self, name), get_args(kind))

    def plan(self, lengths: NDArray[np.int64]) -> PackPlan:
        """Plan the rows of a pool; see `plan_packing`."""
        return plan_packing(lengths, self.length, strategy=self.strategy, long=self.long)
