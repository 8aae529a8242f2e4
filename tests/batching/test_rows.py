"""Rows of ids in every form that people have, framed and cut."""

from array import array

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool import Ragged
from bpe_tool.batching.rows import as_ragged, bounds_of, framed, gather, truncate, windows
from bpe_tool.errors import ArgumentError, DataError

IDS = st.integers(0, 2**32 - 1)
LISTS = st.lists(st.lists(IDS, max_size=9), max_size=6)
ROWS = [[1, 2, 3], [], [2**32 - 1], [0, 0]]


def lists(ragged: Ragged) -> list[list[int]]:
    assert (ragged.ids.dtype, ragged.bounds.dtype) == (np.uint32, np.int64)
    return [row.tolist() for row in ragged]


@given(LISTS)
def test_lists_keep_their_ids(rows):
    assert lists(as_ragged(rows)) == rows
    assert lists(as_ragged([tuple(row) for row in rows])) == rows
    assert lists(as_ragged([np.array(row, np.int64) for row in rows])) == rows


@pytest.mark.parametrize(
    "make",
    [
        lambda row: np.array(row, np.uint32),
        lambda row: np.array(row, np.uint64),
        lambda row: np.array(row, ">i8"),
        lambda row: np.array(row),  # no ids: of type float64
        lambda row: array("Q", row),
        lambda row: [np.int64(id) for id in row],
        lambda row: memoryview(array("L", row)),
    ],
)
def test_rows_may_be_of_any_whole_numbers(make):
    assert lists(as_ragged([make(row) for row in ROWS])) == ROWS
    assert lists(as_ragged([make(ROWS[0]), ROWS[2], np.array([5], np.int8)])) == [
        ROWS[0], ROWS[2], [5],
    ]  # fmt: skip


def test_what_gives_rows_may_be_of_any_kind():
    assert lists(as_ragged(row for row in ROWS)) == ROWS
    assert lists(as_ragged(tuple(ROWS))) == ROWS
    assert lists(as_ragged(np.arange(6).reshape(3, 2))) == [[0, 1], [2, 3], [4, 5]]
    assert lists(as_ragged(np.zeros((2, 0), int))) == [[], []]
    assert lists(as_ragged([])) == []
    ragged = as_ragged(ROWS)
    assert as_ragged(ragged) is ragged


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[1], [2, -1]], "row 1, position 1: -1 "),
        ([[1], [2, 2**32]], "row 1, position 1: 4294967296 "),
        ([[2**70]], f"row 0, position 0: {2**70} "),
        ([np.array([1]), np.array([3, -7])], "row 1, position 1: -7 "),
        ([[], np.array([2**64 - 1], np.uint64)], f"row 1, position 0: {2**64 - 1} "),
        ([(0, 2**32)], "row 0, position 1: 4294967296 "),
        (np.array([[1, 2], [3, -4]]), "row 1, position 1: -4 "),
    ],
)
def test_what_is_out_of_range_is_named(rows, message):
    with pytest.raises(DataError, match=message):
        as_ragged(rows)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("some text", r"`rows` is one, .* \(str\)"),
        (b"bytes", r"`rows` is one, .* \(bytes\)"),
        ({"input_ids": [1]}, r"`rows` is .* \(dict\)"),
        ([1, 2], r"row 0 of `rows` is 1 \(int\)"),
        ([[1], "text"], r"row 1 of `rows` is .* \(str\)"),
        ([[1], b"text"], r"row 1 of `rows` is .* \(bytes\)"),
        ([{"input_ids": [1]}], r"row 0 of `rows` is .* \(dict\)"),
        ([[1], [2, 2.5]], r"row 1 of `rows`, position 1: 2.5"),
        ([[1], [2, None]], "row 1 of `rows`, position 1: None"),
        ([[[1], [2, 3]]], r"row 0 of `rows`, position 0: \[1\]"),
        ([np.array([0.5])], "row 0 of `rows`, position 0"),
        ([np.array([[1, 2]])], "row 0 of `rows` has 2 dimensions"),
        (np.ones((2, 2)), "float64"),
    ],
)
def test_what_is_no_row_of_ids_is_named(rows, message):
    with pytest.raises(TypeError, match=message):
        as_ragged(rows)


@given(LISTS, st.lists(IDS, max_size=3), st.lists(IDS, max_size=3))
def test_ids_stand_around_every_row(rows, before, after):
    found = framed(as_ragged(rows), before, after)
    assert lists(found) == [[*before, *row, *after] for row in rows]


def test_what_stands_around_rows_are_ids():
    with pytest.raises(DataError, match="-1"):
        framed(as_ragged([[1]]), after=[-1])


@given(LISTS, st.integers(0, 10))
def test_rows_are_cut_on_either_side(rows, length):
    ragged = as_ragged(rows)
    assert lists(truncate(ragged, length)) == [row[:length] for row in rows]
    expected = [row[max(len(row) - length, 0) :] for row in rows]
    assert lists(truncate(ragged, length, "left")) == expected


def slow_windows(row: list[int], length: int, stride: int) -> list[list[int]]:
    found, start = [row[:length]], 0
    while start + length < len(row):
        start += stride
        found.append(row[start : start + length])
    return found


@given(LISTS, st.integers(1, 10), st.data())
def test_windows_hold_every_id(rows, length, data):
    stride = data.draw(st.none() | st.integers(1, length))
    found, samples = windows(as_ragged(rows), length, stride)
    expected = [slow_windows(row, length, stride or length) for row in rows]
    assert lists(found) == [window for row in expected for window in row]
    assert samples.tolist() == [at for at, row in enumerate(expected) for _ in row]
    # No window is needless: the one before did not reach the end.
    for row, parts in zip(rows, expected, strict=True):
        assert (len(parts) - 1) * (stride or length) < max(len(row) - length, 0) + (
            stride or length
        )
    apart = [[1000 * at + place for place in range(len(row))] for at, row in enumerate(rows)]
    seen, _ = windows(as_ragged(apart), length, stride)
    assert set(seen.ids.tolist()) == {id for row in apart for id in row}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [((0,), "`length` is 0"), ((3, 0), "`stride` is 0"), ((3, 4), "leave ids out")],
)
def test_windows_that_leave_ids_out_are_refused(arguments, message):
    with pytest.raises(ArgumentError, match=message):
        windows(as_ragged(ROWS), *arguments)


def test_rows_are_cut_on_a_side_that_exists():
    with pytest.raises(ArgumentError, match="'middle'"):
        truncate(as_ragged(ROWS), 2, "middle")
    with pytest.raises(ArgumentError, match="`length` is -1"):
        truncate(as_ragged(ROWS), -1)


def test_rows_of_a_slice_are_its_own():
    part = as_ragged(ROWS)[2:]
    assert lists(framed(part, [7])) == [[7, *row] for row in ROWS[2:]]
    assert lists(truncate(part, 1, "left")) == [row[-1:] for row in ROWS[2:]]


def test_stretches_are_gathered_from_ids_of_any_type():
    ids = np.arange(10, dtype=np.uint16)
    found = gather(ids, np.array([4, 0, 9]), np.array([3, 0, 1]))
    assert lists(found) == [[4, 5, 6], [], [9]]


def test_bounds_are_counted_in_64_bits():
    assert bounds_of(np.array([2**40, 2**40])).tolist() == [0, 2**40, 2**41]


@pytest.mark.parametrize("wrong", [True, False, np.bool_(True), 1.0, "1", None])
@pytest.mark.parametrize("kind", [list, tuple])
def test_what_is_like_0_or_1_is_no_id(wrong, kind):
    for before in ([], [0, 1, 7], [7] * 3000):
        with pytest.raises(TypeError, match=f"row 1 .*position {len(before)}"):
            as_ragged([kind([1, 0]), kind([*before, wrong])])
    rows = [kind([np.int64(1), 0, 1]), kind([]), kind([np.uint8(0), 9])]
    assert [row.tolist() for row in as_ragged(rows)] == [[1, 0, 1], [], [0, 9]]
    assert len(as_ragged([kind([])]).ids) == 0
