"""Rows of different lengths, filled up to one width."""

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
    """Fill rows of ids up to one width.

    What is padding is known from the lengths of the rows. So `pad_id` may be any id, also
    that of the end of a text, or 0.

    >>> import bpe_tool
    >>> batch = bpe_tool.pad([[5, 6, 0], [7]], pad_id=0)
    >>> batch.ids.tolist(), batch.attention_mask.tolist()
    ([[5, 6, 0], [7, 0, 0]], [[1, 1, 1], [1, 0, 0]])

    Args:
        rows: Lists or arrays of ids, or a `Ragged`.
        pad_id: The id to fill up with.
        side: Where padding goes.
        length: The width, if it is not that of the longest row.
        multiple: What the width is a multiple of: it is rounded up.
        max_length: The most ids to keep of a row.
        truncation_side: Where longer rows are cut.
        stride: Cut longer rows into windows instead, which begin so far apart: `samples` says
            which row each is of, `pieces` also where it begins.
        samples: The number that each row has among all that are trained on: `(rows,)`. A
            collate function passes them, so that `MaskedLM` hides other ids in each batch.
            Left out, they count from 0.
        dtype: The type of the arrays: `"int64"` or `"int32"`.

    Returns:
        One row for each, or for each window, in order.

    Raises:
        ArgumentError: An argument is out of range, or contradicts another.
        DataError: A row holds something else than ids, or does not fit.
        TypeError: A row is no row of ids.
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
                "windows need a length, and cut on the right",
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
    """Fill rows, none of them longer, up to a width.

    Args:
        rows: The rows.
        pad_id: The id to fill up with.
        side: Where padding goes.
        width: How many ids a row has in the end.
        dtype: The type of the arrays.
        samples: Which row of the input each is: int64, `(rows,)`; counted from 0 if left out.
        pieces: Which stretch of the input each is, see `Batch`.
        numbered: Likewise.

    Raises:
        ArgumentError: An argument is out of range.
        DataError: An id is too large for `dtype`.
    """
    check_side("side", side)
    check_dtype(dtype, pad_id, rows)
    lengths = np.diff(rows.bounds)
    own = rows.ids[rows.bounds[0] : rows.bounds[-1]]
    columns = np.arange(width, dtype=dtype)
    # One block: allocators give several large ones back to the system after each batch, and
    # to get fresh memory again takes longer than to fill it.
    ids, attention_mask, position_ids = np.empty((3, len(lengths), width), dtype)
    if len(own) == ids.size:
        ids[:] = own.reshape(ids.shape)
        attention_mask[:] = 1
        position_ids[:] = columns
    else:
        places = columns
        if side == "left":
            places = columns - (width - lengths).astype(dtype)[:, None]
            real = places >= 0
        else:
            real = columns < lengths[:, None]
        np.multiply(places, real, out=position_ids)
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
    """Refuse a type that cannot hold the ids, and a `pad_id` that is none.

    Raises:
        ArgumentError: `pad_id` is no id, or there is no such type.
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
