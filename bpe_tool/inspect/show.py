"""Any bytes of a token as text that is safe to print and shows everything there is."""

from __future__ import annotations

import re
import unicodedata

from bpe_tool.console import escape

#: What stands for white space that would not be seen.
MARKS = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍"}

#: Carries a combining mark that has nothing before it.
CARRIER = "◌"

_UNDECODED = re.compile("[\udc80-\udcff]+")


class _Shown(dict[int, str]):
    """What stands for each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        bare = 0xDC80 <= code <= 0xDCFF
        self[code] = shown = char if bare else MARKS.get(char) or escape(char)
        return shown


_SHOWN = _Shown()


def decoded(token: bytes) -> str:
    """Return the text of a token; each byte that is not UTF-8 is a lone surrogate."""
    return token.decode("utf-8", "surrogateescape")


def visible_text(text: str) -> str:
    """Show text that `decoded` gave. What joins several tokens must be printable."""
    return _UNDECODED.sub(_bytes, text.translate(_SHOWN))


def visible(token: bytes) -> str:
    r"""Show one token.

    White space has signs of its own, whatever else is not printable is escaped, and bytes
    outside UTF-8 stand between angle brackets.

    >>> visible(b" caf\xc3\xa9\n"), visible(b"\x1b[2J"), visible(b"\xe2\x82")
    ('␣café⏎', '\\x1b[2J', '<E2 82>')
    """
    text = decoded(token)
    carrier = CARRIER if text and unicodedata.category(text[0])[0] == "M" else ""
    return carrier + visible_text(text)


def _bytes(match: re.Match[str]) -> str:
    raw = match[0].encode("utf-8", "surrogateescape")
    return f"<{hex_bytes(raw)}>"


def hex_bytes(raw: bytes) -> str:
    """Return bytes as people write them.

    >>> hex_bytes("€".encode())
    'E2 82 AC'
    """
    return raw.hex(" ").upper()
