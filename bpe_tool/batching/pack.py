"""Several documents in a row: which go together, and the rows themselves.

Documents that share a row are told apart by `segment_ids`, `cu_seqlens` and position ids
that begin anew; a model that is given these does not let one attend to another.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import _core
from bpe_tool.batching.batch import Batch, Dtype
from bpe_tool.batching.pad import check_dtype
from bpe_tool.batching.rows import Rows, as_ragged, bounds_of, framed
from bpe_tool.errors import ArgumentError
from bpe_tool.ragged import Ragged

Strategy: TypeAlias = Literal["best-fit", "concatenate", "best-fit-crop"]
Long: TypeAlias = Literal["split", "truncate", "drop"]

#: `cu_seqlens` is counted in 32 bits, as attention kernels want it.
_MOST_IDS = 2**31 - 1


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
    own = np.asarray(lengths)
    if own.ndim != 1 or (own.dtype.kind not in "iu" and len(own)):
        raise ArgumentError(f"`lengths` are whole numbers in one row, not {own.dtype} {own.shape}")
    own = np.ascontiguousarray(own, np.int64)
    arrays = _core.plan_packing(own.tobytes(), operator.index(length), strategy=strategy, long=long)
    row_bounds, documents, starts, stops = (np.frombuffer(array, np.int64) for array in arrays)
    return PackPlan(operator.index(length), own, row_bounds, documents, starts, stops)


def fill(
    rows: Ragged,
    plan: PackPlan,
    first: int,
    last: int,
    pad_id: int,
    *,
    samples: NDArray[np.int64] | None = None,
    dtype: Dtype = "int64",
) -> Batch:
    """Make some rows of a plan.

    Args:
        rows: The documents that were planned.
        plan: Where they stand.
        first: The first row to make.
        last: The row after the last one to make.
        pad_id: The id that fills what is left of rows.
        samples: The number of each document among all samples, if not its index: `(documents,)`.
        dtype: The type of `ids` and what has its shape.

    Returns:
        `last - first` rows of `plan.length` ids, with `segment_ids`, `cu_seqlens`,
        `max_seqlen`, `samples` and `pieces`. Position ids begin anew with each piece, also with
        one that goes on where an earlier piece of its document ended: a model does not
        see that one.

    Raises:
        ArgumentError: The plan is not for these documents, or has no such rows; `pad_id` is no
            id; or there are more ids than `cu_seqlens` can count (2^31 - 1): make fewer rows at
            a time.
        DataError: An id is too large for `dtype`.
    """
    if len(rows) != len(plan.lengths):
        raise ArgumentError(f"a plan for {len(plan.lengths)} documents, and {len(rows)} documents")
    if not 0 <= first <= last <= len(plan):
        raise ArgumentError(f"rows {first} to {last} of a plan of {len(plan)}")
    bounds = plan.row_bounds[first : last + 1]
    some = slice(int(bounds[0]), int(bounds[-1]))
    bounds = bounds - bounds[0]
    documents, starts = plan.documents[some], plan.starts[some]
    own = plan.stops[some] - starts
    ends = bounds_of(own)
    total = int(ends[-1])
    if total > _MOST_IDS:
        raise ArgumentError(
            f"{total} ids in one batch: `cu_seqlens` counts to {_MOST_IDS}",
            hint="make fewer rows at a time",
        )
    lengths = np.diff(ends[bounds])
    counts = np.diff(bounds)
    named = documents if samples is None else samples[documents]
    is_id = np.arange(plan.length) < lengths[:, None]

    places = np.repeat(rows.bounds[documents] + starts - ends[:-1], own)
    places += np.arange(total)
    ids = rows.ids[places]
    check_dtype(dtype, pad_id, Ragged(ids, ends))

    def spread(values: NDArray[np.int64] | NDArray[np.uint32], elsewhere: int) -> NDArray[np.int64]:
        """Put a value where each id is, row after row."""
        if total == is_id.size:
            return values.astype(dtype, copy=False).reshape(is_id.shape)
        array = np.full(is_id.shape, elsewhere, dtype)
        array[is_id] = values
        return array

    positions = np.arange(total)
    positions -= np.repeat(ends[:-1], own)
    segments = np.arange(1, len(own) + 1) - np.repeat(bounds[:-1], counts)
    return Batch(
        ids=spread(ids, pad_id),
        attention_mask=is_id.astype(dtype),
        lengths=lengths,
        position_ids=spread(positions, 0),
        segment_ids=spread(np.repeat(segments, own), 0),
        cu_seqlens=ends.astype(np.int32),
        max_seqlen=int(own.max(initial=0)),
        samples=np.where(counts == 1, named[np.minimum(bounds[:-1], len(own) - 1)], -1),
        pieces=np.stack([named, starts], axis=1),
    )


def pack(
    rows: Rows,
    *,
    length: int,
    pad_id: int,
    strategy: Strategy = "best-fit",
    long: Long = "split",
    bos_id: int | None = None,
    eos_id: int | None = None,
    dtype: Dtype = "int64",
) -> Batch:
    """Put several documents into each row of a batch.

    Args:
        rows: The documents: lists or arrays of ids, or a `Ragged`.
        length: How many ids a row has.
        pad_id: The id that fills what is left of rows. It may be one that documents hold, too.
        strategy: Which documents share a row; see `plan_packing`.
        long: What becomes of documents longer than a row; see `plan_packing`. They are measured
            with `bos_id` and `eos_id`, which pieces do not get again.
        bos_id: An id to put before each document, also before one without ids.
        eos_id: An id to put after each, likewise.
        dtype: The type of `ids` and what has its shape.

    Returns:
        All rows; see `fill`. For many documents make a plan and fill some rows at a time.

    Raises:
        ArgumentError: An argument is out of range.
        DataError: A row holds something else than ids, or one too large for `dtype`.
        TypeError: A row is no row of ids.

    >>> batch = pack([[5, 6, 7], [8, 9], [3]], length=4, pad_id=0)
    >>> batch.ids.tolist()
    [[5, 6, 7, 3], [8, 9, 0, 0]]
    >>> batch.position_ids.tolist()
    [[0, 1, 2, 0], [0, 1, 0, 0]]
    >>> batch.cu_seqlens.tolist()
    [0, 3, 4, 6]
    """
    ragged = framed(as_ragged(rows), _given(bos_id), _given(eos_id))
    lengths = np.diff(ragged.bounds)
    plan = plan_packing(lengths, length, strategy=strategy, long=long)
    return fill(ragged, plan, 0, len(plan), pad_id, dtype=dtype)


def _given(id: int | None) -> Sequence[int]:
    return () if id is None else (id,)
