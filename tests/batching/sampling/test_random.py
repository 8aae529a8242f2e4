"""Draws depend on their key and on nothing else, and stay the same for ever."""

import math
import pickle
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.batching.sampling.random import Permutation, Stream, draw, uniform
from bpe_tool.errors import ArgumentError

WORDS = st.integers(0, 2**64 - 1)
POSITIONS = st.integers(-(2**63), 2**63 - 1)


def splitmix64(state: int) -> int:
    """The next number of SplitMix64, from its description."""
    state = (state + 0x9E3779B97F4A7C15) % 2**64
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB % 2**64
    return state ^ (state >> 31)


def slow_draw(*words: int) -> int:
    key = 0
    for word in words:
        key = splitmix64((key + word) % 2**64)
    return key


def test_the_reference_is_splitmix64():
    gamma, outputs = 0x9E3779B97F4A7C15, []
    for at in range(3):
        outputs.append(splitmix64(1234567 + at * gamma))
    # What is published for this seed.
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@given(WORDS, WORDS, st.integers(0, 100), POSITIONS, POSITIONS)
def test_draws_are_those_of_the_reference(seed, epoch, stream, sample, position):
    expected = slow_draw(seed, epoch, stream, sample, position)
    assert int(draw(seed, epoch, sample, position, stream)) == expected
    assert float(uniform(seed, epoch, sample, position, stream)) == (expected >> 11) / 2**53


def test_values_never_change():
    assert draw(0, 0, [0, 1, 2**40], 0, Stream.SHUFFLE).tolist() == [
        17868934057107982722,
        3043796010395872071,
        13898813255614454873,
    ]
    assert draw(2**64 - 1, 3, 5, np.arange(2), Stream.SPAN_PLACE).tolist() == [
        12483321171476638727,
        8455952475568062599,
    ]
    assert list(Permutation(10, 42)) == [7, 9, 0, 6, 1, 4, 2, 8, 3, 5]
    assert list(Permutation(10, 42, 1)) == [6, 8, 1, 9, 5, 2, 7, 0, 3, 4]
    assert Permutation(10**12, 1)[:3].tolist() == [865536875, 973349971503, 71195718182]
    assert Permutation(2**62, 0)[1] == 3138819021521680511


def test_samples_and_positions_are_broadcast():
    samples, positions = np.arange(3)[:, None], np.arange(4, dtype=np.int32)
    drawn = draw(1, 2, samples, positions, 3)
    assert (drawn.shape, drawn.dtype) == ((3, 4), np.uint64)
    for sample in range(3):
        for position in range(4):
            assert drawn[sample, position] == slow_draw(1, 2, 3, sample, position)
    assert draw(1, 2, [], [], 3).shape == (0,)


@pytest.mark.parametrize("name", ["seed", "epoch", "stream"])
@pytest.mark.parametrize("value", [-1, 2**64])
def test_keys_have_64_bits(name, value):
    words = {"seed": 0, "epoch": 0, "stream": 0, name: value}
    with pytest.raises(ArgumentError, match=f"`{name}` is {value}"):
        draw(samples=0, positions=0, **words)


def test_places_are_whole_numbers():
    with pytest.raises(TypeError, match="float64"):
        draw(0, 0, 0.5, 0, 0)


def chi_square(counts: np.ndarray, expected: float) -> float:
    return float(((counts - expected) ** 2).sum() / expected)


@pytest.mark.parametrize("along", ["samples", "positions", "seeds", "epochs"])
def test_draws_are_uniform_along_every_word(along):
    count, buckets = 64_000, 64
    steps = np.arange(count)
    if along == "samples":
        drawn = uniform(1, 0, steps, 0, 3)
    elif along == "positions":
        drawn = uniform(1, 0, 7, steps, 3)
    else:
        at = ("seeds", "epochs").index(along)
        drawn = np.concatenate(
            [uniform(*((step, 0), (0, step))[at], 0, np.arange(64), 3) for step in range(1000)]
        )
    assert 0 <= drawn.min() <= drawn.max() < 1
    counts = np.bincount((drawn * buckets).astype(int), minlength=buckets)
    # 63 degrees of freedom: the bounds are six standard deviations away.
    assert 0 < chi_square(counts, count / buckets) < 63 + 6 * math.sqrt(2 * 63)


@given(st.integers(0, 3000), WORDS, WORDS, st.integers(0, 5))
def test_an_order_holds_everything_once(count, seed, epoch, part):
    order = Permutation(count, seed, epoch, part=part)
    found = order[np.arange(count)]
    assert found.dtype == np.int64
    assert sorted(found.tolist()) == list(range(count))


@given(st.integers(1, 2**62), WORDS, st.data())
def test_large_orders_give_different_places_different_things(count, seed, data):
    order = Permutation(count, seed)
    places = data.draw(st.lists(st.integers(0, count - 1), unique=True, max_size=50))
    found = order[np.array(places, np.int64)]
    assert len(set(found.tolist())) == len(places)
    assert all(0 <= one < count for one in found.tolist())


@pytest.mark.parametrize("count", [3, 4, 5])
def test_every_order_is_as_likely(count):
    tries, orders = 2000, math.factorial(count)
    seen = Counter(tuple(Permutation(count, seed)) for seed in range(tries))
    assert len(seen) == orders
    bound = orders + 2 * math.sqrt(2 * orders)
    assert chi_square(np.array([*seen.values()]), tries / orders) < bound


def test_every_place_is_as_likely_to_hold_everything():
    count, tries = 37, 1000
    found = np.array([Permutation(count, 5, epoch)[:] for epoch in range(tries)])
    cells = np.zeros((count, count))
    np.add.at(cells, (np.broadcast_to(np.arange(count), found.shape), found), 1)
    freedom = (count - 1) ** 2
    assert chi_square(cells, tries / count) < freedom + 2 * math.sqrt(2 * freedom)


def test_neighbours_are_torn_apart():
    found = Permutation(100_000, 3)[:]
    # In a random order one pair of neighbours is expected to stay together each way.
    assert np.count_nonzero(np.abs(np.diff(found)) == 1) < 20


def test_an_order_is_a_sequence():
    order = Permutation(1000, 9)
    whole = order[:].tolist()
    assert len(order) == 1000
    assert list(order) == [order[at] for at in range(1000)] == whole
    assert order[-1] == whole[-1]
    assert order[np.int32(7)] == whole[7]
    assert isinstance(order[np.int32(7)], int)
    assert order[900:10:-7].tolist() == whole[900:10:-7]
    assert order[np.array([[1, -1], [2, 2]])].tolist() == [[whole[1], whole[-1]], [whole[2]] * 2]
    assert order[np.array([255], np.uint8)].tolist() == [whole[255]]
    for wrong in (1000, -1001, np.array([0, 1000])):
        with pytest.raises(IndexError):
            order[wrong]
    for wrong in (1.0, "1", np.array([1.0])):
        with pytest.raises(TypeError):
            order[wrong]


def test_orders_are_told_apart_by_every_argument():
    plain = Permutation(100, 1, 0)[:].tolist()
    assert Permutation(100, 1, 0)[:].tolist() == plain
    assert pickle.loads(pickle.dumps(Permutation(100, 1, 0)))[:].tolist() == plain
    others = [
        Permutation(100, 2, 0),
        Permutation(100, 1, 1),
        Permutation(100, 1, 0, part=1),
        Permutation(100, 1, 0, stream=Stream.BATCH_ORDER),
    ]
    assert len({tuple(plain), *map(tuple, others)}) == 5


@pytest.mark.parametrize("count", [-1, 2**62 + 1])
def test_orders_are_not_longer_than_what_can_be_counted(count):
    with pytest.raises(ArgumentError, match=str(count)):
        Permutation(count, 0)
