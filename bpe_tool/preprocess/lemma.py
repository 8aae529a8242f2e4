"""Puts the dictionary form of each word in its place: `mice` becomes `mouse`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from typing import ClassVar, NamedTuple

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.apostrophes import APOSTROPHES
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.languages import code_of
from bpe_tool.preprocess.lemma_context import (
    BITS,
    CLITIC_HOSTS,
    Near,
    in_quotation,
    in_title,
    inside,
    sides,
)
from bpe_tool.preprocess.lemma_english import (
    ACRONYMS,
    ADJECTIVES,
    AMBIGUOUS,
    EXCEPTIONS,
    NOUNS_IN_ING,
    VERBS_IN_UN,
    Readings,
    participle,
)
from bpe_tool.preprocess.lemma_forms import english_lemma
from bpe_tool.preprocess.step import Step, made
from bpe_tool.preprocess.words import (
    LONGEST_WORD,
    MEMO_SIZE,
    Forgetful,
    Memo,
    fold,
    run_pattern,
    with_case,
    words_of,
)


#: Languages in which names have capitals, other words have none, and names do not inflect.
_LANGUAGES_OF_NAMES = frozenset("ca da en es fr gl it nb nl nn pt sv".split())

_APOSTROPHES = tuple(APOSTROPHES)
_HYPHENS = ("-", "\u2010", "\u2011")
_PREFIXES = frozenset("co de dis fore inter mis out over pre re un under up".split())
_AFTER_PLURALS = ("in-law", "by", "up", "on", "off", "in-chief", "general", "at-arms")
_PLURALS = ("en", "ce", "et")  # men, mice, feet

#: Lemmas of verbs that begin questions before names.
_FUNCTION = frozenset(("be", "have", "do", "say", "let"))


class Found(NamedTuple):
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


@dataclass(frozen=True, kw_only=True)
class Lemmatize(Forgetful, Step):
    """Put the lemma of each word in its place, from the dictionaries of simplemma.

    For English, a table of our own goes before the dictionary, and where a word has several
    lemmas, the words next to it on its line decide: `the saw` stays, `he saw` becomes
    `he see`. Of a possessive the noun is left. Other words with an apostrophe stay, so that
    no negation is lost; expand contractions first. A dictionary that only changes case or
    writes out an abbreviation is not followed.

    A word is a run of letters and marks; words joined by a hyphen or a slash are words
    each. What holds a digit, and addresses and paths, stay. The lemma has the case of its
    word: `Mice` becomes `Mouse` and `MICE` becomes `MOUSE`, small letters stay small.

    The lemma of a lemma may be another, so this is not idempotent.

    Args:
        language: Its code or English name: `en`, `german`, ...
        keep: Words that stay as they are, in any case.

    Raises:
        ArgumentError: If simplemma is not installed, or has no such language.
    """

    name: ClassVar[str] = "lemmatize"
    idempotent: ClassVar[bool] = False

    language: str = "en"
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
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
        if self._is_english:
            tables = repr((
                sorted(EXCEPTIONS.items()), sorted(AMBIGUOUS.items()),
                sorted(ADJECTIVES), sorted(NOUNS_IN_ING), sorted(ACRONYMS), sorted(VERBS_IN_UN), sorted(BITS.items()),
            ))  # fmt: skip
            digests["english-exceptions"] = hashlib.sha256(tables.encode()).hexdigest()
        return digests

    def _apply_to_line(self, line: str) -> str:
        chunks = line.split(" ")
        found = list(map(self._chunks.__getitem__, chunks))
        if None not in found:
            return " ".join(found)  # type: ignore[arg-type]
        return " ".join(
            [
                self._in_context(chunks, number) if lemmas is None else lemmas
                for number, lemmas in enumerate(found)
            ]
        )

    def _in_context(self, chunks: list[str], number: int) -> str:
        chunk = chunks[number]
        key = (chunk, *self._around(chunks, number))
        known = self._contexts.get(key)
        if known is None:
            known = _replace(
                chunk, ((at, word, lemma) for at, word, lemma, *_ in self._lemmas(*key))
            )
            if len(chunk) <= LONGEST_WORD:
                if len(self._contexts) >= MEMO_SIZE:
                    self._contexts.clear()
                self._contexts[key] = known
        return known

    def _around(self, chunks: list[str], number: int) -> tuple[int, int]:
        """Return what stands before and after a chunk, as bits of `Near`."""
        before, after = sides(chunks, number)
        chunk = chunks[number]
        if self._has_names and not chunk.islower() and not in_title(chunks, number):
            before |= Near.NAME
        if chunk.endswith(_APOSTROPHES) and in_quotation(chunks, number):
            before |= Near.QUOTED
        return before, after

    def _lemmas(
        self, chunk: str, before: int, after: int
    ) -> Iterator[tuple[int, str, str, str, float]]:
        """Yield the words of a chunk: place, word, lemma, rule, confidence."""
        for start, word in words_of(chunk):
            end = start + len(word)
            found = self._words[word]
            left = inside(chunk, start, before)
            right = after if end == len(chunk) else Near.EDGE
            if self._is_english:
                if (
                    len(chunk) == end + 1
                    and chunk[end] in APOSTROPHES
                    and word[-1] in "sS"
                    and not after & Near.EDGE
                    and not before & Near.QUOTED
                ):
                    yield start, chunk[start:], self._as_noun(word), "possessive", 1.0
                    continue
                if not _inflects(chunk, start, end, found.lemma):
                    yield start, word, word, "compound", 1.0
                    continue
            yield start, word, *self._decide(word, found, left, right)

    def _decide(self, word: str, found: Found, before: int, after: int) -> tuple[str, str, float]:
        """Return the lemma of a word by what stands around it, the rule and the confidence."""
        if found.name and before & Near.NAME:
            leads = (
                after & Near.CAPITAL and word[-1] == "s" and found.lemma.lower() not in _FUNCTION
            )
            if leads or not before & Near.STOP:
                return word, "name", 0.9
        readings = found.readings
        if readings is None:
            return found.lemma, found.rule, 1.0
        if (
            len(word) > 1
            and word.isupper()
            and fold(word) in ACRONYMS
            and not (before | after) & Near.SUBJECT
        ):
            return word, "acronym", 0.9
        lemma, rule, confidence = readings.lemma(before, after)
        return with_case(word, lemma), rule, confidence

    def _as_noun(self, word: str) -> str:
        """Return the lemma of a possessive without its ending."""
        return self._decide(word, self._words[word], Near.DETERMINER | Near.NAME, 0)[0]

    @cached_property
    def _is_english(self) -> bool:
        return code_of(self.language) == "en"

    @cached_property
    def _has_names(self) -> bool:
        return code_of(self.language) in _LANGUAGES_OF_NAMES

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(map(fold, self.keep))

    @cached_property
    def _contexts(self) -> dict[tuple[str, int, int], str]:
        return {}

    @cached_property
    def _words(self) -> Memo[Found]:
        """The lemma of a word as far as it tells itself."""
        look_up = _lemmatizer(code_of(self.language))

        def found(word: str) -> Found:
            folded = fold(word)
            if folded in self._kept:
                return Found(word, "kept")
            if not self._is_english:
                raw = look_up(word)
                return self._checked(word, raw, raw.lower(), "dictionary")
            if "'" in folded:
                host = word[:-2]
                if not folded.endswith("'s") or fold(host) in CLITIC_HOSTS:
                    return Found(word, "apostrophe")
                return Found(self._as_noun(host), "possessive")
            if readings := AMBIGUOUS.get(folded):
                return Found(
                    with_case(word, readings.default),
                    readings.rule,
                    readings,
                    word[0].isupper() and not word.isupper(),
                )
            if folded in EXCEPTIONS:
                return self._checked(word, "", EXCEPTIONS[folded], "exception")
            if len(word) < 4:  # abbreviations, which the dictionary writes out
                return Found(word, "short")
            raw = look_up(word)
            return self._checked(
                word, raw, english_lemma(folded, raw.lower(), look_up), "dictionary"
            )

        return Memo(found)

    def _checked(self, word: str, raw: str, lemma: str, rule: str) -> Found:
        """Return what was found for a word, if it is a lemma that may stand in its place."""
        folded = fold(word)
        if lemma in (word.lower(), folded) or not run_pattern().fullmatch(lemma) or "-" in lemma:
            return Found(word, rule)
        readings = None
        if self._is_english and (folded.endswith(("ed", "ing")) or folded in ADJECTIVES):
            readings = participle(folded, lemma)
            lemma = readings.default
        name = self._has_names and word[0].isupper() and not raw[:1].isupper()
        if self._is_english and word.isupper():
            name = False
            if folded in ACRONYMS:
                readings = readings or Readings(lemma, (), rule, 1.0)
        return Found(with_case(word, lemma), rule, readings, name)

    @cached_property
    def _chunks(self) -> Memo[str | None]:
        """The lemmas of text between spaces; None if its context matters."""

        def lemmas(chunk: str) -> str | None:
            if self._is_english and chunk.endswith(_APOSTROPHES):
                return None
            for _, word in words_of(chunk):
                found = self._words[word]
                if found.readings or found.name:
                    return None
            return _replace(
                chunk, ((at, word, lemma) for at, word, lemma, *_ in self._lemmas(chunk, 0, 0))
            )

        return Memo(lemmas)


def lemmatize(text: str, *, language: str = "en", keep: tuple[str, ...] = ()) -> str:
    """Return a text with the lemma of each word in its place; see `Lemmatize`."""
    return made(Lemmatize, language=language, keep=tuple(keep)).apply(text)


def _replace(text: str, words: Iterator[tuple[int, str, str]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, word, new in words:
        pieces += (text[done:start], new)
        done = start + len(word)
    pieces.append(text[done:])
    return "".join(pieces)


def _inflects(chunk: str, start: int, end: int, lemma: str) -> bool:
    """Whether a word may be inflected where it is, as a part of a compound with hyphens.

    The last part may be a plural, or a verb after a prefix; a part before it only a plural
    before `-in-law` and the like. Other parts, as those of `best-known`, are no words alone.
    """
    word = chunk[start:end].lower()
    if chunk[end : end + 1] in _HYPHENS:
        return word[-1] in "sn" and chunk[end + 1 :].lower().startswith(_AFTER_PLURALS)
    if start and chunk[start - 1] in _HYPHENS:
        if word[-1] == "s" or word.endswith(_PLURALS):
            return True
        return chunk[: start - 1].lower().strip("\"'(“‘") in _PREFIXES
    return True


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
    lemmatizer = Lemmatizer(cache_max_size=0)
    return lambda word: lemmatizer.lemmatize(word, language)
