import pickle
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.edits import Edit, apply_edits
from bpe_tool.preprocess.steps import stem as module
from bpe_tool.preprocess.steps.stem import Stem, stem, stem_languages

PIECES = [
    *" \n\t-/.@'’_9\0",
    "running",
    "Flies",
    "CONNECTED",
    "cats",
    "हिन्दी",
    "שלום",
    "Häuser",
    "dog’s",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join)

CASES = [
    ("running connections", "run connect"),
    ("Running FLIES Flies", "Run FLI Fli"),
    ("the dog’s cats don’t", "the dog cat don’t"),
    ("decision-making and cats/dogs", "decis-make and cat/dog"),
    ("https://www.examples.com/cats x@dogs.org cats9 cats_dogs", None),
    ("  two  spaces\tcats\r\n\r\n", "  two  space\tcat\r\n\r\n"),
    ("cats\0dogs \ud800cats", "cat\0dog \ud800cat"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_stems(text, expected):
    assert stem(text) == (text if expected is None else expected)


@given(TEXTS)
def test_apply_makes_the_edits(text):
    for step in (Stem(), Stem(language="german", keep=("häuser",))):
        edits = step.edits(text)
        assert step.apply(text) == apply_edits(text, edits)
        assert step.apply_all([text, text]) == [step.apply(text)] * 2
        assert not any(text[edit.start : edit.end] == edit.text for edit in edits)


@given(st.text())
def test_curly_equals_straight(text):
    assert stem(text.replace("'", "’")).replace("’", "'") == stem(text.replace("’", "'"))


def test_edits_name_the_algorithm():
    assert Stem(language="en").edits("my cats") == [Edit(3, 7, "cat", "snowball-english")]


def test_kept_words():
    assert stem("News cats NEWS", keep=("news",)) == "News cat NEWS"


def test_stemming_twice_may_cut_twice():
    assert not Stem.idempotent
    words = ["abasements", "generalizations", "organizations", "easily", "advertisers"]
    assert any(stem(stem(word)) != stem(word) for word in words)


def test_both_libraries_agree(monkeypatch):
    texts = [
        "running flies nationally Häuser Mädchen добрые книги ändringar être parlaient maisons"
    ]
    languages = stem_languages()
    fast = [Stem(language=language).apply_all(texts) for language in languages]
    monkeypatch.setitem(sys.modules, "Stemmer", None)
    assert module._library()[0] == "snowballstemmer"
    assert stem_languages() == languages
    assert [Stem(language=language).apply_all(texts) for language in languages] == fast
    assert list(Stem().data_digests()) == ["snowballstemmer"]


def test_missing_libraries_are_explained(monkeypatch):
    monkeypatch.setitem(sys.modules, "Stemmer", None)
    monkeypatch.setitem(sys.modules, "snowballstemmer", None)
    with pytest.raises(ArgumentError) as caught:
        Stem()
    assert caught.value.hint == "pip install 'bpe-tool[stem]'"


def test_unknown_languages_are_refused():
    with pytest.raises(ArgumentError, match="klingon") as caught:
        Stem(language="klingon")
    assert "english" in caught.value.hint


def test_versions_are_told():
    assert list(Stem().data_digests()) in (["PyStemmer"], ["snowballstemmer"])


def test_steps_can_be_pickled():
    step = Stem(keep=("news",))
    step.apply("running")
    assert pickle.loads(pickle.dumps(step)) == step
    assert len(pickle.dumps(step)) < 500


@pytest.mark.parametrize("unit", ["s", " ", "cats ", "cats", "'", "a'", "cats-", "的", "a."])
def test_long_lines(unit):
    text = unit * (200_000 // len(unit))
    step = Stem()
    assert step.apply(text) == apply_edits(text, step.edits(text))
