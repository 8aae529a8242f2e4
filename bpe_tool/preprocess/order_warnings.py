"""Warns about orders of steps that are known to cause problems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bpe_tool.preprocess.registry import STEPS
from bpe_tool.preprocess.step import Step


class Rule(NamedTuple):
    """Steps that should not come before certain others.

    Attributes:
        first: The names of the steps that should not come first.
        then: The names of the steps that then go wrong.
        reason: Why.
        applies: Whether it applies to the two steps; the third argument is all steps.
    """

    first: frozenset[str]
    then: frozenset[str]
    reason: str
    applies: Callable[[Step, Step, Sequence[Step]], bool] = lambda first, then, steps: True


def _names(*names: str) -> frozenset[str]:
    assert STEPS.keys() >= set(names)
    return frozenset(names)


def _knows_accents(first: Step, then: Step, steps: Sequence[Step]) -> bool:
    return getattr(then, "language", "en") not in ("en", "english", "porter")


def _composes(first: Step, then: Step, steps: Sequence[Step]) -> bool:
    return getattr(then, "form", None) == "NFKC"


ALL = frozenset(STEPS)
READERS = _names("expand_contractions", "rephrase", "replace_synonyms")
WORDWISE = _names("lemmatize", "stem")

RULES = (
    Rule(ALL - {"fix"}, _names("fix"), "what is changed before can no longer be told to be broken"),
    Rule(
        _names("remove_punctuation"),
        _names("strip_html", "strip_urls"),
        "without punctuation, tags and addresses look like words",
    ),
    Rule(
        _names("remove_punctuation"),
        _names("expand_contractions", "expand_slang"),
        "without apostrophes, contractions are not found, or are other words",
    ),
    Rule(
        _names("remove_punctuation"),
        _names("rephrase", "replace_synonyms"),
        "without punctuation, phrases reach over the ends of sentences",
    ),
    Rule(_names("remove_digits"), _names("strip_urls"), "addresses lose their parts"),
    Rule(_names("lowercase"), _names("strip_html"), "names of entities depend on case"),
    Rule(_names("lowercase"), READERS, "without case, names are taken for words"),
    Rule(
        _names("lowercase"),
        _names("normalize"),
        "NFKC makes new capitals out of other letters",
        _composes,
    ),
    Rule(
        _names("strip_accents"),
        WORDWISE,
        "the language's words are known with their accents",
        _knows_accents,
    ),
    Rule(_names("remove_stopwords"), READERS, "phrases and their context have lost words"),
    Rule(
        _names("stem"),
        READERS | {"expand_slang", "lemmatize"},
        "stems are no words: they are in no list and no dictionary",
    ),
    Rule(_names("lemmatize"), READERS, "with base forms only, tense and number are lost"),
    Rule(
        _names("lemmatize"), _names("stem"), "one of the two is enough: stems of lemmas gain little"
    ),
    Rule(
        _names("split_words", "split_characters"),
        ALL - {"split_words", "split_characters"},
        "it puts spaces where other steps expect none",
    ),
    Rule(_names("split_characters"), _names("split_words"), "single characters are words by then"),
)


def warnings(steps: Sequence[Step]) -> list[str]:
    """Return warnings about the order of the steps, with reasons."""
    found = [
        f"{_called(first, steps)} comes before {_called(then, steps)}: {rule.reason}"
        for at, then in enumerate(steps)
        for first in steps[:at]
        for rule in RULES
        if first.name in rule.first and then.name in rule.then
        if rule.applies(first, then, steps)
    ]
    for at, step in enumerate(steps):
        if step.name == "remove_stopwords":
            found += _unreachable(step, steps[:at], steps)
        if step.idempotent and at and steps[at - 1] == step:
            found.append(f"{_called(step, steps)} is there twice: once is enough")
    return list(dict.fromkeys(found))


def _unreachable(step: Step, before: Sequence[Step], steps: Sequence[Step]) -> list[str]:
    """Warn about stopwords that can never match after the steps before."""
    from bpe_tool.preprocess.steps.stopwords import RemoveStopwords

    assert isinstance(step, RemoveStopwords)
    # The words that a contraction is expanded to are removed one by one.
    expanding = ("expand_contractions", "expand_slang")
    expanded = any(each.name in expanding for each in before)
    changing = [each for each in before if each.name not in expanding]
    lost: dict[str, list[str]] = {}
    for word, name in step.unreachable(changing).items():
        if not (expanded and "'" in word):
            lost.setdefault(name, []).append(word)
    found: list[str] = []
    for each in changing:
        if words := lost.pop(each.name, []):
            listed = ", ".join(words[:3]) + (", \u2026" if len(words) > 3 else "")
            found.append(
                f"{_called(each, steps)} comes before {_called(step, steps)}: it leaves none of "
                f"{len(words)} words of its lists ({listed})"
            )
    return found


def _called(step: Step, steps: Sequence[Step]) -> str:
    number = next(number for number, each in enumerate(steps, 1) if each is step)
    return f"step {number} ({step.name})"
