"""Layouts `arrow` and `parquet`: a table with one column, the list `ids` of each document.

They import pyarrow, which takes a tenth of a second, only when a shard is written or opened:
everything that needs it is in `pyarrow_tables`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.shards.layouts.layout import Contents, Layout, ShardWriter


class Arrow(Layout):
    """The file format of Arrow IPC.

    A shard is read into memory as a whole. Writing holds some rows in memory, and a document
    until its end.
    """

    name = "arrow"
    suffixes = (".arrow",)
    # The bounds of rows have 32 bits.
    max_document = 2**31 - 1

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Create the file of a shard and return its writer."""
        from bpe_tool.shards.layouts.pyarrow_tables import TableWriter

        return TableWriter(self, folder, shard, dtype)

    def open(self, path: Path) -> Contents:
        """Read a shard."""
        from bpe_tool.shards.layouts.pyarrow_tables import read_table

        return read_table(self.name, path)


class Parquet(Arrow):
    """Apache Parquet: a table with one column."""

    name = "parquet"
    suffixes = (".parquet",)
