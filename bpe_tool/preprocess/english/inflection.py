"""Inflects English words: forms of verbs, plurals of nouns, `a` or `an`.

Spelling rules and tables of exceptions, as in school grammars. Nothing here knows whether a word
exists: `verb_forms("blorp")` is answered as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from bpe_tool import _core


class VerbForms(NamedTuple):
    """The five forms of a verb."""

    base: str
    third: str
    past: str
    participle: str
    ing: str


# Base: past, participle; `-` is the regular form. One table for the rules for contractions, too.
_IRREGULAR_VERBS = {
    base: (pasts[0], participles[0]) for base, pasts, participles in _core.irregular_verbs()
}
_IRREGULAR_THIRD = {"have": "has"}

_DOUBLING_WORDS = """
admit allot begin commit compel concur confer control defer deter equip excel expel forbid
forget incur infer occur omit patrol permit prefer propel rebel recur refer regret remit submit
transfer transmit
"""
# Verbs of several syllables, stressed on the last, that double their last letter.
_DOUBLING = frozenset(_DOUBLING_WORDS.split())
_ONE_SYLLABLE = re.compile(r"(?:[^aeiou]*|[^aeiou]*qu)[aeiou][^aeiouwxy]\Z")

_IRREGULAR_PLURALS = dict(
    line.split()
    for line in """
    analysis analyses
    axis axes
    basis bases
    calf calves
    child children
    crisis crises
    criterion criteria
    deer deer
    echo echoes
    fish fish
    foot feet
    goose geese
    half halves
    hero heroes
    hypothesis hypotheses
    knife knives
    leaf leaves
    life lives
    loaf loaves
    man men
    means means
    mouse mice
    ox oxen
    person people
    phenomenon phenomena
    potato potatoes
    scarf scarves
    self selves
    series series
    sheep sheep
    shelf shelves
    species species
    thesis theses
    thief thieves
    tomato tomatoes
    tooth teeth
    wife wives
    wolf wolves
    woman women
    """.strip().splitlines()
)

# Written with a vowel, spoken with a consonant; and the other way round.
_CONSONANT_SOUND = re.compile(
    r"eu|ewe|one(?![ir])|once|ouija|unanim|uni(?:[cfloqtv]|s(?!s)|d(?:im|ir))"
    r"|us[aeu]|util|ute|ubiqu|uran|urin"
)
_VOWEL_SOUND = re.compile(r"hour|honest|honou?r|heir|[aeiou]")


@lru_cache(maxsize=4096)
def verb_forms(base: str) -> VerbForms:
    """Return the forms of a verb (not of `be`), given in its base form and lower case."""
    ing = _stem_before_ing(base) + "ing"
    regular = _past(base)
    past, participle = (
        regular if form == "-" else form for form in _IRREGULAR_VERBS.get(base, ("-", "-"))
    )
    return VerbForms(base, _IRREGULAR_THIRD.get(base) or _with_s(base), past, participle, ing)


@lru_cache(maxsize=4096)
def plural(noun: str) -> str:
    """Return the plural of a noun, given in the singular and lower case."""
    return _IRREGULAR_PLURALS.get(noun) or _with_s(noun, after_o="s")


def article(word: str) -> str:
    """Return `"a"` or `"an"`, as English speaks it before a word in lower case."""
    return "a" if _CONSONANT_SOUND.match(word) or not _VOWEL_SOUND.match(word) else "an"


def lemmas(word: str) -> Iterator[tuple[str, str, str]]:
    """Find what a word in lower case may be a form of.

    Yields:
        (lemma, part of speech, form): `"v"` with the name of a field of `VerbForms`, or `"n"`
        with `"singular"` or `"plural"`. Only what inflects to the word again; nobody checks
        that such a lemma exists.
    """
    bases = dict.fromkeys((word, *_IRREGULAR_BASES.get(word, ()), *_stripped(word)))
    for base in bases:
        for form, text in zip(VerbForms._fields, verb_forms(base), strict=True):
            if text == word:
                yield base, "v", form
        if base == word:
            yield base, "n", "singular"
        if plural(base) == word:
            yield base, "n", "plural"


def irregular_verbs(word: str) -> list[str]:
    """Return the verbs that a word in lower case is an irregular form of."""
    return [base for base in _IRREGULAR_BASES.get(word, ()) if base in _IRREGULAR_VERBS]


def _with_s(word: str, after_o: str = "es") -> str:
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    if word.endswith("o"):
        return word + ("s" if word[-2:-1] in "aeiou" else after_o)
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    return word + "s"


def _past(base: str) -> str:
    if base.endswith("e"):
        return base + "d"
    if base.endswith("y") and base[-2:-1] not in "aeiou":
        return base[:-1] + "ied"
    return _doubled(base) + "ed"


def _stem_before_ing(base: str) -> str:
    if base.endswith("ie"):
        return base[:-2] + "y"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")) and len(base) > 2:
        return base[:-1]
    return _doubled(base)


def _doubled(base: str) -> str:
    return base + base[-1] if base in _DOUBLING or _ONE_SYLLABLE.match(base) else base


def _stripped(word: str) -> Iterator[str]:
    """Yield what may be left of a word when a regular ending is taken off."""
    for ending, additions in (
        ("ies", ("y", "ie")),
        ("es", ("", "e")),
        ("s", ("",)),
        ("ied", ("y", "ie")),
        ("ed", ("", "e")),
        ("ying", ("ie",)),
        ("ing", ("", "e")),
    ):
        if word.endswith(ending) and len(word) > len(ending):
            stem = word[: -len(ending)]
            yield from (stem + addition for addition in additions)
            if stem[-1:] == stem[-2:-1]:
                yield stem[:-1]


_IRREGULAR_BASES: dict[str, list[str]] = {}
for _base, _forms in _IRREGULAR_VERBS.items():
    for _form in dict.fromkeys(form for form in _forms if form != "-"):
        _IRREGULAR_BASES.setdefault(_form, []).append(_base)
for _base, _form in (*_IRREGULAR_PLURALS.items(), *_IRREGULAR_THIRD.items()):
    _IRREGULAR_BASES.setdefault(_form, []).append(_base)
