"""Datasets of Ray Data: documents read from files, and ids written as shards."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from bpe_tool import checks
from bpe_tool.distributed.planning import plan
from bpe_tool.distributed.units import WorkUnit
from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.io.documents import Unit, json_lines, unit_of, whole_records
from bpe_tool.io.files import Selection, expand
from bpe_tool.io.tables import Wanted
from bpe_tool.shards.layouts.registry import FORMATS, ShardFormat
from bpe_tool.shards.manifest import Manifest, Provenance

if TYPE_CHECKING:
    import pyarrow as pa
    from ray.data import Dataset

#: About how many bytes of text a table has that is read at once.
TABLE_BYTES = 16 << 20

#: How many bytes of input a task reads by default.
READ_BYTES = 64 << 20


def read_texts(
    paths: Iterable[str | os.PathLike[str]],
    *,
    lines: bool = False,
    separator: str | bytes | None = None,
    ndjson: str | None = None,
    read_bytes: int = READ_BYTES,
) -> Dataset:
    """Return the documents of files as a dataset of Ray Data, which is read when it is used.

    A document is what `Tokenizer.encode_files` and the command line take for one. Tasks read
    parts of large files; a compressed file is read by one task.

    Args:
        paths: Files, directories and globs, which all machines see under the same paths.
        lines: Each line is a document.
        separator: Documents end with this text.
        ndjson: Documents are this field of JSON lines. `null` is a document that is null.
        read_bytes: About how many bytes a task reads.

    Returns:
        A dataset with the columns `text`, which holds bytes (strings with `ndjson`), and `file`.

    Raises:
        ArgumentError: Ray is not installed, or more than one of the options is given.
        OSError: A path does not exist, or cannot be read.
    """
    found = checks.files("paths", paths)
    unit = unit_of(lines=lines, separator=separator, ndjson=ndjson)
    read_bytes = checks.whole("read_bytes", read_bytes, 1)
    units = plan(expand(found, Selection()), unit, read_bytes)
    data = _ray_data()
    dataset: Dataset = data.from_items(
        [{"unit": number} for number in range(len(units))], override_num_blocks=max(1, len(units))
    ).map_batches(_Reader(units, unit), batch_size=1, batch_format="pyarrow")
    return dataset


def write_ids(
    dataset: Dataset,
    path: str | os.PathLike[str],
    *,
    vocab_size: int,
    column: str = "ids",
    format: ShardFormat = "npy",
    shard_tokens: int | None = None,
    force: bool = False,
) -> Manifest:
    """Write a column of ids of a dataset of Ray Data as a set of shards, each row one document.

    This process writes them as they come, in the order of the dataset, which is that of the input
    if `ray.data.DataContext` says `execution_options.preserve_order`. `bpe-tool encode --ray`
    writes shards in parallel. A row that is null is an empty document.

    Args:
        dataset: The dataset.
        path: The directory, on a file system of this machine. See `write_shards`, also for
            arguments that are not explained here.
        vocab_size: Ids are below it.
        column: The column of lists of ids.
        format: The format.
        shard_tokens: A shard ends with the first row that brings it to this many ids.
        force: Replace a set that is already there, once the new one is complete.

    Returns:
        The manifest of the new set.

    Raises:
        ArgumentError: There is no such column, or the directory holds a set.
        DataError: A row holds something that is not an id below `vocab_size`.
        OSError: The directory cannot be written to.
    """
    from bpe_tool.shards.writer import ShardSetWriter

    if not callable(getattr(dataset, "iter_batches", None)):
        raise checks.wrong_type("dataset", dataset, "a dataset of Ray Data")
    vocab_size = checks.whole("vocab_size", vocab_size, 1, checks.MAX_ID + 1)
    shard_tokens = checks.maybe_whole("shard_tokens", shard_tokens, 1)
    checks.choice("format", format, tuple(FORMATS))
    force = checks.flag("force", force)
    column = checks.plain("column", column)
    folder = checks.path("path", path)
    provenance = Provenance(max_id=vocab_size - 1, vocab_size=vocab_size)
    with ShardSetWriter(
        folder, format, provenance, shard_tokens=shard_tokens, force=force
    ) as writer:
        for batch in dataset.iter_batches(batch_format="pyarrow", batch_size=None):
            if batch.schema.get_field_index(column) < 0:
                there = ", ".join(batch.schema.names)
                raise ArgumentError(f"there is no column {column!r} in the dataset: {there}")
            for lists in batch.column(column).chunks:
                writer.write(*_of_lists(lists, column))
        return writer.finish()


def _of_lists(lists: pa.Array, column: str) -> tuple[Any, Any]:
    """Return the ids of lists, and where each list ends among them."""
    import pyarrow as pa

    kind = lists.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind)):
        raise DataError(f"the column {column!r} holds {kind}: expected lists of ids")
    if not pa.types.is_integer(kind.value_type):
        raise DataError(f"the column {column!r} holds {kind}: expected lists of whole numbers")
    ids = lists.flatten()
    if ids.null_count:
        raise DataError(f"the column {column!r} has empty values (null) among ids")
    lengths = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    return ids.to_numpy(), lengths.astype("int64").cumsum()


class _Reader:
    """Reads units as tables. Picklable."""

    def __init__(self, units: list[WorkUnit], unit: Unit) -> None:
        self._units = units
        self._unit = unit

    def __call__(self, batch: pa.Table) -> Iterator[pa.Table]:
        for number in batch.column("unit").to_pylist():
            yield from self.tables(self._units[number])

    def tables(self, unit: WorkUnit) -> Iterator[pa.Table]:
        """Yield the documents of a unit."""
        for piece in unit.pieces:
            source = piece.opened()
            own = self._unit.of(source)
            if own.field is not None:
                blocks, record = json_lines(source, Wanted(own.field), TABLE_BYTES)
            else:
                blocks, record = source.blocks(None, TABLE_BYTES), own.record
            terminator = own.record_terminator
            if terminator is None:
                yield self._table([b"".join(blocks)], piece.name)
                continue
            line = 0
            for data in whole_records(blocks, terminator):
                records: list[Any] = data.split(terminator)
                if not records[-1]:
                    records.pop()
                if own.field is not None:
                    records = _fields(records, own.field, f"{source.name}: {record}", line)
                yield self._table(records, piece.name)
                line += len(records)

    def _table(self, texts: list[Any], name: str) -> pa.Table:
        import pyarrow as pa

        named = self._unit.field or self._unit.column
        kind = pa.large_binary() if named is None else pa.large_string()
        # A name may hold bytes that are not UTF-8.
        file = os.fsencode(name).decode(errors="replace")
        columns = [pa.array(texts, kind), pa.array([file] * len(texts), pa.string())]
        return pa.Table.from_arrays(columns, names=["text", "file"])


def _fields(records: list[bytes], field: str, where: str, before: int) -> list[str | None]:
    from bpe_tool.io import ndjson

    texts = []
    for number, record in enumerate(records, start=before + 1):
        try:
            found = ndjson.find(record, field)
        except DataError as error:
            raise error.at(f"{where} {number}") from None
        texts.append(None if found is None else found.text)
    return texts


def _ray_data() -> Any:  # noqa: ANN401 - a module
    try:
        from ray import data
    except ImportError:
        raise ArgumentError(
            "Ray Data is not installed", hint="pip install 'bpe-tool[ray]'"
        ) from None
    return data
