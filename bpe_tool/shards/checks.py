"""Checks a set of shards, byte by byte and id by id."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bpe_tool.checks import MAX_ID
from bpe_tool.errors import DataError
from bpe_tool.io.small_files import opened
from bpe_tool.shards.layouts.flat import MANY
from bpe_tool.shards.layouts.layout import Bounds
from bpe_tool.shards.layouts.mapped import Stored
from bpe_tool.shards.manifest import FileEntry
from bpe_tool.shards.reader import Shard, ShardSet


def problems(shards: ShardSet) -> Iterator[str]:
    """Yield what is wrong with a set: which file, and what about it.

    Sizes, SHA-256, and numbers of tokens and documents are compared with the manifest, if
    there is one; bounds must not go back, and ids must be in range.

    Args:
        shards: The set, opened without `check`: what opening would refuse is told here.

    Raises:
        OSError: A file cannot be read. One that is missing is told, not raised.
    """
    max_id = shards.manifest.provenance.max_id if shards.manifest else MAX_ID
    for shard in shards.shards:
        sound = True
        for file in shard.entry.files if shard.entry else ():
            for problem in _file_problems(shards.path, file):
                sound = False
                yield problem
        # What is in a file that is not the one that was written says nothing.
        if sound:
            yield from _content_problems(shard, max_id)
        shard.release()


def _file_problems(folder: Path, file: FileEntry) -> Iterator[str]:
    path = folder / file.name
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        yield f"{path}: it is missing"
        return
    if size != file.bytes:
        yield f"{path}: {size} bytes, but the manifest says {file.bytes}"
        return
    with opened(path) as data:
        sha256 = hashlib.file_digest(data, "sha256").hexdigest()
    if sha256 != file.sha256:
        yield f"{path}: its SHA-256 is {sha256}, but the manifest says {file.sha256}"


def _content_problems(shard: Shard, max_id: int) -> Iterator[str]:
    try:
        ids, bounds = shard.contents.ids, shard.bounds_in_file
    except DataError as error:
        yield str(error)
        return
    for start in range(0, len(ids), MANY):
        some = ids[start : start + MANY]
        wrong = np.flatnonzero((some < 0) | (some > max_id))
        if len(wrong):
            place = start + int(wrong[0])
            yield f"{shard.path}: id {some[wrong[0]]} at position {place} is not from 0 to {max_id}"
            break
    back = first_step_back(bounds)
    if back is not None:
        yield f"{shard.path}: document {back} ends before it begins"


def first_step_back(bounds: Stored | Bounds) -> int | None:
    """Return the first document whose end is before its start, if there is one."""
    for start in range(0, len(bounds), MANY):
        back = np.flatnonzero(np.diff(bounds[start : start + MANY + 1]) < 0)
        if len(back):
            return start + int(back[0])
    return None
