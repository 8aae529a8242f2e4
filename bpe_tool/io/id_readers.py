"""Reads records of ids, in all formats that `bpe_tool.io.id_writers` writes."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from contextlib import suppress

from bpe_tool import _core
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import DataError, Suggestion
from bpe_tool.io import npy_header
from bpe_tool.io.documents import OnSkip, bounded, whole_records
from bpe_tool.io.records import RAW_WIDTHS, IdFormat, Records
from bpe_tool.io.sources import OnRead, Source
from bpe_tool.io.text import text_blocks

#: What to do about what is not ids.
FORMAT_HINT = "give the format of the ids: {format}"

#: How many characters of a value that is not an id are shown.
SHOWN = 40

#: The end of a block that is not a whole line waits for the next one, up to this many bytes.
LINE_BYTES = 4096


def id_records(
    source: Source,
    format: IdFormat,
    *,
    end_id: int | None = None,
    on_read: OnRead | None = None,
    on_skip: OnSkip | None = None,
) -> Iterator[Records]:
    """Yield the records of ids in a source.

    If the last record lacks its terminator, the last `Records` is marked as unterminated.

    Args:
        source: The input.
        format: The format of its ids.
        end_id: The id that ends each record, and is part of it, in formats without
            boundaries. Without it, such a source is one record.
        on_read: See `Source.blocks`.
        on_skip: Called for each NDJSON record that is not valid. It is skipped then.

    Raises:
        DataError: The source is not in this format.
        OSError: See `Source.blocks`.
    """
    blocks = source.blocks(on_read)
    if format == "ids":
        return _from_text(text_blocks(blocks, source.name, "known", FORMAT_HINT), source.name)
    if format == "ndjson":
        checked = text_blocks(blocks, source.name, "known", FORMAT_HINT)
        return _from_ndjson(checked, source.name, on_skip)
    if format == "npy":
        return _from_npy(blocks, source.name, end_id)
    return _from_raw(blocks, source.name, RAW_WIDTHS[format], end_id)


def _from_text(blocks: Iterable[bytes], name: str) -> Iterator[Records]:
    waiting = b""
    line = 1
    # How many bytes of the current line come before `waiting`.
    column = 0
    for block in bounded(blocks, b"\n"):
        # Within a line, `waiting` begins with the space after an id.
        text = waiting + block
        cut = text.rfind(b"\n") + 1
        if cut:
            lines = text[1:cut] if column else text[:cut]
            yield _parsed(lines, name, line, column)
            line += lines.count(b"\n")
            text, column = text[cut:], 0
        if len(text) > LINE_BYTES:
            cut = text.rfind(b" ", 1, len(text) - 1)
            if cut > 0:
                yield _parsed(text[1:cut] if column else text[:cut], name, line, column)
                text, column = text[cut:], column + cut
            else:
                # No id is that long: this raises, with the position.
                _parsed(text, name, line, column)
        waiting = text
    if waiting:
        records = _parsed((waiting[1:] if column else waiting) + b"\n", name, line, column)
        records.unterminated = True
        yield records


def _parsed(text: bytes, name: str, line: int, column: int) -> Records:
    """Parse lines of ids. The first is number `line`, without its first `column` bytes."""
    try:
        return _core.parse_ids(text)
    except DataError:
        # Parse line by line to find the one with the error.
        for each in text.split(b"\n"):
            where = f"{name}: line {line}" + (f", after byte {column}" if column else "")
            try:
                _core.parse_ids(each)
            except DataError as error:
                # An error in the first line may mean that the format is another one.
                hint = Suggestion(FORMAT_HINT) if line == 1 else None
                raise DataError(f"{where}: {error}", hint=hint) from None
            line, column = line + 1, 0
        raise


def _from_ndjson(blocks: Iterable[bytes], name: str, on_skip: OnSkip | None) -> Iterator[Records]:
    done = 0

    def unusual(index: int, record: bytes) -> array[int] | None:
        try:
            return _ids_of(record)
        except DataError as error:
            located = error.at(f"{name}: line {done + index + 1}")
            if on_skip is None:
                raise located from None
            on_skip(located)
            return None

    for block in whole_records(blocks, b"\n"):
        records = _core.parse_ndjson_ids(block, unusual)
        done += len(records)
        yield records


def _ids_of(record: bytes) -> array[int] | None:
    """Return the ids of an NDJSON record that the core leaves to others, or say what is wrong.

    `None` is returned for `null`, which marks a skipped record.
    """
    from bpe_tool.io import ndjson

    value = ndjson.parse(record, "ids")
    if value is None:
        return None
    ids = value.get("ids") if isinstance(value, dict) else None
    if not isinstance(ids, list):
        raise DataError('expected an object with a list "ids"')
    # This checks all ids at once. The loop below only finds the wrong one.
    if set(map(type, ids)) <= {int}:
        with suppress(OverflowError):
            return array("I", ids)
    for position, id in enumerate(ids):
        if type(id) is not int or not 0 <= id <= MAX_ID:
            # A nested value may be too deep to be written again.
            nested = isinstance(id, list | dict)
            shown = "a list or object" if nested else ndjson.write(id).decode()[:SHOWN]
            raise DataError(f"{shown} at position {position} is not an id, 0 to {MAX_ID}")
    raise AssertionError("an array takes every valid id")


def _from_npy(blocks: Iterable[bytes], name: str, end_id: int | None) -> Iterator[Records]:
    blocks = iter(blocks)
    data = b""
    header = None
    try:
        while header is None:
            block = next(blocks, b"")
            data += block
            header = npy_header.parse(data)
            if header is None and not block:
                raise DataError("the .npy header is cut off")
    except DataError as error:
        raise error.at(name) from None
    dtype, count, start = header
    width = int(dtype[-1])
    expected = width * count

    def body() -> Iterator[bytes]:
        length = len(data) - start
        if length:
            yield data[start:]
        for block in blocks:
            length += len(block)
            yield block
        if length != expected:
            what = f"the header says {expected} bytes of ids, the file holds {length}"
            raise DataError(f"{name}: {what}")

    return (yield from _from_raw(body(), name, width, end_id))


def _from_raw(
    blocks: Iterable[bytes], name: str, width: int, end_id: int | None
) -> Iterator[Records]:
    waiting = b""
    taken = 0
    open_record = False
    for block in blocks:
        data = waiting + block
        taken += len(block)
        cut = len(data) - len(data) % width
        waiting = data[cut:]
        if cut:
            records = _core.raw_ids(data[:cut], width, end_id)
            open_record = records.is_open
            yield records
    if waiting:
        raise DataError(f"{name}: {taken} bytes are not a whole number of {width}-byte ids")
    if open_record:
        yield Records(b"", array("q", [0]), unterminated=True)
