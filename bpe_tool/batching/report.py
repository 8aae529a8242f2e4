"""How ways of batching compare for some documents: padding, rows, and what is lost.

It needs only the lengths of documents, so that ways can be compared before one is chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike

from bpe_tool.batching.histogram import Histogram
from bpe_tool.batching.literals import Strategy, Way
from bpe_tool.batching.loader import POOL
from bpe_tool.batching.policies.usage import Usage
from bpe_tool.batching.policy_options import PolicyOptions
from bpe_tool.batching.rows import Int64s, check_length

#: The most length buckets, by default.
BUCKETS = 8

#: The ways of packing, in the order in which they are shown.
STRATEGIES: Sequence[Strategy] = ("best-fit", "best-fit-crop", "concatenate")


@final
@dataclass(frozen=True, slots=True, eq=False)
class Bucket:
    """How full the batches of one length bucket are.

    Attributes:
        bound: The largest length in it.
        rows: The number of its rows.
        tokens: The number of ids in them.
        slots: Rows times width, added up over its batches.
    """

    bound: int
    rows: int
    tokens: int
    slots: int


@final
@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one way of batching does with the documents.

    Attributes:
        options: The way, with its sizes.
        usage: How full its batches are.
    """

    options: PolicyOptions
    usage: Usage


@final
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BatchReport:
    """Several ways of batching the same documents, side by side. Made by `compare`.

    Attributes:
        lengths: The number of ids in each document: `(documents,)`, int64.
        histogram: The distribution of the lengths.
        outcomes: One for each way.
        buckets: How full each bucket is, for the way `"buckets"`.
        chosen: The way that was chosen.
    """

    lengths: Int64s
    histogram: Histogram
    outcomes: Sequence[Outcome]
    buckets: Sequence[Bucket]
    chosen: Way

    @property
    def tokens(self) -> int:
        """The number of ids in all documents."""
        return int(self.lengths.sum())

    def least_padding(self, *, cuts: bool) -> Outcome:
        """Return the way with the least padding, if possible of those that lose nothing.

        Args:
            cuts: Whether documents may be split.
        """
        kept = [each for each in self.outcomes if not each.usage.lost] or [*self.outcomes]
        whole = kept if cuts else [each for each in kept if not each.usage.split] or kept
        return min(whole, key=lambda outcome: outcome.usage.padding)


def compare(
    lengths: ArrayLike,
    options: PolicyOptions | None = None,
    *,
    max_length: int | None = None,
    pool: int = POOL,
) -> BatchReport:
    """Compare ways of batching documents of these lengths.

    Args:
        lengths: The number of ids in each document, in the order in which they are batched:
            whole numbers, shape `(documents,)`.
        options: The chosen way. The others take its sizes; those that it leaves out are: for
            `bounds`, eight powers of two, up to the length of the longest document; for `length`,
            that length; for `max_tokens`, as many slots as `rows` packed rows have.
        max_length: Padded rows are cut to this.
        pool: The number of documents that a policy sees at once.

    Raises:
        ArgumentError: An argument is out of range.
        DataError: A document is too long for a bucket or a batch.
    """
    own = np.asarray(lengths, np.int64)
    chosen = PolicyOptions() if options is None else options
    check_length("pool", pool)
    multiple = check_length("multiple", chosen.multiple)
    if chosen.pack is None and chosen.length is not None:
        multiple = chosen.length
    outcomes = []
    for each in _ways(chosen, own, max_length, multiple):
        policy = each.policy()
        size = policy.pool_size(pool)
        pools = (own[start : start + size] for start in range(0, len(own), size))
        used = [policy.usage(part, multiple=multiple, max_length=max_length) for part in pools]
        outcomes.append(Outcome(each, Usage.joined(used)))
    return BatchReport(
        lengths=own,
        histogram=Histogram.of(own),
        outcomes=outcomes,
        buckets=[bucket for outcome in outcomes for bucket in _buckets(outcome)],
        chosen=chosen.way,
    )


def _ways(
    chosen: PolicyOptions, lengths: Int64s, max_length: int | None, multiple: int
) -> Iterator[PolicyOptions]:
    """Yield all ways, with sizes that fit those of the chosen one."""
    longest = int(lengths.max(initial=1))
    width = longest if max_length is None else min(longest, max_length)
    width = -(-width // multiple) * multiple
    rows, bounds = chosen.rows, chosen.bounds
    length = longest if chosen.length is None else chosen.length
    yield PolicyOptions(rows=rows)
    if bounds is None:
        last = max(width - 1, 1).bit_length()
        powers = range(max(0, last - BUCKETS + 1), last + 1)
        yield PolicyOptions(rows=rows, bounds=tuple(2**power for power in powers))
    else:
        yield PolicyOptions(rows=rows, bounds=bounds, max_tokens=chosen.max_tokens)
    max_tokens = chosen.max_tokens
    if max_tokens is None:
        max_tokens = max(rows * length, width)
    yield PolicyOptions(max_tokens=max_tokens, multiple=multiple)
    for strategy in STRATEGIES:
        yield PolicyOptions(pack=strategy, rows=rows, length=length, long=chosen.long)


def _buckets(outcome: Outcome) -> Iterator[Bucket]:
    """Yield how full each length bucket is that has a row."""
    if outcome.options.bounds is None:
        return
    usage, bounds = outcome.usage, np.array(outcome.options.bounds)
    buckets = np.searchsorted(bounds, usage.batch_slots // usage.batch_rows)
    for bucket in np.unique(buckets).tolist():
        own = buckets == bucket
        yield Bucket(
            int(bounds[bucket]),
            int(usage.batch_rows[own].sum()),
            int(usage.batch_tokens[own].sum()),
            int(usage.batch_slots[own].sum()),
        )
