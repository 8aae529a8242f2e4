"""Writes sets of shards: from rows in memory, or from a stream of ids."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from bpe_tool import checks
from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.id_arrays import row_of_ids
from bpe_tool.io.id_writers import IdSink
from bpe_tool.io.records import Records
from bpe_tool.io.unfinished import SHARD
from bpe_tool.ragged import Ragged
from bpe_tool.runtime.pool import Pool
from bpe_tool.shards.files.file_array import MANY, Bounds, Ids
from bpe_tool.shards.layouts.layout import Layout, ShardWriter
from bpe_tool.shards.layouts.registry import FORMATS, ShardFormat, layout_named
from bpe_tool.shards.manifest import Manifest, Provenance, ShardEntry
from bpe_tool.shards.staging import Staging

#: The maximum number of ids and ends waiting to be written, unless a single block has more.
#: Each block adds `BLOCK_WEIGHT` for its objects.
MAX_WAITING = 1 << 22
BLOCK_WEIGHT = 1 << 16

#: The most rows that `write_shards` joins into one block.
MANY_ROWS = 4096


def write_shards(
    rows: Iterable[Sequence[int] | Ids],
    path: str | os.PathLike[str],
    *,
    vocab_size: int,
    format: ShardFormat = "npy",
    shard_tokens: int | None = None,
    force: bool = False,
) -> Manifest:
    """Write rows of ids as a set of shards, each row one document.

    Args:
        rows: The rows: lists of ids or arrays, such as those of a `Ragged`. They are read
            once, and not kept.
        path: The directory. It is created if it does not exist.
        vocab_size: Ids are below it. It decides the type in which they are stored.
        format: `npy`, `u16`, `u32`, `llmc`, `megatron`, `datatrove`, `npz`, `ndjson`, `arrow`
            or `parquet`.
        shard_tokens: A shard ends with the first row that brings it to this many ids. By
            default one shard holds all rows (`llmc`: shards end after 2^30 ids).
        force: Replace a set that is already there, once the new one is complete.

    Returns:
        The manifest of the new set.

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
            # A slice's first row begins at its first id.
            whole = rows[:]
            writer.write(whole.ids, whole.bounds[1:])
            return writer.finish()
        block: list[Ids] = []
        size = 0
        for number, row in enumerate(checks.several("rows", rows, "rows of ids")):
            block.append(_checked_row(row, number, provenance.max_id))
            size += len(block[-1])
            if size >= MANY or len(block) >= MANY_ROWS:
                writer.write(np.concatenate(block), _ends(block))
                block, size = [], 0
        if block:
            writer.write(np.concatenate(block), _ends(block))
        return writer.finish()


class ShardSetWriter:
    """Writes a set of shards, all or nothing. Use it as a context manager.

    A thread writes the blocks of ids to disk while the caller makes the next ones. `finish`
    completes the set; leaving the context without it leaves what was there before.
    `bpe_tool.shards.staging` says what a killed process leaves.

    Args:
        folder: The directory. It is created if it does not exist.
        format: The name of the format.
        provenance: What the ids are.
        shard_tokens: A shard ends with the first document that brings it to this many ids, so
            that it holds whole documents. By default one shard holds everything (`llmc`:
            shards end after 2^30 ids).
        force: Replace a set that is already there, once the new one is complete.

    Raises:
        ArgumentError: There is no such format, or it cannot hold such ids or shards; or there
            is a set already, or a file would be overwritten.
        OSError: The directory cannot be written to.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        format: str,
        provenance: Provenance,
        *,
        shard_tokens: int | None = None,
        force: bool = False,
    ) -> None:
        self._layout = layout_named(format)
        self._provenance = provenance
        self._dtype = self._layout.dtype(provenance.max_id)
        self._shard_tokens = shard_limit(self._layout, shard_tokens)
        self._staging = Staging(Path(folder), force=force)
        self._thread = Pool(1)
        # What the thread has not written yet: the weight of each block, and the work.
        self._under_way: deque[tuple[int, Future[None]]] = deque()
        self._waiting = 0
        self._entries: list[ShardEntry] = []
        self._shard: ShardWriter | None = None

    def write(self, ids: Ids, ends: Bounds) -> None:
        """Append ids.

        Args:
            ids: The ids: whole numbers of any type, shape `(count,)`.
            ends: For each document that ends in this block, how many of `ids` precede its end:
                int64. A document may begin in one call and end in a later one.

        Neither array may be changed before `finish`.

        An error may be raised by a later call, and then also by all calls after that one.

        Raises:
            DataError: An id is above the `max_id` of the provenance, or negative.
            LimitError: A document is longer than the format can hold.
            OSError: The disk is full or fails.
        """
        weight = len(ids) + len(ends) + BLOCK_WEIGHT
        self._wait(MAX_WAITING - weight)
        self._under_way.append((weight, self._thread.submit(self._append, ids, ends)))
        self._waiting += weight

    def finish(self) -> Manifest:
        """Complete the set and return its manifest. Raises as `write` does."""
        self._wait(0)
        with self._staging.naming():
            self._end_shard()
            manifest = Manifest(
                self._layout.name, self._dtype.name, self._provenance, tuple(self._entries)
            )
            self._staging.commit(manifest)
        return manifest

    def close(self) -> None:
        """Remove an incomplete set. Harmless after `finish`."""
        try:
            self._thread.shutdown(cancel_futures=True)
            if self._shard is not None:
                self._shard.discard()
        finally:
            self._staging.close()

    def _wait(self, most: int) -> None:
        """Wait until the pending blocks weigh at most `most`; raise the writing thread's errors."""
        while self._under_way and (self._waiting > most or self._under_way[0][1].done()):
            weight, under_way = self._under_way[0]
            under_way.result()
            self._under_way.popleft()
            self._waiting -= weight

    def _append(self, ids: Ids, ends: Bounds) -> None:
        if len(ids):
            _check_range(ids, self._provenance.max_id)
        ids = _as_type(ids, self._dtype)
        with self._staging.naming():
            while len(ids) or len(ends):
                shard = self._shard or self._begin_shard()
                cut = int(np.searchsorted(ends, self._shard_tokens - shard.tokens, "left"))
                if cut == len(ends):
                    shard.append(ids, ends)
                    return
                stop = int(ends[cut])
                shard.append(ids[:stop], ends[: cut + 1])
                self._end_shard()
                ids, ends = ids[stop:], ends[cut + 1 :] - stop

    def _begin_shard(self) -> ShardWriter:
        shard = self._layout.writer(self._staging.path, self._shard_name(), self._dtype)
        try:
            shard.begin()
        except BaseException:
            shard.discard()
            raise
        self._shard = shard
        return shard

    def _end_shard(self) -> None:
        if self._shard is not None:
            shard, self._shard = self._shard, None
            files = shard.complete()
            documents = len(shard.bounds) - 1
            entry = ShardEntry(self._shard_name(), documents, shard.tokens, files)
            self._entries.append(entry)

    def _shard_name(self) -> str:
        return f"{SHARD}{len(self._entries):06d}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


class ShardSink(IdSink):
    """The sink of `encode`: each record becomes a document, a skipped one an empty document."""

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


def _checked_row(row: Sequence[int] | Ids, number: int, max_id: int) -> Ids:
    """Return a row as an array of ids that are all in range."""
    ids = row_of_ids(number, row)
    if len(ids):
        try:
            _check_range(ids, max_id)
        except DataError as error:
            raise error.at(f"row {number}") from None
    return ids.astype(np.uint32, copy=False)


def _check_range(ids: Ids, max_id: int) -> None:
    """Refuse ids, of which there is at least one, that are not from 0 to `max_id`."""
    lowest = 0 if ids.dtype.kind == "u" else int(ids.min())
    highest = int(ids.max())
    if lowest < 0 or highest > max_id:
        wrong = lowest if lowest < 0 else highest
        raise DataError(f"id {wrong} is out of range: 0 to {max_id}")


def _ends(rows: Sequence[Ids]) -> Bounds:
    return np.cumsum([len(row) for row in rows], dtype=np.int64)


def _as_type(ids: Ids, dtype: np.dtype[Any]) -> Ids:
    """Return ids that fit a type as a contiguous array of it, a view where possible."""
    same = (ids.dtype.itemsize, ids.dtype.isnative) == (dtype.itemsize, dtype.isnative)
    if same and ids.flags.c_contiguous:
        return ids.view(dtype)
    return np.ascontiguousarray(ids, dtype)


def shard_limit(layout: Layout, asked: int | None) -> int:
    """Return the number of ids after which a shard ends, leaving room for its last document."""
    most = layout.max_tokens // 2 + 1
    if asked is None:
        return most
    if not 0 < asked <= most:
        raise ArgumentError(
            f"{asked} tokens in a shard: {layout.name} can have 1 to {most} and a last document"
        )
    return asked
