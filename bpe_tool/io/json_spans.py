"""Where the fields of a JSON object are: a strict scanner that reads no value.

Numbers may have any size, strings any escapes that JSON allows, and nesting any depth: what is
valid by RFC 8259 is valid here, also where a parser has no room for the value.
"""

from __future__ import annotations

import codecs
import json
import re

_TOKEN = re.compile(
    rb"[ \t\r\n]*+(?:"
    rb'(?P<string>"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})[^"\\\x00-\x1f]*+)*+")'
    rb"|(?P<plain>-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?|true|false|null)"
    rb"|(?P<mark>[{}\[\],:]))"
)
_SPACE = re.compile(rb"[ \t\r\n]*+")

# What may come next: a value; a value or the end of the array; a key; a key or the end of the
# object; a colon; a comma or the end of what is open.
_VALUE, _FIRST_VALUE, _KEY, _FIRST_KEY, _COLON, _NEXT = range(6)


class ScanError(ValueError):
    """A text is not valid JSON.

    Attributes:
        place: The byte where that shows.
    """

    def __init__(self, place: int) -> None:
        super().__init__(f"not valid JSON at byte {place}")
        self.place = place


def fields(text: bytes) -> dict[str, tuple[int, int]] | None:
    """Return where the values of an object's fields are; `None` if this is another value.

    Of several fields of one name the last counts, as for all parsers in use. A byte order
    mark at the beginning is passed over.

    Raises:
        ScanError: The text is not one JSON value in UTF-8.
    """
    try:
        text.decode()
    except UnicodeDecodeError as error:
        raise ScanError(error.start) from None
    found: dict[str, tuple[int, int]] = {}
    is_object = False
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
            if is_object and len(opened) == 1:
                value_start = start
            if kind == "mark":
                is_object = is_object or (not opened and mark == ord("{"))
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
        if is_object and state == _NEXT and len(opened) == 1:
            found[key] = (value_start, at)
    rest = _SPACE.match(text, at)
    assert rest is not None
    if opened or state != _NEXT or rest.end() < len(text):
        raise ScanError(rest.end())
    return found if is_object else None
