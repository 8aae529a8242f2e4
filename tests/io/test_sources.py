"""Input is read exactly, in blocks, and whatever is wrong with it is said."""

import bz2
import contextlib
import gzip
import io
import lzma
import os
import random
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from bpe_tool.errors import ArgumentError, BpeToolWarning, DataError, LimitError
from bpe_tool.io import sources
from bpe_tool.io.documents import NDJSON_TERMINATOR, Unit, documents, whole_records
from bpe_tool.io.files import expand
from bpe_tool.io.sources import Source, total_size

EVERY_BYTE = bytes(range(256)) * 3 + b"\r\n\xef\xbb\xbf\x00\xe2\x80\xa8\r"


def read(path: Path) -> bytes:
    [source] = expand([str(path)])
    return b"".join(source.blocks())


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def zstd(data: bytes) -> bytes:
    zstandard = pytest.importorskip("zstandard")
    return zstandard.ZstdCompressor().compress(data)


def test_bytes_are_exact(tmp_path):
    assert read(write(tmp_path / "plain", EVERY_BYTE)) == EVERY_BYTE


def test_blocks_are_bounded_and_never_empty(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 100)
    for data in (b"", b"x", b"x" * 100, b"x" * 101, os.urandom(1000)):
        [source] = expand([str(write(tmp_path / "file", data))])
        seen = []
        blocks = list(source.blocks(seen.append))
        assert b"".join(blocks) == data
        assert all(0 < len(block) <= 100 for block in blocks)
        assert sum(seen) == len(data) == source.size


def test_expands_directories_and_globs_in_byte_order(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ["d/b", "d/a/z", "d/a-b", "d/\u00e9", "d/Z", "other.txt", "e/.hidden"]:
        path = Path(name)
        path.parent.mkdir(exist_ok=True, parents=True)
        path.touch()
    os.mkfifo("d/pipe")
    Path("d/loop").symlink_to("..")
    Path("d/link").symlink_to(Path("../other.txt"))
    os.mkfifo("pipe.txt")
    Path("d/linked-pipe").symlink_to("pipe")
    with pytest.warns(BpeToolWarning, match="is left out: it is not a regular file") as left_out:
        names = [source.name for source in expand(["other.txt", "d", "e", "d/a*", "*.txt"])]
    assert [str(each.message).split()[0] for each in left_out].count("pipe.txt") == 1
    assert len(left_out) == 3
    in_d = ["d/Z", "d/a-b", "d/a/z", "d/b", "d/link", "d/\u00e9"]
    assert names == ["other.txt", *in_d, "e/.hidden", "d/a-b", "d/a/z", "other.txt"]


def test_a_name_with_magic_characters_is_a_name_if_it_exists(tmp_path):
    path = write(tmp_path / "a[1]*.txt", b"x")
    write(tmp_path / "a1.txt", b"y")
    assert [source.path for source in expand([str(path)])] == [path]


def test_what_cannot_be_read_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        expand([str(tmp_path / "missing")])
    with pytest.raises(FileNotFoundError, match="no file matches"):
        expand([str(tmp_path / "*.txt")])
    with pytest.raises(FileNotFoundError, match="no file in this directory"):
        expand([str(tmp_path)])
    with pytest.raises(ArgumentError, match="only once"):
        expand(["-", "-"])


def test_unreadable_files_are_found_before_work_begins():
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as finally_:
        path = write(Path(folder) / "secret", b"x")
        path.chmod(0)
        if os.geteuid() == 0:
            # Root may read everything; nobody may not.
            Path(folder).chmod(0o755)
            os.setresuid(65534, 65534, 0)
            finally_.callback(os.setresuid, 0, 0, 0)
        with pytest.raises(PermissionError) as caught:
            expand([str(path)])
    assert caught.value.filename == str(path)


def test_total_size(tmp_path):
    path = str(write(tmp_path / "file", b"123"))
    assert total_size(expand([path, path])) == 6
    assert total_size([*expand([path]), Source("<stdin>", None, None)]) is None


@pytest.mark.parametrize("change", ["append", "truncate", "rewrite"])
def test_a_file_that_changes_is_an_error(tmp_path, monkeypatch, change):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 10)
    path = write(tmp_path / "file", b"x" * 100)
    [source] = expand([str(path)])
    blocks = source.blocks()
    next(blocks)
    if change == "append":
        with path.open("ab") as file:
            file.write(b"more")
    elif change == "truncate":
        os.truncate(path, 50)
    else:
        path.write_bytes(b"y" * 100)
        os.utime(path, ns=(0, 0))
    with pytest.raises(OSError, match="changed while") as raised:
        list(blocks)
    assert raised.value.filename == str(path)


def test_a_pipe_gives_what_is_there(tmp_path):
    """A slow writer is not kept waiting, a fast one fills blocks."""
    program = (
        "import sys; from bpe_tool.io.files import expand\n"
        "for block in expand([])[0].blocks():\n"
        "    sys.stdout.buffer.write(b'%d\\n' % len(block)); sys.stdout.flush()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        for line in (b"a\n", b"bcd\n", b"x" * 1000):
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline() == b"%d\n" % len(line)
        writer = threading.Thread(target=process.stdin.write, args=(b"x" * 50_000_000,))
        writer.start()
        sizes = []
        while sum(sizes) < 49_000_000:
            sizes.append(int(process.stdout.readline()))
        writer.join()
        process.stdin.close()
        assert sum(sizes) + sum(map(int, process.stdout)) == 50_000_000
        assert max(sizes) < sources.BLOCK_BYTES + sources.PIPE_BYTES


def test_before_a_pipe_is_waited_for_somebody_is_told(tmp_path):
    """Once before it is opened, and then each time it is empty."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    told = 0
    writer = -1

    def on_wait() -> None:
        nonlocal told, writer
        told += 1
        if told == 1:
            # Opened for both, it waits for nobody.
            writer = os.open(fifo, os.O_RDWR)
        elif told < 4:
            os.write(writer, b"some")
        else:
            raise OSError("not about the input")

    try:
        blocks = expand([str(fifo)])[0].blocks(on_wait=on_wait)
        assert [next(blocks), next(blocks)] == [b"some", b"some"]
        with pytest.raises(OSError, match="not about") as caught:
            next(blocks)
        assert caught.value.filename is None
    finally:
        os.close(writer)


def test_gzip_members_follow_each_other(tmp_path):
    texts = [b"first\n", b"", EVERY_BYTE, b"a" * 100_000]
    path = write(tmp_path / "file.gz", b"".join(map(gzip.compress, texts)))
    assert read(path) == b"".join(texts)


@pytest.mark.parametrize("padding", [1, 511, 100_000])
def test_gzip_members_may_be_padded(tmp_path, monkeypatch, padding):
    monkeypatch.setattr(sources, "BLOCK_BYTES", 1000)
    member, zeros = gzip.compress(b"text"), bytes(padding)
    assert read(write(tmp_path / "file.gz", member + zeros)) == b"text"
    assert read(write(tmp_path / "file.gz", member + zeros + member)) == b"texttext"
    with pytest.raises(DataError, match="not valid gzip data"):
        read(write(tmp_path / "file.gz", zeros + member))
    with pytest.raises(DataError, match="not valid gzip data"):
        read(write(tmp_path / "file.gz", member + zeros + b"more"))


def test_a_large_zstd_window_is_a_limit(tmp_path):
    zstandard = pytest.importorskip("zstandard")
    options = zstandard.ZstdCompressionParameters(window_log=28)
    packed = io.BytesIO()
    with zstandard.ZstdCompressor(compression_params=options).stream_writer(
        packed, closefd=False
    ) as writer:
        writer.write(b"text")
    with pytest.raises(LimitError, match=r"file\.zst: .* memory") as raised:
        read(write(tmp_path / "file.zst", packed.getvalue()))
    assert "zstd -dc --long=31" in raised.value.hint


def test_zstd_frames_follow_each_other(tmp_path):
    texts = [b"first\n", b"", EVERY_BYTE, b"a" * 100_000, random.Random(0).randbytes(300_000)]
    path = write(tmp_path / "file.zst", b"".join(map(zstd, texts)))
    assert read(path) == b"".join(texts)


@pytest.mark.parametrize("kind", ["gz", "zst", "bz2", "xz"])
def test_damage_is_found(tmp_path, kind):
    compress = {"gz": gzip.compress, "zst": zstd, "bz2": bz2.compress, "xz": lzma.compress}[kind]
    whole = compress(EVERY_BYTE * 20)
    for cut in [0, 1, 5, len(whole) // 2, len(whole) - 1]:
        with pytest.raises(DataError, match=r"file\.\w+: the \w+ data is cut off"):
            read(write(tmp_path / f"file.{kind}", whole[:cut]))
    for rest in [b"x", b"\0x", b"some text that is not compressed"]:
        with pytest.raises(DataError, match=rf"file\.{kind}: "):
            read(write(tmp_path / f"file.{kind}", whole + rest))
    # The first byte of the magic number, and nothing more.
    with pytest.raises(DataError, match="cut off"):
        read(write(tmp_path / f"file.{kind}", whole + whole[:1]))


@pytest.mark.parametrize("kind", ["gz", "zst"])
def test_a_bomb_comes_in_bounded_blocks(tmp_path, kind):
    length = 300_000_000
    if kind == "gz":
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=1) as file:
            for _ in range(300):
                file.write(bytes(length // 300))
        bomb = buffer.getvalue()
    else:
        bomb = zstd(bytes(length))
    [source] = expand([str(write(tmp_path / f"bomb.{kind}", bomb))])
    sizes = [len(block) for block in source.blocks()]
    assert sum(sizes) == length
    assert max(sizes) <= 64 * 1024 * 1024


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("terminator", [b"\n", b"\0", b"aa", b"aba", b"\r\n\r\n"])
def test_whole_records(terminator, size):
    text = b"one\n\ntwo\0\r\n\r\n\r\n, aaaaaba is longer aababababa\0\naaa three\r\n\r"
    blocks = list(
        whole_records((text[at : at + size] for at in range(0, len(text), size)), terminator)
    )
    assert b"".join(blocks) == text
    records = [block.split(terminator) for block in blocks]
    assert all(each[-1] == b"" for each in records[:-1])
    assert [record for each in records[:-1] for record in each[:-1]] + records[-1] == text.split(
        terminator
    )


def ndjson(tmp_path: Path, data: bytes, **options: object) -> list:
    [source] = expand([str(write(tmp_path / "file.ndjson", data))])
    return list(documents(source, Unit.ndjson("text"), **options))


def test_ndjson_texts(tmp_path):
    data = '{"text":"a\\nb"}\n{"id":7,"text":""}\nnull\n{"text":"\u00e9"}'.encode()
    first, last = ndjson(tmp_path, data)
    assert first.text.split(NDJSON_TERMINATOR) == [b"a\nb", b"", b"", b""]
    assert (first.skipped, first.unterminated) == ((2,), False)
    assert last[:3] == (b"\xc3\xa9" + NDJSON_TERMINATOR, (), True)
    [block] = ndjson(tmp_path, data + b"\n")
    assert block[:3] == (first.text + last.text, (2,), False)


@pytest.mark.parametrize(
    ("record", "what"),
    [
        (b"{", "not valid JSON"),
        (b"", "empty line"),
        (b"\xff", "not valid JSON"),
        (b'{"text":"\\ud800"}', "the field 'text' cannot be read"),
        (b"[1]", "expected a JSON object"),
        (b'{"other":1}', "the record has no field 'text'"),
        (b'{"text":1}', "the field 'text' does not hold a string"),
        (b"[" * 100_000, "not valid JSON"),
    ],
)
def test_bad_ndjson_is_named_or_skipped(tmp_path, record, what):
    data = b'{"text":"a"}\n' + record + b'\n{"text":"b"}\n'
    with pytest.raises(DataError, match=rf"file\.ndjson: line 2: {what}"):
        ndjson(tmp_path, data)
    skipped = []
    [block] = ndjson(tmp_path, data, on_skip=skipped.append)
    assert len(skipped) == 1
    assert block.skipped == (1,)
    assert block.text == NDJSON_TERMINATOR.join([b"a", b"", b"b", b""])
