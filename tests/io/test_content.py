"""What is not text is recognized by its first bytes, and text never is."""

import io
import pickle
import random
import sqlite3
import struct
import subprocess
import sys
import tarfile
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from bpe_tool.errors import BpeToolWarning, DataError
from bpe_tool.io import content
from bpe_tool.io.files import Selection, expand
from bpe_tool.io.text import text_blocks


def zipped(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "text")
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.add(__file__, "name")
    return file.getvalue()


def saved(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def database(folder: Path) -> bytes:
    connection = sqlite3.connect(folder / "some.db")
    connection.execute("create table t (x)")
    connection.commit()
    connection.close()
    return (folder / "some.db").read_bytes()


BINARY = {
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "gif": b"GIF89a\x01\0\x01\0",
    "riff": b"RIFF\x24\0\0\0WEBPVP8 ",
    "mp4": b"\0\0\0\x18ftypmp42",
    "mp3": b"ID3\x04\0\0\0\0",
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "exe": b"MZ\x90\0\x03\0\0\0",
    "zip": zipped("a.txt"),
    "office": zipped("[Content_Types].xml"),
    "torch": zipped("archive/data.pkl"),
    "tar": tarred(),
    "pickle": pickle.dumps({"a": 1}),
    "numpy": saved(np.arange(9)),
    "elf": Path(sys.executable).read_bytes()[:8000],
    "bzip2": b"BZh91AY&SY\x94\x85",
    "xz": b"\xfd7zXZ\0\0\x04",
    "safetensors": struct.pack("<Q", 9) + b'{"a":1}  ',
    "gguf": b"GGUF\x03\0\0\0",
    "lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n",
}

#: Texts that begin like something else, or hold odd bytes.
TEXTS = {
    "letters": [
        b"PAR1 is how Parquet files begin\n", b"GIF89a, a format\n", b"BZh is not bzip2\n",
        b"MZ stands for Mark Zbikowski\n", b"GGUF, ID3, RIFF, OggS\n", b"ORC\nelf\n", b"BM\n",
        b"SQLite format 3 is a format\n", b"PK is short\n", b"ARROW1\n", b"PACK\n", b"P", b"\xef",
    ],
    "latin-1": ["Größe, naïve, ÿ".encode("latin-1"), "déjà vu\n".encode("latin-1") * 900],
    "shift-jis": ["日本語の文章です。".encode("shift-jis"), "한국어".encode("euc-kr")],
    "byte order mark": [b"\xef\xbb\xbfWindows\r\n"],
    "control": [b"\x1b[31mred\x1b[0m\f\x07\x08\n", b"\x01\x02 log \x7f\n", b"\x80 price\n"],
    "empty": [b"", b"\n"],
}  # fmt: skip


def sources(path: Path, **options: object) -> list:
    return expand([str(path)], Selection(**options))


def read(path: Path, **options: object) -> bytes:
    return b"".join(b"".join(source.blocks()) for source in sources(path, **options))


@pytest.mark.parametrize("name", BINARY)
def test_binary_formats_are_refused_by_name(name, tmp_path):
    path = tmp_path / "file.txt"
    path.write_bytes(BINARY[name])
    found = content.recognized(BINARY[name])
    assert found is not None
    assert found.name == name
    with pytest.raises(DataError) as raised:
        read(path)
    assert str(raised.value) == f"{path} is {found.what}"
    assert "`binary=True` reads" in raised.value.hint.replace("`binary` ", "`binary=True` ")
    assert read(path, binary=True) == BINARY[name]


def test_a_database_is_refused(tmp_path):
    found = content.recognized(database(tmp_path))
    assert found is not None
    assert found.name == "sqlite"


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_never_refused(name, tmp_path):
    path = tmp_path / "file"
    for text in TEXTS[name]:
        path.write_bytes(text)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert read(path, refused="binary") == text


def test_records_that_end_in_nul_may_begin_with_any_letters(tmp_path):
    path = tmp_path / "file"
    starts = [b"BMW cars", b"MZ", b"ID3 tags", b"ORC", b"PACK", b"MM", b"*", b"SQLite format 3"]
    starts += [b"GIF89a", b"RIFF", b"and ftyp"]
    for start in [*starts, *(text.strip() for text in TEXTS["letters"][:-1])]:
        text = start + b"\0another\0"
        path.write_bytes(text)
        assert read(path, nul=True) == text
        # Below a directory, too.
        assert read(tmp_path, nul=True) == text
    path.write_bytes(b"BM\0a bitmap")
    with pytest.raises(DataError, match="is a BMP image"):
        read(path)
    # What no text begins with is refused nevertheless.
    for name in ("png", "elf", "zip", "numpy", "tar", "safetensors"):
        path.write_bytes(BINARY[name])
        with pytest.raises(DataError, match="is a"):
            read(path, nul=True)


def test_what_looks_binary_is_refused_where_that_is_asked_for(tmp_path):
    path = tmp_path / "file"
    ids = np.arange(5000, dtype="<u2").tobytes()
    noise = random.Random(1).randbytes(20_000)
    for data in [ids, noise, b"a\0b\0c\0", bytes(100)]:
        path.write_bytes(data)
        assert read(path) == data
        with pytest.raises(DataError, match="binary data of an unknown kind"):
            read(path, refused="binary")
    # One NUL byte in a text is an accident.
    text = b"some line of a log\n" * 10 + b"\0" + b"another line\n" * 10
    path.write_bytes(text)
    assert read(path, refused="binary") == text


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32", "utf-32-be"])
def test_utf_16_with_a_mark_is_converted(encoding, tmp_path, monkeypatch):
    monkeypatch.setattr("bpe_tool.io.sources.BLOCK_BYTES", 7)
    text = "Grüße, 日本語 \U0001f600\r\n" * 3
    mark = "" if encoding in ("utf-16", "utf-32") else "\ufeff"
    path = tmp_path / "file.txt"
    path.write_bytes((mark + text).encode(encoding))
    with pytest.warns(BpeToolWarning, match=r"file\.txt is UTF-\d\d and is converted to UTF-8"):
        assert read(path) == text.encode()
    assert read(path, binary=True) == path.read_bytes()
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="not valid UTF-"), pytest.warns(BpeToolWarning):
        read(path)


def test_what_to_do_instead_is_what_the_reader_says():
    for data in (b"\xff\xfea", b"\x89PNG\r\n\x1a\n"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", BpeToolWarning)
            with pytest.raises(DataError) as raised:
                list(text_blocks([data], "name", "known", "read it as ids"))
        assert raised.value.hint == "read it as ids"


def test_a_signature_that_arrives_byte_by_byte():
    """A text that arrives so is not held back."""
    program = (
        "import sys; from bpe_tool.io.files import Selection, expand\n"
        "for block in expand([], Selection())[0].blocks():\n"
        "    sys.stdout.buffer.write(block); sys.stdout.flush()"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for line in (b"P\n", b"K\x03\n"):
            process.stdin.write(line)
            process.stdin.flush()
            assert process.stdout.readline() == line
    pipe = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, **pipe) as process:
        for byte in b"PK\x03\x04":
            process.stdin.write(bytes([byte]))
            process.stdin.flush()
        process.stdin.close()
        assert b"<stdin> is a zip archive" in process.stderr.read()
