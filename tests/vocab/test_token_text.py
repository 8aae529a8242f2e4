"""Tokens written as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.errors import DataError
from bpe_tool.vocab.token_text import escape, read_tokens, unescape


@given(st.binary(max_size=30) | st.text(max_size=30).map(lambda t: t.encode("utf-8", "replace")))
def test_any_token_comes_back(token: bytes):
    text = escape(token)
    assert text.isprintable()
    assert '"' not in text
    assert unescape(text.encode()) == token


def test_what_is_printable_stays():
    assert escape(" naïve 中文 🙂".encode()) == " naïve 中文 🙂"
    assert escape(b'\t"\\\xe4\xb8') == r"\t\x22\\\xe4\xb8"


def test_a_list_has_one_token_a_line(tmp_path):
    path = tmp_path / "list.txt"
    path.write_bytes(b" the\r\n\n\\x41\\n\n \nend")
    assert read_tokens(path) == [b" the", b"A\n", b" ", b"end"]
    for wrong in (rb"\q", rb"\x4", rb"\xZZ", b"\\"):
        path.write_bytes(b"fine\n" + wrong)
        with pytest.raises(DataError, match="line 2"):
            read_tokens(path)
