"""Records of ids into sets of shards."""

from __future__ import annotations

import numpy as np

from bpe_tool.io.id_writers import IdSink
from bpe_tool.io.records import Records
from bpe_tool.shards.writer import ShardSetWriter


class ShardSink(IdSink):
    """Each record is a document; one that was skipped is an empty one."""

    def __init__(self, writer: ShardSetWriter) -> None:
        self._writer = writer

    def write(self, records: Records) -> None:
        """Write the next records."""
        self._writer.write(
            np.frombuffer(records.ids, np.uint32), np.frombuffer(records.ends, np.int64)
        )

    def finish(self) -> None:
        """Complete the set."""
        self._writer.finish()
