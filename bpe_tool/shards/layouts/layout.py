"""What a form of shards is: a way to write one shard as a stream, and to open it again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bpe_tool.errors import ArgumentError, Template
from bpe_tool.shards.layouts.mapped import Stored
from bpe_tool.shards.manifest import FileEntry
from bpe_tool.shards.shard_file import ShardFile

if TYPE_CHECKING:
    from bpe_tool.shards.stored_bounds import StoredBounds

#: Ids in the type they are stored in, shape `(count,)`.
Ids: TypeAlias = NDArray[np.integer[Any]]
Bounds: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in one shard.

    Attributes:
        ids: All ids, shape `(tokens,)`: in the file where the format allows it.
        bounds: Where documents begin and end: shape `(documents + 1,)`; document `i` is
            `ids[bounds[i]:bounds[i + 1]]`. `None` if nothing says so.
    """

    ids: Stored | Ids
    bounds: Stored | Bounds | None


class ShardWriter(ABC):
    """Writes one shard, in as many files as its format has.

    Args:
        paths: The files, none of which exists.
        patched: The beginning of the first will be patched.
    """

    def __init__(self, paths: Sequence[Path], *, patched: bool = False) -> None:
        self.files: list[ShardFile] = []
        try:
            for path in paths:
                self.files.append(ShardFile(path, patched=patched and not self.files))
        except BaseException:
            # Not what a subclass adds, which is not there yet.
            ShardWriter.discard(self)
            raise

    def begin(self) -> None:  # noqa: B027 - most files begin with ids
        """Write what stands before the ids."""

    @abstractmethod
    def write(self, ids: Ids, ends: Bounds) -> None:
        """Append ids.

        Args:
            ids: The ids, in the shard's type.
            ends: For each document that ends here, how many of `ids` come before its end.
        """

    @abstractmethod
    def finish(self, bounds: StoredBounds) -> None:
        """Write what can only be written at the end.

        Args:
            bounds: The bounds of all documents of the shard.
        """

    def commit(self) -> tuple[FileEntry, ...]:
        """Bring the files to the disk, and return what a manifest says of them."""
        return tuple(file.commit() for file in self.files)

    def discard(self) -> None:
        """Give up the files that are not complete."""
        for file in self.files:
            file.discard()


class ShardFormat(ABC):
    """A form of shards.

    Attributes:
        name: What the format is called.
        suffixes: What its files have behind the name of a shard. The first file holds the
            ids; its suffix is a single one.
        dtypes: The types that ids can be stored in, narrow ones first.
        max_tokens: How many ids a shard can hold.
        max_document: How many ids a document can have.
    """

    name: ClassVar[str]
    suffixes: ClassVar[tuple[str, ...]]
    dtypes: ClassVar[tuple[str, ...]] = ("<u2", "<u4")
    max_tokens: ClassVar[int] = 2**60
    max_document: ClassVar[int] = 2**60

    def dtype(self, max_id: int) -> np.dtype[Any]:
        """Return the narrowest type of the format that holds the ids up to `max_id`.

        Raises:
            ArgumentError: None does.
        """
        for name in self.dtypes:
            dtype = np.dtype(name)
            if max_id <= np.iinfo(dtype).max:
                return dtype
        limit = np.iinfo(self.dtypes[-1]).max
        raise ArgumentError(
            f"the largest id of this vocabulary is {max_id}; {self.name} ends at {limit}",
            hint=Template("use {format:npy}"),
        )

    def paths(self, folder: Path, shard: str) -> list[Path]:
        """Return the files of a shard."""
        return [folder / f"{shard}{suffix}" for suffix in self.suffixes]

    def beside(self, path: Path, suffix: str) -> Path:
        """Return the file of a shard with another suffix than its first file, `path`."""
        return path.with_name(path.name.removesuffix(path.suffix) + suffix)

    @abstractmethod
    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Begin a shard."""

    @abstractmethod
    def open(self, path: Path) -> Contents:
        """Open a shard.

        Args:
            path: The first of its files, which may have been written by another program.

        Raises:
            DataError: The files are not what they should be; which and where is named.
            OSError: A file cannot be read.
        """
