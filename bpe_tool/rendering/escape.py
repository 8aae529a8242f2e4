"""Escapes text for a terminal or an HTML page: control characters and the like."""

from __future__ import annotations

import html
from unicodedata import category

#: The zero-width joiner, which joins emoji.
JOINER = "\u200d"


def escape(text: str) -> str:
    r"""Make text safe for a terminal, on one line.

    Unprintable characters are escaped: control characters, directional marks, line
    separators. Bytes of file names that are not UTF-8 become `\xNN`. Joiners of emoji stay.

    >>> escape("a\x1b[2J\u202e")
    'a\\x1b[2J\\u202e'
    """
    if JOINER not in text:
        return "".join(char if char.isprintable() else _escaped(char) for char in text)
    return "".join(
        char if char.isprintable() or _joins(text, at) else _escaped(char)
        for at, char in enumerate(text)
    )


def html_safe(text: str) -> str:
    r"""Escape text for any position in a page, including quoted attributes.

    >>> html_safe("<b> 'x'\x1b")
    '&lt;b&gt; &#x27;x&#x27;\\x1b'
    """
    return html.escape(escape(text), quote=True)


def _joins(text: str, at: int) -> bool:
    """Return whether the character at an index is a joiner between two emoji."""
    before, char, after = text[max(0, at - 1) : at], text[at], text[at + 1 :][:1]
    # Joinable emoji, skin tones and variation selectors are all above this code point.
    return (
        char == JOINER
        and min(before, after) >= "\u2600"
        and category(before) in ("So", "Sk", "Mn")
        and category(after) == "So"
    )


def _escaped(char: str) -> str:
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode()
