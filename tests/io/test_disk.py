"""Both ways to the disk write what they are given, and say what they cannot write."""

import contextlib
import errno
import fcntl
import os
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from bpe_tool.io import disk
from bpe_tool.io.disk import (
    PIECE_BYTES,
    CachedWriter,
    DirectWriter,
    DiskWriter,
    disk_writer,
    write_all,
)
from bpe_tool.runtime import system
from bpe_tool.shards.files.shard_file import ShardFile
from bpe_tool.shards.manifest import Provenance
from bpe_tool.shards.writer import ShardSetWriter

SIZES = [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 3 * PIECE_BYTES + 7]


def is_direct(file: int) -> bool:
    return bool(fcntl.fcntl(file, fcntl.F_GETFL) & os.O_DIRECT)


@contextlib.contextmanager
def writing(path: Path, cached: bool) -> Iterator[DiskWriter]:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL)
    try:
        writer = disk_writer(file, cached=cached)
        yield writer
        writer.finish()
    finally:
        os.close(file)


def takes_direct(folder: Path) -> bool:
    """Whether files in a folder can be written past memory. Some systems refuse only to write."""
    with writing(folder / "try", cached=False) as writer:
        writer.write(bytes(PIECE_BYTES))
        return isinstance(writer, DirectWriter) and is_direct(writer._file)


@pytest.fixture(params=[True, False], ids=["cached", "direct"])
def cached(request) -> bool:
    return request.param


@pytest.mark.parametrize("size", SIZES)
def test_what_is_written_is_there(tmp_path, cached, size):
    rng = random.Random(size)
    data = rng.randbytes(size)
    with writing(tmp_path / "file", cached) as file:
        start = 0
        while start < size:
            # Parts of the sizes that come, and larger ones than a piece.
            stop = start + rng.choice([1, 100, 4096, 300_000, 2 * PIECE_BYTES])
            file.write(memoryview(data)[start:stop])
            start = stop
    assert (tmp_path / "file").read_bytes() == data


def test_numbers_of_several_bytes(tmp_path, cached):
    data = bytes(8 * 1000)
    with writing(tmp_path / "file", cached) as file:
        file.write(memoryview(data).cast("q"))
    assert (tmp_path / "file").read_bytes() == data


def test_only_what_is_read_soon_goes_through_memory(tmp_path, monkeypatch, cached):
    """Whether it stays there is the system's affair; `benchmarks/page_cache.py` measures it."""
    if not takes_direct(tmp_path):
        pytest.skip("this file system takes no O_DIRECT: a later test is of such ones")
    real = os.write
    pieces = []

    def watched(file: int, data: memoryview) -> int:
        pieces.append((is_direct(file), len(data)))
        return real(file, data)

    monkeypatch.setattr(os, "write", watched)
    with writing(tmp_path / "file", cached) as file:
        file.write(bytes(2 * PIECE_BYTES + 5))
    if cached:
        assert pieces == [(False, 2 * PIECE_BYTES + 5)]
    else:
        assert pieces == [(True, PIECE_BYTES), (True, PIECE_BYTES), (False, 5)]


@pytest.mark.skipif(not hasattr(os, "posix_fadvise"), reason="this system takes no such advice")
@pytest.mark.parametrize("tokens", [100, PIECE_BYTES])
@pytest.mark.parametrize("format", ["u32", "npy", "npz"])
def test_shards_are_to_be_forgotten_once_they_are_on_the_disk(
    tmp_path, monkeypatch, format, tokens
):
    done = []
    sync, advise = os.fsync, os.posix_fadvise
    name = f"shard-000000.{format}"

    def synced(file: int) -> None:
        done.append(("on the disk", os.fstat(file).st_ino))
        sync(file)

    def advised(file: int, offset: int, length: int, advice: int) -> None:
        assert (offset, length, advice) == (0, 0, os.POSIX_FADV_DONTNEED)
        done.append(("forgotten", os.fstat(file).st_ino))
        advise(file, offset, length, advice)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "posix_fadvise", advised)
    with ShardSetWriter(tmp_path / "set", format, Provenance(max_id=70_000)) as out:
        out.write(np.arange(tokens, dtype=np.uint32) % 70_000, np.array([tokens]))
        out.finish()
    shard = (tmp_path / "set" / name).stat().st_ino
    assert [what for what, file in done if file == shard][-2:] == ["on the disk", "forgotten"]


@pytest.mark.skipif(not hasattr(os, "O_DIRECT"), reason="this system has no O_DIRECT")
@pytest.mark.parametrize("written", [0, 512, 5000])
def test_a_file_system_that_refuses_later(tmp_path, monkeypatch, written):
    """The rest of the piece, and all that comes, goes the usual way."""
    real = os.write
    sizes = []

    def refusing(file: int, data: memoryview) -> int:
        if len(sizes) == 1 and is_direct(file):
            if not written:
                raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
            # As if so much had been written directly.
            monkeypatch.undo()
            system.set_direct(file, False)
            assert real(file, data[:written]) == written
            system.set_direct(file, True)
            monkeypatch.setattr(os, "write", refusing)
            sizes.append(written)
            return written
        sizes.append(real(file, data))
        return sizes[-1]

    data = random.Random(1).randbytes(4 * PIECE_BYTES + 3)
    file = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    if not system.set_direct(file, True):
        os.close(file)
        pytest.skip("this file system takes no O_DIRECT: the next test is of such ones")
    writer = DirectWriter(file)
    monkeypatch.setattr(os, "write", refusing)
    writer.write(data)
    writer.finish()
    monkeypatch.undo()
    assert not is_direct(file)
    os.close(file)
    assert (tmp_path / "file").read_bytes() == data


def test_a_file_system_that_refuses_at_once(tmp_path, monkeypatch):
    def refuse(file: int, command: int, flags: int = 0) -> int:
        if command == fcntl.F_SETFL:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return 0

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    file = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    assert isinstance(disk_writer(file, cached=False), CachedWriter)
    os.close(file)


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO, errno.EINVAL])
def test_errors_are_told(tmp_path, monkeypatch, cached, error):
    def broken(file: int, data: memoryview) -> int:
        raise OSError(error, os.strerror(error))

    file = ShardFile(tmp_path / "file", patched=cached)
    monkeypatch.setattr(os, "write", broken)
    with pytest.raises(OSError, match=os.strerror(error)) as raised:
        file.write(bytes(PIECE_BYTES))
    monkeypatch.undo()
    assert raised.value.filename == str(tmp_path / "file")
    file.discard()


def test_a_shard_file_that_cannot_be_made(tmp_path, monkeypatch):
    """Its number is free again, and it is named."""
    before = sorted(Path("/dev/fd").iterdir())

    def none(file: int, size: int) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(disk.mmap, "mmap", none)
    monkeypatch.setattr(system, "set_direct", lambda file, on: True)
    with pytest.raises(OSError, match="Cannot allocate") as raised:
        ShardFile(tmp_path / "file", patched=False)
    assert raised.value.filename == str(tmp_path / "file")
    assert sorted(Path("/dev/fd").iterdir()) == before


def test_an_advice_that_is_not_understood(tmp_path, monkeypatch):
    if not hasattr(os, "posix_fadvise"):
        pytest.skip("this system has no posix_fadvise")

    def unknown(*arguments: int) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(os, "posix_fadvise", unknown)
    file = ShardFile(tmp_path / "file", patched=False)
    file.write(b"some")
    assert file.commit().name == "file"


def test_short_writes(monkeypatch):
    real = os.write
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[:3]))
    reading, writing = os.pipe()
    write_all(writing, b"0123456789")
    assert os.read(reading, 100) == b"0123456789"
    os.close(reading)
    os.close(writing)
