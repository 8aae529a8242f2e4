"""What each way of batching makes of some documents: how much padding, how much waste.

Only lengths are looked at, so that ways can be compared before one is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bpe_tool.batching.histogram import Histogram
from bpe_tool.batching.loader import POOL
from bpe_tool.batching.policies.padded import FixedRows, LengthBuckets, Policy, TokenBudget
from bpe_tool.batching.policies.plan import Long, PackPlan, Strategy, plan_packing
from bpe_tool.batching.rows import check_length

#: Ways of batching.
Way: TypeAlias = Literal["in-order", "buckets", "token-budget", Strategy]

#: How many rows a batch has if not said otherwise.
ROWS = 32

#: How many length buckets there are at most if not said otherwise.
BUCKETS = 8

Int64s: TypeAlias = NDArray[np.int64]


@final
@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one way of batching comes to.

    Attributes:
        way: Which one.
        rows: How many rows there are in all.
        lost: How many ids are in no row, because documents are cropped or dropped.
        split: How many documents are in more than one piece.
        cropped: How many documents lost a part, or all.
        batch_tokens: How many ids each batch holds: `(batches,)`, int64.
        batch_slots: How many places it has: likewise.
    """

    way: Way
    rows: int
    lost: int
    split: int
    cropped: int
    batch_tokens: Int64s
    batch_slots: Int64s

    @property
    def batches(self) -> int:
        """How many batches there are."""
        return len(self.batch_slots)

    @property
    def tokens(self) -> int:
        """How many ids are in rows."""
        return int(self.batch_tokens.sum())

    @property
    def slots(self) -> int:
        """How many places there are for ids, padding included."""
        return int(self.batch_slots.sum())

    @property
    def padding(self) -> float:
        """Which share of all places is padding."""
        return (self.slots - self.tokens) / max(self.slots, 1)

    @property
    def lost_share(self) -> float:
        """Which share of all ids is lost."""
        return self.lost / max(self.tokens + self.lost, 1)

    def course(self, most: int) -> NDArray[np.float64]:
        """Return which share is padding from the first batch to the last.

        Args:
            most: If there are more batches, so many stretches of them are told of.
        """
        if not self.batches:
            return np.zeros(0)
        stretches = min(self.batches, most)
        starts = np.arange(stretches) * self.batches // stretches
        slots = np.add.reduceat(self.batch_slots, starts)
        tokens = np.add.reduceat(self.batch_tokens, starts)
        return (slots - tokens) / np.maximum(slots, 1)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Bucket:
    """What one length bucket comes to.

    Attributes:
        bound: The largest length in it.
        rows: How many rows it has.
        tokens: How many ids they hold.
        slots: How many places they have when each batch is padded.
    """

    bound: int
    rows: int
    tokens: int
    slots: int


@final
@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class BatchReport:
    """Several ways of batching the same documents, side by side. Made by `compare`.

    Attributes:
        lengths: How many ids each document has: `(documents,)`, int64.
        histogram: Of the lengths.
        outcomes: What each way comes to.
        buckets: What each bucket of the way `buckets` comes to.
        rows: How many rows a batch has, where the number is fixed.
        max_tokens: How many places a batch has, where these are bounded.
        buckets_by_tokens: Whether those of length buckets are.
        length: How many ids a packed row has.
        chosen: The way that was taken, if one was.
    """

    lengths: Int64s
    histogram: Histogram
    outcomes: Sequence[Outcome]
    buckets: Sequence[Bucket]
    rows: int
    max_tokens: int
    buckets_by_tokens: bool
    length: int
    chosen: Way | None

    @property
    def tokens(self) -> int:
        """How many ids there are in all."""
        return int(self.lengths.sum())

    def title(self, way: Way) -> str:
        """Return what a way is called, with its sizes."""
        size = f"{self.max_tokens:,} places"
        bucket_size = size if self.buckets_by_tokens else f"{self.rows:,} rows"
        return {
            "in-order": f"in order, {self.rows:,} rows",
            "buckets": f"length buckets, {bucket_size}",
            "token-budget": f"token budget, {size}",
            "best-fit": f"packed, best fit, {self.length:,} wide",
            "best-fit-crop": f"packed, best fit with crops, {self.length:,} wide",
            "concatenate": f"packed, concatenated, {self.length:,} wide",
        }[way]

    def least_padding(self, *, cuts: bool) -> Outcome:
        """Return what pads least of the ways that lose nothing, if there is one that does.

        Args:
            cuts: Whether documents may be split.
        """
        kept = [each for each in self.outcomes if not each.lost] or list(self.outcomes)
        whole = kept if cuts else [each for each in kept if not each.split] or kept
        return min(whole, key=lambda outcome: outcome.padding)


def compare(
    lengths: ArrayLike,
    *,
    rows: int = ROWS,
    bounds: Sequence[int] | None = None,
    max_tokens: int | None = None,
    length: int | None = None,
    long: Long = "split",
    max_length: int | None = None,
    multiple: int = 1,
    pool: int = POOL,
    chosen: Way | None = None,
) -> BatchReport:
    """Compare ways of batching documents of these lengths.

    Args:
        lengths: How many ids each document has, in the order in which they are batched:
            whole numbers, shape `(documents,)`.
        rows: How many rows a batch has, where the number is fixed.
        bounds: The largest length of each length bucket. By default eight powers of two, up
            to what the longest document needs.
        max_tokens: The most places of a batch where these are bounded, padding included. If
            `bounds` are given, too, that is what bounds the batches of buckets.
            By default as many as `rows` packed rows have.
        length: How many ids a packed row has. By default those of the longest document.
        long: What becomes of longer ones; see `plan_packing`.
        max_length: Where nothing is packed, longer documents are cropped to this.
        multiple: Batches that are not packed are padded to a multiple of this width.
        pool: So many documents are looked at together.
        chosen: The way that was taken, if one was.

    Raises:
        ArgumentError: An argument is out of range.
        DataError: A document is too long for a bucket or a batch.
    """
    own = np.asarray(lengths, np.int64)
    for name, number in ("rows", rows), ("pool", pool), ("multiple", multiple):
        check_length(name, number)
    kept = own if max_length is None else np.minimum(own, max_length)
    width = -(-int(kept.max(initial=1)) // multiple) * multiple
    by_tokens = bounds is not None and max_tokens is not None
    if bounds is None:
        last = max(width - 1, 1).bit_length()
        bounds = [2**power for power in range(max(0, last - BUCKETS + 1), last + 1)]
    length = length or max(int(own.max(initial=1)), 1)
    max_tokens = max_tokens or max(rows * length, width)
    padded: dict[Way, Policy] = {
        "in-order": FixedRows(rows),
        "buckets": LengthBuckets(
            bounds, rows=None if by_tokens else rows, max_tokens=max_tokens if by_tokens else None
        ),
        "token-budget": TokenBudget(max_tokens, multiple),
    }
    packed: Sequence[Strategy] = ("best-fit", "best-fit-crop", "concatenate")
    outcomes = []
    buckets: Sequence[Bucket] = ()
    for way, policy in padded.items():
        # As many whole batches as a pool holds, and one more.
        whole = -(-pool // rows) * rows if way == "in-order" else pool
        batches = np.array(list(_padded(kept, policy, whole, multiple)), np.int64).reshape(-1, 4)
        outcomes.append(_padding_outcome(way, own, kept, batches))
        if way == "buckets":
            buckets = _bucket_fill(np.array(bounds, np.int64), batches)
    for strategy in packed:
        plans = [
            plan_packing(part, length, strategy=strategy, long=long) for part in _pools(own, pool)
        ]
        outcomes.append(_packing_outcome(strategy, plans, rows))
    return BatchReport(
        lengths=own,
        histogram=Histogram.of(own),
        outcomes=outcomes,
        buckets=buckets,
        rows=rows,
        max_tokens=max_tokens,
        buckets_by_tokens=by_tokens,
        length=length,
        chosen=chosen,
    )


def _pools(lengths: Int64s, pool: int) -> Iterator[Int64s]:
    return (lengths[start : start + pool] for start in range(0, len(lengths), pool))


def _padded(
    lengths: Int64s, policy: Policy, pool: int, multiple: int
) -> Iterator[tuple[int, int, int, int]]:
    """Yield of each batch the rows, the ids, the places, and the width."""
    for part in _pools(lengths, pool):
        widths = -(-part // multiple) * multiple
        for group in policy.groups(widths):
            width = policy.width(int(widths[group].max()))
            yield len(group), int(part[group].sum()), len(group) * width, width


def _padding_outcome(way: Way, lengths: Int64s, kept: Int64s, batches: Int64s) -> Outcome:
    _, tokens, slots, _ = batches.T
    return Outcome(
        way=way,
        rows=len(lengths),
        lost=int((lengths - kept).sum()),
        split=0,
        cropped=int(np.count_nonzero(kept < lengths)),
        batch_tokens=tokens,
        batch_slots=slots,
    )


def _packing_outcome(way: Way, plans: Sequence[PackPlan], rows: int) -> Outcome:
    reports = [plan.report() for plan in plans]
    batch_tokens = [np.zeros(0, np.int64)]
    batch_slots = [np.zeros(0, np.int64)]
    for plan in plans:
        starts = np.arange(0, len(plan), rows)
        if len(starts):
            batch_tokens.append(np.add.reduceat(plan.filled(), starts))
            batch_slots.append(np.minimum(rows, len(plan) - starts) * plan.length)
    return Outcome(
        way=way,
        rows=sum(report.rows for report in reports),
        lost=sum(report.lost for report in reports),
        split=sum(report.documents_split for report in reports),
        cropped=sum(report.documents_cropped + report.documents_dropped for report in reports),
        batch_tokens=np.concatenate(batch_tokens),
        batch_slots=np.concatenate(batch_slots),
    )


def _bucket_fill(bounds: Int64s, batches: Int64s) -> list[Bucket]:
    places = np.searchsorted(bounds, batches[:, 3])
    found = []
    for place in np.unique(places).tolist():
        rows, tokens, slots, _ = batches[places == place].sum(axis=0).tolist()
        found.append(Bucket(int(bounds[place]), rows, tokens, slots))
    return found
