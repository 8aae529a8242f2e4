"""Reads and writes NDJSON records: one JSON value per line. Only this module uses orjson.

One field of a record can be read, and replaced without changing any other byte.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

import orjson

from bpe_tool.errors import DataError
from bpe_tool.io import json_spans


@dataclass(frozen=True, slots=True)
class Field:
    """A string field of a record.

    Attributes:
        text: Its value.
    """

    text: str
    _record: bytes
    _name: str

    def replaced(self, text: str) -> bytes:
        """Return the record with another text in the field, and all other bytes as they were."""
        if text == self.text:
            return self._record
        spans = json_spans.fields(self._record)
        assert spans is not None, "the field was found in an object"
        start, end = spans[self._name]
        return self._record[:start] + write(text) + self._record[end:]


def find(record: bytes, name: str) -> Field | None:
    """Return a field of a record; `None` if the record is `null`, which marks a skipped one.

    Raises:
        DataError: The record is not a JSON object, lacks the field, or has no string in it.
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
    """Parse a record of which one field is needed.

    A byte order mark is ignored, as RFC 8259 allows. Valid JSON may hold what orjson cannot
    represent: `1e400`, half of a surrogate pair, a thousand nested arrays. Where that is in
    other fields, the object returned has the needed field only.

    Raises:
        DataError: It is not valid JSON, or the field itself cannot be represented.
    """
    try:
        return orjson.loads(record.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        if not record:
            raise DataError("empty line") from None
        return _field_alone(record, field, error)


def write(value: object) -> bytes:
    """Return a value as a record, without a line end. Numpy arrays are written as lists."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def _field_alone(record: bytes, field: str, error: orjson.JSONDecodeError) -> object:
    """Return an object with one field of a record that orjson refused."""
    try:
        spans = json_spans.fields(record)
    except json_spans.ScanError as refused:
        column = len(record[: refused.offset].decode(errors="replace")) + 1
        what = error.msg
        if column > error.colno:
            # What orjson refused is valid. The error is further on.
            ended = refused.offset == len(record)
            what = "unexpected end of data" if ended else "unexpected character"
        else:
            column = error.colno
        raise DataError(f"not valid JSON: {what} (column {column})") from None
    if spans is None:
        # Any value that is not an object.
        return []
    if field not in spans:
        return {}
    start, end = spans[field]
    try:
        return {field: orjson.loads(record[start:end])}
    except orjson.JSONDecodeError as refused:
        raise DataError(f"the field {field!r} cannot be read: {refused.msg}") from None
