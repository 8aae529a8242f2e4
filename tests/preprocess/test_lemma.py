import pickle
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.edits import apply_edits
from bpe_tool.preprocess.english.lemmas import AMBIGUOUS, EXCEPTIONS
from bpe_tool.preprocess.steps import lemma as module
from bpe_tool.preprocess.steps.lemma import Lemmatize, lemmatize

WORDS = "saw Leaves LEFT the he is to meeting mice singing don’t हिन्दी שלום than"
PIECES = [*" \n\t-/.,@'’9\0", *WORDS.split()]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=2), max_size=14).map("".join)

CASES = [
    ("he saw the saw", "he see the saw"),
    ("to saw", "to saw"),
    ("she leaves, leaves fall", "she leave, leaf fall"),
    ("they left the left side", "they leave the left side"),
    ("turn left", "turn left"),
    ("we found it; to found a city", "we find it; to found a city"),
    ("is meeting in the meeting", "be meet in the meeting"),
    ("the ground", "the ground"),
    ("the bore bore it", "the bore bear it"),
    ("better and best", "good and good"),
    ("to better", "to better"),
    ("lighter than a lighter", "light than a lighter"),
    ("Mice MICE mice", "Mouse MOUSE mouse"),
    ("singing thinking fixed crosses", "sing think fix cross"),
    ("bare morals media opera seventh worse", "bare moral media opera seventh bad"),
    ("etc cf cm url linux wifi ml me", "etc cf cm url linux wifi ml me"),
    ("don’t can't isn't it’s that's", "don’t can't isn't it’s that's"),
    ("the dog’s tail", "the dog tail"),
    ("www.cats.com x@mice.org mice9", "www.cats.com x@mice.org mice9"),
    ("  mice \t mice\r\n", "  mouse \t mouse\r\n"),
    ("mice\0mice \ud800 mice", "mouse\0mouse \ud800 mouse"),
    ("he, saw", "he, see"),
    ("the\nsaw", "the\nsee"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_lemmas(text, expected):
    assert lemmatize(text) == expected


@settings(deadline=None)  # the first call loads dictionaries
@given(TEXTS)
def test_apply_makes_the_edits(text):
    for step in (Lemmatize(), Lemmatize(language="german", keep=("saw",))):
        edits = step.edits(text)
        assert step.apply(text) == apply_edits(text, edits)
        assert step.apply_all([text]) == [step.apply(text)]
        assert not any(text[edit.start : edit.end] == edit.text for edit in edits)


@settings(deadline=None)  # the first call loads dictionaries
@given(TEXTS)
def test_curly_equals_straight(text):
    straight = text.replace("’", "'")
    assert lemmatize(straight.replace("'", "’")).replace("’", "'") == lemmatize(straight)


def test_rules_and_confidence():
    step = Lemmatize()
    assert [
        (e.text, e.rule, e.confidence) for e in step.edits("he saw mice; saw dog's cars walks")
    ] == [
        ("see", "context-verb", 0.9),
        ("mouse", "exception", 1.0),
        ("see", "context-none", 0.6),
        ("dog", "possessive", 1.0),
        ("car", "exception", 1.0),
        ("walk", "dictionary", 1.0),
    ]


def test_kept_words():
    assert lemmatize("Saw mice", keep=("saw",)) == "Saw mouse"


def test_other_languages_by_name_and_code():
    assert lemmatize("die Häuser", language="german") == lemmatize("die Häuser", language="de")
    assert lemmatize("Häuser", language="de") == "Haus"
    assert lemmatize("gatos", language="es") == "gato"


def test_lemmas_of_the_table_stay_lemmas():
    """Otherwise a table that contradicts itself would go unseen."""
    for lemma in set(EXCEPTIONS.values()):
        assert lemma in AMBIGUOUS or lemmatize(lemma) == lemma
    assert len(EXCEPTIONS) + len(AMBIGUOUS) > 500


def test_a_missing_library_is_explained(monkeypatch):
    monkeypatch.setitem(sys.modules, "simplemma", None)
    module._lemmatizer.cache_clear()
    with pytest.raises(ArgumentError) as caught:
        Lemmatize()
    assert caught.value.hint == "pip install 'bpe-tool[lemma]'"


def test_unknown_languages_are_refused():
    with pytest.raises(ArgumentError, match="klingon"):
        Lemmatize(language="klingon")


def test_versions_are_told():
    assert list(Lemmatize().data_digests()) == ["simplemma", "english-exceptions"]
    assert list(Lemmatize(language="de").data_digests()) == ["simplemma"]


def test_steps_can_be_pickled():
    step = Lemmatize(keep=("news",))
    step.apply("mice")
    assert pickle.loads(pickle.dumps(step)) == step
    assert len(pickle.dumps(step)) < 500


@pytest.mark.parametrize("unit", ["s", " ", "saw ", "mice ", "saw", "'", "a'", "saw-", "的", "a."])
def test_long_lines(unit):
    text = unit * (200_000 // len(unit))
    step = Lemmatize()
    assert step.apply(text) == apply_edits(text, step.edits(text))
