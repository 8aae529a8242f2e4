"""Which ids of conversations are learned."""

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool import (
    ArgumentError,
    BpeToolWarning,
    Causal,
    DataError,
    FixedRows,
    Loader,
    MaskedLM,
    Packed,
    TokenDataset,
    batches,
    find_responses,
    pack,
    pad,
)
from bpe_tool.batching.objectives import responses

NO = -100


def slow_mask(row: list[int], prompt: list[int], response: list[int] | None) -> list[bool]:
    """Which ids of a row are learned, by walking over it."""
    mask, learning = [], False
    for place in range(len(row)):
        mask.append(learning)
        until = row[: place + 1]
        ends_prompt = until[-len(prompt) :] == prompt
        ends_response = response is not None and until[-len(response) :] == response
        if prompt == response:
            learning ^= ends_prompt
        elif ends_prompt and ends_response:
            learning = len(prompt) > len(response)
        elif ends_prompt or ends_response:
            learning = ends_prompt
    return mask


MARKERS = st.lists(st.integers(0, 2), min_size=1, max_size=3)


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=12), max_size=8),
    MARKERS,
    MARKERS,
    st.integers(1, 30),
)
def test_responses_are_what_a_walk_finds(rows, prompt, response, many):
    rows = [row for row in rows if any(slow_mask([*row, 9], prompt, response))]
    with patch.object(responses, "MANY_IDS", many):
        found = find_responses(rows, prompt, response)
    # The id behind each row is what an eos would be.
    mask = found.loss_mask(pad([[*row, 9] for row in rows], pad_id=0))
    for row, own in zip(rows, mask, strict=True):
        expected = slow_mask([*row, 9], prompt, response)
        # It is learned behind a response, whether that has an end or not.
        expected[-1] |= expected[-2]
        assert own[: len(row) + 1].tolist() == expected
        assert not own[len(row) + 1 :].any()


@pytest.mark.parametrize("frame", [{}, {"bos_id": 8, "eos_id": 9}])
def test_pieces_of_documents_learn_what_the_whole_would(frame):
    """Cut on both sides, and split over packed rows."""
    rows = [[5, 3, 7, 7, 4, 6, 3, 8, 4], [3, 9, 9, 9, 9, 9, 4, 1], [1, 3, 2]]
    found = find_responses(rows, 3, 4)
    learned = [[7, 7, 4, 8, 4], [9, 9, 9, 9, 9, 4], [2]]
    before = len(frame) // 2
    packed = pack(rows, length=24, pad_id=0, **frame)
    labels = Causal().apply(packed, loss_mask=found.loss_mask(packed, before=before)).labels
    eos = [9] if frame else []
    # The second row ends as a prompt, so its eos is not learned.
    assert sorted(labels[labels != NO].tolist()) == sorted(
        [*learned[0], *eos, *learned[1], *learned[2], *eos]
    )
    for policy in FixedRows(2), Packed(24, rows=2):
        loader = Loader(rows, policy, pad_id=0, objective=Causal(), responses=found, **frame)
        kept = np.concatenate([batch.labels[batch.labels != NO] for batch in loader])
        assert sorted(kept.tolist()) == sorted([*learned[0], *eos, *learned[1], *learned[2], *eos])
    left = pad(rows[:2], pad_id=0, max_length=4, truncation_side="left")
    assert found.loss_mask(left).tolist() == [[False, False, True, True], [True, True, True, False]]


def test_split_documents_in_packed_rows():
    row = [1, 3, *range(10, 20), 4]
    found = find_responses([row], 3, 4)
    batch = pack([row], length=5, pad_id=0)
    assert batch.ids[found.loss_mask(batch)].tolist() == row[2:]


@pytest.mark.parametrize("objective", [Causal(), MaskedLM(99, 99, probability=1, split=(0, 0, 1))])
def test_what_stands_in_front_is_never_a_response(objective):
    """Also where the row begins in the middle of one."""
    rows = [[5, 3, 7, 7, 7, 7, 4], [3, 7, 4]]
    found = find_responses(rows, 3, 4)
    options = {"max_length": 5, "truncation_side": "left", "bos_id": 8, "eos_id": 9}
    loader = Loader(rows, FixedRows(2), pad_id=0, objective=objective, responses=found, **options)
    (batch,) = loader
    assert batch.ids.tolist() == [[8, 7, 7, 4, 9], [8, 3, 7, 4, 9]]
    assert batch.labels.tolist() == [[NO, 7, 7, 4, 9], [NO, NO, 7, 4, 9]]


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_first_id_of_a_row_is_not_enough_to_learn(side):
    """Nothing comes before it. A model's loss of such a row alone would be NaN."""
    rows = [[1, 3, 5], [2, 3, 6, 4, 1, 1]]
    found = find_responses(rows, 3, 4)
    batch = pad(rows, pad_id=0, side=side, max_length=3, truncation_side="left")
    with pytest.raises(DataError, match=r"document 1 .*or only the first id"):
        found.loss_mask(batch)
    batch = pack(rows[1:], length=3, pad_id=0)
    with pytest.raises(DataError, match=r"document 0 .*or only the first id"):
        find_responses(rows[1:], 3, 4).loss_mask(batch)


def test_batches_and_masked_lm_take_responses():
    rows = [[1, 3, 5, 6, 4], [2, 2, 3, 7, 4]]
    found = find_responses(rows, 3, 4)
    masking = MaskedLM(9, 9, probability=1)
    (batch,) = batches(rows, FixedRows(2), pad_id=0, objective=masking, seed=1, responses=found)
    assert sorted(batch.labels[batch.labels != NO].tolist()) == [4, 4, 5, 6, 7]


def test_rows_with_nothing_to_learn_are_named():
    rows = [[1, 3, 5], [1, 2], [1, 3, 6]]
    with pytest.raises(DataError, match=r"document 1 .* has no end of a prompt"):
        find_responses(rows, 3, 4)
    with pytest.raises(DataError, match=r"document 11 "):
        find_responses(TokenDataset(rows), 3, first=10)
    found = find_responses([[1, 3, 5], [2, 2, 2, 3, 6]], 3)
    with pytest.raises(DataError, match=r"document 1 .*nothing in its row is learned"):
        found.loss_mask(pad([[1, 3, 5], [2, 2, 2, 3, 6]], pad_id=0, max_length=4))
    with pytest.raises(DataError, match=r"document 0 "):
        find_responses([[]], 3)


def test_later_prompts_are_told_of_if_responses_have_no_end():
    with pytest.warns(BpeToolWarning, match="1 document has several prompts"):
        find_responses([[1, 3, 5, 3, 6], [3, 1]], 3)


@pytest.mark.parametrize("wrong", [-1, 2**32, [], [-1], "3", [1.5], None])
def test_markers_are_ids(wrong):
    with pytest.raises(ArgumentError, match="`prompt_end`"):
        find_responses([[3]], wrong)


def test_responses_are_those_of_the_dataset_and_need_an_objective():
    rows = [[1, 3, 5]]
    found = find_responses(rows, 3)
    assert (len(found), repr(found)) == (1, "<Responses: 1 in 1 samples>")
    for options in (
        {"objective": None},
        {"objective": Causal(), "prompt_lengths": [1]},
        {"objective": Causal(), "responses": find_responses(rows * 2, 3)},
    ):
        with pytest.raises(ArgumentError, match="`responses`"):
            Loader(rows, FixedRows(1), pad_id=0, **{"responses": found, **options})
    with pytest.raises(ArgumentError, match="beyond the 1"):
        found.loss_mask(pad([[1], [2]], pad_id=0))
    with pytest.raises(ArgumentError, match="does not say which sample"):
        found.loss_mask(replace(pad(rows, pad_id=0), samples=None))
