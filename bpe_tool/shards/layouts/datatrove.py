"""Shards as datatrove writes them and its datasets read them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io.small_files import opened
from bpe_tool.shards.layouts.flat import FlatFormat, checked_bounds
from bpe_tool.shards.layouts.layout import Contents
from bpe_tool.shards.layouts.mapped import stored_rest
from bpe_tool.shards.stored_bounds import StoredBounds

INDEX_SUFFIX = ".ds.index"
METADATA_SUFFIX = ".ds.metadata"

#: The types of ids, by the bytes of an id.
TYPES = {2: "<u2", 4: "<u4"}

#: What is read at most of the metadata: a few lines of text.
MAX_METADATA_BYTES = 1 << 16


class Datatrove(FlatFormat):
    """`.ds` is nothing but ids; `.ds.index` has the end of each document, as 64-bit numbers.

    `.ds.metadata` is text: the vocabulary and, behind a bar, the bytes of an id; the number
    of ids; the same for people. The layout is that of
    `src/datatrove/pipeline/tokens/tokenizer.py` in huggingface/datatrove.
    """

    name = "datatrove"
    suffixes = (".ds", INDEX_SUFFIX, METADATA_SUFFIX)

    def sides(self, bounds: StoredBounds, dtype: np.dtype[Any]) -> list[Iterable[bytes]]:
        """Return the index and the metadata."""
        count = bounds.total
        metadata = f"bpe_tool|{dtype.itemsize}\n{count}\n{count:,} tokens"
        ends = (piece.astype("<u8").tobytes() for piece in bounds.pieces(start=1))
        return [ends, [metadata.encode()]]

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        at = self.beside(path, INDEX_SUFFIX)
        dtype = self._dtype(self.beside(path, METADATA_SUFFIX), path, at)
        ids = stored_rest(path, dtype)
        ends = stored_rest(at, "<u8")[:]
        if (ends > len(ids)).any():
            raise DataError(f"{at}: a document ends after all {len(ids)} ids")
        bounds = np.concatenate([np.zeros(1, np.int64), ends.astype(np.int64)])
        return Contents(ids, checked_bounds(bounds, at, len(ids)))

    def _dtype(self, metadata: Path, path: Path, index: Path) -> str:
        """Return the type of ids: as the metadata say, or else as the last end suggests."""
        try:
            with opened(metadata) as file:
                first, _, _ = file.read(MAX_METADATA_BYTES).partition(b"\n")
            said = first.rpartition(b"|")[2].decode("latin-1")
            for width, dtype in TYPES.items():
                if said == str(width):
                    return dtype
        except FileNotFoundError:
            pass
        last = int(stored_rest(index, "<u8")[-1:].sum())
        size = path.stat().st_size
        for width, dtype in TYPES.items():
            if size == last * width:
                return dtype
        raise DataError(f"{path}: {size} bytes do not hold the {last} ids of {index.name}")
