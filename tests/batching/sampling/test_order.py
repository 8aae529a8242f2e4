"""The order of an epoch: at random as in sequence, and from arguments alone."""

from itertools import chain

import numpy as np
import pytest

from bpe_tool import ArgumentError
from bpe_tool.batching.policies.fixed_rows import FixedRows
from bpe_tool.batching.policies.length_buckets import LengthBuckets
from bpe_tool.batching.policies.token_budget import TokenBudget
from bpe_tool.batching.sampling.order import Order
from bpe_tool.batching.sampling.random import Permutation, Stream

COUNT, POOL = 230, 50
LENGTHS = np.random.default_rng(1).integers(0, 60, COUNT)
POLICIES = [FixedRows(7), LengthBuckets((8, 60), rows=4), TokenBudget(120)]
CASES = [(policy, shuffle) for policy in POLICIES for shuffle in (False, True)]


class Counted:
    """The lengths of samples, and how often they were asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        self.asked += 1
        return LENGTHS[samples]


def order(
    policy, shuffle=True, *, count=COUNT, lengths=LENGTHS.__getitem__, pool=POOL, **changes
) -> Order:
    arguments = {"shuffle": shuffle, "seed": 5, "epoch": 2, "pool": pool} | changes
    return Order(count, lengths, policy, **arguments)


def reference(policy, shuffle) -> list[list[int]]:
    """All batches, by writing down what the module says."""
    samples = list(Permutation(COUNT, 5, 2)) if shuffle else list(range(COUNT))
    if isinstance(policy, FixedRows):
        return [samples[at : at + policy.rows] for at in range(0, COUNT, policy.rows)]
    batches = []
    for pool, start in enumerate(range(0, COUNT, POOL)):
        members = samples[start : start + POOL]
        groups = policy.groups(LENGTHS[members])
        if shuffle:
            places = Permutation(len(groups), 5, 2, stream=Stream.BATCH_ORDER, part=pool)
            groups = [groups[place] for place in places]
        batches += [[members[row] for row in group] for group in groups]
    return batches


@pytest.mark.parametrize("policy, shuffle", CASES)
def test_it_is_the_reference_however_it_is_asked(policy, shuffle):
    expected = reference(policy, shuffle)
    assert len(order(policy, shuffle)) == len(expected)
    assert sorted(chain.from_iterable(expected)) == list(range(COUNT))
    there, back = order(policy, shuffle), order(policy, shuffle)
    numbers = range(len(expected))
    assert [there[number].samples.tolist() for number in numbers] == expected
    assert [back[number].samples.tolist() for number in reversed(numbers)] == expected[::-1]
    for number in numbers:
        fresh = order(policy, shuffle)
        assert fresh[number].samples.dtype == np.int64
        assert fresh[number].samples.tolist() == expected[number]


@pytest.mark.parametrize("policy, shuffle", CASES)
def test_it_ends_where_it_ends(policy, shuffle):
    count = len(order(policy, shuffle))
    one = order(policy, shuffle)
    assert count - 1 in one and count not in one and -1 not in one and 10**15 not in one
    for number in (count, -1):
        with pytest.raises(IndexError, match=f"batch {number}"):
            one[number]


@pytest.mark.parametrize("policy, shuffle", CASES)
def test_counting_may_begin_at_a_place(policy, shuffle):
    """From each place that was known when some batch was reached; also backwards from there."""
    expected = reference(policy, shuffle)
    walked = order(policy, shuffle)
    for number, samples in enumerate(expected):
        walked[number]
        place = walked.place(number)
        assert place[1] <= number
        resumed = order(policy, shuffle, place=place)
        assert resumed[number].samples.tolist() == samples
        assert len(resumed) == len(expected)
        assert resumed[0].samples.tolist() == expected[0]
        assert order(policy, shuffle, place=place)[0].samples.tolist() == expected[0]


def test_a_place_spares_the_pools_before_it():
    policy = TokenBudget(120)
    walked = order(policy)
    last = len(walked) - 1
    lengths = Counted()
    order(policy, lengths=lengths, place=walked.place(last))[last]
    assert lengths.asked <= 2


def test_no_more_pools_are_looked_at_than_needed():
    lengths = Counted()
    one = order(TokenBudget(120), lengths=lengths)
    assert 0 in one
    one[0]
    assert lengths.asked == 1
    lengths = Counted()
    one = order(FixedRows(7), lengths=lengths)
    assert len(one) == 33 and 32 in one
    assert lengths.asked == 0


def test_only_the_last_of_fixed_rows_has_fewer():
    sizes = [len(order(FixedRows(7))[number].samples) for number in range(33)]
    assert sizes == [7] * 32 + [6]


@pytest.mark.parametrize("change", [{"seed": 6}, {"epoch": 3}])
@pytest.mark.parametrize("policy", POLICIES)
def test_seed_and_epoch_change_the_order_of_what_is_shuffled(policy, change):
    assert order(policy)[0].samples.tolist() != order(policy, **change)[0].samples.tolist()
    assert (
        order(policy, False)[0].samples.tolist()
        == order(policy, False, **change)[0].samples.tolist()
    )


def test_batches_of_similar_length_are_shuffled():
    """Otherwise each pool would begin with its longest rows."""
    one = order(TokenBudget(120))
    longest = [int(LENGTHS[one[number].samples].max()) for number in range(15)]
    assert longest != sorted(longest, reverse=True)


def test_an_epoch_of_a_million_million_samples():
    """Nothing is kept for each sample, and no sample is visited before its turn."""

    def lengths(samples: np.ndarray) -> np.ndarray:
        return np.full(len(samples), 1024)

    count = 10**12
    for policy in (FixedRows(1000), TokenBudget(1024_000)):
        one = order(policy, lengths=lengths, count=count, pool=1000, place=(10**9 - 1, 10**9 - 1))
        last = one[10**9 - 1].samples
        assert len(last) == 1000 and last.min() >= 0 and 2**32 < last.max() < count
    assert len(order(FixedRows(1000), lengths=lengths, count=count)) == 10**9


def test_an_epoch_without_samples():
    for policy in POLICIES:
        one = order(policy, count=0)
        assert len(one) == 0 and 0 not in one


def test_a_pool_holds_samples():
    with pytest.raises(ArgumentError, match="pool"):
        order(FixedRows(1), pool=0)
