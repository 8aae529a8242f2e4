"""Writes and reads tables of Arrow and Parquet with pyarrow; nothing else imports it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from bpe_tool.errors import DataError, LimitError
from bpe_tool.shards.files.file_array import Bounds, Ids
from bpe_tool.shards.files.file_object import FileObject
from bpe_tool.shards.layouts.layout import Contents, Layout, ShardWriter

if TYPE_CHECKING:
    from pyarrow import parquet

#: The names of columns of ids: the one written here, and that of the Hugging Face libraries.
COLUMNS = ("ids", "input_ids")

#: What pyarrow says where no thread can be started. It has no error class for that.
NO_THREAD = "Failed to launch worker thread"

#: About how many ids a batch of rows, or a row group, has. A single long row has more.
BATCH_IDS = 1 << 20


def arrow_writer(file: pa.NativeFile, schema: pa.Schema) -> ipc.RecordBatchFileWriter:
    """Begin a table of Arrow."""
    return ipc.new_file(file, schema)


def parquet_writer(file: pa.NativeFile, schema: pa.Schema) -> parquet.ParquetWriter:
    """Begin a table of Parquet."""
    # A third of pyarrow's import time, which Arrow does not need.
    from pyarrow import parquet

    # Ids hardly repeat within a page, so dictionaries would be slower and larger. The
    # statistics of a row group are of no use for ids.
    return parquet.ParquetWriter(
        file, schema, use_dictionary=False, compression="zstd", write_statistics=False
    )


def arrow_columns(path: Path) -> Iterator[pa.Array]:
    """Yield the column of ids in pieces, the first of them empty."""
    with pa.OSFile(str(path)) as source, ipc.open_file(source) as reader:
        name = _column(reader.schema, path)
        yield pa.array([], reader.schema.field(name).type)
        for index in range(reader.num_record_batches):
            batch = reader.get_batch(index)
            batch.validate(full=True)
            yield batch.column(name)


def parquet_columns(path: Path) -> Iterator[pa.Array]:
    """Yield the column of ids in pieces, the first of them empty."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        name = _column(file.schema_arrow, path)
        yield pa.array([], file.schema_arrow.field(name).type)
        for batch in file.iter_batches(columns=[name]):
            yield batch.column(0)


#: How to begin a table of each format, and how to read its column of ids.
_KINDS: Mapping[str, tuple[Callable[..., Any], Callable[[Path], Iterator[pa.Array]]]] = {
    "arrow": (arrow_writer, arrow_columns),
    "parquet": (parquet_writer, parquet_columns),
}


def read_table(format: str, path: Path) -> Contents:
    """Read a table into memory.

    Args:
        format: `arrow` or `parquet`.
        path: The file.

    Raises:
        DataError: The file is damaged, or holds something else.
        LimitError: pyarrow cannot start a thread.
        OSError: It cannot be read.
    """
    ids: list[Ids] = []
    bounds = [np.zeros(1, np.int64)]
    count = 0
    try:
        for column in _KINDS[format][1](path):
            own, ends = _of_lists(column, path)
            ids.append(own)
            bounds.append(ends + count)
            count += len(own)
    except DataError:
        raise
    except (pa.ArrowException, ValueError, LookupError, OSError) as error:
        # Errors of the system have a number, pyarrow's own `OSError`s do not.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        if NO_THREAD in str(error):
            raise LimitError(
                f"{path}: pyarrow needs a thread, and none can be started",
                hint="allow more processes or more memory, or write the set in another format",
            ) from None
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from None
    all_ids = np.concatenate(ids)
    all_ids.flags.writeable = False
    return Contents(all_ids, np.concatenate(bounds))


class TableWriter(ShardWriter):
    """Writes a table in batches of rows."""

    def __init__(self, layout: Layout, folder: Path, shard: str, dtype: np.dtype[Any]) -> None:
        super().__init__(layout, folder, shard, dtype)
        lists = pa.list_(pa.field("item", pa.from_numpy_dtype(dtype), nullable=False))
        self._schema = pa.schema([pa.field(COLUMNS[0], lists, nullable=False)])
        self._object = FileObject(self.files[0])
        self._file = pa.PythonFile(self._object, mode="w")
        # A buffer that is reused; its first `_count` ids are not written yet.
        self._ids: Ids = np.empty(2 * BATCH_IDS, dtype)
        self._count = 0
        # Where rows end among them.
        self._ends: list[Bounds] = [np.zeros(1, np.int64)]

    def begin(self) -> None:
        """Write the beginning of the table."""
        self._table = _KINDS[self._layout.name][0](self._file, self._schema)

    def discard(self) -> None:
        """Close the file. pyarrow would still write the end of an incomplete table to it."""
        self._object.detach()
        super().discard()

    def _write(self, ids: Ids, ends: Bounds) -> None:
        # A batch ends with the row that fills it, however the ids come in blocks: equal rows are
        # equal files.
        start = 0
        while True:
            full = int(np.searchsorted(ends, start + BATCH_IDS - self._count, "left"))
            if full >= len(ends):
                break
            stop = int(ends[full])
            self._buffer(ids[start:stop], ends[: full + 1] - start)
            self._flush()
            ends, start = ends[full + 1 :], stop
        self._buffer(ids[start:], ends - start)

    def _finish(self) -> None:
        self._flush()
        self._table.close()
        self._file.close()

    def _buffer(self, ids: Ids, ends: Bounds) -> None:
        count = self._count + len(ids)
        if count > len(self._ids):
            self._ids = np.concatenate([self._ids[: self._count], np.empty(count, ids.dtype)])
        self._ids[self._count : count] = ids
        if len(ends):
            self._ends.append(ends + self._count)
        self._count = count

    def _flush(self) -> None:
        """Write all rows that have ended."""
        bounds = np.concatenate(self._ends)
        done = int(bounds[-1])
        while len(bounds) > 1:
            most = bounds[0] + self._layout.max_document
            rows = int(np.searchsorted(bounds, most, "right")) - 1
            self._write_batch(bounds[: rows + 1])
            bounds = bounds[rows:]
        # Ids of a row that has not ended stay in the buffer.
        if done:
            rest = self._count - done
            self._ids[:rest] = self._ids[done : self._count]
            self._count = rest
        self._ends = self._ends[:1]

    def _write_batch(self, bounds: Bounds) -> None:
        """Write a batch of rows that have these bounds in the buffer."""
        start, stop = int(bounds[0]), int(bounds[-1])
        ends = pa.array((bounds - start).astype(np.int32))
        ids = pa.array(self._ids[start:stop])
        rows = pa.ListArray.from_arrays(ends, ids, type=self._schema.field(0).type)
        self._table.write_batch(pa.record_batch([rows], schema=self._schema))


def _column(schema: pa.Schema, path: Path) -> str:
    """Return the name of the column of ids."""
    for name in COLUMNS:
        if len(schema.get_all_field_indices(name)) == 1:
            kind = schema.field(name).type
            lists = pa.types.is_list(kind) or pa.types.is_large_list(kind)
            if lists and pa.types.is_integer(kind.value_type):
                return name
    raise DataError(f"{path}: expected a column {COLUMNS[0]} of lists of whole numbers")


def _of_lists(column: pa.Array, path: Path) -> tuple[Ids, Bounds]:
    """Return the ids of a column, and where its rows end among them."""
    ids = column.flatten()
    if column.null_count or ids.null_count:
        raise DataError(f"{path}: the column of ids has empty values (null)")
    offsets = column.offsets.to_numpy().astype(np.int64)
    return cast(Ids, ids.to_numpy()), offsets[1:] - offsets[0]
