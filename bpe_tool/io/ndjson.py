"""JSON, one value a line: the one place that knows orjson.

One field of a record is found, and changed with every other byte kept.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

import orjson

from bpe_tool.errors import DataError
from bpe_tool.io import json_spans


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
        places = json_spans.fields(self._record)
        assert places is not None, "the field was found in an object"
        start, end = places[self._name]
        return self._record[:start] + write(text) + self._record[end:]


def find(record: bytes, name: str) -> Field | None:
    """Find a field; `None` if the record is `null`, the mark of a skipped one.

    Raises:
        DataError: The record is not a JSON object with such a field, or that holds no text.
    """
    value = parse(record, name)
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


def parse(record: bytes, field: str) -> object:
    """Parse one record of which one field is wanted.

    A byte order mark before it is ignored, as RFC 8259 allows. If the record is valid but holds
    what the parser has no room for (`1e400`, half of a surrogate pair, a thousand arrays in one
    another), the object returned has the wanted field alone.

    Raises:
        DataError: It is not valid JSON, or the field holds what there is no room for.
    """
    try:
        return orjson.loads(record.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        if not record:
            raise DataError("empty line") from None
        return _field_alone(record, field, error)


def write(value: object) -> bytes:
    """Return a value as one record, without the end of the line. Arrays are lists."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def _field_alone(record: bytes, field: str, error: orjson.JSONDecodeError) -> object:
    """Return an object with one field of a record that the parser refused."""
    try:
        places = json_spans.fields(record)
    except json_spans.ScanError as refused:
        column = len(record[: refused.place].decode(errors="replace")) + 1
        what = error.msg
        if column > error.colno:
            # What the parser refused before is valid.
            ended = refused.place == len(record)
            what = "unexpected end of data" if ended else "unexpected character"
        else:
            column = error.colno
        raise DataError(f"not valid JSON: {what} (column {column})") from None
    if places is None:
        # No object, whatever it is.
        return []
    if field not in places:
        return {}
    start, end = places[field]
    try:
        return {field: orjson.loads(record[start:end])}
    except orjson.JSONDecodeError as refused:
        raise DataError(f"the field {field!r} cannot be read: {refused.msg}") from None
