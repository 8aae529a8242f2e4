"""Which rows go together in a batch.

A policy sees lengths only, those of one pool of samples after truncation and framing, and
gives groups of them. It draws nothing at random and remembers nothing between pools.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol, final

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.rows import check_length, keep_lengths
from bpe_tool.errors import ArgumentError, DataError, Template
from bpe_tool.id_arrays import whole_numbers

#: More buckets than lengths of documents make no sense.
MOST_BUCKETS = 1 << 16


class Policy(Protocol):
    """What `Loader` asks of a policy; its `repr` stands for it in the state of a loader.

    `Packed` is none of these: it puts pieces of documents together.
    """

    def groups(self, lengths: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Put rows into groups, one for each batch.

        Args:
            lengths: How many ids each row has: int64, shape `(rows,)`.

        Returns:
            For each batch the positions of its rows in `lengths`: int64, none of them
            empty, and every position in exactly one.
        """
        ...

    def width(self, longest: int) -> int:
        """Return how wide a batch is padded whose longest row has `longest` ids."""
        ...


@final
@dataclass(frozen=True, slots=True)
class FixedRows:
    """Equally many rows in each batch, whatever their lengths; the last may have fewer.

    Args:
        rows: How many.

    Raises:
        ArgumentError: `rows` is not positive.

    >>> FixedRows(2).groups(np.array([5, 1, 3]))
    [array([0, 1]), array([2])]
    """

    rows: int

    def __post_init__(self) -> None:
        keep_lengths(self, "rows")

    def groups(self, lengths: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Put neighbours together. See `Policy.groups`."""
        count = len(whole_numbers("lengths", lengths))
        return _cut(np.arange(count, dtype=np.int64), self.rows)

    def count(self, samples: int) -> int:
        """Return how many batches so many samples make."""
        return -(-check_length("samples", samples, least=0) // self.rows)

    def width(self, longest: int) -> int:
        """Return `longest`."""
        return check_length("longest", longest, least=0)


@final
@dataclass(frozen=True, slots=True)
class LengthBuckets:
    """Rows of similar length together: each batch comes from one bucket.

    A bucket holds the lengths up to its bound that the one before does not. A batch is
    given out when it is full; those that are not when the pool ends come last.

    Args:
        bounds: The largest length of each bucket, ascending. Longer rows are refused.
        rows: How many rows a batch has.
        max_tokens: Instead: a batch has as many rows as fit if all were as long as their
            bucket's bound; shorter buckets have more of them.
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
                "there are no buckets", hint=Template("give {bounds}, such as [128, 256]")
            )
        if any(low >= high for low, high in zip(self.bounds, self.bounds[1:], strict=False)):
            raise ArgumentError(f"the bounds of buckets do not ascend: {list(self.bounds)}")
        if (self.rows is None) == (self.max_tokens is None):
            raise ArgumentError(
                "buckets have either a number of rows or a number of tokens",
                hint=Template("pass {rows} or {max_tokens}"),
            )
        keep_lengths(self, "max_tokens" if self.rows is None else "rows")
        if self.max_tokens is not None and self.max_tokens < self.bounds[-1]:
            raise ArgumentError(
                f"a row of bucket {self.bounds[-1]} does not fit {self.max_tokens} tokens",
                hint=Template("pass a larger {max_tokens}, or smaller {bounds}"),
            )

    def groups(self, lengths: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Put rows of one bucket together. See `Policy.groups`.

        Raises:
            DataError: A row is longer than the last bound.
        """
        lengths = whole_numbers("lengths", lengths)
        _fit(lengths, self.bounds[-1], "the last bucket", "pass a larger bound")
        buckets = np.searchsorted(np.array(self.bounds), lengths)
        order = np.argsort(buckets, kind="stable")
        ends = np.searchsorted(buckets[order], np.arange(len(self.bounds)), side="right")
        full: list[NDArray[np.int64]] = []
        rest: list[NDArray[np.int64]] = []
        for bound, members in zip(self.bounds, np.split(order, ends[:-1]), strict=True):
            rows = self.rows or (self.max_tokens or 0) // bound
            for group in _cut(members, rows):
                (full if len(group) == rows else rest).append(group)
        return sorted(full, key=lambda group: int(group[-1])) + rest

    def width(self, longest: int) -> int:
        """Return the bound of the bucket, or `longest`."""
        longest = check_length("longest", longest, least=0)
        if not self.pad_to_bounds:
            return longest
        _fit(np.array([longest]), self.bounds[-1], "the last bucket", "pass a larger bound")
        return self.bounds[int(np.searchsorted(np.array(self.bounds), longest))]


@final
@dataclass(frozen=True, slots=True)
class TokenBudget:
    """As many rows in a batch as fit a number of tokens, padding included.

    Args:
        max_tokens: The most that rows times width may be.
        multiple: Batches are padded to a multiple of this width.
        sort: Whether rows are sorted by length first, the longest in front, which leaves
            little to pad. Otherwise the batches are stretches of the rows as they come.

    Raises:
        ArgumentError: A number is not positive.

    >>> TokenBudget(8).groups(np.array([2, 4, 1, 4]))
    [array([1, 3]), array([0, 2])]
    >>> TokenBudget(8, sort=False).groups(np.array([2, 4, 1, 4]))
    [array([0, 1]), array([2, 3])]
    """

    max_tokens: int
    multiple: int = 1
    sort: bool = True

    def __post_init__(self) -> None:
        keep_lengths(self, "max_tokens", "multiple")
        object.__setattr__(self, "sort", checks.flag("sort", self.sort))

    def groups(self, lengths: NDArray[np.int64]) -> list[NDArray[np.int64]]:
        """Fill batches one after the other. See `Policy.groups`.

        Raises:
            DataError: A row alone is more than `max_tokens`.
        """
        lengths = whole_numbers("lengths", lengths)
        widths = -(-lengths // self.multiple) * self.multiple
        _fit(widths, self.max_tokens, "a batch", "pass a larger {max_tokens}")
        rows = np.arange(len(lengths), dtype=np.int64)
        order = np.argsort(-widths, kind="stable") if self.sort else rows
        # A row without ids has no width, yet there must be an end to how many go together.
        widths = np.maximum(widths[order], 1)
        groups = []
        start = 0
        while start < len(order):
            # There are never more rows than if all were as narrow as the first.
            most = self.max_tokens // int(widths[start])
            widest = np.maximum.accumulate(widths[start : start + most])
            sizes = widest * np.arange(1, len(widest) + 1)
            stop = start + int(np.searchsorted(sizes, self.max_tokens, side="right"))
            groups.append(order[start:stop])
            start = stop
        return groups

    def width(self, longest: int) -> int:
        """Return the multiple that `longest` ids fit."""
        return -(-check_length("longest", longest, least=0) // self.multiple) * self.multiple


def _cut(positions: NDArray[np.int64], size: int) -> list[NDArray[np.int64]]:
    return [positions[start : start + size] for start in range(0, len(positions), size)]


def _fit(lengths: NDArray[np.int64], most: int, where: str, what_next: str) -> None:
    if len(lengths) and (longest := int(lengths.max())) > most:
        raise DataError(
            f"a row of {longest} tokens does not fit {where}, which takes {most}",
            hint=Template(f"{what_next}, or cut rows with {{max_length}}"),
        )
