"""Writes sets of shards from a stream of ids."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from bpe_tool.errors import ArgumentError, DataError, LimitError
from bpe_tool.io.unfinished import SHARD
from bpe_tool.runtime.pool import Pool
from bpe_tool.shards.layouts.layout import Bounds, ShardFormat, ShardWriter
from bpe_tool.shards.layouts.registry import shard_format
from bpe_tool.shards.manifest import Manifest, Provenance, ShardEntry
from bpe_tool.shards.staging import Staging
from bpe_tool.shards.stored_bounds import StoredBounds

#: So many ids and ends wait for the disk at most, if they come in several blocks; a block
#: counts as so many more, for what it is made of.
MAX_WAITING = 1 << 22
BLOCK_WEIGHT = 1 << 16


class ShardSetWriter:
    """Writes a set of shards, whole or not at all. Use it as a context manager.

    Ids come in blocks and go to the disk as they come, some blocks behind, and so do the bounds
    of documents. (`arrow` and `parquet` hold some rows, and a document until its end.) `finish`
    completes the set; a context that is left before leaves what was there before. See
    `bpe_tool.shards.staging` for what a killed run leaves.

    Args:
        folder: The directory. It is made if it does not exist.
        format: The name of the format.
        provenance: What the ids are.
        shard_tokens: A shard ends with the first document by which it has so many ids: it
            holds whole documents. By default one shard holds everything, but for `llmc`,
            whose shards end after 2^30 ids.
        force: Replace a set that is there, once the new one is complete.

    Raises:
        ArgumentError: The format does not exist or cannot hold such ids or shards, or the
            directory has something in the way.
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
        self._format = shard_format(format)
        self._provenance = provenance
        self._dtype = self._format.dtype(provenance.max_id)
        self._target = _shard_tokens(self._format, shard_tokens)
        self._staging = Staging(Path(folder), force=force)
        # What comes is brought to the disk while more of it is made. What is not there yet:
        # what it counts as, and the work.
        self._disk = Pool(1)
        self._under_way: deque[tuple[int, Future[None]]] = deque()
        self._waiting = 0
        self._entries: list[ShardEntry] = []
        self._shard: _OpenShard | None = None

    def write(self, ids: NDArray[np.integer[Any]], ends: Bounds) -> None:
        """Append ids.

        Args:
            ids: The ids: whole numbers of any type, shape `(count,)`.
            ends: For each document that ends with them, how many of them come before its
                end: int64. A document may begin in one call and end in a later one.

        Neither may be changed before `finish`.

        What is wrong may be raised by a later call, and is then by all that follow.

        Raises:
            DataError: An id is not in the range that was promised.
            LimitError: A document is longer than the format can hold.
            OSError: The disk is full, or fails.
        """
        count = len(ids) + len(ends) + BLOCK_WEIGHT
        self._wait(MAX_WAITING - count)
        self._under_way.append((count, self._disk.submit(self._append, ids, ends)))
        self._waiting += count

    def finish(self) -> Manifest:
        """Complete the set.

        Returns:
            Its manifest.

        Raises:
            DataError, LimitError, OSError: As `write`.
        """
        self._wait(0)
        with self._staging.naming():
            self._end_shard()
            manifest = Manifest(
                self._format.name, self._dtype.name, self._provenance, tuple(self._entries)
            )
            self._staging.commit(manifest)
        return manifest

    def close(self) -> None:
        """Remove what is not complete. Harmless after `finish`."""
        try:
            self._disk.shutdown(cancel_futures=True)
            if self._shard is not None:
                self._shard.discard()
        finally:
            self._staging.close()

    def _wait(self, most: int) -> None:
        """Wait until no more than `most` waits, and raise what went wrong with the rest."""
        while self._under_way and (self._waiting > most or self._under_way[0][1].done()):
            count, under_way = self._under_way[0]
            under_way.result()
            self._under_way.popleft()
            self._waiting -= count

    def _append(self, ids: NDArray[np.integer[Any]], ends: Bounds) -> None:
        if len(ids):
            check_ids(ids, self._provenance.max_id)
        ids = _as_type(ids, self._dtype)
        with self._staging.naming():
            while len(ids) or len(ends):
                if self._shard is None:
                    name = f"{SHARD}{len(self._entries):06d}"
                    self._shard = _OpenShard(self._format, self._staging.path, name, self._dtype)
                cut = int(np.searchsorted(ends, self._target - self._shard.tokens, "left"))
                if cut == len(ends):
                    self._shard.write(ids, ends)
                    return
                stop = int(ends[cut])
                self._shard.write(ids[:stop], ends[: cut + 1])
                self._end_shard()
                ids, ends = ids[stop:], ends[cut + 1 :] - stop

    def _end_shard(self) -> None:
        if self._shard is not None:
            shard, self._shard = self._shard, None
            self._entries.append(shard.finish())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def check_ids(ids: NDArray[np.integer[Any]], max_id: int) -> None:
    """Refuse ids that are not from 0 to `max_id`. There is one at least."""
    lowest = 0 if ids.dtype.kind == "u" else int(ids.min())
    highest = int(ids.max())
    if lowest < 0 or highest > max_id:
        wrong = lowest if lowest < 0 else highest
        raise DataError(f"id {wrong} is out of range: 0 to {max_id}")


def _as_type(ids: NDArray[np.integer[Any]], dtype: np.dtype[Any]) -> NDArray[np.integer[Any]]:
    """Return ids, which are known to be in its range, in a type."""
    same = (ids.dtype.itemsize, ids.dtype.isnative) == (dtype.itemsize, dtype.isnative)
    if same and ids.flags.c_contiguous:
        return ids.view(dtype)
    return np.ascontiguousarray(ids, dtype)


class _OpenShard:
    """The shard that is being written."""

    def __init__(self, format: ShardFormat, folder: Path, name: str, dtype: np.dtype[Any]) -> None:
        self._format = format
        self._name = name
        self._writer: ShardWriter = format.writer(folder, name, dtype)
        try:
            self._writer.begin()
        except BaseException:
            self._writer.discard()
            raise
        self._bounds = StoredBounds(folder)
        self.tokens = 0

    def write(self, ids: NDArray[np.integer[Any]], ends: Bounds) -> None:
        self._writer.write(ids, ends)
        self._bounds.append(ends + self.tokens)
        self.tokens += len(ids)
        if self.tokens > self._format.max_tokens:
            raise LimitError(
                f"a shard of format {self._format.name} holds {self._format.max_tokens} ids at "
                "most, and the document with which it ends goes on beyond that"
            )

    def finish(self) -> ShardEntry:
        try:
            self._check_documents()
            self._writer.finish(self._bounds)
            files = self._writer.commit()
        finally:
            self.discard()
        return ShardEntry(self._name, len(self._bounds) - 1, self.tokens, files)

    def _check_documents(self) -> None:
        longest = self._bounds.longest
        if longest > self._format.max_document:
            raise LimitError(
                f"a document has {longest} ids; in the format {self._format.name} it can have "
                f"{self._format.max_document}"
            )

    def discard(self) -> None:
        self._bounds.close()
        self._writer.discard()


def _shard_tokens(format: ShardFormat, asked: int | None) -> int:
    # With room for the document with which a shard ends.
    most = format.max_tokens // 2 + 1
    if asked is None:
        return most
    if not 0 < asked <= most:
        raise ArgumentError(
            f"{asked} tokens in a shard: {format.name} can have 1 to {most} and a last document"
        )
    return asked
