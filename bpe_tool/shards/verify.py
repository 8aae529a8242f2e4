"""Verifies a set of shards: every byte against the manifest, every id, every bound."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bpe_tool.checks import MAX_ID
from bpe_tool.errors import DataError
from bpe_tool.io.small_files import opened
from bpe_tool.shards.files.file_array import MANY, Bounds, FileArray
from bpe_tool.shards.files.shard_file import FileEntry
from bpe_tool.shards.reader import ShardSet
from bpe_tool.shards.shard import UnmappedShard


def problems(shards: ShardSet) -> Iterator[str]:
    """Yield what is wrong with a set, as messages that begin with the file.

    With a manifest, sizes, SHA-256s and the numbers of ids and documents are compared with it.
    Bounds must not decrease, and ids must be in range.

    Args:
        shards: The set, opened without `check`: a missing file is then a finding.

    Raises:
        OSError: A file cannot be read.
    """
    max_id = shards.manifest.provenance.max_id if shards.manifest else MAX_ID
    for mapped in shards.shards:
        shard = mapped.unmapped()
        intact = True
        for file in shard.entry.files if shard.entry else ():
            for problem in _file_problems(shards.path, file):
                intact = False
                yield problem
        # A look into a file that differs from the one that was written would say nothing.
        if intact:
            yield from _content_problems(shard, max_id)


def _file_problems(folder: Path, file: FileEntry) -> Iterator[str]:
    path = folder / file.name
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        yield f"{path}: it is missing"
        return
    if size != file.size:
        yield f"{path}: {size} bytes, but the manifest says {file.size}"
        return
    with opened(path) as data:
        sha256 = hashlib.file_digest(data, "sha256").hexdigest()
    if sha256 != file.sha256:
        yield f"{path}: its SHA-256 is {sha256}, but the manifest says {file.sha256}"


def _content_problems(shard: UnmappedShard, max_id: int) -> Iterator[str]:
    try:
        ids, bounds = shard.ids, shard.bounds
    except DataError as error:
        yield str(error)
        return
    for start in range(0, len(ids), MANY):
        some = ids[start : start + MANY]
        wrong = np.flatnonzero((some < 0) | (some > max_id))
        if len(wrong):
            position = start + int(wrong[0])
            yield (
                f"{shard.path}: id {some[wrong[0]]} at position {position} is not from 0 to "
                f"{max_id}"
            )
            break
    decreasing = _first_decrease(bounds)
    if decreasing is not None:
        yield f"{shard.path}: document {decreasing} ends before it begins"


def _first_decrease(bounds: FileArray | Bounds) -> int | None:
    """Return the first document whose end is before its start, if there is one."""
    for start in range(0, len(bounds), MANY):
        decreases = np.flatnonzero(np.diff(bounds[start : start + MANY + 1]) < 0)
        if len(decreases):
            return start + int(decreases[0])
    return None
