"""Lower case, of every script."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from bpe_tool.checks import flags
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.spans import stretches, through_lines
from bpe_tool.preprocess.step import Step, applied

_TURKISH = {ord("I"): "ı", ord("İ"): "i"}
# How long `İ` gets is the one thing `str.lower` does to lengths.
_SAME_LENGTH = {ord("İ"): "I"}


@dataclass(frozen=True, kw_only=True)
class Lowercase(Step):
    """Writes every letter small, by Unicode's full mapping.

    Greek sigma becomes `ς` at the end of a word and `σ` elsewhere; `İ` becomes `i` and
    a combining dot. The letters known are those of Python's own `unicodedata`.

    Attributes:
        fold: Fold instead, which is for comparing: `ß` becomes `ss`, `ς` becomes `σ`, `ﬁ`
            becomes `fi`.
        turkish: Take `I` for the capital of `ı`, and `İ` for that of `i`, as Turkish and
            Azerbaijani do.
        keep_acronyms: Leave acronyms as they are: two or more capitals in a word that has
            no small letter, with digits among them or an `s` behind (`NASA`, `H2O`, `PCs`),
            and single capitals that each have a full stop (`U.S.`). Text that is all in
            capitals then stays so.
    """

    name: ClassVar[str] = "lowercase"
    by_line = True

    fold: bool = False
    turkish: bool = False
    keep_acronyms: bool = False

    def __post_init__(self) -> None:
        flags(fold=self.fold, turkish=self.turkish, keep_acronyms=self.keep_acronyms)

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each stretch of letters that change."""
        rule = "fold" if self.fold else "lower"
        if not self.keep_acronyms:
            return stretches(text, self._characters(text), rule)
        results: list[str] = []
        for at, piece in enumerate(self._acronym.split(text)):
            results += piece if at % 2 else self._characters(piece)
        return stretches(text, results, rule)

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
        """Return what stands for each character of the text."""
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
        # Done as a whole: how a sigma is written depends on the letters around it.
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

        # The digits stand among the capitals; a small letter on either side ends the matter.
        pattern: re.Pattern[str] = regex.compile(
            r"(\p{Lu}(?<![\p{L}\p{M}\p{N}_]\p{Lu})"
            r"(?:\p{N}*+\p{Lu}[\p{Lu}\p{N}]*+s?(?![\p{L}\p{M}\p{N}_])|\.(?:\p{Lu}\.)++))"
        )
        return pattern


def lowercase(
    text: str, *, fold: bool = False, turkish: bool = False, keep_acronyms: bool = False
) -> str:
    """Write every letter small.

    Args:
        text: What to change.
        fold: Fold instead, for comparing: `ß` becomes `ss`.
        turkish: Take `I` for the capital of `ı`.
        keep_acronyms: Leave `NASA`, `PCs` and `U.S.` as they are.

    Raises:
        ArgumentError: An option is not a boolean.

    >>> lowercase("The ΟΔΟΣ in NASA's Photo")
    "the οδος in nasa's photo"
    >>> lowercase("Straße", fold=True), lowercase("DIYARBAKIR", turkish=True)
    ('strasse', 'dıyarbakır')
    """
    return applied(Lowercase, text, fold, turkish, keep_acronyms)
