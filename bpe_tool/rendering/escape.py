"""Makes any text safe to show, on a terminal or in a page."""

from __future__ import annotations

import html
from unicodedata import category

#: Makes one sign of the emoji on its sides.
JOINER = "\u200d"


def escape(text: str) -> str:
    r"""Make text safe for a terminal and keep it on one line.

    Whatever is not printable is written as an escape: control characters, directional
    marks, line separators; bytes of file names that are not UTF-8 as `\xNN`. Only what joins
    emoji stays.

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
    r"""Return text as it may stand anywhere in a page, between quotes, too.

    >>> html_safe("<b> 'x'\x1b")
    '&lt;b&gt; &#x27;x&#x27;\\x1b'
    """
    return html.escape(escape(text), quote=True)


def _joins(text: str, at: int) -> bool:
    """Return whether a joiner stands there, between emoji."""
    before, char, after = text[max(0, at - 1) : at], text[at], text[at + 1 :][:1]
    # Emoji that can be joined are symbols from here on; so are colours of skin, and selectors.
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
