"""What the layouts share that store ids as one array, after a header or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io import npy_header
from bpe_tool.shards.files.file_array import Bounds, FileArray, Ids, npy_array
from bpe_tool.shards.files.spooled_bounds import SpooledBounds
from bpe_tool.shards.layouts.layout import Layout, ShardWriter

#: The suffix of the file of bounds, unless the layout has one of its own.
BOUNDS_SUFFIX = ".bounds.npy"

B = TypeVar("B", FileArray, Bounds)


class FlatLayout(Layout):
    """A layout whose first file is a header, perhaps empty, and the ids.

    The second file holds the bounds as an `.npy` file of int64, unless the layout overrides
    `side_files`.
    """

    def header(self, dtype: np.dtype[Any], count: int) -> bytes:
        """Return the header of `count` ids. Its length must not depend on the count."""
        return b""

    def side_files(self, bounds: SpooledBounds, dtype: np.dtype[Any]) -> list[Iterable[bytes]]:
        """Return the content of each file but the first, in pieces."""
        return [npy_pieces(bounds)]

    def bounds(self, path: Path, count: int) -> FileArray | None:
        """Return the bounds of the `count` ids in `path`, if there is a file of bounds."""
        bounds = self.side_file(path, BOUNDS_SUFFIX)
        if not bounds.exists():
            return None
        return checked_bounds(npy_array(bounds, ("<i8",)), bounds, count)

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Create the files of a shard and return their writer."""
        return FlatWriter(self, folder, shard, dtype)


class FlatWriter(ShardWriter):
    """Writes a shard of a flat layout."""

    def __init__(self, layout: FlatLayout, folder: Path, shard: str, dtype: np.dtype[Any]) -> None:
        self._flat = layout
        self._header = layout.header(dtype, 0)
        super().__init__(layout, folder, shard, dtype, patched=bool(self._header))

    def begin(self) -> None:
        """Write the header of a file without ids."""
        self.files[0].write(self._header)

    def _write(self, ids: Ids, ends: Bounds) -> None:
        self.files[0].write(ids.view(np.uint8).data)

    def _finish(self) -> None:
        if self._header:
            self.files[0].patch(0, self._flat.header(self._dtype, self.tokens))
        side_files = self._flat.side_files(self.bounds, self._dtype)
        for file, pieces in zip(self.files[1:], side_files, strict=True):
            for piece in pieces:
                file.write(piece)


def npy_pieces(bounds: SpooledBounds) -> Iterator[bytes]:
    """Yield an `.npy` file of bounds, in pieces."""
    yield npy_header.build("<i8", len(bounds))
    for piece in bounds.pieces():
        yield piece.astype("<i8", copy=False).tobytes()


def checked_bounds(bounds: B, path: Path, count: int) -> B:
    """Return the bounds in the file `path` if they begin at 0 and end at `count`.

    Raises:
        DataError: They do not.
    """
    ends = [*bounds[:1].tolist(), *bounds[-1:].tolist()]
    if ends != [0, count]:
        shown = f"from {ends[0]} to {ends[1]}" if ends else "empty"
        raise DataError(f"{path}: the bounds of {count} ids are {shown}")
    return bounds
