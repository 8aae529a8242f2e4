"""Random spans that cover a given share of a text.

After M. Joshi et al., "SpanBERT: Improving pre-training by representing and predicting spans"
(TACL 2020): lengths follow a truncated geometric distribution. SpanBERT draws spans until enough
of a sample is covered, so each span depends on all others. Here a draw for each position decides
whether a span begins there, with the probability that makes the share right on average. Spans may
overlap, and may begin and end within words.
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
    """Return for each position how far back the span that covers it begins.

    Args:
        lengths: The length of each document: int64, `(documents,)`.
        samples: The number of its sample: int64, `(documents,)`.
        starts: The position in its sample at which it begins: int64, `(documents,)`. Spans that
            begin before it reach into it, so that a piece has the same spans as its sample.
        share: The share that is covered on average, from 0 to 1.
        stop: The probability that a span ends after each position.
        longest: The most positions of a span.
        seed: See `draw`.
        epoch: See `draw`.

    Returns:
        int64, a value for each position of each document: 0 where a span begins, -1 where
        there is none. If spans overlap, the one that begins last counts.
    """
    begin, ends = _chances(share, stop, longest)
    before = longest - 1
    # Each document, with the positions before it from which a span can reach into it.
    bounds = bounds_of(lengths + before)
    offsets = np.repeat(starts - before - bounds[:-1], lengths + before)
    positions = np.arange(bounds[-1]) + offsets
    owners = np.repeat(samples, lengths + before)
    begins = uniform(seed, epoch, owners, positions, Stream.SPAN_PLACE) < begin
    lasts = np.searchsorted(ends, uniform(seed, epoch, owners, positions, Stream.SPAN_LENGTH))
    lasts[~begins] = -1
    own = np.arange(lengths.sum()) + np.repeat(
        bounds[:-1] + before - bounds_of(lengths)[:-1], lengths
    )
    back = np.full(len(own), -1, np.int64)
    for distance in range(before, -1, -1):
        back[lasts[own - distance] >= distance] = distance
    return back


@lru_cache
def _chances(share: float, stop: float, longest: int) -> tuple[float, NDArray[np.float64]]:
    """Return the probability that a span begins at a position, and that it has ended after each."""
    weights = (1 - stop) ** np.arange(longest) * stop
    ends = np.cumsum(weights / weights.sum())
    ends[-1] = 1.0
    # The probability that a span is longer than 0, 1, 2, … positions.
    longer = 1 - np.concatenate([[0.0], ends[:-1]])
    low, high = 0.0, 1.0
    # The share that is covered grows with the probability, up to 1 at 1.
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if 1 - np.prod(1 - middle * longer) < share else (low, middle)
    return high, ends
