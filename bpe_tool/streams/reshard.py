"""Rewrites sets of shards: merged, split, shuffled, or in another format.

Ids are copied block by block, so memory does not grow with the sets.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import numpy as np

from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.batching.sampling.random import Permutation
from bpe_tool.errors import ArgumentError
from bpe_tool.shards.files.file_array import MANY, Bounds, Ids
from bpe_tool.shards.manifest import Manifest, Provenance
from bpe_tool.shards.reader import ShardSet
from bpe_tool.shards.writer import ShardSetWriter

T = TypeVar("T")

#: How many documents are looked up at once when they are shuffled.
MANY_DOCUMENTS = 1 << 14

#: Called with the number of documents that were just written.
OnWrite: TypeAlias = Callable[[int], object]


def reshard(
    sets: Sequence[ShardSet],
    path: str | os.PathLike[str],
    *,
    format: str | None = None,
    shard_tokens: int | None = None,
    seed: int | None = None,
    force: bool = False,
    on_write: OnWrite | None = None,
) -> Manifest:
    """Write the documents of sets, one set after the other, as one set.

    Args:
        sets: The sets.
        path: The directory of the new set. With `force`, it may be that of one of them.
        format: The name of its format; by default that of the first set.
        shard_tokens: See `ShardSetWriter`.
        seed: Shuffle all documents, across sets, into an order that depends only on the seed
            and their number. Sets in formats that are read as a whole are then held in memory.
        force: Replace a set that is already there, once the new one is complete.
        on_write: See `OnWrite`.

    Returns:
        The manifest of the new set.

    Raises:
        ArgumentError: The sets do not match, or the format cannot hold their ids.
        DataError: A set is damaged.
        OSError: A file cannot be read or written.
    """
    if format is None:
        format = next((shard.format for each in sets for shard in each.shards), "npy")
    provenance = joint_provenance(sets)
    if seed is not None:
        provenance = replace(provenance, seed=seed)
    with ShardSetWriter(path, format, provenance, shard_tokens=shard_tokens, force=force) as writer:
        for ids, ends in _in_order(sets) if seed is None else _shuffled(sets, seed):
            writer.write(ids, ends)
            if on_write is not None:
                on_write(len(ends))
        return writer.finish()


def _in_order(sets: Sequence[ShardSet]) -> Iterator[tuple[Ids, Bounds]]:
    """Yield the documents of sets in order, as `Shard.blocks` does."""
    for each in sets:
        for shard in each.shards:
            yield from shard.blocks()
            shard.release()


def _shuffled(sets: Sequence[ShardSet], seed: int) -> Iterator[tuple[Ids, Bounds]]:
    """Yield the documents of sets in shuffled order, several at a time."""
    every = ShardSet(Path(), [shard for each in sets for shard in each.shards], None)
    documents = TokenDataset(every.unmapped())
    order = Permutation(len(documents), seed)
    for start in range(0, len(documents), MANY_DOCUMENTS):
        indices = order[start : start + MANY_DOCUMENTS]
        # Long documents are read a few at a time.
        sizes = np.cumsum(documents.lengths(indices)) // MANY
        for some in np.split(indices, np.flatnonzero(np.diff(sizes)) + 1):
            rows = documents.rows(some)
            yield rows.ids, rows.bounds[1:]


def joint_provenance(sets: Sequence[ShardSet]) -> Provenance:
    """Return what is known about the ids of all sets together.

    Raises:
        ArgumentError: Their vocabularies, or the ids around their documents, differ.
    """
    known = [each.manifest.provenance for each in sets if each.manifest]
    _refuse_different("vocabularies", [each.vocab_sha256 for each in known])
    _refuse_different("ids before each document", [each.before for each in known])
    _refuse_different("ids after each document", [each.after for each in known])
    every = [each.manifest.provenance if each.manifest else None for each in sets]
    highest = max((_max_id(each) for each in sets), default=0)
    first = every[0] if every else None
    if first is None or None in every:
        return Provenance(max_id=highest)
    pipelines: dict[str | None, None] = {}
    for each in known:
        pipelines |= dict.fromkeys(each.pipelines)
    complete = all(each.pipelines for each in known)
    same: dict[str, Any] = {
        name: getattr(first, name)
        for name in ("vocab_size", "vocab_sha256", "special_tokens", "before", "after")
        if all(getattr(each, name) == getattr(first, name) for each in known)
    }
    return Provenance(
        max_id=highest,
        **same,
        pipelines=tuple(pipelines) if complete else (),
        seed=first.seed if len(sets) == 1 else None,
    )


def _refuse_different(what: str, values: Sequence[T | None]) -> None:
    different = list(dict.fromkeys(value for value in values if value is not None))
    if len(different) > 1:
        shown = " and ".join(map(str, different[:2]))
        raise ArgumentError(f"the sets have different {what}: {shown}")


def _max_id(shards: ShardSet) -> int:
    """Return the largest id that a set can have; without a manifest, the largest it has."""
    if shards.manifest:
        return shards.manifest.provenance.max_id
    return max(
        (int(ids.max()) for shard in shards.shards for ids, _ in shard.blocks() if len(ids)),
        default=0,
    )
