"""Numbers, and words that hold digits."""

import pytest
import step_checks

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.steps.digits import RemoveDigits


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("I have 3 cats", {}, "I have cats"),
        ("a 1 2  3 b", {}, "a b"),
        ("In 2020, we", {}, "In, we"),
        ("7 days\n7", {}, "days\n"),
        ("$5 and (12)", {}, "$ and ()"),
        ("on 2024-01-05 at 10:30", {}, "on at"),
        ("3.14 and 1,000.", {}, "and."),
        ("covid-19, H2O and b2b", {}, "covid-19, H2O and b2b"),
        ("the 1st of the 1980s: v1.2.3 in 1999", {}, "the 1st of the 1980s: v1.2.3 in"),
        ("10km x_1 y's2 1e5 9", {}, "10km x_1 y's2 1e5"),
        ("1\ufe0f\u20e3 e\u03012 3\u0301 ४ कमरा१", {}, "e\u03012 कमरा१"),
        ("COVID-19, H2O and b2b", {"words": "same"}, ", and"),
        ("the 1st of v1.2.3", {"words": "remove"}, "the of"),
        ("x_1 y's2", {"words": "same"}, ""),
        ("COVID-19 H2O 1st 20", {"words": "keep"}, "COVID-19 H2O 1st"),
        ("COVID-19 H2O 20", {"action": "keep", "words": "remove"}, "20"),
        ("room 1205, H2O", {"action": "mask"}, "room 0000, H0O"),
        ("room 1205, H2O", {"action": "mask", "words": "keep"}, "room 0000, H2O"),
        ("room 1205, H2O", {"action": "mask", "words": "remove"}, "room 0000,"),
        ("in 2024, 10km H2O", {"action": "split"}, "in 2 0 2 4, 1 0 km H 2 O"),
        ("in 2024 H20", {"action": "keep", "words": "split"}, "in 2024 H 2 0"),
        ("2024年1月", {}, "年月"),
        ("ปี 2567", {}, "ปี"),
        ("٣ कमरा१ x", {"words": "same"}, "x"),
        ("٣ 5", {"which": "ascii"}, "٣"),
        ("x² ½ Ⅳ ①", {}, "x² ½ Ⅳ ①"),
        ("x² ½ y Ⅳ ①", {"which": "all"}, "x² y"),
        ("½ Ⅳ 10", {"which": "all", "action": "mask"}, "0 0 00"),
        ("no digits", {}, "no digits"),
    ],
)
def test_numbers_and_words(text, options, expected):
    assert step_checks.check(RemoveDigits(**options), text) == expected


def test_words_that_split_numbers_would_follow_are_refused():
    with pytest.raises(ArgumentError, match="makes numbers"):
        RemoveDigits(words="split")


def test_rules_tell_words_from_numbers():
    edits = RemoveDigits(words="same").edits("H2O or 12")
    assert [edit.rule for edit in edits] == ["remove-word", "remove-number"]
