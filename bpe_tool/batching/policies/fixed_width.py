"""One width for all batches, whatever groups their rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from bpe_tool.batching.policies.padded import PaddedPolicy
from bpe_tool.batching.rows import Int64s
from bpe_tool.errors import DataError, Suggestion


@final
@dataclass(frozen=True, slots=True)
class FixedWidth(PaddedPolicy):
    """A policy whose batches all have one width.

    Args:
        policy: Groups the rows.
        length: The width. Longer rows are refused.
    """

    policy: PaddedPolicy
    length: int

    @property
    def rows_in_order(self) -> int | None:
        """See `Policy.rows_in_order`."""
        return self.policy.rows_in_order

    def groups(self, lengths: Int64s) -> list[Int64s]:
        """Group rows as if each had the full length. See `PaddedPolicy.groups`.

        Raises:
            DataError: A row is longer.
        """
        longest = int(lengths.max(initial=0))
        if longest > self.length:
            raise DataError(
                f"a row of {longest} tokens does not fit a batch that is {self.length} wide",
                hint=Suggestion("cut rows with {max_length}"),
            )
        return self.policy.groups(np.full_like(lengths, self.length))

    def width(self, longest: int) -> int:
        """Return the one width."""
        return self.length
