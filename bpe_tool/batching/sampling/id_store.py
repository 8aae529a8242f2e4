"""The ids of several shards, or of rows in memory, as one sequence with documents in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.rows import bounds_of
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import DataError
from bpe_tool.ragged import Ragged
from bpe_tool.shards.files.file_array import FileArray, Ids
from bpe_tool.shards.shard import ShardBase

#: The number of ids and bounds of a shard that go into a digest.
_PROBES = 16


@final
class IdStore:
    """The ids of several parts, joined.

    Attributes:
        tokens: The number of ids.
        documents: The number of documents.
    """

    def __init__(self, parts: Sequence[ShardBase | InMemory]) -> None:
        # Shards open their files when they are needed.
        self._parts = parts
        # The number of ids and of documents before each part, and in all.
        self._first_ids = _totals(part.tokens for part in parts)
        self._first_documents = _totals(part.documents for part in parts)
        self.tokens = int(self._first_ids[-1])
        self.documents = int(self._first_documents[-1])

    def __len__(self) -> int:
        """Return the number of parts."""
        return len(self._parts)

    def spans(self, documents: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where documents begin and end among all ids: both int64, `(documents,)`."""
        starts, stops = np.empty_like(documents), np.empty_like(documents)
        parts = np.searchsorted(self._first_documents, documents, side="right") - 1
        # Part by part, without a look at all documents for each.
        order = np.argsort(parts, kind="stable")
        found, firsts = np.unique(parts[order], return_index=True)
        for part, members in zip(found.tolist(), np.split(order, firsts)[1:], strict=True):
            inside = documents[members] - self._first_documents[part]
            bounds, before = self._parts[part].bounds, self._first_ids[part]
            self._parts[part].check_bounds()
            starts[members] = bounds[inside] + before
            stops[members] = bounds[inside + 1] + before
        return starts, stops

    def read(self, starts: NDArray[np.int64], stops: NDArray[np.int64], reader: object) -> Ragged:
        """Return the ids from each start to its stop.

        Args:
            starts: Positions among all ids: int64, `(rows,)`.
            stops: The positions after the last id of each.
            reader: Who reads, for messages.

        Raises:
            DataError: A file of another program holds a number that is not an id.
            OSError: A file was cut off.
        """
        bounds = bounds_of(stops - starts)
        opened: dict[int, FileArray | Ids] = {}
        runs = [np.empty(0, np.uint16), *self._runs(starts, stops, opened)]
        if any(run.dtype.kind == "i" for run in runs):
            signed = np.concatenate(runs, dtype=np.int64)
            if len(signed) and not 0 <= int(signed.min()) <= int(signed.max()) <= MAX_ID:
                raise DataError(f"{reader!r}: an id is not from 0 to {MAX_ID}")
            found = signed.astype(np.uint32)
        else:
            found = np.concatenate(runs, dtype=np.uint32)
        # The rest of the last page of a file that was cut off reads as zeros.
        for part in opened:
            self._parts[part].check_ids()
        return Ragged(found, bounds)

    def _runs(
        self,
        starts: NDArray[np.int64],
        stops: NDArray[np.int64],
        opened: dict[int, FileArray | Ids],
    ) -> Iterator[NDArray[Any]]:
        """Yield the ids from each start to its stop, in runs that end where parts do.

        Adds the parts that they are from to `opened`.
        """
        first_ids = self._first_ids.tolist()
        parts = np.searchsorted(self._first_ids, starts, side="right") - 1
        spans = zip(parts.tolist(), starts.tolist(), stops.tolist(), strict=True)
        for part, start, stop in spans:
            while start < stop:
                ids = opened.get(part)
                if ids is None:
                    self._parts[part].check_ids()
                    ids = opened[part] = self._parts[part].ids
                before = first_ids[part]
                yield ids[start - before : stop - before]
                part += 1
                start = first_ids[part]

    def fingerprints(self) -> Iterator[object]:
        """Yield what tells the ids from others: the same wherever the files are.

        That is the digests of a shard in its manifest; without one, the numbers of ids and
        documents, and some that are spread over them.
        """
        for part in self._parts:
            if part.entry is not None:
                yield from (file.sha256 for file in part.entry.files)
            else:
                yield _probes(part.ids)
                yield _probes(part.bounds)


@final
class InMemory:
    """Rows in memory in the role of a shard."""

    entry = None

    def __init__(self, rows: Ragged) -> None:
        # The ids of a slice of rows begin at its first row.
        rows = rows[:]
        self.ids, self.bounds = rows.ids, rows.bounds
        self.tokens, self.documents = len(rows.ids), len(rows)

    def check_ids(self) -> None:
        """Do nothing: no file can have been cut off."""

    check_bounds = check_ids


def _probes(numbers: FileArray | NDArray[Any]) -> tuple[int, list[int]]:
    """Return the number of numbers, and some of them."""
    indices = np.linspace(0, len(numbers) - 1, min(_PROBES, len(numbers)), dtype=np.int64)
    return len(numbers), numbers[indices].tolist()


def _totals(counts: Iterable[int]) -> NDArray[np.int64]:
    """Return the sums of the first 0, 1, 2, … of the counts."""
    return np.cumsum([0, *counts], dtype=np.int64)
