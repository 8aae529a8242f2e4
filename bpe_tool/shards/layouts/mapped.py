"""Numbers in files: read when they are asked for, or mapped to memory, and never written to."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from bpe_tool.errors import DataError
from bpe_tool.io import npy
from bpe_tool.io.file_state import naming
from bpe_tool.io.small_files import opened


@final
class Stored:
    """An array that lies in a file.

    What is read is a copy; a file that is cut off or changed meanwhile is an error. What is
    mapped to memory is not there anymore when its file is cut off: the system ends a process
    that looks at it (SIGBUS). So only those map who need the speed.

    Args:
        path: The file.
        dtype: The type of its numbers.
        count: How many there are.
        offset: The byte at which they begin.

    Raises:
        DataError: The file is too short.
        OSError: It cannot be read.
    """

    def __init__(self, path: Path, dtype: str, count: int, offset: int = 0) -> None:
        self.path = path
        self.dtype = np.dtype(dtype)
        self._count = count
        self._offset = offset
        self._end = offset + count * self.dtype.itemsize
        # Opened when it is first read.
        self._file = -1
        self._map: mmap.mmap | None = None
        size = path.stat().st_size
        if size < self._end:
            raise DataError(f"{path}: {self._end} bytes are needed, the file holds {size}")

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, where: slice | NDArray[np.int64]) -> NDArray[Any]:
        """Read numbers: a stretch, or those at some places.

        Raises:
            OSError: They cannot be read, or are not there anymore.
        """
        if isinstance(where, slice):
            start, stop, _ = where.indices(self._count)
            return self._read(start, max(0, stop - start))
        found = [self._read(place, 1) for place in where.tolist()]
        return np.concatenate([np.empty(0, self.dtype), *found])

    @cached_property
    def mapped(self) -> NDArray[Any]:
        """All of it, mapped to memory: read-only, shape `(len(self),)`.

        Raises:
            OSError: The file cannot be read.
        """
        if self._count == 0:
            empty = np.empty(0, self.dtype)
            empty.flags.writeable = False
            return empty
        with naming(self.path):
            file = self._open()
            try:
                self._map = mmap.mmap(file, self._end, access=mmap.ACCESS_READ)
            finally:
                os.close(file)
        return np.frombuffer(self._map, self.dtype, self._count, self._offset)

    def check(self) -> None:
        """Refuse a file that was cut off after it was mapped or opened, or changed while read.

        Raises:
            OSError: It was.
        """
        if (self._map is not None and self._map.size() < self._end) or (
            self._file >= 0 and _state(self._file) != self._state
        ):
            raise self._changed()

    def _read(self, start: int, count: int) -> NDArray[Any]:
        numbers = np.empty(count, self.dtype)
        view = numbers.view(np.uint8).data
        at = self._offset + start * self.dtype.itemsize
        with naming(self.path):
            if self._file < 0:
                self._file = self._open()
                self._state = _state(self._file)
            while view:
                done = os.preadv(self._file, [view], at)
                if not done:
                    raise self._changed()
                view, at = view[done:], at + done
        numbers.flags.writeable = False
        return numbers

    def _open(self) -> int:
        file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        if os.fstat(file).st_size >= self._end:
            return file
        os.close(file)
        raise self._changed()

    def _changed(self) -> OSError:
        what = "the file changed while it was being read"
        return OSError(errno.EIO, what, str(self.path))

    def __del__(self) -> None:
        if self.__dict__.get("_file", -1) >= 0:
            with contextlib.suppress(OSError):
                os.close(self._file)


def _state(file: int) -> tuple[int, int]:
    status = os.fstat(file)
    return status.st_size, status.st_mtime_ns


def mapped(numbers: Stored | NDArray[Any]) -> NDArray[Any]:
    """Return numbers as an array."""
    return numbers.mapped if isinstance(numbers, Stored) else numbers


def stored_rest(path: Path, dtype: str, offset: int = 0) -> Stored:
    """Return all numbers from an offset to the end of a file.

    Raises:
        DataError: The file ends before, or in the middle of a number.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    width = np.dtype(dtype).itemsize
    count, rest = divmod(size - offset, width)
    if size < offset or rest:
        raise DataError(f"{path}: {size - offset} bytes are not a whole number of {width}-byte ids")
    return Stored(path, dtype, count, offset)


def check_size(path: Path, expected: int) -> None:
    """Refuse a file that has not the size that its header says.

    Raises:
        DataError: It has another.
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    if size != expected:
        raise DataError(f"{path}: the header says {expected} bytes, the file holds {size}")


def stored_npy(path: Path, dtypes: tuple[str, ...]) -> Stored:
    """Return the array of an `.npy` file.

    Args:
        path: The file.
        dtypes: The types that are taken.

    Raises:
        DataError: It is damaged, or holds something else.
        OSError: It cannot be read.
    """
    with opened(path) as file:
        start = file.read(npy.MAX_HEADER_BYTES)
    try:
        header = npy.split_header(start, dtypes)
    except DataError as error:
        raise error.at(str(path)) from None
    if header is None:
        raise DataError(f"{path}: the .npy header is cut off")
    dtype, count, offset = header
    check_size(path, offset + count * np.dtype(dtype).itemsize)
    return Stored(path, dtype, count, offset)
