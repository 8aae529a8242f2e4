"""The sizes that policies are made of, so that one can be chosen and others compared with it."""

from __future__ import annotations

from dataclasses import dataclass

from bpe_tool.batching.literals import Long, Strategy, Way
from bpe_tool.batching.policies.fixed_rows import FixedRows
from bpe_tool.batching.policies.fixed_width import FixedWidth
from bpe_tool.batching.policies.length_buckets import LengthBuckets
from bpe_tool.batching.policies.packed import Packed
from bpe_tool.batching.policies.padded import PaddedPolicy
from bpe_tool.batching.policies.policy import Policy
from bpe_tool.batching.policies.token_budget import TokenBudget
from bpe_tool.errors import ArgumentError, Suggestion

#: The number of rows in a batch, by default.
ROWS = 32


@dataclass(frozen=True, kw_only=True)
class PolicyOptions:
    """A way of batching, and its sizes.

    Attributes:
        rows: The number of rows in a batch, where it is fixed.
        bounds: The largest length of each length bucket: group rows of similar length.
        max_tokens: The most slots of a batch, padding included, instead of `rows`.
        pack: Pack rows, by this strategy.
        long: What happens to documents longer than a packed row.
        length: The width of packed rows, or else of all batches.
        multiple: The width of a batch is rounded up to a multiple of this.
    """

    rows: int = ROWS
    bounds: tuple[int, ...] | None = None
    max_tokens: int | None = None
    pack: Strategy | None = None
    long: Long = "split"
    length: int | None = None
    multiple: int = 1

    @property
    def way(self) -> Way:
        """The name of the way."""
        if self.pack is not None:
            return self.pack
        if self.bounds is not None:
            return "buckets"
        return "in-order" if self.max_tokens is None else "token-budget"

    @property
    def title(self) -> str:
        """The name of the way, with its sizes, for people."""
        size = f"{self.rows:,} rows" if self.max_tokens is None else f"{self.max_tokens:,} slots"
        return {
            "in-order": f"in order, {size}",
            "buckets": f"length buckets, {size}",
            "token-budget": f"token budget, {size}",
            "best-fit": f"packed, best fit, {self.length or 0:,} wide",
            "best-fit-crop": f"packed, best fit with crops, {self.length or 0:,} wide",
            "concatenate": f"packed, concatenated, {self.length or 0:,} wide",
        }[self.way]

    def policy(self) -> Policy:
        """Return the policy.

        Raises:
            ArgumentError: A size is out of range, or rows are packed without a `length`.
        """
        if self.pack is not None:
            if self.length is None:
                raise ArgumentError("packed rows need a length", hint=Suggestion("pass {length}"))
            return Packed(self.length, self.rows, self.pack, self.long)
        policy: PaddedPolicy
        if self.bounds is not None:
            rows = self.rows if self.max_tokens is None else None
            policy = LengthBuckets(self.bounds, rows=rows, max_tokens=self.max_tokens)
        elif self.max_tokens is not None:
            policy = TokenBudget(self.max_tokens, self.multiple)
        else:
            policy = FixedRows(self.rows)
        return policy if self.length is None else FixedWidth(policy, self.length)
