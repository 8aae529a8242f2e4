"""Counts documents into a count file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from bpe_tool import _core, checks
from bpe_tool.counts.description import Description, Input, Totals
from bpe_tool.counts.stored import MemoryFile, StoredCounts, save
from bpe_tool.errors import ArgumentError
from bpe_tool.io.documents import OnSkip, Unit
from bpe_tool.io.file_state import naming
from bpe_tool.io.sources import BLOCK_BYTES, Source
from bpe_tool.streams.count_pretokens import CountOptions, count_sources, new_counter
from bpe_tool.streams.spill import Spill, equal, reading

if TYPE_CHECKING:
    from bpe_tool.streams.preprocess import StreamPreprocessor
    from bpe_tool.streams.train import Recorded

#: Called with `"read"`, the number of bytes read so far, and the total, if it is known.
OnRead: TypeAlias = Callable[[Literal["read"], int, int | None], object]


@dataclass(frozen=True)
class Counted:
    """Counts that are not in a file yet.

    Attributes:
        counter: The counts.
        skipped: How many of the documents counted are none.
        inputs: What was read.
    """

    counter: _core.PretokenCounter
    skipped: int
    inputs: tuple[Input, ...]


class _Reading:
    """Digests an input while it is read.

    Attributes:
        source: What to read.
    """

    def __init__(self, source: Source) -> None:
        self.source = replace(source, watch=self._watch)
        self._digest = hashlib.sha256()
        self._bytes = 0

    def input(self) -> Input:
        """Return what was read."""
        path = self.source.path
        if self._bytes == 0 and self.source.size and path is not None:
            # A table, of which only some columns were read, by another library.
            with naming(self.source.name), path.open("rb", buffering=0) as file:
                for block in iter(partial(file.read, BLOCK_BYTES), b""):
                    self._watch(block)
        return Input(self.source.name, self._bytes, self._digest.hexdigest())

    def _watch(self, block: bytes) -> None:
        self._digest.update(block)
        self._bytes += len(block)


def count(
    sources: Sequence[Source],
    unit: Unit,
    options: CountOptions,
    *,
    preprocessing: StreamPreprocessor | None = None,
    threads: int = 0,
    max_pretoken_bytes: int = checks.MAX_PRETOKEN_BYTES,
    on_progress: OnRead | None = None,
    on_skip: OnSkip | None = None,
    spill: Spill | None = None,
) -> Counted:
    """Count the pretokens of the documents of sources; see `bpe_tool.streams.train.train`.

    Raises:
        ArgumentError: A source is named twice.
    """
    names: set[str] = set()
    for source in sources:
        if source.name in names:
            raise ArgumentError(f"{source.name} is named twice", hint="name it once")
        names.add(source.name)
    readings = [_Reading(source) for source in sources]
    counter, skipped = count_sources(
        [reading.source for reading in readings],
        unit,
        options,
        preprocessing=preprocessing,
        threads=threads,
        max_pretoken_bytes=max_pretoken_bytes,
        on_progress=on_progress,
        on_skip=on_skip,
        after_block=None if spill is None else spill.check,
    )
    inputs = (reading.input() for reading in readings)
    return Counted(counter, skipped, tuple(inputs))


def from_table(source: Source, format: str, options: CountOptions) -> Counted:
    """Count the records of a table; see `bpe_tool.counts.tables`.

    Raises:
        DataError: A row is not valid.
        ArgumentError: A Parquet file cannot be read without pyarrow.
    """
    from bpe_tool.counts import tables

    reading = _Reading(source)
    counter = new_counter(options, None, 1)
    if format == "parquet" and source.path is not None:
        batches = tables.parquet_records(source.path)
    else:
        batches = tables.tsv_records(reading.source)
    for records in batches:
        counter.add(records)
    return Counted(counter, 0, (reading.input(),))


def kept(
    counts: _core.PretokenCounts,
    skipped: int,
    options: CountOptions,
    pipeline: Recorded | None,
    inputs: Iterable[Input] = (),
) -> StoredCounts:
    """Return counts in memory, in blocks."""
    description = Description.of(options, pipeline, inputs, Path())
    blocks: list[bytes] = []
    totals = Totals.of(counts.documents - skipped, counts.write_blocks(blocks.append))
    return StoredCounts(MemoryFile(tuple(blocks)), description, totals)


def write(
    counted: Counted,
    options: CountOptions,
    output: str | Path,
    preprocessing: StreamPreprocessor | None = None,
    spill: Spill | None = None,
) -> Totals:
    """Write counts to a file, atomically."""
    pipeline = None if preprocessing is None else preprocessing.preprocessor.pipeline
    description = Description.of(options, pipeline, counted.inputs, Path(output).parent)

    def blocks(write: Callable[[bytes], None]) -> Totals:
        if spill is None:
            counts = counted.counter.finish()
            documents, numbers = counts.documents, counts.write_blocks(write)
        else:
            runs = spill.finish(counted.counter)
            documents = spill.documents
            numbers = _core.merge_counts(equal(runs), reading(runs), write)
        return Totals.of(documents - counted.skipped, numbers)

    return save(output, description, blocks)
