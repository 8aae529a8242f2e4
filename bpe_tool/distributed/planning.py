"""Divides an input into work units. Each begins and ends where a document does.

The plan depends on the names and sizes of the files and on where their records end. Whatever the
plan, the result is the same: units only say what is done at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bpe_tool.distributed.units import Piece, WorkUnit
from bpe_tool.errors import ArgumentError
from bpe_tool.io import content
from bpe_tool.io.documents import Unit
from bpe_tool.io.file_state import naming
from bpe_tool.io.forms import compression_of
from bpe_tool.io.sources import Source
from bpe_tool.io.tables import RecordSource
from bpe_tool.runtime import system

#: About how many bytes of input a unit has. Finishing one costs some renames and syncs, and losing
#: a worker, at most this much work.
UNIT_BYTES = 256 << 20

#: How many bytes are read at a time to find the end of a record.
WINDOW = 1 << 16


def plan(sources: Sequence[Source], unit: Unit, unit_bytes: int = UNIT_BYTES) -> list[WorkUnit]:
    """Divide inputs into work units.

    Large files are divided between records; small ones share a unit. A record that is larger than
    a unit is one of its own, and so is a compressed file, a table, or text in UTF-16.

    Args:
        sources: The inputs, in order.
        unit: What a document is.
        unit_bytes: About how many bytes a unit has.

    Raises:
        ArgumentError: An input is a pipe, which can be read only once and only here, or in an
            archive.
        DataError: An input is not text.
        OSError: A file cannot be read.
    """
    units: list[WorkUnit] = []
    waiting: list[Piece] = []
    size = 0
    for piece in _pieces(sources, unit, unit_bytes):
        own = piece.stop - piece.start
        if waiting and size + own > unit_bytes:
            units.append(WorkUnit(len(units), tuple(waiting)))
            waiting, size = [], 0
        waiting.append(piece)
        size += own
    if waiting:
        # An empty file holds no record, but it is an input: the record before it is not the last.
        last = bool(sources) and sources[-1].path is not None and sources[-1].size != 0
        units.append(WorkUnit(len(units), tuple(waiting), last))
    return units


def record_start(file: int, size: int, terminator: bytes, at: int) -> int:
    """Return where the first record begins that does not begin before a position.

    Args:
        file: The descriptor of a file of records.
        size: Its size.
        terminator: What ends records.
        at: The position.

    Returns:
        The position of the record, or `size` if there is none.
    """
    length = len(terminator)
    if at <= 0:
        return 0
    if _overlaps(terminator):
        # Terminators are searched from the left: in `\n\n\n`, the first two are one. Begin where
        # no occurrence goes on, so that the search from the beginning begins anew there, too.
        at = _between(file, size, terminator, at - length)
    else:
        at -= length
    found = _find(file, size, terminator, max(at, 0))
    return size if found < 0 else found + length


def _pieces(sources: Sequence[Source], unit: Unit, unit_bytes: int) -> Iterator[Piece]:
    for source in sources:
        if source.path is None or source.size is None:
            raise ArgumentError(
                f"{source.name} is not a file, and other machines cannot read it",
                hint="write it to a file that all machines see",
            )
        if source.member is not None:
            raise ArgumentError(
                f"{source.name} is in an archive, which is not read on a cluster",
                hint="unpack the archive",
            )
        path = Path(os.path.abspath(source.path))  # noqa: PTH100 - keeps links
        terminator = unit.of(source).record_terminator
        with naming(source.name):
            file = os.open(path, system.READ)
        try:
            status = os.fstat(file)
            size = status.st_size
            if size <= unit_bytes or not _is_divisible(source, file):
                terminator = None
            start = 0
            while start < size:
                stop = size
                if terminator is not None:
                    with naming(source.name):
                        stop = record_start(file, size, terminator, start + unit_bytes)
                yield Piece(replace(source, path=path), start, stop, size, status.st_mtime_ns)
                start = stop
        finally:
            os.close(file)


def _is_divisible(source: Source, file: int) -> bool:
    """Return whether records end in the bytes of a file, whatever is before them.

    Raises:
        DataError: It is not text.
    """
    if compression_of(source.name) is not None:
        return False
    if isinstance(source, RecordSource) and source.format != "ndjson":
        return False
    # Only its first bytes tell what a file is.
    next(source.blocks(None, WINDOW), b"")
    return content.encoding_of(system.read_at(file, WINDOW, 0)) is None


def _overlaps(terminator: bytes) -> bool:
    """Return whether two occurrences of a terminator can overlap."""
    return any(terminator.endswith(terminator[:some]) for some in range(1, len(terminator)))


def _between(file: int, size: int, terminator: bytes, at: int) -> int:
    """Return the first position from `at` on that is not within any occurrence."""
    length = len(terminator)
    at = max(at, 0)
    start, data = 0, b""
    while at < size:
        first, end = max(0, at - length + 1), min(size, at + length - 1)
        if first < start or end > start + len(data):
            start, data = first, system.read_at(file, WINDOW + 2 * length, first)
        found = data.rfind(terminator, first - start, end - start)
        if found < 0:
            break
        at = start + found + length
    return at


def _find(file: int, size: int, terminator: bytes, at: int) -> int:
    """Return the position of the first occurrence from `at` on; -1 if there is none."""
    kept = b""
    while at < size:
        data = system.read_at(file, WINDOW, at)
        if not data:
            break
        found = (kept + data).find(terminator)
        if found >= 0:
            return at - len(kept) + found
        at += len(data)
        kept = (kept + data)[-len(terminator) + 1 :] if len(terminator) > 1 else b""
    return -1
