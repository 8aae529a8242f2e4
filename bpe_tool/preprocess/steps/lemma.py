"""Puts the dictionary form of each word in its place: `mice` becomes `mouse`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from typing import ClassVar

from bpe_tool import _core
from bpe_tool.checks import strings
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.apostrophes import APOSTROPHES
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.english.lemma_context import (
    BITS,
    Near,
    in_quotation,
    in_title,
    inside,
    sides,
)
from bpe_tool.preprocess.english.lemma_forms import singular
from bpe_tool.preprocess.english.lemma_lexicon import Lexicon
from bpe_tool.preprocess.english.lemmas import TABLES
from bpe_tool.preprocess.languages import code_of
from bpe_tool.preprocess.step import Step, applied
from bpe_tool.preprocess.word_spans import (
    LONGEST_WORD,
    MEMO_SIZE,
    Memo,
    fold,
    set_of,
    words_of,
)

_APOSTROPHES = tuple(APOSTROPHES)
_HYPHENS = ("-", "\u2010", "\u2011")
_PREFIXES = set_of("co de dis fore inter mis out over pre re un under up")
_AFTER_PLURALS = ("in-law", "by", "up", "on", "off", "in-chief", "general", "at-arms")
_PLURALS = ("men", "children", "people", "mice", "feet")


@dataclass(frozen=True, kw_only=True)
class Lemmatize(Step):
    """Put the lemma of each word in its place, from the dictionaries of simplemma.

    For English, tables of our own go before the dictionary, and where a word has several
    lemmas, the words around it on its line decide: `the saw` stays, `he saw` becomes
    `he see`, `an interesting book` and `at least` stay. Only inflection is taken off: a
    dictionary that changes the spelling, only changes case or writes out an abbreviation is
    not followed. A plural that the dictionary does not have loses its ending (`docstrings`), where
    that is safe.

    Names stay as they are where capitals tell them, within a sentence, but not in headings,
    where all words have capitals; so do acronyms (`AIDS`) and units (`9 am`). Plurals of
    peoples and days are no names (`Germans` becomes `German`), nor are plurals that are counted or
    numbered (`20 Days`, `Chapters 3 and 4`). Names in Catalan, French, Galician, Italian,
    Portuguese and Spanish stay, too.

    Of a possessive the noun is left, in the singular: `the boys' toys` becomes `the boy toy`,
    unless the apostrophe may end a quotation. Other words with an apostrophe stay, so that no
    negation is lost; expand contractions first.

    A word is a run of letters and marks; words joined by a hyphen or a slash are words each,
    but of an English compound with hyphens only a plural is taken off (`ex-wives`), and what
    a verb with a prefix is inflected by (`re-opened`): `best-known` stays. What holds a
    digit, and addresses and paths, stay. The lemma has the case of its word: `Mice` becomes
    `Mouse` and `MICE` becomes `MOUSE`, small letters stay small.

    The lemma of a lemma may be another, so this is not idempotent.

    Args:
        language: Its code or English name: `en`, `german`, ...
        keep: Words that stay as they are, in any case.

    Raises:
        ArgumentError: If simplemma is not installed, or has no such language.
    """

    name: ClassVar[str] = "lemmatize"
    idempotent: ClassVar[bool] = False
    by_line = True

    language: str = "en"
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _lemmatizer(code_of(self.language))

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each word that is not its own lemma."""
        edits: list[Edit] = []
        place = 0
        for line in text.split("\n"):
            chunks = line.split(" ")
            for number, chunk in enumerate(chunks):
                edits += (
                    Edit(place + start, place + start + len(word), lemma, rule, confidence)
                    for start, word, lemma, rule, confidence in self._lemmas(
                        chunk, *self._around(chunks, number)
                    )
                    if lemma != word
                )
                place += len(chunk) + 1
        return edits

    def apply(self, text: str) -> str:
        """Return the text of lemmas."""
        if "\n" not in text:
            return self._apply_to_line(text)
        return "\n".join([self._apply_to_line(line) for line in text.split("\n")])

    def data_digests(self) -> dict[str, str]:
        """Return the version of simplemma, and for English the SHA-256 of our tables."""
        digests = {"simplemma": version("simplemma")}
        if code_of(self.language) == "en":
            tables = repr([*TABLES, sorted(BITS.items()), _core.irregular_verbs()])
            digests["english-exceptions"] = hashlib.sha256(tables.encode()).hexdigest()
        return digests

    def _apply_to_line(self, line: str) -> str:
        chunks = line.split(" ")
        found = list(map(self._chunks.__getitem__, chunks))
        number = -1
        for _ in range(found.count(None)):
            number = found.index(None, number + 1)
            found[number] = self._in_context(chunks, number)
        return " ".join(found)  # type: ignore[arg-type] # none is left

    def _in_context(self, chunks: list[str], number: int) -> str:
        chunk = chunks[number]
        key = (chunk, *self._around(chunks, number))
        known = self._contexts.get(key)
        if known is None:
            known = self._replaced(*key)
            if len(chunk) <= LONGEST_WORD:
                if len(self._contexts) >= MEMO_SIZE:
                    self._contexts.clear()
                self._contexts[key] = known
        return known

    def _around(self, chunks: list[str], number: int) -> tuple[int, int]:
        """Return what stands before and after a chunk, as bits of `Near`."""
        before, after = sides(chunks, number)
        chunk = chunks[number]
        if not chunk.islower() and self._lexicon.has_names and not in_title(chunks, number):
            before |= Near.NAME
        if chunk[-1:] in _APOSTROPHES and in_quotation(chunks, number):
            before |= Near.QUOTED
        return before, after

    def _replaced(self, chunk: str, before: int, after: int) -> str:
        if chunk.isalpha() and len(chunk) <= LONGEST_WORD:
            return self._lexicon.lemma(chunk, before, after)[0]
        pieces: list[str] = []
        done = 0
        for start, word, lemma, *_ in self._lemmas(chunk, before, after):
            pieces += (chunk[done:start], lemma)
            done = start + len(word)
        pieces.append(chunk[done:])
        return "".join(pieces)

    def _lemmas(
        self, chunk: str, before: int, after: int
    ) -> Iterator[tuple[int, str, str, str, float]]:
        """Yield the words of a chunk: place, word, lemma, rule, confidence."""
        for start, word in words_of(chunk):
            end = start + len(word)
            if self._lexicon.is_english:
                if _is_possessive(chunk, end) and not (after & Near.EDGE or before & Near.QUOTED):
                    yield start, chunk[start:], self._lexicon.noun(word), "possessive", 1.0
                    continue
                if not _inflects(chunk, start, end):
                    yield start, word, word, "compound", 1.0
                    continue
            left = inside(chunk, start, before)
            right = after if end == len(chunk) else Near.EDGE
            yield start, word, *self._lexicon.lemma(word, left, right)

    @cached_property
    def _lexicon(self) -> Lexicon:
        language = code_of(self.language)
        return Lexicon(language, _lemmatizer(language), frozenset(map(fold, self.keep)))

    @cached_property
    def _contexts(self) -> dict[tuple[str, int, int], str]:
        return {}

    @cached_property
    def _chunks(self) -> Memo[str | None]:
        """The lemmas of text between spaces; None if its context matters."""

        def lemmas(chunk: str) -> str | None:
            words = self._lexicon.words
            if chunk.isalpha() and len(chunk) <= LONGEST_WORD:
                found = words[chunk]
                return None if found.readings or found.name else found.lemma
            if self._lexicon.is_english and _is_possessive(chunk, len(chunk) - 1):
                return None
            if any(words[word].readings or words[word].name for _, word in words_of(chunk)):
                return None
            return self._replaced(chunk, 0, 0)

        return Memo(lemmas)


def lemmatize(text: str, *, language: str = "en", keep: Iterable[str] = ()) -> str:
    """Return a text with the lemma of each word in its place; see `Lemmatize`."""
    return applied(Lemmatize, text, language, strings("keep", keep))


def _is_possessive(chunk: str, end: int) -> bool:
    """Whether a chunk may end in a plural with its apostrophe: `boys'`."""
    return 0 < end == len(chunk) - 1 and chunk[end] in _APOSTROPHES and chunk[end - 1] in "sS"


def _inflects(chunk: str, start: int, end: int) -> bool:
    """Whether a word may be inflected where it is, as a part of a compound with hyphens.

    The last part may be a plural, or a verb after a prefix; a part before it only a plural
    before `-in-law` and the like. Other parts, as those of `best-known`, are no words alone.
    """
    if chunk[end : end + 1] in _HYPHENS and chunk[end + 1 : end + 2] not in _HYPHENS:
        return chunk[end - 1] in "snSN" and chunk[end + 1 :].lower().startswith(_AFTER_PLURALS)
    if start and chunk[start - 1] in _HYPHENS and chunk[start - 2 : start - 1] not in _HYPHENS:
        if chunk[end - 1] in "sS" or chunk[start:end].lower().endswith(_PLURALS):
            return True
        return chunk[: start - 1].lower().strip("\"'(“‘") in _PREFIXES
    return True


class _Unknown:
    """What simplemma returns for words that it does not know."""

    def get_lemma(self, token: str, lang: str) -> str:
        return singular(token) if lang == "en" else token.lower()


@cache
def _lemmatizer(language: str) -> Callable[[str], str]:
    try:
        from simplemma import Lemmatizer
        from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES
    except ImportError:
        raise ArgumentError(
            "lemmatizing needs simplemma, which is not installed",
            hint="pip install 'bpe-tool[lemma]'",
        ) from None
    if language not in SUPPORTED_LANGUAGES:
        raise ArgumentError(
            f"there are no lemmas for {language!r}",
            hint=f"one of {', '.join(sorted(SUPPORTED_LANGUAGES))}",
        )
    lemmatizer = Lemmatizer(0, fallback_lemmatization_strategy=_Unknown())
    return lambda word: lemmatizer.lemmatize(word, language)
