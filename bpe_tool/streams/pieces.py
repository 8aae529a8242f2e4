"""Truncates the documents of sources, or cuts them into chunks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypedDict

from bpe_tool import _core
from bpe_tool.boundaries import Boundary
from bpe_tool.errors import BpeToolError, DataError
from bpe_tool.io.documents import OnSkip, TextBlock, Unit, documents, json_lines, whole_records
from bpe_tool.io.id_writers import Output
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.io.tables import Wanted
from bpe_tool.pieces import chunked, truncated
from bpe_tool.rendering.escape import escape
from bpe_tool.texts import Special


class Chunk(TypedDict):
    """A chunk of a document.

    Attributes:
        file: The name of the source.
        record: The number of the document in it, counted from 1.
        start: Where it starts in the document, in bytes.
        end: Where it ends.
        tokens: How many ids it has.
        text: Its text.
    """

    file: str
    record: int
    start: int
    end: int
    tokens: int
    text: str


def truncate(
    sources: Sequence[Source],
    core: _core.Tokenizer,
    limit: int,
    unit: Unit,
    output: Output,
    *,
    special: Special = "text",
    on_read: OnRead | None = None,
) -> None:
    """Write the beginning of each document, of at most `limit` ids, with its terminator.

    One without a terminator, as a whole file may be, gets one where another document follows it: a
    line end, if documents have none. Records are written as JSON lines with all their other fields.

    Raises:
        BpeToolError: A record is not valid. The message names it.
        OSError: A source cannot be read, or the output cannot be written.
    """
    from bpe_tool.io import ndjson

    unended = b""
    for source in sources:
        own = unit.of(source)
        if own.field is None:
            for number, (text, end) in enumerate(_texts(source, own, on_read), 1):
                try:
                    kept = truncated(core, text, limit, special, 0)
                except BpeToolError as error:
                    raise error.at(_place(source, own, number)) from None
                output.write(unended + kept + end)
                terminator = own.terminator or b"\n"
                unended = b"" if end or kept.endswith(terminator) else terminator
            continue
        blocks, record = json_lines(source, Wanted(own.field, None), on_read=on_read)
        lines = (
            line
            for block in whole_records(blocks, b"\n")
            for line in block.removesuffix(b"\n").split(b"\n")
        )
        for number, line in enumerate(lines, 1):
            try:
                found = ndjson.find(line, own.field)
                if found is not None:
                    line = found.replaced(truncated(core, found.text, limit, special, 0))
            except BpeToolError as error:
                raise error.at(f"{source.name}: {record} {number}") from None
            output.write(unended + line + b"\n")
            unended = b""


def chunks(
    sources: Sequence[Source],
    core: _core.Tokenizer,
    limit: int,
    unit: Unit,
    *,
    overlap: int = 0,
    boundary: Boundary = "token",
    special: Special = "text",
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
) -> Iterator[Chunk]:
    """Yield the chunks of every document; see `Tokenizer.chunks`.

    Raises:
        BpeToolError: A record is not valid, or not UTF-8. The message names it.
        OSError: A source cannot be read.
    """
    for source in sources:
        own = unit.of(source)
        for number, (text, _) in enumerate(_texts(source, own, on_read, on_skip), 1):
            try:
                pieces, spans = chunked(core, text, limit, overlap, special, 0, boundary)
                for piece, (start, end) in zip(pieces, spans, strict=True):
                    yield {
                        "file": escape(source.name),
                        "record": number,
                        "start": start,
                        "end": end,
                        "tokens": core.count(piece, special, False, None),
                        "text": piece.decode(),
                    }
            except UnicodeDecodeError as error:
                what = f"not UTF-8, which JSON needs: {error.reason}"
                raise DataError(f"{_place(source, own, number)}: {what}") from None
            except BpeToolError as error:
                raise error.at(_place(source, own, number)) from None


def _place(source: Source, unit: Unit, number: int) -> str:
    """Return how messages name a document."""
    return source.name if unit.terminator is None else f"{source.name}: {unit.record} {number}"


def _texts(
    source: Source, unit: Unit, on_read: OnRead | None, on_skip: OnSkip | None = None
) -> Iterator[tuple[bytes, bytes]]:
    """Yield each document as a whole, and the terminator that follows it."""
    blocks: Iterator[TextBlock] = documents(source, unit, on_read=on_read, on_skip=on_skip)
    texts = (block.text for block in blocks)
    if unit.terminator is None:
        if whole := b"".join(texts):
            yield whole, b""
        return
    for block in whole_records(texts, unit.terminator):
        *whole_ones, rest = block.split(unit.terminator)
        for text in whole_ones:
            yield text, unit.terminator
        if rest:
            yield rest, b""
