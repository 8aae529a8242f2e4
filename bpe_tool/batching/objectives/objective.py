"""What an objective is: it makes the labels of a batch."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.objectives.targets import LossMask, trained
from bpe_tool.checks import MAX_SEED


class Objective(ABC):
    """The base of all objectives."""

    __slots__ = ()

    def apply(
        self,
        batch: Batch,
        *,
        seed: int = 0,
        epoch: int = 0,
        loss_mask: LossMask | None = None,
        prompt_lengths: ArrayLike | None = None,
    ) -> Batch:
        """Return the batch with labels.

        Args:
            batch: The batch, which is not changed. The arrays that stay the same are shared.
            seed: Decides what is drawn at random, if anything is; from 0 to 2^64 - 1.
            epoch: Decides the same; another epoch draws again.
            loss_mask: The ids that may be predicted: an array of the shape of `ids`, or one
                row for each row, without padding. What is not 0 may be predicted.
            prompt_lengths: The number of ids at the start of each row (of each document, if
                rows are packed) that are not predicted: `(rows,)`. They are counted in the whole
                sample, even if its start was cut off.

        Raises:
            ArgumentError: An argument is out of range or does not have the batch's shape.
        """
        checks.instance("batch", batch, Batch, "a Batch")
        seed = checks.whole("seed", seed, 0, MAX_SEED)
        epoch = checks.whole("epoch", epoch, 0, MAX_SEED)
        allowed = None
        if loss_mask is not None or prompt_lengths is not None:
            allowed = trained(batch, loss_mask, prompt_lengths)
        return self._labelled(batch, allowed, seed, epoch)

    @abstractmethod
    def _labelled(
        self, batch: Batch, allowed: NDArray[np.bool_] | None, seed: int, epoch: int
    ) -> Batch:
        """Return the batch with labels.

        Args:
            batch: The batch.
            allowed: Whether each id may be predicted, row after row without padding; all may
                if it is `None`.
            seed: Decides what is drawn at random.
            epoch: Decides the same.
        """


def check_ignore_index(ignore_index: int) -> int:
    """Return the label of ids that are not predicted; refuse one that could be an id."""
    return checks.whole("ignore_index", ignore_index, -(2**31), -1)
