"""What every layout defines: how to write one shard as a stream, and how to open it again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from bpe_tool.errors import ArgumentError, LimitError, Suggestion
from bpe_tool.shards.files.file_array import Bounds, FileArray, Ids
from bpe_tool.shards.files.shard_file import FileEntry, ShardFile
from bpe_tool.shards.files.spooled_bounds import SpooledBounds


@dataclass(frozen=True, slots=True)
class Contents:
    """The arrays of one shard.

    Attributes:
        ids: All ids, shape `(tokens,)`; in their file where the layout allows it.
        bounds: Where documents begin and end, shape `(documents + 1,)`: document `i` is
            `ids[bounds[i]:bounds[i + 1]]`. `None` if the files do not say.
    """

    ids: FileArray | Ids
    bounds: FileArray | Bounds | None


class Layout(ABC):
    """How the ids of a shard are laid out in files.

    Attributes:
        name: What `--format` and manifests call it.
        suffixes: The suffixes of its files, which follow the name of the shard. The first
            file holds the ids; its suffix has one dot.
        dtypes: The types that ids can have, the narrowest first.
        max_tokens: The most ids in a shard.
        max_document: The most ids in a document.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    dtypes: ClassVar[tuple[str, ...]] = ("<u2", "<u4")
    max_tokens: ClassVar[int] = 2**60
    max_document: ClassVar[int] = 2**60

    @abstractmethod
    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Create the files of a shard and return their writer.

        Args:
            folder: The directory of the files.
            shard: The name of the shard.
            dtype: The type of its ids: one of `dtypes`.

        Raises:
            OSError: A file exists already, or cannot be created.
        """

    @abstractmethod
    def open(self, path: Path) -> Contents:
        """Open a shard.

        Args:
            path: The first of its files, perhaps written by another program.

        Raises:
            DataError: The files are damaged; the message names the file and what is wrong.
            OSError: A file cannot be read.
        """

    def dtype(self, max_id: int) -> np.dtype[Any]:
        """Return the narrowest type that holds the ids up to `max_id`.

        Raises:
            ArgumentError: None does.
        """
        for name in self.dtypes:
            dtype = np.dtype(name)
            if max_id <= np.iinfo(dtype).max:
                return dtype
        limit = np.iinfo(self.dtypes[-1]).max
        raise ArgumentError(
            f"the largest id of this vocabulary is {max_id}; {self.name} holds ids up to {limit}",
            hint=Suggestion("use {format:npy}"),
        )

    def paths(self, folder: Path, shard: str) -> list[Path]:
        """Return the files of a shard."""
        return [folder / f"{shard}{suffix}" for suffix in self.suffixes]

    def side_file(self, path: Path, suffix: str) -> Path:
        """Return the file with another suffix that belongs to the first file, `path`."""
        return path.with_name(path.name.removesuffix(path.suffix) + suffix)


class ShardWriter(ABC):
    """Writes one shard as a stream. Each layout has a subclass.

    The owner calls `begin`, then `append` any number of times, then `complete`; and `discard`
    if anything fails before.

    Args:
        layout: The layout.
        folder: The directory of the files.
        shard: The name of the shard.
        dtype: The type of its ids.
        patched: `_finish` patches the first file.

    Attributes:
        files: The files, in the order of the layout's suffixes.
        bounds: The bounds of all documents that have ended.
        tokens: How many ids were appended.
    """

    def __init__(
        self,
        layout: Layout,
        folder: Path,
        shard: str,
        dtype: np.dtype[Any],
        *,
        patched: bool = False,
    ) -> None:
        self._layout = layout
        self._dtype = dtype
        self.tokens = 0
        self.files: list[ShardFile] = []
        self.bounds = SpooledBounds(folder)
        try:
            for path in layout.paths(folder, shard):
                self.files.append(ShardFile(path, patched=patched and not self.files))
        except BaseException:
            # A subclass's `discard` needs attributes that are not set yet.
            ShardWriter.discard(self)
            raise

    def begin(self) -> None:  # noqa: B027 - many layouts begin with ids
        """Write what precedes the ids."""

    def append(self, ids: Ids, ends: Bounds) -> None:
        """Append ids.

        Args:
            ids: The ids, in the shard's type, shape `(count,)`.
            ends: For each document that ends in this call, how many of `ids` precede its end.

        Raises:
            LimitError: The shard, or a document, has more ids than the layout allows.
            OSError: The disk is full or fails.
        """
        self.bounds.append(ends + self.tokens)
        self.tokens += len(ids)
        layout = self._layout
        if self.bounds.longest > layout.max_document:
            raise LimitError(
                f"a document has {self.bounds.longest} ids; in the format {layout.name} it can "
                f"have {layout.max_document}"
            )
        if self.tokens > layout.max_tokens:
            raise LimitError(
                f"a shard of format {layout.name} holds {layout.max_tokens} ids at most, and its "
                "last document goes beyond that"
            )
        self._write(ids, ends)

    def complete(self) -> tuple[FileEntry, ...]:
        """Write the rest, flush all files to disk and close them.

        Returns:
            The manifest entries of the files.

        Raises:
            OSError: The disk is full or fails.
        """
        try:
            self._finish()
            return tuple(file.commit() for file in self.files)
        finally:
            self.discard()

    def discard(self) -> None:
        """Close the files without completing them. Harmless after `complete`."""
        self.bounds.close()
        for file in self.files:
            file.discard()

    @abstractmethod
    def _write(self, ids: Ids, ends: Bounds) -> None:
        """Write ids; see `append`."""

    @abstractmethod
    def _finish(self) -> None:
        """Write what can only be written at the end, such as counts and `bounds`."""
