"""From the numbers of samples to a batch: read, cut, framed, padded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final, get_args

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch, Dtype
from bpe_tool.batching.packing import fill
from bpe_tool.batching.padding import pad_ragged
from bpe_tool.batching.policies.packed import Packed
from bpe_tool.batching.policies.padded import Policy
from bpe_tool.batching.policies.plan import PackPlan
from bpe_tool.batching.rows import Side, bounds_of, check_side, framed, keep_lengths
from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.batching.sampling.order import Group
from bpe_tool.errors import ArgumentError, Template
from bpe_tool.ragged import Ragged


@final
@dataclass(frozen=True)
class Collation:
    """How samples of a dataset become a batch. See `Loader` for what is what.

    Raises:
        ArgumentError: An argument is out of range, or of no use with packed rows.
    """

    dataset: TokenDataset
    policy: Policy | Packed
    pad_id: int
    before: tuple[int, ...]
    after: tuple[int, ...]
    max_length: int | None
    truncation_side: Side
    side: Side
    multiple: int
    dtype: Dtype

    def __post_init__(self) -> None:
        check_side("side", self.side)
        check_side("truncation_side", self.truncation_side)
        keep_lengths(self, "multiple")
        if self.max_length is not None:
            keep_lengths(self, "max_length")
        checks.choice("dtype", self.dtype, get_args(Dtype))
        object.__setattr__(self, "pad_id", checks.whole("pad_id", self.pad_id, 0, checks.MAX_ID))
        plain = (self.max_length, self.side, self.multiple) == (None, "right", 1)
        if isinstance(self.policy, Packed) and not plain:
            raise ArgumentError(
                "packed rows are padded on the right, to the length of the policy",
                hint=Template(
                    "leave {max_length}, {side} and {multiple} out; {long} in the policy says what "
                    "becomes of longer documents"
                ),
            )
        if self.max_length is not None:
            room_in(self.max_length, self.frame)

    @property
    def frame(self) -> int:
        """How many ids stand around each sample."""
        return len(self.before) + len(self.after)

    def lengths(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how long the rows of samples will be."""
        lengths = self.dataset.lengths(samples) + self.frame
        return lengths if self.max_length is None else np.minimum(lengths, self.max_length)

    def widths(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how wide a batch must be at least for the row of each sample."""
        lengths = self.lengths(samples)
        return lengths if self.multiple == 1 else lengths + -lengths % self.multiple

    def batch(self, group: Group) -> Batch:
        """Return a batch."""
        if group.plan is not None:
            return self._packed(group.samples, group.plan)
        assert not isinstance(self.policy, Packed)
        return self._padded(group.samples, self.policy)

    def _padded(self, samples: NDArray[np.int64], policy: Policy) -> Batch:
        most = None if self.max_length is None else room_in(self.max_length, self.frame)
        rows = self.dataset.rows(samples, max_length=most, side=self.truncation_side)
        pieces = None
        if most is not None and self.truncation_side == "left":
            skipped = self.dataset.lengths(samples) - np.diff(rows.bounds)
            pieces = np.stack([samples, skipped], axis=1)
        rows = framed(rows, self.before, self.after)
        longest = int(np.diff(rows.bounds).max(initial=0))
        return pad_ragged(
            rows,
            pad_id=self.pad_id,
            side=self.side,
            width=policy.width(longest + -longest % self.multiple),
            dtype=self.dtype,
            # Not a view of what stands for the whole pool.
            samples=samples.copy(),
            pieces=pieces,
        )

    def _packed(self, samples: NDArray[np.int64], plan: PackPlan) -> Batch:
        """Read the pieces of a plan, and no more, as documents of their own."""
        owners = samples[plan.documents]
        rows = self._framed_pieces(owners, plan.lengths[plan.documents], plan.starts, plan.stops)
        lengths = np.diff(rows.bounds)
        own = PackPlan(
            length=plan.length,
            lengths=lengths,
            row_bounds=plan.row_bounds,
            documents=np.arange(len(rows)),
            starts=np.zeros_like(lengths),
            stops=lengths,
        )
        batch = fill(rows, own, 0, len(own), self.pad_id, samples=owners, dtype=self.dtype)
        return replace(batch, pieces=np.stack([owners, plan.starts], axis=1))

    def _framed_pieces(
        self,
        samples: NDArray[np.int64],
        lengths: NDArray[np.int64],
        starts: NDArray[np.int64],
        stops: NDArray[np.int64],
    ) -> Ragged:
        """Return stretches of samples, where the ids around a sample are part of it."""
        begin, end = len(self.before), lengths - len(self.after)
        read = self.dataset.pieces(
            samples, np.clip(starts, begin, end) - begin, np.clip(stops, begin, end) - begin
        )
        bounds = bounds_of(stops - starts)
        ids = np.empty(bounds[-1], np.uint32)
        inside = np.ones(len(ids), bool)
        around = [
            *((id, np.full_like(lengths, place)) for place, id in enumerate(self.before)),
            *((id, end + place) for place, id in enumerate(self.after)),
        ]
        for id, places in around:
            has = (starts <= places) & (places < stops)
            places = (bounds[:-1] + places - starts)[has]
            ids[places] = id
            inside[places] = False
        ids[inside] = read.ids
        return Ragged(ids, bounds)


def room_in(max_length: int, frame: int) -> int:
    """Return how many ids of a sample itself a row of this length has room for.

    Raises:
        ArgumentError: There is none, but for the ids around it.
    """
    if max_length <= frame:
        around = "id" if frame == 1 else "ids"
        raise ArgumentError(
            f"is {max_length}, and must be more than the {frame} {around} around each sample",
            parameter="max_length",
        )
    return max_length - frame
