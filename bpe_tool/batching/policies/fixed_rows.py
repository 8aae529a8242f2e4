"""Rows in order, the same number in each batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np

from bpe_tool.batching.policies.padded import PaddedPolicy, PaddedRows, cut
from bpe_tool.batching.policies.policy import Group, Lengths, Shuffle
from bpe_tool.batching.rows import Int64s, check_length, keep_lengths
from bpe_tool.id_arrays import whole_numbers


@final
@dataclass(frozen=True, slots=True)
class FixedRows(PaddedPolicy):
    """The same number of rows in each batch, whatever their lengths; the last may have fewer.

    Args:
        rows: The number of rows in a batch.

    Raises:
        ArgumentError: `rows` is not positive.

    >>> FixedRows(2).groups(np.array([5, 1, 3]))
    [array([0, 1]), array([2])]
    """

    rows: int

    def __post_init__(self) -> None:
        keep_lengths(self, "rows")

    def groups(self, lengths: Int64s) -> list[Int64s]:
        """Put neighbours together. See `PaddedPolicy.groups`."""
        count = len(whole_numbers("lengths", lengths))
        return cut(np.arange(count, dtype=np.int64), self.rows)

    def count(self, samples: int) -> int:
        """Return the number of batches that a number of samples makes."""
        return -(-check_length("samples", samples, least=0) // self.rows)

    @property
    def rows_in_order(self) -> int:
        """The rows of each batch."""
        return self.rows

    def divide(self, samples: Int64s, lengths: Lengths, shuffle: Shuffle) -> Sequence[Group]:
        """Put neighbours together. Nothing is sorted, so there is nothing to shuffle again."""
        return [PaddedRows(group, self) for group in cut(samples, self.rows)]

    def width(self, longest: int) -> int:
        """Return `longest`."""
        return check_length("longest", longest, least=0)
