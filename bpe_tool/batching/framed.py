"""Samples of a dataset, cut to a length and with bos and eos around them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.literals import Side
from bpe_tool.batching.rows import bounds_of, check_side, framed, keep_lengths
from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.errors import ArgumentError
from bpe_tool.ragged import Ragged


@final
@dataclass(frozen=True)
class FramedSamples:
    """Samples as rows of a batch hold them.

    Args:
        dataset: The samples.
        before: The ids before each sample.
        after: The ids after each sample, even after one that was cut.
        max_length: The most ids of a row, `before` and `after` included.
        truncation_side: The side on which longer samples are cut.

    Raises:
        ArgumentError: An argument is out of range, or leaves no room for the sample itself.
    """

    dataset: TokenDataset
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    max_length: int | None = None
    truncation_side: Side = "right"

    def __post_init__(self) -> None:
        check_side("truncation_side", self.truncation_side)
        if self.max_length is not None:
            keep_lengths(self, "max_length")
            room_in(self.max_length, self.frame)

    @property
    def frame(self) -> int:
        """The number of ids around each sample."""
        return len(self.before) + len(self.after)

    def lengths(self, samples: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the length of the row of each sample: int64, `(samples,)`."""
        lengths = self.dataset.lengths(samples) + self.frame
        return lengths if self.max_length is None else np.minimum(lengths, self.max_length)

    def rows(self, samples: NDArray[np.int64]) -> tuple[Ragged, NDArray[np.int64] | None]:
        """Read samples.

        Returns:
            Their rows; and the `pieces` of `Batch`, if samples were cut on the left.
        """
        room = None if self.max_length is None else room_in(self.max_length, self.frame)
        rows = self.dataset.rows(samples, max_length=room, side=self.truncation_side)
        pieces = None
        if room is not None and self.truncation_side == "left":
            skipped = self.dataset.lengths(samples) - np.diff(rows.bounds)
            pieces = np.stack([samples, skipped], axis=1)
        return framed(rows, self.before, self.after), pieces

    def pieces(
        self,
        samples: NDArray[np.int64],
        lengths: NDArray[np.int64],
        starts: NDArray[np.int64],
        stops: NDArray[np.int64],
    ) -> Ragged:
        """Read a piece of each of several samples.

        Args:
            samples: The numbers of the samples: int64, `(pieces,)`.
            lengths: The lengths of their rows: int64, `(pieces,)`, like the next two.
            starts: Where in its row each piece begins.
            stops: Where it ends.
        """
        begin, end = len(self.before), lengths - len(self.after)
        read = self.dataset.pieces(
            samples, np.clip(starts, begin, end) - begin, np.clip(stops, begin, end) - begin
        )
        bounds = bounds_of(stops - starts)
        ids = np.empty(bounds[-1], np.uint32)
        inside = np.ones(len(ids), bool)
        around = [
            *((id, np.full_like(lengths, offset)) for offset, id in enumerate(self.before)),
            *((id, end + offset) for offset, id in enumerate(self.after)),
        ]
        for id, positions in around:
            has = (starts <= positions) & (positions < stops)
            indices = (bounds[:-1] + positions - starts)[has]
            ids[indices] = id
            inside[indices] = False
        ids[inside] = read.ids
        return Ragged(ids, bounds)


def room_in(max_length: int, frame: int) -> int:
    """Return the most ids of a sample itself in a row of `max_length`.

    Raises:
        ArgumentError: The ids around it leave no room.
    """
    if max_length <= frame:
        around = "id" if frame == 1 else "ids"
        raise ArgumentError(
            f"is {max_length}, and must be more than the {frame} {around} around each sample",
            parameter="max_length",
        )
    return max_length - frame
