"""Datasets give the samples of shards, whatever the shards are and wherever they are opened."""

import copy
import os
import pickle
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from bpe_tool import ArgumentError, DataError, Ragged, TokenDataset, open_shards, write_shards

ROWS = [[1, 2, 3], [], [4], list(range(10, 25)), [], [5, 6], [7] * 9, []]
IDS = [id for row in ROWS for id in row]


def written(path: Path, **options) -> Path:
    write_shards(ROWS, path, **({"vocab_size": 60_000} | options))
    return path


@pytest.fixture(params=["memory", "one shard", "several shards", "ndjson"])
def source(request, tmp_path):
    """The same rows from different places."""
    if request.param == "memory":
        return ROWS
    if request.param == "ndjson":
        return written(tmp_path / "set", format="ndjson", shard_tokens=4)
    tokens = {} if request.param == "one shard" else {"shard_tokens": 4}
    return written(tmp_path / "set", **tokens)


def windows(length: int, stride: int) -> list[list[int]]:
    """The windows of the joined rows, by the book."""
    starts = range(0, len(IDS) - length + 1, stride)
    return [IDS[start : start + length] for start in starts]


def lists(samples) -> list[list[int]]:
    return [sample.tolist() for sample in samples]


def test_documents_are_samples(source):
    dataset = TokenDataset(source)
    assert len(dataset) == len(ROWS)
    assert lists(dataset) == ROWS
    for index in range(-len(ROWS), len(ROWS)):
        assert dataset[index].tolist() == ROWS[index]
        assert dataset[np.int64(index)].dtype == np.int64
    assert dataset.lengths(range(len(ROWS))).tolist() == list(map(len, ROWS))


@pytest.mark.parametrize("length", [1, 2, 5, 7, 30])
@pytest.mark.parametrize("stride", [None, 1, 3, 40])
def test_windows_are_those_of_all_ids_joined(source, length, stride):
    """They reach over documents, and over shards."""
    dataset = TokenDataset(source, view="windows", length=length, stride=stride)
    expected = windows(length, stride or length)
    assert len(dataset) == len(expected)
    assert lists(dataset) == expected
    assert dataset.lengths(range(len(expected))).tolist() == [length] * len(expected)


def test_fewer_ids_than_a_window_make_none(source):
    assert len(TokenDataset(source, view="windows", length=len(IDS))) == 1
    assert len(TokenDataset(source, view="windows", length=len(IDS) + 1)) == 0
    assert len(TokenDataset([], view="windows", length=1)) == len(TokenDataset([])) == 0


def test_several_samples_come_at_once_in_the_order_asked_for(source):
    dataset = TokenDataset(source)
    asked = [6, 0, 1, 3, 3, -1, -5]
    rows = dataset.rows(asked)
    assert isinstance(rows, Ragged) and rows.ids.dtype == np.uint32
    assert lists(rows) == [ROWS[index] for index in asked]
    assert dataset.lengths(asked).tolist() == [len(ROWS[index]) for index in asked]
    assert len(dataset.rows([])) == len(dataset.lengths([])) == 0


@pytest.mark.parametrize("most", [0, 1, 4, 100])
def test_long_samples_are_read_in_part(source, most):
    dataset = TokenDataset(source)
    every = range(len(ROWS))
    assert lists(dataset.rows(every, max_length=most)) == [row[:most] for row in ROWS]
    ends = [row[max(0, len(row) - most) :] for row in ROWS]
    assert lists(dataset.rows(every, max_length=most, side="left")) == ends


def test_stretches_of_samples(source):
    dataset = TokenDataset(source)
    assert lists(dataset.pieces([3, 0, 3, 1], [2, 0, 14, 0], [9, 3, 15, 0])) == [
        ROWS[3][2:9], ROWS[0], ROWS[3][14:], [],
    ]  # fmt: skip
    for start, stop in ((-1, 1), (2, 1), (0, 4)):
        with pytest.raises(IndexError):
            dataset.pieces([0], [start], [stop])


@pytest.mark.parametrize("part", [slice(2, 6), slice(None, None, -1), slice(5, 1, -2), slice(9)])
def test_slices_are_datasets(source, part):
    dataset = TokenDataset(source)[part]
    assert isinstance(dataset, TokenDataset)
    assert lists(dataset) == ROWS[part]
    assert lists(dataset[1:]) == ROWS[part][1:]
    assert lists(pickle.loads(pickle.dumps(dataset))) == ROWS[part]
    assert len(dataset.rows(range(len(dataset))).ids) == sum(map(len, ROWS[part]))


@pytest.mark.parametrize("index", [8, -9, 2**40])
def test_there_are_no_other_samples(source, index):
    dataset = TokenDataset(source)
    for ask in (dataset.__getitem__, lambda index: dataset.rows([index])):
        with pytest.raises(IndexError, match="8"):
            ask(index)
    with pytest.raises(IndexError):
        dataset[3:][5]


@pytest.mark.parametrize("index", [1.0, "1", None])
def test_a_sample_has_a_whole_number(index):
    dataset = TokenDataset(ROWS)
    with pytest.raises(TypeError):
        dataset[index]
    with pytest.raises(TypeError):
        dataset.rows([index])


def test_samples_are_copies(source):
    """Files are read-only, and torch wants memory that it may write to."""
    dataset = TokenDataset(source)
    sample = dataset[0]
    sample[0] = 9
    assert dataset[0].tolist() == ROWS[0]


def test_a_pickle_holds_the_place_of_shards_and_opens_them_again(tmp_path):
    write_shards([np.arange(50_000)], tmp_path / "set", vocab_size=60_000)
    dataset = TokenDataset(tmp_path / "set", view="windows", length=100, stride=7)
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        pickled = pickle.dumps(dataset, protocol)
        assert len(pickled) < 2000
        other = pickle.loads(pickled)
        assert other.digest() == dataset.digest()
        assert other[7123].tolist() == dataset[7123].tolist()
    assert copy.deepcopy(dataset)[-1].tolist() == dataset[-1].tolist()


def test_threads_share_one_dataset(source):
    def read(index: int) -> list[int]:
        return dataset[index % len(ROWS)].tolist()

    dataset = TokenDataset(source)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(read, range(400))) == ROWS * 50


def test_files_of_other_programs_are_datasets(tmp_path):
    path = tmp_path / "train.bin"
    np.array(IDS, np.uint16).tofile(path)
    dataset = TokenDataset(open_shards(path, dtype="uint16"), view="windows", length=4)
    assert lists(dataset) == windows(4, 4)
    assert len(TokenDataset(open_shards(path, dtype="uint16", end_id=3))) == 2


def test_what_is_no_id_is_refused_when_it_is_read(tmp_path):
    np.save(tmp_path / "ids.npy", np.array([5, 6, -1, 7], np.int32))
    dataset = TokenDataset(tmp_path / "ids.npy", view="windows", length=2)
    assert dataset[0].tolist() == [5, 6]
    with pytest.raises(DataError, match="not from 0 to"):
        dataset[1]


def test_positions_beyond_two_to_the_31(tmp_path):
    """A file with a hole in it: 3 * 2^31 ids of which only a few are there."""
    count, path = 3 * 2**31, tmp_path / "ids.bin"
    length = 1000
    with path.open("wb") as file:
        os.truncate(path, 2 * count)
        for at in (2**31 - 1, 2**31, 2**32 - 1, 2**32, count - 1):
            file.seek(2 * at)
            file.write((at % 60_013).to_bytes(2, "little"))
    dataset = TokenDataset(
        open_shards(path, dtype="uint16"), view="windows", length=length, stride=1
    )
    assert len(dataset) == count - length + 1
    for at in (2**31 - 1, 2**31, 2**32 - 1, 2**32):
        window = dataset[at]
        assert window[0] == at % 60_013
        assert dataset[at - length + 1][-1] == at % 60_013
    assert dataset[-1][-1] == (count - 1) % 60_013
    assert dataset.rows([2**32, 0, len(dataset) - 1]).ids[[0, -1]].tolist() == [
        2**32 % 60_013,
        (count - 1) % 60_013,
    ]
    whole = TokenDataset(open_shards(path, dtype="uint16"))
    assert whole.lengths([0]).tolist() == [count]
    assert whole.pieces([0], [2**32 - 1], [2**32 + 1]).ids.tolist() == [
        (2**32 - 1) % 60_013,
        2**32 % 60_013,
    ]


def test_the_digest_tells_datasets_apart_and_not_places(tmp_path):
    first, second = written(tmp_path / "a"), written(tmp_path / "b")
    assert TokenDataset(first).digest() == TokenDataset(second).digest()
    write_shards([*ROWS[:-1], [1]], tmp_path / "c", vocab_size=60_000)
    different = [
        TokenDataset(first),
        TokenDataset(first)[1:],
        TokenDataset(first, view="windows", length=2),
        TokenDataset(first, view="windows", length=3),
        TokenDataset(first, view="windows", length=3, stride=2),
        TokenDataset(tmp_path / "c"),
        TokenDataset(ROWS),
        TokenDataset([*ROWS, []]),
        TokenDataset([[9, 2, 3], *ROWS[1:]]),
    ]
    assert len({dataset.digest() for dataset in different}) == len(different)


@pytest.mark.parametrize(
    "options",
    [
        {"length": 3},
        {"stride": 3},
        {"view": "windows"},
        {"view": "windows", "length": 0},
        {"view": "windows", "length": 3, "stride": 0},
        {"view": "lines"},
    ],
)
def test_arguments_that_make_no_sense_are_refused(options):
    with pytest.raises(ArgumentError):
        TokenDataset(ROWS, **options)


def test_missing_shards_are_named(tmp_path):
    with pytest.raises(OSError, match="nothing"):
        TokenDataset(tmp_path / "nothing")
