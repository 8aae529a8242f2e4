"""Records of ids into sets of shards, and out of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bpe_tool.records import Records
from bpe_tool.shards.reader import Shard
from bpe_tool.shards.writer import ShardSetWriter
from bpe_tool.sinks import IdSink


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


def shard_records(shard: Shard) -> Iterator[Records]:
    """Yield the documents of a shard as records.

    Raises:
        DataError: Its files are not what they should be.
        OSError: They cannot be read.
    """
    for ids, ends in shard.blocks():
        yield Records(ids.astype(np.uint32, copy=False).tobytes(), ends.tobytes())
