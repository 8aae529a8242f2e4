"""Finds one field in an NDJSON record, and changes it with every other byte kept."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bpe_tool import ndjson
from bpe_tool.errors import DataError

#: What matters for the place of a field: strings, and what opens, closes and divides.
TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],:]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Field:
    """A field that holds text.

    Attributes:
        text: The text.
    """

    text: str
    _record: bytes
    _name: str

    def replaced(self, text: str) -> bytes:
        """Return the record with another text, and everything else as it was."""
        if text == self.text:
            return self._record
        start, end = _place(self._record, self._name)
        return self._record[:start] + ndjson.write(text) + self._record[end:]


def find(record: bytes, name: str) -> Field | None:
    """Find a field; `None` if the record is `null`, the mark of a skipped one.

    Raises:
        DataError: The record is not a JSON object with such a field, or that holds no text.
    """
    value = ndjson.parse(record)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise DataError("expected a JSON object")
    if name not in value:
        raise DataError(f"the record has no field {name!r}")
    text = value[name]
    if not isinstance(text, str):
        raise DataError(f"the field {name!r} does not hold a string")
    return Field(text, record, name)


def _place(record: bytes, name: str) -> tuple[int, int]:
    """Return where the value of a field stands in a valid record that has it.

    Of several fields of one name, the last counts, as for all parsers in use.
    """
    depth = 0
    place = (0, 0)
    # In the outermost object: the name of the field whose value comes, and what came before.
    key, before = b"", b""
    for match in TOKEN.finditer(record):
        token = match.group()
        if token in b"{[":
            depth += 1
        elif token in b"}]":
            depth -= 1
        elif depth == 1 and token[:1] == b'"':
            if before == b":":
                if ndjson.parse(key) == name:
                    place = match.span()
            else:
                key = token
        before = token
    return place
