"""Finds batches that are masked alike because their samples have no numbers."""

from __future__ import annotations

import warnings
from typing import final

import numpy as np

from bpe_tool import checks
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.objectives.targets import document_lengths, positions, samples
from bpe_tool.errors import BpeToolWarning

#: The number of ids of a batch that are compared with those of the batch before.
COMPARED = 64


@final
class RepeatDetector:
    """Warns of a batch that is masked like the one before though it holds other ids.

    Draws depend on the number of a sample. `pad` and `pack` count samples from 0 if they are not
    given `samples`, so a collate function that leaves them out masks the same positions in each
    batch. No single batch shows that: this remembers how the last such batch began.
    """

    __slots__ = ("_last",)

    def __init__(self) -> None:
        self._last: tuple[tuple[int, ...], list[int]] | None = None

    def check(self, batch: Batch, seed: int, epoch: int) -> None:
        """Compare a batch with the one before, unless its samples have numbers."""
        if batch.numbered or not batch.lengths.any():
            return
        lengths = document_lengths(batch)
        first = int(np.flatnonzero(lengths)[0])
        drawn_for = (checks.whole("seed", seed), checks.whole("epoch", epoch))
        key = (*drawn_for, int(samples(batch)[first]), int(positions(batch)[0]))
        ids = batch.ids[batch.attention_mask != 0][: lengths[first]][:COMPARED].tolist()
        if self._last is not None and self._last[0] == key:
            common = min(len(ids), len(self._last[1]))
            if ids[:common] != self._last[1][:common]:
                warnings.warn(
                    "two batches begin with different rows that are the same sample, so the same "
                    "positions are hidden in both: pass the numbers of `samples` to `pad` or "
                    "`pack`, or use a `Loader`",
                    BpeToolWarning,
                    # The caller of `apply`.
                    stacklevel=4,
                )
        self._last = key, ids
