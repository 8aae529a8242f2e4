"""One shard: its arrays, mapped to memory or read piece by piece."""

from __future__ import annotations

import errno
from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.errors import DataError
from bpe_tool.io.file_state import FileState
from bpe_tool.io.small_files import opened
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.files.file_array import MANY, Bounds, FileArray, Ids
from bpe_tool.shards.layouts.layout import Contents
from bpe_tool.shards.layouts.registry import layout_named
from bpe_tool.shards.manifest import ShardEntry


class ShardBase(ABC):
    """What `Shard` and `UnmappedShard` share; they differ in how their arrays are reached."""

    def __init__(
        self,
        path: Path,
        format: str,
        entry: ShardEntry | None = None,
        dtype: str | None = None,
        end_id: int | None = None,
        version: tuple[int, int] | None = None,
    ) -> None:
        self.path = path
        self.format = format
        self.entry = entry
        # What the manifest says about all shards, and what the caller knows about this one.
        self._dtype = dtype
        self._end_id = end_id
        # The version of the manifest that lists this shard.
        self._version = version

    @property
    @abstractmethod
    def ids(self) -> FileArray | Ids:
        """All ids, shape `(tokens,)`."""

    @property
    @abstractmethod
    def bounds(self) -> FileArray | Bounds:
        """Where documents begin and end, shape `(documents + 1,)`."""

    @property
    def name(self) -> str:
        """The name that messages show."""
        return self.entry.name if self.entry else self.path.name

    @property
    def dtype(self) -> str:
        """The type of its ids, such as `uint16`."""
        return self._dtype or self._contents.ids.dtype.name

    @cached_property
    def tokens(self) -> int:
        """How many ids there are."""
        return self.entry.tokens if self.entry else len(self._contents.ids)

    @cached_property
    def documents(self) -> int:
        """How many documents there are."""
        return self.entry.documents if self.entry else len(self._bounds) - 1

    def blocks(self, size: int = MANY) -> Iterator[tuple[Ids, Bounds]]:
        """Yield the ids in order, about `size` at a time. Nothing is mapped to memory.

        Yields:
            Ids; and for each document that ends with them, how many of them precede its end:
            int64. A document may continue in the next block.

        Raises:
            DataError: The files are damaged.
            OSError: They cannot be read, or changed while they were.
        """
        size = checks.whole("size", size, 1)
        ids, bounds = self._contents.ids, self._bounds
        # Ends that were read and lie behind the last block, and the index of the next one.
        ends, read = np.empty(0, np.int64), 1
        # A shard without ids may still have empty documents.
        for start in range(0, max(1, len(ids)), size):
            stop = min(start + size, len(ids))
            while read < len(bounds) and (not len(ends) or ends[-1] <= stop):
                if (np.diff(bounds[read - 1 : read + size]) < 0).any():
                    raise DataError(f"{self.path}: a document ends before it begins")
                ends = np.concatenate([ends, bounds[read : read + size]])
                read += size
            upto = len(ends) if stop == len(ids) else int(np.searchsorted(ends, stop, "right"))
            yield ids[start:stop], ends[:upto] - start
            ends = ends[upto:]
        self.check_ids()
        self.check_bounds()

    def check_ids(self) -> None:
        """Refuse a file of ids that was cut off after it was opened, or changed while read.

        Raises:
            OSError: The file was cut off or changed.
        """
        _check(self._contents.ids)

    def check_bounds(self) -> None:
        """Do the same for the file of bounds."""
        _check(self._bounds)

    def release(self) -> None:
        """Close the files. They are opened again on the next use."""
        self.__dict__.pop("_contents", None)

    @cached_property
    def _contents(self) -> Contents:
        """The arrays of its files, with bounds."""
        # A library may open the file: it would wait for a pipe, which is refused here.
        with opened(self.path):
            contents = layout_named(self.format).open(self.path)
        if self._version is not None and manifest_version(self.path.parent) != self._version:
            what = "the set was replaced after it was opened"
            raise OSError(errno.EIO, what, str(self.path.parent))
        bounds = contents.bounds
        if bounds is None:
            bounds = _bounds_by_end(contents.ids, self._end_id)
        if self.entry is not None:
            found = (contents.ids.dtype.name, len(contents.ids), len(bounds) - 1)
            stated = (self._dtype, self.entry.tokens, self.entry.documents)
            for what, one, other in zip(
                ("type", "tokens", "documents"), found, stated, strict=True
            ):
                if one != other:
                    raise DataError(f"{self.path}: {what}: {one}, but the manifest says {other}")
        return Contents(contents.ids, bounds)

    @property
    def _bounds(self) -> FileArray | Bounds:
        bounds = self._contents.bounds
        assert bounds is not None
        return bounds

    def _arguments(self) -> tuple[Any, ...]:
        return self.path, self.format, self.entry, self._dtype, self._end_id, self._version

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), self._arguments()

    def __repr__(self) -> str:
        return f"<Shard {self.name}: {self.documents} documents, {self.tokens} tokens>"


@final
class Shard(ShardBase):
    """One shard, whose files are opened on first use and mapped to memory.

    Picklable: the copy opens the files again.

    Attributes:
        path: The file of ids.
        format: The name of its format.
        entry: What the manifest says about it, if there is a manifest.
    """

    @property
    def ids(self) -> Ids:
        """All ids: read-only, shape `(tokens,)`, in the type they are stored in.

        That is `uint16` or `uint32`; in Megatron's files `uint16` or `int32`; other programs
        may have written `int32` or `int64`. Mapped to memory, except in the formats `ndjson`,
        `arrow` and `parquet`, which are read into memory.

        Raises:
            DataError: The files are damaged.
            OSError: They cannot be read.
        """
        return _mapped(self._contents.ids)

    @property
    def bounds(self) -> Bounds:
        """Where documents begin and end: int64, shape `(documents + 1,)`.

        Document `i` is `ids[bounds[i]:bounds[i + 1]]`. Raises as `ids` does.
        """
        return _mapped(self._bounds)

    def unmapped(self) -> UnmappedShard:
        """Return the same shard, read instead of mapped."""
        return UnmappedShard(*self._arguments())


@final
class UnmappedShard(ShardBase):
    """A shard whose arrays stay in their files: indexing them reads a copy.

    Reading takes longer than mapping, but a file that is cut off in the meantime is an error and
    does not kill the process. Commands read shards in this way.
    """

    @property
    def ids(self) -> FileArray | Ids:
        """All ids, shape `(tokens,)`. Raises as `Shard.ids` does."""
        return self._contents.ids

    @property
    def bounds(self) -> FileArray | Bounds:
        """Where documents begin and end, shape `(documents + 1,)`. Raises as `Shard.ids` does."""
        return self._bounds


def manifest_version(folder: Path) -> tuple[int, int] | None:
    """Return what tells a manifest from a later one, on all machines; `None` without one."""
    try:
        state = FileState.of(folder / MANIFEST)
    except FileNotFoundError:
        return None
    return state.size, state.mtime_ns


def _mapped(numbers: FileArray | NDArray[Any]) -> NDArray[Any]:
    return numbers.mapped if isinstance(numbers, FileArray) else numbers


def _check(numbers: FileArray | NDArray[Any]) -> None:
    if isinstance(numbers, FileArray):
        numbers.check()


def _bounds_by_end(ids: FileArray | Ids, end_id: int | None) -> Bounds:
    """Return the bounds of documents that each end with an id; the last may lack it."""
    total = np.array([len(ids)], np.int64)
    if end_id is None or not len(ids):
        return np.concatenate([np.zeros(1, np.int64), total])
    ends = [
        np.flatnonzero(ids[start : start + MANY] == end_id) + (start + 1)
        for start in range(0, len(ids), MANY)
    ]
    rest = total if ids[-1:] != end_id else total[:0]
    return np.concatenate([np.zeros(1, np.int64), *ends, rest]).astype(np.int64)
