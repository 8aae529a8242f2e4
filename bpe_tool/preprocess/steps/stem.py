"""Cuts words down to their stems: `connections` and `connected` to `connect`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from importlib.metadata import version
from typing import Any, ClassVar

from bpe_tool.checks import strings
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.apostrophes import STRAIGHT
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.languages import name_of
from bpe_tool.preprocess.step import ChunkwiseStep, applied
from bpe_tool.preprocess.word_spans import Memo, fold, is_word, with_case, words_of

#: Modules that have the stemmers of Snowball, the faster one first, and their packages.
_LIBRARIES = {"Stemmer": "PyStemmer", "snowballstemmer": "snowballstemmer"}


@dataclass(frozen=True, kw_only=True)
class Stem(ChunkwiseStep):
    """Replace each word by its stem, with the Snowball algorithms.

    A word is a run of letters and marks, perhaps with apostrophes inside. Words joined by a
    hyphen or a slash count one by one. Words with digits, addresses and paths stay.

    The stemmers only know lower case, so each word is lower-cased for them. The letters that
    remain keep their case. Where letters change, `FLIES` becomes `FLI` and `Flies` becomes
    `Fli`.

    The stem of a stem may be shorter (`abasement`), so this is not idempotent.

    Args:
        language: An algorithm of Snowball by its name, or a language by its code: `english`
            (or `en`), `german`, `porter`, ...
        keep: Words to leave alone, in upper or lower case.

    Raises:
        ArgumentError: If neither PyStemmer nor snowballstemmer is installed, or there is no
            such algorithm.
    """

    name: ClassVar[str] = "stem"
    idempotent: ClassVar[bool] = False
    by_line = True

    language: str = "english"
    keep: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        _stemmer(self.language)

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each word that is not its own stem."""
        stems = self._stems
        return [
            Edit(start, start + len(word), stem, f"snowball-{name_of(self.language)}")
            for start, word in words_of(text)
            if (stem := stems[word]) != word
        ]

    def apply(self, text: str) -> str:
        """Return the text of stems."""
        # No word reaches across a space, and the same chunks come again and again.
        stem = self._chunks.__getitem__
        if "\n" not in text:
            return " ".join(map(stem, text.split(" ")))
        return "\n".join([" ".join(map(stem, line.split(" "))) for line in text.split("\n")])

    def chunk(self, chunk: str) -> str:
        """Return the result for one chunk."""
        if chunk.isalpha() and is_word(chunk):
            return self._stem_word(chunk)
        pieces: list[str] = []
        done = 0
        for start, word in words_of(chunk):
            pieces += (chunk[done:start], self._stems[word])
            done = start + len(word)
        pieces.append(chunk[done:])
        return "".join(pieces)

    def data_digests(self) -> dict[str, str]:
        """Return the library that stems, with its version."""
        module, _ = _library()
        return {_LIBRARIES[module]: version(_LIBRARIES[module])}

    def _stem_word(self, word: str) -> str:
        lower = word.lower().translate(STRAIGHT)
        result = self._stem(lower)
        if result == lower or not result or (self._kept and fold(word) in self._kept):
            return word
        return with_case(word, result)

    @cached_property
    def _stem(self) -> Callable[[str], str]:
        return _stemmer(self.language)

    @cached_property
    def _kept(self) -> frozenset[str]:
        return frozenset(map(fold, self.keep))

    @cached_property
    def _stems(self) -> Memo[str]:
        return Memo(self._stem_word)

    @cached_property
    def _chunks(self) -> Memo[str]:
        return Memo(self.chunk)


def stem(text: str, *, language: str = "english", keep: Iterable[str] = ()) -> str:
    """Replace each word of a text by its stem; see `Stem`."""
    return applied(Stem, text, language, strings("keep", keep))


def stem_languages() -> list[str]:
    """Return the algorithms that `stem` knows.

    Raises:
        ArgumentError: If neither PyStemmer nor snowballstemmer is installed.
    """
    return sorted(_library()[1].algorithms())


def _library() -> tuple[str, Any]:
    """Return the name of the fastest module with stemmers that is installed, and the module."""
    for name in _LIBRARIES:
        try:
            return name, import_module(name)
        except ImportError:
            continue
    raise ArgumentError(
        "stemming needs PyStemmer or snowballstemmer, and neither is installed",
        hint="pip install 'bpe-tool[stem]'",
    )


def _stemmer(language: str) -> Callable[[str], str]:
    module, library = _library()
    name = name_of(language)
    if name not in library.algorithms():
        raise ArgumentError(
            f"there is no stemmer for {language!r}",
            hint=f"one of {', '.join(stem_languages())}",
        )
    if module == "Stemmer":
        return library.Stemmer(name, 0).stemWord  # type: ignore[no-any-return]
    return library.stemmer(name).stemWord  # type: ignore[no-any-return]
