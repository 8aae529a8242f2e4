"""Conversations of several turns: which ids are responses, and are learned."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import SupportsIndex, TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.objectives.targets import document_lengths, document_starts, samples
from bpe_tool.batching.rows import Int64s, bounds_of, check_length
from bpe_tool.batching.sampling.dataset import Samples, TokenDataset, as_dataset
from bpe_tool.checks import MAX_ID
from bpe_tool.errors import ArgumentError, BpeToolWarning, DataError, Suggestion
from bpe_tool.ragged import Ragged

#: The number of ids that are searched at once, unless a single sample has more.
MANY_IDS = 1 << 20

#: The end of a response that ends with its sample, or with the id that is put after the sample.
OPEN = np.iinfo(np.int64).max

#: What ends a turn: one id, or several in a row.
Marker: TypeAlias = SupportsIndex | Sequence[int]


@final
@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Responses:
    """Where the responses of samples are. Made by `find_responses`.

    Attributes:
        bounds: The responses of sample `i` are those from `bounds[i]` to `bounds[i + 1]`: int64,
            `(samples + 1,)`.
        starts: The position in its sample at which each response begins: int64, `(responses,)`.
        stops: The position at which it ends, with the ids that end it: int64, `(responses,)`;
            2^63 - 1 for the end of the sample.
        first: The number of the first sample, for messages.
    """

    bounds: Int64s
    starts: Int64s
    stops: Int64s
    first: int = 0

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __repr__(self) -> str:
        return f"<Responses: {len(self.starts)} in {len(self)} samples>"

    def loss_mask(self, batch: Batch, *, before: int = 0) -> NDArray[np.bool_]:
        """Return which ids of a batch are part of a response.

        Args:
            batch: The batch. It says which `samples` its rows are, or which `pieces`.
            before: The number of ids that were put before each sample: 1 with a `bos_id`.

        Returns:
            The `loss_mask` for `Causal.apply` or `MaskedLM.apply`: bool, of the shape of
            `batch.ids`.

        Raises:
            ArgumentError: The batch does not say which samples its rows are, or has others.
            DataError: Nothing is learned from a row: it holds no part of a response, or only the
                first id of a document.
        """
        checks.instance("batch", batch, Batch, "a Batch")
        before = check_length("before", before, least=0)
        owners, lengths = samples(batch), document_lengths(batch)
        if len(owners) and not 0 <= int(owners.min()) <= int(owners.max()) < len(self):
            raise ArgumentError(f"the batch has a sample beyond the {len(self)} that were searched")
        # For each document, the responses of its sample, as positions in the whole batch.
        counts = np.diff(self.bounds)[owners]
        of = np.repeat(np.arange(len(owners)), counts)
        at = np.arange(len(of)) + np.repeat(self.bounds[owners] - bounds_of(counts)[:-1], counts)
        begins = bounds_of(lengths)
        room, skipped = lengths[of], document_starts(batch)[of] - before
        # The ids before a sample are in its row even if the start of the sample was cut off; in
        # packed rows they are part of the first piece.
        least = np.minimum(room, before if batch.segment_ids is None else 0)
        starts = np.clip(self.starts[at] - skipped, least, room)
        stops = np.clip(np.minimum(self.stops[at], OPEN - before) - skipped, least, room)
        changes = np.zeros(int(begins[-1]) + 1, np.int64)
        np.add.at(changes, starts + begins[of], 1)
        np.add.at(changes, stops + begins[of], -1)
        found = np.cumsum(changes[:-1]) > 0
        self._check_rows(batch, found, owners, begins)
        mask = np.zeros(batch.ids.shape, bool)
        mask[batch.attention_mask != 0] = found
        return mask

    def _check_rows(
        self, batch: Batch, found: NDArray[np.bool_], owners: Int64s, begins: Int64s
    ) -> None:
        """Refuse a row in which nothing is learned.

        The first id of a document is never learned: no id before it predicts it.
        """
        later = found.copy()
        later[begins[:-1][np.diff(begins) > 0]] = False
        rows = bounds_of(batch.lengths)
        learned = np.diff(bounds_of(later.astype(np.int64))[rows])
        idle = np.flatnonzero((learned == 0) & (batch.lengths > 0))
        if len(idle):
            document = int(owners[np.searchsorted(begins, rows[idle[0]], "right") - 1])
            raise DataError(
                f"document {self.first + document} (the first is 0): nothing in its row is "
                "learned, since no response is in what fits the row, or only the first id of it",
                hint="make rows longer, or leave such documents out",
            )


def find_responses(
    samples: TokenDataset | Samples,
    prompt_end: Marker,
    response_end: Marker | None = None,
    *,
    first: int = 0,
) -> Responses:
    """Find the responses in samples, so that they are learned and prompts are not.

    A response begins after a `prompt_end` and ends with the next `response_end`, which is part
    of it, because a model has to learn where to end. After it comes the next prompt.

    Args:
        samples: A `TokenDataset`, or what it takes as `source`. All of it is read once.
        prompt_end: The id that ends prompts, or several ids in a row, such as those of
            `<|im_start|>assistant`.
        response_end: The id or ids that end responses, such as that of `<|im_end|>`. Without it,
            a sample has one response, from the first `prompt_end` to the end of the sample. If
            both match at the same position, the longer one counts.
        first: The number of the first sample, for messages.

    Raises:
        ArgumentTypeError: A marker is neither an id nor a sequence of ids.
        ArgumentError: An id is out of range.
        DataError: A sample has no `prompt_end`, so that nothing is learned from it; or the
            shards are damaged.

    >>> import bpe_tool
    >>> rows = [[5, 3, 7, 4, 6, 3, 8, 4], [3, 9]]
    >>> responses = bpe_tool.find_responses(rows, prompt_end=3, response_end=4)
    >>> batch = bpe_tool.pad(rows, pad_id=0)
    >>> bpe_tool.Causal().apply(batch, loss_mask=responses.loss_mask(batch)).labels.tolist()
    ... # doctest: +NORMALIZE_WHITESPACE
    [[-100, -100, 7, 4, -100, -100, 8, 4],
     [-100, 9, -100, -100, -100, -100, -100, -100]]
    """
    prompt = marker("prompt_end", prompt_end)
    response = None if response_end is None else marker("response_end", response_end)
    first = checks.whole("first", first)
    counts, starts, stops = [np.empty(0, np.int64)], [], []
    again = done = 0
    for rows in parts(as_dataset(samples, "samples")):
        if response is None:
            found, owners = marker_ends(rows, prompt)
            kept = np.diff(owners, prepend=-1) > 0
            again += int(np.count_nonzero(np.bincount(owners) > 1))
            owners = owners[kept]
            begins = found[kept] - rows.bounds[owners]
            ends = np.full_like(begins, OPEN)
        else:
            owners, begins, ends = _turns(rows, prompt, response)
        counts.append(np.bincount(owners, minlength=len(rows)))
        if len(idle := np.flatnonzero(counts[-1] == 0)):
            raise DataError(
                f"document {first + done + int(idle[0])} (the first is 0) has no end of a "
                "prompt, so nothing is learned from it",
                hint=Suggestion("leave such documents out, or check {prompt_end}"),
            )
        starts.append(begins)
        stops.append(ends)
        done += len(rows)
    if again:
        warn_of_turns(again)
    nothing = np.empty(0, np.int64)
    return Responses(
        bounds_of(np.concatenate(counts)),
        np.concatenate([nothing, *starts]),
        np.concatenate([nothing, *stops]),
        first,
    )


def warn_of_turns(count: int) -> None:
    """Warn that `count` samples have several prompts, of which only the first is left out."""
    have = "1 document has" if count == 1 else f"{count} documents have"
    warnings.warn(
        f"{have} several prompts: what follows the first one is learned, later prompts too, "
        "since the end of responses is not given",
        BpeToolWarning,
        stacklevel=3,
    )


def parts(dataset: TokenDataset) -> Iterator[Ragged]:
    """Yield all samples in order, about `MANY_IDS` ids at a time."""
    every = np.arange(len(dataset))
    number = np.cumsum(dataset.lengths(every)) // MANY_IDS
    for some in np.split(every, np.flatnonzero(np.diff(number)) + 1):
        if len(some):
            yield dataset.rows(some)


def marker(name: str, value: Marker) -> tuple[int, ...]:
    """Return the ids of a marker.

    Raises:
        ArgumentTypeError: It is neither an id nor a sequence of ids.
        ArgumentError: An id is out of range.
    """
    found = [value] if isinstance(value, str | bytes) or not isinstance(value, Iterable) else value
    ids = tuple(checks.whole(name, id, 0, MAX_ID) for id in found)
    if not ids:
        raise ArgumentError("is empty: it must be an id, or several", parameter=name)
    return ids


def _turns(
    rows: Ragged, prompt: tuple[int, ...], response: tuple[int, ...]
) -> tuple[Int64s, Int64s, Int64s]:
    """Return the row of each response, and the positions in it where it begins and ends."""
    found, owners = marker_ends(rows, prompt)
    if prompt == response:
        # The first marker of a row ends a prompt, the second a response, and so on.
        opens = (np.arange(len(owners)) - np.searchsorted(owners, owners)) % 2 == 0
    else:
        ends, end_owners = marker_ends(rows, response)
        if len(prompt) < len(response):
            kept = ~np.isin(found, ends)
            found, owners = found[kept], owners[kept]
        else:
            kept = ~np.isin(ends, found)
            ends, end_owners = ends[kept], end_owners[kept]
        opens = np.repeat([True, False], [len(found), len(ends)])
        found, owners = np.append(found, ends), np.append(owners, end_owners)
        order = np.argsort(found, kind="stable")
        found, owners, opens = found[order], owners[order], opens[order]
    # Of several markers in a row of the same kind, the first counts; each row begins as a prompt.
    is_first = np.diff(owners, prepend=-1) > 0
    before = np.append(False, opens[:-1]) & ~is_first if len(opens) else opens
    turn = opens != before
    found, owners, opens = found[turn], owners[turn], opens[turn]
    begins = np.flatnonzero(opens)
    starts = found[begins] - rows.bounds[owners[begins]]
    stops = np.full(len(begins), OPEN)
    following = np.minimum(begins + 1, len(opens) - 1)
    closed = (owners[following] == owners[begins]) & (following > begins)
    inside = found[following] < rows.bounds[owners[begins] + 1]
    ended = closed & inside
    stops[ended] = (found[following] - rows.bounds[owners[begins]])[ended]
    return owners[begins], starts, stops


def marker_ends(rows: Ragged, marker: tuple[int, ...]) -> tuple[Int64s, Int64s]:
    """Return where each marker ends among all ids, and the index of its row."""
    found = np.flatnonzero(rows.ids == marker[-1])
    for back, id in enumerate(marker[-2::-1], 1):
        found = found[found >= back]
        found = found[rows.ids[found - back] == id]
    owners = np.searchsorted(rows.bounds, found, "right") - 1
    whole = found - len(marker) + 1 >= rows.bounds[owners]
    return found[whole] + 1, owners[whole]
