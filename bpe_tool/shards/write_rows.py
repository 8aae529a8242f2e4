"""Rows of ids in memory, or from a generator, into a set of shards."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.errors import DataError
from bpe_tool.id_arrays import row_of_ids
from bpe_tool.ragged import Ragged
from bpe_tool.shards.layouts.flat import MANY
from bpe_tool.shards.layouts.layout import Bounds
from bpe_tool.shards.layouts.registry import FORMATS
from bpe_tool.shards.manifest import Manifest, Provenance
from bpe_tool.shards.writer import ShardSetWriter, check_ids

#: How many rows are written at once.
MANY_ROWS = 4096


def write_shards(
    rows: Iterable[Sequence[int] | NDArray[np.integer[Any]]],
    path: str | os.PathLike[str],
    *,
    vocab_size: int,
    format: str = "npy",
    shard_tokens: int | None = None,
    force: bool = False,
) -> Manifest:
    """Write rows of ids as a set of shards, each row one document.

    Args:
        rows: The rows: lists of ids or arrays, such as those of a `Ragged`. They are read
            once, and not kept.
        path: The directory. It is made if it does not exist.
        vocab_size: Ids are below it. The type they are stored in depends on it.
        format: `npy`, `u16`, `u32`, `llmc`, `megatron`, `datatrove`, `npz`, `ndjson`, `arrow`
            or `parquet`.
        shard_tokens: A shard ends with the first row by which it has so many ids.
        force: Replace a set that is there, once the new one is complete.

    Returns:
        What was written.

    Raises:
        ArgumentError: The directory holds a set, or the format cannot hold such ids.
        DataError: A row holds something that is not an id below `vocab_size`.
        OSError: The directory cannot be written to.

    >>> import bpe_tool
    >>> bpe_tool.write_shards([[5, 6, 0], [7, 0]], "ids", vocab_size=8).tokens
    5
    >>> bpe_tool.open_shards("ids").shards[0].ids
    array([5, 6, 0, 7, 0], dtype=uint16)
    """
    vocab_size = checks.whole("vocab_size", vocab_size, 1, checks.MAX_ID + 1)
    shard_tokens = checks.maybe_whole("shard_tokens", shard_tokens, 1)
    checks.choice("format", format, tuple(FORMATS))
    force = checks.flag("force", force)
    path = checks.path("path", path)
    provenance = Provenance(max_id=vocab_size - 1, vocab_size=vocab_size)
    with ShardSetWriter(path, format, provenance, shard_tokens=shard_tokens, force=force) as writer:
        if isinstance(rows, Ragged):
            # Its first row may begin anywhere among its ids.
            whole = rows[:]
            writer.write(whole.ids, whole.bounds[1:])
            return writer.finish()
        some: list[NDArray[np.integer[Any]]] = []
        waiting = 0
        for number, row in enumerate(checks.several("rows", rows, "rows of ids")):
            some.append(_row(row, number, provenance.max_id))
            waiting += len(some[-1])
            if waiting >= MANY or len(some) >= MANY_ROWS:
                writer.write(np.concatenate(some), _ends(some))
                some, waiting = [], 0
        if some:
            writer.write(np.concatenate(some), _ends(some))
        return writer.finish()


def _row(
    row: Sequence[int] | NDArray[np.integer[Any]], number: int, max_id: int
) -> NDArray[np.integer[Any]]:
    """Return a row as an array of ids that are all in range."""
    ids = row_of_ids(number, row)
    if len(ids):
        try:
            check_ids(ids, max_id)
        except DataError as error:
            raise error.at(f"row {number}") from None
    return ids.astype(np.uint32, copy=False)


def _ends(rows: Sequence[NDArray[np.integer[Any]]]) -> Bounds:
    return np.cumsum([len(row) for row in rows], dtype=np.int64)
