"""JSON, one value a line: the one place that knows orjson."""

from __future__ import annotations

import codecs

import orjson

from bpe_tool.errors import DataError


def parse(record: bytes) -> object:
    """Parse one record. A byte order mark before it is ignored, as RFC 8259 allows.

    Raises:
        DataError: It is not valid JSON.
    """
    try:
        return orjson.loads(record.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError as error:
        what = f"not valid JSON: {error.msg} (column {error.colno})" if record else "empty line"
        raise DataError(what) from None


def write(value: object) -> bytes:
    """Return a value as one record, without the end of the line. Arrays are lists."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
