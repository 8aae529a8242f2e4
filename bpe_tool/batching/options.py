"""How documents become batches, as a value; and how that compares with other ways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.batch import Dtype
from bpe_tool.batching.loader import POOL, Loader, Objective
from bpe_tool.batching.policies.packed import Packed
from bpe_tool.batching.policies.padded import FixedRows, LengthBuckets, Policy, TokenBudget
from bpe_tool.batching.report import ROWS, BatchReport, Way, compare
from bpe_tool.batching.rows import Side
from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.errors import DataError, Template

Int64s: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True)
class FixedWidth:
    """A policy whose batches all have one width.

    Args:
        policy: What groups rows.
        length: The width. Longer rows are refused.
    """

    policy: Policy
    length: int

    def groups(self, lengths: Int64s) -> list[Int64s]:
        """Group rows that all count as being of full length. See `Policy.groups`.

        Raises:
            DataError: A row is longer.
        """
        longest = int(lengths.max(initial=0))
        if longest > self.length:
            raise DataError(
                f"a row of {longest} tokens does not fit a batch that is {self.length} wide",
                hint=Template("cut rows with {max_length}"),
            )
        return self.policy.groups(np.full_like(lengths, self.length))

    def width(self, longest: int) -> int:
        """Return the one width."""
        return self.length


@dataclass(frozen=True, kw_only=True)
class Batching:
    """How documents become batches: `stride` aside, in the words of `Loader`.

    Attributes:
        way: Which go together in a batch.
        pad_id: The id for padding.
        bos_id: An id to put before each document.
        eos_id: An id to put after each.
        min_length: Documents of fewer ids, without these, are left out.
        max_length: How long a row may be, with these.
        truncation_side: Where longer ones are cut.
        stride: Instead of being cut, they become windows that begin so far apart.
        side: Where padding goes.
        multiple: What the width of a batch is a multiple of.
        dtype: The type of the arrays.
        pool: How many documents are looked at together.
        shuffle: Whether documents, and then batches, come in a random order.
        seed: Decides that order, and what an objective draws.
        epoch: Likewise.
        objective: What makes labels.
        prompt_end: The ids that end prompts, in which nothing is predicted; see `find_responses`.
        response_end: The ids that end what is predicted.
    """

    way: Policy | Packed
    pad_id: int
    bos_id: int | None = None
    eos_id: int | None = None
    min_length: int = 0
    max_length: int | None = None
    truncation_side: Side = "right"
    stride: int | None = None
    side: Side = "right"
    multiple: int = 1
    dtype: Dtype = "int64"
    pool: int = POOL
    shuffle: bool = False
    seed: int = 0
    epoch: int = 0
    objective: Objective | None = None
    prompt_end: tuple[int, ...] | None = None
    response_end: tuple[int, ...] | None = None

    @property
    def frame(self) -> int:
        """How many ids stand around each document."""
        return (self.bos_id is not None) + (self.eos_id is not None)

    @property
    def rows(self) -> int | None:
        """How many rows a batch has, if they are just taken in order."""
        policy = self.way.policy if isinstance(self.way, FixedWidth) else self.way
        return policy.rows if isinstance(policy, FixedRows) else None

    def loader(self, documents: TokenDataset) -> Loader:
        """Return what makes batches of some documents, without labels."""
        return Loader(
            documents,
            self.way,
            pad_id=self.pad_id,
            bos_id=self.bos_id,
            eos_id=self.eos_id,
            max_length=self.max_length,
            truncation_side=self.truncation_side,
            side=self.side,
            multiple=self.multiple,
            dtype=self.dtype,
            # A fixed width is no policy that a loader knows to make whole batches.
            pool=-(-self.pool // (self.rows or 1)) * (self.rows or 1),
            shuffle=self.shuffle,
            seed=self.seed,
            epoch=self.epoch,
        )


def compared(lengths: Sequence[Int64s], batching: Batching) -> BatchReport:
    """Compare a way of batching documents of these lengths with others."""
    way = batching.way
    policy = way.policy if isinstance(way, FixedWidth) else way
    chosen: Way = "in-order"
    rows = max_tokens = bounds = None
    if isinstance(way, Packed):
        chosen, rows = way.strategy, way.rows
    elif isinstance(policy, FixedRows):
        rows = policy.rows
    elif isinstance(policy, LengthBuckets):
        chosen, bounds = "buckets", policy.bounds
        rows, max_tokens = policy.rows, policy.max_tokens
    elif isinstance(policy, TokenBudget):
        chosen, max_tokens = "token-budget", policy.max_tokens
    return compare(
        np.concatenate([np.zeros(0, np.int64), *lengths]),
        rows=rows or ROWS,
        bounds=bounds,
        max_tokens=max_tokens,
        length=way.length if isinstance(way, Packed | FixedWidth) else None,
        long=way.long if isinstance(way, Packed) else "split",
        max_length=batching.max_length,
        multiple=way.length if isinstance(way, FixedWidth) else batching.multiple,
        pool=batching.pool,
        chosen=chosen,
    )
