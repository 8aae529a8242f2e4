"""Layout `ndjson`: JSON lines, an object with the list `ids` for each document."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.io.id_readers import id_records
from bpe_tool.io.id_writers import LineSink
from bpe_tool.io.records import Records
from bpe_tool.io.sources import Source
from bpe_tool.shards.files.file_array import Bounds, Ids
from bpe_tool.shards.layouts.layout import Contents, Layout, ShardWriter


class Ndjson(Layout):
    """The lines that `encode --format ndjson` writes. A shard is read into memory as a whole."""

    name = "ndjson"
    suffixes = (".ndjson",)
    dtypes = ("<u4",)

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Create the file of a shard and return its writer."""
        return NdjsonWriter(self, folder, shard, dtype)

    def open(self, path: Path) -> Contents:
        """Read a shard."""
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

    def __init__(self, layout: Ndjson, folder: Path, shard: str, dtype: np.dtype[Any]) -> None:
        super().__init__(layout, folder, shard, dtype)
        self._sink = LineSink(self.files[0], json=True)

    def _write(self, ids: Ids, ends: Bounds) -> None:
        self._sink.write(Records(ids.data, ends.data))

    def _finish(self) -> None:
        self._sink.finish()
