"""Preprocesses streams of records, in one process or several.

A batch of records at a time: whole records only, so that one that is larger than a batch is
held alone. Record n in is record n out, whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TypeAlias

from bpe_tool.io.documents import NDJSON_TERMINATOR, Block, OnSkip, Unit, whole_records
from bpe_tool.io.id_writers import Output
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.streams.preparation import Batch, Preparation, Prepared, terminated
from bpe_tool.streams.workers import in_order

#: About how many bytes of input a batch has.
BATCH_BYTES = 1024 * 1024

#: Called with what became of each batch.
OnPrepared: TypeAlias = Callable[[Prepared], object]


def prepare(
    sources: Sequence[Source],
    preparation: Preparation,
    *,
    workers: int = 1,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
    on_prepared: OnPrepared | None = None,
) -> Iterator[Prepared]:
    """Preprocess the records of sources, batch after batch in their order.

    Args:
        sources: The inputs.
        preparation: How.
        workers: How many processes do it. It changes nothing but the time.
        on_read: See `Source.blocks`; it may be called from another thread.
        on_skip: Called for each record that is skipped. Without, the first one is an error.
        on_prepared: Called with what became of each batch.

    Raises:
        DataError: A record is not as it should be; source and record are named.
        OSError: A source cannot be read.
    """
    batches = _batches(sources, preparation.unit, on_read)
    for prepared in in_order(preparation, batches, workers):
        for problem in prepared.problems:
            if on_skip is None:
                raise problem
            on_skip(problem)
        if on_prepared is not None:
            on_prepared(prepared)
        yield prepared


def preprocess(
    sources: Sequence[Source],
    preparation: Preparation,
    output: Output,
    *,
    workers: int = 1,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
    on_prepared: OnPrepared | None = None,
) -> None:
    """Preprocess sources into an output; see `prepare`.

    If the last record of the last source lacks its terminator, so does the last record out,
    unless it is empty then; earlier sources' last records are terminated. A terminator that a
    step makes within a record becomes a space.

    Raises:
        OSError: A source cannot be read, or the output not be written; see also `prepare`.
    """
    report = preparation.report and preparation.report()
    terminator = b"\n" if preparation.unit.field is not None else preparation.unit.terminator
    for each in prepare(
        sources,
        preparation,
        workers=workers,
        on_read=on_read,
        on_skip=on_skip,
        on_prepared=on_prepared,
    ):
        text = each.text
        if report is not None and each.report is not None:
            text = report.take(each.report)
        elif terminator and each.unterminated and each.source < len(sources) - 1:
            text = terminated(text, terminator)
        if text:
            output.write(text)
    if report is not None and (text := report.finish()):
        output.write(text)


def prepared_documents(
    sources: Sequence[Source],
    preparation: Preparation,
    *,
    workers: int = 1,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
    on_prepared: OnPrepared | None = None,
) -> Iterator[tuple[Source, Iterator[Block]]]:
    """Yield, for each source, what `documents` would if it held the prepared text.

    One source after the other: the blocks of one must be taken before the next is asked for.
    A document that is a whole source can become a block without text. See `prepare`.
    """
    all_prepared = prepare(
        sources,
        preparation,
        workers=workers,
        on_read=on_read,
        on_skip=on_skip,
        on_prepared=on_prepared,
    )
    groups = groupby(all_prepared, key=lambda each: each.source)
    group = next(groups, None)
    for place, source in enumerate(sources):
        if group is not None and group[0] == place:
            yield source, map(_block, group[1])
            group = next(groups, None)
        else:
            yield source, iter(())


def _block(prepared: Prepared) -> Block:
    # That a record lacks its terminator is told by the text, but for NDJSON.
    documents = prepared.text.endswith(NDJSON_TERMINATOR)
    return Block(prepared.text, prepared.skipped, prepared.unterminated and documents)


def _batches(sources: Sequence[Source], unit: Unit, on_read: OnRead | None) -> Iterator[Batch]:
    terminator = b"\n" if unit.field is not None else unit.terminator
    for place, source in enumerate(sources):
        number = 1
        blocks = source.blocks(on_read)
        if terminator is None:
            if data := b"".join(blocks):
                yield Batch(place, source.name, number, data)
            continue
        pieces = (
            block[at : at + BATCH_BYTES]
            for block in blocks
            for at in range(0, len(block), BATCH_BYTES)
        )
        for data in whole_records(pieces, terminator):
            yield Batch(place, source.name, number, data)
            number += data.count(terminator)
