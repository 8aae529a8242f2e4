"""JSON, one value a line: the one place that knows orjson."""

from __future__ import annotations

import orjson

from bpe_tool.errors import DataError


def parse(record: bytes) -> object:
    """Parse one record.

    Raises:
        DataError: It is not valid JSON.
    """
    try:
        return orjson.loads(record)
    except orjson.JSONDecodeError as error:
        what = f"not valid JSON: {error.msg} (column {error.colno})" if record else "empty line"
        raise DataError(what) from None


def write(value: object) -> bytes:
    """Return a value as one record, without the end of the line. Arrays are lists."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
