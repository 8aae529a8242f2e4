"""The bounds of the documents of a shard while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile

import numpy as np

from bpe_tool.shards.layouts.layout import Bounds

#: How many bytes of bounds are in memory; more of them are in a file without a name.
MEMORY_BYTES = 16 * 1024 * 1024

#: How many bounds are read at once.
MANY = 1 << 20

_BOUND = np.dtype(np.int64)


class StoredBounds:
    """Bounds that are written in order, and then read in pieces.

    Args:
        folder: Where the file is, if there is one.

    Attributes:
        total: The last bound: how many ids all documents have.
        longest: How many ids the longest document has.

    All methods raise `OSError` if the disk is full, or fails.
    """

    def __init__(self, folder: Path) -> None:
        self._file = SpooledTemporaryFile(MEMORY_BYTES, dir=str(folder))  # noqa: SIM115 - see close
        self._count = 0
        self.total = 0
        self.longest = 0
        self.append(np.zeros(1, np.int64))

    def append(self, bounds: Bounds) -> None:
        """Append bounds, none of which is less than the one before."""
        if len(bounds):
            lengths = np.diff(bounds, prepend=self.total)
            self.longest = max(self.longest, int(lengths.max()))
            self.total = int(bounds[-1])
            self._count += len(bounds)
            self._file.write(np.ascontiguousarray(bounds, _BOUND).view(np.uint8).data)

    def __len__(self) -> int:
        """Return how many there are: one more than documents."""
        return self._count

    def between(self, start: int, stop: int) -> Bounds:
        """Return the bounds from number `start` on, up to `stop`. No more can be appended."""
        stop = min(stop, self._count)
        self._file.seek(start * _BOUND.itemsize)
        return np.frombuffer(self._file.read(max(0, stop - start) * _BOUND.itemsize), _BOUND)

    def pieces(self, start: int = 0) -> Iterator[Bounds]:
        """Yield all bounds from number `start` on. No more can be appended."""
        for first in range(start, self._count, MANY):
            yield self.between(first, first + MANY)

    def close(self) -> None:
        """Forget them."""
        self._file.close()
