"""The ids of a batch without padding: their samples and positions, and which are learned.

Arrays here are flat: one value for each id, row after row, from left to right. Padding has none,
so it needs no rule of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.rows import bounds_of
from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.id_arrays import whole_numbers
from bpe_tool.ragged import Ragged

#: The ids that are learned: an array of the batch's shape, or rows as long as its rows.
LossMask: TypeAlias = NDArray[np.generic] | Ragged | Iterable[Sequence[int]]


def document_lengths(batch: Batch) -> NDArray[np.int64]:
    """Return the length of each document, or of each row if they are not packed."""
    if batch.cu_seqlens is None:
        return batch.lengths
    ends = batch.cu_seqlens.astype(np.int64)
    return ends[1:] - ends[:-1]


def document_starts(batch: Batch) -> NDArray[np.int64]:
    """Return the position in its sample at which each document begins: `(documents,)`."""
    if batch.pieces is not None:
        return batch.pieces[:, 1]
    return np.zeros(len(document_lengths(batch)), np.int64)


def positions(batch: Batch) -> NDArray[np.int64]:
    """Return the position of each id in its sample, with ids that were cut off counted."""
    lengths = document_lengths(batch)
    offsets = document_starts(batch) - bounds_of(lengths)[:-1]
    return np.arange(lengths.sum()) + np.repeat(offsets, lengths)


def samples(batch: Batch) -> NDArray[np.int64]:
    """Return the number of the sample that each document is from: `(documents,)`.

    Raises:
        ArgumentError: The batch does not say.
    """
    if batch.pieces is not None:
        return batch.pieces[:, 0]
    if batch.samples is None or batch.segment_ids is not None:
        raise ArgumentError(
            "this batch does not say which sample its ids are of",
            hint=Suggestion("pass {samples} when making it; for packed rows, {pieces}"),
        )
    return batch.samples


def trained(
    batch: Batch, loss_mask: LossMask | None, prompt_lengths: ArrayLike | None
) -> NDArray[np.bool_]:
    """Return which ids the caller allows to be predicted: bool, one for each id.

    Args:
        batch: The batch.
        loss_mask: What is not 0 may be predicted.
        prompt_lengths: The number of ids at the start of each document that may not:
            `(documents,)`. They are counted from the start of the sample, even if it was cut off.

    Raises:
        ArgumentError: One of them does not have the batch's shape.
    """
    found = np.ones(int(batch.lengths.sum()), bool)
    if loss_mask is not None:
        found &= _flat(batch, loss_mask)
    if prompt_lengths is not None:
        lengths = document_lengths(batch)
        prompts = whole_numbers("prompt_lengths", prompt_lengths)
        if prompts.shape != lengths.shape:
            raise ArgumentError(
                f"has the shape {prompts.shape}, not one for each of {len(lengths)} documents",
                parameter="prompt_lengths",
            )
        found &= positions(batch) >= np.repeat(prompts, lengths)
    return found


def _flat(batch: Batch, loss_mask: LossMask) -> NDArray[np.bool_]:
    """Return a loss mask without the values at padding."""
    if isinstance(loss_mask, np.ndarray) and loss_mask.shape == batch.ids.shape:
        return _booleans(loss_mask[batch.attention_mask != 0])
    several = checks.several("loss_mask", loss_mask, "an array, or rows of numbers")
    rows = [_booleans(row) for row in several]
    if list(map(len, rows)) != batch.lengths.tolist():
        raise ArgumentError(
            "is not as long as the rows of the batch",
            parameter="loss_mask",
            hint=Suggestion("cut it like the rows, or pass an array of the shape of {ids}"),
        )
    return np.concatenate([np.empty(0, bool), *rows])


def _booleans(row: object) -> NDArray[np.bool_]:
    """Return which numbers are not 0."""
    try:
        found = np.asarray(row)
    except Exception:
        raise checks.wrong_type("loss_mask", row, "an array, or rows of numbers") from None
    if found.ndim != 1 or (found.dtype.kind not in "biuf" and found.size):
        raise checks.wrong_type("loss_mask", row, "an array, or rows of numbers")
    if found.dtype.kind == "f" and np.isnan(found).any():
        raise ArgumentError(
            "holds NaN, which is neither 0 nor another number", parameter="loss_mask"
        )
    return found.astype(bool)
