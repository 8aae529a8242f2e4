"""Lower case."""

import sys

import pytest

from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.steps.case import Lowercase, lowercase


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("ABC Éß ŒŠ", {}, "abc éß œš"),
        ("ΟΔΥΣΣΕΥΣ ΣΑΣ.", {}, "οδυσσευς σας."),
        ("İstanbul", {}, "i\u0307stanbul"),
        ("Straße ΣΑΣ ﬁ", {"fold": True}, "strasse σασ fi"),
        ("DİYARBAKIR I\u0307I", {"turkish": True}, "diyarbakır iı"),
        ("I\u0323\u0307 I\u0301\u0307", {"turkish": True}, "i\u0323 ı\u0301\u0307"),
        ("IŞIĞA SS", {"turkish": True, "fold": True}, "ışığa ss"),
        ("NASA's PCs, THE U.S. Army", {"keep_acronyms": True}, "NASA's PCs, THE U.S. army"),
        ("H2O B2B COVID-19 A1 I X.", {"keep_acronyms": True}, "H2O B2B COVID-19 a1 i x."),
        ("iPhone McX ABCd ÄÖ", {"keep_acronyms": True}, "iphone mcx abcd ÄÖ"),
        ("Ⓐ Ⅷ 𝐀 Ꭰ Ა", {}, "Ⓐ Ⅷ 𝐀 Ꭰ Ა".lower()),
    ],
)
def test_letters(text, options, expected):
    assert lowercase(text, **options) == expected


def test_edits_are_stretches():
    assert Lowercase().edits("ABc DéÉ") == [
        Edit(0, 2, "ab", "lower"),
        Edit(4, 5, "d", "lower"),
        Edit(6, 7, "é", "lower"),
    ]


def test_every_character_by_itself():
    for code in range(sys.maxunicode + 1):
        lowered = chr(code).lower()
        assert lowered.lower() == lowered
        folded = chr(code).casefold()
        assert folded.casefold() == folded
    # Only this one changes the length, which the edits rely on.
    assert [chr(code) for code in range(sys.maxunicode + 1) if len(chr(code).lower()) != 1] == ["İ"]
