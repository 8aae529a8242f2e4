"""Policies put every row into one batch, and keep to what they promise."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool import ArgumentError, DataError
from bpe_tool.batching.policies.fixed_rows import FixedRows
from bpe_tool.batching.policies.length_buckets import LengthBuckets
from bpe_tool.batching.policies.padded import PaddedPolicy
from bpe_tool.batching.policies.token_budget import TokenBudget

BOUNDS = (4, 16, 64)
LENGTHS = st.lists(st.integers(0, 64), max_size=60)
POLICIES = [
    FixedRows(1),
    FixedRows(7),
    LengthBuckets(BOUNDS, rows=3),
    LengthBuckets(BOUNDS, max_tokens=130),
    LengthBuckets(BOUNDS, rows=2, pad_to_bounds=True),
    TokenBudget(64),
    TokenBudget(200, multiple=8),
    TokenBudget(200, sort=False),
]


def groups(policy: PaddedPolicy, lengths: list[int]) -> list[list[int]]:
    found = policy.groups(np.array(lengths, np.int64))
    assert all(group.dtype == np.int64 for group in found)
    return [group.tolist() for group in found]


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
@given(lengths=LENGTHS)
def test_every_row_is_in_one_batch_and_no_batch_is_empty(policy, lengths):
    found = groups(policy, lengths)
    assert all(found)
    assert sorted(row for group in found for row in group) == list(range(len(lengths)))


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
@given(lengths=LENGTHS.filter(bool))
def test_batches_are_as_wide_as_their_longest_row_at_least(policy, lengths):
    assert policy.width(max(lengths)) >= max(lengths)


@given(st.integers(0, 50), st.integers(1, 9))
def test_fixed_rows_are_neighbours(samples, rows):
    found = groups(FixedRows(rows), [1] * samples)
    assert found == [list(range(samples))[at : at + rows] for at in range(0, samples, rows)]
    assert FixedRows(rows).count(samples) == len(found)


@given(LENGTHS)
def test_buckets_do_not_mix_and_are_given_out_when_they_are_full(lengths):
    """The judge puts one row after the other into its bucket."""
    for limits in ({"rows": 3}, {"max_tokens": 130}):
        open_buckets: dict[int, list[int]] = {bound: [] for bound in BOUNDS}
        expected = []
        for row, length in enumerate(lengths):
            bound = min(bound for bound in BOUNDS if length <= bound)
            open_buckets[bound].append(row)
            if len(open_buckets[bound]) == limits.get("rows", 130 // bound):
                expected.append(open_buckets[bound])
                open_buckets[bound] = []
        expected += [rows for rows in open_buckets.values() if rows]
        assert groups(LengthBuckets(BOUNDS, **limits), lengths) == expected


@pytest.mark.parametrize("length, bound", [(0, 4), (4, 4), (5, 16), (64, 64)])
def test_buckets_pad_to_their_bounds_if_asked_to(length, bound):
    assert LengthBuckets(BOUNDS, rows=1, pad_to_bounds=True).width(length) == bound
    assert LengthBuckets(BOUNDS, rows=1).width(length) == length


@given(LENGTHS, st.integers(64, 300), st.sampled_from([1, 2, 8]), st.booleans())
def test_a_budget_counts_padding_and_is_used_up(lengths, most, multiple, sort):
    """No batch is larger, and none could take the first row of the next one, too."""
    policy = TokenBudget(most, multiple, sort)
    found = groups(policy, lengths)

    def size(group: list[int]) -> int:
        return len(group) * max(1, policy.width(max(lengths[row] for row in group)))

    assert all(size(group) <= most for group in found)
    for group, following in pairwise(found):
        assert size([*group, following[0]]) > most
    if not sort:
        assert [row for group in found for row in group] == list(range(len(lengths)))
    else:
        taken = [lengths[row] for group in found for row in group]
        widths = [policy.width(length) for length in taken]
        assert widths == sorted(widths, reverse=True)


def test_rows_without_ids_do_not_go_into_a_budget_without_end():
    assert [len(group) for group in groups(TokenBudget(4), [0] * 10)] == [4, 4, 2]


@pytest.mark.parametrize(
    "policy, lengths, message",
    [
        (LengthBuckets(BOUNDS, rows=2), [3, 65], "a row of 65 tokens .* the last bucket.* 64"),
        (TokenBudget(64), [3, 65], "a row of 65 tokens does not fit a batch, which takes 64"),
        (TokenBudget(64, multiple=48), [49], "a row of 96 tokens does not fit"),
    ],
)
def test_rows_that_fit_nowhere_are_refused(policy, lengths, message):
    with pytest.raises(DataError, match=message) as info:
        groups(policy, lengths)
    assert "max_length" in info.value.hint


@pytest.mark.parametrize(
    "make",
    [
        lambda: FixedRows(0),
        lambda: TokenBudget(0),
        lambda: TokenBudget(8, multiple=0),
        lambda: LengthBuckets([], rows=1),
        lambda: LengthBuckets([0, 4], rows=1),
        lambda: LengthBuckets([4, 4], rows=1),
        lambda: LengthBuckets([8, 4], rows=1),
        lambda: LengthBuckets([4], rows=0),
        lambda: LengthBuckets([4]),
        lambda: LengthBuckets([4], rows=1, max_tokens=8),
        lambda: LengthBuckets([4, 16], max_tokens=15),
    ],
)
def test_policies_that_make_no_sense_are_refused(make):
    with pytest.raises(ArgumentError):
        make()


def test_equal_policies_look_alike():
    """The state of a loader compares how its policy looks."""
    assert repr(LengthBuckets([4, np.int64(8)], rows=2)) == repr(LengthBuckets((4, 8), rows=2))
