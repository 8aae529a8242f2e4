"""No text in a block reaches a terminal or a page unescaped."""

import dataclasses
import importlib.metadata
import re
from typing import get_args

import pytest
from hostile import HOSTILE, assert_page_is_safe, assert_terminal_is_safe, is_printable

from bpe_tool.rendering import blocks as view
from bpe_tool.rendering import terminal
from bpe_tool.rendering.html import page
from bpe_tool.rendering.tokens import visible

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
        view.Bars(text, [text, text], [1.0, 2], text, (text, text)),
        view.GroupedBars(text, [text], [text, text], [(1, 2.5)], text),
        view.Curve(text, text, text, [1, 2, 3], [3, 1, 2], "xy", (2, text), text),
        view.Pieces(text, [view.Piece(text, text, True)], text),
        view.Tree(text, [view.Branch(0, text, text), view.Branch(1, text, text)]),
        view.Search(text, [visible(raw)], [raw], [1], [0]),
        view.StackedBars(text, [text], [text, text], [(1, 2)]),
        view.Sparklines(text, [text], [(1, 2)]),
    ]


@pytest.mark.parametrize("colour", [False, True])
def test_every_block_on_a_terminal(colour):
    output = terminal.render(BLOCKS, colour=colour)
    assert ("\x1b" in output) == colour
    assert_terminal_is_safe(output.encode(), colour=colour)


def test_every_block_on_a_page():
    text = HOSTILE[0].decode()
    assert_page_is_safe(page(text, BLOCKS, about=text, command=text))


def test_the_end_of_a_page(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400")
    footer = re.search("<footer>(.*)</footer>", page("a", [], command="bpe-tool <b>").decode())[1]
    version = importlib.metadata.version("bpe-tool")
    assert footer == f"bpe_tool {version} · 1970-01-02 · <code>bpe-tool &lt;b&gt;</code>"
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert re.search(r"<footer>bpe_tool \S+ · 20\d\d-\d\d-\d\d</footer>", page("a", []).decode())


def test_what_is_shown_of_a_token_is_printable():
    for byte in range(256):
        assert is_printable(visible(bytes([byte])))
    for token in HOSTILE:
        assert is_printable(visible(token))


def test_every_kind_of_block_is_here():
    assert {*map(type, BLOCKS)} == {*get_args(view.Block)}
    assert all(map(dataclasses.is_dataclass, BLOCKS))
