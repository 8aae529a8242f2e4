"""What all steps on characters have in common."""

import dataclasses
import sys

import generators
import pytest
import step_checks
from hypothesis import given, settings

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.steps.case import Lowercase
from bpe_tool.preprocess.steps.digits import RemoveDigits
from bpe_tool.preprocess.steps.fix import Fix
from bpe_tool.preprocess.steps.normalize import Normalize
from bpe_tool.preprocess.steps.punctuation import RemovePunctuation
from bpe_tool.preprocess.steps.segment import SplitCharacters, SplitWords
from bpe_tool.preprocess.steps.strip import StripAccents, StripHtml, StripUrls

STEPS = [
    Lowercase(),
    Lowercase(fold=True, turkish=True),
    Lowercase(turkish=True, keep_acronyms=True),
    RemovePunctuation(),
    RemovePunctuation(which="symbols", keep="+^]\\-"),
    RemovePunctuation(which="ascii", keep_apostrophes=True, keep_decimals=True),
    RemovePunctuation(which="all", keep_hyphens=True),
    RemoveDigits(),
    RemoveDigits(action="mask", which="all"),
    RemoveDigits(action="mask", words="keep"),
    RemoveDigits(action="split", which="ascii"),
    RemoveDigits(action="keep", words="remove"),
    Normalize(),
    Normalize(form="NFKC", quotes=True, dashes=True, line_ends=True),
    Normalize(form="NFD", whitespace="join"),
    Normalize(form="NFKD", whitespace="spaces", zero_width=False),
    Normalize(form="none", whitespace="keep", zero_width=False),
    StripAccents(),
    StripAccents(letters=True),
    StripUrls(emails=True),
    StripUrls(replacement="URL"),
    StripHtml(),
    StripHtml(entities=False),
    SplitWords(),
    SplitWords(drop_punctuation=True),
    SplitCharacters(),
    SplitCharacters(space="▁"),
]
every_step = pytest.mark.parametrize("step", STEPS, ids=str)


@every_step
def test_edits_and_both_fast_ways_agree(step):
    texts = [*step_checks.NASTY, *generators.texts(3, 300)]
    for text in texts:
        step_checks.check(step, text)
    step_checks.check_all(step, texts)


@every_step
@settings(max_examples=25, deadline=None)
@given(text=step_checks.TEXT)
def test_edits_agree_on_any_text(step, text):
    step_checks.check(step, text)


@every_step
def test_our_own_samples(step, corpora):
    for path in corpora:
        lines = path.read_bytes().decode()[:20_000].split("\n")
        for line in lines[:60]:
            step_checks.check(step, line)
        step_checks.check_all(step, lines)


@every_step
def test_a_line_of_one_repeated_unit(step):
    for unit in step_checks.UNITS:
        text = unit * (20_000 // len(unit))
        assert isinstance(step.apply(text), str)


@every_step
def test_a_line_of_a_megabyte(step):
    text = "a. '1é" * 150_000
    assert len(text.encode()) > 1_000_000
    assert step.apply(text)


@every_step
def test_options_are_those_of_a_file(step):
    assert type(step)(**step.options()) == step
    assert all(type(value) in (str, bool) for value in step.options().values())
    with pytest.raises(dataclasses.FrozenInstanceError):
        step.name_of_no_option = 1


@every_step
def test_the_function_is_the_step(step):
    function = getattr(sys.modules[type(step).__module__], step.name)
    text = "“It’s” 1st, 3.14 Ünïcode <b>&amp;</b> https://a.b x@y.zz İ NASA"
    assert function(text, **step.options()) == step.apply(text)


@every_step
def test_wrong_options_are_refused(step):
    for name, value in step.options().items():
        with pytest.raises(ArgumentError, match=f"`{name}` is 3"):
            type(step)(**{name: 3})
        if isinstance(value, str) and name not in ("keep", "replacement", "space"):
            with pytest.raises(ArgumentError, match="no such thing"):
                type(step)(**{name: "no such thing"})


def test_fix():
    step = Fix()
    for text in step_checks.NASTY:
        step_checks.check(step, text)
    step_checks.check_all(step, [*step_checks.NASTY, *generators.texts(4, 200)])
