"""The lemma of a word, from a dictionary and from what stands around the word."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from bpe_tool.preprocess.english.lemma_context import CLITIC_HOSTS, Near
from bpe_tool.preprocess.english.lemma_forms import english_lemma
from bpe_tool.preprocess.english.lemmas import (
    ACRONYMS,
    ADJECTIVES,
    AMBIGUOUS,
    EXCEPTIONS,
    Readings,
    participle,
)
from bpe_tool.preprocess.word_spans import Memo, fold, run_pattern, set_of, with_case

#: Languages in which names have capitals, other words have none, and names do not inflect.
_LANGUAGES_OF_NAMES = set_of("ca en es fr gl it pt")

#: Lemmas of verbs that begin questions before names.
_AUXILIARIES = frozenset(("be", "have", "do", "say", "let"))


#: Plurals that have capitals, but are no names: of peoples, parties and days.
_ENDINGS_OF_PEOPLE = ("days", "ans", "crats", "erners", "ists", "lis", "nis", "qis")
_PEOPLES = set_of(
    "arabs britons croats danes finns greeks jews kurds moslems muslims nazis poles scots senators"
    " serbs shiites sikhs slavs sunnis swedes tamils thais turks vikings"
)
#: Parts of texts, with capitals before their numbers.
_NUMBERED = set_of(
    "acts articles books chapters clauses figures pages parts rows sections steps"
    " tables titles verses volumes weeks"
)


class Entry(NamedTuple):
    """What is known of a word without its context.

    Attributes:
        lemma: In the case of the word.
        rule: Which rule it follows from.
        readings: What the context may make of it.
        name: Whether it stays as it is where it is a name.
    """

    lemma: str
    rule: str
    readings: Readings | None = None
    name: bool = False


class Lexicon:
    """The lemmas of a language.

    Args:
        language: Its code.
        look_up: Its dictionary, which returns the lemma of a word, or the word.
        kept: Words that stay as they are, folded.

    Attributes:
        words: What is known of each word without its context.
        is_english: Whether the language is English, for which there are tables of our own.
        has_names: Whether capitals stand for names in it.
    """

    def __init__(self, language: str, look_up: Callable[[str], str], kept: frozenset[str]) -> None:
        self.is_english = language == "en"
        self.has_names = language in _LANGUAGES_OF_NAMES
        self.words = Memo(self._english_entry if self.is_english else self._entry)
        self._kept = kept
        self._look_up = look_up

    def lemma(self, word: str, before: int, after: int) -> tuple[str, str, float]:
        """Return the lemma of a word in its case, the rule and the confidence.

        Args:
            word: A single word.
            before: What stands before it, as bits of `Near`.
            after: What stands after it.
        """
        entry = self.words[word]
        if entry.name and before & Near.NAME:
            # Of two words with capitals that begin a sentence, the first is of a name, too.
            is_first = (
                self.is_english
                and after & Near.CAPITAL
                and word[-1] == "s"
                and entry.lemma.lower() not in _AUXILIARIES
            )
            is_counted = before & Near.SEVERAL or (
                after & (Near.NUMBER | Near.SUBJECT) and fold(word) in _NUMBERED
            )
            if is_first or not (before & Near.STOP or is_counted):
                return word, "name", 0.9
        if entry.readings is None:
            return entry.lemma, entry.rule, 1.0
        if word.isupper() and not (before | after) & Near.SUBJECT and fold(word) in ACRONYMS:
            return word, "acronym", 0.9
        lemma, rule, confidence = entry.readings.lemma(before, after)
        return with_case(word, lemma), rule, confidence

    def noun(self, word: str) -> str:
        """Return the lemma of a word that is a noun, in the case of the word."""
        return self.lemma(word, Near.DETERMINER | Near.NAME, 0)[0]

    def _entry(self, word: str) -> Entry:
        folded = fold(word)
        if folded in self._kept:
            return Entry(word, "kept")
        told = self._look_up(word)
        return self._checked(word, folded, told.lower(), "dictionary", told)

    def _english_entry(self, word: str) -> Entry:
        folded = fold(word)
        if folded in self._kept:
            return Entry(word, "kept")
        if len(word) > 2 and word[-1] == "s" and word[:-1].isupper() and word.isalpha():
            return Entry(word[:-1], "acronym")
        if "'" in folded:
            host = word[:-2]
            if not folded.endswith("'s") or fold(host) in CLITIC_HOSTS:
                return Entry(word, "apostrophe")
            return Entry(self.noun(host), "possessive")
        if readings := AMBIGUOUS.get(folded):
            name = word[0].isupper() and not word.isupper()
            return Entry(with_case(word, readings.default), readings.rule, readings, name)
        if folded in EXCEPTIONS:
            return self._checked(word, folded, EXCEPTIONS[folded], "exception")
        if len(word) < 4:  # abbreviations, which the dictionary writes out
            return Entry(word, "short")
        told = self._look_up(word)
        lemma = english_lemma(folded, told.lower(), self._look_up)
        return self._checked(word, folded, lemma, "dictionary", told)

    def _checked(self, word: str, folded: str, lemma: str, rule: str, told: str = "") -> Entry:
        """Return what was found for a word, if it is a lemma that may stand in its place."""
        if lemma in (word, folded, word.lower()) or "-" in lemma:
            return Entry(word, rule)
        if not lemma.isalpha() and not run_pattern().fullmatch(lemma):
            return Entry(word, rule)
        name = self.has_names and word[0].isupper() and not self._is_plural_of_people(word, told)
        if name and told[:1].isupper() and self._look_up(word.lower()) in (word.lower(), told):
            return Entry(word, "name")  # Richards; the dictionary has no other such word
        readings = None
        if self.is_english:
            if folded.endswith(("ed", "ing")) or folded in ADJECTIVES:
                readings = participle(folded, lemma)
                lemma = readings.default
            if name and word.isupper():
                name = False
                if folded in ACRONYMS:
                    readings = readings or Readings(lemma, (), rule, 1.0)
        return Entry(with_case(word, lemma), rule, readings, name)

    def _is_plural_of_people(self, word: str, told: str) -> bool:
        """Whether a word is a plural of people or days, as a dictionary has them."""
        small = word.lower()
        return small in _PEOPLES or (told[:1].isupper() and small.endswith(_ENDINGS_OF_PEOPLE))
