"""Any bytes of tokens as text that is safe to print and shows everything there is."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from bpe_tool.rendering.escape import JOINER, escape

#: What stands for white space that would not be seen.
MARKS = {" ": "␣", "\n": "⏎", "\t": "⇥", "\r": "␍"}

#: Carries a combining mark that has nothing before it.
CARRIER = "◌"

#: Where there is little room, texts are cut after so many characters.
ROOM = 60

_UNDECODED = re.compile("[\udc80-\udcff]+")
_REPEATED = re.compile(r"(.)\1{7,}")


class _Shown(dict[int, str]):
    """What stands for each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        # Whether these are shown depends on their neighbours.
        later = 0xDC80 <= code <= 0xDCFF or char == JOINER
        self[code] = shown = char if later else MARKS.get(char) or escape(char)
        return shown


_SHOWN = _Shown()


def decoded(token: bytes) -> str:
    """Return the text of a token; each byte that is not UTF-8 is a lone surrogate."""
    return token.decode("utf-8", "surrogateescape")


def visible_text(text: str) -> str:
    """Show text that `decoded` gave. What joins several tokens must be printable."""
    shown = _UNDECODED.sub(_bytes, text.translate(_SHOWN))
    return escape(shown) if JOINER in shown else shown


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


def brief(token: bytes) -> str:
    """Show one token where there is little room: repetitions are counted, the rest is cut.

    >>> brief(b" " * 128 + b"x"), brief(b"-" * 7)
    ('␣×128x', '-------')
    """
    shown = _REPEATED.sub(lambda match: f"{match[1]}×{len(match[0])}", visible(token))
    return shown if len(shown) <= ROOM else f"{shown[: ROOM - 1]}…"


def in_parts(tokens: Sequence[bytes]) -> list[str]:
    r"""Show tokens that follow each other.

    A character that is cut is shown whole, with all that makes up one sign with it, by the
    first of the tokens that have a part of it; each of them shows its bytes.

    >>> in_parts([b"a\xe2", b"\x82", b"\xac!"])
    ['a€<E2>', '<82>', '<AC>!']
    """
    text = b"".join(tokens)
    shown = []
    cut = deque(_cut_signs(text, tokens))
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
    r"""Show tokens that follow each other in one line, with `|` between them; cut if long.

    >>> split_text([b" a", b"|b"])
    '␣a|\\|b'
    """
    shown = "|".join(part.replace("|", "\\|") for part in in_parts(tokens))
    return shown if len(shown) <= ROOM else f"{shown[: ROOM - 1]}…"


def _cut_signs(text: bytes, tokens: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    """Yield where those signs begin and end of which a token cuts a character."""
    ends = accumulate(map(len, tokens))
    inside = [at for at in ends if at < len(text) and text[at] & 0xC0 == 0x80]
    if not inside:
        return
    import regex

    signs = regex.findall(r"\X", decoded(text))
    starts = [0, *accumulate(len(sign.encode("utf-8", "surrogateescape")) for sign in signs)]
    before = -1
    for at in inside:
        number = bisect_right(starts, at) - 1
        # Bytes outside UTF-8 are signs of their own: none of them is cut.
        if number != before and starts[number] < at:
            yield starts[number], starts[number + 1]
            before = number


def _bytes(match: re.Match[str]) -> str:
    raw = match[0].encode("utf-8", "surrogateescape")
    return f"<{hex_bytes(raw)}>"


def hex_bytes(raw: bytes) -> str:
    """Return bytes as people write them.

    >>> hex_bytes("€".encode())
    'E2 82 AC'
    """
    return raw.hex(" ").upper()


def brief_hex(raw: bytes) -> str:
    """Return bytes likewise where there is little room: the first of them."""
    return hex_bytes(raw) if len(raw) <= ROOM // 3 else f"{hex_bytes(raw[: ROOM // 3])} …"
