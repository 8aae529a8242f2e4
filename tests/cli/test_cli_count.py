"""`count`: tokens by file, with a total, a budget and a price."""

import json
import os
from pathlib import Path

import pytest
from commands import END, fails, ok, run, train


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder of texts, and two vocabularies: of bytes, and of more."""
    folder = tmp_path_factory.mktemp("count")
    (folder / "docs/sub").mkdir(parents=True)
    (folder / "docs/a.txt").write_text("abab" * 3)
    (folder / "docs/sub/b.txt").write_text("abab")
    (folder / "docs/sub/c.csv").write_text(f"id,text\n1,ab\n2,{END}\n")
    for name, size in [("bytes.json", 257), ("more.json", 258)]:
        train("--vocab-size", size, "--special-token", END, "-o", folder / name, stdin=b"abab")
    return folder


def counts(folder: Path, *arguments: object) -> list[list[str]]:
    done = run("count", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    return [line.split() for line in done.stdout.decode().splitlines()]


def test_a_table_with_a_total(folder):
    found = counts(folder, "-t", "bytes.json", "docs/a.txt", "docs/sub/b.txt")
    assert found == [
        ["tokens", "bytes", "file"], ["12", "12", "docs/a.txt"], ["4", "4", "docs/sub/b.txt"],
        ["16", "16", "total"],
    ]  # fmt: skip
    # One file is its own total.
    assert counts(folder, "-t", "bytes.json", "docs/a.txt") == found[:2]


def test_several_vocabularies_and_a_price(folder):
    vocabs = ["-t", "bytes.json", "-t", "more.json"]
    files = ["docs/sub/b.txt", "docs/a.txt"]
    found = counts(folder, *vocabs, *files, "--sort", "tokens", "--price", 500_000)
    assert found[0] == ["bytes.json", "more.json", "cost", "bytes.json", "cost", "more.json",
                        "bytes", "file"]  # fmt: skip
    assert found[1:] == [
        ["12", "6", "6.0000", "3.0000", "12", "docs/a.txt"],
        ["4", "2", "2.0000", "1.0000", "4", "docs/sub/b.txt"],
        ["16", "8", "8.0000", "4.0000", "16", "total"],
    ]
    assert counts(folder, *vocabs, *files, "--sort", "name")[1][-1] == "docs/a.txt"


def test_json_by_directory(folder):
    options = ["--by-directory", "--json", "--column", "text", "--budget", 40, "--special", "token"]
    done = run("count", "-t", "bytes.json", *options, "docs", cwd=folder)
    assert json.loads(done.stdout) == {
        "version": 1,
        "directories": [
            {"directory": "docs", "bytes": 12, "tokens": {"bytes.json": 12}},
            {"directory": "docs/sub", "bytes": 6 + len(END), "tokens": {"bytes.json": 7}},
        ],
        "total": {"bytes": 18 + len(END), "tokens": {"bytes.json": 19}},
        "budget": 40,
        "within_budget": True,
    }


def test_a_budget_that_is_passed(folder):
    done = run("count", "-t", "bytes.json", "--budget", 15, "docs/a.txt", "docs/sub/b.txt",
               cwd=folder)  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == b"bpe-tool: error: 16 tokens are more than the budget of 15\n"
    assert done.stdout.splitlines()[-1].split() == [b"16", b"16", b"total"]
    assert ok("count", "-t", folder / "bytes.json", "--budget", 4, stdin=b"abab")
    assert "Missing option '-t'" in fails(2, "count")


def test_names_that_are_not_utf8(vocab, tmp_path):
    path = os.fsencode(tmp_path) + b"/a\xff.txt"
    Path(os.fsdecode(path)).write_bytes(b"the cat")
    report = json.loads(run("count", "-t", vocab, "--json", tmp_path).stdout)
    assert [each["file"].endswith("a\\xff.txt") for each in report["files"]] == [True]
    done = run("chunk", "-t", vocab, "-n", 5, tmp_path)
    assert json.loads(done.stdout.splitlines()[0])["file"].endswith("a\\xff.txt")
