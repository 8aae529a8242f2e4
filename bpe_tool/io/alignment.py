"""Offsets in preprocessed text, and the spans of records that they stand for."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Alignment(NamedTuple):
    """Where the parts of one preprocessed text came from, in bytes.

    Attributes:
        at: Where each part begins in the text.
        starts: Where the span of the record begins that it came from.
        ends: Where that ends.
        copied: Whether the part is that span. Otherwise it came from the span as a whole.
    """

    at: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    copied: NDArray[np.bool_]

    def spans(self, offsets: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the spans of the record that spans of the text, one a row, came from."""
        if not len(self.at):
            return np.zeros_like(offsets)
        first, last = offsets[:, 0], offsets[:, 1]
        of_first = np.maximum(np.searchsorted(self.at, first, "right") - 1, 0)
        of_last = np.maximum(np.searchsorted(self.at, last - 1, "right") - 1, 0)
        inside = np.where(self.copied[of_first], first - self.at[of_first], 0)
        start = np.minimum(self.starts[of_first] + inside, self.ends[of_first])
        copied_end = np.minimum(self.starts[of_last] + last - self.at[of_last], self.ends[of_last])
        end = np.where(self.copied[of_last], copied_end, self.ends[of_last])
        end = np.where(last > 0, end, 0)
        # Ids that stand for nothing, such as those of a template, have an empty span.
        start = np.where(first < last, start, end)
        return np.stack((start, end), axis=1)


#: That of an empty text.
NOTHING = Alignment(
    np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.bool_)
)


def in_record(
    alignments: Iterable[Alignment], ends: Sequence[int], offsets: bytes | bytearray
) -> bytes:
    """Return offsets as spans of the records that documents came from.

    Args:
        alignments: That of each document, also of one that goes on.
        ends: How many ids come before the end of each document that ends.
        offsets: The offsets of the ids, as `Records` has them.
    """
    table = np.frombuffer(offsets, np.int64).reshape(-1, 2)
    bounds = [0, *ends, len(table)]
    rows = [
        alignment.spans(table[start:end])
        for alignment, start, end in zip(alignments, bounds, bounds[1:], strict=False)
        if start < end
    ]
    return np.concatenate(rows).tobytes() if rows else b""
