"""Of directories and archives, what looks like text is read."""

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.io.files import Selection, Tally, expand

PNG = b"\x89PNG\r\n\x1a\n\0\0"


def make(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def names(folder: Path, tally: Tally | None = None, **options: object) -> list[str]:
    found = expand([str(folder)], Selection(**options), tally)
    return [source.name.removeprefix(f"{folder}/") for source in found]


def texts(path: Path, **options: object) -> dict[str, bytes]:
    found = expand([str(path)], Selection(**options))
    return {source.name.removeprefix(f"{path}:"): b"".join(source.blocks()) for source in found}


FILES = {
    "a.txt": b"a\n", ".hidden": b"h", ".git/config": b"g", "sub/.env": b"e", "sub/b.md": b"b\n",
    "sub/c.png": PNG, "d.bin": b"abc\0def", "e.txt.gz": gzip.compress(b"e"),
    "u.txt": "u".encode("utf-16"), "t.parquet": b"PAR1\0",
}  # fmt: skip


def test_hidden_and_binary_files_are_left_out(tmp_path):
    make(tmp_path, FILES)
    tally = Tally()
    assert names(tmp_path, tally) == ["a.txt", "e.txt.gz", "sub/b.md", "u.txt"]
    assert tally.read == {"text": 4}
    assert tally.left == {
        "hidden": 3, "binary": 1, "binary (png)": 1, "Parquet": 1
    }  # fmt: skip
    assert names(tmp_path, hidden=True) == [
        ".git/config", ".hidden", "a.txt", "e.txt.gz", "sub/.env", "sub/b.md", "u.txt"
    ]  # fmt: skip
    everything = names(tmp_path, hidden=True, binary=True)
    assert everything == sorted(FILES)
    assert "t.parquet" in names(tmp_path, tables=True)
    # NUL bytes that end records are no sign of a binary file.
    assert names(tmp_path, nul=True) == ["a.txt", "d.bin", "e.txt.gz", "sub/b.md", "u.txt"]
    # Without a selection, all bytes are read, as ids are.
    assert len(expand([str(tmp_path)])) == len(FILES)


def test_what_is_named_itself_is_not_left_out(tmp_path):
    make(tmp_path, FILES)
    for name in (".hidden", ".git", "sub/.env"):
        assert len(expand([str(tmp_path / name)], Selection())) == 1
    assert names(tmp_path / ".git") == ["config"]


def test_a_directory_without_text_says_what_it_holds(tmp_path):
    make(tmp_path, {"a.png": PNG, ".b": b"b"})
    with pytest.raises(FileNotFoundError, match=r"left out are 1 binary \(png\), 1 hidden"):
        expand([str(tmp_path)], Selection())


def test_a_directory_of_tables_says_what_they_need(tmp_path):
    make(tmp_path, {"a.parquet": b"PAR1", "b.png": PNG})
    said = r"1 Parquet, 1 binary \(png\); the tables are read if their column of text is named"
    with pytest.raises(FileNotFoundError, match=said):
        expand([str(tmp_path)], Selection())


def test_gitignore(tmp_path):
    pytest.importorskip("pathspec")
    make(tmp_path, {
        ".gitignore": b"*.log\nbuild/\n/top.txt\n", "sub/.gitignore": b"!keep.log\nlocal.txt\n",
        "a.log": b"", "top.txt": b"", "build/x.txt": b"x", "sub/keep.log": b"k",
        "sub/b.log": b"b", "sub/local.txt": b"l", "sub/top.txt": b"t", "sub/deep/local.txt": b"l",
    })  # fmt: skip
    (tmp_path / ".git").mkdir()
    tally = Tally()
    assert names(tmp_path, tally, gitignore=True) == ["sub/keep.log", "sub/top.txt"]
    # The directory build counts once.
    assert tally.left["ignored"] == 6
    # The rules of the repository hold below it, too.
    assert names(tmp_path / "sub", gitignore=True) == ["keep.log", "top.txt"]
    assert len(names(tmp_path)) == 8


@pytest.mark.parametrize("kind", ["zip", "tar", "tar.gz", "tgz", "tar.bz2", "tar.xz"])
def test_members_of_archives_are_files(tmp_path, kind):
    members = {
        "m/a.txt": b"a\n", "m/big.txt": b"line\n" * 5000, "m/.hidden": b"h", "m/c.png": PNG,
        "m/z.txt.gz": gzip.compress(b"z"), "inner.zip": b"PK\x03\x04", "empty": b"",
        "m/u.txt": "ü".encode(),
    }  # fmt: skip
    path = tmp_path / f"all.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.mkdir("m") if hasattr(archive, "mkdir") else None
            for name, data in members.items():
                archive.writestr(name, data)
    else:
        mode = {"gz": "w:gz", "tgz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}
        with tarfile.open(path, mode.get(kind.split(".")[-1], "w")) as archive:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                archive.addfile(info, io.BytesIO(data))
    expected = {
        "m/a.txt": b"a\n", "m/big.txt": b"line\n" * 5000, "m/z.txt.gz": b"z", "empty": b"",
        "m/u.txt": "ü".encode(),
    }  # fmt: skip
    assert texts(path) == expected
    # They can be read in any order, and again.
    found = expand([str(path)], Selection())
    for source in [*reversed(found), *found]:
        name = source.name.removeprefix(f"{path}:")
        assert b"".join(source.blocks(block_bytes=1000)) == expected[name]
    # In a directory, too; without a selection it is one file.
    assert len(expand([str(tmp_path)], Selection())) == 5
    [whole] = expand([str(path)])
    assert whole.name == str(path)
    cut = path.read_bytes()
    path.write_bytes(cut[: len(cut) // 2])
    with pytest.raises(DataError, match=r"not a whole|cut off"):
        texts(path)


def test_a_saved_dataset_is_the_files_that_it_lists(tmp_path):
    state = json.dumps({"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}).encode()
    make(tmp_path, {
        "dataset_dict.json": b"{}", "train/state.json": state, "train/dataset_info.json": b"{}",
        "train/data-00000-of-00001.arrow": b"", "train/cache-1.arrow": b"",
    })  # fmt: skip
    assert names(tmp_path, tables=True) == ["train/data-00000-of-00001.arrow"]
    with pytest.raises(FileNotFoundError, match="1 Arrow"):
        names(tmp_path)
    (tmp_path / "train/data-00000-of-00001.arrow").unlink()
    with pytest.raises(DataError, match="is missing"):
        names(tmp_path, tables=True)


def test_tables_need_a_column(tmp_path):
    from bpe_tool.io.documents import Unit

    [source] = expand([str(make(tmp_path, {"t.parquet": b""}) / "t.parquet")], Selection())
    with pytest.raises(ArgumentError, match="which column is the text"):
        Unit().of(source)


@pytest.mark.parametrize("line", [b"!", b"\\", b"a\\", b"[z-a]", b"a\x0cb", "a\u2028b".encode()])
def test_lines_of_gitignore_that_are_no_pattern(tmp_path, line):
    pytest.importorskip("pathspec")
    (tmp_path / ".gitignore").write_bytes(line + b"\n*.log\n")
    for name in ("b", "c.log"):
        (tmp_path / name).write_bytes(b"text")
    assert names(tmp_path, Tally(), gitignore=True) == ["b"]
