"""Labels for predicting the next id."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np
from numpy.typing import NDArray

from bpe_tool import checks
from bpe_tool.batching.batch import Batch
from bpe_tool.batching.objectives.objective import Objective, check_ignore_index


@final
@dataclass(frozen=True, slots=True)
class Causal(Objective):
    """Labels for predicting each id from those before it.

    An id is predicted if the slot before it holds the previous id of the same document. So
    nothing is predicted from padding or from another document of the row. The end of a text is
    predicted like any other id, even if padding uses the same id.

    >>> import bpe_tool
    >>> batch = bpe_tool.pad([[5, 6, 2], [7, 2]], pad_id=2)
    >>> bpe_tool.Causal().apply(batch).labels.tolist()
    [[5, 6, 2], [7, 2, -100]]
    >>> bpe_tool.Causal(shift=True).apply(batch).labels.tolist()
    [[6, 2, -100], [2, -100, -100]]

    Args:
        shift: Where the label of an id is. False: in the slot of the id, for models that shift
            labels themselves, as Hugging Face's do. The first slot of a row then holds its own
            id, which such models ignore; in packed rows it holds `ignore_index`. True: in the
            slot before, from which the id is predicted. A `loss_mask` shifts along.
        ignore_index: The label of ids that are not predicted. It is below 0, because labels
            from 0 on are ids.

    Raises:
        ArgumentError: `ignore_index` is out of range.
    """

    shift: bool = False
    ignore_index: int = -100

    def __post_init__(self) -> None:
        object.__setattr__(self, "shift", checks.flag("shift", self.shift))
        object.__setattr__(self, "ignore_index", check_ignore_index(self.ignore_index))

    def _labelled(
        self, batch: Batch, allowed: NDArray[np.bool_] | None, seed: int, epoch: int
    ) -> Batch:
        segments = batch.attention_mask if batch.segment_ids is None else batch.segment_ids
        wanted = segments != 0
        if allowed is not None:
            wanted[batch.attention_mask != 0] = allowed
        wanted[:, 1:] &= segments[:, 1:] == segments[:, :-1]
        if batch.segment_ids is not None:
            wanted[:, :1] = False
        labels = np.where(wanted, batch.ids, self.ignore_index)
        if self.shift:
            labels[:, :-1] = labels[:, 1:]
            labels[:, -1:] = self.ignore_index
        return replace(batch, labels=labels)
