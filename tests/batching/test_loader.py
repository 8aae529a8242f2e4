"""Loaders: every sample once, the same for every number of ranks, exact to resume."""

import inspect
import json
import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np
import pytest

from bpe_tool import (
    ArgumentError,
    Batch,
    Causal,
    DataError,
    FixedRows,
    LengthBuckets,
    Loader,
    MaskedLM,
    Packed,
    TokenBudget,
    TokenDataset,
    batches,
    pad,
)
from bpe_tool.batching.loader import LoaderOptions

CHANCE = np.random.default_rng(3)
# Some are empty; 0 is padding and a token.
ROWS = [CHANCE.integers(0, 90, length).tolist() for length in CHANCE.integers(0, 40, 97)]
POLICIES = [
    FixedRows(7),
    LengthBuckets((8, 16, 41), rows=4),
    TokenBudget(200, multiple=8),
    TokenBudget(200, sort=False),
    Packed(32, rows=3),
    Packed(32, rows=3, strategy="concatenate"),
]
PADDED = [policy for policy in POLICIES if not isinstance(policy, Packed)]
MASKED = MaskedLM(91, 90, probability=0.3)


def loader(policy=POLICIES[2], rows=ROWS, **changes) -> Loader:
    """A loader of small pools, so that there are many of them."""
    options = {"pad_id": 0, "shuffle": True, "seed": 9, "pool": 35, "objective": MASKED}
    return Loader(rows, policy, **(options | changes))


def through_json(state: dict) -> dict:
    return json.loads(json.dumps(state))


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("policy", PADDED, ids=repr)
def test_each_sample_is_in_one_batch_and_padded(policy, shuffle):
    found = list(loader(policy, shuffle=shuffle, objective=None, bos_id=92, side="left"))
    assert sorted(chain.from_iterable(batch.samples.tolist() for batch in found)) == list(range(97))
    for batch in found:
        rows = [[92, *ROWS[sample]] for sample in batch.samples]
        multiple = policy.multiple if isinstance(policy, TokenBudget) else 1
        expected = pad(rows, pad_id=0, side="left", multiple=multiple)
        assert np.array_equal(batch.ids, expected.ids)
        assert np.array_equal(batch.attention_mask, expected.attention_mask)
        assert np.array_equal(batch.lengths, expected.lengths)


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("policy", [policy for policy in POLICIES if policy not in PADDED])
def test_each_id_is_in_one_packed_row(policy, shuffle):
    """Put together again by sample and place, the pieces are the documents and their frames."""
    documents: dict[int, dict[int, int]] = {number: {} for number in range(97)}
    for batch in loader(policy, shuffle=shuffle, objective=None, bos_id=92, eos_id=93):
        assert batch.ids.shape[1] == 32 and len(batch.ids) <= 3
        flat = batch.ids[batch.attention_mask == 1].tolist()
        for at, (sample, start) in enumerate(batch.pieces.tolist()):
            piece = flat[batch.cu_seqlens[at] : batch.cu_seqlens[at + 1]]
            for place, id in enumerate(piece, start):
                assert place not in documents[sample]
                documents[sample][place] = id
    for number, row in enumerate(ROWS):
        assert [documents[number][place] for place in range(len(row) + 2)] == [92, *row, 93]


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_resuming_at_every_batch_goes_on_as_if_nothing_had_happened(policy, shuffle):
    whole = list(loader(policy, shuffle=shuffle))
    running = loader(policy, shuffle=shuffle)
    states = [running.state_dict()]
    for batch in running:
        states.append(running.state_dict())
        assert batch == whole[len(states) - 2]
    assert len(states) == len(whole) + 1
    for done, state in enumerate(states):
        resumed = loader(policy, shuffle=shuffle)
        resumed.load_state_dict(through_json(state))
        assert len(resumed) == len(whole) - done
        assert list(resumed) == whole[done:]
        assert resumed.epoch == 1
        # Also when workers, or somebody else, takes the batches.
        other = loader(policy, shuffle=shuffle)
        assert [state[key] for key in ("epoch", "batches")] == [0, done]
        other.load_state_dict(other.state_dict(done))
        assert [other[index] for index in range(len(other))][:2] == whole[done : done + 2]


def test_an_epoch_is_followed_by_the_next_and_can_be_named():
    running = loader()
    first, second = list(running), list(running)
    assert running.epoch == 2
    assert [batch.samples.tolist() for batch in first] != [
        batch.samples.tolist() for batch in second
    ]
    named = loader()
    named.set_epoch(1)
    assert list(named) == second == list(loader(epoch=1))
    # The state after the last batch: nothing is left, then comes the next epoch.
    ended = loader()
    ended.load_state_dict(loader().state_dict(len(first)))
    assert (len(ended), list(ended), ended.epoch) == (0, [], 1)
    assert list(ended) == second


def test_naming_the_epoch_of_a_resumed_loader_leaves_it_where_it_is():
    whole = list(loader())
    resumed = loader()
    resumed.load_state_dict(loader().state_dict(3))
    resumed.set_epoch(resumed.epoch)
    assert list(resumed) == whole[3:]


def test_an_iteration_that_was_left_begins_again():
    running = loader()
    whole = [running[index] for index in range(len(running))]
    assert next(iter(running)) == whole[0]
    assert running.state_dict()["batches"] == 1
    assert list(running) == whole


@pytest.mark.parametrize("uneven", ["drop", "repeat"])
@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_ranks_share_out_one_sequence(policy, size, uneven):
    whole = list(loader(policy))
    ranks = [
        list(loader(policy, rank=rank, world_size=size, uneven=uneven)) for rank in range(size)
    ]
    assert len({len(rank) for rank in ranks}) == 1
    assert len(ranks[0]) == len(loader(policy, rank=0, world_size=size, uneven=uneven))
    shared = [batch for step in zip(*ranks, strict=True) for batch in step]
    if uneven == "drop":
        assert shared == whole[: len(whole) // size * size]
    else:
        assert shared == whole + whole[: -len(whole) % size]


@pytest.mark.parametrize("uneven", ["drop", "repeat"])
@pytest.mark.parametrize("before, after", [(2, 4), (4, 2), (4, 1), (1, 3)])
@pytest.mark.parametrize("policy", [FixedRows(7), TokenBudget(200), Packed(32, rows=3)], ids=repr)
def test_another_number_of_ranks_goes_on_in_the_middle_of_an_epoch(policy, before, after, uneven):
    """Nothing is lost or comes twice, but for the tail: less than a batch for each rank."""
    whole = list(loader(policy))
    for steps in range(1, len(whole) // before):
        used = []
        states = []
        for rank in range(before):
            running = loader(policy, rank=rank, world_size=before, uneven=uneven)
            iteration = iter(running)
            used.append([next(iteration) for _ in range(steps)])
            states.append(running.state_dict())
        assert all(state == states[0] for state in states)
        ranks = []
        for rank in range(after):
            resumed = loader(policy, rank=rank, world_size=after, uneven=uneven)
            resumed.load_state_dict(through_json(states[0]))
            ranks.append(list(resumed))
        shared = [
            batch for runs in (used, ranks) for step in zip(*runs, strict=True) for batch in step
        ]
        left = len(whole) - steps * before
        if uneven == "drop":
            assert shared == whole[: len(whole) - left % after]
        else:
            assert shared == whole + whole[: -left % after]


@pytest.mark.parametrize("uneven, expected", [("drop", 0), ("repeat", 1)])
def test_fewer_batches_than_ranks(uneven, expected):
    ranks = [
        list(loader(FixedRows(100), rank=rank, world_size=4, uneven=uneven)) for rank in range(4)
    ]
    assert [len(rank) for rank in ranks] == [expected] * 4
    if expected:
        assert [rank[0].samples[0] for rank in ranks[:2]] == [
            rank[0].samples[0] for rank in ranks[2:]
        ]


@pytest.mark.parametrize(
    "changes, named",
    [
        ({"policy": FixedRows(8)}, "policy"),
        ({"rows": ROWS[1:]}, "dataset"),
        ({"rows": [[89], *ROWS[1:]]}, "dataset"),
        ({"seed": 8}, "seed"),
        ({"shuffle": False}, "shuffle"),
        ({"pool": 36}, "pool"),
        ({"eos_id": 5}, "frame"),
        ({"max_length": 30}, "max_length"),
        ({"multiple": 4}, "multiple"),
    ],
)
def test_the_state_of_other_batches_is_refused(changes, named):
    with pytest.raises(ArgumentError, match=f"other batches: {named} was"):
        loader(**changes).load_state_dict(loader().state_dict(2))


@pytest.mark.parametrize(
    "change",
    [{"version": 2}, {"epoch": -1}, {"batches": None}, {"place": [1]}, {"place": None}],
)
def test_what_is_no_state_is_refused(change):
    with pytest.raises(ArgumentError, match="not the state"):
        loader().load_state_dict(loader().state_dict() | change)
    with pytest.raises(ArgumentError, match="not the state"):
        loader().load_state_dict({})


def test_what_does_not_decide_about_batches_may_change():
    resumed = loader(pad_id=7, objective=Causal(), dtype="int32", rank=1, world_size=2)
    resumed.load_state_dict(loader().state_dict(2))
    assert resumed[0].samples.tolist() == loader()[3].samples.tolist()


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_batches_are_a_sequence(policy):
    one = loader(policy)
    whole = list(loader(policy))
    assert len(one) == len(whole)
    assert [one[index] for index in range(-len(whole), len(whole))] == whole * 2
    for index in (len(whole), -len(whole) - 1, 10**12):
        with pytest.raises(IndexError, match=f"of {len(whole)}"):
            one[index]


def test_batches_are_nobody_elses():
    """They may be changed: what stands for a pool is not."""
    one = loader(FixedRows(7), objective=None)
    expected = loader(FixedRows(7), objective=None)[0]
    batch = one[0]
    for array in (batch.ids, batch.samples, batch.lengths, batch.attention_mask):
        array[:] = -5
    assert one[0] == expected


def test_a_pickle_goes_on_where_the_loader_was():
    resumed = loader()
    resumed.load_state_dict(loader().state_dict(4))
    other = pickle.loads(pickle.dumps(resumed))
    assert list(other) == list(resumed)


def test_threads_share_one_loader():
    one, whole = loader(), list(loader())
    with ThreadPoolExecutor(8) as pool:
        for round in range(5):
            order = np.random.default_rng(round).permutation(len(whole)).tolist()
            assert list(pool.map(one.__getitem__, order)) == [whole[index] for index in order]


def test_long_samples_are_cut_and_framed():
    rows = [list(range(10, 20)), [1, 2], []]
    options = {"pad_id": 0, "bos_id": 98, "eos_id": 99, "max_length": 6}
    right = Loader(rows, FixedRows(3), **options)[0]
    assert right.ids.tolist() == [
        [98, 10, 11, 12, 13, 99], [98, 1, 2, 99, 0, 0], [98, 99, 0, 0, 0, 0],
    ]  # fmt: skip
    left = Loader(rows, FixedRows(3), truncation_side="left", **options)[0]
    assert left.ids[0].tolist() == [98, 16, 17, 18, 19, 99]
    assert left.pieces.tolist() == [[0, 6], [1, 0], [2, 0]]


def test_prompts_are_not_learned():
    """Wherever samples end up, and with what stands before them."""
    prompts = [min(3, len(row)) for row in ROWS]
    for policy in (FixedRows(7), Packed(32, rows=3)):
        found = loader(policy, objective=Causal(), prompt_lengths=prompts, bos_id=92, eos_id=93)
        learned = 0
        for batch in found:
            kept = batch.labels[batch.labels != -100].tolist()
            assert 92 not in kept
            learned += len(kept)
        if isinstance(policy, FixedRows):
            assert learned == sum(map(len, ROWS)) - sum(prompts) + 97


@pytest.mark.parametrize("policy", [FixedRows(4), TokenBudget(32), LengthBuckets((8,), rows=4)])
def test_less_than_a_batch_is_a_batch_and_nothing_is_none(policy):
    (batch,) = Loader([[1, 2], []], policy, pad_id=0)
    assert sorted(batch.lengths.tolist()) == [0, 2]
    empty = Loader([], policy, pad_id=0, shuffle=True)
    assert (len(empty), list(empty)) == (0, [])
    (nothing,) = Loader([[], []], policy, pad_id=0)
    assert nothing.ids.shape == (2, 8 if getattr(policy, "pad_to_bounds", False) else 0)
    assert list(Loader([[], []], Packed(4, rows=2), pad_id=0)) == []


def test_documents_that_do_not_fit_the_policy_are_refused():
    with pytest.raises(DataError, match="40 tokens does not fit a batch, which takes 32"):
        list(Loader([[1] * 40], TokenBudget(32), pad_id=0))
    (batch,) = Loader([[1] * 40], TokenBudget(32), pad_id=0, max_length=32)
    assert batch.ids.shape == (1, 32)


@pytest.mark.parametrize(
    "changes",
    [
        {"rank": 1},
        {"rank": -1},
        {"world_size": 0},
        {"uneven": "keep"},
        {"pool": 0},
        {"seed": -1},
        {"epoch": -1},
        {"side": "top"},
        {"truncation_side": "top"},
        {"multiple": 0},
        {"max_length": 0},
        {"max_length": 2, "bos_id": 1, "eos_id": 2},
        {"policy": Packed(8, rows=1), "side": "left"},
        {"policy": Packed(8, rows=1), "max_length": 4},
        {"objective": None, "prompt_lengths": [0] * 97},
        {"prompt_lengths": [0]},
    ],
)
def test_arguments_that_make_no_sense_are_refused(changes):
    with pytest.raises(ArgumentError):
        loader(**changes)


def test_a_negative_number_of_batches_is_refused():
    with pytest.raises(ArgumentError, match="`done` is -1"):
        loader().state_dict(-1)


@pytest.mark.parametrize("policy", POLICIES, ids=repr)
def test_rows_in_memory_are_batched_the_same(policy):
    found = list(batches(ROWS, policy, pad_id=0, shuffle=True, seed=9, pool=35, objective=MASKED))
    assert found == list(loader(policy))
    assert all(isinstance(batch, Batch) for batch in found)


def test_it_says_what_it_is():
    one = loader(FixedRows(7), rows=TokenDataset(ROWS)[:9], rank=1, world_size=2)
    assert "9 documents" in repr(one) and "FixedRows(rows=7)" in repr(one)
    assert "rank 1 of 2" in repr(one)


def test_numbers_of_numpy_are_numbers():
    """A state that was saved with them is that of a loader made with others."""
    one, two = (
        Loader(
            ROWS,
            LengthBuckets([number(20), number(41)], rows=number(4)),
            pad_id=0,
            shuffle=True,
            seed=number(7),
            epoch=number(2),
            rank=number(1),
            world_size=number(2),
            pool=number(50),
        )
        for number in (int, np.int64)
    )
    state = two.state_dict(np.int64(1))
    assert json.loads(json.dumps(state)) == one.state_dict(1)
    one.load_state_dict(state)
    two.load_state_dict(json.loads(json.dumps(state)))
    assert list(one) == list(two)
    two.set_epoch(np.int64(9))
    json.dumps(two.state_dict())


@pytest.mark.parametrize(
    "policy",
    [FixedRows, lambda n: TokenBudget(n, n), lambda n: Packed(n, n)],
    ids=["FixedRows", "TokenBudget", "Packed"],
)
def test_equal_policies_look_alike(policy):
    assert repr(policy(np.int64(8))) == repr(policy(8))


def test_what_is_no_policy_is_refused_at_once():
    with pytest.raises(TypeError, match="FixedRows"):
        Loader(ROWS, 32, pad_id=0)
    with pytest.raises(ArgumentError, match="best-fit-crop"):
        Packed(8, 8, "bestfit")
    with pytest.raises(ArgumentError, match="truncate"):
        Packed(8, 8, long="cut")


def test_options_of_batches_are_arguments_of_a_loader():
    """They are documented there; here are their names and types once more."""
    own = inspect.signature(Loader).parameters
    assert own.keys() - LoaderOptions.__annotations__.keys() == {
        "dataset", "policy", "pad_id", "rank", "world_size", "uneven",
    }  # fmt: skip
    shown = inspect.signature(batches).parameters
    assert list(shown) == ["rows", "policy", "pad_id", *LoaderOptions.__annotations__]
    for name, hint in LoaderOptions.__annotations__.items():
        assert hint.__forward_arg__ == own[name].annotation
        assert shown[name] == own[name]
    with pytest.raises(TypeError, match="unexpected keyword argument 'bos'"):
        batches([[1]], FixedRows(1), pad_id=0, bos=1)
