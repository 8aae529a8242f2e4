"""Encodes and preprocesses batches of Arrow, as `ray.data.Dataset.map_batches` hands them out."""

from __future__ import annotations

import os
import sys
from typing import Any, TypeAlias, TypeVar, final

import numpy as np
import pyarrow as pa

from bpe_tool import checks
from bpe_tool.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    LimitError,
    Suggestion,
)
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.texts import Special
from bpe_tool.tokenizer import Tokenizer

#: A batch: `pyarrow.Table`, or `pyarrow.RecordBatch`.
Batch: TypeAlias = Any
B = TypeVar("B", pa.Table, pa.RecordBatch)

#: The most ids in a batch: offsets of lists have 32 bits.
MAX_IDS = 2**31 - 1


@final
class BatchEncoder:
    """Encodes a column of texts, batch by batch: for Ray Data, or any other loop over Arrow.

    Calling it with a `pyarrow.Table` or `pyarrow.RecordBatch` returns another one, in which a
    column of lists of ids stands in place of that of texts, and all other columns stay. A row
    whose text is null has no ids: null.

    It is picklable. Given to Ray as a class, each actor loads the vocabulary once:

        ds.map_batches(
            bpe_tool.BatchEncoder,
            fn_constructor_kwargs={"tokenizer": "/data/my-vocab"},
            batch_format="pyarrow",
            num_cpus=1,
            concurrency=8,
        )

    Args:
        tokenizer: A `Tokenizer`, or what `Tokenizer.load` takes.
        column: The column of texts: strings, or bytes.
        ids: The name of the column of ids.
        keep_text: Whether the column of texts stays.
        special: See `Tokenizer`.
        template: See `Tokenizer`.
        threads: Number of threads. By default, one for each CPU that Ray reserved for the task
            or actor; without Ray, one.

    Raises:
        VocabError: See `Tokenizer.load`, also for other errors.

    >>> import bpe_tool, pyarrow
    >>> tokenizer = bpe_tool.train_vocab(["a rose is a rose"], vocab_size=260)
    >>> encode = bpe_tool.BatchEncoder(tokenizer)
    >>> encode(pyarrow.table({"text": ["a rose", None]}))["ids"].to_pylist()
    [[97, 259], None]
    """

    def __init__(
        self,
        tokenizer: Tokenizer | str | os.PathLike[str],
        *,
        column: str = "text",
        ids: str = "ids",
        keep_text: bool = False,
        special: Special = "text",
        template: bool = False,
        threads: int | None = None,
    ) -> None:
        self._column = checks.plain("column", column)
        self._ids = checks.plain("ids", ids)
        self._keep_text = checks.flag("keep_text", keep_text)
        checks.choice("special", special, ("text", "token", "error"))
        self._special: Special = special
        self._template = checks.flag("template", template)
        self._threads = threads
        if threads is not None:
            self._threads = checks.whole("threads", threads, 1, checks.MAX_THREADS)
        if isinstance(tokenizer, Tokenizer):
            self._tokenizer = tokenizer
        elif isinstance(tokenizer, str | os.PathLike):
            checks.path("tokenizer", tokenizer)
            self._tokenizer = Tokenizer.load(tokenizer)
        else:
            raise checks.wrong_type("tokenizer", tokenizer, "a Tokenizer or a path")
        if self._template and not any(self._tokenizer._core.template):
            raise ArgumentError(
                "this vocabulary has no template", hint=Suggestion("leave {template} out")
            )

    def __call__(self, batch: B) -> B:
        """Return a batch with a column of ids.

        Raises:
            ArgumentError: There is no such column, or it holds no texts.
            DataError: A text cannot be encoded; the message names the row.
            LimitError: The batch has more than 2^31 - 1 ids.
        """
        texts, column = _texts(batch, self._column)
        nulls = column.null_count
        encoded = self._tokenizer.encode_arrays(
            ["" if text is None else text for text in texts] if nulls else texts,
            special=self._special,
            template=self._template,
            threads=self._threads or reserved_cpus(),
        )
        if len(encoded.ids) > MAX_IDS:
            raise LimitError(
                f"this batch has {len(encoded.ids)} ids, and can have {MAX_IDS}",
                hint="make smaller batches: batch_size of map_batches",
            )
        mask = column.is_null() if nulls else None
        if isinstance(mask, pa.ChunkedArray):
            mask = mask.combine_chunks()
        lists = pa.ListArray.from_arrays(
            pa.array(encoded.bounds.astype(np.int32)), pa.array(encoded.ids), mask=mask
        )
        return _with_column(batch, self._column, self._ids, lists, keep=self._keep_text)


@final
class BatchPreprocessor:
    """Preprocesses a column of texts, batch by batch: for Ray Data, or any loop over Arrow.

    Calling it with a `pyarrow.Table` or `pyarrow.RecordBatch` returns another one with the
    texts after all steps. Null stays null. It is picklable; see `BatchEncoder` for its use.

    Args:
        pipeline: The steps: a `Pipeline`, or the path of a pipeline file.
        column: The column of texts: strings, or bytes in UTF-8.

    Raises:
        DataError: See `Pipeline.load`, also for other errors.

    >>> import bpe_tool, pyarrow
    >>> lower = bpe_tool.BatchPreprocessor(bpe_tool.Pipeline.from_preset("bert"))
    >>> lower(pyarrow.table({"text": ["A Rosé"]}))["text"].to_pylist()
    ['a rose']
    """

    def __init__(
        self, pipeline: Pipeline | str | os.PathLike[str], *, column: str = "text"
    ) -> None:
        self._column = checks.plain("column", column)
        if isinstance(pipeline, Pipeline):
            self._pipeline = pipeline
        elif isinstance(pipeline, str | os.PathLike):
            checks.path("pipeline", pipeline)
            self._pipeline = Pipeline.load(pipeline)
        else:
            raise checks.wrong_type("pipeline", pipeline, "a Pipeline or a path")

    def __call__(self, batch: B) -> B:
        """Return the batch with other texts.

        Raises:
            ArgumentError: There is no such column, or it holds no texts.
            DataError: A text is not UTF-8; the message names the row.
        """
        texts, column = _texts(batch, self._column)
        there = [text for text in texts if text is not None]
        if any(isinstance(text, bytes) for text in there):
            there = [_decoded(row, text) for row, text in enumerate(texts) if text is not None]
        results = iter(self._pipeline.apply_all(there))
        made = pa.array(
            [None if text is None else next(results) for text in texts], _string_type(column.type)
        )
        return _with_column(batch, self._column, self._column, made, keep=False)


def reserved_cpus() -> int:
    """Return how many CPUs Ray reserved for what this process does; 1 without Ray."""
    # Where Ray is not imported, nothing here runs in one of its workers.
    ray = sys.modules.get("ray")
    if ray is None or not ray.is_initialized():
        return 1
    context = ray.get_runtime_context()
    if context.worker.mode != ray.WORKER_MODE:
        return 1
    return max(1, int(context.get_assigned_resources().get("CPU", 1)))


def _texts(batch: Batch, name: str) -> tuple[list[Any], Any]:
    """Return the texts of a column, and the column."""
    if not isinstance(batch, pa.Table | pa.RecordBatch):
        raise ArgumentTypeError(
            f"expected a table of Arrow, got {type(batch).__name__}",
            parameter="batch",
            hint='pass batch_format="pyarrow" to map_batches',
        )
    if batch.schema.get_field_index(name) < 0:
        there = ", ".join(batch.schema.names)
        raise ArgumentError(f"there is no column {name!r} in the batch: {there}")
    column = batch.column(name)
    types = pa.types
    kind = column.type
    if not (
        types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
        or types.is_binary(kind) or types.is_large_binary(kind) or types.is_null(kind)
    ):  # fmt: skip
        raise ArgumentTypeError(f"the column {name!r} holds {kind}: expected strings or bytes")
    return column.to_pylist(), column


def _with_column(batch: B, old: str, name: str, values: pa.Array, *, keep: bool) -> B:
    """Return a batch with a new column: in place of another, or after all that are kept."""
    columns: dict[str, Any] = {}
    for each in batch.schema.names:
        if each == old and not keep:
            columns[name] = values
        elif each != name:
            columns[each] = batch.column(each)
    columns[name] = values
    made: B = type(batch).from_arrays(list(columns.values()), names=list(columns))
    return made


def _string_type(kind: pa.DataType) -> pa.DataType:
    """Return the type of strings that is as large."""
    large = pa.types.is_large_binary(kind) or pa.types.is_large_string(kind)
    return pa.large_string() if large else pa.string()


def _decoded(row: int, text: str | bytes) -> str:
    try:
        return text if isinstance(text, str) else text.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"row {row}: byte {error.start} is not UTF-8") from None
