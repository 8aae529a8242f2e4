"""Lower case, in every script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from bpe_tool.preprocess.character_edits import runs_of_changes, through_lines
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step, applied

_TURKISH = {ord("I"): "ı", ord("İ"): "i"}
# `İ` is the only character that `str.lower` makes longer.
_SAME_LENGTH = {ord("İ"): "I"}


@dataclass(frozen=True, kw_only=True)
class Lowercase(Step):
    """Makes all letters lower-case, by Unicode's full mapping.

    Greek sigma becomes `ς` at the end of a word and `σ` elsewhere; `İ` becomes `i` and
    a combining dot. The Unicode version is that of Python.

    Attributes:
        fold: Fold case instead, for comparing: `ß` becomes `ss`, `ς` becomes `σ`, `ﬁ` becomes
            `fi`.
        turkish: Treat `I` as the capital of `ı`, and `İ` as that of `i`, as in Turkish and
            Azerbaijani.
        keep_acronyms: Leave acronyms alone: words of two or more capitals, perhaps with
            digits inside or an `s` at the end (`NASA`, `H2O`, `PCs`), and capitals with full
            stops (`U.S.`). Text that is all in capitals is then left alone too.
    """

    name: ClassVar[str] = "lowercase"
    by_line = True

    fold: bool = False
    turkish: bool = False
    keep_acronyms: bool = False

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each run of letters that change."""
        rule = "fold" if self.fold else "lower"
        if not self.keep_acronyms:
            return runs_of_changes(text, self._characters(text), rule)
        results: list[str] = []
        for at, piece in enumerate(self._acronym.split(text)):
            results += piece if at % 2 else self._characters(piece)
        return runs_of_changes(text, results, rule)

    def apply(self, text: str) -> str:
        """Return the changed text."""
        if not self.keep_acronyms:
            return self._lower(text)
        pieces = self._acronym.split(text)
        pieces[::2] = map(self._lower, pieces[::2])
        return "".join(pieces)

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the changed texts."""
        if self.turkish or self.keep_acronyms:
            return through_lines(texts, self.apply)
        return list(map(str.casefold if self.fold else str.lower, texts))

    def _lower(self, text: str) -> str:
        if self.turkish:
            text = self._dot.sub(r"i\1", text).translate(_TURKISH)
        return text.casefold() if self.fold else text.lower()

    def _characters(self, text: str) -> list[str]:
        """Return the new text for each character."""
        if self.turkish:
            dots = {match.end() - 1 for match in self._dot.finditer(text)}
            capitals = {match.start() for match in self._dot.finditer(text)}
            dotted = ["i" if at in capitals else letter for at, letter in enumerate(text)]
            results = self._plain_characters("".join(dotted).translate(_TURKISH))
            return ["" if at in dots else result for at, result in enumerate(results)]
        return self._plain_characters(text)

    def _plain_characters(self, text: str) -> list[str]:
        if self.fold:
            return [letter.casefold() for letter in text]
        # All at once, since the form of a sigma depends on the letters around it.
        lowered = list(text.translate(_SAME_LENGTH).lower())
        for match in re.finditer("İ", text):
            lowered[match.start()] = "İ".lower()
        return lowered

    @cached_property
    def _dot(self) -> re.Pattern[str]:
        """A capital I with a dot above as a character of its own.

        Other marks may stand between, if they are neither above the letter nor beside it
        (Unicode, SpecialCasing.txt, After_I).
        """
        import regex

        pattern: re.Pattern[str] = regex.compile(r"I([^\p{ccc=0}\p{ccc=230}]*+)\u0307")
        return pattern

    @cached_property
    def _acronym(self) -> re.Pattern[str]:
        import regex

        # Digits may stand among the capitals; no lower-case letter may stand on either side.
        pattern: re.Pattern[str] = regex.compile(
            r"(\p{Lu}(?<![\p{L}\p{M}\p{N}_]\p{Lu})"
            r"(?:\p{N}*+\p{Lu}[\p{Lu}\p{N}]*+s?(?![\p{L}\p{M}\p{N}_])|\.(?:\p{Lu}\.)++))"
        )
        return pattern


def lowercase(
    text: str, *, fold: bool = False, turkish: bool = False, keep_acronyms: bool = False
) -> str:
    """Make all letters lower-case.

    Args:
        text: The text to change.
        fold: Fold case instead, for comparing: `ß` becomes `ss`.
        turkish: Treat `I` as the capital of `ı`.
        keep_acronyms: Leave `NASA`, `PCs` and `U.S.` alone.

    Raises:
        ArgumentError: An option is not a boolean.

    >>> lowercase("The ΟΔΟΣ in NASA's Photo")
    "the οδος in nasa's photo"
    >>> lowercase("Straße", fold=True), lowercase("DIYARBAKIR", turkish=True)
    ('strasse', 'dıyarbakır')
    """
    return applied(Lowercase, text, fold, turkish, keep_acronyms)
