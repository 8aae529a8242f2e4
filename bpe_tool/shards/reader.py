"""Opens sets of shards, of this package and of others."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, final

import numpy as np

from bpe_tool import checks
from bpe_tool.errors import DataError
from bpe_tool.io.small_files import opened
from bpe_tool.io.temporaries import refuse_temporary
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.foreign import foreign_shards
from bpe_tool.shards.layouts.flat import MANY
from bpe_tool.shards.layouts.layout import Bounds, Contents, Ids
from bpe_tool.shards.layouts.mapped import Stored, mapped
from bpe_tool.shards.layouts.registry import shard_format
from bpe_tool.shards.manifest import Manifest, ShardEntry


@final
class Shard:
    """One shard, whose files are opened when they are first used.

    Picklable: the copy opens the files again.

    Attributes:
        path: The file of ids.
        format: The name of its format.
        entry: What the manifest says about it, if there is a manifest.
    """

    def __init__(
        self,
        path: Path,
        format: str,
        entry: ShardEntry | None = None,
        dtype: str | None = None,
        end_id: int | None = None,
        state: tuple[int, ...] | None = None,
    ) -> None:
        self.path = path
        self.format = format
        self.entry = entry
        # What the manifest says about all shards, and what the caller knows about this.
        self._dtype = dtype
        self._end_id = end_id
        # That of the manifest when it was read: its shards are those of no other one.
        self._state = state

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.entry.name if self.entry else self.path.name

    @property
    def ids(self) -> Ids:
        """All ids: read-only, shape `(tokens,)`, in the type they are stored in.

        That is `uint16` or `uint32`; in Megatron's files `uint16` or `int32`; other programs
        may have written `int32` or `int64`. Mapped to memory; read into it if the format is
        `ndjson`, `arrow` or `parquet`.

        Raises:
            DataError: The files are not what they should be.
            OSError: They cannot be read.
        """
        return mapped(self.contents.ids)

    @property
    def bounds(self) -> Bounds:
        """Where documents begin and end: int64, shape `(documents + 1,)`.

        Document `i` is `ids[bounds[i]:bounds[i + 1]]`. Raises as `ids` does.
        """
        return mapped(self.bounds_in_file)

    @property
    def bounds_in_file(self) -> Stored | Bounds:
        """The same where they lie, if they do in a file: what is read is a copy."""
        bounds = self.contents.bounds
        assert bounds is not None
        return bounds

    @cached_property
    def tokens(self) -> int:
        """How many ids there are."""
        return self.entry.tokens if self.entry else len(self.ids)

    @cached_property
    def documents(self) -> int:
        """How many documents there are."""
        return self.entry.documents if self.entry else len(self.bounds) - 1

    def blocks(self, size: int = MANY) -> Iterator[tuple[Ids, Bounds]]:
        """Yield the ids in order, about `size` at a time.

        Yields:
            Some ids; and, for each document that ends with them, how many of them come
            before its end: int64. Of ids in a file, copies.

        Raises:
            DataError: The files are damaged.
            OSError: They cannot be read, or changed while they were.
        """
        size = checks.whole("size", size, 1)
        ids, bounds = self.contents.ids, self.bounds_in_file
        # The ends that were read and come behind the last block, and where the next ones are.
        ends, read = np.empty(0, np.int64), 1
        # A document may be empty, and so may the shard.
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
        """Refuse a file that was cut off since it was opened, or changed while it was read.

        Raises:
            OSError: It was.
        """
        if isinstance(self.contents.ids, Stored):
            self.contents.ids.check()

    def check_bounds(self) -> None:
        """Likewise."""
        if isinstance(self.contents.bounds, Stored):
            self.contents.bounds.check()

    def release(self) -> None:
        """Forget what was opened. It is opened again when it is used."""
        self.__dict__.pop("contents", None)

    @cached_property
    def contents(self) -> Contents:
        """What is in its files. Raises as `ids` does."""
        # Also where a library opens it: what is no file is refused, not waited for.
        with opened(self.path):
            contents = shard_format(self.format).open(self.path)
        if self._state is not None and _state(self.path.with_name(MANIFEST)) != self._state:
            what = "the set was replaced after it was opened"
            raise OSError(errno.EIO, what, str(self.path.parent))
        if contents.bounds is None:
            bounds = _bounds_by_end(contents.ids, self._end_id)
            contents = Contents(contents.ids, bounds)
        entry = self.entry
        if entry is not None:
            assert contents.bounds is not None
            found = (contents.ids.dtype.name, len(contents.ids), len(contents.bounds) - 1)
            said = (self._dtype, entry.tokens, entry.documents)
            for what, one, other in zip(("type", "tokens", "documents"), found, said, strict=True):
                if one != other:
                    raise DataError(f"{self.path}: {what}: {one}, but the manifest says {other}")
        return contents

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (self.path, self.format, self.entry, self._dtype, self._end_id, self._state)
        return Shard, fields

    def __repr__(self) -> str:
        return f"<Shard {self.name}: {self.documents} documents, {self.tokens} tokens>"


@final
class ShardSet:
    """A set of shards: all the ids of a corpus, in order. Made by `open_shards`.

    Picklable: the copy opens the files again.

    Attributes:
        path: Where it is.
        shards: Its shards, in order.
        manifest: What is known about it; `None` for files of other programs.
    """

    def __init__(self, path: Path, shards: list[Shard], manifest: Manifest | None) -> None:
        self.path = path
        self.shards = shards
        self.manifest = manifest

    @cached_property
    def tokens(self) -> int:
        """How many ids there are."""
        return sum(shard.tokens for shard in self.shards)

    @cached_property
    def documents(self) -> int:
        """How many documents there are."""
        return sum(shard.documents for shard in self.shards)

    def __repr__(self) -> str:
        shards = f"{len(self.shards)} shards"
        return f"<ShardSet: {shards}, {self.documents} documents, {self.tokens} tokens>"


def open_shards(
    path: str | os.PathLike[str],
    *,
    dtype: str | None = None,
    end_id: int | None = None,
    check: bool = True,
) -> ShardSet:
    """Open a set of shards.

    Args:
        path: A directory with a manifest; or files of other programs, as a directory of them
            or as a single one: `.npy`, `.npz`, llm.c's `.bin`, Megatron's `.bin` and `.idx`
            (or what their names begin with), datatrove's `.ds`, `.ndjson`, `.arrow`,
            `.parquet`, and files of nothing but ids.
        dtype: The type of ids in files that are nothing but ids (nanoGPT's `.bin`):
            `"uint16"` or `"uint32"`. Such files do not say it.
        end_id: The id that ends each document (and is part of it) in files that do not say
            where documents end. Without, each such file is one document.
        check: Look whether all files of a manifest are there and have the right size.

    Returns:
        The set, of which no ids are read yet. `bpe-tool shards verify` reads them all.

    Raises:
        DataError: This is no set of shards, or not a complete one, or a damaged one.
        ArgumentError: `dtype` is missing, or is of no use.
        OSError: A file is missing or cannot be read.

    >>> import bpe_tool, numpy
    >>> numpy.save("ids.npy", numpy.array([5, 6, 0, 7, 0], numpy.uint16))
    >>> shards = bpe_tool.open_shards("ids.npy", end_id=0)
    >>> shards
    <ShardSet: 1 shards, 2 documents, 5 tokens>
    >>> shards.shards[0].bounds.tolist()
    [0, 3, 5]
    """
    folder = checks.path("path", path)
    refuse_temporary(folder)
    end_id = checks.maybe_whole("end_id", end_id, 0, checks.MAX_ID)
    check = checks.flag("check", check)
    if not (folder / MANIFEST).exists():
        found = foreign_shards(folder, dtype)
        shards = [Shard(path, format, end_id=end_id) for path, format in found]
        return ShardSet(folder, shards, None)
    state = _state(folder / MANIFEST)
    manifest = Manifest.load(folder)
    shards = [
        Shard(folder / name, manifest.shard_format, entry, manifest.dtype, state=state)
        for entry in manifest.shards
        for name in _files(folder, manifest, entry, check=check)[:1]
    ]
    return ShardSet(folder, shards, manifest)


def _state(manifest: Path) -> tuple[int, ...] | None:
    """Return what tells whether a manifest is another one later; `None` if there is none."""
    try:
        status = manifest.stat()
    except FileNotFoundError:
        return None
    return status.st_size, status.st_mtime_ns


def _files(folder: Path, manifest: Manifest, entry: ShardEntry, *, check: bool) -> list[str]:
    """Return the names of a shard's files. If `check`, they are there, of the right size."""
    format = shard_format(manifest.shard_format)
    names = [path.name for path in format.paths(folder, entry.name)]
    if names != [file.name for file in entry.files]:
        listed = ", ".join(file.name for file in entry.files) or "none"
        raise DataError(
            f"{folder / MANIFEST}: the files of {entry.name} are {listed}; "
            f"{manifest.shard_format} has {', '.join(names)}"
        )
    for file in entry.files if check else ():
        try:
            size = (folder / file.name).stat().st_size
        except FileNotFoundError:
            what = "it is missing, and the manifest lists it"
            raise FileNotFoundError(errno.ENOENT, what, str(folder / file.name)) from None
        if size != file.bytes:
            what = f"the manifest says {file.bytes} bytes, the file holds {size}"
            raise DataError(f"{folder / file.name}: {what}")
    return names


def _bounds_by_end(ids: Stored | Ids, end_id: int | None) -> Bounds:
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
