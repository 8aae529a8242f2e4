"""Rows of similar length together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import final

import numpy as np

from bpe_tool import checks
from bpe_tool.batching.policies.padded import PaddedPolicy, check_fit, cut
from bpe_tool.batching.rows import Int64s, check_length, keep_lengths
from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.id_arrays import whole_numbers

#: More buckets than lengths of documents make no sense.
MOST_BUCKETS = 1 << 16


@final
@dataclass(frozen=True, slots=True)
class LengthBuckets(PaddedPolicy):
    """Rows of similar length together: each batch comes from one bucket.

    A bucket holds the lengths above the bound of the bucket before, up to its own. Batches come
    in the order in which they are full; those that are not full when the pool ends come last.

    Args:
        bounds: The largest length of each bucket, ascending. Longer rows are refused.
        rows: The number of rows in a batch.
        max_tokens: The most slots of a batch, instead of `rows`. A batch has as many rows as fit
            if all are as long as the bound of their bucket, so short buckets have more rows.
        pad_to_bounds: Whether batches are padded to the bound of their bucket, so that there
            are no more widths than buckets, instead of to their longest row.

    Raises:
        ArgumentError: The bounds do not ascend, a number is not positive, a bound is larger
            than `max_tokens`, or not exactly one of `rows` and `max_tokens` is given.

    >>> LengthBuckets([4, 8], rows=2).groups(np.array([3, 8, 4, 5, 1]))
    [array([0, 2]), array([1, 3]), array([4])]
    """

    bounds: Sequence[int]
    rows: int | None = None
    max_tokens: int | None = None
    pad_to_bounds: bool = False

    def __post_init__(self) -> None:
        listed = checks.several("bounds", self.bounds, "several lengths")
        bounds = tuple(check_length("bounds", bound) for bound in islice(listed, MOST_BUCKETS + 1))
        if len(bounds) > MOST_BUCKETS:
            raise ArgumentError(f"are more than {MOST_BUCKETS}", parameter="bounds")
        object.__setattr__(self, "bounds", bounds)
        object.__setattr__(self, "pad_to_bounds", checks.flag("pad_to_bounds", self.pad_to_bounds))
        if not self.bounds:
            raise ArgumentError(
                "there are no buckets", hint=Suggestion("give {bounds}, such as [128, 256]")
            )
        if any(low >= high for low, high in zip(self.bounds, self.bounds[1:], strict=False)):
            raise ArgumentError(f"the bounds of buckets do not ascend: {list(self.bounds)}")
        if (self.rows is None) == (self.max_tokens is None):
            raise ArgumentError(
                "buckets have either a number of rows or a number of tokens",
                hint=Suggestion("pass {rows} or {max_tokens}"),
            )
        keep_lengths(self, "max_tokens" if self.rows is None else "rows")
        if self.max_tokens is not None and self.max_tokens < self.bounds[-1]:
            raise ArgumentError(
                f"a row of bucket {self.bounds[-1]} does not fit {self.max_tokens} tokens",
                hint=Suggestion("pass a larger {max_tokens}, or smaller {bounds}"),
            )

    def groups(self, lengths: Int64s) -> list[Int64s]:
        """Put rows of one bucket together. See `PaddedPolicy.groups`.

        Raises:
            DataError: A row is longer than the last bound.
        """
        lengths = whole_numbers("lengths", lengths)
        check_fit(lengths, self.bounds[-1], "the last bucket", "pass a larger bound")
        buckets = np.searchsorted(np.array(self.bounds), lengths)
        order = np.argsort(buckets, kind="stable")
        ends = np.searchsorted(buckets[order], np.arange(len(self.bounds)), side="right")
        full: list[Int64s] = []
        rest: list[Int64s] = []
        for bound, members in zip(self.bounds, np.split(order, ends[:-1]), strict=True):
            rows = self.rows or (self.max_tokens or 0) // bound
            for group in cut(members, rows):
                (full if len(group) == rows else rest).append(group)
        return sorted(full, key=lambda group: int(group[-1])) + rest

    def width(self, longest: int) -> int:
        """Return the bound of the bucket, or `longest`."""
        longest = check_length("longest", longest, least=0)
        if not self.pad_to_bounds:
            return longest
        check_fit(np.array([longest]), self.bounds[-1], "the last bucket", "pass a larger bound")
        return self.bounds[int(np.searchsorted(np.array(self.bounds), longest))]
