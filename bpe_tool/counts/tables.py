"""Counts as tables of other programs: Arrow and Parquet with pyarrow, and TSV."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bpe_tool import _core
from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.documents import whole_records
from bpe_tool.io.sources import Source

if TYPE_CHECKING:
    from bpe_tool.counts.stored import StoredCounts

#: The names of the columns.
COLUMNS = ("pretoken", "count")

#: How many records of a table are counted at a time.
BATCH = 1 << 16

#: The largest count.
MAX_COUNT = 2**63 - 1

_ESCAPES = {ord("\\"): "\\\\", ord("\t"): "\\t", ord("\n"): "\\n", ord("\r"): "\\r"}
_ESCAPED = re.compile(rb"\\(x[0-9a-fA-F]{2}|[\\tnr]|.?)", re.DOTALL)
_UNDECODED = re.compile("[\udc80-\udcff]")
_MEANING = {b"\\": b"\\", b"t": b"\t", b"n": b"\n", b"r": b"\r"}


def arrow_table(counts: StoredCounts) -> Any:  # noqa: ANN401 - pyarrow has no types
    """Return a table of pyarrow, a chunk for each block."""
    pa = _pyarrow()
    return pa.Table.from_batches(list(_batches(counts, pa)), schema=_schema(pa))


def write_parquet(counts: StoredCounts, output: Path) -> None:
    """Write a Parquet file, atomically."""
    pa = _pyarrow()
    from pyarrow import parquet

    with AtomicFile(output) as file:
        sink = pa.PythonFile(_Sink(file), mode="w")
        with parquet.ParquetWriter(sink, _schema(pa), compression="zstd") as table:
            for batch in _batches(counts, pa):
                table.write_batch(batch)
        sink.close()


def write_tsv(counts: StoredCounts, output: Path) -> None:
    """Write a line for each pretoken, atomically: its bytes, escaped, a tab, and its count."""
    with AtomicFile(output) as file:
        for _, block in counts.file.blocks():
            lines = [f"{escaped(text)}\t{count}\n" for text, count in _core.count_records(block)]
            file.write("".join(lines).encode())


def escaped(pretoken: bytes) -> str:
    r"""Return a pretoken as one field of a line: UTF-8, with `\\\\`, `\\t`, `\\n`, `\\r`, `\\xHH`.

    >>> print(escaped(b"\tcaf\xc3\xa9 \xff"))
    \tcafé \xff
    """
    text = pretoken.decode("utf-8", "surrogateescape").translate(_ESCAPES)
    return _UNDECODED.sub(lambda match: f"\\x{ord(match[0]) - 0xDC00:02x}", text)


def unescaped(field: bytes) -> bytes:
    """Return the pretoken that a field stands for.

    Raises:
        DataError: A backslash is followed by something else.
    """
    return _ESCAPED.sub(_meaning, field) if b"\\" in field else field


def _meaning(match: re.Match[bytes]) -> bytes:
    found = match[1]
    if found[:1] == b"x":
        return bytes([int(found[1:], 16)])
    if found not in _MEANING:
        raise DataError("a backslash stands before what is no escape")
    return _MEANING[found]


def tsv_records(source: Source) -> Iterator[list[tuple[bytes, int]]]:
    """Yield the records of a file as `write_tsv` writes them, in batches, in any order.

    Raises:
        DataError: A line is not valid; the message says which.
    """
    number = 0
    for block in whole_records(source.blocks(), b"\n"):
        batch = []
        for line in block.removesuffix(b"\n").split(b"\n"):
            number += 1
            try:
                batch.append(_record(line))
            except DataError as error:
                raise error.at(f"{source.name}: line {number}") from None
        yield batch


def _record(line: bytes) -> tuple[bytes, int]:
    text, tab, digits = line.rpartition(b"\t")
    if not tab or not digits.isdigit() or len(digits) > 19 or not 0 < int(digits) <= MAX_COUNT:
        raise DataError("expected a pretoken, a tab, and a count from 1 to 2^63 - 1")
    if not text:
        raise DataError("the pretoken is empty")
    return unescaped(text), int(digits)


def parquet_records(path: Path) -> Iterator[list[tuple[bytes, int]]]:
    """Yield the records of a Parquet file with columns of these names, in any order.

    Raises:
        DataError: It is not valid, or has other columns.
    """
    pa = _pyarrow()
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=BATCH, columns=list(COLUMNS)):
                texts = batch.column(COLUMNS[0]).cast(pa.binary()).to_pylist()
                counts = batch.column(COLUMNS[1]).cast(pa.int64()).to_pylist()
                for text, count in zip(texts, counts, strict=True):
                    if not text or count is None or count < 1:
                        raise DataError(f"{path}: a pretoken is empty, or a count is below 1")
                yield list(zip(texts, counts, strict=True))
    except (pa.ArrowException, LookupError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from None


class _Sink:
    """What pyarrow writes to."""

    def __init__(self, file: AtomicFile) -> None:
        self._file = file
        self.closed = False

    def write(self, data: bytes) -> int:
        self._file.write(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


def _batches(counts: StoredCounts, pa: Any) -> Iterator[Any]:  # noqa: ANN401
    for _, block in counts.file.blocks():
        text, bounds, numbers = _core.count_arrays(block)
        rows = len(numbers) // 8
        pretokens = pa.Array.from_buffers(
            pa.large_binary(), rows, [None, pa.py_buffer(bounds), pa.py_buffer(text)]
        )
        column = pa.Array.from_buffers(pa.int64(), rows, [None, pa.py_buffer(numbers)])
        yield pa.record_batch([pretokens, column], schema=_schema(pa))


def _schema(pa: Any) -> Any:  # noqa: ANN401
    kinds = (pa.large_binary(), pa.int64())
    return pa.schema(
        [pa.field(name, kind, nullable=False) for name, kind in zip(COLUMNS, kinds, strict=True)]
    )


def _pyarrow() -> Any:  # noqa: ANN401
    try:
        import pyarrow
    except ImportError:
        raise ArgumentError(
            "tables need the package pyarrow", hint="pip install 'bpe-tool[arrow]'"
        ) from None
    return pyarrow
