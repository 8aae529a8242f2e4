"""Converts ids and other whole numbers of callers to arrays, and checks each of them."""

from __future__ import annotations

import operator
from array import array
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import DTypeLike, NDArray

from bpe_tool import checks
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, ArgumentTypeError, DataError

#: The largest position in an array of positions.
MAX_POSITION = 2**63 - 1

#: How many ids of a list are read at a time.
_PIECE = 1 << 20

_WANTED = "a list or an array of ids"


def listed_rows(rows: Iterable[Any], name: str) -> list[Any]:
    """Return the items of an iterable as a list, after a check that they may be rows.

    The iterable's own `__len__` is not trusted, and the first item that is not a row ends the
    reading: the iterable may have no end.
    """
    found = []
    for index, row in enumerate(checks.several(name, rows, "rows of ids")):
        if not hasattr(row, "__len__") and not hasattr(row, "__getitem__"):
            raise _no_row(index, row, name)
        found.append(row)
    return found


def row_of_ids(index: int, row: Any, name: str = "rows") -> NDArray[np.integer]:  # noqa: ANN401 - to be found out
    """Return one row of ids as an array of whole numbers.

    The ids of a row that is an array are still to be checked.

    Raises:
        DataError: An id is out of range. The message gives row and position.
        ArgumentTypeError: It is not a row of ids. The message gives the row, and the position
            of an item that is not an id.
    """
    if type(row) is np.ndarray:
        return _array(index, row, name)
    if isinstance(row, range):
        if row and not (min(row[0], row[-1]) >= 0 and max(row[0], row[-1]) <= MAX_ID):
            explain(index, row, name)
        return np.arange(row.start, row.stop, row.step, dtype=np.int64)
    if isinstance(row, list | tuple):
        found = _listed(row)
        return explain(index, row, name) if found is None else found
    if isinstance(row, str | bytes | bytearray | Mapping | set | frozenset):
        raise _no_row(index, row, name)
    if isinstance(row, memoryview) and row.itemsize == 1:
        raise _no_row(index, row, name)
    if isinstance(row, np.ndarray | array | memoryview) or hasattr(row, "__array__"):
        return _array(index, row, name)
    if not hasattr(row, "__len__") and not hasattr(row, "__getitem__"):
        raise _no_row(index, row, name)
    # Any other sequence. Its own `__len__` is not trusted.
    ids = array("I")
    for position, id in enumerate(row):
        ids.append(_id(index, position, id, name))
    return np.asarray(ids, np.uint32)


def _listed(row: list[Any] | tuple[Any, ...]) -> NDArray[np.integer] | None:
    """Return the ids of a list, or None if one is none."""
    if len(row) > _PIECE and type(row) in (list, tuple):
        # Between pieces, signals are heard.
        pieces = [_listed(row[start : start + _PIECE]) for start in range(0, len(row), _PIECE)]
        found = [piece for piece in pieces if piece is not None]
        return np.concatenate(found) if len(found) == len(pieces) else None
    # A bool may be meant as an id or as a mask.
    if {*map(type, row)} & {bool, np.bool_}:
        return None
    try:
        return np.asarray(array("I", row), np.uint32)
    except (TypeError, OverflowError):
        return None


def _array(index: int, row: Any, name: str) -> NDArray[np.integer]:  # noqa: ANN401 - see `row_of_ids`
    try:
        found = np.asarray(row)
    except Exception:
        raise _no_row(index, row, name) from None
    if found.ndim == 1 and not found.size:
        return np.empty(0, np.int64)
    if found.ndim != 1:
        raise ArgumentTypeError(
            f"has {found.ndim} dimensions, and not one", parameter=name, item=f"row {index}"
        )
    if found.dtype.kind not in "iu":
        explain(index, found, name)
    if found.dtype.itemsize == 8 and found.dtype.kind == "u":
        if int(found.max()) > MAX_ID:
            explain(index, found, name)
        return found.astype(np.int64)
    return found


def explain(index: int, row: Iterable[Any], name: str) -> NoReturn:
    """Raise the error for the first item of a row that is not an id."""
    for position, id in enumerate(row):
        _id(index, position, id, name)
    raise _no_row(index, row, name)


def refuse(row: int, position: int, id: int) -> NoReturn:
    """Raise the error for an id that is out of range."""
    shown = id if abs(id) < 1 << 128 else "a number"
    raise DataError(
        f"row {row}, position {position}: {shown} is not an id: ids go from 0 to {MAX_ID}"
    )


def whole_numbers(
    name: str, values: object, least: int = 0, most: int = MAX_POSITION
) -> NDArray[np.int64]:
    """Return whole numbers as a one-dimensional int64 array, all in a range.

    Raises:
        ArgumentTypeError: They are not whole numbers, or do not have one dimension.
        ArgumentError: One is out of range.
    """
    wanted = "whole numbers with one dimension"
    if isinstance(values, str | bytes | bytearray | Mapping | set | frozenset):
        raise checks.wrong_type(name, values, wanted)
    try:
        found = np.asarray(values)
    except Exception:
        raise checks.wrong_type(name, values, wanted) from None
    if found.ndim != 1 or (found.dtype.kind not in "iu" and found.size):
        raise checks.wrong_type(name, values, wanted)
    if found.size:
        for extreme in (int(found.min()), int(found.max())):
            if not least <= extreme <= most:
                raise ArgumentError(
                    f"holds {extreme}: they must be from {least} to {most}", parameter=name
                )
    return found.astype(np.int64, copy=False)


def id_width(dtype: DTypeLike, max_id: int) -> int:
    """Return the width in bytes of a type for ids: uint16 or uint32, in native byte order.

    Raises:
        ArgumentTypeError: It is no type of numpy.
        ArgumentError: It is another type, or ids do not fit.
    """
    try:
        found = None if dtype is None else np.dtype(dtype)
    except Exception:
        # numpy asks any object for its text, which may raise anything.
        found = None
    if found is None:
        raise checks.wrong_type("dtype", dtype, "uint16 or uint32")
    if found not in (np.uint16, np.uint32):
        raise ArgumentError(f"is {found}: it must be uint16 or uint32", parameter="dtype")
    if max_id >> 8 * found.itemsize:
        raise ArgumentError(
            f"is {found}: ids go up to {max_id}", parameter="dtype", hint="use uint32"
        )
    return found.itemsize


def _id(index: int, position: int, id: object, name: str) -> int:
    if not isinstance(id, bool | np.bool_):
        try:
            number = operator.index(id)  # type: ignore[arg-type]
        except TypeError:
            pass
        else:
            if not 0 <= number <= MAX_ID:
                refuse(index, position, number)
            return number
    raise ArgumentTypeError(
        f", position {position}: {checks.shown(id)} is not an id",
        parameter=name,
        item=f"row {index}",
    )


def _no_row(index: int, row: object, name: str) -> ArgumentTypeError:
    return ArgumentTypeError(
        f"is {checks.shown(row)}: expected {_WANTED}", parameter=name, item=f"row {index}"
    )
