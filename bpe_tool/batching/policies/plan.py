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
    """What a plan does with its documents.

    Attributes:
        length: The number of slots in a row.
        rows: The number of rows.
        documents: The number of documents.
        tokens: The number of their ids.
        placed: The number of ids in rows.
        documents_empty: The number of documents without ids. They are in no row.
        documents_dropped: The number of other documents that are in no row.
        documents_cropped: The number of documents that are in rows only in part.
        documents_split: The number of documents in more than one piece.
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
        """The number of slots without an id."""
        return self.rows * self.length - self.placed

    @property
    def lost(self) -> int:
        """The number of ids that are in no row."""
        return self.tokens - self.placed


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PackPlan:
    """Which piece of which document is in which row.

    The pieces come row after row; `len` counts the rows. Made by `plan_packing`.

    Attributes:
        length: The number of slots in a row.
        lengths: The number of ids in each document: `(documents,)`, int64.
        row_bounds: Where rows begin and end among the pieces: `(rows + 1,)`, int64.
        documents: The index of the document of each piece: `(pieces,)`, int64.
        starts: The position in its document at which each piece begins: `(pieces,)`, int64.
        stops: The position at which it ends: `(pieces,)`, int64.
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
        """Return the number of ids in each row: `(rows,)`, int64."""
        ends = bounds_of(self.stops - self.starts)
        return np.diff(ends[self.row_bounds])

    def rows(self, numbers: NDArray[np.int64]) -> PackPlan:
        """Return a plan of these rows only, in this order, for the same documents."""
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

    First, `long` decides about documents of more than `length` ids:

    - `"split"`: cut them into pieces of `length` ids, the last of which may be shorter.
    - `"truncate"`: keep the first `length` ids.
    - `"drop"`: leave them out.

    Then `strategy` decides where the documents, or their pieces, go:

    - `"best-fit"`: best fit decreasing. Pieces are taken from the longest to the shortest, equal
      ones in the order of input. Each goes into the row in which it leaves the least room, or
      into a new row if it fits none. Among rows with the same room, it goes into the row that
      has had this room for the longest time. No piece is cut again. Only a few thousandths of
      the slots stay empty. H. Ding et al., "Fewer truncations improve language modeling" (ICML
      2024), pack like this; TRL calls it `bfd` (`long="truncate"`) and `bfd_split`
      (`long="split"`). Here all documents are packed at once.
    - `"concatenate"`: one document after the other in the order of input, cut wherever a row
      is full. All rows but the last are full. `long="split"` makes no other cuts.
    - `"best-fit-crop"`: row by row, the longest piece that fits (the first of equal ones). If
      none fits, the shortest is cropped to fill the row: its beginning is kept, and the rest is
      dropped. All rows but the last are full, and each begins with the beginning of a document
      or piece. The idea is from karpathy/nanochat, which looks at a buffer of documents; with
      all documents known, much less is cropped.

    Documents without ids are in no row. Rows come in the order in which they were started, so
    the two best-fit strategies put long documents first: shuffle the rows before training.

    It takes O(n log n) time for n pieces.

    Args:
        lengths: The number of ids in each document: whole numbers, shape `(documents,)`.
        length: The number of slots in a row.
        strategy: Where the documents go.
        long: What happens to documents longer than a row.

    Raises:
        ArgumentError: `length` is below 1, a length is negative or not a whole number, or
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
