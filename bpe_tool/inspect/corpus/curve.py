"""Computes the number of tokens of a corpus with any smaller vocabulary, from one pass over it.

Merges are applied in order of rank, so the tokens that the first `k` merges make are found by
undoing the others, the latest first. Each undone merge replaces one token with two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from bpe_tool.inspect.vocab_arrays import VocabArrays

#: The maximum number of points of a curve.
POINTS = 200
#: Doubling a vocabulary pays if it saves this share of the tokens.
WORTHWHILE = 0.05


def node_counts(vocab: VocabArrays, counts: NDArray[np.int64]) -> NDArray[np.int64] | None:
    """Return how often each id is made while a text is merged, also those merged further.

    Args:
        vocab: The vocabulary.
        counts: How often each id occurs in the encoded text: int64, shape `(limit,)`.

    Returns:
        int64, shape `(limit,)`; `None` if a merge has a lower rank than the merge of one of
        its parts. Vocabularies trained by this package have no such merge.
    """
    merges = vocab.merges
    order = vocab.ranks
    rank = np.arange(1, len(merges) + 1)
    if (order[merges[:, 0]] >= rank).any() or (order[merges[:, 1]] >= rank).any():
        return None
    made: list[int] = counts.tolist()
    # One list for each column: one for each merge takes several times as long.
    for left, right, result in zip(*merges[::-1].T.tolist(), strict=True):
        count = made[result]
        made[left] += count
        made[right] += count
    return np.array(made, np.int64)


def compression_curve(
    vocab: VocabArrays, counts: NDArray[np.int64], made: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return the number of tokens with only the first `k` merges, for every `k`.

    Tokens that no merge makes are not split.

    Args:
        vocab: The vocabulary.
        counts: As for `node_counts`.
        made: The result of `node_counts`.

    Returns:
        int64, shape `(merges + 1,)`.
    """
    saved = made[vocab.merges[:, 2]]
    later = np.concatenate([np.cumsum(saved[::-1])[::-1], np.zeros(1, np.int64)])
    tokens: NDArray[np.int64] = later + counts.sum()
    return tokens


def pays_until(tokens: NDArray[np.int64], bare: int) -> int | None:
    """Return the size of the largest vocabulary that pays compared with one of half its size.

    Args:
        tokens: The result of `compression_curve`.
        bare: The size of the vocabulary without merges.
    """
    sizes = np.arange(len(tokens)) + bare
    half = sizes // 2 - bare
    pays = np.flatnonzero((half >= 0) & (tokens <= (1 - WORTHWHILE) * tokens[np.maximum(half, 0)]))
    return int(sizes[pays[-1]]) if len(pays) else None


def evenly(count: int) -> NDArray[np.int64]:
    """Return numbers from 1 to `count`, both included, evenly spaced by their logarithm.

    >>> evenly(3).tolist(), len(evenly(10**6))
    ([1, 2, 3], 175)
    """
    some: NDArray[np.int64] = np.unique(np.geomspace(1, max(1, count), POINTS).round())
    return some.astype(np.int64)
