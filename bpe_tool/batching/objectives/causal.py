"""Labels for predicting the next id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from bpe_tool import checks
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.objectives.targets import LossMask, trained
from bpe_tool.checks import MAX_SEED


@final
@dataclass(frozen=True, slots=True)
class Causal:
    """Labels for predicting each id from those before it.

    An id is to be predicted if the place before it holds the id before it in the same
    document. So nothing is predicted from padding, nor from another document of the row.
    The end of a text is predicted like any id, also where padding looks the same.

    >>> import bpe_tool
    >>> batch = bpe_tool.pad([[5, 6, 2], [7, 2]], pad_id=2)
    >>> bpe_tool.Causal().apply(batch).labels.tolist()
    [[5, 6, 2], [7, 2, -100]]
    >>> bpe_tool.Causal(shift=True).apply(batch).labels.tolist()
    [[6, 2, -100], [2, -100, -100]]

    Args:
        shift: Where an id's label stands. False: at the id's own place, for models that
            move logits and labels against each other, as Hugging Face's do. The first place
            of a row then holds its id, which such models never look at, but packed rows hold
            `ignore_index` there. True: at the place before, from which it is predicted.
        ignore_index: The label of what is not predicted. It is below 0, since from 0 on
            labels are ids.

    Raises:
        ArgumentError: `ignore_index` is out of range.
    """

    shift: bool = False
    ignore_index: int = -100

    def __post_init__(self) -> None:
        object.__setattr__(self, "shift", checks.flag("shift", self.shift))
        object.__setattr__(self, "ignore_index", check_ignore_index(self.ignore_index))

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
            batch: The batch; its other arrays are shared.
            seed: Nothing here is left to chance; all objectives are called alike.
            epoch: Likewise.
            loss_mask: Which ids to predict, if not all: an array of the shape of `ids`, or
                rows of the lengths of its rows. What is not 0 is predicted. It goes with the
                ids: `shift` moves both.
            prompt_lengths: How many ids at the start of each row (of each document, if they
                are packed) are not predicted: `(rows,)`. Counted in the whole sample, also if
                its start was cut off.

        Raises:
            ArgumentError: A mask or the lengths are not of the batch's shape.
        """
        checks.instance("batch", batch, Batch, "a Batch")
        checks.whole("seed", seed, 0, MAX_SEED)
        checks.whole("epoch", epoch, 0, MAX_SEED)
        segments = batch.attention_mask if batch.segment_ids is None else batch.segment_ids
        wanted = segments != 0
        if loss_mask is not None or prompt_lengths is not None:
            wanted[batch.attention_mask != 0] = trained(batch, loss_mask, prompt_lengths)
        wanted[:, 1:] &= segments[:, 1:] == segments[:, :-1]
        if batch.segment_ids is not None:
            wanted[:, :1] = False
        labels = np.where(wanted, batch.ids, self.ignore_index)
        if self.shift:
            labels[:, :-1] = labels[:, 1:]
            labels[:, -1:] = self.ignore_index
        return replace(batch, labels=labels)


def check_ignore_index(ignore_index: int) -> int:
    """Refuse a label for what is not predicted that could be the label of something."""
    return checks.whole("ignore_index", ignore_index, -(2**31), -1)
