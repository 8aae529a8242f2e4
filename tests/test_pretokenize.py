"""Pretokens, against Oniguruma with the published regexes and the rule for invalid bytes."""

import base64
from functools import cache
from itertools import product

import generators
import pytest
from reference import PATTERNS, pretokenize

from bpe_tool import BpeToolError, _core

BYTES_ONLY = b"".join(base64.b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256))

# One or two characters of every class that a pattern tells apart.
REPRESENTATIVES = ["a", "B", "é", "ǅ", "ʰ", "中", "あ", "\u0301", "1", "٣", "'", "s", "!", "/", "€",
                   " ", "\t", "\n", "\r", "\u00a0", "\0", "\u200b", "😀",
                   "⼀", "。", "(", "Ａ", "\u3000"]  # fmt: skip
FEWER = ["a", "B", "s", "1", "'", "!", " ", "\n", "\u0301", "中", "\u00a0"]

CUSTOM = [
    r"a+",
    r"\p{L}+|\p{N}+",
    r"[^\n]+\n?",
    r"\p{L}+(?=\s)|\s+|[^\s]",
    r"(?i:ab|ba)+|\s+(?!\S)|\s",
    r"(?<=a)b+|a",
    r"(\p{L})\1+",
    r" ?\p{Lu}?\p{Ll}+|\p{N}{2}| ",
    r"(?:ab){2,3}|[ab]",
    r"[\p{L}&&[^\p{Han}a]]+|\s+",
    r"[^a\s&&\p{L}]+|[b[^\p{L}]]+",
    r" ?[^(\s|[.,!?])]+",
]


@cache
def core(pattern: str) -> _core.Tokenizer:
    return _core.Tokenizer.from_tiktoken(BYTES_ONLY, pattern, [])


def assert_same(pattern: str, splits: list[str], text: bytes) -> None:
    pretokens = core(pattern).pretokenize(text)
    assert pretokens == pretokenize(text, splits), text


def test_the_reference_knows_every_named_pattern():
    assert sorted(_core.PATTERNS) == sorted(PATTERNS)


@pytest.mark.parametrize("name", PATTERNS)
def test_generated_text(name: str):
    for text in generators.texts(seed=1, count=5000):
        assert_same(name, PATTERNS[name], text.encode())


@pytest.mark.parametrize("name", PATTERNS)
def test_generated_bytes(name: str):
    for text in generators.byte_strings(seed=2, count=5000):
        assert_same(name, PATTERNS[name], text)


@pytest.mark.parametrize("name", PATTERNS)
def test_all_short_texts_of_representative_characters(name: str):
    for size in (1, 2, 3):
        for characters in product(REPRESENTATIVES, repeat=size):
            assert_same(name, PATTERNS[name], "".join(characters).encode())
    for characters in product(FEWER, repeat=4):
        assert_same(name, PATTERNS[name], "".join(characters).encode())


@pytest.mark.parametrize("name", PATTERNS)
def test_every_character(name: str):
    """Every code point up to U+1FFFF, and every 61st of the even and private planes above."""
    codes = [*range(0xD800), *range(0xE000, 0x20000), *range(0x20000, 0x110000, 61)]
    for start in range(0, len(codes), 1000):
        text = "".join(f"a{chr(code)}1{chr(code)} " for code in codes[start : start + 1000])
        assert_same(name, PATTERNS[name], text.encode())


@pytest.mark.parametrize("name", PATTERNS)
def test_sample_texts(name: str, corpora):
    for path in corpora:
        assert_same(name, PATTERNS[name], path.read_bytes())


@pytest.mark.parametrize("pattern", CUSTOM)
def test_custom_regexes(pattern: str):
    for text in generators.texts(seed=3, count=1500):
        assert_same(pattern, [pattern], text.encode())
    for size in range(6):
        for characters in product("ab \n", repeat=size):
            assert_same(pattern, [pattern], "".join(characters).encode())


@pytest.mark.parametrize(
    ("text", "pretokens"),
    [
        (b"\xff", [b"\xff"]),
        (b"\xff\xfe", [b"\xff\xfe"]),
        (b"a\xffb", [b"a", b"\xff", b"b"]),
        (b" \xff a", [b" ", b"\xff", b" a"]),
        (b"\xe4\xb8", [b"\xe4\xb8"]),
        (b"\xe4\xb8a", [b"\xe4\xb8", b"a"]),
        (b"\xe4\xb8\xe4\xb8\xad", [b"\xe4\xb8", b"\xe4\xb8\xad"]),
        (b"\xed\xa0\x80", [b"\xed\xa0\x80"]),
        (b"\xc0\xaf\x80\x80", [b"\xc0\xaf\x80\x80"]),
        (b"\xf4\x90\x80\x80x", [b"\xf4\x90\x80\x80", b"x"]),
        (b"", []),
    ],
)
@pytest.mark.parametrize("name", ["cl100k", "gpt2", "o200k", "deepseek-v3", "none", r" ?\p{L}+"])
def test_each_run_of_invalid_bytes_is_one_pretoken(name, text, pretokens):
    assert core(name).pretokenize(text) == pretokens


def test_white_space_before_invalid_bytes_is_seen_as_the_end_of_a_text():
    assert core("cl100k").pretokenize(b"a  \xff  b") == [b"a", b"  ", b"\xff", b" ", b" b"]


def test_text_that_nothing_matches_is_kept():
    assert core(r"\d").pretokenize(b"ab1c") == [b"ab", b"1", b"c"]


@pytest.mark.parametrize("pattern", ["(", "[", r"\p{Nonsense}", "a{2,1}", "*"])
def test_a_broken_regex_is_refused(pattern):
    with pytest.raises(BpeToolError, match="pattern"):
        _core.Tokenizer.from_tiktoken(BYTES_ONLY, pattern, [])
