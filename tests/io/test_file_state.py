"""Which file an error names, and whether a file is still the same."""

import os

import pytest

from bpe_tool.io.file_state import FileState, changed_error, naming


def test_errors_of_open_files_name_the_file(tmp_path):
    file = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(IsADirectoryError) as raised, naming(tmp_path):
        os.read(file, 1)
    os.close(file)
    assert str(raised.value).endswith(f": '{tmp_path}'")


def test_errors_of_other_files_keep_their_name(tmp_path):
    with pytest.raises(FileNotFoundError) as raised, naming(tmp_path / "file"):
        (tmp_path / "other").stat()
    assert raised.value.filename == str(tmp_path / "other")


@pytest.mark.parametrize("below", ["", "part"])
def test_errors_name_what_a_temporary_path_becomes(tmp_path, below):
    temporary, path = tmp_path / "temporary", tmp_path / "file"
    with pytest.raises(FileNotFoundError) as raised, naming(path, temporary):
        (temporary / below).rename(tmp_path / "target")
    assert raised.value.filename == str(path / below)
    assert raised.value.filename2 is None
    assert str(raised.value).endswith(f": '{path / below}'")


def test_the_state_shows_a_write_and_a_replacement(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    os.utime(path, ns=(0, 0))
    before = FileState.of(path)
    with path.open("rb") as file:
        assert FileState.of(file.fileno()) == before
    (tmp_path / "new").write_bytes(b"new")
    os.utime(tmp_path / "new", ns=(0, 0))
    (tmp_path / "new").replace(path)
    replaced = FileState.of(path)
    assert replaced != before
    assert (replaced.size, replaced.mtime_ns) == (before.size, before.mtime_ns)
    path.write_bytes(b"more")
    assert FileState.of(path) != replaced
    assert changed_error(path).filename == str(path)
