"""Writes and reads the tables of Arrow and Parquet with pyarrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from bpe_tool.errors import DataError, LimitError
from bpe_tool.shards.layouts.layout import Bounds, Contents, Ids, ShardWriter
from bpe_tool.shards.layouts.library_file import LibraryFile
from bpe_tool.shards.layouts.tables import MAX_IDS
from bpe_tool.shards.stored_bounds import StoredBounds

if TYPE_CHECKING:
    from pyarrow import parquet

#: What columns of ids are called: here, and by the Hugging Face libraries.
COLUMNS = ("ids", "input_ids")

#: What pyarrow says where there can be no more threads. It has no error of its own for that.
NO_THREAD = "Failed to launch worker thread"

#: A batch of rows, and a row group, has about so many ids, but for a single long row.
BATCH_IDS = 1 << 20


def arrow_writer(sink: pa.NativeFile, schema: pa.Schema) -> ipc.RecordBatchFileWriter:
    """Begin a table of Arrow."""
    return ipc.new_file(sink, schema)


def parquet_writer(sink: pa.NativeFile, schema: pa.Schema) -> parquet.ParquetWriter:
    """Begin a table of Parquet."""
    # A third of what pyarrow takes to load, which tables of Arrow need not wait for.
    from pyarrow import parquet

    # Ids hardly repeat within a page, so without dictionaries it is faster, and smaller.
    # Nobody looks for the least id of a row group.
    return parquet.ParquetWriter(
        sink, schema, use_dictionary=False, compression="zstd", write_statistics=False
    )


def arrow_columns(path: Path) -> Iterator[pa.Array]:
    """Yield the column of ids in pieces: one at least, even if there are no rows."""
    with pa.OSFile(str(path)) as source, ipc.open_file(source) as reader:
        name = _column(reader.schema, path)
        yield pa.array([], reader.schema.field(name).type)
        for index in range(reader.num_record_batches):
            batch = reader.get_batch(index)
            batch.validate(full=True)
            yield batch.column(name)


def parquet_columns(path: Path) -> Iterator[pa.Array]:
    """Yield the column of ids in pieces: one at least, even if there are no rows."""
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        name = _column(file.schema_arrow, path)
        yield pa.array([], file.schema_arrow.field(name).type)
        for batch in file.iter_batches(columns=[name]):
            yield batch.column(0)


#: What begins a table of each format, and what reads its column of ids.
_KINDS: Mapping[str, tuple[Callable[..., Any], Callable[[Path], Iterator[pa.Array]]]] = {
    "arrow": (arrow_writer, arrow_columns),
    "parquet": (parquet_writer, parquet_columns),
}


def contents(format: str, path: Path) -> Contents:
    """Read a table.

    Args:
        format: The name of its format.
        path: The file.

    Raises:
        DataError: It is damaged, or holds something else.
        LimitError: Pyarrow cannot start a thread.
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
    except (pa.ArrowException, ValueError, LookupError) as error:
        if NO_THREAD in str(error):
            raise LimitError(
                f"{path}: pyarrow needs a thread, and none can be started",
                hint="allow more processes or more memory, or write the set in another format",
            ) from None
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from None
    except OSError as error:
        # Of the system's errors, these have a number.
        if error.errno is not None:
            raise
        raise DataError(f"{path}: {str(error).splitlines()[0]}") from None
    all_ids = np.concatenate(ids) if ids else np.empty(0, np.uint16)
    all_ids.flags.writeable = False
    return Contents(all_ids, np.concatenate(bounds))


class TableWriter(ShardWriter):
    """Writes a table, some rows at a time.

    Args:
        format: The name of its format.
        paths: The file.
        dtype: The type of ids.
    """

    def __init__(self, format: str, paths: list[Path], dtype: np.dtype[Any]) -> None:
        super().__init__(paths)
        type = pa.list_(pa.field("item", pa.from_numpy_dtype(dtype), nullable=False))
        self._schema = pa.schema([pa.field(COLUMNS[0], type, nullable=False)])
        self._written = LibraryFile(self.files[0])
        self._sink = pa.PythonFile(self._written, mode="w")
        self._begin = _KINDS[format][0]
        # Ids that are not written yet: the first of these, which are used again and again.
        self._ids: Ids = np.empty(2 * BATCH_IDS, dtype)
        self._count = 0
        # Where rows end among them.
        self._ends: list[Bounds] = [np.zeros(1, np.int64)]

    def begin(self) -> None:
        """Write the beginning of the table."""
        self._writer = self._begin(self._sink, self._schema)

    def write(self, ids: Ids, ends: Bounds) -> None:
        """Append ids."""
        start = 0
        if len(ends):
            # About a batch at a time, so that what waits is not much more.
            for some in np.split(ends, np.flatnonzero(np.diff(ends // BATCH_IDS)) + 1):
                stop = int(some[-1])
                self._append(ids[start:stop], some - start)
                start = stop
        self._append(ids[start:], ends[:0])

    def _append(self, ids: Ids, ends: Bounds) -> None:
        count = self._count + len(ids)
        if count > len(self._ids):
            self._ids = np.concatenate([self._ids[: self._count], np.empty(count, ids.dtype)])
        self._ids[self._count : count] = ids
        if len(ends):
            self._ends.append(ends + self._count)
        self._count = count
        if count >= BATCH_IDS:
            self._flush()

    def finish(self, bounds: StoredBounds) -> None:
        """Write the last rows, and the end of the table."""
        self._flush()
        self._writer.close()
        self._sink.close()

    def discard(self) -> None:
        """Forget the file. A table that is not complete would still write its end to it."""
        self._written.forget()
        super().discard()

    def _flush(self) -> None:
        """Write all rows that have ended."""
        bounds = np.concatenate(self._ends)
        done = int(bounds[-1])
        while len(bounds) > 1:
            rows = max(1, int(np.searchsorted(bounds, bounds[0] + MAX_IDS, "right")) - 1)
            self._write_rows(bounds[: rows + 1])
            bounds = bounds[rows:]
        # A row that is still growing stays where it is.
        if done:
            rest = self._count - done
            self._ids[:rest] = self._ids[done : self._count]
            self._count = rest
        self._ends = self._ends[:1]

    def _write_rows(self, bounds: Bounds) -> None:
        """Write a batch of rows."""
        start, stop = int(bounds[0]), int(bounds[-1])
        if stop - start > MAX_IDS:
            raise LimitError(f"a document has {stop - start} ids; in a table it can have {MAX_IDS}")
        ends = pa.array((bounds - start).astype(np.int32))
        ids = pa.array(self._ids[start:stop])
        rows = pa.ListArray.from_arrays(ends, ids, type=self._schema.field(0).type)
        self._writer.write_batch(pa.record_batch([rows], schema=self._schema))


def _column(schema: pa.Schema, path: Path) -> str:
    """Return the name of the column of ids."""
    for name in COLUMNS:
        if len(schema.get_all_field_indices(name)) == 1:
            type = schema.field(name).type
            lists = pa.types.is_list(type) or pa.types.is_large_list(type)
            if lists and pa.types.is_integer(type.value_type):
                return name
    raise DataError(f"{path}: expected a column {COLUMNS[0]} of lists of whole numbers")


def _of_lists(column: pa.Array, path: Path) -> tuple[Ids, Bounds]:
    """Return the ids of a column, and where its rows end among them."""
    if column.null_count or column.flatten().null_count:
        raise DataError(f"{path}: the column of ids has empty values (null)")
    offsets = column.offsets.to_numpy().astype(np.int64)
    ids = cast(Ids, column.flatten().to_numpy())
    return ids, offsets[1:] - offsets[0]
