"""Shards as JSON lines: an object with the list `ids` for each document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.io.id_readers import id_records
from bpe_tool.io.id_writers import LineSink
from bpe_tool.io.records import Records
from bpe_tool.io.sources import Source
from bpe_tool.shards.layouts.layout import Bounds, Contents, Ids, ShardFormat, ShardWriter
from bpe_tool.shards.stored_bounds import StoredBounds


class Ndjson(ShardFormat):
    """What `encode --format ndjson` writes. To be read, a shard is held in memory."""

    name = "ndjson"
    suffixes = (".ndjson",)
    dtypes = ("<u4",)

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Begin a shard."""
        return NdjsonWriter(self.paths(folder, shard))

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        ids = [np.empty(0, np.uint32)]
        bounds = [np.zeros(1, np.int64)]
        count = 0
        for records in id_records(Source(str(path), path, path.stat().st_size), "ndjson"):
            ids.append(np.frombuffer(records.ids, np.uint32))
            bounds.append(np.frombuffer(records.ends, np.int64) + count)
            count += len(ids[-1])
        all_ids = np.concatenate(ids)
        all_ids.flags.writeable = False
        return Contents(all_ids, np.concatenate(bounds))


class NdjsonWriter(ShardWriter):
    """Writes JSON lines."""

    def __init__(self, paths: list[Path]) -> None:
        super().__init__(paths)
        self._sink = LineSink(self.files[0], json=True)

    def write(self, ids: Ids, ends: Bounds) -> None:
        """Append ids."""
        self._sink.write(Records(ids.data, ends.data))

    def finish(self, bounds: StoredBounds) -> None:
        """End the file."""
        self._sink.finish()
