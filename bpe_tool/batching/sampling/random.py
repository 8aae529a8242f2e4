"""Random numbers as a function of what they are for, without a state.

A draw is a hash of (seed, epoch, stream, sample, position). So it does not depend on the order of
calls, other rows of a batch, processes, or resuming. The values are the same on every machine and
in every version of this package.

The hash is that of SplitMix64 (G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom
number generators", OOPSLA 2014): add an odd constant, then apply D. Stafford's finalizer 13. Each
word of the key is added to the hash of the words before it.
"""

from __future__ import annotations

import operator
from collections.abc import Iterator
from enum import IntEnum
from typing import TypeAlias, final, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool import checks
from bpe_tool.checks import MAX_COUNT, MAX_SEED

Words: TypeAlias = NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)

#: The number of times that each half of an index is changed by the other half.
_ROUNDS = 6


class Stream(IntEnum):
    """The purpose of a draw. Draws for different purposes are independent.

    The numbers are part of every result: they never change.
    """

    SHUFFLE = 1
    BATCH_ORDER = 2
    MASK = 3
    MASK_KIND = 4
    MASK_TOKEN = 5
    SPAN_LENGTH = 6
    SPAN_PLACE = 7
    # Drawn in the core, which goes on with one more word: `rust/encode/dropout.rs`.
    DROPOUT = 8


def draw(
    seed: int, epoch: int, samples: ArrayLike, positions: ArrayLike, stream: int
) -> NDArray[np.uint64]:
    """Draw 64 random bits for each pair of a sample and a position.

    Args:
        seed: From 0 to 2^64 - 1.
        epoch: In the same range.
        samples: Whole numbers.
        positions: Whole numbers; broadcast with `samples`.
        stream: The purpose; see `Stream`.

    Returns:
        uint64, of the shape that the two broadcast to.

    Raises:
        ArgumentError: `seed`, `epoch` or `stream` is out of range.
    """
    key = np.zeros((), np.uint64)
    for name, word in ("seed", seed), ("epoch", epoch), ("stream", stream):
        key = _absorb(key, np.asarray(_word(name, word), np.uint64))
    return _absorb(_absorb(key, _words(samples)), _words(positions))


def uniform(
    seed: int, epoch: int, samples: ArrayLike, positions: ArrayLike, stream: int
) -> NDArray[np.float64]:
    """Draw a number from [0, 1), a multiple of 2^-53, for each pair. See `draw`."""
    bits = draw(seed, epoch, samples, positions, stream)
    return (bits >> np.uint64(11)).astype(np.float64) * 2.0**-53


@final
class Permutation:
    """A shuffled order of `range(count)` that takes no memory.

    A sequence: `permutation[i]` is the number at index `i`; an int64 array or a slice of indices
    gives an array of numbers. Equal arguments give equal orders.

    A Feistel network permutes the numbers of as many bits as `count` needs. It is applied until
    the result is below `count`: at most two times on average (J. Black, P. Rogaway, "Ciphers with
    arbitrary finite domains", CT-RSA 2002).

    Args:
        count: The length of the order, up to 2^62.
        seed: From 0 to 2^64 - 1.
        epoch: From 0 to 2^64 - 1.
        stream: The purpose of the order; see `Stream`.
        part: The number of the order, if there are several for the same purpose.

    Raises:
        ArgumentError: An argument is out of range.
    """

    __slots__ = ("_count", "_high_bits", "_keys", "_low_bits")

    def __init__(
        self,
        count: int,
        seed: int,
        epoch: int = 0,
        *,
        stream: int = Stream.SHUFFLE,
        part: int = 0,
    ) -> None:
        self._count = checks.whole("count", count, 0, MAX_COUNT)
        bits = max(self._count - 1, 0).bit_length()
        self._low_bits = bits // 2
        self._high_bits = bits - self._low_bits
        self._keys = draw(seed, epoch, part, np.arange(2 * _ROUNDS), stream)

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, indices: int | np.integer) -> int: ...
    @overload
    def __getitem__(self, indices: slice | NDArray[np.int64]) -> NDArray[np.int64]: ...
    def __getitem__(
        self, indices: int | np.integer | slice | NDArray[np.int64]
    ) -> int | NDArray[np.int64]:
        """Return the number at an index, or at several. Negative indices count from the end."""
        if isinstance(indices, slice):
            return self._walk(np.arange(*indices.indices(self._count), dtype=np.int64))
        if isinstance(indices, np.ndarray) and indices.ndim:
            return self._walk(indices)
        return int(self._walk(np.array([operator.index(indices)]))[0])

    def __iter__(self) -> Iterator[int]:
        for start in range(0, self._count, 4096):
            yield from self[start : start + 4096].tolist()

    def _walk(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        count = self._count
        if indices.dtype.kind not in "iu":
            raise TypeError(f"indices must be whole numbers, not {indices.dtype}")
        if indices.size and not (-count <= int(indices.min()) and int(indices.max()) < count):
            raise IndexError(f"there are only {count} indices")
        signed = indices.astype(np.int64)
        found = np.where(signed < 0, signed + count, signed).view(np.uint64)
        self._scramble(found)
        flat = found.reshape(-1)
        while len(outside := np.flatnonzero(flat >= np.uint64(count))):
            again = flat[outside]
            self._scramble(again)
            flat[outside] = again
        return found.view(np.int64)

    def _scramble(self, numbers: Words) -> None:
        """Permute the numbers of `_high_bits + _low_bits` bits, in place."""
        low_bits = np.uint64(self._low_bits)
        low_mask = (np.uint64(1) << low_bits) - np.uint64(1)
        for high_key, low_key in self._keys.reshape(-1, 2):
            numbers ^= _bits(numbers & low_mask, high_key, self._high_bits) << low_bits
            numbers ^= _bits(numbers >> low_bits, low_key, self._low_bits)


def _bits(half: Words, key: np.uint64, bits: int) -> Words:
    """Return `bits` random bits for each half of an index."""
    if not bits:
        return np.zeros_like(half)
    half += key
    _mix(half)
    half >>= np.uint64(64 - bits)
    return half


def _absorb(key: Words, words: Words) -> Words:
    """Return the hash of a key with one more word."""
    with np.errstate(over="ignore"):
        state = np.asarray(key + words)
        state += _GAMMA
    _mix(state)
    return state


def _mix(state: Words) -> None:
    """Replace each number by one that looks random; different numbers stay different."""
    with np.errstate(over="ignore"):
        state ^= state >> np.uint64(30)
        state *= _FIRST
        state ^= state >> np.uint64(27)
        state *= _SECOND
        state ^= state >> np.uint64(31)


def _word(name: str, value: int) -> int:
    return checks.whole(name, value, 0, MAX_SEED)


def _words(values: ArrayLike) -> Words:
    array = np.asarray(values)
    if array.dtype.kind not in "iu" and array.size:
        raise TypeError(f"samples and positions must be whole numbers, not {array.dtype}")
    return array.astype(np.uint64)
