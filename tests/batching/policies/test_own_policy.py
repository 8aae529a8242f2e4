"""A policy is whatever divides a pool: nobody asks which one it is."""

from dataclasses import dataclass

import numpy as np
import pytest

from bpe_tool import Causal, FixedRows, LengthBuckets, Loader, Packed, TokenBudget, batches
from bpe_tool.batching.policies.fixed_width import FixedWidth
from bpe_tool.batching.policies.packed import PackedRows
from bpe_tool.batching.policies.padded import PaddedPolicy
from bpe_tool.batching.policies.plan import plan_packing
from bpe_tool.batching.policies.policy import PadOptions, Policy
from bpe_tool.batching.policies.usage import Usage
from bpe_tool.batching.stream import Batching
from bpe_tool.batching.stream import batches as stream_batches
from bpe_tool.errors import ArgumentError

ROWS = [[1, 2, 3], [4], [], [5, 6], [7, 8, 9, 10, 11], [12]]


@dataclass(frozen=True)
class Longest(PaddedPolicy):
    """The longest row of a pool alone, and the others together."""

    def groups(self, lengths):
        longest = int(np.argmax(lengths))
        others = np.delete(np.arange(len(lengths)), longest)
        return [np.array([longest]), *([others] if len(others) else [])]

    def width(self, longest):
        return longest


@dataclass(frozen=True)
class OneRow(Policy):
    """All documents of a pool in one packed row."""

    def divide(self, samples, lengths, shuffle):
        own = lengths(samples)
        plan = plan_packing(own, max(int(own.sum()), 1), strategy="concatenate")
        return [PackedRows(samples, plan)] if len(plan) else []

    def usage(self, lengths, *, multiple=1, max_length=None):
        total = np.array([lengths.sum()])
        return Usage(batch_rows=np.array([1]), batch_tokens=total, batch_slots=total)


@pytest.mark.parametrize("policy", [Longest(), OneRow()], ids=repr)
@pytest.mark.parametrize("shuffle", [False, True])
def test_a_loader_takes_any_policy(policy, shuffle):
    options = {"shuffle": shuffle, "seed": 3, "pool": 3, "objective": Causal(), "eos_id": 0}
    made = list(batches(ROWS, policy, pad_id=0, **options))
    found = [row for batch in made for row in batch.ids[batch.attention_mask != 0].tolist()]
    assert sorted(found) == sorted([id for row in ROWS for id in row] + [0] * len(ROWS))
    assert all((batch.segment_ids is not None) == isinstance(policy, OneRow) for batch in made)
    loader = Loader(ROWS, policy, pad_id=0, **options)
    next(iter(loader))
    later = Loader(ROWS, policy, pad_id=0, **options)
    later.load_state_dict(loader.state_dict())
    assert list(later) == made[1:]
    ids = np.concatenate([np.array(row, np.uint32) for row in ROWS])
    block = ids, np.cumsum([len(row) for row in ROWS])
    batching = Batching(policy=policy, pad_id=0, options=options)
    assert sum(batch.ids.size for batch in stream_batches([block], batching)) == sum(
        batch.ids.size for batch in made
    )


def test_longest_first():
    first, second, *_ = batches(ROWS, Longest(), pad_id=0, pool=3)
    assert first.ids.tolist() == [[1, 2, 3]]
    assert second.ids.tolist() == [[4], [0]]


@pytest.mark.parametrize(
    ("policy", "rows", "pool"),
    [
        (FixedRows(4), 4, 8),
        (FixedWidth(FixedRows(4), 9), 4, 8),
        (FixedWidth(TokenBudget(9), 9), None, 6),
        (LengthBuckets([9], rows=4), None, 6),
        (TokenBudget(9), None, 6),
        (Packed(4, 4), None, 6),
    ],
    ids=repr,
)
def test_pools_hold_whole_batches_of_rows_in_order(policy, rows, pool):
    assert policy.rows_in_order == rows
    assert policy.pool_size(6) == pool


@pytest.mark.parametrize("padding", [{"side": "left"}, {"multiple": 8}, {"max_length": 4}], ids=str)
def test_only_padded_rows_have_padding(padding):
    TokenBudget(9).check(PadOptions(pad_id=0, **padding))
    Packed(4, 4).check(PadOptions(pad_id=0))
    with pytest.raises(ArgumentError, match="packed rows"):
        Packed(4, 4).check(PadOptions(pad_id=0, **padding))
