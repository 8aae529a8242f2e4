"""Taking punctuation out."""

import itertools
import string

import pytest
import step_checks

from bpe_tool.preprocess.steps.punctuation import RemovePunctuation, remove_punctuation


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("end.Start", "end Start"),
        ("Hello, world!", "Hello world"),
        ("Bonjour !", "Bonjour"),
        ("a - b", "a b"),
        ("a  -   b", "a  b"),
        ("a) (b", "a b"),
        ("a, - \t b", "a b"),
        ("don't don’t rock 'n' roll", "dont dont rock n roll"),
        ("well-known and/or", "well known and or"),
        ("  - item\n- two.\r\n...\n", "  item\ntwo\r\n\n"),
        ("a.  ", "a  "),
        ("“x”…«y»—z", "x y z"),
        ("$5 + 3^2 = `x`", "5 3 2 x"),
        ("€5 → ☺", "€5 → ☺"),
        ("中文。日本、「語」", "中文 日本 語"),
        ("سلام، دنیا؟", "سلام دنیا"),
        ("\tx.\ty\t.\tz", "\tx\ty\tz"),
        ("a\xa0-\u3000b", "a\xa0b"),
        ("l''homme a'.b", "l homme a b"),
        ("...", ""),
        ("'tis the dogs' day", "tis the dogs day"),
        ("𐄀x\U0001f600", "x\U0001f600"),
        ("Hawaiʼi", "Hawaiʼi"),
    ],
)
def test_what_stands_instead(text, expected):
    assert step_checks.check(RemovePunctuation(), text) == expected


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("a+b €5, ok ☺", {"which": "symbols"}, "a b 5, ok"),
        ("“a”, b… €5", {"which": "ascii"}, "“a” b… €5"),
        ("“a”, b… €5 ☺", {"which": "all"}, "a b 5"),
        ("#tag @me x.y", {"keep": "#@"}, "#tag @me x y"),
        ("a]b^c-d\\e", {"keep": "]^-\\"}, "a]b^c-d\\e"),
        ("'don't' ‘it’s’ dogs'", {"keep_apostrophes": True}, "don't it’s dogs"),
        ("-well-known- a‐b – x", {"keep_hyphens": True}, "well-known a‐b x"),
        ("हिंदी-उर्दू", {"keep_hyphens": True}, "हिंदी-उर्दू"),
        ("3.14, 1,000. .5 v.2 ٣.١", {"keep_decimals": True}, "3.14 1,000 5 v 2 ٣.١"),
    ],
)
def test_choices(text, options, expected):
    assert step_checks.check(RemovePunctuation(**options), text) == expected
    assert remove_punctuation(text, **options) == expected


@pytest.mark.parametrize(
    "emoji",
    [
        "☺\ufe0f", "☎\ufe0e", "©\ufe0f", "㊗\ufe0f", "👍🏽", "🏴\U000e0067\U000e0062\U000e007f",
        "🇩🇪", "👩\u200d🚀", "❤\ufe0f\u200d🔥", "🧑🏽\u200d🤝\u200d🧑🏻",
        "🏃🏿\u200d♀\ufe0f\u200d➡\ufe0f",
        "#\ufe0f\u20e3", "*\ufe0f\u20e3",
        "‼\ufe0f", "〰\ufe0f", "=\u0338", ".\u0301", "→\ufe0f", "…\u200c", "⚠\ufe0f\u200d",
        "☺\U000e0100",
    ],
)  # fmt: skip
def test_nothing_of_an_emoji_is_left(emoji):
    text = f"a {emoji} b{emoji}c {emoji}{emoji}.\n{emoji}"
    result = step_checks.check(RemovePunctuation(which="all"), text)
    assert result == "a b c\n"
    if emoji[0] in "#*‼〰.=":
        assert step_checks.check(RemovePunctuation(), text) == "a b c\n"
    elif emoji[0] not in "…":
        # What is no punctuation stays as it is.
        assert step_checks.check(RemovePunctuation(), emoji) == emoji


@pytest.mark.parametrize(
    "word",
    ["می\u200cخواهم", "क्\u200dष", "ক্\u200cষ", "ශ්\u200dරී", "e\u0301", "葛\U000e0100",
     "1\ufe0f\u20e3", "ᠮ\u180b"],
)  # fmt: skip
def test_joiners_and_marks_of_what_stays_stay(word):
    for which in ("unicode", "symbols", "ascii", "all"):
        step = RemovePunctuation(which=which)
        assert step_checks.check(step, f"{word} {word}") == f"{word} {word}"
    assert step_checks.check(RemovePunctuation(which="all"), f"({word})! ☺\ufe0f") == word


def test_nothing_of_ascii_is_left_by_default():
    assert remove_punctuation(string.punctuation) == ""


def test_all_short_texts():
    step = RemovePunctuation()
    for length in range(7):
        for letters in itertools.product("a.' \n", repeat=length):
            step_checks.check(step, "".join(letters))
    for letters in itertools.product("a.\t\r\u2000 ", repeat=5):
        step_checks.check(step, "".join(letters))


@pytest.mark.parametrize("unit", ["\t", " ", " \u3000", "\t!", "! ", "'", "\x01", "☺\ufe0f"])
def test_hostile_text_is_worked_through(unit):
    text = unit * (400_000 // len(unit))
    for each in (text, f"a{text}b!"):
        RemovePunctuation(which="all").apply(each)
        RemovePunctuation(which="all").edits(each)
