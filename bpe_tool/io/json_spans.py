"""Finds the byte spans of the fields of JSON objects and the elements of arrays, without values.

No JSON library gives byte positions, which are needed to replace one field and keep all other
bytes. Nor does one take everything that RFC 8259 allows: numbers of any size, half of a
surrogate pair, nesting of any depth. This scanner does, and refuses everything else.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Sequence

#: The place of an element in an array.
NUMBER = re.compile(r"0|-?[1-9][0-9]{0,8}")

_TOKEN = re.compile(
    rb"[ \t\r\n]*+(?:"
    rb'(?P<string>"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+")'
    rb"|(?P<plain>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)"
    rb"|(?P<mark>[{}\[\],:]))"
)
_SPACE = re.compile(rb"[ \t\r\n]*+")

# What may come next: a value; a value or the end of the array; a key; a key or the end of the
# object; a colon; a comma or the end of the innermost array or object.
_VALUE, _FIRST_VALUE, _KEY, _FIRST_KEY, _COLON, _NEXT = range(6)


class ScanError(ValueError):
    """A text is not valid JSON.

    Attributes:
        offset: The byte at which the error is detected.
    """

    def __init__(self, offset: int) -> None:
        super().__init__(f"not valid JSON at byte {offset}")
        self.offset = offset


def fields(text: bytes) -> dict[str, tuple[int, int]] | None:
    """Return the `(start, end)` of each field's value; `None` if the text is not an object.

    If a name occurs several times, the last one counts, as in other parsers. A byte order mark
    at the start is skipped.

    Raises:
        ScanError: The text is not one JSON value in UTF-8.
    """
    opened, found = _members(text)
    return found if opened == b"{" else None


def span(text: bytes, path: Sequence[str]) -> tuple[int, int] | None:
    """Return the `(start, end)` of the value that a path of names and numbers leads to.

    A number is the place of an element in an array; from the end if it is negative. `None` if
    there is no such value.

    Raises:
        ScanError: The text is not one JSON value in UTF-8.
    """
    start, end = 0, len(text)
    for name in path:
        opened, found = _members(text[start:end])
        if opened == b"[" and name.startswith("-") and NUMBER.fullmatch(name):
            name = str(len(found) + int(name))
        place = found.get(name)
        if place is None:
            return None
        start, end = start + place[0], start + place[1]
    return start, end


def _members(text: bytes) -> tuple[bytes, dict[str, tuple[int, int]]]:
    """Return how a value begins, and where its fields or elements are, if it has any."""
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise ScanError(error.start) from None
    found: dict[str, tuple[int, int]] = {}
    outer = b""
    opened = bytearray()
    key, value_start = "", 0
    state = _VALUE
    at = len(codecs.BOM_UTF8) if text.startswith(codecs.BOM_UTF8) else 0
    while opened or state != _NEXT:
        match = _TOKEN.match(text, at)
        if match is None:
            break
        kind = match.lastgroup
        start, at = match.span(kind or 0)
        mark = text[start] if kind == "mark" else 0
        if state in (_KEY, _FIRST_KEY) and kind == "string":
            if len(opened) == 1:
                key = json.loads(text[start:at].decode())
            state = _COLON
        elif state == _COLON and mark == ord(":"):
            state = _VALUE
        elif state in (_VALUE, _FIRST_VALUE) and (kind != "mark" or mark in b"{["):
            if outer and len(opened) == 1:
                value_start = start
                if outer == b"[":
                    key = str(len(found))
            if kind == "mark":
                outer = outer or bytes([mark])
                opened.append(mark)
                state = _FIRST_KEY if mark == ord("{") else _FIRST_VALUE
            else:
                state = _NEXT
        elif state == _NEXT and mark == ord(","):
            state = _KEY if opened[-1] == ord("{") else _VALUE
        elif (mark == ord("}") and state in (_NEXT, _FIRST_KEY) and opened[-1] == ord("{")) or (
            mark == ord("]") and state in (_NEXT, _FIRST_VALUE) and opened[-1] == ord("[")
        ):
            opened.pop()
            state = _NEXT
        else:
            at = start
            break
        if outer and state == _NEXT and len(opened) == 1:
            found[key] = (value_start, at)
    rest = _SPACE.match(text, at)
    assert rest is not None
    if opened or state != _NEXT or rest.end() < len(text):
        raise ScanError(rest.end())
    return outer, found
