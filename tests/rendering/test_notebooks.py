"""How values show themselves: as text, and in notebooks."""

import html
import re

import pytest
from hostile import HOSTILE, assert_page_is_safe

import bpe_tool


@pytest.fixture(scope="module")
def small() -> bpe_tool.Tokenizer:
    return bpe_tool.train_vocab(["the cat sat on the mat"] * 9, vocab_size=270)


def page_of(value: object) -> bytes:
    """The page in the frame that a notebook shows."""
    markup = value._repr_html_()
    frame = re.fullmatch(r'<iframe sandbox="allow-scripts" [^<>]*></iframe>', markup)
    assert frame, markup[:200]
    return html.unescape(re.search(r'srcdoc="([^"]*)"', markup)[1]).encode()


def test_reports(small):
    reports = [
        bpe_tool.inspect_text(small, "the <b>cat</b>"),
        bpe_tool.inspect_vocab(small),
        bpe_tool.inspect_corpus(small, ["the cat"]),
        bpe_tool.inspect_lint(small),
        bpe_tool.inspect_diff(small, small),
        bpe_tool.token_tree(small, 256),
        bpe_tool.search_vocab(small, text="a"),
    ]
    for report in reports:
        assert_page_is_safe(page_of(report))
        assert len(repr(report)) < 300
        assert repr(report).startswith(f"<{type(report).__name__}: ")
        assert str(report).split("\n")[0] == report.view()[0].title


def test_text(small):
    report = bpe_tool.inspect_text(small, "the cat")
    assert str(report).startswith("Tokens\nthe|␣cat\n")


def test_tokenizers(small):
    page = page_of(small)
    assert_page_is_safe(page)
    assert b"cl100k" in page
    hostile = bpe_tool.train_vocab(
        ["a"],
        vocab_size=270,
        special_tokens=[each.decode("utf-8", "replace") for each in HOSTILE[:4]],
    )
    assert_page_is_safe(page_of(hostile))


@pytest.mark.parametrize("side", ["right", "left"])
def test_batches(side):
    rows = [[7] * 50, [8, 9], []]
    batch = bpe_tool.Causal().apply(bpe_tool.pad(rows, pad_id=0, side=side))
    page = page_of(batch).decode()
    assert_page_is_safe(page.encode())
    assert ">8 9<" in page and f">{'7 ' * 40}…<" in page
    many = bpe_tool.pad([[1]] * 99, pad_id=0)
    assert "and 79 more" in page_of(many).decode()


def test_frames_are_as_high_as_their_contents(small):
    def height(value: object) -> int:
        return int(re.search(r"height: (\d+)px", value._repr_html_())[1])

    one, more, many = (bpe_tool.pad([[1]] * rows, pad_id=0) for rows in (1, 3, 99))
    assert height(one) < height(more) < height(many)
    assert height(small) < height(bpe_tool.inspect_vocab(small)) == height(many)


def test_long_values_have_a_line_of_their_own():
    regex = "|".join(["[a-z]+"] * 9)
    tokenizer = bpe_tool.train_vocab(["a"], vocab_size=256, pattern=regex)
    assert '<div class="wide"><dt>pattern</dt>' in page_of(tokenizer).decode()


def test_no_tokens(small):
    page = page_of(bpe_tool.inspect_text(small, "")).decode()
    assert "No tokens." in page and "Hover a token" not in page
