"""Takes a JSON value apart strictly: every field is of its kind and in its range, and known.

Whatever is wrong is a `DataError` that names the place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from bpe_tool.checks import MAX_COUNT, MAX_ID, MAX_SEED
from bpe_tool.errors import DataError

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}")

T = TypeVar("T")


class Record:
    """An object whose fields are taken one by one.

    Args:
        value: What should be one.
        place: Where it stands, for messages.
    """

    def __init__(self, value: object, place: str) -> None:
        self._place = place
        if not isinstance(value, dict):
            raise DataError(f"{place or 'the file'}: expected an object")
        self._fields = dict(value)

    def where(self, name: str) -> str:
        """Return the place of a field."""
        return f"{self._place}.{name}" if self._place else name

    def take(self, name: str, kind: type[T]) -> T:
        """Take a field, which must be there."""
        if name not in self._fields:
            raise DataError(f"{self.where(name)} is missing")
        return of_kind(kind, self._fields.pop(name), self.where(name))

    def optional(self, name: str, kind: type[T]) -> T | None:
        """Take a field that may be `null`."""
        if self._fields.get(name, ...) is None:
            del self._fields[name]
            return None
        return self.take(name, kind)

    def count(self, name: str) -> int:
        """Take a number of things."""
        return checked_count(self.take(name, int), self.where(name))

    def digest(self, name: str) -> str:
        """Take a SHA-256."""
        return checked_digest(self.take(name, str), self.where(name))

    def name(self) -> str:
        """Take the field `name`: that of a shard or file."""
        name = self.take("name", str)
        if not _NAME.fullmatch(name):
            raise DataError(f"{self.where('name')}: {name!r} is not a name of a shard or file")
        return name

    def record(self, name: str) -> Record:
        """Take an object."""
        return Record(self.take(name, dict), self.where(name))

    def records(self, name: str) -> list[Record]:
        """Take a list of objects."""
        values = self.take(name, list)
        return [Record(value, f"{self.where(name)}[{i}]") for i, value in enumerate(values)]

    def end(self) -> None:
        """Refuse what was not taken."""
        for name in self._fields:
            raise DataError(f"{self.where(name)} is not a known field")


def of_kind(kind: type[T], value: object, where: str) -> T:
    """Return a value that is of a kind."""
    # A bool is an int to Python, not to JSON.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise DataError(f"{where}: expected {_shown(kind)}")
    return value


def _shown(kind: type[object]) -> str:
    return {str: "a text", int: "a whole number", dict: "an object", list: "a list"}[kind]


def checked_count(value: int, where: str) -> int:
    """Return a number of things."""
    if not 0 <= value < MAX_COUNT:
        raise DataError(f"{where}: {value} is out of range")
    return value


def checked_seed(value: int, where: str) -> int:
    """Return a seed."""
    if not 0 <= value <= MAX_SEED:
        raise DataError(f"{where}: {value} is not a seed, 0 to {MAX_SEED}")
    return value


def checked_digest(value: object, where: str) -> str:
    """Return a SHA-256."""
    digest = of_kind(str, value, where)
    if not _SHA256.fullmatch(digest):
        raise DataError(f"{where}: expected a SHA-256 in hexadecimal")
    return digest


def checked_id(value: object, where: str) -> int:
    """Return an id."""
    id = of_kind(int, value, where)
    if not 0 <= id <= MAX_ID:
        raise DataError(f"{where}: {id} is not an id, 0 to {MAX_ID}")
    return id


def checked_ids(values: Sequence[object] | None, where: str) -> tuple[int, ...] | None:
    """Return ids, if there are any to return."""
    if values is None:
        return None
    return tuple(checked_id(value, f"{where}[{i}]") for i, value in enumerate(values))
