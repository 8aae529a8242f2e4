"""Arrays of numbers in files: read when they are indexed, or mapped to memory; never written."""

from __future__ import annotations

import contextlib
import mmap
import os
from functools import cached_property
from pathlib import Path
from typing import Any, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from bpe_tool.errors import DataError
from bpe_tool.io import npy_header
from bpe_tool.io.file_state import FileState, changed_error, naming
from bpe_tool.io.small_files import opened
from bpe_tool.runtime import system

#: Ids in the type they are stored in, shape `(count,)`.
Ids: TypeAlias = NDArray[np.integer[Any]]
#: Document bounds among the ids, shape `(documents + 1,)`.
Bounds: TypeAlias = NDArray[np.int64]

#: How many numbers are processed at once.
MANY = 1 << 20


@final
class FileArray:
    """A one-dimensional array in a file.

    Indexing reads a copy, and raises an error if the file changed after it was opened.
    `mapped` is faster, but a process that touches a mapped page beyond the end of a file that
    was cut off is killed by the system (SIGBUS).

    Args:
        path: The file.
        dtype: The type of its numbers.
        count: How many numbers there are.
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
        # Opened on the first read.
        self._file = -1
        self._map: mmap.mmap | None = None
        size = path.stat().st_size
        if size < self._end:
            raise DataError(f"{path}: {self._end} bytes are needed, the file holds {size}")

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, where: slice | NDArray[np.int64]) -> NDArray[Any]:
        """Read a slice, or the numbers at several positions.

        Raises:
            OSError: They cannot be read, or the file was cut off.
        """
        if isinstance(where, slice):
            start, stop, _ = where.indices(self._count)
            return self._read(start, max(0, stop - start))
        found = [self._read(position, 1) for position in where.tolist()]
        return np.concatenate([np.empty(0, self.dtype), *found])

    @cached_property
    def mapped(self) -> NDArray[Any]:
        """The whole array, mapped to memory: read-only, shape `(len(self),)`.

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
        """Refuse a file that was cut off after it was mapped, or changed after the first read.

        Raises:
            OSError: The file was cut off or changed.
        """
        if (self._map is not None and self._map.size() < self._end) or (
            self._file >= 0 and FileState.of(self._file) != self._state
        ):
            raise changed_error(self.path)

    def _read(self, start: int, count: int) -> NDArray[Any]:
        numbers = np.empty(count, self.dtype)
        view = numbers.view(np.uint8).data
        offset = self._offset + start * self.dtype.itemsize
        with naming(self.path):
            if self._file < 0:
                self._file = self._open()
                self._state = FileState.of(self._file)
            while view:
                done = system.read_into(self._file, view, offset)
                if not done:
                    raise changed_error(self.path)
                view, offset = view[done:], offset + done
        numbers.flags.writeable = False
        return numbers

    def _open(self) -> int:
        file = os.open(self.path, system.READ)
        if os.fstat(file).st_size >= self._end:
            return file
        os.close(file)
        raise changed_error(self.path)

    def __del__(self) -> None:
        if self.__dict__.get("_file", -1) >= 0:
            with contextlib.suppress(OSError):
                os.close(self._file)


def array_to_end(path: Path, dtype: str, offset: int = 0) -> FileArray:
    """Return the array from an offset to the end of a file.

    Raises:
        DataError: The file ends before the offset, or in the middle of a number.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    width = np.dtype(dtype).itemsize
    count, rest = divmod(size - offset, width)
    if size < offset or rest:
        raise DataError(f"{path}: {size - offset} bytes are not a whole number of {width}-byte ids")
    return FileArray(path, dtype, count, offset)


def npy_array(path: Path, dtypes: tuple[str, ...]) -> FileArray:
    """Return the array of an `.npy` file.

    Args:
        path: The file.
        dtypes: The types that are accepted.

    Raises:
        DataError: The file is damaged, or holds something else.
        OSError: It cannot be read.
    """
    with opened(path) as file:
        start = file.read(npy_header.MAX_BYTES)
    dtype, count, offset = npy_header.parse_whole(start, dtypes, str(path))
    check_size(path, offset + count * np.dtype(dtype).itemsize)
    return FileArray(path, dtype, count, offset)


def check_size(path: Path, expected: int) -> None:
    """Refuse a file whose size differs from the one its header implies.

    Raises:
        DataError: The sizes differ.
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    if size != expected:
        raise DataError(f"{path}: the header says {expected} bytes, the file holds {size}")
