"""The policies that pad: each sample is a row of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

import numpy as np

from bpe_tool.batching.padding import pad_ragged
from bpe_tool.batching.policies.policy import Group, Lengths, PadOptions, Policy, Shuffle
from bpe_tool.batching.policies.usage import Usage
from bpe_tool.batching.rows import Int64s
from bpe_tool.errors import DataError, Suggestion

if TYPE_CHECKING:
    from bpe_tool.batching.batch import Batch
    from bpe_tool.batching.framed import FramedSamples


class PaddedPolicy(Policy):
    """The base of policies that put whole samples into groups, and pad each to one width."""

    __slots__ = ()

    @abstractmethod
    def groups(self, lengths: Int64s) -> list[Int64s]:
        """Put rows into groups, one for each batch.

        Args:
            lengths: The length of each row: int64, shape `(rows,)`.

        Returns:
            For each batch the positions of its rows in `lengths`: int64, none of them
            empty, and every position in exactly one.
        """

    @abstractmethod
    def width(self, longest: int) -> int:
        """Return the width of a batch whose longest row has `longest` ids."""

    def divide(self, samples: Int64s, lengths: Lengths, shuffle: Shuffle) -> Sequence[Group]:
        """Group the samples of a pool, and take the groups in an order. See `Policy.divide`."""
        groups = self.groups(lengths(samples))
        return [PaddedRows(samples[groups[at]], self) for at in shuffle(len(groups)).tolist()]

    def usage(self, lengths: Int64s, *, multiple: int = 1, max_length: int | None = None) -> Usage:
        """Group a pool and count. See `Policy.usage`."""
        kept = lengths if max_length is None else np.minimum(lengths, max_length)
        widths = -(-kept // multiple) * multiple
        batches = [
            (len(group), int(kept[group].sum()), len(group) * self.width(int(widths[group].max())))
            for group in self.groups(widths)
        ]
        rows, tokens, slots = np.array(batches, np.int64).reshape(-1, 3).T
        return Usage(
            batch_rows=rows,
            batch_tokens=tokens,
            batch_slots=slots,
            lost=int((lengths - kept).sum()),
            cropped=int(np.count_nonzero(kept < lengths)),
        )


@final
@dataclass(frozen=True, slots=True)
class PaddedRows:
    """The rows of one batch, each a sample.

    Attributes:
        samples: The samples: int64, `(rows,)`.
        policy: Decides the width.
    """

    samples: Int64s
    policy: PaddedPolicy

    def batch(self, source: FramedSamples, options: PadOptions) -> Batch:
        """Read the samples and pad them."""
        rows, pieces = source.rows(self.samples)
        longest = int(np.diff(rows.bounds).max(initial=0))
        return pad_ragged(
            rows,
            pad_id=options.pad_id,
            side=options.side,
            width=self.policy.width(longest + -longest % options.multiple),
            dtype=options.dtype,
            # A copy: a view would keep the samples of the whole pool in memory.
            samples=self.samples.copy(),
            pieces=pieces,
        )


def cut(positions: Int64s, size: int) -> list[Int64s]:
    """Cut an array into runs of `size`; the last may be shorter."""
    return [positions[start : start + size] for start in range(0, len(positions), size)]


def check_fit(lengths: Int64s, most: int, where: str, what_next: str) -> None:
    """Refuse rows that are longer than `most`.

    Raises:
        DataError: There is one.
    """
    if len(lengths) and (longest := int(lengths.max())) > most:
        raise DataError(
            f"a row of {longest} tokens does not fit {where}, which takes {most}",
            hint=Suggestion(f"{what_next}, or cut rows with {{max_length}}"),
        )
