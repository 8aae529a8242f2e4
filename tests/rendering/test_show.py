"""`Tokenizer.show`: on a terminal, in a pipe, in a notebook."""

import io
import sys
from types import SimpleNamespace

import pytest
from hostile import TEXT, assert_page_is_safe, assert_terminal_is_safe
from test_notebooks import page_of

import bpe_tool


@pytest.fixture(scope="module")
def small() -> bpe_tool.Tokenizer:
    texts = ["the cat sat on the mat"] * 9
    return bpe_tool.train_vocab(texts, vocab_size=270, special_tokens=["<|end|>"])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def on_a_terminal(monkeypatch) -> Terminal:
    """Standard output of the running test; a fixture would set that of its own setup."""
    for name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stdout", Terminal())
    return sys.stdout


@pytest.fixture
def notebook(monkeypatch) -> list:
    """What a notebook displays; IPython is only there in part."""
    displayed: list = []
    shell = SimpleNamespace(kernel=None)
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    display = SimpleNamespace(display=displayed.append)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return displayed


def test_in_a_pipe(small, capsys):
    assert small.show("the cat\n") is None
    assert capsys.readouterr().out == "3 tokens, 8 characters, 8 bytes\nthe|␣cat|⏎\n"


def test_no_text(small, capsys):
    small.show("")
    assert capsys.readouterr().out.startswith("0 tokens, 0 characters, 0 bytes\n")


def test_special_tokens(small, capsys):
    small.show("the<|end|>", special="token")
    assert "the|<\\|end\\|>" in capsys.readouterr().out
    with pytest.raises(bpe_tool.SpecialTokenError):
        small.show("the<|end|>", special="error")


def test_on_a_terminal(small, monkeypatch):
    terminal = on_a_terminal(monkeypatch)
    small.show("the cat")
    assert "\x1b[30;48;5;117mthe" in terminal.getvalue() and "|" not in terminal.getvalue()
    small.show(TEXT)
    assert_terminal_is_safe(terminal.getvalue().encode(), colour=True)


def test_where_little_can_be_written(small, monkeypatch):
    out = io.TextIOWrapper(io.BytesIO(), "ascii")
    monkeypatch.setattr(sys, "stdout", out)
    small.show("the cat €")
    out.flush()
    assert b"the|\\u2423cat" in out.buffer.getvalue()


def test_in_a_notebook(small, notebook, capsys):
    small.show("the <b>cat</b>")
    assert capsys.readouterr().out == ""
    (shown,) = notebook
    page = page_of(shown)
    assert_page_is_safe(page)
    assert b"14 characters, 14 bytes" in page
    assert repr(shown).split("\n")[1].startswith("the|")
    small.show(TEXT)
    assert_page_is_safe(page_of(notebook[1]))


def test_ipython_on_a_terminal_is_no_notebook(small, notebook, monkeypatch, capsys):
    sys.modules["IPython"].get_ipython().__dict__.clear()
    small.show("the cat")
    assert notebook == []
    assert "the|␣cat" in capsys.readouterr().out


def test_long_texts_are_refused(small):
    with pytest.raises(bpe_tool.LimitError):
        small.show(b"x" * 1_000_001)
