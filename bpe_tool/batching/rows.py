"""Many rows of ids as one `Ragged`: converted from lists and arrays, cut, with ids around them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import _core, checks
from bpe_tool.batching.literals import Side
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.id_arrays import MAX_POSITION, listed_rows, refuse, row_of_ids, whole_numbers
from bpe_tool.ragged import Ragged

#: Lengths or numbers of samples.
Int64s: TypeAlias = NDArray[np.int64]

#: Rows of ids: lists, arrays of whole numbers, or a `Ragged`.
Rows: TypeAlias = Ragged | Iterable[Sequence[int] | NDArray[np.integer]]


def as_ragged(rows: Rows, name: str = "rows") -> Ragged:
    """Return rows of ids as a `Ragged`, or the same object if it is one.

    Args:
        rows: Several rows. Each is a list, a tuple, or an array of whole numbers with one
            dimension, which may be of another library that numpy can read.
        name: The name of the parameter, for messages.

    Raises:
        DataError: An id is not from 0 to 2^32 - 1. The message names row and position.
        TypeError: A row is not a row of ids. The message names it.
    """
    if isinstance(rows, Ragged) and rows.ids.dtype == np.uint16:
        return Ragged(rows.ids.astype(np.uint32), rows.bounds)
    if isinstance(rows, Ragged):
        return rows
    if isinstance(rows, np.ndarray) and rows.ndim == 2 and rows.dtype.kind in "iu":
        return _joined(rows.reshape(-1), [rows.shape[1]] * len(rows))
    listed: Sequence[Any] = (
        rows if type(rows) is list or type(rows) is tuple else listed_rows(rows, name)
    )
    found = _core.join_rows(listed)
    if found is not None:
        return Ragged(np.frombuffer(found[0], np.uint32), np.frombuffer(found[1], np.int64))
    arrays = [row_of_ids(index, row, name) for index, row in enumerate(listed)]
    return _joined(np.concatenate([np.empty(0, np.int64), *arrays]), map(len, arrays))


def bounds_of(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where rows of these lengths begin and end when they are joined."""
    bounds = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def gather(
    ids: NDArray[np.integer], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> Ragged:
    """Return as rows the runs of `ids` that begin at `starts` and have these `lengths`."""
    bounds = bounds_of(lengths)
    positions = np.arange(bounds[-1])
    positions += np.repeat(starts - bounds[:-1], lengths)
    return Ragged(ids[positions].astype(np.uint32, copy=False), bounds)


def framed(rows: Ragged, before: Sequence[int] = (), after: Sequence[int] = ()) -> Ragged:
    """Return rows with the same ids before and after each, such as bos and eos.

    Raises:
        DataError: One of them is not an id.
    """
    if not before and not after:
        return rows
    added = as_ragged([[*before], [*after]])
    lengths = np.diff(rows.bounds)
    bounds = bounds_of(lengths + len(added.ids))
    ids = np.empty(bounds[-1], np.uint32)
    inside = np.ones(len(ids), bool)
    for offset, id in enumerate(added[0]):
        ids[bounds[:-1] + offset] = id
        inside[bounds[:-1] + offset] = False
    for offset, id in enumerate(added[1][::-1], 1):
        ids[bounds[1:] - offset] = id
        inside[bounds[1:] - offset] = False
    ids[inside] = rows.ids[rows.bounds[0] : rows.bounds[-1]]
    return Ragged(ids, bounds)


def given_id(name: str, id: int | None) -> tuple[int, ...]:
    """Return an id to put at an end of rows as a sequence, which is empty without it."""
    return () if id is None else (checks.whole(name, id, 0, MAX_ID),)


def truncate(rows: Ragged, length: int, side: Side = "right") -> Ragged:
    """Return rows with at most `length` ids each. `side` is the side that is cut off."""
    length = check_length("length", length, least=0)
    check_side("side", side)
    lengths = np.diff(rows.bounds)
    kept = np.minimum(lengths, length)
    if np.array_equal(kept, lengths):
        return rows
    starts = rows.bounds[:-1] if side == "right" else rows.bounds[1:] - kept
    return gather(rows.ids, starts, kept)


def windows(
    rows: Ragged, length: int, stride: int | None = None
) -> tuple[Ragged, NDArray[np.int64]]:
    """Cut rows into windows of at most `length` ids that together hold every id.

    Args:
        rows: The rows.
        length: The most ids in a window.
        stride: The distance between the starts of windows of the same row, by default `length`.
            Windows overlap if it is less.

    Returns:
        The windows, and the row that each is from: int64, `(windows,)`. A row without ids is one
        window without ids.

    Raises:
        ArgumentError: A number is below 1, or `stride` leaves ids out.
    """
    samples, starts = window_starts(np.diff(rows.bounds), length, stride)
    lengths = np.minimum(np.diff(rows.bounds)[samples] - starts, length)
    return gather(rows.ids, rows.bounds[samples] + starts, lengths), samples


def window_starts(
    lengths: NDArray[np.int64], length: int, stride: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the row that each window of `windows` is from, and where it begins in that row."""
    length = check_length("length", length)
    step = length if stride is None else check_length("stride", stride)
    if step > length:
        raise ArgumentError(
            f"windows of {length} ids, {step} apart, leave ids out",
            hint=Suggestion("{stride} is how far apart windows begin: at most their length"),
        )
    counts = 1 + np.maximum(lengths - length + step - 1, 0) // step
    samples = np.repeat(np.arange(len(lengths)), counts)
    first = bounds_of(counts)[:-1]
    return samples, (np.arange(len(samples)) - first[samples]) * step


def sample_numbers(samples: ArrayLike | None, rows: int) -> NDArray[np.int64]:
    """Return the sample number of each row; counted from 0 if not given.

    Raises:
        ArgumentTypeError: They are not whole numbers.
        ArgumentError: There is not one for each row, or one is negative.
    """
    if samples is None:
        return np.arange(rows)
    numbers = whole_numbers("samples", samples)
    if len(numbers) != rows:
        raise ArgumentError(f"are {len(numbers)}, and there are {rows} rows", parameter="samples")
    return numbers


def check_length(name: str, value: SupportsIndex, *, least: int = 1) -> int:
    """Return a length as an `int`; refuse anything else, and more than arrays count."""
    length = checks.whole(name, value, least)
    return length if length <= MAX_POSITION else checks.whole(name, length, least, MAX_POSITION)


def keep_lengths(owner: object, *names: str) -> None:
    """Check fields of a frozen value that are lengths, and keep each as an `int`.

    Equal values then have the same `repr`, whatever type of number they were made with.
    """
    for name in names:
        object.__setattr__(owner, name, check_length(name, getattr(owner, name)))


def check_side(name: str, side: str) -> None:
    """Refuse anything but `"left"` and `"right"`."""
    checks.choice(name, side, get_args(Side))


def _joined(ids: NDArray[np.integer], lengths: Iterable[int]) -> Ragged:
    """Return rows whose ids are joined, if all are ids."""
    bounds = bounds_of(np.fromiter(lengths, np.int64))
    if len(wrong := np.flatnonzero((ids < 0) | (ids > MAX_ID))):
        first = int(wrong[0])
        row = int(np.searchsorted(bounds, first, "right")) - 1
        refuse(row, first - int(bounds[row]), ids[first])
    return Ragged(ids.astype(np.uint32, copy=False), bounds)
