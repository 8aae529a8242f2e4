"""`truncate` and `chunk`: text within a number of tokens."""

import json
from pathlib import Path

import pytest
from commands import fails, ok, train

TEXT = b"It was the best of times,\nit was the worst.\n\nA new paragraph. \xc3\xbc\n"


@pytest.fixture(scope="module")
def vocab(tmp_path_factory) -> Path:
    """A vocabulary of single bytes."""
    path = tmp_path_factory.mktemp("pieces") / "v.json"
    train("--vocab-size", 256, "-o", path, stdin=b"a")
    return path


def chunks(vocab: Path, *arguments: object, stdin: bytes = TEXT) -> list[dict]:
    done = ok("chunk", "-t", vocab, *arguments, stdin=stdin)
    return [json.loads(line) for line in done.splitlines()]


@pytest.mark.parametrize("boundary", ["token", "word", "line", "paragraph"])
def test_chunks_are_the_text(vocab, boundary):
    found = chunks(vocab, "-n", 20, "--at", boundary)
    assert "".join(each["text"] for each in found).encode() == TEXT
    for each in found:
        assert each["text"].encode() == TEXT[each["start"] : each["end"]]
        assert each["tokens"] == each["end"] - each["start"] <= 20
    assert (found[0]["file"], found[0]["record"]) == ("<stdin>", 1)


def test_where_chunks_end(vocab):
    def texts(*arguments: object) -> list[str]:
        return [each["text"] for each in chunks(vocab, *arguments)]

    assert texts("-n", 20, "--at", "word")[:2] == ["It was the best of", " times,\nit was the"]
    # The first line has 26 bytes: it is cut at a token.
    assert texts("-n", 20, "--at", "line")[:3] == [
        "It was the best of t", "imes,\n", "it was the worst.\n\n"
    ]  # fmt: skip
    assert texts("-n", 48, "--at", "paragraph") == [
        "It was the best of times,\nit was the worst.\n\n", "A new paragraph. ü\n"
    ]  # fmt: skip
    assert texts("-n", 20, "--at", "word", "--overlap", 9)[:2] == [
        "It was the best of", " best of times,\nit"
    ]  # fmt: skip


def test_records_are_chunked_one_by_one(vocab):
    found = chunks(vocab, "-n", 2, "--ndjson", "t", stdin=b'{"t":"abc"}\n{"t":"d"}\n')
    assert [(each["record"], each["start"], each["text"]) for each in found] == [
        (1, 0, "ab"), (1, 2, "c"), (2, 0, "d")
    ]  # fmt: skip
    assert "<stdin>: not UTF-8" in fails(3, "chunk", "-t", vocab, "-n", 9, stdin=b"a\xff\n")
    assert "must be smaller" in fails(2, "chunk", "-t", vocab, "-n", 9, "--overlap", 9)


def test_truncate(vocab):
    cut = ["truncate", "-t", vocab, "-n"]
    assert ok(*cut, 6, stdin=TEXT) == TEXT[:6]
    assert ok(*cut, 999, stdin=TEXT) == TEXT
    assert ok(*cut, 2, "--lines", stdin=b"abc\n\nd\nefg") == b"ab\n\nd\nef"
    record = b'{"n":1.0, "t":"ab\xc3\xbc"}\nnull\n'
    assert ok(*cut, 3, "--ndjson", "t", stdin=record) == record.replace(b"\xc3\xbc", b"")
    assert "<stdin>: line 1" in fails(3, *cut, 3, "--ndjson", "t", stdin=b"[]\n")


def test_texts_of_several_files_are_not_joined(vocab, tmp_path):
    for name, text in [("a.txt", "one two three four five"), ("b.txt", "x\n"), ("c.txt", "yes")]:
        (tmp_path / name).write_text(text)
    files = [tmp_path / name for name in ("a.txt", "b.txt", "c.txt")]
    kept = "one"
    shown = ok("truncate", "-t", vocab, "-n", 3, *files).decode()
    assert shown == f"{kept}\nx\nyes"
    assert ok("truncate", "-t", vocab, "-n", 3, "--lines", *files).decode() == shown
