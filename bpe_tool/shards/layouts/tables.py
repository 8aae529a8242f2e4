"""Shards as tables of Arrow and Parquet with one column, the list `ids` of each document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.shards.layouts.layout import Contents, ShardFormat, ShardWriter

#: How many ids a row can have: its bounds have 32 bits.
MAX_IDS = 2**31 - 1


class Table(ShardFormat):
    """A table with the column `ids`: lists of whole numbers without a sign.

    To be read, a shard is held in memory. To be written, a document is. Pyarrow, which takes
    a tenth of a second, is imported when the first shard is begun, if it is not there yet.
    """

    max_document = MAX_IDS

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Begin a shard."""
        from bpe_tool.shards.layouts.arrow import TableWriter

        return TableWriter(self.name, self.paths(folder, shard), dtype)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        from bpe_tool.shards.layouts.arrow import contents

        return contents(self.name, path)


class Arrow(Table):
    """The file form of Arrow's IPC."""

    name = "arrow"
    suffixes = (".arrow",)


class Parquet(Table):
    """Apache Parquet."""

    name = "parquet"
    suffixes = (".parquet",)
