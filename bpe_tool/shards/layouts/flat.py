"""What formats have in common that store ids one after the other, behind a header or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io import npy
from bpe_tool.shards.layouts.layout import Bounds, Ids, ShardFormat, ShardWriter
from bpe_tool.shards.layouts.mapped import Stored, stored_npy
from bpe_tool.shards.stored_bounds import StoredBounds

#: What the file of bounds has behind the name of a shard, if its format has none of its own.
BOUNDS_SUFFIX = ".bounds.npy"

B = TypeVar("B", Stored, Bounds)

#: How many numbers are converted at once.
MANY = 1 << 20


class FlatFormat(ShardFormat):
    """A format whose first file is a header, perhaps an empty one, and the ids.

    The second file holds the bounds: an `.npy` file of int64, unless the format has one of
    its own.
    """

    def header(self, dtype: np.dtype[Any], count: int) -> bytes:
        """Return what stands before `count` ids. Its length does not depend on them."""
        return b""

    def sides(self, bounds: StoredBounds, dtype: np.dtype[Any]) -> list[Iterable[bytes]]:
        """Return what is in each of the other files, in pieces."""
        return [npy_pieces(bounds)]

    def bounds(self, path: Path, count: int) -> Stored | None:
        """Return the bounds in the file beside `path`, if there is one, for `count` ids."""
        beside = self.beside(path, BOUNDS_SUFFIX)
        return stored_bounds(beside, count) if beside.exists() else None

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Begin a shard."""
        return FlatWriter(self, folder, shard, dtype)


class FlatWriter(ShardWriter):
    """Writes a shard of a flat format."""

    def __init__(self, format: FlatFormat, folder: Path, shard: str, dtype: np.dtype[Any]) -> None:
        self._header = format.header(dtype, 0)
        super().__init__(format.paths(folder, shard), patched=bool(self._header))
        self._format = format
        self._dtype = dtype

    def begin(self) -> None:
        """Write the header of a file without ids."""
        self.files[0].write(self._header)

    def write(self, ids: Ids, ends: Bounds) -> None:
        """Append ids."""
        self.files[0].write(ids.view(np.uint8).data)

    def finish(self, bounds: StoredBounds) -> None:
        """Write how many ids there are, and the other files."""
        if self._header:
            self.files[0].patch(0, self._format.header(self._dtype, bounds.total))
        for file, pieces in zip(
            self.files[1:], self._format.sides(bounds, self._dtype), strict=True
        ):
            for piece in pieces:
                file.write(piece)


def npy_pieces(bounds: StoredBounds) -> Iterator[bytes]:
    """Yield an `.npy` file of bounds, in pieces."""
    yield npy.header("<i8", len(bounds))
    for piece in bounds.pieces():
        yield piece.astype("<i8", copy=False).tobytes()


def stored_bounds(path: Path, count: int) -> Stored:
    """Return the bounds of `count` ids.

    Raises:
        DataError: They are damaged, or of another number of ids.
        OSError: The file cannot be read.
    """
    return checked_bounds(stored_npy(path, ("<i8",)), path, count)


def checked_bounds(bounds: B, path: Path, count: int) -> B:
    """Return bounds that begin at 0 and end at `count`.

    Raises:
        DataError: They do not.
    """
    ends = [*bounds[:1].tolist(), *bounds[-1:].tolist()]
    if ends != [0, count]:
        shown = f"from {ends[0]} to {ends[1]}" if ends else "empty"
        raise DataError(f"{path}: the bounds of {count} ids are {shown}")
    return bounds
