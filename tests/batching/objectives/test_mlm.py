"""Masked language modelling: never what must not be masked, and the same in any batch."""

import math
import pickle
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_causal import packed

from bpe_tool import (
    Batch,
    BpeToolWarning,
    FixedRows,
    Loader,
    MaskedLM,
    Packed,
    WordEdges,
    batches,
    pack,
    pad,
)
from bpe_tool.batching.sampling.random import Stream, draw, uniform
from bpe_tool.errors import ArgumentError, DataError

NO, MASK, SIZE = -100, 4, 50
SPECIAL = [0, 1, 2]
# Odd ids go on with the word before them.
EDGES = WordEdges(left=np.arange(SIZE) % 2 == 1, right=np.ones(SIZE, bool))
RNG = np.random.default_rng(8)
ROWS = [RNG.integers(0, SIZE, length).tolist() for length in RNG.integers(0, 90, 300)]
# Two sets of samples, of which each has its own numbers.
ROWS_APART = [[[*range(10, 16)], [*range(20, 24)]], [[*range(30, 36)], [*range(40, 44)]]]
UNITS = ["token", "word", "span"]


def masked_lm(unit: str) -> MaskedLM:
    """Its own for each use: it warns of different rows that are one sample in two batches."""
    words = EDGES if unit == "word" else None
    return MaskedLM(MASK, SIZE, special_ids=SPECIAL, unit=unit, words=words)


@pytest.fixture(params=UNITS)
def objective(request) -> MaskedLM:
    return masked_lm(request.param)


def by_sample(batch: Batch) -> dict[tuple[int, int], tuple[int, int]]:
    """The id and the label at every (sample, position)."""
    found = {}
    real = batch.attention_mask == 1
    lengths = batch.lengths if batch.cu_seqlens is None else np.diff(batch.cu_seqlens)
    pieces = batch.pieces
    if pieces is None:
        pieces = np.stack([batch.samples, np.zeros_like(batch.samples)], axis=1)
    places = [
        (sample, start + at)
        for (sample, start), length in zip(pieces.tolist(), lengths.tolist(), strict=True)
        for at in range(length)
    ]
    values = zip(batch.ids[real].tolist(), batch.labels[real].tolist(), strict=True)
    for place, value in zip(places, values, strict=True):
        assert found.setdefault(place, value) == value, "windows of one sample disagree"
    return found


def whole(objective: MaskedLM, seed: int = 3, epoch: int = 0) -> dict:
    return by_sample(objective.apply(pad(ROWS, pad_id=0), seed=seed, epoch=epoch))


def test_padding_and_special_tokens_are_never_masked(objective):
    for side in "left", "right":
        # Padding that looks like an ordinary id.
        before = pad(ROWS, pad_id=7, side=side)
        after = objective.apply(before, seed=1)
        spared = (before.attention_mask == 0) | np.isin(before.ids, [*SPECIAL, MASK])
        assert (after.labels[spared] == NO).all()
        assert np.array_equal(after.ids[spared], before.ids[spared])
        assert (after.labels != NO).sum() > 500


def test_labels_are_the_ids_that_were_hidden(objective):
    before = pad(ROWS, pad_id=7)
    after = objective.apply(before)
    chosen = after.labels != NO
    assert np.array_equal(after.labels[chosen], before.ids[chosen])
    assert np.array_equal(after.ids[~chosen], before.ids[~chosen])
    assert replace(after, ids=before.ids, labels=None) == before
    assert before == pad(ROWS, pad_id=7)


@pytest.mark.parametrize("size", [1, 64])
@pytest.mark.parametrize("side", ["left", "right"])
def test_a_sample_is_masked_alike_in_every_batch(objective, size, side):
    expected, found = whole(objective), {}
    order = np.random.default_rng(size).permutation(len(ROWS))
    for start in range(0, len(order), size):
        samples = order[start : start + size]
        batch = pad([ROWS[at] for at in samples], pad_id=7, side=side, multiple=1 + start % 9)
        found |= by_sample(objective.apply(replace(batch, samples=samples), seed=3))
    assert found == expected


def test_packed_rows_are_masked_like_padded_ones(objective):
    documents = [ROWS[at : at + 3] for at in range(0, len(ROWS), 3)]
    batch = packed(documents, pad_id=7)
    samples = np.arange(len(ROWS))
    pieces = np.stack([samples, np.zeros_like(samples)], axis=1)
    batch = replace(batch, samples=np.full(len(documents), -1), pieces=pieces)
    assert by_sample(objective.apply(batch, seed=3)) == whole(objective)


@pytest.mark.parametrize("options", [{"stride": 13}, {"truncation_side": "left"}, {}])
@pytest.mark.parametrize("unit", ["token", "span"])
def test_a_part_of_a_sample_is_masked_like_the_whole(unit, options):
    objective = masked_lm(unit)
    batch = pad(ROWS, pad_id=7, max_length=20, **options)
    found, expected = by_sample(objective.apply(batch, seed=3)), whole(objective)
    assert found.items() <= expected.items()
    assert (len(found) == len(expected)) == ("stride" in options)


@pytest.mark.parametrize("make", [pad, partial(pack, length=16)])
def test_a_collate_function_that_does_not_number_its_samples_is_warned(objective, make):
    """Otherwise the same positions would be hidden in every batch."""
    first, second = ([*range(10, 25)], [*range(20, 30)]), ([*range(30, 42)],)
    objective.apply(make(first, pad_id=0), seed=6)
    objective.apply(make(first, pad_id=0), seed=6)
    objective.apply(make(second, pad_id=0, samples=[2]), seed=6)
    objective.apply(make(first, pad_id=0), seed=7)
    with pytest.warns(BpeToolWarning, match="`samples`"):
        objective.apply(make(second, pad_id=0), seed=7)


def test_batches_with_numbers_are_no_reason_to_warn(objective):
    """Two loaders begin with their samples 0, and augmented samples change their ids."""
    loaders = [Loader(rows, FixedRows(2), pad_id=0, objective=objective) for rows in ROWS_APART]
    for epoch in (0, 0, 1):
        for loader in loaders:
            loader.set_epoch(epoch)
            assert len(list(loader)) == 1
    for rows in ROWS_APART:
        objective.apply(pad(rows, pad_id=0, samples=[0, 1]))
        objective.apply(pack(rows, length=16, pad_id=0, samples=[0, 1]).flattened())
        list(batches(rows, Packed(16, rows=2), pad_id=0, objective=objective))
    restored = pickle.loads(pickle.dumps(objective))
    restored.apply(pad(ROWS_APART[0], pad_id=0))
    with pytest.warns(BpeToolWarning, match="`samples`"):
        restored.apply(pad(ROWS_APART[1], pad_id=0).flattened())


@pytest.mark.parametrize(
    "options",
    [{}, {"max_length": 6, "truncation_side": "left"}, {"max_length": 6, "stride": 3}],
)
def test_numbered_samples_are_masked_as_among_all(objective, options):
    """Batch by batch what one batch of all would hide."""
    every = objective.apply(pad(ROWS, pad_id=0, **options), seed=6)
    ids, labels = every.ids[every.attention_mask == 1], every.labels[every.attention_mask == 1]
    done = 0
    for start in range(0, len(ROWS), 7):
        numbers = np.arange(start, min(start + 7, len(ROWS)))
        batch = pad([ROWS[i] for i in numbers], pad_id=0, samples=numbers, **options)
        assert set(batch.samples.tolist()) == set(numbers.tolist())
        found = objective.apply(batch, seed=6)
        real = found.attention_mask == 1
        own = slice(done, done + int(real.sum()))
        assert np.array_equal(found.ids[real], ids[own])
        assert np.array_equal(found.labels[real], labels[own])
        done = own.stop
    assert done == len(ids)


def test_masks_never_change():
    rows = [[*range(10, 50)] * 3]
    found = {}
    for unit in UNITS:
        labels = masked_lm(unit).apply(pad(rows, pad_id=0), seed=5, epoch=1).labels[0]
        found[unit] = np.flatnonzero(labels != NO).tolist()
    assert found == {
        "token": [17, 22, 25, 35, 36, 38, 39, 44, 52, 53, 56, 61, 73, 80, 84, 97, 103],
        "word": [22, 23, 36, 37, 38, 39, 44, 45, 52, 53, 56, 57, 80, 81, 84, 85],
        "span": [12, 13, 47, 48, 74, 75, 76, 77, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100, 118],
    }


def test_epochs_and_seeds_mask_other_ids(objective):
    masks = [whole(objective, seed, epoch) for seed, epoch in [(3, 0), (3, 0), (3, 1), (4, 0)]]
    assert masks[0] == masks[1]
    assert len({tuple(sorted(mask.items())) for mask in masks}) == 3


def test_tokens_are_chosen_and_split_by_their_draws():
    batch = pad(ROWS, pad_id=7)
    after = masked_lm("token").apply(batch, seed=9, epoch=2)
    drawable = [id for id in range(SIZE) if id not in [*SPECIAL, MASK]]
    for sample, row in enumerate(ROWS[:40]):
        key = (9, 2, sample, np.arange(len(row)))
        chosen, kind = uniform(*key, Stream.MASK), uniform(*key, Stream.MASK_KIND)
        bits = draw(*key, Stream.MASK_TOKEN)
        for place, id in enumerate(row):
            is_chosen = chosen[place] < 0.15 and id in drawable
            assert after.labels[sample, place] == (id if is_chosen else NO)
            expected = id
            if is_chosen and kind[place] < 0.8:
                expected = MASK
            elif is_chosen and kind[place] < 0.9:
                expected = drawable[(int(bits[place]) >> 32) * len(drawable) >> 32]
            assert after.ids[sample, place] == expected


LONG = [np.random.default_rng(at).integers(5, SIZE, 1000).tolist() for at in range(60)]


def near(found: float, expected: float, count: int) -> bool:
    """Within six standard deviations of a share of `count` draws."""
    return abs(found - expected) <= 6 * math.sqrt(expected * (1 - expected) / count)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("probability", [0.0, 0.15, 0.4, 1.0])
@pytest.mark.parametrize("split", [(0.8, 0.1, 0.1), (1, 0, 0), (0.2, 0.3, 0.5)])
def test_shares_are_those_asked_for(unit, probability, split):
    objective = replace(masked_lm(unit), probability=probability, split=split)
    before = pad(LONG, pad_id=0)
    after = objective.apply(before, seed=2)
    chosen = after.labels != NO
    # Ids of one word or span are chosen together: there are fewer draws than ids.
    draws = before.ids.size / {"token": 1, "word": 4, "span": 10}[unit]
    assert near(chosen.mean(), probability, draws)
    if probability:
        kinds = chosen.sum() / (10 if unit == "span" else 1)
        masked = after.ids[chosen] == MASK
        same = after.ids[chosen] == before.ids[chosen]
        drawable = SIZE - 4
        assert near(masked.mean(), split[0], kinds)
        assert near(same.mean(), split[2] + split[1] / drawable, kinds)
        drawn = after.ids[chosen & (after.ids != before.ids) & (after.ids != MASK)]
        assert set(drawn.tolist()) == ({*range(SIZE)} - {*SPECIAL, MASK} if split[1] else set())


def test_words_are_masked_whole():
    batch = pad(ROWS, pad_id=7)
    after = masked_lm("word").apply(batch, seed=1)
    partial = masked_words = 0
    for row, labels in zip(ROWS, after.labels, strict=False):
        words: list[list[int]] = []
        for place, id in enumerate(row):
            special = id in [*SPECIAL, MASK]
            after_special = place and row[place - 1] in [*SPECIAL, MASK]
            if not place or id % 2 == 0 or special or after_special:
                words.append([])
            words[-1].append(place)
        for places in words:
            chosen = {labels[place] != NO for place in places}
            partial += len(chosen) > 1
            masked_words += chosen == {True} and len(places) > 1
    assert (partial, masked_words > 100) == (0, True)


def spans(labels: np.ndarray) -> list[tuple[int, int]]:
    """Where stretches of labels begin and end."""
    edges = np.diff(np.concatenate([[0], labels != NO, [0]]).astype(int))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def test_lengths_of_spans_are_geometric_and_limited():
    # So few that they hardly ever touch.
    objective = replace(masked_lm("span"), probability=0.01, max_span=5, span_stop=0.3)
    rows = [[9] * 1000] * 400
    labels = objective.apply(pad(rows, pad_id=0), seed=1).labels
    found = [end - start for row in labels for start, end in spans(row) if 5 < start < end < 995]
    weights = 0.3 * 0.7 ** np.arange(5)
    for length, share in enumerate(weights / weights.sum(), 1):
        assert abs(found.count(length) / len(found) - share) < 0.05
    assert sum(length > 5 for length in found) < 0.05 * len(found)


def test_a_span_is_split_as_a_whole():
    objective = replace(masked_lm("span"), probability=0.01)
    before = pad([[9] * 1000] * 200, pad_id=0)
    after = objective.apply(before, seed=4)
    kinds = []
    for ids, labels in zip(after.ids, after.labels, strict=True):
        kinds += [set((ids[start:end] == MASK).tolist()) for start, end in spans(labels)]
    # Two that touch may differ.
    assert sum(len(kind) == 2 for kind in kinds) < 0.05 * len(kinds)
    assert {True} in kinds
    assert {False} in kinds


def test_the_first_ids_of_a_text_are_masked_as_often():
    objective = replace(masked_lm("span"), probability=0.3)
    labels = objective.apply(pad([[9, 9, 9]] * 20_000, pad_id=0), seed=1).labels
    for column in range(3):
        assert near((labels[:, column] != NO).mean(), 0.3, 20_000)


def test_what_the_caller_leaves_out_is_never_masked(objective):
    batch = pad(ROWS, pad_id=7, side="left")
    plain = objective.apply(batch, seed=1)
    mask = [[at % 3 for at in range(len(row))] for row in ROWS]
    wanted = np.zeros(batch.ids.shape, bool)
    wanted[batch.attention_mask == 1] = [one != 0 for row in mask for one in row]
    expected = np.where(wanted, plain.labels, NO)
    assert np.array_equal(objective.apply(batch, seed=1, loss_mask=mask).labels, expected)
    prompts = np.arange(len(ROWS)) % 40
    spared = batch.position_ids < prompts[:, None]
    expected = np.where(spared, NO, plain.labels)
    assert np.array_equal(objective.apply(batch, seed=1, prompt_lengths=prompts).labels, expected)


@given(st.lists(st.lists(st.integers(0, SIZE - 1), max_size=3), max_size=4))
def test_rows_may_be_empty(rows):
    for objective in map(masked_lm, UNITS):
        for dtype in "int64", "int32":
            batch = objective.apply(pad(rows, pad_id=0, dtype=dtype))
            assert batch.ids.shape == batch.labels.shape
            assert (batch.ids.dtype, batch.labels.dtype) == (dtype, dtype)


def test_random_ids_are_all_but_the_special_ones():
    objective = MaskedLM(
        mask_id=9, vocab_size=10, split=(0, 1, 0), probability=1, special_ids=[0, 3, 4, 8, 99]
    )
    after = objective.apply(pad([[5] * 2000], pad_id=0))
    assert set(after.ids[0].tolist()) == {1, 2, 5, 6, 7}


def test_the_word_of_an_id_must_be_known():
    with pytest.raises(DataError, match="the id 50 is not"):
        masked_lm("word").apply(pad([[50]], pad_id=0))


def test_a_batch_says_which_samples_it_holds(objective):
    batch = packed([[[5, 6], [7]]], pad_id=0)
    with pytest.raises(ArgumentError, match="which sample") as caught:
        objective.apply(batch)
    assert "`pieces`" in caught.value.hint
    with pytest.raises(ArgumentError, match="which sample"):
        objective.apply(replace(pad([[1]], pad_id=0), samples=None))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mask_id": -1}, "`mask_id` is -1"),
        ({"probability": 1.1}, "`probability` is 1.1"),
        ({"probability": -0.1}, "`probability`"),
        ({"probability": float("nan")}, "`probability`"),
        ({"split": (0.8, 0.1)}, "`split`"),
        ({"split": (float("nan"), 0.1, 0.1)}, "`split`"),
        ({"split": (0.8, 0.1, 0.2)}, "`split`"),
        ({"split": (1.1, -0.1, 0)}, "`split`"),
        ({"unit": "line"}, "`unit` is 'line'"),
        ({"unit": "word"}, "`words` applies only"),
        ({"words": EDGES}, "`words` applies only"),
        ({"unit": "span", "max_span": 0}, "`max_span`"),
        ({"unit": "span", "span_stop": 0}, "`span_stop`"),
        ({"vocab_size": 1, "special_ids": [0]}, "no id to draw"),
        ({"ignore_index": 0}, "`ignore_index`"),
    ],
)
def test_arguments_are_checked(options, message):
    with pytest.raises(ArgumentError, match=message):
        MaskedLM(**{"mask_id": MASK, "vocab_size": SIZE, **options})


def test_it_is_a_value(objective):
    again = pickle.loads(pickle.dumps(objective))
    batch = pad(ROWS[:5], pad_id=0)
    assert again.apply(batch) == objective.apply(batch)
