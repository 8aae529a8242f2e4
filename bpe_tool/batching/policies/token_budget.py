"""As many rows in a batch as fit a number of tokens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from bpe_tool import checks
from bpe_tool.batching.policies.padded import PaddedPolicy, check_fit
from bpe_tool.batching.rows import Int64s, check_length, keep_lengths
from bpe_tool.id_arrays import whole_numbers


@final
@dataclass(frozen=True, slots=True)
class TokenBudget(PaddedPolicy):
    """As many rows in a batch as fit a number of tokens, padding included.

    Args:
        max_tokens: The most slots of a batch: rows times width.
        multiple: The width of a batch is rounded up to a multiple of this.
        sort: Whether rows are sorted by length first, the longest in front, which leaves
            little to pad. Otherwise neighbours are grouped.

    Raises:
        ArgumentError: A number is not positive.

    >>> TokenBudget(8).groups(np.array([2, 4, 1, 4]))
    [array([1, 3]), array([0, 2])]
    >>> TokenBudget(8, sort=False).groups(np.array([2, 4, 1, 4]))
    [array([0, 1]), array([2, 3])]
    """

    max_tokens: int
    multiple: int = 1
    sort: bool = True

    def __post_init__(self) -> None:
        keep_lengths(self, "max_tokens", "multiple")
        object.__setattr__(self, "sort", checks.flag("sort", self.sort))

    def groups(self, lengths: Int64s) -> list[Int64s]:
        """Fill batches one after the other. See `PaddedPolicy.groups`.

        Raises:
            DataError: A row alone is more than `max_tokens`.
        """
        lengths = whole_numbers("lengths", lengths)
        widths = -(-lengths // self.multiple) * self.multiple
        check_fit(widths, self.max_tokens, "a batch", "pass a larger {max_tokens}")
        rows = np.arange(len(lengths), dtype=np.int64)
        order = np.argsort(-widths, kind="stable") if self.sort else rows
        # Rows without ids have no width: without this, a batch could take any number of them.
        widths = np.maximum(widths[order], 1)
        groups = []
        start = 0
        while start < len(order):
            # A batch is at least as wide as its first row, so it has no more rows than this.
            most = self.max_tokens // int(widths[start])
            widest = np.maximum.accumulate(widths[start : start + most])
            sizes = widest * np.arange(1, len(widest) + 1)
            stop = start + int(np.searchsorted(sizes, self.max_tokens, side="right"))
            groups.append(order[start:stop])
            start = stop
        return groups

    def width(self, longest: int) -> int:
        """Return the multiple that `longest` ids fit."""
        return -(-check_length("longest", longest, least=0) // self.multiple) * self.multiple
