"""Shards that change while they are read: an error that names the file, never a dead process."""

import os
import pickle
import subprocess
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from commands import COMMAND

import bpe_tool
from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.ragged import Ragged
from bpe_tool.shards.files.file_array import MANY
from bpe_tool.shards.layouts.registry import FORMATS
from bpe_tool.shards.shard import Shard, UnmappedShard

pytestmark = pytest.mark.usefixtures("hasty_disk")

#: The formats of which a part is read at a time.
IN_PARTS = [name for name in FORMATS if name not in ("ndjson", "arrow", "parquet")]

LENGTH = 50_000
COUNT = 3 * MANY // LENGTH


def written(folder: Path, format: str = "npy", **options: object) -> bpe_tool.ShardSet:
    ids = np.arange(COUNT * LENGTH, dtype=np.uint32) % 60_000
    rows = Ragged(ids, np.arange(COUNT + 1, dtype=np.int64) * LENGTH)
    bpe_tool.write_shards(rows, folder, vocab_size=60_000, format=format, **options)
    return bpe_tool.open_shards(folder)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_a_little(path: Path) -> None:
    """Within the last page: what is missing would read as zeros."""
    os.truncate(path, path.stat().st_size - 2)


def change(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(-2, os.SEEK_END)
        file.write(b"x")
    os.utime(path, ns=(0, 0))


CHANGES = [append, cut, cut_a_little, change]


@pytest.mark.parametrize("happens", CHANGES)
@pytest.mark.parametrize("format", IN_PARTS)
def test_blocks_of_a_file_that_changes(tmp_path, format, happens):
    [shard] = written(tmp_path / "set", format).shards
    blocks = shard.blocks()
    next(blocks)
    happens(shard.path)
    with pytest.raises(OSError, match="changed while") as raised:
        list(blocks)
    assert raised.value.filename == str(shard.path)


def test_a_file_that_is_replaced_is_read_to_its_end(tmp_path):
    """What was opened stays, as with any file."""
    [shard] = written(tmp_path / "set").shards
    blocks = shard.blocks()
    first = next(blocks)[0]
    bpe_tool.write_shards([[1]], tmp_path / "set", vocab_size=60_000, force=True)
    ids = np.concatenate([first, *(ids for ids, _ in blocks)])
    assert (ids == np.arange(COUNT * LENGTH) % 60_000).all()


def test_shards_of_a_set_that_was_replaced_are_not_mixed(tmp_path):
    """Both have the same numbers of documents and ids."""
    folder = tmp_path / "set"
    bpe_tool.write_shards([[1, 2], [3, 4]], folder, vocab_size=9, shard_tokens=2)
    shards = bpe_tool.open_shards(folder)
    assert shards.shards[0].ids.tolist() == [1, 2]
    bpe_tool.write_shards([[5, 6], [7, 8]], folder, vocab_size=9, shard_tokens=2, force=True)
    for shard in (shards.shards[1], pickle.loads(pickle.dumps(shards.shards[1]))):
        with pytest.raises(OSError, match="was replaced") as raised:
            shard.ids  # noqa: B018
        assert raised.value.filename == str(folder)
    assert shards.shards[0].ids.tolist() == [1, 2]


@pytest.mark.parametrize("happens", [cut, cut_a_little])
@pytest.mark.parametrize(
    ("view", "suffix"),
    # Windows do not ask where documents begin.
    [("windows", ".npy"), *product(["documents", "unmapped"], [".npy", ".bounds.npy"])],
)
def test_samples_of_a_file_that_was_cut_off(tmp_path, view, suffix, happens):
    shards = written(tmp_path / "set", shard_tokens=2 * LENGTH)
    if view == "unmapped":
        dataset = TokenDataset(shards.unmapped())
    else:
        length = LENGTH if view == "windows" else None
        dataset = TokenDataset(shards, view=view, length=length)
    for index in (0, 1):
        assert len(dataset[index]) == LENGTH
    path = tmp_path / "set" / f"shard-000000{suffix}"
    happens(path)
    with pytest.raises(OSError, match="changed while") as raised:
        dataset.rows([len(dataset) - 1, 1])
    assert raised.value.filename == str(path)
    assert len(dataset[len(dataset) - 1]) == LENGTH


def test_samples_that_are_read_are_those_that_are_mapped(tmp_path):
    rng = np.random.default_rng(1)
    for format in FORMATS:
        rows = [rng.integers(0, 9, n) for n in rng.integers(0, 9, 50)]
        folder = tmp_path / format
        bpe_tool.write_shards(rows, folder, vocab_size=9, format=format, shard_tokens=40)
        one, other = TokenDataset(folder), TokenDataset(bpe_tool.open_shards(folder).unmapped())
        order = rng.permutation(50)
        assert one.rows(order).ids.tolist() == other.rows(order).ids.tolist()
        assert one.lengths(order).tolist() == other.lengths(order).tolist()
        assert one.digest() == other.digest()


def test_a_copy_of_an_unmapped_set_is_unmapped(tmp_path):
    bpe_tool.write_shards([[1, 2], [3]], tmp_path, vocab_size=9)
    shards = bpe_tool.open_shards(tmp_path)
    for each, kind in ((shards, Shard), (shards.unmapped(), UnmappedShard)):
        [part] = pickle.loads(pickle.dumps(each)).parts
        assert type(part) is kind
        assert part.ids[0:3].tolist() == [1, 2, 3]
    assert not isinstance(part.ids, np.ndarray)


@pytest.mark.parametrize(
    "verb",
    [
        ["shards", "cat"],
        ["batch", "--pad", "0", "--rows", "8"],
        ["batch", "--pad", "0", "--rows", "8", "--shuffle"],
    ],
    ids=["cat", "batch", "shuffled"],
)
@pytest.mark.parametrize("format", ["npy", "u16", "megatron", "npz"])
def test_commands_end_with_an_error(tmp_path, verb, format):
    shards = written(tmp_path / "set", format)
    command = [*COMMAND, *verb, str(tmp_path / "set"), "--quiet"]
    if verb[0] == "shards":
        command.remove("--quiet")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        # It waits for its reader, far from the end.
        assert process.stdout.read(1000)
        os.truncate(shards.shards[0].path, 5000)
        while process.stdout.read(1 << 20):
            pass
        message = process.stderr.read().decode()
    assert process.returncode == 5, message
    assert "changed while" in message
    assert str(shards.shards[0].path) in message
