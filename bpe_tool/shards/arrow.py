"""Shards as tables of Arrow and Parquet with one column, the list `ids` of each document."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from pyarrow import ipc, parquet

from bpe_tool.atomic import AtomicFile
from bpe_tool.errors import DataError
from bpe_tool.shards.format import Bounds, Contents, Ids, ShardFormat, ShardWriter

#: What columns of ids are called: here, and by the Hugging Face libraries.
COLUMNS = ("ids", "input_ids")

#: A batch of rows, and a row group, has about so many ids.
BATCH_IDS = 1 << 20


class Table(ShardFormat):
    """A table with the column `ids`: lists of whole numbers without a sign.

    To be read, a shard is held in memory. To be written, a document is.
    """

    max_document = 2**31 - 1

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Begin a shard."""
        return TableWriter(self, self.paths(folder, shard), dtype)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        ids: list[Ids] = []
        bounds = [np.zeros(1, np.int64)]
        count = 0
        try:
            for column in self.columns(path):
                own, ends = _of_lists(column, path)
                ids.append(own)
                bounds.append(ends + count)
                count += len(own)
        except DataError:
            raise
        except (pa.ArrowException, ValueError, LookupError) as error:
            raise DataError(f"{path}: {str(error).splitlines()[0]}") from None
        except OSError as error:
            # Of the system's errors, these have a number.
            if error.errno is not None:
                raise
            raise DataError(f"{path}: {str(error).splitlines()[0]}") from None
        all_ids = np.concatenate(ids) if ids else np.empty(0, np.uint16)
        all_ids.flags.writeable = False
        return Contents(all_ids, np.concatenate(bounds))

    @abstractmethod
    def table_writer(self, sink: pa.NativeFile, schema: pa.Schema) -> Any:  # noqa: ANN401
        """Begin a table."""

    @abstractmethod
    def columns(self, path: Path) -> Iterator[pa.Array]:
        """Yield the column of ids in pieces: one at least, even if there are no rows."""


class Arrow(Table):
    """The file form of Arrow's IPC."""

    name = "arrow"
    suffixes = (".arrow",)

    def table_writer(self, sink: pa.NativeFile, schema: pa.Schema) -> ipc.RecordBatchFileWriter:
        """Begin a table."""
        return ipc.new_file(sink, schema)

    def columns(self, path: Path) -> Iterator[pa.Array]:
        """Yield the column of ids."""
        with pa.memory_map(str(path)) as source, ipc.open_file(source) as reader:
            name = _column(reader.schema, path)
            yield pa.array([], reader.schema.field(name).type)
            for index in range(reader.num_record_batches):
                batch = reader.get_batch(index)
                batch.validate(full=True)
                yield batch.column(name)


class Parquet(Table):
    """Apache Parquet."""

    name = "parquet"
    suffixes = (".parquet",)

    def table_writer(self, sink: pa.NativeFile, schema: pa.Schema) -> parquet.ParquetWriter:
        """Begin a table."""
        # Ids hardly repeat within a page: without dictionaries it is faster, and smaller.
        return parquet.ParquetWriter(sink, schema, use_dictionary=False, compression="zstd")

    def columns(self, path: Path) -> Iterator[pa.Array]:
        """Yield the column of ids."""
        with parquet.ParquetFile(path) as file:
            name = _column(file.schema_arrow, path)
            yield pa.array([], file.schema_arrow.field(name).type)
            for batch in file.iter_batches(columns=[name]):
                yield batch.column(0)


class TableWriter(ShardWriter):
    """Writes a table, some rows at a time."""

    def __init__(self, format: Table, paths: list[Path], dtype: np.dtype[Any]) -> None:
        super().__init__(paths)
        type = pa.list_(pa.field("item", pa.from_numpy_dtype(dtype), nullable=False))
        self._schema = pa.schema([pa.field(COLUMNS[0], type, nullable=False)])
        self._dtype = dtype
        self._sink = pa.PythonFile(_Written(self.files[0]), mode="w")
        self._writer = format.table_writer(self._sink, self._schema)
        # Ids that are not written yet, how many they are, and where rows end among them.
        self._ids: list[Ids] = []
        self._count = 0
        self._ends: list[Bounds] = []

    def write(self, ids: Ids, ends: Bounds) -> None:
        """Append ids."""
        self._ids.append(ids)
        if len(ends):
            self._ends.append(ends + self._count)
        self._count += len(ids)
        if self._count >= BATCH_IDS and self._ends:
            self._flush()

    def finish(self, bounds: Bounds) -> None:
        """Write the last rows, and the end of the table."""
        if self._ends:
            self._flush()
        self._writer.close()
        self._sink.close()

    def _flush(self) -> None:
        """Write all rows that have ended."""
        ids = np.concatenate([np.empty(0, self._dtype), *self._ids])
        ends = np.concatenate(self._ends)
        done = int(ends[-1])
        bounds = np.concatenate([np.zeros(1, np.int32), ends.astype(np.int32)])
        rows = pa.ListArray.from_arrays(
            pa.array(bounds), pa.array(ids[:done]), type=self._schema.field(0).type
        )
        self._writer.write_batch(pa.record_batch([rows], schema=self._schema))
        self._ids, self._count, self._ends = [ids[done:]], len(ids) - done, []


class _Written:
    """The file that a table is written to."""

    closed = False

    def __init__(self, file: AtomicFile) -> None:
        self._file = file

    def write(self, data: Any) -> int:  # noqa: ANN401 - a buffer of any kind
        self._file.write(memoryview(data))
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


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
