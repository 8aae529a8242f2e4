"""Work units: what a worker does at once. Each is some whole records of some files."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bpe_tool.distributed.work_folder import NotShared
from bpe_tool.io.file_state import changed_error, naming
from bpe_tool.io.sources import BLOCK_BYTES, OnRead, OnWait, Source
from bpe_tool.io.tables import RecordSource
from bpe_tool.runtime import system

#: How many bytes are read at a time for a digest.
DIGEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Piece:
    """Some whole records of a file.

    Attributes:
        source: The file, with an absolute path.
        start: The byte at which the first record begins.
        stop: The byte after the last record.
        size: The size of the file when the work was planned.
        mtime_ns: When it had been changed last.
    """

    source: Source
    start: int
    stop: int
    size: int
    mtime_ns: int

    @property
    def path(self) -> str:
        """The path of the file."""
        return str(self.source.path)

    @property
    def name(self) -> str:
        """What messages call the file."""
        return self.source.name

    @property
    def is_whole(self) -> bool:
        """Whether it is all of the file."""
        return (self.start, self.stop) == (0, self.size)

    def opened(self) -> Source:
        """Return what reads it.

        Raises:
            NotShared: This machine does not see the file.
            OSError: It is not the file for which the work was planned.
        """
        self.check()
        if self.is_whole:
            return self.source
        # Numbers of records count from here, so messages must say where that is.
        name = f"{self.name} from byte {self.start}" if self.start else self.name
        path, size = self.source.path, self.stop - self.start
        if isinstance(self.source, RecordSource):
            return RecordRange(name, path, size, format=self.source.format, start=self.start)
        return Range(name, path, size, start=self.start)

    def check(self) -> None:
        """Refuse a file that is not there, or has changed. Raises as `opened` does."""
        try:
            status = os.stat(self.path)  # noqa: PTH116
        except FileNotFoundError:
            raise NotShared(self.path) from None
        if (status.st_size, status.st_mtime_ns) != self.state:
            raise changed_error(self.name)

    @property
    def state(self) -> tuple[int, int]:
        """What tells a version of the file from a later one, on all machines."""
        return self.size, self.mtime_ns


@dataclass(frozen=True, slots=True)
class WorkUnit:
    """What is done at once.

    Attributes:
        number: Its place in the order of all units.
        pieces: The records, in order.
        last: Whether the last record of the whole input is in it.
    """

    number: int
    pieces: tuple[Piece, ...]
    last: bool = False

    @property
    def size(self) -> int:
        """How many bytes it reads."""
        return sum(piece.stop - piece.start for piece in self.pieces)

    @property
    def states(self) -> list[list[int]]:
        """The states of its files, as a mark holds them."""
        return [list(piece.state) for piece in self.pieces]

    @property
    def key(self) -> str:
        """Its name in the work directory: the same in every run that plans such a unit."""
        ranges = [
            [piece.path, piece.start, piece.stop, type(piece.source).__name__,
             getattr(piece.source, "refused", ""), getattr(piece.source, "format", "")]
            for piece in self.pieces
        ]  # fmt: skip
        # A path may hold bytes that are not UTF-8.
        named = os.fsencode(json.dumps([ranges, self.last], ensure_ascii=False))
        return hashlib.sha256(named).hexdigest()[:32]

    def __str__(self) -> str:
        """Return what messages call it."""
        first, *others = self.pieces
        if others:
            return f"{first.name} and {len(others)} more"
        if first.is_whole:
            return first.name
        return f"{first.name}, bytes {first.start} to {first.stop}"


@dataclass(frozen=True)
class Range(Source):
    """Reads part of a file as an input.

    Attributes:
        start: The byte at which it begins. It has `size` bytes.
    """

    start: int = 0

    def blocks(
        self,
        on_read: OnRead | None = None,
        block_bytes: int | None = None,
        on_wait: OnWait | None = None,
    ) -> Iterator[bytes]:
        """Yield the bytes in blocks."""
        return _bytes(self, self.start, on_read, block_bytes)


@dataclass(frozen=True)
class RecordRange(RecordSource):
    """Reads some JSON lines of a file as an input; see `Range`."""

    start: int = 0

    def blocks(
        self,
        on_read: OnRead | None = None,
        block_bytes: int | None = None,
        on_wait: OnWait | None = None,
    ) -> Iterator[bytes]:
        """Yield the bytes in blocks."""
        return _bytes(self, self.start, on_read, block_bytes)


def content_digest(unit: WorkUnit) -> str:
    """Read a unit; return the SHA-256 of its bytes, as they are in the files.

    Raises:
        NotShared: This machine does not see a file.
        OSError: A file cannot be read, or is not the one for which the work was planned.
    """
    digest = hashlib.sha256()
    for piece in unit.pieces:
        piece.check()
        part = Range(piece.name, Path(piece.path), piece.stop - piece.start, start=piece.start)
        for block in part.blocks(None, DIGEST_BYTES):
            digest.update(block)
        piece.check()
    return digest.hexdigest()


def _bytes(
    source: Source, start: int, on_read: OnRead | None, block_bytes: int | None
) -> Iterator[bytes]:
    """Yield the bytes of a file from `start` on, as many as the size of a source."""
    assert source.path is not None
    with naming(source.name):
        file = os.open(source.path, system.READ)
    try:
        at, stop = start, start + (source.size or 0)
        while at < stop:
            with naming(source.name):
                block = system.read_at(file, min(block_bytes or BLOCK_BYTES, stop - at), at)
            if not block:
                raise changed_error(source.name)
            at += len(block)
            if on_read is not None:
                on_read(len(block))
            yield block
    finally:
        os.close(file)
