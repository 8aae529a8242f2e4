"""Layout `npy`: `.npy` files, which numpy maps to memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.io import npy_header
from bpe_tool.shards.files.file_array import npy_array
from bpe_tool.shards.layouts.flat import BOUNDS_SUFFIX, FlatLayout
from bpe_tool.shards.layouts.layout import Contents

#: The types of ids that are read: other programs also write signed ones.
READ_TYPES = ("<u2", "<u4", "<i4", "<i8")


class Npy(FlatLayout):
    """A one-dimensional array of ids, and one of bounds.

    numpy's documentation describes the format (`numpy.lib.format`).
    """

    name = "npy"
    suffixes = (".npy", BOUNDS_SUFFIX)

    def header(self, dtype: np.dtype[Any], count: int) -> bytes:
        """Return the header of `count` ids."""
        return npy_header.build(dtype.str, count)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        ids = npy_array(path, READ_TYPES)
        return Contents(ids, self.bounds(path, len(ids)))
