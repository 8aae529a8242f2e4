"""Reads and writes NDJSON records: one JSON value per line. Only this module uses orjson.

One field of a record can be read, and replaced without changing any other byte.
"""

from __future__ import annotations

import codecs
from collections.abc import Sequence
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
        span = _span(self._record, self._name)
        assert span is not None, "the field was found"
        start, end = span
        return self._record[:start] + write(text) + self._record[end:]

    def kept(self, names: Sequence[str]) -> bytes:
        """Return other fields of the record as members of a JSON object, with their own bytes.

        What the record lacks is `null`.
        """
        spans = json_spans.fields(self._record)
        assert spans is not None, "the field was found in an object"
        members = []
        for name in names:
            span = spans.get(name) or json_spans.span(self._record, name.split("."))
            value = b"null" if span is None else self._record[slice(*span)]
            members.append(write(name) + b":" + value)
        return b",".join(members)


def find(record: bytes, name: str) -> Field | None:
    """Return a field of a record; `None` if the record is `null`, which marks a skipped one.

    A name such as `messages.0.content` is that of a field or, if there is none, a path: of
    names, and of numbers of elements, which count from the end if they are negative.

    Raises:
        DataError: The record is not a JSON object, lacks the field, or has no string in it.
    """
    value = parse(record, name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise DataError("expected a JSON object")
    text = value[name] if name in value else _at(value, name.split("."))
    if text is _MISSING:
        raise DataError(f"the record has no field {name!r}")
    if not isinstance(text, str):
        raise DataError(f"the field {name!r} does not hold a string")
    return Field(text, record, name)


#: What is found where nothing is.
_MISSING = object()


def _at(value: object, path: Sequence[str]) -> object:
    """Return the value that a path leads to."""
    for name in path:
        if isinstance(value, dict):
            value = value.get(name, _MISSING)
        elif isinstance(value, list) and json_spans.NUMBER.fullmatch(name):
            index = int(name)
            value = value[index] if -len(value) <= index < len(value) else _MISSING
        else:
            return _MISSING
    return value


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


def _span(record: bytes, name: str) -> tuple[int, int] | None:
    """Return where the field of this name is, or the value at this path."""
    return json_spans.span(record, [name]) or json_spans.span(record, name.split("."))


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
    span = spans.get(field) or _span(record, field)
    if span is None:
        return {}
    try:
        return {field: orjson.loads(record[slice(*span)])}
    except orjson.JSONDecodeError as refused:
        raise DataError(f"the field {field!r} cannot be read: {refused.msg}") from None
