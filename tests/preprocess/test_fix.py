"""Repair of mojibake."""

import sys

import pytest
import step_checks

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.steps import fix as module
from bpe_tool.preprocess.steps.fix import Fix


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schÃ¶n", "schön"),
        ("It costs 5 â‚¬ and â€“ well\nplain", "It costs 5 € and – well\nplain"),
        ("“it’s” ﬁ Ａ &amp; a\r\n\0\x1b[1m", "“it’s” ﬁ Ａ &amp; a\r\n\0\x1b[1m"),
        ("e\u0301 naïve café", "e\u0301 naïve café"),
        ("\ud83d\ude00", "😀"),
        ("", ""),
    ],
)
def test_only_what_is_broken_changes(text, expected):
    assert step_checks.check(Fix(), text) == expected


def test_edits_are_as_small_as_the_words_allow():
    edits = Fix().edits("Das schÃ¶ne MÃ¤rchen")
    assert [(edit.start, edit.end, edit.text) for edit in edits] == [(7, 9, "ö"), (13, 15, "ä")]


def test_a_missing_extra_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ftfy", None)
    module._fixer.cache_clear()
    with pytest.raises(ArgumentError, match="ftfy") as caught:
        Fix()
    assert caught.value.hint == "pip install 'bpe-tool[fix]'"
    module._fixer.cache_clear()


def test_the_version_is_part_of_the_result():
    assert set(Fix().data_digests()) == {"ftfy"}
