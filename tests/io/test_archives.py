"""Archives are read as they were listed, in bounded memory, with few open files."""

import gzip
import io
import os
import tarfile
import tracemalloc
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bpe_tool.errors import DataError
from bpe_tool.io.files import Selection, expand
from bpe_tool.io.sources import Source

KINDS = ["zip", "tar", "tar.gz"]


def packed(path: Path, members: Mapping[str, bytes]) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
    else:
        with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as archive:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    return path


def listed(path: Path, **options: object) -> list[Source]:
    return expand([str(path)], Selection(**options))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", ["replaced", "cut", "no archive"])
def test_an_archive_that_changed_since_it_was_listed_is_refused(tmp_path, kind, other):
    path = packed(tmp_path / f"a.{kind}", {"1": b"first\n" * 500, "2": b"second\n" * 500})
    sources = listed(path)
    if other == "replaced":
        packed(path, {"0": b"more\n" * 900, "1": b"1", "2": b"2"})
    else:
        path.write_bytes(path.read_bytes()[:700] if other == "cut" else b"text\n")
    for source in sources:
        with pytest.raises(OSError, match="changed while it was being read") as raised:
            list(source.blocks())
        assert raised.value.filename == source.name


@pytest.mark.parametrize("kind", KINDS)
def test_an_archive_that_changes_while_a_member_is_read_is_refused(tmp_path, kind):
    path = packed(tmp_path / f"a.{kind}", {"1": b"first\n" * 500})
    [source] = listed(path)
    blocks = source.blocks(block_bytes=1000)
    assert next(blocks) == (b"first\n" * 500)[:1000]
    with path.open("r+b") as file:
        file.seek(600)
        file.write(b"other text " * 900)
    with pytest.raises(OSError, match="changed while it was being read"):
        list(blocks)


@pytest.mark.parametrize("kind", KINDS)
def test_members_do_not_keep_archives_open(tmp_path, kind):
    for number in range(20):
        packed(tmp_path / f"{number}.{kind}", {"1": b"one", "2": b"two"})
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    sources = listed(tmp_path)
    assert len(os.listdir("/dev/fd")) <= before + 1  # noqa: PTH208
    for source in [*sources, *reversed(sources)]:
        assert b"".join(source.blocks()) == (b"one" if source.name.endswith("1") else b"two")
        assert len(os.listdir("/dev/fd")) <= before + 2  # noqa: PTH208


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_listing_an_archive_does_not_hold_the_beginnings_of_its_members(tmp_path, kind):
    members = {f"{number}.txt": b"%4d " % number * 1600 for number in range(500)}
    path = packed(tmp_path / f"a.{kind}", members)
    listed(path)
    tracemalloc.start()
    sources = listed(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(sources) == 500
    assert peak < 500 * 8000 * 0.75


@pytest.mark.parametrize("kind", ["tar", "tar.gz"])
def test_a_sparse_member_is_read_with_its_gaps(tmp_path, kind):
    info = tarfile.TarInfo("sparse")
    info.size = 10
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    # The old form of GNU: pairs of offset and size, and the size of the whole file.
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[386:434] = b"%011o\0%011o\0%011o\0%011o\0" % (0, 5, 600, 5)
    header[483:495] = b"%011o\0" % 605
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    plain = tarfile.TarInfo("plain")
    plain.size = 4
    archive = bytes(header) + b"helloworld".ljust(512, b"\0")
    archive += plain.tobuf(tarfile.GNU_FORMAT) + b"text".ljust(512, b"\0") + bytes(1024)
    path = tmp_path / f"a.{kind}"
    if kind == "tar.gz":
        import gzip

        archive = gzip.compress(archive)
    path.write_bytes(archive)
    sparse, other = listed(path, binary=True)
    assert b"".join(sparse.blocks(block_bytes=100)) == b"hello" + bytes(595) + b"world"
    assert b"".join(other.blocks()) == b"text"
    assert b"".join(sparse.blocks()) == b"hello" + bytes(595) + b"world"


def tar_of(names: str, kind: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=kind) as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 3
            tar.addfile(info, io.BytesIO(b"abc"))
    return out.getvalue()


@pytest.mark.parametrize("compressed", [False, True])
def test_a_tar_with_a_damaged_header_does_not_end_there(tmp_path, compressed):
    whole = tar_of("abc")
    bad = bytearray(whole)
    bad[1024 + 148] = 0x41
    for data in (bytes(bad), whole[: 1024 + 300]):
        path = tmp_path / ("a.tar.gz" if compressed else "a.tar")
        path.write_bytes(gzip.compress(data) if compressed else data)
        with pytest.raises(DataError, match="not a whole tar archive"):
            for source in expand([str(path)], Selection()):
                list(source.blocks())


@pytest.mark.parametrize("method", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2, zipfile.ZIP_DEFLATED])
def test_damaged_members_of_zip_archives(tmp_path, method):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as file:
        file.writestr("a.txt", bytes(range(32, 127)) * 30)
    data = bytearray(path.read_bytes())
    for at in range(60, 100):
        data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"a\.zip"):
        for source in expand([str(path)], Selection()):
            list(source.blocks())
