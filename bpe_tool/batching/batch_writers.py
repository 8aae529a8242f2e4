"""Writers of batches, one for each file format."""

from __future__ import annotations

import zipfile
from abc import ABC, abstractmethod

import numpy as np

from bpe_tool.batching.batch import Batch
from bpe_tool.batching.literals import BatchFormat
from bpe_tool.errors import ArgumentError, DataError, Suggestion
from bpe_tool.io import ndjson, npy_header
from bpe_tool.io.id_writers import Output


class BatchSink(ABC):
    """The base of the writers."""

    @abstractmethod
    def write(self, batch: Batch) -> None:
        """Write the next batch."""

    def finish(self) -> None:  # noqa: B027 - one format has no end
        """Write what is known only at the end."""


def batch_sink(format: BatchFormat, output: Output) -> BatchSink:
    """Return the writer of a format.

    Raises:
        ArgumentError: The format needs a file.
    """
    if format == "ndjson":
        return NdjsonBatchSink(output)
    if not output.replaces:
        raise ArgumentError(f"{format} needs a file", hint=Suggestion("name a file with {output}"))
    return NpzBatchSink(output) if format == "npz" else NpyBatchSink(output)


class NdjsonBatchSink(BatchSink):
    """One line for each batch: a JSON object with the names of `Batch.arrays`."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, batch: Batch) -> None:
        """Write the next batch."""
        self._output.write(ndjson.write(batch.arrays()) + b"\n")


class NpzBatchSink(BatchSink):
    """A `.npz` file with the arrays of each batch, as `0/input_ids` and so on.

    Equal batches give equal bytes: the file holds no times.
    """

    def __init__(self, output: Output) -> None:
        self._archive = _Archive(_Stream(output), "w")
        self._done = 0

    def write(self, batch: Batch) -> None:
        """Write the next batch."""
        for name, value in batch.arrays().items():
            entry = zipfile.ZipInfo(f"{self._done}/{name}.npy")
            with self._archive.open(entry, "w", force_zip64=True) as file:
                np.lib.format.write_array(file, np.asarray(value), allow_pickle=False)
        self._done += 1

    def finish(self) -> None:
        """Write the table of contents."""
        self._archive.close()


class _Archive(zipfile.ZipFile):
    """An archive that writes its end when it is closed, not when it is collected after an error."""

    def __del__(self) -> None:
        pass


class NpyBatchSink(BatchSink):
    """A `.npy` file with the ids alone: the rows of all batches in one array."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._shape = (0, 0)
        self._dtype = "<i8"
        self._done = 0
        output.write(npy_header.build(self._dtype, *self._shape))

    def write(self, batch: Batch) -> None:
        """Write the next batch.

        Raises:
            DataError: Its width is not that of the batches before.
        """
        rows, width = batch.ids.shape
        if self._done and width != self._shape[1]:
            raise DataError(
                f"batch {self._done + 1} is {width} wide, and those before {self._shape[1]}",
                hint=Suggestion("give all the same {length}, or write npz"),
            )
        self._shape = (self._shape[0] + rows, width)
        self._dtype = f"<i{batch.ids.itemsize}"
        self._output.write(batch.ids.astype(self._dtype, copy=False).view(np.uint8).data)
        self._done += 1

    def finish(self) -> None:
        """Write the number of rows into the header."""
        self._output.patch(0, npy_header.build(self._dtype, *self._shape))


class _Stream:
    """An output as a file that can only be appended to."""

    def __init__(self, output: Output) -> None:
        self._output = output

    def write(self, data: bytes) -> int:
        self._output.write(data)
        return len(data)

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass
