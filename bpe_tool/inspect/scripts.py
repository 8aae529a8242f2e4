"""Which script a character is of: by its Unicode block, for letters only."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: What is no letter, and letters of blocks that are not listed here.
NONE, OTHER = "none", "other"

# The first character of a stretch of blocks, and the script of its letters.
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

#: All that `script_numbers` can say, by number.
SCRIPTS = (NONE, *sorted({script for _, script in _BLOCKS}))
_NUMBERS = np.array([SCRIPTS.index(script) for _, script in _BLOCKS])

#: The classes of characters that matter here, by number: those of Unicode by first letter.
CLASSES = ("letter", "mark", "number", "punctuation", "symbol", "space", "other")
_CLASS = {"L": 0, "M": 1, "N": 2, "P": 3, "S": 4, "Z": 5, "C": 6}
#: Control characters that are white space.
_SPACES = "\t\n\v\f\r\x85"
LETTER, MARK, NUMBER, PUNCTUATION, SYMBOL, SPACE, UNKNOWN = range(7)

#: Numbers of cases: of a letter that has one.
LOWER, UPPER = 1, 2


def classes(codes: NDArray[np.uint32]) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
    """Return the class and the case of every character: two arrays like `codes`, of int8."""
    limit = int(codes.max(initial=0)) + 1
    found, case = np.full(limit, UNKNOWN, np.int8), np.zeros(limit, np.int8)
    for code in np.flatnonzero(np.bincount(codes, minlength=limit)).tolist():
        char = chr(code)
        category = unicodedata.category(char)
        found[code] = SPACE if char in _SPACES else _CLASS[category[0]]
        case[code] = {"Ll": LOWER, "Lu": UPPER, "Lt": UPPER}.get(category, 0)
    return found[codes], case[codes]


def script_numbers(codes: NDArray[np.uint32], kinds: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return the script of every character, as an index of `SCRIPTS`."""
    numbers = _NUMBERS[np.searchsorted(_STARTS, codes, "right") - 1]
    return np.where(kinds == LETTER, numbers, 0)
