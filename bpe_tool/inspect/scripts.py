"""The script of a character: that of its Unicode block, for letters only."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The scripts of characters that are not letters, and of letters in other blocks.
NONE, OTHER = "none", "other"

# The first character of a run of blocks, and the script of their letters.
_BLOCKS = (
    (0x0000, "Latin"), (0x0370, "Greek"), (0x0400, "Cyrillic"), (0x0530, "Armenian"),
    (0x0590, "Hebrew"), (0x0600, "Arabic"), (0x0700, "Syriac"), (0x0750, "Arabic"),
    (0x0780, "Thaana"), (0x07C0, "NKo"), (0x0800, OTHER), (0x0860, "Syriac"), (0x0870, "Arabic"),
    (0x0900, "Devanagari"), (0x0980, "Bengali"), (0x0A00, "Gurmukhi"), (0x0A80, "Gujarati"),
    (0x0B00, "Oriya"), (0x0B80, "Tamil"), (0x0C00, "Telugu"), (0x0C80, "Kannada"),
    (0x0D00, "Malayalam"), (0x0D80, "Sinhala"), (0x0E00, "Thai"), (0x0E80, "Lao"),
    (0x0F00, "Tibetan"), (0x1000, "Myanmar"), (0x10A0, "Georgian"), (0x1100, "Hangul"),
    (0x1200, "Ethiopic"), (0x13A0, "Cherokee"), (0x1400, "Canadian Aboriginal"), (0x1680, OTHER),
    (0x1780, "Khmer"), (0x1800, "Mongolian"), (0x18B0, "Canadian Aboriginal"), (0x1900, OTHER),
    (0x1C80, "Cyrillic"), (0x1C90, "Georgian"), (0x1CC0, OTHER), (0x1D00, "Latin"),
    (0x1F00, "Greek"), (0x2000, "Latin"), (0x2C00, "Glagolitic"), (0x2C60, "Latin"),
    (0x2C80, "Coptic"), (0x2D00, "Georgian"), (0x2D30, "Tifinagh"), (0x2D80, "Ethiopic"),
    (0x2DE0, "Cyrillic"), (0x2E00, "Han"), (0x3040, "Hiragana"), (0x30A0, "Katakana"),
    (0x3100, "Bopomofo"), (0x3130, "Hangul"), (0x3190, "Han"), (0x31F0, "Katakana"),
    (0x3200, "Han"), (0xA000, "Yi"), (0xA4D0, OTHER), (0xA640, "Cyrillic"), (0xA6A0, OTHER),
    (0xA700, "Latin"), (0xA800, OTHER), (0xA8E0, "Devanagari"), (0xA900, OTHER),
    (0xA960, "Hangul"), (0xA980, OTHER), (0xAB00, "Ethiopic"), (0xAB30, "Latin"),
    (0xAB70, "Cherokee"), (0xABC0, OTHER), (0xAC00, "Hangul"), (0xD800, OTHER), (0xF900, "Han"),
    (0xFB00, "Latin"), (0xFB10, "Armenian"), (0xFB1D, "Hebrew"), (0xFB50, "Arabic"),
    (0xFE00, OTHER), (0xFE70, "Arabic"), (0xFF00, "Latin"), (0xFF66, "Katakana"),
    (0xFFA0, "Hangul"), (0xFFE0, OTHER), (0x10780, "Latin"), (0x107C0, OTHER),
    (0x1D400, "Latin"), (0x1D800, OTHER), (0x1DF00, "Latin"), (0x1E000, OTHER), (0x1EE00, "Arabic"),
    (0x1EF00, OTHER), (0x20000, "Han"),
    (0x32000, OTHER),
)  # fmt: skip

_STARTS = np.array([start for start, _ in _BLOCKS])

#: All scripts, by number.
SCRIPTS = (NONE, *sorted({script for _, script in _BLOCKS}))
_NUMBERS = np.array([SCRIPTS.index(script) for _, script in _BLOCKS], np.int8)

#: Classes of characters: Unicode's categories, with letters by case. A byte outside UTF-8 is a
#: lone surrogate.
LETTER, LOWER, UPPER, MARK, NUMBER, PUNCTUATION, SYMBOL, SPACE, UNKNOWN, UNDECODED = range(10)
CLASSES = 10
_BY_CATEGORY = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER, "Cs": UNDECODED}
_BY_LETTER = {
    "L": LETTER, "M": MARK, "N": NUMBER, "P": PUNCTUATION, "S": SYMBOL, "Z": SPACE, "C": UNKNOWN,
}  # fmt: skip
#: Control characters that are white space.
_SPACES = "\t\n\v\f\r\x85"


def classes_and_scripts(codes: NDArray[np.uint32]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the class and the script of every character: two arrays like `codes`.

    Scripts are indices of `SCRIPTS`; characters that are not letters have the first, `NONE`.
    """
    limit = int(codes.max(initial=0)) + 1
    used = np.zeros(limit, bool)
    used[codes] = True
    chosen = np.flatnonzero(used)
    classes, scripts = np.zeros(limit, np.int8), np.zeros(limit, np.int8)
    classes[chosen] = [_class(chr(code)) for code in chosen.tolist()]
    by_block = _NUMBERS[np.searchsorted(_STARTS, chosen, "right") - 1]
    scripts[chosen] = np.where(classes[chosen] <= UPPER, by_block, 0)
    return classes[codes], scripts[codes]


def _class(char: str) -> int:
    category = unicodedata.category(char)
    if char in _SPACES:
        return SPACE
    return _BY_CATEGORY.get(category, _BY_LETTER[category[0]])
