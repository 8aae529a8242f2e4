"""Sets of shards: written as a stream, opened again, in every format."""

import contextlib
import errno
import gc
import os
import pickle
import threading
import time
from itertools import chain, count
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shard_sets import documents_of

import bpe_tool
from bpe_tool import ArgumentError, DataError, LimitError
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards import writer as writer_module
from bpe_tool.shards.layouts.arrow_parquet import Arrow
from bpe_tool.shards.layouts.llmc import LlmC
from bpe_tool.shards.layouts.megatron import Megatron
from bpe_tool.shards.layouts.registry import FORMATS, NEEDS
from bpe_tool.shards.manifest import Manifest, Provenance
from bpe_tool.shards.manifest_checks import load_manifest
from bpe_tool.shards.writer import ShardSetWriter

pytestmark = pytest.mark.usefixtures("hasty_disk")

DOCUMENTS = st.lists(st.lists(st.integers(0, 999), max_size=9), max_size=12)


def cut(documents: list[list[int]], shard_tokens: int) -> list[list[list[int]]]:
    """The documents of each shard, by the documented rule."""
    shards: list[list[list[int]]] = [[]]
    for document in documents:
        if sum(map(len, shards[-1])) >= shard_tokens:
            shards.append([])
        shards[-1].append(document)
    return shards if documents else []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "set"


def write_in_blocks(out: ShardSetWriter, documents: list[list[int]], cuts: list[int]) -> Manifest:
    """Write documents in blocks that end after these numbers of ids."""
    stream = np.array([*chain.from_iterable(documents)], np.uint32)
    ends = np.cumsum([len(each) for each in documents], dtype=np.int64)
    start = done = 0
    for stop in [*sorted(min(each, len(stream)) for each in cuts), len(stream)]:
        upto = len(ends) if stop == len(stream) else np.searchsorted(ends, stop, "left")
        out.write(stream[start:stop], ends[done:upto] - start)
        start, done = stop, upto
    return out.finish()


@pytest.mark.parametrize("format", FORMATS)
@settings(max_examples=20)
@given(DOCUMENTS, st.integers(1, 30), st.lists(st.integers(0, 60)))
def test_what_is_written_is_read(tmp_path_factory, format, documents, shard_tokens, cuts):
    """However the stream is cut into blocks."""
    folder = tmp_path_factory.mktemp("set")
    with ShardSetWriter(folder, format, Provenance(max_id=999), shard_tokens=shard_tokens) as out:
        manifest = write_in_blocks(out, documents, cuts)
    shards = bpe_tool.open_shards(folder)
    assert shards.manifest == manifest
    assert documents_of(shards) == documents
    assert (shards.documents, shards.tokens) == (len(documents), sum(map(len, documents)))
    by_shard = cut(documents, shard_tokens)
    assert [shard.documents for shard in shards.shards] == [len(each) for each in by_shard]
    for shard, expected in zip(shards.shards, by_shard, strict=True):
        assert shard.bounds.dtype == np.int64
        assert not shard.ids.flags.writeable
        blocks = list(shard.blocks(7))
        assert np.concatenate([ids for ids, _ in blocks]).tolist() == [
            *chain.from_iterable(expected)
        ]
        starts = np.cumsum([0, *(len(ids) for ids, _ in blocks)])
        ends = [ends + start for (_, ends), start in zip(blocks, starts, strict=False)]
        assert np.concatenate(ends).tolist() == shard.bounds[1:].tolist()


@pytest.mark.parametrize("format", ["arrow", "parquet"])
@settings(max_examples=30)
@given(DOCUMENTS, st.integers(1, 40), st.lists(st.integers(0, 60)))
def test_tables_of_many_batches(tmp_path_factory, format, documents, batch_ids, cuts):
    tables = pytest.importorskip("bpe_tool.shards.layouts.pyarrow_tables")
    folder = tmp_path_factory.mktemp("set")
    # No document is too long, though all of them together are.
    with (
        patch.object(tables, "BATCH_IDS", batch_ids),
        patch.object(Arrow, "max_document", batch_ids + 9),
    ):
        with ShardSetWriter(folder, format, Provenance(max_id=999)) as out:
            write_in_blocks(out, documents, cuts)
        assert documents_of(bpe_tool.open_shards(folder)) == documents
        with (
            pytest.raises(LimitError, match="a document has"),
            ShardSetWriter(folder / "long", format, Provenance(max_id=999)) as out,
        ):
            write_in_blocks(out, [*documents, [1] * (batch_ids + 10)], cuts)
        assert not (folder / "long" / MANIFEST).exists()


def slow(writer: ShardSetWriter, wrong: int | None = None) -> None:
    """Let the disk need some time for each block, and fail at the one with this number."""
    append, numbers = writer._append, count()

    def slowly(ids, ends):
        time.sleep(0.002)
        if next(numbers) == wrong:
            raise OSError(errno.EIO, "the disk is broken")
        append(ids, ends)

    writer._append = slowly


def test_what_waits_for_the_disk_is_bounded(folder, monkeypatch):
    monkeypatch.setattr(writer_module, "MAX_WAITING", 100)
    monkeypatch.setattr(writer_module, "BLOCK_WEIGHT", 5)
    documents = [[at] * (at % 40) for at in range(60)]
    with ShardSetWriter(folder, "npy", Provenance(max_id=999)) as out:
        slow(out)
        most = 0
        for document in documents:
            out.write(np.array(document, np.uint32), np.array([len(document)]))
            most = max(most, out._waiting)
        out.finish()
    assert 50 < most <= 100
    assert documents_of(bpe_tool.open_shards(folder)) == documents


def test_a_failure_is_raised_by_every_call_after_it(folder):
    for wrong, expected in ((None, DataError), (3, OSError)):
        with ShardSetWriter(folder, "npy", Provenance(max_id=9)) as out:
            slow(out, wrong)
            for at in range(9):
                some = np.array([10 if at == 5 else 1], np.uint32)
                # Perhaps already here.
                with contextlib.suppress(expected):
                    out.write(some, np.array([1]))
            for _ in range(2):
                with pytest.raises(expected):
                    out.finish()
        assert not list(folder.iterdir())


@pytest.mark.parametrize("format", FORMATS)
def test_a_shard_that_is_given_up_says_nothing(folder, format, capfd):
    if format in NEEDS:
        pytest.importorskip(NEEDS[format])
    with ShardSetWriter(folder, format, Provenance(max_id=9)) as out:
        out.write(np.arange(5, dtype=np.uint32), np.array([5]))
        out._wait(0)
    del out
    gc.collect()
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("format", FORMATS)
def test_a_disk_that_is_full_at_once(folder, format, monkeypatch, capfd):
    if format in NEEDS:
        pytest.importorskip(NEEDS[format])

    def full(file: int, data: object) -> int:
        raise OSError(errno.ENOSPC, "the disk is full")

    with (
        ShardSetWriter(folder, format, Provenance(max_id=9)) as out,
        monkeypatch.context() as patch,
    ):
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="the disk is full"):
            # A table is begun with its first row, or at its end.
            out.write(np.arange(5, dtype=np.uint32), np.array([5]))
            out.finish()
    del out
    gc.collect()
    assert list(folder.iterdir()) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("format", FORMATS)
def test_a_shard_that_cannot_be_begun_is_named(folder, format, monkeypatch):
    if format in NEEDS:
        pytest.importorskip(NEEDS[format])
    real = os.open

    def refusing(path, *arguments):
        if "shard-" in str(path):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        return real(path, *arguments)

    with ShardSetWriter(folder, format, Provenance(max_id=9)) as out:
        monkeypatch.setattr(os, "open", refusing)
        with pytest.raises(OSError, match=r"Too many open files.*shard-000000"):
            out.write(np.arange(5, dtype=np.uint32), np.array([5]))
            out.finish()
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("dtype", [">u2", "<u2", ">i4", "<i8", ">u8"])
def test_numbers_of_either_byte_order(folder, format, dtype):
    if format in NEEDS:
        pytest.importorskip(NEEDS[format])
    ids = np.arange(250, 260)
    with ShardSetWriter(folder, format, Provenance(max_id=300)) as out:
        out.write(ids.astype(dtype), np.array([10]))
        out.finish()
    assert documents_of(bpe_tool.open_shards(folder)) == [ids.tolist()]


def test_a_copy_opens_the_files_again(folder):
    bpe_tool.write_shards([[1, 2], [3]], folder, vocab_size=9)
    shards = bpe_tool.open_shards(folder)
    assert documents_of(shards) == [[1, 2], [3]]
    data = pickle.dumps(shards)
    assert len(data) < 2000
    assert documents_of(pickle.loads(data)) == [[1, 2], [3]]


@pytest.mark.parametrize(
    ("format", "max_id", "dtype"),
    [
        ("npy", 65534, "uint16"),
        ("npy", 65535, "uint16"),
        ("npy", 65536, "uint32"),
        ("npy", 2**32 - 1, "uint32"),
        ("u16", 65535, "uint16"),
        ("u32", 0, "uint32"),
        ("llmc", 65535, "uint16"),
        ("llmc", 65536, "uint32"),
        ("megatron", 65535, "uint16"),
        ("megatron", 65536, "int32"),
        ("megatron", 2**31 - 1, "int32"),
        ("datatrove", 65535, "uint16"),
        ("datatrove", 65536, "uint32"),
    ],
)
def test_the_type_depends_on_the_largest_id(folder, format, max_id, dtype):
    bpe_tool.write_shards([[max_id]], folder, vocab_size=max_id + 1, format=format)
    shards = bpe_tool.open_shards(folder)
    assert shards.manifest.dtype == shards.shards[0].ids.dtype.name == dtype
    assert documents_of(shards) == [[max_id]]


def test_a_type_that_is_too_narrow_is_refused(folder):
    with pytest.raises(ArgumentError, match="u16 holds ids up to 65535"):
        bpe_tool.write_shards([[1]], folder, vocab_size=65537, format="u16")
    assert not folder.exists()


def test_ids_that_megatron_cannot_hold_are_refused(folder):
    with pytest.raises(ArgumentError, match="megatron holds ids up to 2147483647"):
        bpe_tool.write_shards([[1]], folder, vocab_size=2**31 + 1, format="megatron")


def test_shards_of_llm_c_end_in_time(folder, monkeypatch):
    """Their limit is 2^31 - 1 ids; here it is 11, which leaves a shard 6 and a last document."""
    assert LlmC.max_tokens == 2**31 - 1
    monkeypatch.setattr(LlmC, "max_tokens", 11)
    manifest = bpe_tool.write_shards([[1] * 4] * 5, folder, vocab_size=9, format="llmc")
    assert [shard.tokens for shard in manifest.shards] == [8, 8, 4]
    with pytest.raises(LimitError, match="11 ids at most"):
        bpe_tool.write_shards([[1] * 12], folder / "x", vocab_size=9, format="llmc")
    with pytest.raises(ArgumentError, match="1 to 6"):
        bpe_tool.write_shards([], folder / "x", vocab_size=9, format="llmc", shard_tokens=7)


def test_documents_that_megatron_cannot_hold_are_refused(folder, monkeypatch):
    monkeypatch.setattr(Megatron, "max_document", 3)
    with pytest.raises(LimitError, match="a document has 4 ids"):
        bpe_tool.write_shards([[1], [1] * 4], folder, vocab_size=9, format="megatron")
    assert not list(folder.iterdir())


@pytest.mark.parametrize("row", [[9], [-1], [2**40], np.array([1.0]), [[1]], ["a"]])
def test_what_is_no_id_is_refused(folder, row):
    with pytest.raises((DataError, TypeError), match="row 1"):
        bpe_tool.write_shards([[1], row], folder, vocab_size=9)
    assert list(folder.iterdir()) == []


def test_the_manifest_says_what_there_is(folder):
    manifest = bpe_tool.write_shards([[1], [2, 3]], folder, vocab_size=9, shard_tokens=1)
    assert load_manifest(folder) == manifest
    assert (manifest.documents, manifest.tokens) == (2, 3)
    assert [shard.name for shard in manifest.shards] == ["shard-000000", "shard-000001"]
    assert {path.name for path in folder.iterdir()} == {
        MANIFEST, *(f.name for shard in manifest.shards for f in shard.files),
    }  # fmt: skip


def test_rows_may_begin_anywhere_among_their_ids(folder):
    rows = bpe_tool.Ragged(np.array([9, 9, 1, 2, 3], np.uint32), np.array([2, 4, 5]))
    bpe_tool.write_shards(rows, folder, vocab_size=10)
    assert documents_of(bpe_tool.open_shards(folder)) == [[1, 2], [3]]


def test_a_file_is_no_place_for_a_set(folder):
    folder.write_text("mine")
    with pytest.raises(NotADirectoryError, match="needs a directory"):
        bpe_tool.write_shards([[1]], folder, vocab_size=10)
    assert folder.read_text() == "mine"


def test_without_threads_ids_are_written_at_once(folder, monkeypatch):
    def none(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    with ShardSetWriter(folder, "npy", Provenance(max_id=9), shard_tokens=4) as out:
        for _ in range(3):
            out.write(np.arange(5, dtype=np.uint32), np.array([2, 5]))
        out.finish()
    assert documents_of(bpe_tool.open_shards(folder)) == [[0, 1], [2, 3, 4]] * 3
    with ShardSetWriter(folder, "npy", Provenance(max_id=9), force=True) as out:
        out.write(np.array([10], np.uint32), np.array([1]))
        # What is wrong is wrong for ever, as with threads.
        for call in (lambda: out.write(np.array([1], np.uint32), np.array([1])), out.finish):
            with pytest.raises(DataError, match="out of range"):
                call()
    assert threading.active_count() == 1


@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_tables_cannot_be_read_without_threads(folder, format, monkeypatch):
    pa = pytest.importorskip("pyarrow")
    from bpe_tool.shards.layouts import pyarrow_tables

    def none(path: Path) -> None:
        raise pa.ArrowException("Unknown error: Failed to launch worker thread: try again")

    bpe_tool.write_shards([[1]], folder, vocab_size=9, format=format)
    monkeypatch.setattr(pyarrow_tables, "_KINDS", {format: (None, none)})
    with pytest.raises(LimitError, match="thread"):
        bpe_tool.open_shards(folder).shards[0].ids  # noqa: B018
