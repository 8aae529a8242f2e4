"""Reads Parquet and Arrow files as JSON lines, a batch of rows at a time.

Of Arrow files there are two kinds: those with an index at their end (also called Feather), and
streams, which the library datasets saves. Their content tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.io import tables
from bpe_tool.io.file_state import FileState, changed_error, naming
from bpe_tool.io.sources import OnRead
from bpe_tool.io.tables import Wanted, to_lines


def parquet_lines(
    path: Path,
    name: str,
    wanted: Wanted,
    on_read: OnRead | None,
    block_bytes: int,
) -> Iterator[bytes]:
    """Yield the rows of a Parquet file; see `RecordSource.records`."""
    pyarrow = _pyarrow(name)
    from pyarrow import parquet

    with _reading(path, name, pyarrow), parquet.ParquetFile(path, pre_buffer=False) as file:
        columns = wanted.of(file.schema_arrow.names, name)
        read = _Share(path, file.metadata.num_rows, on_read)
        size = _batch_rows(file.metadata, columns, block_bytes)
        for batch in file.iter_batches(batch_size=size, columns=columns, use_threads=False):
            yield from _blocks(batch, name, wanted.text, block_bytes)
            read.count(batch.num_rows)
        read.finish()


def arrow_lines(
    path: Path,
    name: str,
    wanted: Wanted,
    on_read: OnRead | None,
    block_bytes: int,
) -> Iterator[bytes]:
    """Yield the rows of an Arrow file; see `RecordSource.records`."""
    pyarrow = _pyarrow(name)
    with _reading(path, name, pyarrow), path.open("rb") as raw:
        indexed = raw.read(6) == b"ARROW1"
        raw.seek(0)
        file = (pyarrow.ipc.open_file if indexed else pyarrow.ipc.open_stream)(raw)
        columns = wanted.of(file.schema.names, name)
        batches = map(file.get_batch, range(file.num_record_batches)) if indexed else file
        share = _Share(path, 0, on_read)
        for batch in batches:
            yield from _blocks(batch.select(columns), name, wanted.text, block_bytes)
            if not indexed:
                share.reach(raw.tell())
        share.finish()


def _batch_rows(metadata: Any, columns: list[str], block_bytes: int) -> int:  # noqa: ANN401
    """Return how many rows of a Parquet file have about the size of a block, by its index."""
    most = 0.0
    starts = tuple(f"{column}." for column in columns)
    for index in range(metadata.num_row_groups):
        group = metadata.row_group(index)
        chunks = map(group.column, range(group.num_columns))
        wanted = (chunk for chunk in chunks if f"{chunk.path_in_schema}.".startswith(starts))
        size = sum(chunk.total_uncompressed_size for chunk in wanted)
        most = max(most, size / max(group.num_rows, 1))
    return _rows_in(block_bytes, most)


def _rows_in(block_bytes: int, row_bytes: float) -> int:
    return max(1, min(tables.ROWS, int(block_bytes / max(row_bytes, 1))))


def _blocks(batch: Any, name: str, text: str, block_bytes: int) -> Iterator[bytes]:  # noqa: ANN401
    """Yield the rows of a batch in blocks of about this size."""
    # Damaged offsets would be read past the end of their buffer.
    batch.validate(full=True)
    from bpe_tool.io.arrow_values import rows

    step = _rows_in(block_bytes, batch.nbytes / max(batch.num_rows, 1))
    for start in range(0, batch.num_rows, step):
        try:
            values = rows(batch.slice(start, step), text)
        except DataError as error:
            raise error.at(name) from None
        yield to_lines(values)


class _Share:
    """Reports how much of a file is read, from how many of its rows are."""

    def __init__(self, path: Path, rows: int, on_read: OnRead | None) -> None:
        self._size = path.stat().st_size
        self._rows = max(rows, 1)
        self._on_read = on_read
        self._row = self._done = 0

    def count(self, rows: int) -> None:
        """Report more rows."""
        self._row += rows
        self.reach(self._size * self._row // self._rows)

    def finish(self) -> None:
        """Report the whole file."""
        self.reach(self._size)

    def reach(self, done: int) -> None:
        """Report that so many bytes are read."""
        if self._on_read is not None and done > self._done:
            self._on_read(done - self._done)
            self._done = done


def _pyarrow(name: str) -> Any:  # noqa: ANN401 - a module
    try:
        import pyarrow
        import pyarrow.ipc
    except ImportError:
        raise ArgumentError(
            f"{name}: reading this format needs the package pyarrow",
            hint="pip install 'bpe-tool[arrow]'",
        ) from None
    return pyarrow


@contextmanager
def _reading(path: Path, name: str, pyarrow: Any) -> Iterator[None]:  # noqa: ANN401
    """Name the file in errors, and refuse it if it changed meanwhile."""
    with naming(name):
        before = FileState.of(path)
        try:
            yield
        except (pyarrow.ArrowException, OSError) as error:
            # Some are an OSError or a KeyError, too: none says more than its text.
            if isinstance(error, OSError) and error.errno is not None:
                raise
            what = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise DataError(f"{name}: damaged, or not of this format: {what}") from None
        if FileState.of(path) != before:
            raise changed_error(name)
