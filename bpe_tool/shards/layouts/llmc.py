"""Layout `llmc`: the token files of llm.c."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io.small_files import opened
from bpe_tool.shards.files.file_array import FileArray, check_size
from bpe_tool.shards.layouts.flat import BOUNDS_SUFFIX, FlatLayout
from bpe_tool.shards.layouts.layout import Contents

#: How many 32-bit numbers the header has. The first three are used.
HEADER_NUMBERS = 256
HEADER_BYTES = HEADER_NUMBERS * 4

#: The first two numbers of the header, magic and version, by the type of the ids.
KINDS = {"<u2": (20240520, 1), "<u4": (20240801, 7)}


class LlmC(FlatLayout):
    """A header, then ids of 16 or 32 bits. The third number of the header counts the ids.

    The layout is that of `dev/data/data_common.py` and `llmc/dataloader.h` in karpathy/llm.c.
    The count is a signed 32-bit number, which limits the size of a shard.
    """

    name = "llmc"
    suffixes = (".bin", BOUNDS_SUFFIX)
    max_tokens = 2**31 - 1

    def header(self, dtype: np.dtype[Any], count: int) -> bytes:
        """Return the header of `count` ids."""
        numbers = np.zeros(HEADER_NUMBERS, "<i4")
        numbers[:3] = (*KINDS[dtype.str], count)
        return numbers.tobytes()

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        magic, version, count = FileArray(path, "<i4", HEADER_NUMBERS)[:3].tolist()
        for dtype, kind in KINDS.items():
            if kind == (magic, version) and count >= 0:
                check_size(path, HEADER_BYTES + count * np.dtype(dtype).itemsize)
                ids = FileArray(path, dtype, count, HEADER_BYTES)
                return Contents(ids, self.bounds(path, count))
        raise DataError(
            f"{path}: the header of an llm.c file does not begin with {magic}, {version}, {count}"
        )


def is_llmc(path: Path) -> bool:
    """Return whether a file begins with the magic and version of llm.c."""
    with opened(path) as file:
        start = file.read(8)
    return tuple(np.frombuffer(start, "<i4").tolist() if len(start) == 8 else ()) in KINDS.values()
