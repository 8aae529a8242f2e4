"""Steps done chunk by chunk give what they give one after the other."""

from itertools import combinations

import generators
import pytest
import step_checks
from hypothesis import given, settings
from hypothesis import strategies as st

from bpe_tool.preprocess import chunks as chunks_module
from bpe_tool.preprocess import step as step_module
from bpe_tool.preprocess.chunks import Chunks, Lines, _by_chunks, joined
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.preprocess.steps import normalize as normalize_module
from bpe_tool.preprocess.steps.digits import RemoveDigits
from bpe_tool.preprocess.steps.normalize import Normalize
from bpe_tool.preprocess.steps.punctuation import RemovePunctuation
from bpe_tool.preprocess.steps.stem import Stem
from bpe_tool.preprocess.steps.stopwords import RemoveStopwords

STEPS = [
    RemoveDigits(),
    RemoveDigits(action="split"),
    RemoveDigits(action="mask", words="remove"),
    RemovePunctuation(),
    RemovePunctuation(which="all", keep_apostrophes=True, keep_decimals=True),
    RemovePunctuation(which="symbols", keep="+", keep_hyphens=True),
    RemoveStopwords(lists=("english",)),
    RemoveStopwords(lists=("english", "french"), keep_negation=False, extra=("x",)),
    Stem(),
    Stem(language="french", keep=("flies",)),
]
# What the steps treat in ways of their own, glued and spaced in every way.
PIECES = st.sampled_from(
    ["the", "The", "of", "l'", "l’homme", "don't", "flies", "x", "5", "10.5", "1st", "H2O", "a-5",
     "(", ")", ",", ".", "-", "—", "'", "€", "+", "?!", "٣", "中", "é", "\u0301", "\ufdd0", "\x01",
     " ", " ", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2028"]
)  # fmt: skip
TEXTS = st.lists(PIECES, max_size=24).map("".join)


def one_by_one(steps, text):
    for step in steps:
        text = step.apply(text)
    return text


def check(steps, texts):
    chunks = Chunks(steps)
    expected = [one_by_one(steps, text) for text in texts]
    assert [chunks.apply(text) for text in texts] == expected
    assert chunks.apply_all(texts) == expected


@pytest.mark.parametrize("step", STEPS, ids=str)
@settings(max_examples=150)
@given(texts=st.lists(TEXTS, max_size=4))
def test_each_step(step, texts):
    check([step], texts)


@settings(max_examples=300)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=2, max_size=5), text=TEXTS)
def test_any_steps_in_any_order(steps, text):
    check(steps, [text])


def test_texts_of_every_script():
    texts = [*step_checks.NASTY, *generators.texts(7, 200)]
    for steps in combinations(STEPS[::2], 2):
        check(steps, texts)


def test_most_of_ordinary_text_is_never_seen_twice(corpora):
    text = next(path for path in corpora if path.name == "prose.txt").read_text(encoding="utf-8")
    lines = Normalize().apply(text).split("\n")
    steps = [RemoveDigits(), RemovePunctuation(), RemoveStopwords(), Stem()]
    asked = []

    class Asked(RemoveDigits):
        def chunk(self, chunk):
            asked.append(chunk)
            return super().chunk(chunk)

    check([Asked(), *steps[1:]], lines)
    assert len(asked) == len(set(asked)) < text.count(" ") / 2


def test_long_texts_go_through_in_pieces(monkeypatch):
    """One call of a method of `str` on a GB takes seconds, in which no signal is heard."""
    lengths = []

    class Seen(Normalize):
        def apply(self, text):
            lengths.append(len(text))
            return super().apply(text)

    text = "The  flies, 5.\n" * 100 + "end"
    steps = [Seen(), RemoveDigits(), Normalize(whitespace="join")]
    expected = one_by_one(steps, text)
    lengths.clear()
    for module in (chunks_module, step_module):
        monkeypatch.setattr(module, "LONG", 100)
    assert Pipeline(steps).apply(text) == expected
    assert Pipeline(steps).apply_all([text, ""]) == [expected, ""]
    assert sum(lengths) == 2 * len(text)
    assert max(lengths) < 120


def test_lines_that_are_joined_go_through_in_pieces(monkeypatch):
    step = Normalize(whitespace="join", quotes=True)
    for text in (
        "\u201ca\u201d  b\r\n" * 100,
        "\n \u200b\n" * 100 + "a \n",
        "\n" * 500,
        "ab" * 200,
    ):
        expected = step.apply(text)
        monkeypatch.setattr(normalize_module, "LONG", 50)
        monkeypatch.setattr(step_module, "LONG", 50)
        assert step.apply(text) == expected
        monkeypatch.undo()


def test_only_neighbours_are_joined():
    digits, punctuation, stem = RemoveDigits(), RemovePunctuation(), Stem()
    work = list(_by_chunks([digits, Normalize(), punctuation, stem, Normalize()]))
    assert [type(each) for each in work] == [RemoveDigits, Normalize, Chunks, Normalize]
    work = list(joined([digits, Normalize(), Normalize(whitespace="join"), stem]))
    assert [type(each) for each in work] == [Lines, Normalize, Lines]
    assert list(joined([])) == []
    assert Pipeline([digits, stem]).apply("5 flies") == "fli"
