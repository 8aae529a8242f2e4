"""What a policy is. It decides which samples share a batch, and whether rows are padded or packed.

A policy sees only the lengths of samples, one pool at a time, after truncation and with the ids
around each sample. It draws nothing at random and keeps nothing between pools.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from bpe_tool.batching.literals import Dtype, Side
from bpe_tool.batching.rows import Int64s

if TYPE_CHECKING:
    from bpe_tool.batching.batch import Batch
    from bpe_tool.batching.framed import FramedSamples
    from bpe_tool.batching.policies.usage import Usage

#: Returns the length of each of several samples.
Lengths: TypeAlias = Callable[[Int64s], Int64s]

#: Returns the order of a number of things: a permutation of `range(count)`.
Shuffle: TypeAlias = Callable[[int], Int64s]


@dataclass(frozen=True, kw_only=True)
class PadOptions:
    """How rows become the arrays of a batch.

    Attributes:
        pad_id: The id for padding.
        side: The side of padding.
        multiple: The width of a batch is rounded up to a multiple of this.
        dtype: The type of the arrays.
        max_length: The most ids of a row.
    """

    pad_id: int
    side: Side = "right"
    multiple: int = 1
    dtype: Dtype = "int64"
    max_length: int | None = None


class Group(Protocol):
    """What one batch is made of."""

    @property
    def samples(self) -> Int64s:
        """The numbers of the samples it is made from."""

    def batch(self, source: FramedSamples, options: PadOptions) -> Batch:
        """Read the samples and return the batch."""


class Policy(ABC):
    """The base of all policies. The `repr` of a policy is part of the state of a loader."""

    __slots__ = ()

    @property
    def rows_in_order(self) -> int | None:
        """The rows of each batch, if batches are rows in order, whatever their lengths."""
        return None

    def pool_size(self, size: int) -> int:
        """Return how many samples to look at together: `size`, or a little more."""
        rows = self.rows_in_order or 1
        return -(-size // rows) * rows

    def check(self, options: PadOptions) -> None:  # noqa: B027 - most policies take any options
        """Refuse options that do not go with the policy.

        Raises:
            ArgumentError: It does not.
        """

    @abstractmethod
    def divide(self, samples: Int64s, lengths: Lengths, shuffle: Shuffle) -> Sequence[Group]:
        """Divide the samples of a pool into batches.

        Args:
            samples: The numbers of the samples: int64, `(samples,)`.
            lengths: Returns their lengths; not called if these make no difference.
            shuffle: Returns the order of the batches or of packed rows. A policy that sorts
                samples by length applies it.
        """

    @abstractmethod
    def usage(self, lengths: Int64s, *, multiple: int = 1, max_length: int | None = None) -> Usage:
        """Return how full the batches of a pool are, without making them.

        Args:
            lengths: The length of each sample before truncation: int64, `(samples,)`.
            multiple: The width of padded batches is rounded up to a multiple of this.
            max_length: Padded rows are cut to this.
        """
