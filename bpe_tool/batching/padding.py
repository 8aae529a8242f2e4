"""Padding: rows of different lengths filled up to one width, with the mask that tells it apart."""

from __future__ import annotations

from typing import get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.literals import Dtype, Side
from bpe_tool.batching.rows import (
    Rows,
    as_ragged,
    check_length,
    check_side,
    sample_numbers,
    truncate,
    window_starts,
    windows,
)
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, DataError, Suggestion
from bpe_tool.ragged import Ragged


def pad(
    rows: Rows,
    *,
    pad_id: int,
    side: Side = "right",
    length: int | None = None,
    multiple: int = 1,
    max_length: int | None = None,
    truncation_side: Side = "right",
    stride: int | None = None,
    samples: ArrayLike | None = None,
    dtype: Dtype = "int64",
) -> Batch:
    """Pad rows of ids to one width.

    The attention mask comes from the lengths of the rows. So `pad_id` may be any id, even that
    of the end of a text, or 0.

    >>> import bpe_tool
    >>> batch = bpe_tool.pad([[5, 6, 0], [7]], pad_id=0)
    >>> batch.ids.tolist(), batch.attention_mask.tolist()
    ([[5, 6, 0], [7, 0, 0]], [[1, 1, 1], [1, 0, 0]])

    Args:
        rows: Lists or arrays of ids, or a `Ragged`.
        pad_id: The id for padding.
        side: The side of padding.
        length: The width. By default it is the length of the longest row.
        multiple: The width is rounded up to a multiple of this.
        max_length: The most ids to keep of a row.
        truncation_side: The side on which longer rows are cut.
        stride: Cut longer rows into windows instead, whose starts are this far apart. `samples`
            of the batch says which row each window is from, `pieces` also where it begins.
        samples: The number of each row among all samples of the training set: `(rows,)`. A
            collate function passes them, so that `MaskedLM` hides other ids in each batch. By
            default they count from 0.
        dtype: The type of the arrays: `"int64"` or `"int32"`.

    Returns:
        One row for each row or window, in order.

    Raises:
        ArgumentError: An argument is out of range, or contradicts another.
        DataError: A row holds something else than ids, or is longer than `length`.
        TypeError: A row is not a row of ids.
    """
    multiple = check_length("multiple", multiple)
    check_side("truncation_side", truncation_side)
    if max_length is not None:
        max_length = check_length("max_length", max_length, least=0 if stride is None else 1)
    ragged = as_ragged(rows)
    numbers = sample_numbers(samples, len(ragged))
    pieces = None
    if stride is not None:
        stride = check_length("stride", stride)
        if max_length is None or truncation_side != "right":
            raise ArgumentError(
                "windows need a length, and are cut on the right",
                hint=Suggestion("pass {max_length}, and leave {truncation_side} out"),
            )
        owners, starts = window_starts(np.diff(ragged.bounds), max_length, stride)
        ragged, _ = windows(ragged, max_length, stride)
        numbers = numbers[owners]
        pieces = np.stack([numbers, starts], axis=1)
    elif max_length is not None:
        whole = np.diff(ragged.bounds)
        ragged = truncate(ragged, max_length, truncation_side)
        if truncation_side == "left":
            starts = whole - np.diff(ragged.bounds)
            pieces = np.stack([numbers, starts], axis=1)
    width = int(np.diff(ragged.bounds).max(initial=0))
    if length is not None:
        length = check_length("length", length, least=0)
        _check_fit(ragged, length)
        width = length
    width += -width % multiple
    return pad_ragged(
        ragged,
        pad_id=pad_id,
        side=side,
        width=width,
        dtype=dtype,
        samples=numbers,
        pieces=pieces,
        numbered=samples is not None,
    )


def pad_ragged(
    rows: Ragged,
    *,
    pad_id: int,
    side: Side,
    width: int,
    dtype: Dtype = "int64",
    samples: NDArray[np.int64] | None = None,
    pieces: NDArray[np.int64] | None = None,
    numbered: bool = True,
) -> Batch:
    """Pad rows to a width. None of them may be longer.

    Args:
        rows: The rows.
        pad_id: The id for padding.
        side: The side of padding.
        width: The number of slots in each row.
        dtype: The type of the arrays.
        samples: The sample number of each row: int64, `(rows,)`; counted from 0 by default.
        pieces: See `Batch`.
        numbered: See `Batch`.

    Raises:
        ArgumentError: An argument is out of range.
        DataError: An id is too large for `dtype`.
    """
    check_side("side", side)
    check_dtype(dtype, pad_id, rows)
    lengths = np.diff(rows.bounds)
    own = rows.ids[rows.bounds[0] : rows.bounds[-1]]
    columns = np.arange(width, dtype=dtype)
    # One allocation for three arrays: allocators return several large ones to the system after
    # each batch, and getting fresh pages takes longer than filling them.
    ids, attention_mask, position_ids = np.empty((3, len(lengths), width), dtype)
    if len(own) == ids.size:
        ids[:] = own.reshape(ids.shape)
        attention_mask[:] = 1
        position_ids[:] = columns
    else:
        # What is not padding.
        positions = columns
        if side == "left":
            positions = columns - (width - lengths).astype(dtype)[:, None]
            real = positions >= 0
        else:
            real = columns < lengths[:, None]
        np.multiply(positions, real, out=position_ids)
        attention_mask[:] = real
        ids[:] = pad_id
        ids[real] = own
    return Batch(
        ids=ids,
        attention_mask=attention_mask,
        lengths=lengths,
        position_ids=position_ids,
        samples=np.arange(len(lengths)) if samples is None else samples,
        pieces=pieces,
        numbered=numbered,
    )


def check_dtype(dtype: Dtype, pad_id: int, rows: Ragged) -> None:
    """Refuse a type that cannot hold the ids, and a `pad_id` that is not an id.

    Raises:
        ArgumentError: `pad_id` is not an id, or there is no such type.
        DataError: An id of the rows is too large.
    """
    checks.choice("dtype", str(dtype) if isinstance(dtype, np.dtype) else dtype, get_args(Dtype))
    limit = MAX_ID if dtype == "int64" else 2**31 - 1
    checks.whole("pad_id", pad_id, 0, limit)
    if dtype == "int32" and rows.ids.size and (largest := int(rows.ids.max())) > limit:
        raise DataError(
            f"the id {largest} does not fit int32", hint=Suggestion("pass {dtype:int64}")
        )


def _check_fit(rows: Ragged, length: int) -> None:
    lengths = np.diff(rows.bounds)
    longer = np.flatnonzero(lengths > length)
    if len(longer):
        row = int(longer[0])
        raise DataError(
            f"row {row} has {lengths[row]} ids, more than the {length} to pad to",
            hint=Suggestion("pass {max_length} to cut longer rows"),
        )
