"""Replaces words by synonyms from a WordNet that the user has installed for `wn`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import Any, ClassVar, Protocol

from bpe_tool.errors import ArgumentError, Suggestion
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.english.context import is_negation
from bpe_tool.preprocess.english.inflection import VerbForms, lemmas, plural, verb_forms
from bpe_tool.preprocess.english.substitution import reword
from bpe_tool.preprocess.protected import Protected
from bpe_tool.preprocess.step import Step, applied
from bpe_tool.preprocess.steps.rephrase import draw

_WORD = re.compile(r"(?<![\w'’\-/\\@#$&=.%+~<])[A-Za-z]{3,}(?![\w'’\-/\\@#$=%+~(<]|[.:]\w)")

_FUNCTION_WORD_LIST = """
a about above across after again against ago all almost along already also although always am
among an and another any anybody anyone anything are around as at away back be because been
before behind being below beneath beside besides between beyond both but by came can come comes
coming could did do does doing done down during each either else enough even ever every
everybody everyone everything except few for from gave get gets getting give given gives giving
go goes going gone got had has have having he hence her here hers herself him himself his how
however i if in indeed inside instead into is it its itself just least less let lets like made
make makes making many may me might mine more most much must my myself near of off often on once
only onto or other others ought our ours ourselves out outside over own per perhaps put puts
putting quite rather really same several shall she should since so some somebody someone
something still such take taken takes taking than that the their theirs them themselves then
thence there therefore these they this those though through thus till to together too took
toward towards under until unto up upon us use used very via was we well went were what whatever
when whence where whereas wherever whether which whichever while who whoever whole whom whose
why will with within would yet you your yours yourself yourselves zero one two three four five
six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million billion
first second third half quarter double
"""
# Function words and numbers are never replaced, and never written.
_FUNCTION_WORDS = frozenset(_FUNCTION_WORD_LIST.split())
_PLAIN = re.compile(r"[a-z]+(?: [a-z]+)*\Z")


class _Wordnet(Protocol):
    """The part of `wn.Wordnet` that is used here."""

    def words(self, form: str, pos: str) -> list[Any]: ...

    def lexicons(self) -> list[Any]: ...


@dataclass(frozen=True, kw_only=True)
class ReplaceSynonyms(Step):
    """Replace words by synonyms: other words for their most frequent sense in a WordNet.

    Only words that the WordNet has as a single part of speech are replaced, since nothing here
    tells nouns from verbs. Inflection and case are kept, and `a` and `an` are adapted. Left
    alone are function words, negations, numbers, names, quotations, code, addresses and handles.
    Choices are made as in `Rephrase`.

    Needs the package `wn` and a lexicon that was added to it. Nothing is ever downloaded.

    Attributes:
        fraction: The share of words to replace, from 0 to 1.
        seed: Determines the choices.
        lexicon: The lexicon, as `wn` names it (`"oewn:2024"`); empty for the only English one.
    """

    name: ClassVar[str] = "replace_synonyms"
    idempotent: ClassVar[bool] = False

    fraction: float = 1.0
    seed: int = 0
    lexicon: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        _wordnet(self.lexicon)

    def edits(self, text: str) -> list[Edit]:
        """Return the edits. The rule of each names the lemma and part of speech."""
        edits: list[Edit] = []
        protected = Protected(text, quotations=True)
        for match in _WORD.finditer(text):
            start, end = match.span()
            rule, synonyms = _synonyms(self.lexicon, match[0].lower())
            if not synonyms or protected.overlaps(start, end):
                continue
            share, number = draw(self.seed, rule, text, start, end)
            if share >= self.fraction:
                continue
            chosen = synonyms[number % len(synonyms)]
            replacement = reword(text, start, end, chosen)
            if replacement:
                others = tuple(synonym for synonym in synonyms if synonym != chosen)
                edits.append(Edit(*replacement, rule=rule, alternatives=others))
        return edits

    def data_digests(self) -> dict[str, str]:
        """Return the lexicon with its version."""
        lexicons = _wordnet(self.lexicon).lexicons()
        return {"wordnet": " ".join(lexicon.specifier() for lexicon in lexicons)}


def replace_synonyms(text: str, *, fraction: float = 1.0, seed: int = 0, lexicon: str = "") -> str:
    """Replace words by synonyms from a WordNet; see `ReplaceSynonyms`."""
    return applied(ReplaceSynonyms, text, fraction, seed, lexicon)


@lru_cache(maxsize=8)
def _wordnet(lexicon: str) -> _Wordnet:
    """Open a lexicon.

    Raises:
        ArgumentError: The package or the lexicon is missing, or there are several lexicons.
    """
    try:
        wn = import_module("wn")
    except ImportError:
        raise ArgumentError(
            "replacing synonyms needs the package wn", hint="pip install 'bpe-tool[wordnet]'"
        ) from None
    known = [found.specifier() for found in wn.lexicons(lang="en")]
    if not lexicon and len(known) > 1:
        raise ArgumentError(
            f"wn has several English lexicons: {', '.join(known)}",
            hint=Suggestion("choose one with {lexicon}"),
        )
    try:
        found: _Wordnet = wn.Wordnet(
            lexicon or " ".join(known) or "*",
            lang=None if lexicon or known else "en",
            expand="",
            normalizer=None,
            search_all_forms=False,
        )
    except wn.Error:
        raise ArgumentError(
            f"wn has no lexicon {lexicon!r}" if lexicon else "wn has no English lexicon",
            hint="add one first, for example: python -m wn download oewn:2024",
        ) from None
    return found


@lru_cache(maxsize=65536)
def _synonyms(lexicon: str, word: str) -> tuple[str, tuple[str, ...]]:
    """Return the rule and the synonyms of a word in lower case."""
    if word in _FUNCTION_WORDS or is_negation(word):
        return "", ()
    # What the word may be: for each lemma and part of speech, in which forms.
    readings: dict[tuple[str, str], list[str]] = {(word, "a"): [""], (word, "r"): [""]}
    for lemma, part, form in lemmas(word):
        readings.setdefault((lemma, part), []).append(form)
    found = []
    for (lemma, part), forms in readings.items():
        words = _wordnet(lexicon).words(lemma, pos=part)
        if part == "a":
            words += _wordnet(lexicon).words(lemma, pos="s")
        if words:
            found.append((lemma, part, forms, words[0]))
    if len(found) != 1:
        return "", ()
    lemma, part, forms, entry = found[0]
    senses = entry.synsets()
    synonyms = []
    for other in senses[0].lemmas() if senses else ():
        if other == lemma or not _PLAIN.match(other):
            continue
        if any(piece in _FUNCTION_WORDS or is_negation(piece) for piece in other.split()):
            continue
        inflected = {_inflect(other, part, form) for form in forms}
        if len(inflected) == 1:
            synonyms.append(inflected.pop())
    return f"wordnet:{lemma}/{part}", tuple(synonyms)


def _inflect(lemma: str, part: str, form: str) -> str:
    if part == "v":
        verb, *rest = lemma.split(" ")
        return " ".join((verb_forms(verb)[VerbForms._fields.index(form)], *rest))
    if form == "plural":
        *before, noun = lemma.split(" ")
        return " ".join((*before, plural(noun)))
    return lemma
