"""Samples of ids by number, from shards in files or from memory."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable, Iterator
from os import PathLike
from typing import SupportsIndex, TypeAlias, final, get_args, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching.literals import Side, View
from bpe_tool.batching.rows import Rows, as_ragged, check_length, check_side
from bpe_tool.batching.sampling.id_store import IdStore, InMemory
from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.id_arrays import MAX_POSITION, whole_numbers
from bpe_tool.ragged import Ragged
from bpe_tool.shards.reader import ShardSet, open_shards

Samples: TypeAlias = str | PathLike[str] | ShardSet | Rows


@final
class TokenDataset:
    """Samples of ids by number: the documents of shards, or windows of equal length.

    A sequence: `len` counts the samples, `[i]` is one of them, and `[i:j]` a dataset of
    those, as for a part to validate with. That is all that torch's `DataLoader` asks of a
    dataset, and its own collation takes the samples of the window view:

        loader = torch.utils.data.DataLoader(TokenDataset("shards", view="windows", length=1024))

    Documents differ in length, so they need a `collate_fn`, such as
    `functools.partial(bpe_tool.pad, pad_id=0)`; a `Loader` needs nothing else.

    Shards stay in their files and are mapped to memory; a pickle holds their path. So a dataset
    may be passed to other processes, forked or spawned, and threads may share it. If a file is
    truncated while it is in use, the next sample raises an `OSError`; if that happens during a
    read, the system ends the process.

    Args:
        source: A shard directory or file, as for `open_shards`, or what that returned; or rows
            of ids in memory.
        view: `"documents"`: a sample is a document, which may be empty. `"windows"`: all
            documents and shards are joined, and a sample is `length` consecutive ids; ids at the
            end that do not fill a window are left out.
        length: The number of ids in a window.
        stride: The distance between the starts of windows; by default `length`.

    Raises:
        ArgumentError: `length` is missing or not positive, or given for documents.
        DataError: The shards are damaged.
        OSError: They cannot be read.

    >>> dataset = TokenDataset([[1, 2, 3], [], [4, 5]])
    >>> len(dataset), dataset[-1], len(dataset[1:])
    (3, array([4, 5]), 2)
    >>> windows = TokenDataset([[1, 2, 3], [], [4, 5]], view="windows", length=3, stride=2)
    >>> [window.tolist() for window in windows]
    [[1, 2, 3], [3, 4, 5]]
    """

    def __init__(
        self,
        source: Samples,
        *,
        view: View = "documents",
        length: int | None = None,
        stride: int | None = None,
    ) -> None:
        self._source = source = _opened(source, "source")
        parts = source.parts if isinstance(source, ShardSet) else [InMemory(source)]
        self._store = IdStore(parts)
        checks.choice("view", view, get_args(View))
        self._view = view
        self._length = checks.maybe_whole("length", length, 1)
        self._stride = checks.maybe_whole("stride", stride, 1)
        self._samples = range(self._count())

    def _count(self) -> int:
        if self._view == "documents":
            if self._length is not None or self._stride is not None:
                raise ArgumentError(
                    "documents have neither a length nor a stride",
                    hint=Suggestion(
                        "pass {view:windows}; a loader cuts documents with {max_length}"
                    ),
                )
            return self._store.documents
        if self._length is None:
            raise ArgumentError("windows need a length", hint=Suggestion("pass {length}"))
        self._stride = self._length if self._stride is None else self._stride
        return max(0, (self._store.tokens - self._length) // self._stride + 1)

    def __len__(self) -> int:
        return len(self._samples)

    @overload
    def __getitem__(self, index: SupportsIndex) -> NDArray[np.int64]: ...
    @overload
    def __getitem__(self, index: slice) -> TokenDataset: ...
    def __getitem__(self, index: SupportsIndex | slice) -> NDArray[np.int64] | TokenDataset:
        """Return one sample, as torch wants ids: int64, a copy; or a dataset of several.

        Raises:
            IndexError: There is no such sample.
        """
        if isinstance(index, slice):
            return self._part(self._samples[index])
        number = operator.index(index)
        if not -len(self) <= number < len(self):
            raise IndexError(f"sample {number} of {len(self)}")
        return self.rows([number]).ids.astype(np.int64)

    def __iter__(self) -> Iterator[NDArray[np.int64]]:
        return map(self.__getitem__, range(len(self)))

    def lengths(self, indices: ArrayLike) -> NDArray[np.int64]:
        """Return the number of ids in each of several samples.

        Args:
            indices: Their numbers, shape `(count,)`; negative ones count from the end.

        Returns:
            int64, shape `(count,)`.

        Raises:
            IndexError: There is no such sample.
        """
        starts, stops = self._spans(indices)
        return stops - starts

    def rows(
        self, indices: ArrayLike, *, max_length: int | None = None, side: Side = "right"
    ) -> Ragged:
        """Return several samples in the given order.

        Args:
            indices: Their numbers, shape `(count,)`; negative ones count from the end.
            max_length: The most ids to read of each.
            side: The side on which longer samples are cut.

        Raises:
            IndexError: There is no such sample.
        """
        check_side("side", side)
        max_length = None if max_length is None else check_length("max_length", max_length, least=0)
        starts, stops = self._spans(indices)
        if max_length is not None and side == "right":
            stops = np.minimum(stops, starts + max_length)
        elif max_length is not None:
            starts = np.maximum(starts, stops - max_length)
        return self._store.read(starts, stops, self)

    def pieces(self, indices: ArrayLike, starts: ArrayLike, stops: ArrayLike) -> Ragged:
        """Return a piece of each of several samples in the given order.

        Args:
            indices: The numbers of the samples, shape `(count,)`; negative ones count from the
                end.
            starts: The position in its sample at which each piece begins, shape `(count,)`.
            stops: The position at which it ends: one for each piece.

        Raises:
            IndexError: There is no such sample, or a piece goes beyond its ends.
        """
        firsts, lasts = self._spans(indices)
        starts = whole_numbers("starts", starts, -MAX_POSITION)
        stops = whole_numbers("stops", stops, -MAX_POSITION)
        if not len(firsts) == len(starts) == len(stops):
            raise ArgumentError(
                f"are {len(firsts)}, with {len(starts)} starts and {len(stops)} stops",
                parameter="indices",
            )
        if not np.all((starts >= 0) & (starts <= stops) & (stops <= lasts - firsts)):
            raise IndexError("a piece goes beyond the ends of its sample")
        return self._store.read(firsts + starts, firsts + stops, self)

    def _spans(self, indices: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where samples begin and end among all ids."""
        numbers = whole_numbers("indices", indices, -MAX_POSITION)
        count = len(self._samples)
        if numbers.size and not -count <= int(numbers.min()) <= int(numbers.max()) < count:
            raise IndexError(f"there are only {count} samples")
        numbers = np.where(numbers < 0, numbers + count, numbers)
        numbers = numbers * self._samples.step + self._samples.start
        if self._view == "windows":
            starts = numbers * (self._stride or 0)
            return starts, starts + (self._length or 0)
        return self._store.spans(numbers)

    def digest(self) -> str:
        """Return the same 64 hex digits for the same samples, wherever their files are.

        The digest covers the view; and, for each shard, its digests in the manifest, or else the
        numbers of its ids and documents, and some ids and bounds that are spread over it.
        """
        parts = [self._view, self._length, self._stride, self._samples]
        return hashlib.sha256(repr([*parts, *self._store.fingerprints()]).encode()).hexdigest()

    def _part(self, samples: range) -> TokenDataset:
        part = object.__new__(TokenDataset)
        part.__dict__.update(self.__dict__, _samples=samples)
        return part

    def __reduce__(self) -> tuple[object, ...]:
        return _reopened, (self._source, self._view, self._length, self._stride, self._samples)

    def __repr__(self) -> str:
        shards = f" of {len(self._store)} shards" if len(self._store) > 1 else ""
        return f"<TokenDataset: {len(self)} {self._view}{shards}>"


def as_dataset(samples: TokenDataset | Samples, name: str) -> TokenDataset:
    """Return samples as a dataset; messages call them by `name`."""
    return samples if isinstance(samples, TokenDataset) else TokenDataset(_opened(samples, name))


def _opened(source: Samples, name: str) -> ShardSet | Ragged:
    if isinstance(source, str | PathLike):
        return open_shards(source)
    if isinstance(source, ShardSet):
        return source
    if not isinstance(source, Iterable) and not hasattr(type(source), "__getitem__"):
        raise checks.wrong_type(name, source, "a path, a ShardSet or rows of ids")
    return as_ragged(source, name)


def _reopened(
    source: Samples, view: View, length: int | None, stride: int | None, samples: range
) -> TokenDataset:
    dataset = TokenDataset(source, view=view, length=length, stride=stride)
    return dataset._part(samples)
