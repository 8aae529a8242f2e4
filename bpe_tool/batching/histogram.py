"""The distribution of the lengths of documents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

#: The most bars with steps of equal size.
_BARS = 24


@final
@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """The number of documents in each range of lengths.

    Attributes:
        edges: Bar `i` counts lengths from `edges[i]` to below `edges[i + 1]`: `(bars + 1,)`,
            int64.
        counts: The number of documents in each bar: `(bars,)`, int64.
    """

    edges: NDArray[np.int64]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, lengths: NDArray[np.int64]) -> Histogram:
        """Count lengths, in equal steps if they are similar, or else in growing steps."""
        if not len(lengths):
            return cls(np.zeros(1, np.int64), np.zeros(0, np.int64))
        low, high = int(lengths.min()), int(lengths.max())
        edges = _steps(low, high) if high < 8 * low or high <= _BARS else _growing_steps(low, high)
        bars = np.searchsorted(edges, lengths, side="right") - 1
        return cls(edges, np.bincount(bars, minlength=len(edges) - 1))


def _steps(low: int, high: int) -> NDArray[np.int64]:
    """Return edges with 1, 2 or 5 times a power of ten between them."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            first = low // step
            bars = high // step - first + 1
            if bars <= _BARS:
                return (first + np.arange(bars + 1)) * step
        power *= 10


def _growing_steps(low: int, high: int) -> NDArray[np.int64]:
    """Return edges at the powers of two and halfway between them."""
    powers = 2 ** np.arange(62, dtype=np.int64)
    edges = np.unique(np.concatenate([[0], powers, powers // 2 * 3]))
    first = int(np.searchsorted(edges, low, side="right")) - 1
    last = int(np.searchsorted(edges, high, side="right"))
    return edges[first : last + 1]
