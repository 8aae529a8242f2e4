"""Words and characters of Unicode's Standard Annex 29."""

import itertools

import generators
import pytest
import step_checks

from bpe_tool.preprocess.steps.segment import (
    SplitCharacters,
    SplitWords,
    characters,
    words,
)

# Texts with a bar at each boundary; own cases for the rules of the annex.
WORDS = [
    "can't|.|.|can’t|/|U.S|,|3.14|-|1,000|-|x_y|+|_1|+|a|.|1",
    "well|-|known|;|a|/|b|;|a:b|.|.|b|*|1|.|a",
    'e\u0301te\u0301|;|a\u200db|;|a\u00adb|;|"|a|"',
    "中|文|ひ|ら|カタカナ|中|カ_ー|中|한국어|中|ab|中",
    "א\"א|;|א'|;|א|\"|;|א'א",
    "🇩🇪|🇫🇷|🇮|👩\u200d🚀|👍🏽|☎\ufe0f|;|ℹ\u200dℹ|;|😀\u200dℹa",
    "हिन्दी|;|שלום|;|مرحبا|-|١٢٣|-|٣٫١٤|;|a",
    "a\u2060b|;|€|+|#|@|\0",
]
CHARACTERS = [
    "a|b| |\r\n|\n|\r|\0|e\u0301\u0323|c",
    "한|국|\u1112\u1161\u11ab|\u1112\u1161|가\u11ab|ㄱ|\u11ab\u11ab",
    "🇩🇪|🇫🇷|🇮|a|👩\u200d👩\u200d👧|👍🏽|#\ufe0f\u20e3|🏴\U000e0067\U000e007f",
    "क्षि|न\u094d\u200dत|का|நி|\u0600a|กำ|a\u200d|b|a\u094d|त",
    "か\u3099\u0301|\n|\u0301",
]


@pytest.mark.parametrize("segments", WORDS, ids=ascii)
def test_words(segments):
    assert words(segments.replace("|", "")) == segments.split("|")


@pytest.mark.parametrize("clusters", CHARACTERS, ids=ascii)
def test_characters(clusters):
    assert characters(clusters.replace("|", "")) == clusters.split("|")


def test_ascii_by_both_ways():
    # A character that is not ASCII, apart from the rest, makes the text take the long way.
    for letters in itertools.product("a1_.'\",; \x1c", repeat=5):
        text = "".join(letters)
        assert words(text) == words(f"{text}\n\u3000")


def test_characters_are_the_text():
    for text in [*step_checks.NASTY, *generators.texts(6, 500)]:
        assert "".join(characters(text)) == text
        assert "".join("".join(words(text)).split()) == "".join(text.split())


def test_words_without_punctuation():
    text = "Hi — “it’s” 3.14 € 😀 © 🇩🇪 ... \u200b x_y _"
    assert words(text, drop_punctuation=True) == [
        "Hi", "it’s", "3.14", "😀", "©", "🇩🇪", "x_y",
    ]  # fmt: skip


def test_line_ends_stay():
    text = "  a b,\r\n\n c  d \n"
    assert step_checks.check(SplitWords(), text) == "a b ,\r\n\nc d\n"
    assert step_checks.check(SplitCharacters(), text) == "a b ,\r\n\nc d\n"
    assert step_checks.check(SplitCharacters(space="_"), text) == "a _ b ,\r\n\nc _ d\n"
