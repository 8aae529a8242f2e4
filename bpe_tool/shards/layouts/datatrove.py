"""Layout `datatrove`: the files that datatrove writes and its datasets read."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io.small_files import opened
from bpe_tool.shards.files.file_array import array_to_end
from bpe_tool.shards.files.spooled_bounds import SpooledBounds
from bpe_tool.shards.layouts.flat import FlatLayout, checked_bounds
from bpe_tool.shards.layouts.layout import Contents

INDEX_SUFFIX = ".ds.index"
METADATA_SUFFIX = ".ds.metadata"

#: The types of ids, by the bytes of an id.
TYPES = {2: "<u2", 4: "<u4"}

#: How much of the metadata, which is a few lines of text, is read.
MAX_METADATA_BYTES = 1 << 16


class Datatrove(FlatLayout):
    """`.ds` is nothing but ids; `.ds.index` has the end of each document, as 64-bit numbers.

    `.ds.metadata` is text of three lines: the vocabulary, a bar and the bytes of an id; the
    number of ids; that number for people. The layout is that of
    `src/datatrove/pipeline/tokens/tokenizer.py` in huggingface/datatrove.
    """

    name = "datatrove"
    suffixes = (".ds", INDEX_SUFFIX, METADATA_SUFFIX)

    def side_files(self, bounds: SpooledBounds, dtype: np.dtype[Any]) -> list[Iterable[bytes]]:
        """Return the index and the metadata."""
        count = bounds.total
        metadata = f"bpe_tool|{dtype.itemsize}\n{count}\n{count:,} tokens"
        ends = (piece.astype("<u8").tobytes() for piece in bounds.pieces(start=1))
        return [ends, [metadata.encode()]]

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        index = self.side_file(path, INDEX_SUFFIX)
        dtype = self._dtype(self.side_file(path, METADATA_SUFFIX), path, index)
        ids = array_to_end(path, dtype)
        ends = array_to_end(index, "<u8")[:]
        if (ends > len(ids)).any():
            raise DataError(f"{index}: a document ends after all {len(ids)} ids")
        bounds = np.concatenate([np.zeros(1, np.int64), ends.astype(np.int64)])
        return Contents(ids, checked_bounds(bounds, index, len(ids)))

    def _dtype(self, metadata: Path, path: Path, index: Path) -> str:
        """Return the type of ids: the one in the metadata, or else the one that fits the index."""
        try:
            with opened(metadata) as file:
                first, _, _ = file.read(MAX_METADATA_BYTES).partition(b"\n")
            stated = first.rpartition(b"|")[2].decode("latin-1")
            for width, dtype in TYPES.items():
                if stated == str(width):
                    return dtype
        except FileNotFoundError:
            pass
        last = int(array_to_end(index, "<u8")[-1:].sum())
        size = path.stat().st_size
        for width, dtype in TYPES.items():
            if size == last * width:
                return dtype
        raise DataError(f"{path}: {size} bytes do not hold the {last} ids of {index.name}")
