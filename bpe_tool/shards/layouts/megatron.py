"""Shards as Megatron-LM reads them: its `IndexedDataset`."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io.small_files import opened
from bpe_tool.shards.layouts.flat import MANY, FlatFormat
from bpe_tool.shards.layouts.layout import Contents
from bpe_tool.shards.layouts.mapped import Stored, check_size
from bpe_tool.shards.stored_bounds import StoredBounds

MAGIC = b"MMIDIDX\0\0"
VERSION = 1

#: After the magic: version, code of the type, number of sequences, number of borders between
#: documents.
_HEADER = struct.Struct("<QBQQ")
HEADER_BYTES = len(MAGIC) + _HEADER.size

#: The types of ids, by their codes. Those of floating-point numbers hold no ids.
TYPES = {1: "<u1", 2: "<i1", 3: "<i2", 4: "<i4", 5: "<i8", 8: "<u2"}
CODES = {dtype: code for code, dtype in TYPES.items()}

INDEX_SUFFIX = ".idx"


class Megatron(FlatFormat):
    """`.bin` is nothing but ids; `.idx` says where sequences and documents begin.

    Here a document is one sequence. The layout is that of
    `megatron/core/datasets/indexed_dataset.py` in NVIDIA/Megatron-LM. Ids have 16 bits
    where the largest allows it (Megatron's own writer stops doing so at a vocabulary of
    65,500, but its reader goes by the type in the index), else 32 with a sign.
    """

    name = "megatron"
    suffixes = (".bin", INDEX_SUFFIX)
    dtypes = ("<u2", "<i4")
    max_document = 2**31 - 1

    def sides(self, bounds: StoredBounds, dtype: np.dtype[Any]) -> list[Iterable[bytes]]:
        """Return the index."""
        return [index(bounds, dtype)]

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        at = self.beside(path, INDEX_SUFFIX)
        with opened(at) as file:
            head = file.read(HEADER_BYTES)
        if len(head) < HEADER_BYTES or not head.startswith(MAGIC):
            raise DataError(f"{at}: this is not the index of a Megatron dataset")
        version, code, sequences, borders = _HEADER.unpack_from(head, len(MAGIC))
        if version != VERSION or code not in TYPES:
            raise DataError(f"{at}: version {version}, type {code}: these are not ids as known")
        if at.stat().st_size != HEADER_BYTES + 12 * sequences + 8 * borders + sequences:
            # Modes, which only multimodal data has, are the bytes at the end.
            check_size(at, HEADER_BYTES + 12 * sequences + 8 * borders)
        lengths = Stored(at, "<i4", sequences, HEADER_BYTES)[:]
        pointers = Stored(at, "<i8", sequences, HEADER_BYTES + 4 * sequences)[:]
        documents = Stored(at, "<i8", borders, HEADER_BYTES + 12 * sequences)[:]
        starts = np.zeros(sequences + 1, np.int64)
        np.cumsum(lengths, dtype=np.int64, out=starts[1:])
        width = np.dtype(TYPES[code]).itemsize
        if (lengths < 0).any() or (pointers != starts[:-1] * width).any():
            raise DataError(f"{at}: its sequences do not lie one after the other")
        if (
            not borders
            or documents[0] != 0
            or documents[-1] != sequences
            or (np.diff(documents) < 0).any()
        ):
            raise DataError(f"{at}: its documents do not cover its sequences")
        count = int(starts[-1])
        check_size(path, count * width)
        return Contents(Stored(path, TYPES[code], count), starts[documents])


def index(bounds: StoredBounds, dtype: np.dtype[Any]) -> Iterator[bytes]:
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
