"""Strips accents off letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from bpe_tool.preprocess.character_classes import inside
from bpe_tool.preprocess.character_edits import through_lines
from bpe_tool.preprocess.edits import Edit
from bpe_tool.preprocess.step import Step, applied

# The blocks of general combining marks; then the blocks of letters that have them.
_ACCENTS = ((0x300, 0x36F), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0xFE20, 0xFE2F))
_LETTERS = ((0xA0, 0x52F), (0x1E00, 0x1FFF), (0x2000, 0x22FF))

#: Letters that Unicode does not decompose, and how people write them in ASCII.
PLAIN_LETTERS = {
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O",
    "đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ħ": "h", "Ħ": "H", "ı": "i", "ł": "l", "Ł": "L",
    "ŋ": "n", "Ŋ": "N", "þ": "th", "Þ": "Th", "ŧ": "t", "Ŧ": "T", "ĳ": "ij", "Ĳ": "IJ",
    "ŀ": "l", "Ŀ": "L", "ĸ": "k", "ſ": "s",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class StripAccents(Step):
    """Strips accents and other diacritics off letters: `é` becomes `e`, `ñ` `n`, `ộ` `o`.

    This covers every script that uses Unicode's general combining marks: Latin, Greek (`ή`
    becomes `η`) and Cyrillic (`й` becomes `и`, `ё` becomes `е`). Marks of a single script stay:
    Hangul, the vowel signs of Devanagari and related scripts, Hebrew and Arabic points, the
    voiced marks of kana (`が`). So do emoji.

    Attributes:
        letters: Whether to write other letters in ASCII too: `ø` as `o`, `ß` as `ss`, `æ` as
            `ae`, `ł` as `l`, and the like.
    """

    name: ClassVar[str] = "strip_accents"
    by_line = True

    letters: bool = False

    def edits(self, text: str) -> list[Edit]:
        """Return an edit for each run of letters with accents."""
        table, pattern = _tables(self.letters)
        return [
            Edit(*match.span(), match[0].translate(table), "accent")
            for match in pattern.finditer(text)
        ]

    def apply(self, text: str) -> str:
        """Return the changed text."""
        if text.isascii():
            return text
        table, pattern = _tables(self.letters)
        return pattern.sub(lambda match: match[0].translate(table), text)

    def apply_all(self, texts: Sequence[str]) -> list[str]:
        """Return the changed texts."""
        return through_lines(texts, self.apply)


@cache
def _tables(letters: bool) -> tuple[dict[int, str], re.Pattern[str]]:
    """Return the new text for each character that changes, and the pattern of runs of them."""
    table = dict(_plain()) | (dict(PLAIN_LETTERS) if letters else {})
    if letters:
        # For example ǿ, which without its accent is ø.
        table = {letter: PLAIN_LETTERS.get(plain, plain) for letter, plain in table.items()}
    return str.maketrans(table), re.compile(f"[{inside(''.join(sorted(table)))}]+")


def _plain() -> Iterator[tuple[str, str]]:
    """Yield characters with accents, each with its form without."""
    accents = {chr(code) for first, last in _ACCENTS for code in range(first, last + 1)}
    for first, last in _LETTERS:
        for letter in map(chr, range(first, last + 1)):
            parts = unicodedata.normalize("NFD", letter)
            if letter not in accents and not accents.isdisjoint(parts):
                plain = "".join(part for part in parts if part not in accents)
                yield letter, unicodedata.normalize("NFC", plain)
    for accent in accents:
        yield accent, ""


def strip_accents(text: str, *, letters: bool = False) -> str:
    """Strip accents and other diacritics off letters.

    Args:
        text: The text to change.
        letters: Whether to write `ø`, `ß`, `æ`, `ł` and the like in ASCII too.

    Raises:
        ArgumentError: An option is not a boolean.

    >>> strip_accents("Crème brûlée, Straße, हिन्दी, 한국어")
    'Creme brulee, Straße, हिन्दी, 한국어'
    >>> strip_accents("Straße in Łódź", letters=True)
    'Strasse in Lodz'
    """
    return applied(StripAccents, text, letters)
