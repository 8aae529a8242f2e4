"""An output that is one of the inputs is replaced when all of it has been read."""

import pytest
from commands import fails, ok, run, train

LINES = b"".join(b"Line %d of THE text\n" % number for number in range(60_000))


@pytest.fixture(scope="module")
def vocab(tmp_path_factory):
    path = tmp_path_factory.mktemp("v") / "v.json"
    train("--vocab-size", 256, "-o", path, stdin=b"")
    return path


def done(*arguments: object) -> None:
    assert run(*arguments, "-q").returncode == 0


@pytest.mark.parametrize("verb", ["encode", "preprocess", "truncate", "chunk"])
@pytest.mark.parametrize("named", ["file", "glob", "folder", "link", "hard link", "second"])
def test_nothing_is_read_of_what_replaces_it(verb, named, vocab, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    path = folder / "text.txt"
    path.write_bytes(LINES)
    arguments = {
        "encode": ["encode", "-t", vocab],
        "preprocess": ["preprocess", "--lowercase"],
        "truncate": ["truncate", "-t", vocab, "-n", 1_000_000],
        "chunk": ["chunk", "-t", vocab, "-n", 100_000],
    }[verb]
    inputs, output = [path], path
    if named == "glob":
        inputs = [folder / "*.txt"]
    elif named == "folder":
        inputs = [folder]
    elif named == "link":
        output = tmp_path / "link"
        output.symlink_to(path)
    elif named == "hard link":
        output = tmp_path / "link"
        output.hardlink_to(path)
    elif named == "second":
        (tmp_path / "first").write_bytes(b"first\n")
        inputs = [tmp_path / "first", path]
    expected = ok(*arguments, "-q", *inputs)
    done(*arguments, *inputs, "-o", output)
    assert output.read_bytes() == expected
    # A hard link is one name of two: the other keeps the text.
    assert path.read_bytes() == (LINES if named == "hard link" else expected)
    assert sorted(each.name for each in folder.iterdir()) == ["text.txt"]


def test_an_input_stays_if_it_cannot_be_replaced(vocab, tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(LINES + b"\xff\n")
    assert "not UTF-8" in fails(3, "preprocess", "--lowercase", path, "-o", path)
    assert path.read_bytes() == LINES + b"\xff\n"


def test_one_file_for_each_input_never_replaces_an_input(vocab, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"A\n")
    (tmp_path / "a.txt.ids").write_bytes(b"B\n")
    said = fails(2, "encode", "-t", vocab, "--per-file", "-q", tmp_path, "-o", tmp_path)
    assert "is an input, too" in said
    assert "is an input, too" in fails(
        2, "preprocess", "--lowercase", "-q", tmp_path / "a.txt", "-o", f"{tmp_path}/"
    )
    assert (tmp_path / "a.txt").read_bytes() == b"A\n"
