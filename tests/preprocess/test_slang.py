"""Informal spellings are written out, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.preprocess.apostrophes import APOSTROPHES
from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.steps.slang import SLANG, ExpandSlang, expand_slang


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I'm gonna go", "I'm going to go"),
        ("Wanna come?", "Want to come?"),
        ("DUNNO!", "DO NOT KNOW!"),
        ("Gimme 'em", "Give me them"),
        ("c'mon, lemme see", "come on, let me see"),
        ("\u2019Cause I said so", "Because I said so"),
        ("wait 'til ten", "wait until ten"),
        ("imma go", "I am going to go"),
        ("y'know, kinda", "you know, kind of"),
        ("rock 'n' roll", "rock 'n' roll"),
        ("the word 'em' is short", "the word 'em' is short"),
        ("r u ok, Jan.?", "r u ok, Jan.?"),
        ("`gonna` and http://x.org/gonna and @gonna", "`gonna` and http://x.org/gonna and @gonna"),
        ("He's goin', comin' and DOIN' nothin’.", "He's going, coming and DOING nothing."),
        ("'goin' home', cabin' or pumpkin'", "'goin' home', cabin' or pumpkin'"),
        ("agoin' x_goin' goin'x `goin'`", "agoin' x_goin' goin'x `goin'`"),
        ("gonnas, Wannack", "gonnas, Wannack"),
        ("", ""),
    ],
)
def test_examples(text: str, expected: str):
    assert expand_slang(text) == expected


@pytest.mark.parametrize("word", SLANG)
def test_every_spelling_is_found(word: str):
    for apostrophe in APOSTROPHES:
        assert expand_slang(f"so {word.replace(chr(39), apostrophe)} so") == f"so {SLANG[word]} so"


@given(st.lists(st.sampled_from([*SLANG, " ", "x", "'", "`", "@", ".", "A", "\n"])).map("".join))
def test_apply_makes_the_edits_and_is_idempotent(text: str):
    step = ExpandSlang()
    edits = step.edits(text)
    assert all(text[edit.start : edit.end] != edit.text for edit in edits)
    once = step.apply(text)
    assert once == apply_edits(text, edits) == step.apply_all([text])[0]
    assert step.apply(once) == once
