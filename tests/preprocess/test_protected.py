"""What is protected: what the core and the patterns for it find, in every place."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.preprocess import addresses
from bpe_tool.preprocess.protected import Protected

#: The definition of code and handles, as slow and obvious patterns.
CODE = (
    r"(?s:```.*?(?:```|\Z))"
    r"|(?<![\w`])``[^`\n]+(?:`[^`\n]+)*``(?![\w`])"
    r"|(?<![\w`])`[^`\n]+`(?![\w`])"
)
HANDLE = r"(?<![\w@])@\w[\w.]*"

PARTS = ["a", "b9", "http", "://", "www.", ".", "@", "`", "``", "```", " ", "\n", "-", "+", "x/y"]
PARTS += [
    "é",
    "e\u0301",
    "\U0001f600",
    "\ud800",
    "WwW2.",
    "WWW.",
    "org",
    "@[::1]",
    "谢",
    "_",
    "'",
    "’",
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see http://a.b/c's now", ["http://a.b/c's"]),
        ("at www.x.org/it's.", ["www.x.org/it's."]),
        ("to o'b@x.org and @me.", ["o'b@x.org", "@me."]),
        ("run `it's` or ``a`b``", ["`it's`", "``a`b``"]),
        ("```\nit's\n``` it's", ["```\nit's\n```"]),
        ("\U0001f600 \ud800 @me", ["@me"]),
        ("don`t and won`t", []),
        ("`open", []),
        ("a@b", []),
        ("", []),
    ],
)
def test_examples(text: str, found: list[str]):
    assert [text[start:end] for start, end in Protected(text).spans] == found


@given(st.lists(st.sampled_from(PARTS)).map("".join))
def test_everything_the_patterns_find_is_protected(text: str):
    protected = Protected(text)
    for match in re.finditer(HANDLE, text):
        assert protected.overlaps(*match.span()), match
    inside = {at for start, end in protected.spans for at in range(start, end)}
    for address in addresses.find(text):
        assert inside.issuperset(range(address.start, address.end)), address
    for match in re.finditer(CODE, text):
        assert inside.issuperset(range(*match.span()))
    for before, after in pairwise(protected.spans):
        assert before[0] < before[1] < after[0] < after[1] <= len(text)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('he said "use it" and used it', ['"use it"']),
        ("“so it goes on\n\nto here", ["“so it goes on\n\n"]),
        ("it's 'so' he said", ["'so'"]),
        ("> quoted\nnot quoted", ["> quoted"]),
        # Quotation marks in code open nothing.
        ('run `a "b` and "c" d', ['`a "b`', '"c"']),
        ('```\n"\n``` then', ['```\n"\n```']),
    ],
)
def test_quotations_are_protected_on_request(text: str, quoted: list[str]):
    protected = Protected(text, quotations=True)
    inside = "".join(
        character if protected.overlaps(at, at + 1) else "\0" for at, character in enumerate(text)
    )
    assert [part for part in inside.split("\0") if part] == quoted
