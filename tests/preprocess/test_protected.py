"""What is found at the marks is what the patterns find."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.preprocess import addresses
from bpe_tool.preprocess.protected import CODE, HANDLE, Protected

PARTS = ["a", "b9", "http", "://", "www.", ".", "@", "`", "``", "```", " ", "\n", "-", "+", "x/y"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see http://a.b/c's now", ["http://a.b/c"]),
        ("at www.x.org/it's.", ["www.x.org/it's"]),
        ("to o'b@x.org and @me.", ["o'b@x.org", "@me."]),
        ("run `it's` or ``a`b``", ["`it's`", "``a`b``"]),
        ("```\nit's\n``` it's", ["```\nit's\n```"]),
        ("don`t and won`t", []),
        ("`open", []),
        ("a@b", []),
        ("", []),
    ],
)
def test_examples(text: str, found: list[str]):
    assert [text[start:end] for start, end in Protected(text).spans()] == found


@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_everything_the_patterns_find_is_protected(text: str):
    protected = Protected(text)
    for match in re.finditer(HANDLE, text):
        assert protected.overlaps(*match.span()), match
    for address in addresses.find(text):
        assert protected.overlaps(address.start, address.end), address
    inside = {at for start, end in protected.spans() for at in range(start, end)}
    for match in re.finditer(CODE, text):
        assert inside.issuperset(range(*match.span()))
