"""From streams of ids to batches: what `batch` does, without the command line.

Documents are read until there is a pool of them, and the batches of a pool are made before
the next is read, so memory does not grow with the input. Only shuffling needs all at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.batch import Batch
from bpe_tool.batching.collate import room_in
from bpe_tool.batching.objectives.responses import find_responses
from bpe_tool.batching.options import Batching, Int64s
from bpe_tool.batching.rows import bounds_of, gather, windows
from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.batching.sampling.random import Permutation
from bpe_tool.ragged import Ragged

#: Some ids, and how many of them come before the end of each document that ends there.
Block: TypeAlias = tuple[NDArray[np.integer], Int64s]

#: So many documents are looked at together to leave short ones out.
MANY_DOCUMENTS = 4096


def batches(
    documents: Iterable[Block] | TokenDataset,
    batching: Batching,
    *,
    on_lengths: Callable[[Int64s], object] | None = None,
) -> Iterator[Batch]:
    """Yield the batches of documents.

    Args:
        documents: A stream of them; or a dataset, which need not be in memory, to be shuffled.
        batching: What to make of them.
        on_lengths: Told how many ids documents have, with those around them, in the order in
            which they are batched.

    Raises:
        BpeToolError: The ids cannot be read, or a document does not fit.
    """
    done = 0
    for pool in _pools(documents, batching):
        if on_lengths is not None:
            on_lengths(_lengths(pool, batching))
        responses = None
        if batching.prompt_end is not None:
            responses = find_responses(pool, batching.prompt_end, batching.response_end, first=done)
        before = int(batching.bos_id is not None)
        for batch in batching.loader(pool):
            counted = _counted_from(batch, done)
            if batching.objective is not None:
                mask = None if responses is None else responses.loss_mask(batch, before=before)
                counted = batching.objective.apply(
                    counted, seed=batching.seed, epoch=batching.epoch, loss_mask=mask
                )
            yield counted
        done += len(pool)


def measure(documents: Iterable[Block] | TokenDataset, batching: Batching) -> Int64s:
    """Return what `batches` tells `on_lengths`, and make no batches."""
    lengths = [_lengths(pool, batching) for pool in _pools(documents, batching)]
    return np.concatenate([np.zeros(0, np.int64), *lengths])


def _pools(documents: Iterable[Block] | TokenDataset, batching: Batching) -> Iterator[TokenDataset]:
    """Yield documents, as many at a time as are looked at together; all to be shuffled."""
    if isinstance(documents, TokenDataset):
        yield documents
        return
    # Batches of documents just in order need not wait for a pool.
    size = None if batching.shuffle else batching.rows or batching.pool
    if batching.min_length:
        documents = _without_short(documents, batching.min_length)
    for rows in gathered(documents, size):
        if batching.stride is not None:
            room = room_in(batching.max_length or 0, batching.frame)
            yield TokenDataset(windows(rows, room, batching.stride)[0])
        else:
            yield TokenDataset(rows)


def _without_short(blocks: Iterable[Block], least: int) -> Iterator[Block]:
    """Yield the documents of blocks that have so many ids at least."""
    for rows in gathered(blocks, MANY_DOCUMENTS):
        lengths = np.diff(rows.bounds)
        kept = lengths >= least
        long = gather(rows.ids, rows.bounds[:-1][kept], lengths[kept])
        yield long.ids, long.bounds[1:]


def gathered(blocks: Iterable[Block], size: int | None) -> Iterator[Ragged]:
    """Yield the documents of blocks, `size` at a time or all at once."""
    pieces: list[NDArray[np.uint32]] = []
    lengths: list[Int64s] = []
    # Of the last document, which has not ended yet; and how many there are before it.
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
    """Return how long documents are, in the order in which they are taken."""
    order: Int64s | range = range(len(dataset))
    if batching.shuffle:
        order = Permutation(len(dataset), batching.seed, batching.epoch)[:]
    return dataset.lengths(np.asarray(order)) + batching.frame


def _counted_from(batch: Batch, done: int) -> Batch:
    """Return a batch whose samples are counted from the first of all pools."""
    if not done:
        return batch
    samples, pieces = batch.samples, batch.pieces
    if samples is not None:
        samples = samples + done * (samples >= 0)
    if pieces is not None:
        pieces = pieces + np.array([done, 0])
    return replace(batch, samples=samples, pieces=pieces)
