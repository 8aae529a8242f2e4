"""Shards as tables of Arrow and Parquet with one column, the list `ids` of each document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.shards.format import Contents, ShardFormat, ShardWriter


class Table(ShardFormat):
    """A table with the column `ids`: lists of whole numbers without a sign.

    To be read, a shard is held in memory. To be written, a document is. Pyarrow, which takes
    a tenth of a second, is imported when the first shard is begun, while more ids are made.
    """

    max_document = 2**31 - 1


class Arrow(Table):
    """The file form of Arrow's IPC."""

    name = "arrow"
    suffixes = (".arrow",)

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Begin a shard."""
        from bpe_tool.shards.arrow import TableWriter, arrow_writer

        return TableWriter(self.paths(folder, shard), dtype, arrow_writer)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        from bpe_tool.shards.arrow import arrow_columns, contents

        return contents(path, arrow_columns)


class Parquet(Table):
    """Apache Parquet."""

    name = "parquet"
    suffixes = (".parquet",)

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Begin a shard."""
        from bpe_tool.shards.arrow import TableWriter, parquet_writer

        return TableWriter(self.paths(folder, shard), dtype, parquet_writer)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        from bpe_tool.shards.arrow import contents, parquet_columns

        return contents(path, parquet_columns)
