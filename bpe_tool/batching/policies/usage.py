"""How full batches are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self, final

import numpy as np
from numpy.typing import NDArray


@final
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Usage:
    """How full the batches of some documents are, and what happened to the documents.

    Attributes:
        batch_rows: The rows of each batch: `(batches,)`, int64.
        batch_tokens: The ids in each batch, without padding: `(batches,)`, int64.
        batch_slots: Rows times width of each batch: `(batches,)`, int64.
        lost: The number of ids in no row, because documents were cropped or dropped.
        split: The number of documents in more than one piece.
        cropped: The number of documents that lost ids, be it all of them.
    """

    batch_rows: NDArray[np.int64]
    batch_tokens: NDArray[np.int64]
    batch_slots: NDArray[np.int64]
    lost: int = 0
    split: int = 0
    cropped: int = 0

    @classmethod
    def joined(cls, parts: Sequence[Usage]) -> Self:
        """Return the usage of the batches of several pools together."""
        nothing = np.zeros(0, np.int64)
        return cls(
            batch_rows=np.concatenate([nothing, *(part.batch_rows for part in parts)]),
            batch_tokens=np.concatenate([nothing, *(part.batch_tokens for part in parts)]),
            batch_slots=np.concatenate([nothing, *(part.batch_slots for part in parts)]),
            lost=sum(part.lost for part in parts),
            split=sum(part.split for part in parts),
            cropped=sum(part.cropped for part in parts),
        )

    @property
    def batches(self) -> int:
        """The number of batches."""
        return len(self.batch_slots)

    @property
    def rows(self) -> int:
        """The number of rows in all batches."""
        return int(self.batch_rows.sum())

    @property
    def tokens(self) -> int:
        """The number of ids in rows."""
        return int(self.batch_tokens.sum())

    @property
    def slots(self) -> int:
        """Rows times width, added up over all batches."""
        return int(self.batch_slots.sum())

    @property
    def padding(self) -> float:
        """The share of slots that is padding."""
        return (self.slots - self.tokens) / max(self.slots, 1)

    @property
    def lost_share(self) -> float:
        """The share of ids that is lost."""
        return self.lost / max(self.tokens + self.lost, 1)

    def padding_over_time(self, most: int) -> NDArray[np.float64]:
        """Return the share of padding from the first batch to the last.

        Args:
            most: The most numbers to return. More batches than that are averaged in runs.
        """
        if not self.batches:
            return np.zeros(0)
        runs = min(self.batches, most)
        starts = np.arange(runs) * self.batches // runs
        slots = np.add.reduceat(self.batch_slots, starts)
        tokens = np.add.reduceat(self.batch_tokens, starts)
        return (slots - tokens) / np.maximum(slots, 1)
