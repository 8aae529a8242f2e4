"""Random spans that cover a given share of a text.

After M. Joshi et al., "SpanBERT: Improving pre-training by representing and predicting spans"
(TACL 2020): lengths follow a geometric distribution that is cut off. SpanBERT draws spans
until enough of a sample is covered. That would make every span depend on all others; so
here each position begins a span or does not, by a draw of its own, with the chance at which
the share is right on the average. Spans may overlap, and do not keep to words.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.rows import bounds_of
from bpe_tool.batching.sampling.random import Stream, uniform


def covering_spans(
    lengths: NDArray[np.int64],
    samples: NDArray[np.int64],
    starts: NDArray[np.int64],
    *,
    share: float,
    stop: float,
    longest: int,
    seed: int,
    epoch: int,
) -> NDArray[np.int64]:
    """Return for each position how far back the span begins that covers it.

    Args:
        lengths: How long each document is: int64, `(documents,)`.
        samples: Which sample each is of: likewise.
        starts: Where in its sample each begins: likewise. Spans that begin before it reach
            into it, so that any stretch of a sample has the spans of the whole.
        share: How much is covered on the average, from 0 to 1.
        stop: The chance with which a span ends after each position, unless it is cut off.
        longest: The most positions of a span.
        seed: See `draw`.
        epoch: Likewise.

    Returns:
        int64, a value for each position of each document: 0 where a span begins, -1 where
        there is none. Of several spans it is the one that begins last.
    """
    begin, ends = _chances(share, stop, longest)
    before = longest - 1
    # Every document with the positions before it from which a span could reach into it.
    bounds = bounds_of(lengths + before)
    offsets = np.repeat(starts - before - bounds[:-1], lengths + before)
    positions = np.arange(bounds[-1]) + offsets
    owners = np.repeat(samples, lengths + before)
    begins = uniform(seed, epoch, owners, positions, Stream.SPAN_PLACE) < begin
    lasts = np.searchsorted(ends, uniform(seed, epoch, owners, positions, Stream.SPAN_LENGTH))
    lasts[~begins] = -1
    places = np.arange(lengths.sum()) + np.repeat(
        bounds[:-1] + before - bounds_of(lengths)[:-1], lengths
    )
    back = np.full(len(places), -1, np.int64)
    for distance in range(before, -1, -1):
        back[lasts[places - distance] >= distance] = distance
    return back


@lru_cache
def _chances(share: float, stop: float, longest: int) -> tuple[float, NDArray[np.float64]]:
    """Return how likely a span begins at a position, and the distribution of its last place."""
    weights = (1 - stop) ** np.arange(longest) * stop
    ends = np.cumsum(weights / weights.sum())
    ends[-1] = 1.0
    # How likely a span is longer than 0, 1, 2, … positions.
    longer = 1 - np.concatenate([[0.0], ends[:-1]])
    low, high = 0.0, 1.0
    # What is covered grows with the chance; it is 1 at 1.
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - np.prod(1 - middle * longer) < share else (low, middle)
    return high, ends
