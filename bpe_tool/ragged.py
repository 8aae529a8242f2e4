"""Rows of ids of different lengths, in two arrays."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, SupportsIndex, final, overload

from bpe_tool import checks
from bpe_tool.errors import ArgumentError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@final
class Ragged:
    """Rows of ids of different lengths, in two arrays.

    It is a sequence of rows: it has a `len` and can be iterated over; `[i]` is a row, and
    `[i:j]` is a `Ragged` of several rows. Rows are views of `ids`.

    Attributes:
        ids: The ids of all rows: uint32, or uint16 if given so; shape `(total,)`.
        bounds: The bounds of the rows: int64, shape `(rows + 1,)`. Row `i` is
            `ids[bounds[i]:bounds[i + 1]]`.

    Arrays of other integer types and byte orders are converted to uint32 and int64.

    Raises:
        ArgumentTypeError: An argument is not an array of whole numbers with one dimension.
        ArgumentError: An id is out of range, or the bounds decrease or go beyond the ids.
    """

    __slots__ = ("bounds", "ids")

    def __init__(self, ids: NDArray[np.uint32 | np.uint16], bounds: NDArray[np.int64]) -> None:
        import numpy as np

        if not _is_array(ids, np.uint32) and not _is_array(ids, np.uint16):
            from bpe_tool.id_arrays import whole_numbers

            ids = whole_numbers("ids", ids, 0, checks.MAX_ID).astype(np.uint32, copy=False)
        if not _is_array(bounds, np.int64):
            from bpe_tool.id_arrays import whole_numbers

            bounds = whole_numbers("bounds", bounds)
        self.ids, self.bounds = ids, bounds
        if not len(bounds):
            raise ArgumentError(
                "are empty: there must be one more than there are rows", parameter="bounds"
            )
        if bounds[0] < 0 or bounds[-1] > len(ids) or (bounds[1:] < bounds[:-1]).any():
            raise ArgumentError(f"go back, or beyond the {len(ids)} ids", parameter="bounds")

    def __len__(self) -> int:
        return len(self.bounds) - 1

    @overload
    def __getitem__(self, row: SupportsIndex) -> NDArray[np.uint32 | np.uint16]: ...
    @overload
    def __getitem__(self, row: slice) -> Ragged: ...
    def __getitem__(self, row: SupportsIndex | slice) -> NDArray[np.uint32 | np.uint16] | Ragged:
        """Return one row, or several."""
        if isinstance(row, slice):
            return self._slice(range(len(self))[row])
        index, rows = operator.index(row), len(self)
        if not -rows <= index < rows:
            raise IndexError(f"row {index} of {rows}")
        index %= rows
        return self.ids[self.bounds[index] : self.bounds[index + 1]]

    def __iter__(self) -> Iterator[NDArray[np.uint32 | np.uint16]]:
        return map(self.__getitem__, range(len(self)))

    def _slice(self, rows: range) -> Ragged:
        import numpy as np

        if rows and rows.step == 1:
            bounds = self.bounds[rows.start : rows.stop + 1]
            return Ragged(self.ids[bounds[0] : bounds[-1]], bounds - bounds[0])
        pieces = [self[row] for row in rows]
        bounds = np.cumsum([0, *map(len, pieces)], dtype=np.int64)
        return Ragged(np.concatenate([self.ids[:0], *pieces]), bounds)

    def __repr__(self) -> str:
        return f"<Ragged: {len(self)} rows, {len(self.ids)} ids>"


def _is_array(values: object, dtype: type[np.integer]) -> bool:
    import numpy as np

    return isinstance(values, np.ndarray) and values.dtype == dtype and values.ndim == 1
