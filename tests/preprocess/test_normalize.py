"""One way to write what Unicode can write in several."""

import unicodedata

import pytest
import step_checks

from bpe_tool.preprocess.steps.normalize import Normalize


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("e\u0301 \u1112\u1161\u11ab", {}, "é 한"),
        ("é 한", {"form": "NFD"}, "e\u0301 \u1112\u1161\u11ab"),
        ("ﬁ ² Ａ ｶﾞ", {"form": "NFKC"}, "fi 2 A ガ"),
        ("ﬁ e\u0301", {"form": "none"}, "ﬁ e\u0301"),
        ("  a \t b  \n\n c\t\n", {}, "a b\n\nc\n"),
        ("a\xa0\u3000 b \r\n", {}, "a b\r\n"),
        ("a\xa0\u3000 b ", {"whitespace": "spaces"}, "a   b "),
        (" a\xa0 b ", {"whitespace": "keep"}, " a\xa0 b "),
        (" a \n\n\u2028 b\x0b\x1cc ", {"whitespace": "join"}, "a b c"),
        ("a\u200bb\ufeffc\u2060\xadd", {}, "abcd"),
        ("e\u200b\u0301", {}, "é"),
        ("न\u200dk \u200c 👩\u200d🚀", {}, "न\u200dk \u200c 👩\u200d🚀"),
        ("a\u200bb", {"zero_width": False}, "a\u200bb"),
        ("a\r\nb\rc\x85d\u2028e", {"line_ends": True}, "a\nb\nc\nd\ne"),
        ("a\r\nb\rc", {}, "a\r\nb\rc"),
        ("“a” ‘b’ «c» „d‟ it’s 5′ `e`", {"quotes": True}, '"a" \'b\' "c" "d" it\'s 5\' `e`'),
        ("1–2 a—b −3 x‑y", {"dashes": True}, "1-2 a--b -3 x-y"),
    ],
)
def test_forms(text, options, expected):
    assert step_checks.check(Normalize(**options), text) == expected


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC", "NFKD"])
def test_every_character_after_a_letter_and_before_a_mark(form):
    step = Normalize(form=form, whitespace="keep", zero_width=False)
    codes = [code for code in range(0x30000) if not 0xD800 <= code < 0xE000]
    for first in range(0, len(codes), 4096):
        some = map(chr, codes[first : first + 4096])
        text = "|".join(f"a{character}\u0323\u0301" for character in some)
        assert step_checks.check(step, text) == unicodedata.normalize(form, text)


def test_rules():
    edits = Normalize(quotes=True).edits("e\u0301 a “a” a\u200bb x  y")
    assert [edit.rule for edit in edits] == ["nfc", "quote", "quote", "zero-width", "space"]
