"""From a stream of ids to batches: what `bpe-tool batch` does, without the command line.

The batches of a pool of documents are made before the next pool is read, so memory does not grow
with the input. Only shuffling needs all documents at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.batch import Batch
from bpe_tool.batching.framed import room_in
from bpe_tool.batching.loader import POOL, Loader, LoaderOptions
from bpe_tool.batching.objectives.responses import find_responses
from bpe_tool.batching.policies.policy import Policy
from bpe_tool.batching.rows import Int64s, bounds_of, gather, windows
from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.batching.sampling.random import Permutation
from bpe_tool.ragged import Ragged

#: Some ids, and for each document that ends among them, the position of its end.
IdBlock: TypeAlias = tuple[NDArray[np.integer], Int64s]

#: The number of documents that are filtered by length at once.
MANY_DOCUMENTS = 4096


@dataclass(frozen=True, kw_only=True)
class Batching:
    """How a stream of documents becomes batches.

    Attributes:
        policy: Which documents share a batch.
        pad_id: The id for padding.
        options: Other arguments of `Loader`.
        min_length: Leave out documents with fewer ids, `bos_id` and `eos_id` not counted.
        stride: Cut long documents into windows that begin this far apart. Each is `max_length`
            ids at most.
        prompt_end: The ids that end prompts, which are not learned; see `find_responses`.
        response_end: The ids that end responses, which are learned.
    """

    policy: Policy
    pad_id: int
    options: LoaderOptions = field(default_factory=LoaderOptions)
    min_length: int = 0
    stride: int | None = None
    prompt_end: tuple[int, ...] | None = None
    response_end: tuple[int, ...] | None = None

    @property
    def frame(self) -> int:
        """The number of ids around each document."""
        return self.before + (self.options.get("eos_id") is not None)

    @property
    def before(self) -> int:
        """The number of ids before each document."""
        return int(self.options.get("bos_id") is not None)

    @property
    def shuffle(self) -> bool:
        """Whether documents are shuffled."""
        return self.options.get("shuffle", False)

    @property
    def seed(self) -> int:
        """The seed of the order and of all random choices."""
        return self.options.get("seed", 0)

    @property
    def epoch(self) -> int:
        """The epoch, which decides these together with the seed."""
        return self.options.get("epoch", 0)

    @property
    def pool(self) -> int:
        """The number of documents that the policy sees at once."""
        return self.options.get("pool", POOL)

    def loader(self, documents: TokenDataset) -> Loader:
        """Return a loader of some documents that makes no labels."""
        options = LoaderOptions(**self.options)
        options["objective"] = None
        return Loader(documents, self.policy, pad_id=self.pad_id, **options)


def batches(
    documents: Iterable[IdBlock] | TokenDataset,
    batching: Batching,
    *,
    on_lengths: Callable[[Int64s], object] | None = None,
) -> Iterator[Batch]:
    """Yield the batches of documents.

    Args:
        documents: A stream of them; or a dataset, which need not be in memory, to be shuffled.
        batching: How they become batches.
        on_lengths: Called for each pool with the lengths of its documents, `bos_id` and `eos_id`
            included, in the order in which they are batched.

    Raises:
        BpeToolError: The ids cannot be read, or a document does not fit.
    """
    done = 0
    objective = batching.options.get("objective")
    for pool in _pools(documents, batching):
        if on_lengths is not None:
            on_lengths(_lengths(pool, batching))
        responses = None
        if batching.prompt_end is not None:
            responses = find_responses(pool, batching.prompt_end, batching.response_end, first=done)
        for batch in batching.loader(pool):
            counted = _counted_from(batch, done)
            if objective is not None:
                mask = None
                if responses is not None:
                    mask = responses.loss_mask(batch, before=batching.before)
                counted = objective.apply(
                    counted, seed=batching.seed, epoch=batching.epoch, loss_mask=mask
                )
            yield counted
        done += len(pool)


def measure(documents: Iterable[IdBlock] | TokenDataset, batching: Batching) -> Int64s:
    """Return the lengths of documents in the order in which they are batched; see `batches`."""
    return joined([_lengths(pool, batching) for pool in _pools(documents, batching)])


def joined(lengths: Sequence[Int64s]) -> Int64s:
    """Return the lengths of the documents of several pools together."""
    return np.concatenate([np.zeros(0, np.int64), *lengths])


def _pools(
    documents: Iterable[IdBlock] | TokenDataset, batching: Batching
) -> Iterator[TokenDataset]:
    """Yield documents a pool at a time; all at once if they are shuffled."""
    if isinstance(documents, TokenDataset):
        yield documents
        return
    # Rows in order need not wait for a pool: each batch is written when it is full.
    size = None if batching.shuffle else batching.policy.rows_in_order or batching.pool
    if batching.min_length:
        documents = _without_short(documents, batching.min_length)
    for rows in gathered(documents, size):
        if batching.stride is not None:
            room = room_in(batching.options.get("max_length") or 0, batching.frame)
            yield TokenDataset(windows(rows, room, batching.stride)[0])
        else:
            yield TokenDataset(rows)


def _without_short(blocks: Iterable[IdBlock], least: int) -> Iterator[IdBlock]:
    """Yield the documents of blocks that have at least `least` ids."""
    for rows in gathered(blocks, MANY_DOCUMENTS):
        lengths = np.diff(rows.bounds)
        kept = lengths >= least
        long = gather(rows.ids, rows.bounds[:-1][kept], lengths[kept])
        yield long.ids, long.bounds[1:]


def gathered(blocks: Iterable[IdBlock], size: int | None) -> Iterator[Ragged]:
    """Yield the documents of blocks, `size` at a time or all at once."""
    pieces: list[NDArray[np.uint32]] = []
    lengths: list[Int64s] = []
    # The ids so far of the last document, which has not ended; and the documents before it.
    begun, count = 0, 0
    for ids, ends in blocks:
        start = 0
        while size is not None and count + len(ends) >= size:
            # The pool ends in this block.
            own, ends = ends[: size - count], ends[size - count :]
            stop = int(own[-1]) if len(own) else start
            pieces.append(ids[start:stop].astype(np.uint32, copy=False))
            lengths.append(np.diff(own, prepend=start - begun))
            yield _ragged(pieces, lengths)
            pieces, lengths, begun, count, start = [], [], 0, 0, stop
        pieces.append(ids[start:].astype(np.uint32, copy=False))
        lengths.append(np.diff(ends, prepend=start - begun))
        begun = len(ids) - int(ends[-1]) if len(ends) else begun + len(ids) - start
        count += len(ends)
    if begun:
        lengths.append(np.array([begun]))
    if count or begun:
        yield _ragged(pieces, lengths)


def _ragged(pieces: Sequence[NDArray[np.uint32]], lengths: Sequence[Int64s]) -> Ragged:
    return Ragged(np.concatenate(pieces), bounds_of(np.concatenate(lengths)))


def _lengths(dataset: TokenDataset, batching: Batching) -> Int64s:
    """Return the lengths of documents in the order in which they are batched."""
    order: Int64s | range = range(len(dataset))
    if batching.shuffle:
        order = Permutation(len(dataset), batching.seed, batching.epoch)[:]
    return dataset.lengths(np.asarray(order)) + batching.frame


def _counted_from(batch: Batch, done: int) -> Batch:
    """Return a batch of a later pool with its samples numbered on from those before."""
    if not done:
        return batch
    samples, pieces = batch.samples, batch.pieces
    if samples is not None:
        samples = samples + done * (samples >= 0)
    if pieces is not None:
        pieces = pieces + np.array([done, 0])
    return replace(batch, samples=samples, pieces=pieces)
