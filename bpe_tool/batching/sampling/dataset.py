"""Samples of ids by number, from shards in files or from memory."""

from __future__ import annotations

import hashlib
import operator
from collections.abc import Iterable, Iterator, Sequence
from os import PathLike
from typing import Any, Literal, SupportsIndex, TypeAlias, final, get_args, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching.rows import Rows, Side, as_ragged, bounds_of, check_length, check_side
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.id_arrays import MAX_POSITION, whole_numbers
from bpe_tool.ragged import Ragged
from bpe_tool.shards.layouts.layout import Bounds, Ids
from bpe_tool.shards.layouts.mapped import Stored, mapped
from bpe_tool.shards.reader import Shard, ShardSet, open_shards

View: TypeAlias = Literal["documents", "windows"]
Source: TypeAlias = str | PathLike[str] | ShardSet | Rows

#: How many ids and bounds of a shard take part in the digest of a dataset.
_PROBES = 16


@final
class TokenDataset:
    """Samples of ids by number: the documents of shards, or windows of equal length.

    A sequence: `len` counts the samples, `[i]` is one of them, and `[i:j]` a dataset of
    those, as for a part to validate with. That is all that torch's `DataLoader` asks of a
    dataset, and its own collation takes the samples of the window view:

        loader = torch.utils.data.DataLoader(TokenDataset("shards", view="windows", length=1024))

    Documents differ in length, so they need a `collate_fn`, such as
    `functools.partial(bpe_tool.pad, pad_id=0)`; `Loader` does it all.

    Shards stay in their files and are mapped to memory; a pickle holds their path. (Files that
    are cut off while they are in use are an `OSError` at the next sample, or, in the moment in
    which one is read, the end of the process.) So a dataset may be handed to other processes,
    forked or spawned. Threads may share it.

    Args:
        source: A shard directory or file, as for `open_shards`, or what that returned; or rows
            of ids in memory.
        view: `"documents"`: a sample is a document, perhaps an empty one. `"windows"`: a
            sample is `length` ids of all ids joined, whatever documents and shards they are
            from; ids at the end that do not fill a window are left out.
        length: How many ids a window has.
        stride: How far apart windows begin; `length` if not given.

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
        source: Source,
        *,
        view: View = "documents",
        length: int | None = None,
        stride: int | None = None,
    ) -> None:
        self._source = source = _opened(source, "source")
        # Shards are opened when they are needed. A slice of rows begins at their first id.
        self._shards: Sequence[Shard | _Unmapped | _Memory] = (
            source.shards if isinstance(source, ShardSet) else [_Memory(source[:])]
        )
        # How many ids and how many documents come before each of them, and in all.
        self._first_ids = _totals(shard.tokens for shard in self._shards)
        self._first_documents = _totals(shard.documents for shard in self._shards)
        checks.choice("view", view, get_args(View))
        self._view = view
        self._length = checks.maybe_whole("length", length, 1)
        self._stride = checks.maybe_whole("stride", stride, 1)
        self._samples = range(self._count())

    def _count(self) -> int:
        if self._view == "documents":
            if self._length is not None or self._stride is not None:
                raise ArgumentError(
                    "documents have no `length` and no `stride`",
                    hint='pass `view="windows"`; a loader cuts documents with `max_length`',
                )
            return int(self._first_documents[-1])
        if self._length is None:
            raise ArgumentError("windows have a length", hint="pass `length`")
        self._stride = self._length if self._stride is None else self._stride
        return max(0, (int(self._first_ids[-1]) - self._length) // self._stride + 1)

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
        """Return how many ids samples have.

        Args:
            indices: Their numbers, shape `(count,)`; from the end if negative.

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
        """Return several samples at once, in the order they are asked for.

        Args:
            indices: Their numbers, shape `(count,)`; from the end if negative.
            max_length: How many ids of each are read at most.
            side: Which side is cut off where there are more.

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
        return self._read(starts, stops)

    def pieces(self, indices: ArrayLike, starts: ArrayLike, stops: ArrayLike) -> Ragged:
        """Return a stretch of each of several samples, in the order they are asked for.

        Args:
            indices: The numbers of the samples, shape `(count,)`; from the end if negative.
            starts: How many ids of each come before the stretch: likewise.
            stops: How many come before its end.

        Raises:
            IndexError: There is no such sample, or it has no such stretch.
        """
        firsts, lasts = self._spans(indices)
        starts = whole_numbers("starts", starts, -MAX_POSITION)
        stops = whole_numbers("stops", stops, -MAX_POSITION)
        if not len(firsts) == len(starts) == len(stops):
            raise ArgumentError("`indices`, `starts` and `stops` are not equally many")
        if not np.all((starts >= 0) & (starts <= stops) & (stops <= lasts - firsts)):
            raise IndexError("a stretch beyond the ends of a sample")
        return self._read(firsts + starts, firsts + stops)

    def _read(self, starts: NDArray[np.int64], stops: NDArray[np.int64]) -> Ragged:
        """Return the ids from each start to its stop."""
        bounds = bounds_of(stops - starts)
        opened: dict[int, Stored | Ids] = {}
        stretches = [np.empty(0, np.uint16), *self._stretches(starts, stops, opened)]
        if any(stretch.dtype.kind == "i" for stretch in stretches):
            # Files of other programs may hold what is no id.
            signed = np.concatenate(stretches, dtype=np.int64)
            if len(signed) and not 0 <= int(signed.min()) <= int(signed.max()) <= MAX_ID:
                raise DataError(f"{self!r}: an id is not from 0 to {MAX_ID}")
            found = signed.astype(np.uint32)
        else:
            found = np.concatenate(stretches, dtype=np.uint32)
        # What was cut off in a page of memory reads as zeros.
        for shard in opened:
            self._shards[shard].check_ids()
        return Ragged(found, bounds)

    def _spans(self, indices: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where samples begin and end among all ids."""
        numbers = whole_numbers("indices", indices, -MAX_POSITION)
        count = len(self._samples)
        if numbers.size and not -count <= int(numbers.min()) <= int(numbers.max()) < count:
            raise IndexError(f"a sample beyond the {count} that there are")
        numbers = np.where(numbers < 0, numbers + count, numbers)
        numbers = numbers * self._samples.step + self._samples.start
        if self._view == "windows":
            starts = numbers * (self._stride or 0)
            return starts, starts + (self._length or 0)
        starts, stops = np.empty_like(numbers), np.empty_like(numbers)
        shards = np.searchsorted(self._first_documents, numbers, side="right") - 1
        # Shard by shard, without a look at all samples for each.
        order = np.argsort(shards, kind="stable")
        found, firsts = np.unique(shards[order], return_index=True)
        for shard, members in zip(found.tolist(), np.split(order, firsts)[1:], strict=True):
            documents = numbers[members] - self._first_documents[shard]
            bounds, before = self._shards[shard].bounds, self._first_ids[shard]
            self._shards[shard].check_bounds()
            starts[members] = bounds[documents] + before
            stops[members] = bounds[documents + 1] + before
        return starts, stops

    def _stretches(
        self, starts: NDArray[np.int64], stops: NDArray[np.int64], opened: dict[int, Stored | Ids]
    ) -> Iterator[NDArray[Any]]:
        """Yield the ids from each start to its stop, in pieces where shards meet.

        Adds the shards that they are from to `opened`.
        """
        first_ids = self._first_ids.tolist()
        shards = np.searchsorted(self._first_ids, starts, side="right") - 1
        spans = zip(shards.tolist(), starts.tolist(), stops.tolist(), strict=True)
        for shard, start, stop in spans:
            while start < stop:
                ids = opened.get(shard)
                if ids is None:
                    self._shards[shard].check_ids()
                    ids = opened[shard] = self._shards[shard].ids
                before = first_ids[shard]
                yield ids[start - before : stop - before]
                shard += 1
                start = first_ids[shard]

    def digest(self) -> str:
        """Return what tells this dataset from others, wherever its files are: 64 hex digits.

        It covers the view; and, for each shard, its digests in the manifest, or else how many
        ids and documents it has, and a few of them that are spread over it.
        """
        parts: list[object] = [self._view, self._length, self._stride, self._samples]
        for shard in self._shards:
            if isinstance(shard, Shard) and shard.entry is not None:
                parts += [file.sha256 for file in shard.entry.files]
            else:
                parts += [_probes(mapped(shard.ids)), _probes(mapped(shard.bounds))]
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def _part(self, samples: range) -> TokenDataset:
        part = object.__new__(TokenDataset)
        part.__dict__.update(self.__dict__, _samples=samples)
        return part

    def __reduce__(self) -> tuple[object, ...]:
        return _reopened, (self._source, self._view, self._length, self._stride, self._samples)

    def __repr__(self) -> str:
        shards = f" of {len(self._shards)} shards" if len(self._shards) > 1 else ""
        return f"<TokenDataset: {len(self)} {self._view}{shards}>"


def read_from(source: ShardSet) -> TokenDataset:
    """Return the documents of a set whose files are read each time, not mapped to memory.

    That takes longer, and a file that is cut off meanwhile is an error, not a dead process.
    """
    dataset = TokenDataset(source)
    dataset._shards = list(map(_Unmapped, source.shards))
    return dataset


class _Unmapped:
    """A shard of which nothing is mapped to memory."""

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self.tokens, self.documents = shard.tokens, shard.documents

    @property
    def ids(self) -> Stored | Ids:
        return self._shard.contents.ids

    @property
    def bounds(self) -> Stored | Bounds:
        return self._shard.bounds_in_file

    def check_ids(self) -> None:
        self._shard.check_ids()

    def check_bounds(self) -> None:
        self._shard.check_bounds()


class _Memory:
    """Rows in memory in the place of a shard."""

    def __init__(self, rows: Ragged) -> None:
        self.ids, self.bounds = rows.ids, rows.bounds
        self.tokens, self.documents = len(rows.ids), len(rows)

    def check_ids(self) -> None:
        """Nothing can have been cut off."""

    check_bounds = check_ids


def as_dataset(samples: TokenDataset | Source, name: str) -> TokenDataset:
    """Return samples as a dataset; messages call them by `name`."""
    return samples if isinstance(samples, TokenDataset) else TokenDataset(_opened(samples, name))


def _opened(source: Source, name: str) -> ShardSet | Ragged:
    if isinstance(source, str | PathLike):
        return open_shards(source)
    if isinstance(source, ShardSet):
        return source
    if not isinstance(source, Iterable) and not hasattr(type(source), "__getitem__"):
        raise checks.wrong_type(name, source, "a path, a ShardSet or rows of ids")
    return as_ragged(source, name)


def _reopened(
    source: Source, view: View, length: int | None, stride: int | None, samples: range
) -> TokenDataset:
    dataset = TokenDataset(source, view=view, length=length, stride=stride)
    return dataset._part(samples)


def _probes(numbers: NDArray[Any]) -> tuple[int, list[int]]:
    """Return how many numbers there are, and some of them."""
    places = np.linspace(0, len(numbers) - 1, min(_PROBES, len(numbers)), dtype=np.int64)
    return len(numbers), numbers[places].tolist()


def _totals(counts: Iterable[int]) -> NDArray[np.int64]:
    """Return the sums of the first 0, 1, 2, … of the counts."""
    return np.cumsum([0, *counts], dtype=np.int64)
