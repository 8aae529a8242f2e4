"""The records that reports read, each as a whole."""

from __future__ import annotations

from collections.abc import Iterator

from bpe_tool.io.documents import Unit, documents, whole_records
from bpe_tool.io.sources import OnRead, Source


def records(source: Source, unit: Unit, on_read: OnRead | None = None) -> Iterator[bytes]:
    """Yield the records of a source, without their terminators.

    Raises:
        DataError: A record is not valid; see also `Source.blocks`.
        OSError: See `Source.blocks`.
    """
    for batch in batches(source, unit, on_read):
        yield from batch


def batches(source: Source, unit: Unit, on_read: OnRead | None = None) -> Iterator[list[bytes]]:
    """Yield the records of a source in batches; see `records`."""
    unit = unit.of(source)
    blocks = (block.text for block in documents(source, unit, on_read=on_read))
    if unit.terminator is None:
        whole = b"".join(blocks)
        if whole:
            yield [whole]
        return
    for block in whole_records(blocks, unit.terminator):
        found = block.split(unit.terminator)
        if not found[-1]:
            found.pop()
        yield found
