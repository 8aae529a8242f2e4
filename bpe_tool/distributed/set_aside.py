"""Sets documents aside that cannot be processed, and goes on with the others.

Most documents can be, so all records of a block are tried at once, and halves of it only where
that fails.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from bpe_tool.distributed.units import Piece, WorkUnit
from bpe_tool.errors import BpeToolError
from bpe_tool.io.documents import Unit, json_lines, whole_records
from bpe_tool.io.sources import OnRead, OnWait, Source
from bpe_tool.io.tables import RecordSource, Wanted

Result = TypeVar("Result")

#: About how many bytes are tried at once.
BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Held(Source):
    """Records in memory, as an input."""

    data: bytes = b""

    def blocks(
        self,
        on_read: OnRead | None = None,
        block_bytes: int | None = None,
        on_wait: OnWait | None = None,
    ) -> Iterator[bytes]:
        """Yield the records."""
        if self.data:
            yield self.data


@dataclass(frozen=True)
class HeldRecords(RecordSource):
    """The same with records of named fields, as JSON lines."""

    data: bytes = b""

    def blocks(
        self,
        on_read: OnRead | None = None,
        block_bytes: int | None = None,
        on_wait: OnWait | None = None,
    ) -> Iterator[bytes]:
        """Yield the records."""
        if self.data:
            yield self.data


def held(like: Source, name: str, data: bytes) -> Source:
    """Return records in memory as an input of the same kind as another."""
    if isinstance(like, RecordSource):
        return HeldRecords(name, None, len(data), data=data)
    return Held(name, None, len(data), data=data)


@dataclass(frozen=True)
class Poison:
    """A document that cannot be processed.

    Attributes:
        file: What messages call its file.
        start: Where it begins, in bytes: of what is in the file, if that is compressed, and of JSON
            lines, if it is a table.
        size: How many bytes it has, with what ends it.
        error: Why.
    """

    file: str
    start: int
    size: int
    error: str

    def record(self) -> dict[str, object]:
        """Return the JSON object that stands for it."""
        return {"file": self.file, "start": self.start, "bytes": self.size, "error": self.error}


@dataclass(frozen=True)
class Sound(Generic[Result]):
    """What was made of some records."""

    result: Result


def tried(
    unit: WorkUnit,
    documents: Unit,
    others: Collection[str] | None,
    attempt: Callable[[Source], Result],
) -> Iterator[Sound[Result] | Poison]:
    """Try all records of a unit, in order.

    Args:
        unit: The unit.
        documents: What a document is.
        others: Which fields of records are needed beside their texts; `None` for all.
        attempt: What to do with some records.

    Yields:
        What was made of some records, or a document for which `attempt` raises an error.

    Raises:
        OSError: An input cannot be read.
    """
    for piece in unit.pieces:
        source = piece.opened()
        own = documents.of(source)
        if own.field is not None:
            blocks, _ = json_lines(source, Wanted(own.field, others), BLOCK_BYTES)
        else:
            blocks = source.blocks(None, BLOCK_BYTES)
        start = piece.start
        for data in _blocks(blocks, own.record_terminator):
            yield from _tried(piece, start, data, own.record_terminator, attempt)
            start += len(data)


def _blocks(blocks: Iterator[bytes], terminator: bytes | None) -> Iterator[bytes]:
    if terminator is not None:
        yield from whole_records(blocks, terminator)
    elif data := b"".join(blocks):
        yield data


def _tried(
    piece: Piece,
    start: int,
    data: bytes,
    terminator: bytes | None,
    attempt: Callable[[Source], Result],
) -> Iterator[Sound[Result] | Poison]:
    name = f"{piece.name} from byte {start}" if start else piece.name
    try:
        yield Sound(attempt(held(piece.source, name, data)))
        return
    except BpeToolError as error:
        half = _half(data, terminator)
        if half == len(data):
            yield Poison(piece.name, start, len(data), str(error))
            return
    yield from _tried(piece, start, data[:half], terminator, attempt)
    yield from _tried(piece, start + half, data[half:], terminator, attempt)


def _half(data: bytes, terminator: bytes | None) -> int:
    """Return where the first half of the records ends; the size if there is one record."""
    if terminator is None:
        return len(data)
    records = data.split(terminator)
    if not records[-1]:
        records.pop()
    half = len(records) // 2
    if not half:
        return len(data)
    return sum(map(len, records[:half])) + half * len(terminator)
