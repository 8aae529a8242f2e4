"""The bounds of a shard's documents, kept until the shard is complete."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import SpooledTemporaryFile

import numpy as np

from bpe_tool.shards.files.file_array import MANY, Bounds

#: Bounds are held in memory up to this size, and beyond it in an unnamed file.
MEMORY_BYTES = 16 * 1024 * 1024

_BOUND = np.dtype(np.int64)


class SpooledBounds:
    """Bounds that are appended in order, and then read back in pieces.

    Args:
        folder: The directory of the unnamed file.

    Attributes:
        total: The last bound: how many ids all documents have together.
        longest: How many ids the longest document has.

    All methods raise `OSError` if the disk is full or fails.
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
        """Return how many bounds there are: one more than documents."""
        return self._count

    def between(self, start: int, stop: int) -> Bounds:
        """Return the bounds from index `start` up to `stop`. Nothing may be appended later."""
        stop = min(stop, self._count)
        self._file.seek(start * _BOUND.itemsize)
        return np.frombuffer(self._file.read(max(0, stop - start) * _BOUND.itemsize), _BOUND)

    def pieces(self, start: int = 0) -> Iterator[Bounds]:
        """Yield all bounds from index `start` on. Nothing may be appended later."""
        for first in range(start, self._count, MANY):
            yield self.between(first, first + MANY)

    def close(self) -> None:
        """Free the memory and the file."""
        self._file.close()
