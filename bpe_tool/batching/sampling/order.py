"""Which samples each batch of an epoch holds: random access, without a list of samples.

The samples of an epoch, shuffled or not, are taken in pools, and a policy groups those of a
pool. If they were shuffled, so are the batches of each pool (packed rows, before they go into
batches), since a policy may have sorted them. All this depends on the arguments alone: not on
ranks, workers, or what was asked before. It takes memory for a pool, and a number for each
pool that was counted.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from bpe_tool.batching.policies.packed import Packed
from bpe_tool.batching.policies.padded import FixedRows, Policy
from bpe_tool.batching.policies.plan import PackPlan
from bpe_tool.batching.rows import check_length
from bpe_tool.batching.sampling.random import Permutation, Stream

#: What tells the lengths of samples: both int64, of the same shape.
Lengths: TypeAlias = Callable[[NDArray[np.int64]], NDArray[np.int64]]


@final
@dataclass(frozen=True, slots=True)
class Group:
    """What one batch is made of.

    Attributes:
        samples: The samples: int64. Each is a row, unless there is a plan.
        plan: Where the samples, which are its documents by their index in `samples`, or
            pieces of some of them, stand in packed rows.
    """

    samples: NDArray[np.int64]
    plan: PackPlan | None = None


@final
class Order:
    """The batches of one epoch: `order[number]` is what one is made of.

    Where the number of batches depends on lengths, a batch is found by counting those of the
    pools before it, once. `FixedRows` needs no counting.

    Args:
        count: How many samples there are.
        lengths: Tells the lengths that the policy sees.
        policy: What groups the samples of a pool.
        shuffle: Whether samples and batches are shuffled.
        seed: Decides their order, together with `epoch`.
        epoch: Likewise.
        pool: How many samples a policy sees at once. `FixedRows` gets the next multiple of
            its rows, so that only the last batch has fewer.
        place: Where counting begins: a pool and how many batches come before it, as returned
            by `place`. Only what comes before it makes it count from the start.

    Raises:
        ArgumentError: `pool` is not positive, or `seed` or `epoch` out of range.
    """

    def __init__(
        self,
        count: int,
        lengths: Lengths,
        policy: Policy | Packed,
        *,
        shuffle: bool,
        seed: int,
        epoch: int,
        pool: int,
        place: tuple[int, int] = (0, 0),
    ) -> None:
        pool = check_length("pool", pool)
        self._count, self._lengths, self._policy = count, lengths, policy
        self._permutation = Permutation(count, seed, epoch) if shuffle else None
        self._seed, self._epoch = seed, epoch
        self._even = policy if isinstance(policy, FixedRows) else None
        self._pool = pool if self._even is None else self._even.count(pool) * self._even.rows
        self._pools = -(-count // self._pool)
        # How many batches come before each pool, from the first one known to the last one
        # counted. Threads that count the same pools write the same numbers.
        self._before = dict([place])
        # The groups of the pools last used: two, since a look ahead may reach the next one.
        self._recent: dict[int, Sequence[Group]] = {}

    def __len__(self) -> int:
        """Return how many batches there are; all pools are counted for that."""
        if self._even is not None:
            return self._even.count(self._count)
        return self._counted(sys.maxsize)[self._pools]

    def __contains__(self, number: int) -> bool:
        """Return whether there is such a batch; no pools beyond it are counted."""
        return number >= 0 and self._find(number) is not None

    def __getitem__(self, number: int) -> Group:
        """Return what a batch is made of.

        Raises:
            IndexError: There is no such batch.
        """
        place = self._find(number) if number >= 0 else None
        if place is None:
            raise IndexError(f"there is no batch {number}")
        pool, before = place
        return self._groups(pool)[number - before]

    def place(self, number: int) -> tuple[int, int]:
        """Return the last pool known to begin at or before a batch, and where it begins.

        Nothing is counted for it. Another `Order` that is made with it need not count the
        pools before.
        """
        return _last_before(number, self._before) or (0, 0)

    def _find(self, number: int) -> tuple[int, int] | None:
        """Return the pool that a batch is in, and how many batches come before that."""
        if self._even is not None:
            each = self._pool // self._even.rows
            return (number // each, number // each * each) if number < len(self) else None
        before = self._counted(number)
        found = _last_before(number, before)
        return None if found is None or found[0] == self._pools else found

    def _counted(self, number: int) -> dict[int, int]:
        """Count pools up to the one that a batch is in, or to the end."""
        before = self._before
        first = next(iter(before))
        if number < before[first]:
            first, before = 0, {0: 0}
            self._before = before
        last = first + len(before) - 1
        while last < self._pools and before[last] <= number:
            before[last + 1] = before[last] + len(self._groups(last))
            last += 1
        return before

    def _groups(self, pool: int) -> Sequence[Group]:
        """Return the batches of a pool."""
        recent = self._recent
        if pool not in recent:
            kept = dict(list(recent.items())[-1:])
            recent = self._recent = {**kept, pool: self._grouped(pool)}
        return recent[pool]

    def _grouped(self, pool: int) -> Sequence[Group]:
        start = pool * self._pool
        stop = min(start + self._pool, self._count)
        if self._permutation is None:
            samples = np.arange(start, stop, dtype=np.int64)
        else:
            samples = self._permutation[start:stop]
        if self._even is not None:
            rows = self._even.rows
            return [Group(samples[at : at + rows]) for at in range(0, len(samples), rows)]
        lengths, policy = self._lengths(samples), self._policy
        if isinstance(policy, Packed):
            plan = policy.plan(lengths)
            return _PackedGroups(samples, plan, self._shuffled(len(plan), pool), policy.rows)
        groups = [Group(samples[members]) for members in policy.groups(lengths)]
        return [groups[at] for at in self._shuffled(len(groups), pool).tolist()]

    def _shuffled(self, count: int, pool: int) -> NDArray[np.int64]:
        """Return the order of what a pool is made of."""
        if self._permutation is None:
            return np.arange(count)
        stream = Stream.BATCH_ORDER
        return Permutation(count, self._seed, self._epoch, stream=stream, part=pool)[:]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_recent": {}}


@final
class _PackedGroups(Sequence[Group]):
    """The batches of a pool of packed rows, each made when it is asked for."""

    def __init__(
        self, samples: NDArray[np.int64], plan: PackPlan, order: NDArray[np.int64], rows: int
    ) -> None:
        self._samples, self._plan, self._order, self._rows = samples, plan, order, rows

    def __len__(self) -> int:
        return -(-len(self._order) // self._rows)

    def __getitem__(self, at: int) -> Group:  # type: ignore[override]
        rows = self._order[at * self._rows : (at + 1) * self._rows]
        return Group(self._samples, self._plan.rows(rows))


def _last_before(number: int, before: dict[int, int]) -> tuple[int, int] | None:
    """Return the last of neighbouring pools that begins at or before a batch, and where."""
    first = next(iter(before))
    pools = range(first, first + len(before))
    at = bisect_right(pools, number, key=before.__getitem__) - 1
    return None if at < 0 else (pools[at], before[pools[at]])
