"""Shows the bytes of tokens as text: safe to print, with nothing left out."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from bpe_tool.rendering.escape import JOINER, escape

#: Symbols for white space, which would be invisible.
MARKS = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍"}

#: The base of a combining mark that has none.
CARRIER = "◌"

#: The maximum length of a text where space is short, in characters.
ROOM = 60

_UNDECODED = re.compile("[\udc80-\udcff]+")
_REPEATED = re.compile(r"(.)\1{7,}")


class _Shown(dict[int, str]):
    """The display of each character, computed when it first occurs."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        # How these are shown depends on their neighbours.
        later = 0xDC80 <= code <= 0xDCFF or char == JOINER
        self[code] = shown = char if later else MARKS.get(char) or escape(char)
        return shown


_SHOWN = _Shown()


def decoded(token: bytes) -> str:
    """Return the text of a token; a byte outside UTF-8 is a lone surrogate."""
    return token.decode("utf-8", "surrogateescape")


def visible_text(text: str) -> str:
    """Return the display of a text from `decoded`. Separators of tokens must be printable."""
    shown = _UNDECODED.sub(_bytes, text.translate(_SHOWN))
    return escape(shown) if JOINER in shown else shown


def visible(token: bytes) -> str:
    r"""Return the display of one token.

    White space is shown as symbols, other unprintable characters are escaped, and bytes
    outside UTF-8 are in angle brackets.

    >>> visible(b" caf\xc3\xa9\n"), visible(b"\x1b[2J"), visible(b"\xe2\x82")
    ('␣café⏎', '\\x1b[2J', '<E2 82>')
    """
    text = decoded(token)
    carrier = CARRIER if text and unicodedata.category(text[0])[0] == "M" else ""
    return carrier + visible_text(text)


def brief(token: bytes) -> str:
    """Return a short display of one token: repetitions are counted, longer texts are cut.

    >>> brief(b" " * 128 + b"x"), brief(b"-" * 7)
    ('␣×128x', '-------')
    """
    shown = _REPEATED.sub(lambda match: f"{match[1]}×{len(match[0])}", visible(token))
    return shown if len(shown) <= ROOM else f"{shown[: ROOM - 1]}…"


def in_parts(tokens: Sequence[bytes]) -> list[str]:
    r"""Return the displays of consecutive tokens.

    If tokens split a character, the first of them shows it whole, with the rest of its
    grapheme cluster; each of them shows its bytes.

    >>> in_parts([b"a\xe2", b"\x82", b"\xac!"])
    ['a€<E2>', '<82>', '<AC>!']
    """
    text = b"".join(tokens)
    shown = []
    cut = deque(_cut_clusters(text, tokens))
    for start, end in pairwise(accumulate(map(len, tokens), initial=0)):
        label, at = "", start
        while cut and cut[0][0] < end:
            first, last = cut[0]
            label += visible(text[at:first]) if first > at else ""
            label += visible(text[first:last]) if first >= start else ""
            at = min(end, last)
            label += f"<{hex_bytes(text[max(start, first) : at])}>"
            if last > end:
                break
            cut.popleft()
        shown.append(label + (visible(text[at:end]) if at < end else ""))
    return shown


def split_text(tokens: Sequence[bytes]) -> str:
    r"""Return consecutive tokens on one line, separated by `|`; cut if long.

    >>> split_text([b" a", b"|b"])
    '␣a|\\|b'
    """
    shown = "|".join(part.replace("|", "\\|") for part in in_parts(tokens))
    return shown if len(shown) <= ROOM else f"{shown[: ROOM - 1]}…"


def _cut_clusters(text: bytes, tokens: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each grapheme cluster in which a token splits a character."""
    ends = accumulate(map(len, tokens))
    inside = [at for at in ends if at < len(text) and text[at] & 0xC0 == 0x80]
    if not inside:
        return
    import regex

    clusters = regex.findall(r"\X", decoded(text))
    starts = [0, *accumulate(len(each.encode("utf-8", "surrogateescape")) for each in clusters)]
    before = -1
    for at in inside:
        number = bisect_right(starts, at) - 1
        # Bytes outside UTF-8 are clusters of their own: none of them is split.
        if number != before and starts[number] < at:
            yield starts[number], starts[number + 1]
            before = number


def _bytes(match: re.Match[str]) -> str:
    raw = match[0].encode("utf-8", "surrogateescape")
    return f"<{hex_bytes(raw)}>"


def hex_bytes(raw: bytes) -> str:
    """Return bytes as hexadecimal numbers.

    >>> hex_bytes("€".encode())
    'E2 82 AC'
    """
    return raw.hex(" ").upper()


def brief_hex(raw: bytes) -> str:
    """Return bytes as `hex_bytes`; only the first of many."""
    return hex_bytes(raw) if len(raw) <= ROOM // 3 else f"{hex_bytes(raw[: ROOM // 3])} …"
