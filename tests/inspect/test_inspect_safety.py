"""No token text reaches a terminal or a page unescaped, whatever the report."""

import json
import os

import pytest
from commands import ok, run
from hostile import (
    SPECIAL,
    TEXT,
    assert_page_is_safe,
    assert_terminal_is_safe,
    write_vocabulary,
)

REPORTS = {
    "text": ["text"],
    "special": ["text", "--special", "token"],
    "vocab": ["vocab"],
    "find": ["vocab", "--grep", ""],
    "lint": ["lint"],
    "corpus": ["corpus", "--null"],
    "tree": ["vocab", "--tree", "#260", "--limit", "500"],
}


@pytest.fixture(params=REPORTS)
def report(request, tmp_path) -> list[object]:
    name, *others = REPORTS[request.param]
    return ["inspect", name, "-t", *write_vocabulary(tmp_path / "a.tiktoken"), *others]


def test_terminal(report):
    output = ok(*report, stdin=TEXT + SPECIAL.encode())
    assert_terminal_is_safe(output)
    assert output.count(b"\n") > 2


def test_json_and_page(report, tmp_path):
    output = ok(*report, "--json", "--html", tmp_path / "a.html", stdin=TEXT + SPECIAL.encode())
    assert output.isascii()
    assert output.count(b"\n") == 1
    assert output[:-1].decode().isprintable()
    assert json.loads(output)["schema"].startswith("bpe_tool.inspect.")
    assert_page_is_safe((tmp_path / "a.html").read_bytes())


def test_output_that_cannot_say_unicode(tmp_path):
    path, *options = write_vocabulary(tmp_path / "a.tiktoken")[:-2]
    done = run(
        "inspect",
        "text",
        "-t",
        path,
        *options,
        stdin=TEXT,
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0"},
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert_terminal_is_safe(done.stdout)


def test_diff(tmp_path, vocab):
    path, *options = write_vocabulary(tmp_path / "a.tiktoken")
    (tmp_path / "sample").write_bytes(TEXT + SPECIAL.encode())
    command = ["inspect", "diff", path, vocab, tmp_path / "sample", "--null", *options]
    assert_terminal_is_safe(ok(*command))
    output = ok(*command, "--json", "--html", tmp_path / "a.html")
    assert output.isascii()
    assert json.loads(output)["schema"] == "bpe_tool.inspect.diff/1"
    assert_page_is_safe((tmp_path / "a.html").read_bytes())
