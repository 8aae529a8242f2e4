"""Labels for predicting the next id: all that can be predicted, and nothing else."""

from contextlib import nullcontext
from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool import Batch, BpeToolWarning, Causal, TokenDataset, pad, prompt_lengths
from bpe_tool.batching.objectives import responses
from bpe_tool.errors import ArgumentError

NO = -100
LISTS = st.lists(st.lists(st.integers(0, 3), max_size=6), min_size=1, max_size=5)
SIDES = st.sampled_from(["left", "right"])
END = 2
# Each ends as its padding looks.
ROWS = [[7, 8, END], [9, END], [END, END], [5, 6, END, 4, END], []]


def slow_labels(batch: Batch, shift: bool, keep=lambda row, place: True) -> list[list[int]]:
    """Labels, id by id. `keep` gets the row and how many ids stand before in it."""
    ids, mask = batch.ids.tolist(), batch.attention_mask.tolist()
    segments = mask if batch.segment_ids is None else batch.segment_ids.tolist()
    found = [[NO] * len(row) for row in ids]
    for row, line in enumerate(ids):
        place = -1
        for column, id in enumerate(line):
            if not mask[row][column]:
                continue
            place += 1
            if column == 0:
                follows = batch.segment_ids is None
            else:
                follows = segments[row][column - 1] == segments[row][column]
            if follows and keep(row, place):
                if not shift:
                    found[row][column] = id
                elif column:
                    found[row][column - 1] = id
    return found


def packed(documents: list[list[list[int]]], pad_id: int) -> Batch:
    """Rows of several documents each."""
    batch = pad([[id for document in row for id in document] for row in documents], pad_id=pad_id)
    segments = np.zeros_like(batch.ids)
    for at, row in enumerate(documents):
        numbers = [number for number, document in enumerate(row, 1) for _ in document]
        segments[at, : len(numbers)] = numbers
    lengths = [len(document) for row in documents for document in row]
    return replace(batch, segment_ids=segments, cu_seqlens=np.cumsum([0, *lengths], dtype=np.int32))


@given(LISTS, SIDES, st.booleans(), st.integers(0, 3))
def test_labels_are_those_of_the_reference(rows, side, shift, pad_id):
    batch = pad(rows, pad_id=pad_id, side=side)
    found = Causal(shift=shift).apply(batch)
    assert found.labels.tolist() == slow_labels(batch, shift)
    assert found.labels.dtype == batch.ids.dtype
    assert replace(found, labels=None) == batch


@given(st.lists(LISTS, min_size=1, max_size=4), st.booleans())
def test_nothing_is_predicted_from_another_document(documents, shift):
    batch = packed(documents, pad_id=0)
    found = Causal(shift=shift).apply(batch)
    assert found.labels.tolist() == slow_labels(batch, shift)


def test_labels_of_packed_rows_one_by_one():
    batch = packed([[[5, 6], [7], [8, 9]], [[4]]], pad_id=0)
    aligned = [[NO, 6, NO, NO, 9], [NO] * 5]
    assert Causal().apply(batch).labels.tolist() == aligned
    assert Causal(shift=True).apply(batch).labels.tolist() == [[6, NO, NO, 9, NO], [NO] * 5]


def test_the_end_of_a_text_is_predicted_where_padding_looks_the_same():
    labels = Causal().apply(pad(ROWS, pad_id=END)).labels
    assert [row[row != NO].tolist() for row in labels] == ROWS
    labels = Causal(shift=True).apply(pad(ROWS, pad_id=END)).labels
    assert [row[row != NO].tolist() for row in labels] == [row[1:] for row in ROWS]


@given(LISTS, SIDES, st.booleans(), st.data())
def test_what_the_mask_leaves_out_has_no_label(rows, side, shift, data):
    batch = pad(rows, pad_id=0, side=side)
    mask = [data.draw(st.lists(st.integers(0, 2), min_size=len(r), max_size=len(r))) for r in rows]
    expected = slow_labels(batch, shift, lambda row, place: mask[row][place])
    objective = Causal(shift=shift)
    assert objective.apply(batch, loss_mask=mask).labels.tolist() == expected
    arrays = [np.array(row, bool) for row in mask]
    assert objective.apply(batch, loss_mask=arrays).labels.tolist() == expected
    padded = pad(mask, pad_id=1, side=side).ids
    assert objective.apply(batch, loss_mask=padded).labels.tolist() == expected


@given(LISTS, SIDES, st.booleans(), st.data())
def test_prompts_have_no_labels(rows, side, shift, data):
    batch = pad(rows, pad_id=0, side=side)
    prompts = [data.draw(st.integers(0, 7)) for _ in rows]
    expected = slow_labels(batch, shift, lambda row, place: place >= prompts[row])
    found = Causal(shift=shift).apply(batch, prompt_lengths=prompts)
    assert found.labels.tolist() == expected


def test_a_prompt_that_was_cut_off_is_still_counted():
    rows, prompts = [[1, 2, 3, 4, 5, 6], [1, 2, 3]], [4, 1]
    batch = pad(rows, pad_id=0, max_length=3, truncation_side="left")
    labels = Causal().apply(batch, prompt_lengths=prompts).labels
    assert labels.tolist() == [[NO, 5, 6], [NO, 2, 3]]


def test_prompts_of_packed_rows_are_those_of_documents():
    batch = packed([[[5, 6, 7], [8, 9]], [[4, 3, 2]]], pad_id=0)
    labels = Causal().apply(batch, prompt_lengths=[2, 0, 1]).labels
    assert labels.tolist() == [[NO, NO, 7, NO, 9], [NO, 3, 2, NO, NO]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss_mask": [[1, 1]]}, "not as long as the rows"),
        ({"loss_mask": [[1] * 5] * 5}, "not as long as the rows"),
        ({"loss_mask": np.ones((5, 4))}, "not as long as the rows"),
        ({"prompt_lengths": [1, 2]}, r"shape \(2,\)"),
        ({"prompt_lengths": 1}, "one dimension"),
    ],
)
def test_masks_fit_the_batch(options, message):
    with pytest.raises(ArgumentError, match=message):
        Causal().apply(pad(ROWS, pad_id=0), **options)


@pytest.mark.parametrize("ignore_index", [0, 1, -(2**31) - 1])
def test_what_is_ignored_is_no_id(ignore_index):
    with pytest.raises(ArgumentError, match="`ignore_index`"):
        Causal(ignore_index=ignore_index)


def test_what_is_ignored_can_be_chosen():
    labels = Causal(ignore_index=-1).apply(pad([[1], []], pad_id=0, dtype="int32")).labels
    assert (labels.tolist(), labels.dtype) == ([[1], [-1]], np.int32)


def test_an_empty_batch_has_empty_labels():
    for shift in False, True:
        assert Causal(shift=shift).apply(pad([], pad_id=0)).labels.shape == (0, 0)
        assert Causal(shift=shift).apply(pad([[]], pad_id=0)).labels.shape == (1, 0)


@pytest.fixture(scope="module")
def collator():
    """Hugging Face's collator for causal models; its padding is 3."""
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models

    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"a": 1, "<pad>": 3}, unk_token="a")),
        pad_token="<pad>",
    )
    return transformers.DataCollatorForLanguageModeling(tokenizer, mlm=False, return_tensors="np")


@given(rows=st.lists(st.lists(st.integers(10, 99), max_size=9), min_size=1, max_size=6))
def test_labels_equal_those_of_hugging_face(collator, rows):
    expected = collator([{"input_ids": row} for row in rows])
    found = Causal().apply(pad(rows, pad_id=3)).arrays()
    for name in "input_ids", "attention_mask", "labels":
        assert found[name].tolist() == expected[name].tolist(), name


def test_the_end_of_a_text_is_learned_though_padding_looks_like_it():
    found = Causal().apply(pad(ROWS, pad_id=END))
    assert np.array_equal(found.labels, np.where(found.attention_mask == 1, found.ids, NO))


def test_nothing_is_predicted_from_padding_that_comes_first():
    found = Causal().apply(pad([[5, 6, 7], [8, 9], [4]], pad_id=3, side="left"))
    assert found.labels.tolist() == [[5, 6, 7], [NO, NO, 9], [NO, NO, NO]]


@given(st.lists(st.lists(st.integers(10, 99), min_size=1, max_size=9), min_size=1, max_size=6))
def test_packed_labels_equal_those_of_hugging_face(rows):
    transformers = pytest.importorskip("transformers")
    collate = transformers.DataCollatorWithFlattening(return_tensors="np")
    expected = collate([{"input_ids": row} for row in rows])
    found = Causal().apply(packed([rows], pad_id=0))
    assert found.ids.tolist() == expected["input_ids"].tolist()
    assert found.labels.tolist() == expected["labels"].tolist()


@given(
    st.lists(st.lists(st.integers(0, 3), max_size=6), max_size=20),
    st.integers(1, 30),
)
def test_prompts_end_with_the_first_token_that_ends_one(rows, many):
    expected = [row.index(3) + 1 if 3 in row else len(row) + 1 for row in rows]
    several = any(row.count(3) > 1 for row in rows)
    with patch.object(responses, "MANY_IDS", many):
        for samples in rows, TokenDataset(rows):
            with pytest.warns(BpeToolWarning, match="prompts") if several else nullcontext():
                found = prompt_lengths(samples, 3)
            assert (found.tolist(), found.dtype) == (expected, np.int64)


@pytest.mark.parametrize("id", [-1, 2**32])
def test_what_ends_a_prompt_is_an_id(id):
    with pytest.raises(ArgumentError, match="`end_id`"):
        prompt_lengths([[1, 2]], id)
    with pytest.raises(TypeError):
        prompt_lengths([[1, 2]], "<|end|>")
