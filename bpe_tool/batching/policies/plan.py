"""Which documents share a row: planned from their lengths alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import _core, checks
from bpe_tool.batching.literals import Long, Strategy
from bpe_tool.batching.rows import bounds_of
from bpe_tool.id_arrays import MAX_POSITION, whole_numbers


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class PackReport:
    """What a plan makes of its documents.

    Attributes:
        length: How many ids a row has room for.
        rows: How many rows there are.
        documents: How many documents there were.
        tokens: How many ids they have.
        placed: How many of these are in rows.
        documents_empty: Documents without ids. They are in no row.
        documents_dropped: Other documents of which nothing is in a row.
        documents_cropped: Documents of which a part is.
        documents_split: Documents in more than one piece.
    """

    length: int
    rows: int
    documents: int
    tokens: int
    placed: int
    documents_empty: int
    documents_dropped: int
    documents_cropped: int
    documents_split: int

    @property
    def padding(self) -> int:
        """How many places in rows no id is for."""
        return self.rows * self.length - self.placed

    @property
    def lost(self) -> int:
        """How many ids are in no row."""
        return self.tokens - self.placed


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PackPlan:
    """Which stretch of which document stands in which row.

    A sequence of pieces, row after row; `len` counts the rows. Made by `plan_packing`.

    Attributes:
        length: How many ids a row has room for.
        lengths: How many ids each document has: `(documents,)`, int64.
        row_bounds: Where rows begin and end among the pieces: `(rows + 1,)`, int64.
        documents: The document of each piece, by its index: `(pieces,)`, int64.
        starts: Where in its document each piece begins: likewise.
        stops: Where it ends: likewise.
    """

    length: int
    lengths: NDArray[np.int64]
    row_bounds: NDArray[np.int64]
    documents: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.row_bounds) - 1

    def __repr__(self) -> str:
        pieces, documents = len(self.documents), len(self.lengths)
        return (
            f"<PackPlan: {len(self)} rows of {self.length}, "
            f"{pieces} pieces of {documents} documents>"
        )

    def filled(self) -> NDArray[np.int64]:
        """Return how many ids are in each row: `(rows,)`, int64."""
        ends = bounds_of(self.stops - self.starts)
        return np.diff(ends[self.row_bounds])

    def rows(self, numbers: NDArray[np.int64]) -> PackPlan:
        """Return a plan of only these rows, in this order, of the same documents."""
        numbers = whole_numbers("numbers", numbers, 0, len(self) - 1)
        firsts = self.row_bounds[numbers]
        counts = self.row_bounds[numbers + 1] - firsts
        bounds = bounds_of(counts)
        pieces = np.arange(bounds[-1]) + np.repeat(firsts - bounds[:-1], counts)
        return PackPlan(
            length=self.length,
            lengths=self.lengths,
            row_bounds=bounds,
            documents=self.documents[pieces],
            starts=self.starts[pieces],
            stops=self.stops[pieces],
        )

    def report(self) -> PackReport:
        """Count what is placed, padded, cropped, split and lost."""
        own = self.stops - self.starts
        pieces = np.bincount(self.documents, minlength=len(self.lengths))
        # Sums of doubles would be wrong above 2^53.
        placed = np.zeros(len(self.lengths), np.int64)
        np.add.at(placed, self.documents, own)
        return PackReport(
            length=self.length,
            rows=len(self),
            documents=len(self.lengths),
            tokens=int(self.lengths.sum()),
            placed=int(own.sum()),
            documents_empty=int(np.count_nonzero(self.lengths == 0)),
            documents_dropped=int(np.count_nonzero((placed == 0) & (self.lengths > 0))),
            documents_cropped=int(np.count_nonzero((placed > 0) & (placed < self.lengths))),
            documents_split=int(np.count_nonzero(pieces > 1)),
        )


def plan_packing(
    lengths: ArrayLike, length: int, *, strategy: Strategy = "best-fit", long: Long = "split"
) -> PackPlan:
    """Plan which documents share a row, from their lengths alone.

    First of all, `long` says what becomes of a document of more than `length` ids:

    - `"split"`: it is cut into pieces of `length` ids, and a shorter one at its end.
    - `"truncate"`: its first `length` ids are kept.
    - `"drop"`: it is left out.

    Then `strategy` says where the documents, or their pieces, go:

    - `"best-fit"`: best fit decreasing. From the longest to the shortest, among equal ones
      in the order of input, each goes into the row in which it leaves the least room; if it
      fits none, into a new one. Of rows with equally much room, it takes the one that has
      had just that for the longest time. No piece is cut again. Rows end up within a few
      thousandths of full. This is how H. Ding and others, "Fewer truncations improve language
      modeling" (ICML 2024), pack, and what TRL calls `bfd` (`long="truncate"`) and
      `bfd_split` (`long="split"`), in one go over all documents.
    - `"concatenate"`: one document after the other in the order of input, cut wherever a row
      is full. All rows are full but the last. With `long="split"` there are no cuts but these.
    - `"best-fit-crop"`: row after row, the longest that fits what is left (among equal ones
      the first of the input). If none does, the shortest is cropped to fill the row: its
      beginning is kept, and its rest dropped, to be in no row at all. All rows are full but
      the last, and each begins with the beginning of a document or piece. The idea is from
      karpathy/nanochat, which looks at a buffer of documents; here all are known, so much
      less is cropped.

    Documents without ids are in no row. The rows come in the order in which they were begun,
    so with the two that fit, long documents come first: shuffle the rows before training.

    This takes O(n log n) for n pieces.

    Args:
        lengths: How many ids each document has: whole numbers, shape `(documents,)`.
        length: How many ids a row has room for.
        strategy: Where the documents go.
        long: What becomes of those longer than a row.

    Raises:
        ArgumentError: `length` is below 1, a length is negative or no whole number, or
            there is no such `strategy` or `long`.
        LimitError: There are more than 2^32 pieces, or 2^63 ids.

    >>> plan = plan_packing([5, 2, 3, 1], length=4)
    >>> plan.row_bounds.tolist(), plan.documents.tolist()
    ([0, 1, 3, 5], [0, 2, 0, 1, 3])
    >>> plan.starts.tolist(), plan.stops.tolist()
    ([0, 0, 4, 0, 0], [4, 3, 5, 2, 1])
    """
    length = checks.whole("length", length, 1, MAX_POSITION)
    checks.choice("strategy", strategy, get_args(Strategy))
    checks.choice("long", long, get_args(Long))
    own = np.ascontiguousarray(whole_numbers("lengths", lengths, -MAX_POSITION))
    arrays = _core.plan_packing(own.tobytes(), length, strategy=strategy, long=long)
    row_bounds, documents, starts, stops = (np.frombuffer(array, np.int64) for array in arrays)
    return PackPlan(length, own, row_bounds, documents, starts, stops)
