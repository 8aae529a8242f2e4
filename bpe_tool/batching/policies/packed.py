"""The policy that packs: rows of one length that documents share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, final, get_args

import numpy as np

from bpe_tool import checks
from bpe_tool.batching.literals import Long, Strategy
from bpe_tool.batching.packing import fill
from bpe_tool.batching.policies.plan import PackPlan, plan_packing
from bpe_tool.batching.policies.policy import Group, Lengths, PadOptions, Policy, Shuffle
from bpe_tool.batching.policies.usage import Usage
from bpe_tool.batching.rows import Int64s, keep_lengths
from bpe_tool.errors import ArgumentError, Suggestion

if TYPE_CHECKING:
    from bpe_tool.batching.batch import Batch
    from bpe_tool.batching.framed import FramedSamples


@final
@dataclass(frozen=True, slots=True)
class Packed(Policy):
    """Batches with a fixed number of rows of one length, which documents share.

    The documents of a pool are packed together; the last batch of a pool may have fewer
    rows. If samples are shuffled, so are the rows of a pool. `Batch.arrays` says how models
    keep the documents of a row apart.

    Args:
        length: The most ids of a row.
        rows: The number of rows in a batch.
        strategy: Which documents share a row; see `plan_packing`.
        long: What happens to documents longer than a row; see `plan_packing`.

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

    def plan(self, lengths: Int64s) -> PackPlan:
        """Plan the rows of a pool; see `plan_packing`."""
        return plan_packing(lengths, self.length, strategy=self.strategy, long=self.long)

    def check(self, options: PadOptions) -> None:
        """Refuse options that only padded rows can have."""
        if (options.max_length, options.side, options.multiple) != (None, "right", 1):
            raise ArgumentError(
                "packed rows are padded on the right, to the length of the policy",
                hint=Suggestion(
                    "leave {max_length}, {side} and {multiple} out; {long} in the policy says what "
                    "happens to longer documents"
                ),
            )

    def divide(self, samples: Int64s, lengths: Lengths, shuffle: Shuffle) -> Sequence[Group]:
        """Pack a pool, and take its rows in an order. See `Policy.divide`."""
        plan = self.plan(lengths(samples))
        return _PackedGroups(samples, plan, shuffle(len(plan)), self.rows)

    def usage(self, lengths: Int64s, *, multiple: int = 1, max_length: int | None = None) -> Usage:
        """Plan a pool and count. Packed rows have no `multiple` and no `max_length`."""
        plan = self.plan(lengths)
        report = plan.report()
        starts = np.arange(0, len(plan), self.rows)
        rows = np.minimum(self.rows, len(plan) - starts)
        return Usage(
            batch_rows=rows,
            batch_tokens=np.add.reduceat(plan.filled(), starts) if len(starts) else starts,
            batch_slots=rows * self.length,
            lost=report.lost,
            split=report.documents_split,
            cropped=report.documents_cropped + report.documents_dropped,
        )


@final
@dataclass(frozen=True, slots=True)
class PackedRows:
    """The rows of one batch, which documents share.

    Attributes:
        samples: The samples of the pool, which are the documents of the plan: int64.
        plan: Which piece of which document is in which row.
    """

    samples: Int64s
    plan: PackPlan

    def batch(self, source: FramedSamples, options: PadOptions) -> Batch:
        """Read the pieces that are in these rows, and no more, and fill the rows."""
        plan = self.plan
        owners = self.samples[plan.documents]
        rows = source.pieces(owners, plan.lengths[plan.documents], plan.starts, plan.stops)
        lengths = np.diff(rows.bounds)
        own = PackPlan(
            length=plan.length,
            lengths=lengths,
            row_bounds=plan.row_bounds,
            documents=np.arange(len(rows)),
            starts=np.zeros_like(lengths),
            stops=lengths,
        )
        batch = fill(rows, own, 0, len(own), options.pad_id, samples=owners, dtype=options.dtype)
        return replace(batch, pieces=np.stack([owners, plan.starts], axis=1))


@final
class _PackedGroups(Sequence[Group]):
    """The batches of a pool of packed rows, each made when it is asked for."""

    def __init__(self, samples: Int64s, plan: PackPlan, order: Int64s, rows: int) -> None:
        self._samples, self._plan, self._order, self._rows = samples, plan, order, rows

    def __len__(self) -> int:
        return -(-len(self._order) // self._rows)

    def __getitem__(self, number: int) -> Group:  # type: ignore[override]
        rows = self._order[number * self._rows : (number + 1) * self._rows]
        return PackedRows(self._samples, self._plan.rows(rows))
