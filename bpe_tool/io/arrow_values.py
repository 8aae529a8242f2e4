"""The values of Arrow columns, as what JSON can hold.

The form depends on the type alone, and loses nothing. Where it can, it is the one that Protocol
Buffers have in JSON:

| type | form |
|---|---|
| null, booleans, integers | as they are |
| floating-point numbers | numbers; `"NaN"`, `"Infinity"`, `"-Infinity"` |
| strings | as they are |
| binary | Base64; as it is where it is the text, in UTF-8 |
| decimals | strings: `"1.10"` |
| dates, times | `"2024-02-29"`, `"23:59:59.250"`; digits as the unit has |
| timestamps | `"2024-02-29T23:59:59.250"`; with a time zone in UTC, ending in `Z` |
| durations | `"PT90.250S"`; of months, days and nanoseconds: an object of these |
| lists, structs | arrays, objects |
| maps | objects; keys that are no strings are written as JSON |
| dictionaries, run-end encoded | as their values |
| UUIDs, other extensions | `"2fe4…-…"`; as what they are stored as |

What JSON cannot hold, such as a union, is an error that names column and type.
"""

from __future__ import annotations

import base64
import json
import math
import uuid
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from bpe_tool.errors import DataError
from bpe_tool.io.json_spans import NUMBER

#: Where the text is below a column, as names and numbers of elements; `None` if it is not there.
TextPath: TypeAlias = Sequence[str] | None

#: The digits of a fraction of a second.
_DIGITS = {"s": 0, "ms": 3, "us": 6, "ns": 9}


def rows(batch: pa.RecordBatch, text: str) -> list[dict[str, Any]]:
    """Return rows as objects that JSON can hold.

    Args:
        batch: The rows. Their values are valid, and no two columns have the same name.
        text: The field that holds the text: a column, or a path that begins with one.

    Raises:
        DataError: JSON cannot hold a value. The message names the column.
    """
    names = batch.schema.names
    column, *below = [text] if text in names else text.split(".")
    values = [
        _values(array, name, below if name == column and "binary" in str(array.type) else None)
        for name, array in zip(names, batch.columns, strict=True)
    ]
    if not values:
        return [{} for _ in range(batch.num_rows)]
    return [dict(zip(names, row, strict=True)) for row in zip(*values, strict=True)]


def _values(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    """Return the values of an array; `place` is its name in messages."""
    kind = array.type
    if isinstance(kind, pa.BaseExtensionType):
        return _stored(array, place, text)
    if pa.types.is_dictionary(kind):
        return _values(array.dictionary_decode(), place, text)
    if pa.types.is_run_end_encoded(kind):
        # pyarrow does not import it before it is needed.
        from pyarrow.compute import run_end_decode

        return _values(run_end_decode(array), place, text)
    for holds, convert in _CONVERTERS:
        if any(_is(kind, each) for each in holds.split()):
            return convert(array, place, text)
    raise _refused(place, kind, "JSON has no form for it")


def _is(kind: pa.DataType, name: str) -> bool:
    """Return whether a type is of this kind; earlier versions of pyarrow do not know all."""
    test: Callable[[pa.DataType], bool] | None = getattr(pa.types, f"is_{name}", None)
    return test is not None and test(kind)


def _refused(place: str, kind: pa.DataType, why: str) -> DataError:
    return DataError(f"column {place!r} ({kind}): {why}", hint="convert it to another type first")


def _plain(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    return array.to_pylist()  # type: ignore[no-any-return]


def _floats(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    return [
        value if value is None or math.isfinite(value) else _not_finite(value)
        for value in map(_float, array.to_pylist())
    ]


def _float(value: Any) -> float | None:  # noqa: ANN401 - some are of numpy
    return None if value is None else float(value)


def _not_finite(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    return "Infinity" if value > 0 else "-Infinity"


def _binary(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    write = _base64 if text is None or len(text) else _text
    return [None if value is None else write(value) for value in array.to_pylist()]


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _text(value: bytes) -> str | None:
    # What is no text becomes null, which is refused where a text is needed.
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None


def _decimals(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    return [None if value is None else format(value, "f") for value in array.to_pylist()]


def _times(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    kind = array.type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        array = array.cast(pa.timestamp(kind.unit, "UTC"))
    written = array.cast(pa.string()).to_pylist()
    if any(value is not None and value.startswith("<") for value in written):
        raise _refused(place, kind, "a date in it is out of range")
    return [value and value.replace(" ", "T") for value in written]


def _durations(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    digits = _DIGITS[array.type.unit]

    def written(value: int) -> str:
        whole, part = divmod(abs(value), 10**digits)
        fraction = f".{part:0{digits}}" if digits else ""
        return f"{'-' if value < 0 else ''}PT{whole}{fraction}S"

    return [
        None if value is None else written(value) for value in array.cast(pa.int64()).to_pylist()
    ]


def _intervals(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    return [
        value and {"months": value[0], "days": value[1], "nanoseconds": value[2]}
        for value in array.to_pylist()
    ]


def _structs(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    kind = array.type
    names = [kind.field(index).name for index in range(kind.num_fields)]
    if len(set(names)) < len(names):
        raise _refused(place, kind, "two of its fields have the same name")
    below = [
        _values(child, f"{place}.{name}", text[1:] if text and text[0] == name else None)
        for name, child in zip(names, array.flatten(), strict=True)
    ]
    fields = zip(*below, strict=True) if below else ((),) * len(array)
    return [
        dict(zip(names, row, strict=True)) if valid else None
        for valid, row in zip(array.is_valid().to_pylist(), fields, strict=True)
    ]


def _lists(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    spans = _spans(array)
    start, end = _around(spans)
    elements = array.values.slice(start, end - start)
    values = _values(elements, place, None)
    found = [span and values[span[0] - start : span[1] - start] for span in spans]
    if text and NUMBER.fullmatch(text[0]):
        # Only one element of each list is the text.
        texts, at = _values(elements, place, text[1:]), int(text[0])
        for row, span in zip(found, spans, strict=True):
            if row and span and -len(row) <= at < len(row):
                row[at] = texts[span[0] - start + at % len(row)]
    return found


def _maps(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    spans = _spans(array)
    start, end = _around(spans)
    items = array.items.slice(start, end - start)
    values = _values(items, place, None)
    keys = [
        key if isinstance(key, str) else json.dumps(key)
        for key in _values(array.keys.slice(start, end - start), f"{place} (keys)", None)
    ]
    if text:
        # Only the value of one key is the text.
        texts = _values(items, place, text[1:])
        values = [texts[at] if key == text[0] else values[at] for at, key in enumerate(keys)]
    found: list[Any] = []
    for span in spans:
        if span is None:
            found.append(None)
            continue
        own = slice(span[0] - start, span[1] - start)
        found.append(dict(zip(keys[own], values[own], strict=True)))
        if len(found[-1]) < span[1] - span[0]:
            raise _refused(place, array.type, "a map has the same key twice")
    return found


def _spans(array: pa.Array) -> list[tuple[int, int] | None]:
    """Return where the elements of each list are; `None` for null."""
    kind = array.type
    if pa.types.is_fixed_size_list(kind):
        starts = [(array.offset + row) * kind.list_size for row in range(len(array))]
        ends = [start + kind.list_size for start in starts]
    elif _is(kind, "list_view") or _is(kind, "large_list_view"):
        starts = array.offsets.to_pylist()
        ends = [sum(span) for span in zip(starts, array.sizes.to_pylist(), strict=True)]
    else:
        offsets = array.offsets.to_pylist()
        starts, ends = offsets[:-1], offsets[1:]
    valid = array.is_valid().to_pylist()
    return [
        (start, end) if here else None for start, end, here in zip(starts, ends, valid, strict=True)
    ]


def _around(spans: list[tuple[int, int] | None]) -> tuple[int, int]:
    """Return the span that holds all spans."""
    there = [span for span in spans if span is not None]
    return min((start for start, _ in there), default=0), max((end for _, end in there), default=0)


def _stored(array: pa.Array, place: str, text: TextPath) -> list[Any]:
    """Return the values of an extension."""
    name = getattr(array.type, "extension_name", "")
    if name == "arrow.uuid":
        stored = array.storage.to_pylist()
        return [None if value is None else str(uuid.UUID(bytes=value)) for value in stored]
    if name == "arrow.bool8":
        return [None if value is None else value != 0 for value in array.storage.to_pylist()]
    return _values(array.storage, place, text)


#: How values of which types are converted.
_CONVERTERS: Sequence[tuple[str, Callable[[pa.Array, str, TextPath], list[Any]]]] = (
    ("null boolean integer string large_string string_view", _plain),
    ("floating", _floats),
    ("binary large_binary fixed_size_binary binary_view", _binary),
    ("decimal", _decimals),
    ("date time timestamp", _times),
    ("duration", _durations),
    ("interval", _intervals),
    ("struct", _structs),
    ("map", _maps),
    ("list large_list fixed_size_list list_view large_list_view", _lists),
)
