"""Puts the dictionary form of each word in its place: `mice` becomes `mouse`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.metadata import version
from typing import ClassVar

from bpe_tool.checks import string, strings
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.languages import code_of
from bpe_tool.preprocess.lemma_english import (
    AMBIGUOUS,
    CLITIC_HOSTS,
    EXCEPTIONS,
    Readings,
    context_of,
)
from bpe_tool.preprocess.step import Step, applied, keep_strings
from bpe_tool.preprocess.words import (
    LONGEST_WORD,
    Forgetful,
    Memo,
    fold,
    run_pattern,
    with_case,
    words_of,
)


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
        string("language", self.language)
        keep_strings(self, "keep")
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
                    for start, word, lemma, rule, confidence in self._lemmas(chunks, number)
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
            tables = repr((sorted(EXCEPTIONS.items()), sorted(AMBIGUOUS.items())))
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
        return _replace(
            chunks[number],
            ((start, word, lemma) for start, word, lemma, *_ in self._lemmas(chunks, number)),
        )

    def _lemmas(self, chunks: list[str], number: int) -> Iterator[tuple[int, str, str, str, float]]:
        """Yield the words of a chunk: place, word, lemma, rule, confidence."""
        chunk = chunks[number]
        for start, word in words_of(chunk):
            readings = self._readings(word)
            if readings is None:
                yield start, word, *self._words[word], 1.0
                continue
            context = context_of(
                "" if start else _neighbour(chunks, number, -1),
                "" if start + len(word) < len(chunk) else _neighbour(chunks, number, 1),
            )
            known = context in readings.by_context or context in ("noun", "verb")
            lemma = readings.by_context.get(context, readings.default)
            rule = f"context-{context}" if known else "context-none"
            yield start, word, with_case(word, lemma), rule, 0.9 if known else 0.6

    def _readings(self, word: str) -> Readings | None:
        """Return the lemmas of a word that has several."""
        if not self._is_english:
            return None
        folded = fold(word)
        return None if folded in self._kept else AMBIGUOUS.get(folded)

    @cached_property
    def _is_english(self) -> bool:
        return code_of(self.language) == "en"

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(map(fold, self.keep))

    @cached_property
    def _words(self) -> Memo[tuple[str, str]]:
        """The lemma of a word that has one in every context, and the rule."""
        look_up = _lemmatizer(code_of(self.language))

        def lemma(word: str) -> tuple[str, str]:
            folded = fold(word)
            if folded in self._kept:
                return word, "kept"
            if self._is_english:
                if "'" in folded:
                    host = word[:-2]
                    if not folded.endswith("'s") or fold(host) in CLITIC_HOSTS:
                        return word, "apostrophe"
                    return host, "possessive"
                if folded in EXCEPTIONS:
                    return with_case(word, EXCEPTIONS[folded]), "exception"
                if len(word) < 4:  # abbreviations, which the dictionary writes out
                    return word, "short"
            found = look_up(word).lower()
            if found == word.lower() or not run_pattern().fullmatch(found) or "-" in found:
                return word, "dictionary"
            return with_case(word, found), "dictionary"

        return Memo(lemma)

    @cached_property
    def _chunks(self) -> Memo[str | None]:
        """The lemmas of text between spaces; None if its context matters."""

        def lemmas(chunk: str) -> str | None:
            words = list(words_of(chunk))
            if any(self._readings(word) for _, word in words):
                return None
            return _replace(chunk, ((at, word, self._words[word][0]) for at, word in words))

        return Memo(lemmas)


def lemmatize(text: str, *, language: str = "en", keep: Iterable[str] = ()) -> str:
    """Return a text with the lemma of each word in its place; see `Lemmatize`."""
    return applied(Lemmatize, text, language=language, keep=strings("keep", keep))


def _replace(text: str, words: Iterator[tuple[int, str, str]]) -> str:
    pieces: list[str] = []
    done = 0
    for start, word, new in words:
        pieces += (text[done:start], new)
        done = start + len(word)
    pieces.append(text[done:])
    return "".join(pieces)


def _neighbour(chunks: list[str], number: int, step: int) -> str:
    """Return the folded word that ends the chunk before (-1) or begins the one after (1)."""
    if not 0 <= number + step < len(chunks):
        return ""
    return _EDGES[chunks[number + step]][step < 0]


def _edges(chunk: str) -> tuple[str, str]:
    """Return the run that begins a chunk and the run that ends it, folded; or nothing."""
    # What decides is short; text without spaces may be long.
    head, tail = chunk[:LONGEST_WORD], chunk[-LONGEST_WORD:]
    first = run_pattern().match(head)
    last = re.search(rf"(?:{run_pattern().pattern})\Z", tail)
    return fold(first[0]) if first else "", fold(last[0]) if last else ""


#: What `_edges` returns; the same for all languages.
_EDGES = Memo(_edges)


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
