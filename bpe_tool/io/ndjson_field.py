"""Finds one field in an NDJSON record, and changes it with every other byte kept."""

from __future__ import annotations

from dataclasses import dataclass

from bpe_tool.errors import DataError
from bpe_tool.io import json_scan, ndjson


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
        places = json_scan.fields(self._record)
        assert places is not None, "the field was found in an object"
        start, end = places[self._name]
        return self._record[:start] + ndjson.write(text) + self._record[end:]


def find(record: bytes, name: str) -> Field | None:
    """Find a field; `None` if the record is `null`, the mark of a skipped one.

    Raises:
        DataError: The record is not a JSON object with such a field, or that holds no text.
    """
    value = ndjson.parse(record, name)
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
