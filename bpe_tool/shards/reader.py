"""Opens sets of shards: those of this package by their manifest, and files of other programs."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import final

from bpe_tool import checks
from bpe_tool.errors import DataError
from bpe_tool.io.temporaries import refuse_temporary
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.rendering.numbers import counted
from bpe_tool.shards.detection import RawType, detect_shards
from bpe_tool.shards.layouts.registry import layout_named
from bpe_tool.shards.manifest import Manifest, ShardEntry
from bpe_tool.shards.manifest_checks import load_manifest
from bpe_tool.shards.shard import Shard, ShardBase, manifest_version


@final
class ShardSet:
    """A set of shards: all the ids of a corpus, in order. Made by `open_shards`.

    Picklable: the copy opens the files again.

    Attributes:
        path: The directory or file.
        shards: Its shards, in order.
        manifest: What is known about it; `None` for files of other programs.
        parts: What datasets read: the shards, or the same ones unmapped.
    """

    def __init__(self, path: Path, shards: list[Shard], manifest: Manifest | None) -> None:
        self.path = path
        self.shards = shards
        self.manifest = manifest
        self.parts: Sequence[ShardBase] = shards

    def unmapped(self) -> ShardSet:
        """Return the same set, for datasets that read its files instead of mapping them."""
        copy = ShardSet(self.path, self.shards, self.manifest)
        copy.parts = [shard.unmapped() for shard in self.shards]
        return copy

    @cached_property
    def tokens(self) -> int:
        """How many ids there are."""
        return sum(shard.tokens for shard in self.shards)

    @cached_property
    def documents(self) -> int:
        """How many documents there are."""
        return sum(shard.documents for shard in self.shards)

    def __repr__(self) -> str:
        held = (counted(len(self.shards), "shard"), counted(self.documents, "document"))
        return f"<ShardSet: {', '.join(held)}, {counted(self.tokens, 'token')}>"


def open_shards(
    path: str | os.PathLike[str],
    *,
    dtype: RawType | None = None,
    end_id: int | None = None,
    check: bool = True,
) -> ShardSet:
    """Open a set of shards.

    Args:
        path: A directory with a manifest; or files of other programs, as a directory of them
            or as a single one: `.npy`, `.npz`, llm.c's `.bin`, Megatron's `.bin` and `.idx`
            (or the name without a suffix), datatrove's `.ds`, `.ndjson`, `.arrow`,
            `.parquet`, and files of nothing but ids.
        dtype: The type of ids in files that are nothing but ids (nanoGPT's `.bin`), which do
            not say it: `"uint16"` or `"uint32"`.
        end_id: The id that ends each document (and is part of it) in files that do not say
            where documents end. Without it, each such file is one document.
        check: Check that all files of a manifest exist and have the right size.

    Returns:
        The set. No ids are read yet; `bpe-tool shards verify` reads and checks them all.

    Raises:
        DataError: There is no set of shards, or it is incomplete or damaged.
        ArgumentError: `dtype` is missing, or is not a type of ids.
        OSError: A file is missing or cannot be read.

    >>> import bpe_tool, numpy
    >>> numpy.save("ids.npy", numpy.array([5, 6, 0, 7, 0], numpy.uint16))
    >>> shards = bpe_tool.open_shards("ids.npy", end_id=0)
    >>> shards
    <ShardSet: 1 shard, 2 documents, 5 tokens>
    >>> shards.shards[0].bounds.tolist()
    [0, 3, 5]
    """
    folder = checks.path("path", path)
    refuse_temporary(folder)
    end_id = checks.maybe_whole("end_id", end_id, 0, checks.MAX_ID)
    check = checks.flag("check", check)
    if not (folder / MANIFEST).exists():
        found = detect_shards(folder, dtype)
        shards = [Shard(path, format, end_id=end_id) for path, format in found]
        return ShardSet(folder, shards, None)
    version = manifest_version(folder)
    manifest = load_manifest(folder)
    shards = [
        Shard(folder / name, manifest.shard_format, entry, manifest.dtype, version=version)
        for entry in manifest.shards
        for name in _files(folder, manifest, entry, check=check)[:1]
    ]
    return ShardSet(folder, shards, manifest)


def _files(folder: Path, manifest: Manifest, entry: ShardEntry, *, check: bool) -> list[str]:
    """Return the names of a shard's files. With `check`, each must have the right size."""
    layout = layout_named(manifest.shard_format)
    names = [path.name for path in layout.paths(folder, entry.name)]
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
        if size != file.size:
            what = f"the manifest says {file.size} bytes, the file holds {size}"
            raise DataError(f"{folder / file.name}: {what}")
    return names
