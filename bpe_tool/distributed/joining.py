"""Makes one set of shards of those of all units.

When the ids of all units are there, it is known where the shards of the whole set begin and end.
Each is then a unit of its own, so that many workers write them; and it has the same bytes as if
one process had seen all documents in order.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bpe_tool.io.unfinished import SHARD
from bpe_tool.shards.files.file_array import MANY, Bounds, Ids
from bpe_tool.shards.files.shard_file import FileEntry
from bpe_tool.shards.layouts.registry import layout_named
from bpe_tool.shards.manifest import Manifest, Provenance, ShardEntry
from bpe_tool.shards.reader import open_shards
from bpe_tool.shards.staging import Staging
from bpe_tool.shards.writer import shard_limit

#: How many ends of documents are read at once.
MANY_ENDS = 1 << 16


@dataclass(frozen=True, slots=True)
class Part:
    """Some documents of a unit.

    Attributes:
        folder: The set that holds the ids of the unit.
        first: The number of the first document.
        stop: The number of the one after the last.
    """

    folder: str
    first: int
    stop: int


@dataclass(frozen=True, slots=True)
class ShardUnit:
    """A shard of the whole set.

    Attributes:
        number: Its number.
        parts: Its documents.
        tokens: How many ids it has.
    """

    number: int
    parts: tuple[Part, ...]
    tokens: int

    @property
    def key(self) -> str:
        """Its name in the work directory."""
        # The folders name what was read, so equal keys mean equal shards.
        parts = [[part.folder, part.first, part.stop] for part in self.parts]
        return hashlib.sha256(json.dumps([self.number, parts]).encode()).hexdigest()[:32]

    @property
    def states(self) -> list[list[int]]:
        """Nothing: its inputs never change."""
        return []

    @property
    def size(self) -> int:
        """How many bytes of ids it has, about."""
        return 4 * self.tokens

    def __str__(self) -> str:
        """Return what messages call it."""
        return f"{SHARD}{self.number:06d}"


def cut(folders: Sequence[Path], format: str, shard_tokens: int | None) -> list[ShardUnit]:
    """Return the shards of the set that has the documents of others, in order.

    Args:
        folders: The other sets, each of one shard or none.
        format: The name of the format.
        shard_tokens: See `ShardSetWriter`.

    Raises:
        ArgumentError: The format cannot hold such shards.
        DataError: A set is damaged.
    """
    limit = shard_limit(layout_named(format), shard_tokens)
    shards: list[ShardUnit] = []
    parts: list[Part] = []
    tokens = 0
    for folder in folders:
        for shard in open_shards(folder).shards:
            bounds = shard.unmapped().bounds
            first = 0
            while first < shard.documents:
                # The first document that brings the shard to the limit is its last.
                begin = _at(bounds, first)
                stop = _search(bounds, begin + limit - tokens, first + 1, shard.documents)
                full = stop <= shard.documents
                stop = min(stop, shard.documents)
                parts.append(Part(str(folder), first, stop))
                tokens += _at(bounds, stop) - begin
                if full:
                    shards.append(ShardUnit(len(shards), tuple(parts), tokens))
                    parts, tokens = [], 0
                first = stop
    if parts:
        shards.append(ShardUnit(len(shards), tuple(parts), tokens))
    return shards


@dataclass(frozen=True)
class WriteShards:
    """Writes a shard.

    Attributes:
        format: The name of the format.
        max_id: No id is larger.
    """

    format: str
    max_id: int

    def __call__(self, unit: ShardUnit, folder: Path) -> tuple[str, dict[str, Any]]:
        """Write a shard; see `work_folder.Work`."""
        layout = layout_named(self.format)
        dtype = layout.dtype(self.max_id)
        shard = layout.writer(folder, str(unit), dtype)
        try:
            shard.begin()
            for part in unit.parts:
                for ids, ends in _blocks(part):
                    shard.append(np.ascontiguousarray(ids, dtype), ends)
            files = shard.complete()
        except BaseException:
            shard.discard()
            raise
        entry = ShardEntry(str(unit), len(shard.bounds) - 1, shard.tokens, files)
        return self.digest(unit), entry.record()

    def digest(self, unit: ShardUnit) -> str:
        """Return a digest that stands for the input: the key does already."""
        return unit.key


def publish(
    folders: Sequence[Path],
    entries: Sequence[dict[str, Any]],
    output: Path,
    format: str,
    provenance: Provenance,
    *,
    force: bool,
) -> Manifest:
    """Move shards to where the set is to be, and write its manifest.

    Args:
        folders: The directories that hold the shards.
        entries: What manifests say about them.
        output: The directory of the set.
        format: The name of the format.
        provenance: What the ids are.
        force: Replace a set that is already there.

    Raises:
        ArgumentError: There is a set already.
        OSError: The directory cannot be written to.
    """
    shards = []
    staging = Staging(output, force=force)
    try:
        for folder, entry in zip(folders, entries, strict=True):
            files = tuple(
                FileEntry(each["name"], each["bytes"], each["sha256"]) for each in entry["files"]
            )
            for file in files:
                (folder / file.name).rename(staging.path / file.name)
            shards.append(ShardEntry(entry["name"], entry["documents"], entry["tokens"], files))
        dtype = layout_named(format).dtype(provenance.max_id).name
        manifest = Manifest(format, dtype, provenance, tuple(shards))
        staging.commit(manifest)
    finally:
        staging.close()
    return manifest


def _blocks(part: Part) -> Iterator[tuple[Ids, Bounds]]:
    """Yield the documents of a part, about `MANY` ids at a time; see `ShardBase.blocks`."""
    (shard,) = open_shards(part.folder).shards
    unmapped = shard.unmapped()
    ids, bounds = unmapped.ids, unmapped.bounds
    number = part.first
    at = _at(bounds, number)
    while number < part.stop:
        # Ends that are not more than a block, and at least one.
        some = bounds[number + 1 : min(part.stop, number + MANY_ENDS) + 1]
        many = max(1, int(np.searchsorted(some, at + MANY, "right")))
        begin, stop = at, int(some[many - 1])
        while stop - begin > 2 * MANY:
            # A long document.
            yield ids[begin : begin + MANY], np.empty(0, np.int64)
            begin += MANY
        yield ids[begin:stop], some[:many] - begin
        number, at = number + many, stop
    unmapped.check_ids()
    unmapped.check_bounds()


def _at(bounds: Any, index: int) -> int:  # noqa: ANN401
    return int(bounds[index : index + 1][0])


def _search(bounds: Any, least: int, first: int, last: int) -> int:  # noqa: ANN401
    """Return the first index from `first` to `last` with a bound of at least `least`.

    Without one, return `last + 1`. Only some bounds are read.
    """
    low, high = first, last + 1
    while low < high:
        middle = (low + high) // 2
        if _at(bounds, middle) < least:
            low = middle + 1
        else:
            high = middle
    return low
