"""Preprocesses streams of records, in one process or several.

Blocks hold whole records only: one that is larger than a block is a block of its own. Record n
of the input is record n of the output, even if it is skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from bpe_tool.errors import ArgumentError
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.documents import (
    NDJSON_TERMINATOR,
    OnSkip,
    TextBlock,
    Unit,
    json_lines,
    whole_records,
)
from bpe_tool.io.id_writers import Output
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.io.tables import Wanted
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.preprocess.special_tokens import SpecialTokens
from bpe_tool.streams.preprocess_block import (
    BlockPreprocessor,
    PreprocessedBlock,
    RecordBlock,
    terminated,
)
from bpe_tool.streams.workers import in_order

#: About how many bytes of input are in a block.
RECORD_BLOCK_BYTES = 1024 * 1024

#: Called with the result of each block.
OnBlock: TypeAlias = Callable[[PreprocessedBlock], object]


@dataclass(frozen=True, kw_only=True)
class StreamPreprocessor:
    """How streams of records are preprocessed, with callbacks for progress and skipped records.

    Attributes:
        preprocessor: What happens to each record.
        workers: How many processes do it. The result does not depend on it.
        on_read: See `Source.blocks`. It may be called from another thread.
        on_skip: Called for each record that is skipped. Without it, the first one is an error.
        on_block: Called with the result of each block.

    Methods raise `DataError` for a record that is not valid, with its source and number, and
    `OSError` for a source that cannot be read.
    """

    preprocessor: BlockPreprocessor
    workers: int = 1
    on_read: OnRead | None = None
    on_skip: OnSkip | None = None
    on_block: OnBlock | None = None

    def blocks(self, sources: Sequence[Source]) -> Iterator[PreprocessedBlock]:
        """Preprocess the records of sources; yield block after block, in order."""
        unit = self.preprocessor.unit
        others = None if self.preprocessor.keeps_fields else unit.keep
        blocks = _blocks(sources, unit, others, self.on_read)
        for each in in_order(self.preprocessor, blocks, self.workers):
            for problem in each.problems:
                if self.on_skip is None:
                    raise problem
                self.on_skip(problem)
            if self.on_block is not None:
                self.on_block(each)
            yield each

    def write(self, sources: Sequence[Source], output: Output) -> None:
        """Preprocess sources into an output.

        If the last record of the last source lacks its terminator, so does the last record
        written, unless it is empty; the last records of earlier sources get one. A terminator
        that a step makes within a record becomes a space.

        Raises:
            OSError: The output cannot be written.
        """
        report = self.preprocessor.report and self.preprocessor.report()
        units = [self.preprocessor.unit.of(source) for source in sources]
        refuse_mixture(units)
        for each in self.blocks(sources):
            text = each.text
            terminator = units[each.source].record_terminator
            if report is not None and each.report is not None:
                text = report.take(each.report)
            elif terminator and each.unterminated and each.source < len(sources) - 1:
                text = terminated(text, terminator)
            if text:
                output.write(text)
        if report is not None and (text := report.finish()):
            output.write(text)

    def write_each(self, sources: Sequence[Source], targets: Sequence[Path]) -> None:
        """Preprocess each source into a file of its own, which is replaced when it is complete.

        Raises:
            OSError: A file cannot be written.
        """
        groups = groupby(self.blocks(sources), key=lambda each: each.source)
        group = next(groups, None)
        for index, target in enumerate(targets):
            with AtomicFile(target) as output:
                if group is not None and group[0] == index:
                    for each in group[1]:
                        if each.text:
                            output.write(each.text)
                    group = next(groups, None)

    def documents(self, sources: Sequence[Source]) -> Iterator[tuple[Source, Iterator[TextBlock]]]:
        """Yield, for each source, what `documents` would yield for the preprocessed text.

        The blocks of one source must be taken before the next source is. A document that is a
        whole source can become a block without text.
        """
        groups = groupby(self.blocks(sources), key=lambda each: each.source)
        group = next(groups, None)
        for index, source in enumerate(sources):
            if group is not None and group[0] == index:
                yield source, map(_block, group[1])
                group = next(groups, None)
            else:
                yield source, iter(())


def refuse_mixture(units: Sequence[Unit]) -> None:
    """Refuse to write text and JSON lines to one output.

    Raises:
        ArgumentError: Some sources are written as text, others as JSON lines.
    """
    if len({unit.field is not None for unit in units}) > 1:
        raise ArgumentError(
            "some inputs are text and others are records, which one output cannot hold",
            hint="preprocess them apart, or write one file for each: -o DIRECTORY",
        )


def _block(block: PreprocessedBlock) -> TextBlock:
    # The text shows whether the last record lacks its terminator, except for NDJSON.
    documents = block.text.endswith(NDJSON_TERMINATOR)
    unterminated = block.unterminated and documents
    return TextBlock(
        block.text, block.skipped, unterminated, block.cuts, block.alignments, block.kept
    )


def _blocks(
    sources: Sequence[Source], unit: Unit, others: Collection[str] | None, on_read: OnRead | None
) -> Iterator[RecordBlock]:
    for index, source in enumerate(sources):
        own = unit.of(source)
        number = 1
        if own.field is not None:
            blocks, record = json_lines(source, Wanted(own.field, others), on_read=on_read)
        else:
            blocks, record = source.blocks(on_read), own.record
        if own.record_terminator is None:
            if data := b"".join(blocks):
                yield RecordBlock(index, source.name, number, data, own, record)
            continue
        pieces = (
            block[at : at + RECORD_BLOCK_BYTES]
            for block in blocks
            for at in range(0, len(block), RECORD_BLOCK_BYTES)
        )
        for data in whole_records(pieces, own.record_terminator):
            yield RecordBlock(index, source.name, number, data, own, record)
            number += data.count(own.record_terminator)


def cutting(pipeline: Pipeline, unit: Unit, special_tokens: tuple[str, ...]) -> StreamPreprocessor:
    """Return how documents are preprocessed before they are counted: special tokens are cut out."""
    preprocessor = BlockPreprocessor(
        pipeline=pipeline,
        unit=unit,
        special_tokens=SpecialTokens(special_tokens),
        special="cut",
    )
    return StreamPreprocessor(preprocessor=preprocessor)
