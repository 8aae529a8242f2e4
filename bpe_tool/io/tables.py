"""Reads records of named fields, in any format, as JSON lines.

So that nothing else has to know of the formats: a row of a table is a JSON object, an element of
a JSON array is a line. The bytes of elements stay as they are.
"""

from __future__ import annotations

import codecs
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from bpe_tool.errors import ArgumentError, DataError, LimitError, Suggestion
from bpe_tool.io.forms import FORMAT_NAMES, TEXTUAL, Format, compression_of
from bpe_tool.io.sources import BLOCK_BYTES, OnRead, OnWait
from bpe_tool.io.text import TextSource

#: How many rows become a block at most. Rows that are long make it end earlier.
ROWS = 1024

#: The largest line and field of a CSV file, and the largest element of a JSON array, in characters.
#: Where a quote is not closed, the rest of the file is one.
MAX_FIELD = 256 * 1024 * 1024


@dataclass(frozen=True)
class RecordSource(TextSource):
    """A source whose text is in a field of its records.

    Attributes:
        format: The format of the records.
    """

    format: Format = "ndjson"

    @property
    def record(self) -> str:
        """What messages call one record."""
        return {"ndjson": "line", "json": "element"}.get(self.format, "row")

    def need_field(self) -> None:
        """Refuse to be read as plain text, if the format is no text.

        Raises:
            ArgumentError: It is not.
        """
        if self.format not in TEXTUAL:
            raise ArgumentError(
                f"{self.name} is a table ({FORMAT_NAMES[self.format]}): which column is the text?",
                hint=Suggestion("name it: {column}"),
            )

    def records(
        self,
        wanted: Wanted,
        on_read: OnRead | None = None,
        block_bytes: int | None = None,
        on_wait: OnWait | None = None,
    ) -> Iterator[bytes]:
        """Yield the records as JSON lines, in blocks.

        Args:
            wanted: Which fields are needed. JSON keeps all.
            on_read: See `Source.blocks`.
            block_bytes: See `Source.blocks`.
            on_wait: See `Source.blocks`.

        Raises:
            ArgumentError: The package pyarrow is needed, and not installed.
            DataError: The source is not in this format, has no such column, or has values that
                JSON cannot hold.
            LimitError: A line, a field or an element of a JSON array is too large.
            OSError: See `Source.blocks`.
        """
        if self.format in TEXTUAL:
            blocks = self.blocks(on_read, block_bytes, on_wait)
            if self.format == "ndjson":
                return blocks
            if self.format == "json":
                return _json_lines(blocks, self.name)
            from bpe_tool.io.csv_rows import csv_lines

            return csv_lines(blocks, self.name, "\t" if self.format == "tsv" else ",", wanted)
        if self.path is None or self.member is not None or compression_of(self.name) is not None:
            raise DataError(
                f"{self.name}: {FORMAT_NAMES[self.format]} is read from files only, "
                "not from pipes, archives or compressed files",
                hint="unpack it to a file first",
            )
        from bpe_tool.io.arrow_tables import arrow_lines, parquet_lines

        read = parquet_lines if self.format == "parquet" else arrow_lines
        return read(self.path, self.name, wanted, on_read, block_bytes or BLOCK_BYTES)


def to_lines(rows: Iterable[dict[str, Any]]) -> bytes:
    """Return rows as JSON lines."""
    from bpe_tool.io import ndjson

    return b"".join(ndjson.write(row) + b"\n" for row in rows)


@dataclass(frozen=True)
class Wanted:
    """The fields of records that are needed.

    Attributes:
        text: The one that holds the text.
        others: Those that go with it; `None` for all.
    """

    text: str
    others: Collection[str] | None = ()

    def of(self, columns: list[str], name: str) -> list[str]:
        """Return which columns of a table are needed, in their order.

        A field such as `meta.lang` is the column of that name or, if there is none, in `meta`.

        Raises:
            DataError: A column is missing, or there are several of its name.
        """
        wanted = set(columns if self.others is None else ())
        for field in (self.text, *(self.others or ())):
            column = field if field in columns else field.partition(".")[0]
            if column not in columns:
                known = ", ".join(map(repr, columns[:20]))
                raise DataError(f"{name} has no column {field!r}: its columns are {known}")
            wanted.add(column)
        for column in wanted:
            if columns.count(column) > 1:
                raise DataError(f"{name} has several columns {column!r}")
        return [column for column in columns if column in wanted]


def decoded(blocks: Iterable[bytes], name: str) -> Iterator[str]:
    """Yield the text of blocks, without a byte order mark.

    Raises:
        DataError: It is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    done = 0
    try:
        for block in blocks:
            yield decoder.decode(block)
            done += len(block)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{name}: not UTF-8 near byte {done + error.start}",
            hint="convert it first, such as with: iconv -f WINDOWS-1252 -t UTF-8",
        ) from None


def _json_lines(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Yield the elements of a JSON array as lines; a file that holds lines as it is."""
    blocks = iter(blocks)
    start = b""
    while not start.strip(b"\xef\xbb\xbf \t\r\n") and (more := next(blocks, b"")):
        start += more
    blocks = chain([start], blocks)
    if not start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"["):
        return blocks
    return _elements(decoded(blocks, name), name)


def _elements(texts: Iterator[str], name: str) -> Iterator[bytes]:
    """Yield the elements of an array, one a line, each with its own bytes.

    Python's parser finds where each ends. One that is not all there is tried again when twice as
    much is read, so that the time stays linear.
    """
    import json

    # Numbers may be of any size: they are only skipped.
    scan = json.JSONDecoder(parse_int=str, parse_float=str).raw_decode
    text = ""
    while "[" not in text:
        text += next(texts)
    at = text.index("[") + 1
    number = needed = 0
    expect_value, first, ended = True, True, False
    lines: list[str] = []

    def failed(what: str) -> DataError:
        return DataError(f"{name}: element {number + 1} of the array: {what}")

    while True:
        at = _skip_space(text, at)
        mark = text[at : at + 1]
        if mark == "]" and (first or not expect_value):
            break
        if mark and not expect_value:
            if mark != ",":
                raise failed("expected a comma or the end of the array")
            at, expect_value = at + 1, True
            continue
        if mark and len(text) - at >= needed:
            try:
                end = scan(text, at)[1]
            except RecursionError:
                raise failed("it is nested too deeply") from None
            except json.JSONDecodeError as error:
                # A string that is cut off is reported at its start, anything else at its end.
                if error.pos + 16 < len(text) and not error.msg.startswith("Unterminated"):
                    raise failed(error.msg) from None
                end = len(text)
            # A number at the end of the text may go on.
            if mark in "-0123456789" and text[end : end + 1] in (".", "e", "E"):
                end = len(text)
            if end < len(text):
                lines.append(text[at:end].replace("\n", " ") + "\n")
                at, expect_value, first, needed = end, False, False, 0
                number += 1
                continue
            needed = 2 * (len(text) - at)
        if len(text) - at > MAX_FIELD:
            raise LimitError(
                f"{name}: element {number + 1} of the array: it has more than {MAX_FIELD} "
                "characters, the limit",
                hint="is a double quote not closed?",
            )
        if lines:
            yield "".join(lines).encode()
            lines = []
        more = next(filter(None, texts), "")
        if not more:
            if ended:
                raise failed("not valid, or the file is cut off in it")
            # What was too short to be tried again is tried a last time.
            ended, needed = True, 0
        text, at = text[at:] + more, 0
    yield "".join(lines).encode()
    if any(map(str.strip, chain([text[at + 1 :]], texts))):
        raise DataError(f"{name}: there is more after the end of the array")


def _skip_space(text: str, at: int) -> int:
    while text[at : at + 1] in (" ", "\n", "\t", "\r"):
        at += 1
    return at
