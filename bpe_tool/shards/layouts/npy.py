"""Shards as `.npy` files, which numpy maps to memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.io import npy
from bpe_tool.shards.layouts.flat import BOUNDS_SUFFIX, FlatFormat
from bpe_tool.shards.layouts.layout import Contents
from bpe_tool.shards.layouts.mapped import stored_npy

#: The types of ids in files of other programs.
READ = ("<u2", "<u4", "<i4", "<i8")


class Npy(FlatFormat):
    """A one-dimensional array of ids, and one of bounds.

    The layout is described in numpy's documentation (numpy.lib.format).
    """

    name = "npy"
    suffixes = (".npy", BOUNDS_SUFFIX)

    def header(self, dtype: np.dtype[Any], count: int) -> bytes:
        """Return the header of `count` ids."""
        return npy.header(dtype.str, count)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        ids = stored_npy(path, READ)
        return Contents(ids, self.bounds(path, len(ids)))
