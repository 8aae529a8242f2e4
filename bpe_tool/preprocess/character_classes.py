"""Character classes for `re`, from the Unicode tables of `regex`.

`regex` has newer tables and all properties. `re` is faster, unless a class holds characters
above U+FFFF: it tries their ranges one after the other on every character.
"""

from __future__ import annotations

import re
from functools import lru_cache

import regex

#: White space within a line, for a class of `re`.
BLANKS = "\t \xa0\u1680\u2000-\u200a\u202f\u205f\u3000"

# Except for Han, only planes 0 and 1 hold letters, marks, digits, punctuation or symbols.
_END = 0x20000


@lru_cache
def members(pattern: str) -> str:
    r"""Return the characters that a class of `regex` matches, up to U+1FFFF and in order.

    Args:
        pattern: A class in its version 1 syntax: `[\p{P}--[-]]`.
    """
    every = b"".join(code.to_bytes(4, "little") for code in range(_END))
    found: list[str] = regex.findall(f"(?V1){pattern}", every.decode("utf-32-le", "surrogatepass"))
    return "".join(found)


def inside(characters: str) -> str:
    """Return sorted characters as ranges, to stand in the brackets of a class of `re`."""
    ranges: list[list[int]] = []
    for code in map(ord, characters):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    return "".join(f"\\U{first:08x}-\\U{last:08x}" for first, last in ranges)


class CharacterClass:
    """Finds characters of a class quickly.

    Args:
        characters: Those of the class, in order.
        condition: A pattern of `re` that must match behind each of them.
    """

    def __init__(self, characters: str, condition: str = "") -> None:
        low = "".join(character for character in characters if character <= "\uffff")
        high = characters[len(low) :]
        self.low = re.compile(f"[{inside(low)}]{condition}") if low else None
        self.high = (
            re.compile(f"(?=[\U00010000-\U0010ffff])[{inside(high)}]{condition}") if high else None
        )

    def replace(self, text: str, new: str) -> str:
        """Put `new`, without backslashes, for each character of the class."""
        if self.low is not None:
            text = self.low.sub(new, text)
        if self.high is not None and reaches_high(text):
            text = self.high.sub(new, text)
        return text


def reaches_high(text: str) -> bool:
    """Whether there are characters above U+FFFF."""
    return len(text.encode("utf-16-le", "surrogatepass")) != 2 * len(text)
