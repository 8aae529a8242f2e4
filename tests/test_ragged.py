"""Rows of ids in two arrays are a sequence like a list of them."""

import numpy as np
import pytest

from bpe_tool import Ragged, train_vocab

ROWS = [[1, 2, 3], [], [4], [5, 6], []]


@pytest.fixture
def ragged() -> Ragged:
    ids = np.array([id for row in ROWS for id in row], np.uint32)
    return Ragged(ids, np.cumsum([0, *map(len, ROWS)]))


def rows(ragged: Ragged) -> list[list[int]]:
    return [row.tolist() for row in ragged]


def test_it_is_a_sequence_of_rows(ragged):
    assert len(ragged) == len(ROWS)
    assert rows(ragged) == ROWS
    for index in range(-len(ROWS), len(ROWS)):
        assert ragged[index].tolist() == ROWS[index]
        assert ragged[np.int64(index)].tolist() == ROWS[index]
    assert [row.tolist() for row in reversed(ragged)] == ROWS[::-1]
    assert "5 rows, 6 ids" in repr(ragged)


@pytest.mark.parametrize("index", [5, -6, 2**40])
def test_there_are_no_other_rows(ragged, index):
    with pytest.raises(IndexError, match=f"row {index} of 5"):
        ragged[index]


@pytest.mark.parametrize("index", [1.0, "1", None, (0, 1)])
def test_a_row_has_a_number(ragged, index):
    with pytest.raises(TypeError):
        ragged[index]


@pytest.mark.parametrize("step", [None, 1, 2, -1, -3])
@pytest.mark.parametrize("start", [None, 0, 1, 3, 5, 9, -2])
@pytest.mark.parametrize("stop", [None, 0, 2, 4, 5, 9, -1])
def test_slices_are_those_of_lists(ragged, start, stop, step):
    part = ragged[start:stop:step]
    assert isinstance(part, Ragged)
    assert rows(part) == ROWS[start:stop:step]
    assert (part.ids.dtype, part.bounds.dtype) == (np.uint32, np.int64)
    assert (part.bounds[0], part.bounds[-1]) == (0, len(part.ids))


def test_rows_and_slices_are_views(ragged):
    assert np.shares_memory(ragged[0], ragged.ids)
    assert np.shares_memory(ragged[2:4].ids, ragged.ids)


def test_rows_are_decoded(ragged):
    tokenizer = train_vocab([], vocab_size=256)
    texts = ["low", "", "\u00e9"]
    assert tokenizer.decode_batch(tokenizer.encode_arrays(texts)) == texts
