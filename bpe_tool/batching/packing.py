"""Packing: several documents in each row, as a plan says.

`segment_ids`, `cu_seqlens` and position ids that restart at each document keep documents apart
that share a row: a model that is given these does not let one attend to another.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool.batching.batch import MOST_FLAT_IDS, Batch
from bpe_tool.batching.literals import Dtype, Long, Strategy
from bpe_tool.batching.padding import check_dtype
from bpe_tool.batching.policies.plan import PackPlan, plan_packing
from bpe_tool.batching.rows import (
    Rows,
    as_ragged,
    bounds_of,
    framed,
    given_id,
    sample_numbers,
)
from bpe_tool.errors import ArgumentError
from bpe_tool.ragged import Ragged


def fill(
    rows: Ragged,
    plan: PackPlan,
    first: int,
    last: int,
    pad_id: int,
    *,
    samples: NDArray[np.int64] | None = None,
    dtype: Dtype = "int64",
    numbered: bool = True,
) -> Batch:
    """Make some rows of a plan.

    Args:
        rows: The documents that were planned.
        plan: The row of each piece of a document.
        first: The first row to make.
        last: The row after the last one to make.
        pad_id: The id for padding.
        samples: The sample number of each document: `(documents,)`; its index by default.
        dtype: The type of `ids` and of the arrays of the same shape.
        numbered: See `Batch`.

    Returns:
        `last - first` rows of `plan.length` slots, with `segment_ids`, `cu_seqlens`,
        `max_seqlen`, `samples` and `pieces`. Position ids restart at each piece, even at one
        that continues an earlier piece of its document, because the model does not see that one.

    Raises:
        ArgumentError: The plan is not for these documents, or has no such rows; `pad_id` is not
            an id; or there are more ids than `cu_seqlens` can count (2^31 - 1).
        DataError: An id is too large for `dtype`.
    """
    if len(rows) != len(plan.lengths):
        raise ArgumentError(
            f"number of documents: {len(rows)} here, {len(plan.lengths)} in the plan"
        )
    if not 0 <= first <= last <= len(plan):
        raise ArgumentError(f"rows {first} to {last} of a plan of {len(plan)}")
    bounds = plan.row_bounds[first : last + 1]
    some = slice(int(bounds[0]), int(bounds[-1]))
    bounds = bounds - bounds[0]
    documents, starts = plan.documents[some], plan.starts[some]
    own = plan.stops[some] - starts
    ends = bounds_of(own)
    total = int(ends[-1])
    if total > MOST_FLAT_IDS:
        raise ArgumentError(
            f"{total} ids in one batch: `cu_seqlens` counts to {MOST_FLAT_IDS}",
            hint="make fewer rows at a time",
        )
    lengths = np.diff(ends[bounds])
    counts = np.diff(bounds)
    named = documents if samples is None else samples[documents]
    is_id = np.arange(plan.length) < lengths[:, None]

    indices = np.repeat(rows.bounds[documents] + starts - ends[:-1], own)
    indices += np.arange(total)
    ids = rows.ids[indices]
    check_dtype(dtype, pad_id, Ragged(ids, ends))

    def spread(values: NDArray[np.integer], elsewhere: int) -> NDArray[np.int64]:
        """Put a value into each slot that holds an id, row after row."""
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
        numbered=numbered,
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
    samples: ArrayLike | None = None,
    dtype: Dtype = "int64",
) -> Batch:
    """Put several documents into each row of a batch.

    Args:
        rows: The documents: lists or arrays of ids, or a `Ragged`.
        length: The number of slots in a row.
        pad_id: The id for padding. Documents may hold it, too.
        strategy: Which documents share a row; see `plan_packing`.
        long: What happens to documents longer than a row; see `plan_packing`. Their length
            includes `bos_id` and `eos_id`, which are not added again to each piece.
        bos_id: An id to put before each document, even before one without ids.
        eos_id: An id to put after each document, even after one without ids.
        samples: The number of each document among all samples of the training set, as for `pad`.
        dtype: The type of `ids` and of the arrays of the same shape.

    Returns:
        All rows. Position ids restart at each piece. For more documents than fit into memory
        at once, use a `Loader` with `Packed`.

    Raises:
        ArgumentError: An argument is out of range.
        DataError: A row holds something else than ids, or an id too large for `dtype`.
        TypeError: A row is not a row of ids.

    >>> batch = pack([[5, 6, 7], [8, 9], [3]], length=4, pad_id=0)
    >>> batch.ids.tolist()
    [[5, 6, 7, 3], [8, 9, 0, 0]]
    >>> batch.position_ids.tolist()
    [[0, 1, 2, 0], [0, 1, 0, 0]]
    >>> batch.cu_seqlens.tolist()
    [0, 3, 4, 6]
    """
    before, after = given_id("bos_id", bos_id), given_id("eos_id", eos_id)
    ragged = framed(as_ragged(rows), before, after)
    lengths = np.diff(ragged.bounds)
    plan = plan_packing(lengths, length, strategy=strategy, long=long)
    numbers = sample_numbers(samples, len(ragged))
    return fill(
        ragged,
        plan,
        0,
        len(plan),
        pad_id,
        samples=numbers,
        dtype=dtype,
        numbered=samples is not None,
    )
