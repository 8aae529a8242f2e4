"""Reads CSV and TSV as JSON lines: a row is an object of strings.

Quotes and line ends are those that Python's `csv` knows, also in TSV.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from bpe_tool.errors import DataError, LimitError
from bpe_tool.io import tables
from bpe_tool.io.tables import Wanted, decoded, to_lines

if TYPE_CHECKING:
    import _csv

_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)")


def csv_lines(
    blocks: Iterable[bytes], name: str, delimiter: str, wanted: Wanted
) -> Iterator[bytes]:
    """Yield the rows in blocks of JSON lines; see `RecordSource.records`."""
    texts = _Counted(decoded(blocks, name))
    reader = csv.reader(_lines(texts, name), delimiter=delimiter, strict=True)
    header = next(iter(_rows(reader, 1, name, texts)), None)
    if header is None:
        return
    columns = [(column, header.index(column)) for column in wanted.of(header, name)]
    number = 0
    while rows := _rows(reader, tables.ROWS, name, texts):
        records = []
        for row in rows:
            # An empty line is no row.
            if not row:
                continue
            number += 1
            if len(row) != len(header):
                raise DataError(
                    f"{name}: row {number} has {len(row)} fields, the header has {len(header)}",
                    hint="a field that holds the separator must stand in double quotes",
                )
            records.append({column: row[index] for column, index in columns})
        yield to_lines(records)


class _Counted:
    """Texts that are counted as they are taken.

    Attributes:
        taken: How many were taken so far.
    """

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts = texts
        self.taken = 0

    def __iter__(self) -> Iterator[str]:
        for text in self._texts:
            self.taken += 1
            yield text


def _lines(texts: Iterable[str], name: str) -> Iterator[str]:
    """Yield lines with their line ends, which `csv` needs."""
    # It leaves line ends as they are, and those of two characters whole.
    whole_ends = io.IncrementalNewlineDecoder(None, translate=False)
    number = 0
    rest: list[str] = []
    size = 0
    for text in map(whole_ends.decode, texts):
        start = 0
        for match in _LINE.finditer(text):
            yield "".join([*rest, match[0]])
            rest, size, start = [], 0, match.end()
            number += 1
        if start < len(text):
            rest.append(text[start:])
            size += len(rest[-1])
        if size > tables.MAX_FIELD:
            raise LimitError(
                f"{name}: line {number + 1} has more than {tables.MAX_FIELD} characters, the limit",
                hint="is it a CSV file?",
            )
    rest.append(whole_ends.decode("", final=True))
    if last := "".join(rest):
        yield last


def _rows(reader: _csv.Reader, count: int, name: str, texts: _Counted) -> list[list[str]]:
    """Return the next rows: at most `count`, up to the one for which more text was read."""
    rows = []
    taken = texts.taken
    # The limit is that of the process: it is put back.
    limit = csv.field_size_limit(tables.MAX_FIELD)
    try:
        for row in islice(reader, count):
            rows.append(row)
            if texts.taken != taken:
                break
    except csv.Error as error:
        raise DataError(f"{name}: line {reader.line_num}: {error}", hint=_hint(error)) from None
    finally:
        csv.field_size_limit(limit)
    return rows


def _hint(error: csv.Error) -> str:
    if "expected after" in str(error):
        return 'within a quoted field, a double quote is written twice: ""'
    return "is a double quote not closed?"
