"""Whether a word can be a form of a lemma, and of which spelling of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from bpe_tool.preprocess.english.inflection import irregular_verbs, lemmas, verb_forms
from bpe_tool.preprocess.english.lemmas import VERBS_IN_UN

# What the end of a lemma becomes in a regular form, or in one with a Latin or Greek plural.
_ENDING_PAIRS = """
->s ->es y>ies f>ves fe>ves ->ses ->zes ->ed ->d y>ied ->ing e>ing ie>ying c>cking c>cked ->er ->r
y>ier ->est ->st y>iest man>men on>a um>a us>i is>es ex>ices ix>ices ->n ->en a>ae u>ux ma>mata o>i
us>era foot>feet tooth>teeth goose>geese mouse>mice child>children
"""
_ENDINGS = [pair.replace("-", "").split(">") for pair in _ENDING_PAIRS.split()]
#: Plurals, as far as an ending tells.
_PLURAL = re.compile(r"[aeiouy].*[^aiosu]s\Z")
_PLURAL_ENDINGS = {"ies": "y", "ches": "ch", "shes": "sh", "xes": "x", "sses": "ss", "s": ""}
_DOUBLED = ("ed", "ing", "er", "est", "en")


_PREFIXES = (
    "re", "over", "under", "mis", "out", "fore", "with", "up", "inter", "par", "be", "in", "un",
    "cross",
)  # fmt: skip


def english_lemma(word: str, lemma: str, look_up: Callable[[str], str]) -> str:
    """Return what a dictionary tells of a word, if the word is a form of that at all.

    Args:
        word: In lower case.
        lemma: What the dictionary tells.
        look_up: The dictionary.
    """
    if lemma == word:  # perhaps only as a noun
        if word.endswith("ing"):
            return _verb_in_ing(word, look_up)
        return next((base for base in irregular_verbs(word) if base != word), word)
    if (
        # unexplored is no form of a verb
        lemma.startswith("un")
        and word.startswith("un")
        and lemma not in VERBS_IN_UN
        and not word.endswith(("s", "er", "est"))
    ):
        return word
    if found := spelt_as_written(word, lemma, look_up):
        return found
    for prefix in _PREFIXES:
        if word.startswith(prefix) and lemma.startswith(prefix) and lemma != prefix:
            rest, base = word.removeprefix(prefix), lemma.removeprefix(prefix)
            if base in irregular_verbs(rest) or spelt_as_written(rest, base, look_up) == base:
                return lemma
    return word


def singular(word: str) -> str:
    """Return the singular of a word that no dictionary has, if it looks like a plural.

    Words that are new or of a trade follow the rules: `docstrings`, `lunchboxes`. Left alone are
    capitals, and endings that names and foreign words have, too: `axios`, `adidas`, `https`.
    """
    if len(word) < 6 or not word.islower() or not _PLURAL.search(word):
        return word
    ending = next(filter(word.endswith, _PLURAL_ENDINGS))
    return word.removesuffix(ending) + _PLURAL_ENDINGS[ending]


def spelt_as_written(word: str, lemma: str, look_up: Callable[[str], str]) -> str | None:
    """Return the lemma that a word is a form of, in the spelling of the word.

    Dictionaries have one entry for `neighbor` and `neighbour`: what they tell of a word may
    be another spelling of it, or of its lemma.

    Args:
        word: In lower case; regular, as far as it is a form at all.
        lemma: What the dictionary tells.
        look_up: The dictionary.

    Returns:
        The lemma, or a spelling of it; None if the word is no regular form of either.
    """
    if lemma.endswith("ifie"):  # not a verb; the dictionary guessed
        lemma = lemma[:-2] + "y"
    for end, ending in _ENDINGS:
        if word.endswith(ending) and lemma.endswith(end):
            stem = lemma[: len(lemma) - len(end)]
            if stem + ending == word and stem:
                return lemma
    if any(word == lemma + lemma[-1] + ending for ending in _DOUBLED):
        return lemma
    for other in _bases(word):
        if other != word and look_up(other) == lemma:
            return other
    return None


def _verb_in_ing(word: str, look_up: Callable[[str], str]) -> str:
    """Return the verb of a word in `-ing`, or the word."""
    for base, _, form in lemmas(word):
        if form == "ing" and len(base) > 2:
            verb = verb_forms(base)
            is_irregular = verb.past != base and not verb.past.endswith("ed")
            other = verb.third if verb.past == base else verb.past
            if is_irregular or look_up(other) == base:
                return base
    return word


def _bases(word: str) -> Iterator[str]:
    yield from dict.fromkeys(base for base, *_ in lemmas(word))
    for ending in _DOUBLED:
        stem = word.removesuffix(ending)
        if stem != word and re.search(r"([a-z])\1\Z", stem):
            yield stem[:-1]
