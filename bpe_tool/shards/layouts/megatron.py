"""Layout `megatron`: the `IndexedDataset` of Megatron-LM."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io.small_files import opened
from bpe_tool.shards.files.file_array import MANY, FileArray, check_size
from bpe_tool.shards.files.spooled_bounds import SpooledBounds
from bpe_tool.shards.layouts.flat import FlatLayout
from bpe_tool.shards.layouts.layout import Contents

MAGIC = b"MMIDIDX\0\0"
VERSION = 1

#: After the magic: version, code of the type, number of sequences, number of document bounds.
_HEADER = struct.Struct("<QBQQ")
HEADER_BYTES = len(MAGIC) + _HEADER.size

#: The types of ids, by their codes. The codes of floating-point types are left out.
TYPES = {1: "<u1", 2: "<i1", 3: "<i2", 4: "<i4", 5: "<i8", 8: "<u2"}
CODES = {dtype: code for code, dtype in TYPES.items()}

INDEX_SUFFIX = ".idx"


class Megatron(FlatLayout):
    """`.bin` is nothing but ids; `.idx` says where sequences and documents begin.

    Here each document is written as one sequence. The layout is that of
    `megatron/core/datasets/indexed_dataset.py` in NVIDIA/Megatron-LM. Ids have 16 bits if the
    largest allows it, and else 32 with a sign. (Megatron's own writer uses 16 bits only for
    vocabularies below 65,500 tokens; its reader goes by the type in the index.)
    """

    name = "megatron"
    suffixes = (".bin", INDEX_SUFFIX)
    dtypes = ("<u2", "<i4")
    max_document = 2**31 - 1

    def side_files(self, bounds: SpooledBounds, dtype: np.dtype[Any]) -> list[Iterable[bytes]]:
        """Return the index."""
        return [index_pieces(bounds, dtype)]

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        index = self.side_file(path, INDEX_SUFFIX)
        with opened(index) as file:
            head = file.read(HEADER_BYTES)
        if len(head) < HEADER_BYTES or not head.startswith(MAGIC):
            raise DataError(f"{index}: this is not the index of a Megatron dataset")
        version, code, sequences, count = _HEADER.unpack_from(head, len(MAGIC))
        if version != VERSION or code not in TYPES:
            raise DataError(f"{index}: version {version} or type {code} is unknown")
        if index.stat().st_size != HEADER_BYTES + 12 * sequences + 8 * count + sequences:
            # Only multimodal data has modes, a byte per sequence at the end.
            check_size(index, HEADER_BYTES + 12 * sequences + 8 * count)
        lengths = FileArray(index, "<i4", sequences, HEADER_BYTES)[:]
        pointers = FileArray(index, "<i8", sequences, HEADER_BYTES + 4 * sequences)[:]
        documents = FileArray(index, "<i8", count, HEADER_BYTES + 12 * sequences)[:]
        starts = np.zeros(sequences + 1, np.int64)
        np.cumsum(lengths, dtype=np.int64, out=starts[1:])
        width = np.dtype(TYPES[code]).itemsize
        if (lengths < 0).any() or (pointers != starts[:-1] * width).any():
            raise DataError(f"{index}: its sequences do not lie one after the other")
        if (
            not count
            or documents[0] != 0
            or documents[-1] != sequences
            or (np.diff(documents) < 0).any()
        ):
            raise DataError(f"{index}: its documents do not cover its sequences")
        tokens = int(starts[-1])
        check_size(path, tokens * width)
        return Contents(FileArray(path, TYPES[code], tokens), starts[documents])


def index_pieces(bounds: SpooledBounds, dtype: np.dtype[Any]) -> Iterator[bytes]:
    """Yield the index of documents, in pieces.

    Args:
        bounds: Their bounds.
        dtype: The type of the ids.
    """
    documents = len(bounds) - 1
    yield MAGIC + _HEADER.pack(VERSION, CODES[dtype.str], documents, documents + 1)
    for start in range(0, documents, MANY):
        yield np.diff(bounds.between(start, start + MANY + 1)).astype("<i4").tobytes()
    for start in range(0, documents, MANY):
        stop = min(start + MANY, documents)
        yield (bounds.between(start, stop).astype("<i8") * dtype.itemsize).tobytes()
    for start in range(0, documents + 1, MANY):
        yield np.arange(start, min(start + MANY, documents + 1), dtype="<i8").tobytes()
