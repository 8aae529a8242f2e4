"""Words and characters of Unicode's Standard Annex 29."""

import generators
import pytest
import regex
import step_checks

from bpe_tool.preprocess.segment import (
    SplitCharacters,
    SplitWords,
    characters,
    words,
)

# Each text with its segments between bars; own cases, one or more to each rule of the annex.
WORDS = [
    "She|can't|can’t|U.S|.|3.14|1,000|x_y|_1|a.|b",
    "well|-|known|a|/|b|a|:|1|a:b|a|.|.|b|1|.|a",
    "e\u0301te\u0301|a\u200db|a\u00adb|\u0301x",
    "中|文|ひ|ら|カタカナ|カ_ー|ガ|한국어|ab|中",
    "א\"א|א'|א|\"|a|\"|b",
    "🇩🇪|🇫🇷|🇮|👩\u200d🚀|👍🏽|☎\ufe0f|ℹ\u200dℹ",
    "हिन्दी|ไ|ท|ย|שלום|مرحبا|١٢٣|٣٫١٤",
    "a\u2060b|a\u200b|😀|\0|€|+|#|@",
]
CHARACTERS = [
    "a|b| |\r\n|\n|\r|\0|e\u0301\u0323|c",
    "한|국|\u1112\u1161\u11ab|\u1112\u1161|가\u11ab|ㄱ|\u11ab\u11ab",
    "🇩🇪|🇫🇷|🇮|a|👩\u200d👩\u200d👧|👍🏽|#\ufe0f\u20e3|🏴\U000e0067\U000e007f",
    "क्षि|न\u094d\u200dत|का|நி|\u0600a|กำ|a\u200d|b|a\u094d|त",
    "か\u3099|\u0301",
]


@pytest.mark.parametrize("segments", WORDS, ids=ascii)
def test_words(segments):
    # Some belong together only if they touch, so each text is also split as a whole.
    expected = segments.split("|")
    assert words(" ".join(expected)) == [
        word for segment in expected for word in words(segment)
    ]
    for word in expected:
        assert "".join(words(word)) == word
    for first, second in zip(expected, expected[1:], strict=False):
        assert words(first) in ([first], [first[0], first[1:]], [first[:-1], first[-1]])
        assert second


@pytest.mark.parametrize("clusters", CHARACTERS, ids=ascii)
def test_characters(clusters):
    assert characters(clusters.replace("|", "")) == clusters.split("|")
