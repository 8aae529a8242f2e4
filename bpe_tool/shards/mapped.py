"""Arrays in files, mapped to memory and never written to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bpe_tool import npy
from bpe_tool.errors import DataError
from bpe_tool.small_files import opened


def map_array(path: Path, dtype: str, count: int, offset: int = 0) -> NDArray[Any]:
    """Map an array that lies in a file.

    Args:
        path: The file.
        dtype: The type of its numbers.
        count: How many there are.
        offset: The byte at which they begin.

    Returns:
        A read-only array of shape `(count,)`.

    Raises:
        DataError: The file is too short.
        OSError: It cannot be read.
    """
    with opened(path) as file:
        size = os.fstat(file.fileno()).st_size
        needed = offset + count * np.dtype(dtype).itemsize
        if size < needed:
            raise DataError(f"{path}: {needed} bytes are needed, the file holds {size}")
        if not count:
            empty = np.empty(0, dtype)
            empty.flags.writeable = False
            return empty
        mapped = np.memmap(file, dtype, "r", offset, (count,))
    return mapped.view(np.ndarray)


def map_rest(path: Path, dtype: str, offset: int = 0) -> NDArray[Any]:
    """Map all numbers from an offset to the end of a file.

    Raises:
        DataError: The file ends before, or in the middle of a number.
        OSError: It cannot be read.
    """
    size = path.stat().st_size
    width = np.dtype(dtype).itemsize
    count, rest = divmod(size - offset, width)
    if size < offset or rest:
        raise DataError(f"{path}: {size - offset} bytes are not a whole number of {width}-byte ids")
    return map_array(path, dtype, count, offset)


def check_size(path: Path, expected: int) -> None:
    """Refuse a file that has not the size that its header says.

    Raises:
        DataError: It has another.
        OSError: The file cannot be read.
    """
    size = path.stat().st_size
    if size != expected:
        raise DataError(f"{path}: the header says {expected} bytes, the file holds {size}")


def map_npy(path: Path, dtypes: tuple[str, ...]) -> NDArray[Any]:
    """Map the array of an `.npy` file.

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
    return map_array(path, dtype, count, offset)
