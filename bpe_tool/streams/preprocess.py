"""Preprocesses streams of records, in one process or several.

Batches hold whole records only: one that is larger than a batch is a batch of its own. Record n
of the input is record n of the output, even if it is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from bpe_tool.io.documents import NDJSON_TERMINATOR, OnSkip, TextBlock, Unit, whole_records
from bpe_tool.io.id_writers import Output
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.streams.preparation import Batch, Preparation, Prepared, terminated
from bpe_tool.streams.workers import in_order

#: About how many bytes of input are in a batch.
BATCH_BYTES = 1024 * 1024

#: Called with the result of each batch.
OnPrepared: TypeAlias = Callable[[Prepared], object]


@dataclass(frozen=True, kw_only=True)
class Preprocessing:
    """How streams of records are preprocessed, and who is told about it.

    Attributes:
        preparation: What happens to each record.
        workers: How many processes do it. The result does not depend on it.
        on_read: See `Source.blocks`. It may be called from another thread.
        on_skip: Called for each record that is skipped. Without it, the first one is an error.
        on_prepared: Called with the result of each batch.

    Methods raise `DataError` for a record that is not valid, with its source and number, and
    `OSError` for a source that cannot be read.
    """

    preparation: Preparation
    workers: int = 1
    on_read: OnRead | None = None
    on_skip: OnSkip | None = None
    on_prepared: OnPrepared | None = None

    def batches(self, sources: Sequence[Source]) -> Iterator[Prepared]:
        """Preprocess the records of sources; yield batch after batch, in order."""
        batches = _batches(sources, self.preparation.unit, self.on_read)
        for prepared in in_order(self.preparation, batches, self.workers):
            for problem in prepared.problems:
                if self.on_skip is None:
                    raise problem
                self.on_skip(problem)
            if self.on_prepared is not None:
                self.on_prepared(prepared)
            yield prepared

    def write(self, sources: Sequence[Source], output: Output) -> None:
        """Preprocess sources into an output.

        If the last record of the last source lacks its terminator, so does the last record
        written, unless it is empty; the last records of earlier sources get one. A terminator
        that a step makes within a record becomes a space.

        Raises:
            OSError: The output cannot be written.
        """
        report = self.preparation.report and self.preparation.report()
        terminator = self.preparation.unit.record_terminator
        for each in self.batches(sources):
            text = each.text
            if report is not None and each.report is not None:
                text = report.take(each.report)
            elif terminator and each.unterminated and each.source < len(sources) - 1:
                text = terminated(text, terminator)
            if text:
                output.write(text)
        if report is not None and (text := report.finish()):
            output.write(text)

    def documents(self, sources: Sequence[Source]) -> Iterator[tuple[Source, Iterator[TextBlock]]]:
        """Yield, for each source, what `documents` would yield for the preprocessed text.

        The blocks of one source must be taken before the next source is. A document that is a
        whole source can become a block without text.
        """
        groups = groupby(self.batches(sources), key=lambda each: each.source)
        group = next(groups, None)
        for index, source in enumerate(sources):
            if group is not None and group[0] == index:
                yield source, map(_block, group[1])
                group = next(groups, None)
            else:
                yield source, iter(())


def _block(prepared: Prepared) -> TextBlock:
    # The text shows whether the last record lacks its terminator, except for NDJSON.
    documents = prepared.text.endswith(NDJSON_TERMINATOR)
    return TextBlock(prepared.text, prepared.skipped, prepared.unterminated and documents)


def _batches(sources: Sequence[Source], unit: Unit, on_read: OnRead | None) -> Iterator[Batch]:
    terminator = unit.record_terminator
    for index, source in enumerate(sources):
        number = 1
        blocks = source.blocks(on_read)
        if terminator is None:
            if data := b"".join(blocks):
                yield Batch(index, source.name, number, data)
            continue
        pieces = (
            block[at : at + BATCH_BYTES]
            for block in blocks
            for at in range(0, len(block), BATCH_BYTES)
        )
        for data in whole_records(pieces, terminator):
            yield Batch(index, source.name, number, data)
            number += data.count(terminator)
