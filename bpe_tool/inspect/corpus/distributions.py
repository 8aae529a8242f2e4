"""Measures of distributions, and confidence intervals of ratios."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The number of resamples for an interval, and the share of them outside of it.
RESAMPLES, OUTSIDE = 1000, 0.05
#: The order of Rényi's entropy that best predicts the quality of a model, according to
#: Zouhar et al., "Tokenization and the noiseless channel", ACL 2023.
ALPHA = 2.5


def entropy(shares: NDArray[np.float64]) -> float:
    """Return Shannon's entropy of shares that are not 0, in bits."""
    return float(-(shares * np.log2(shares)).sum()) + 0.0


def renyi_efficiency(shares: NDArray[np.float64], size: int) -> float | None:
    """Return Rényi's entropy of order 2.5, as a share of the largest possible.

    Args:
        shares: The shares of the tokens that occur.
        size: The number of tokens that could occur.

    Returns:
        A number from 0 to 1; `None` if no token occurs, or fewer than two could.
    """
    if not len(shares) or size < 2:
        return None
    return float(np.log2((shares**ALPHA).sum()) / (1 - ALPHA) / np.log2(size)) + 0.0


def gini(costs: Sequence[float]) -> float | None:
    """Return Gini's coefficient: 0 if all costs are equal; `None` for fewer than two."""
    if len(costs) < 2 or not sum(costs):
        return None
    array = np.array(costs)
    apart = np.abs(array[:, None] - array[None, :]).sum()
    return float(apart / (2 * len(array) * array.sum()))


def resampled(sums: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Resample rows with replacement, many times.

    Args:
        sums: Sums of documents, or of groups of documents: shape `(rows, columns)`.

    Returns:
        The sums of each resample: int64, shape `(RESAMPLES, columns)`; `None` for fewer than
        two rows. Equal arguments give equal results.
    """
    rows = len(sums)
    if rows < 2:
        return None
    drawn = np.random.default_rng(0).multinomial(rows, np.full(rows, 1 / rows), RESAMPLES)
    # Integers: numpy multiplies floats with BLAS, which allocates memory of its own.
    found: NDArray[np.int64] = drawn @ sums
    return found


def interval(
    above: NDArray[np.int64], below: NDArray[np.int64]
) -> tuple[float, float] | tuple[None, None]:
    """Return the bounds of the middle 95 % of the ratios of resamples."""
    if not below.all():
        return None, None
    low, high = np.quantile(above / below, (OUTSIDE / 2, 1 - OUTSIDE / 2))
    return float(low), float(high)
