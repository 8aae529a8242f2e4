"""Which samples each batch of an epoch holds: random access, without a list of samples.

The samples of an epoch, shuffled or not, are taken in pools, and a policy divides each pool. If
the samples were shuffled, so are the batches of each pool (of a policy that packs, the rows before
they go into batches), since a policy may have sorted them. All this depends on the arguments
alone: not on ranks, workers, or what was asked before. It takes memory for two pools, and a number
for each pool that was counted.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Sequence
from typing import final

import numpy as np

from bpe_tool.batching.policies.policy import Group, Lengths, Policy
from bpe_tool.batching.rows import Int64s, check_length
from bpe_tool.batching.sampling.random import Permutation, Stream


@final
class Order:
    """The batches of one epoch: `order[number]` is what one is made of.

    If the number of batches depends on lengths, a batch is found by counting the batches of the
    pools before it, once. Policies with `rows_in_order` need no counting.

    Args:
        count: The number of samples.
        lengths: Returns the lengths that the policy sees.
        policy: Divides the samples of a pool into batches.
        shuffle: Whether samples and batches are shuffled.
        seed: Decides their order, together with `epoch`.
        epoch: See `seed`.
        pool: The number of samples that a policy sees at once; see `Policy.pool_size`.
        place: Where counting begins: a pool, and the number of batches before it, as returned
            by `place`. A batch before that makes it count from the start.

    Raises:
        ArgumentError: `pool` is not positive, or `seed` or `epoch` out of range.
    """

    def __init__(
        self,
        count: int,
        lengths: Lengths,
        policy: Policy,
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
        self._rows = policy.rows_in_order
        self._pool = policy.pool_size(pool)
        self._pools = -(-count // self._pool)
        # The number of batches before each pool, from the first pool known to the last one
        # counted. Threads that count the same pools write the same numbers.
        self._before = dict([place])
        # The groups of the last two pools used: looking one batch ahead may reach the next pool.
        self._recent: dict[int, Sequence[Group]] = {}

    def __len__(self) -> int:
        """Return the number of batches; unless rows are in order, all pools are counted."""
        if self._rows is not None:
            return -(-self._count // self._rows)
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
        """Return the pool that a batch is in, and the number of batches before that pool."""
        if self._rows is not None:
            each = self._pool // self._rows
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
            recent = self._recent = {**kept, pool: self._divided(pool)}
        return recent[pool]

    def _divided(self, pool: int) -> Sequence[Group]:
        start = pool * self._pool
        stop = min(start + self._pool, self._count)
        samples: Int64s = np.arange(start, stop, dtype=np.int64)
        if self._permutation is not None:
            samples = self._permutation[start:stop]
        return self._policy.divide(samples, self._lengths, lambda count: self._order(count, pool))

    def _order(self, count: int, pool: int) -> Int64s:
        """Return the order of the batches or packed rows of a pool."""
        if self._permutation is None:
            return np.arange(count)
        stream = Stream.BATCH_ORDER
        return Permutation(count, self._seed, self._epoch, stream=stream, part=pool)[:]

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_recent": {}}


def _last_before(number: int, before: dict[int, int]) -> tuple[int, int] | None:
    """Return the last of consecutive pools that begins at or before a batch, and where."""
    first = next(iter(before))
    pools = range(first, first + len(before))
    at = bisect_right(pools, number, key=before.__getitem__) - 1
    return None if at < 0 else (pools[at], before[pools[at]])
