"""No token text drives the terminal or the page, whatever report shows it."""

import json
import os

import pytest
from commands import ok, run
from hostile import (
    HOSTILE,
    SPECIAL,
    TEXT,
    assert_page_is_safe,
    assert_terminal_is_safe,
    is_printable,
    write_vocabulary,
)

from bpe_tool.rendering import blocks as view
from bpe_tool.rendering import terminal
from bpe_tool.rendering.html import page
from bpe_tool.rendering.tokens import visible

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


BLOCKS = [
    view.Facts(text, [(text, text)])
    for text in (raw.decode("utf-8", "surrogateescape") for raw in HOSTILE)
]
for facts in BLOCKS[: len(HOSTILE)]:
    text = facts.title
    raw = text.encode("utf-8", "surrogateescape")
    BLOCKS += [
        view.Table(text, [text, "n"], [(text, 1), (view.Hint(text, text), 1)], text),
        view.Bars(text, [text], [1.0], text),
        view.Bars(text, [text, text], [1.0, 2], text, True),
        view.Curve(text, text, text, [1, 2, 3], [3, 1, 2], "xy", (2, text), text),
        view.Pieces(text, [view.Piece(text, text, True)], text),
        view.Tree(text, [view.Branch(0, text, text), view.Branch(1, text, text)]),
        view.Search(text, [visible(raw)], [raw], [1], [0]),
    ]


@pytest.mark.parametrize("colour", [False, True])
def test_every_block_on_a_terminal(colour):
    output = terminal.render(BLOCKS, colour=colour)
    assert ("\x1b" in output) == colour
    assert_terminal_is_safe(output.encode(), colour=colour)


def test_every_block_on_a_page():
    assert_page_is_safe(page(HOSTILE[0].decode(), BLOCKS))


def test_what_is_shown_of_a_token_is_printable():
    for byte in range(256):
        assert is_printable(visible(bytes([byte])))
    for token in HOSTILE:
        assert is_printable(visible(token))


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
