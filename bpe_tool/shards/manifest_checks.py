"""Reads the manifest of a set and checks all of it: kinds, ranges, totals, and its digest.

Every field must be known and every error names the field that is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from bpe_tool.checks import MAX_COUNT, MAX_ID, MAX_SEED
from bpe_tool.errors import DataError
from bpe_tool.io import small_files
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.files.shard_file import FileEntry
from bpe_tool.shards.manifest import (
    DIGEST,
    FORMAT,
    VERSION,
    Manifest,
    Provenance,
    ShardEntry,
    digest,
)

#: The versions that are read.
VERSIONS = (1, VERSION)

#: The largest manifest that is read: that of a million shards.
MAX_BYTES = 1 << 29

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,200}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_KINDS = {str: "a text", int: "a whole number", dict: "an object", list: "a list"}

T = TypeVar("T")


def load_manifest(folder: Path) -> Manifest:
    """Read and check the manifest in a directory.

    Raises:
        DataError: It is damaged, or holds what cannot be; the field is named.
        LimitError: It is too large for a manifest.
        OSError: There is none, or it cannot be read.
    """
    path = folder / MANIFEST
    data = small_files.read(path, MAX_BYTES)
    try:
        return _manifest(small_files.parse_json(data))
    except DataError as error:
        raise error.at(str(path)) from None


def _manifest(value: object) -> Manifest:
    fields = _Fields(value, "")
    if fields.take("format", str) != FORMAT:
        raise DataError("this is not a manifest of shards")
    version = fields.take("version", int)
    if version not in VERSIONS:
        raise DataError(
            f"this manifest has version {version}; the latest known version is {VERSION}",
            hint="a newer release of this package may read it",
        )
    tool = fields.inner("tool")
    manifest = Manifest(
        shard_format=fields.take("shard_format", str),
        dtype=fields.take("dtype", str),
        provenance=_provenance(fields),
        shards=tuple(map(_shard, fields.several("shards"))),
        tool_version=tool.take("version", str),
        unicode_version=tool.take("unicode", str),
    )
    for name in ("documents", "tokens"):
        stated, summed = fields.count(name), getattr(manifest, name)
        if stated != summed:
            raise DataError(f"{name}: {stated}, but the shards have {summed} in all")
    names = [shard.name for shard in manifest.shards]
    if len(set(names)) < len(names):
        raise DataError("shards: two have the same name")
    stated_digest = fields.digest(DIGEST) if version > 1 else None
    tool.end()
    fields.end()
    assert isinstance(value, dict)
    # Last, because every other error says which field is wrong.
    if stated_digest is not None and stated_digest != digest(value):
        raise DataError(
            "it was changed after it was written: its sha256 does not match",
            hint="copy the set again from an intact copy",
        )
    return manifest


def _provenance(fields: _Fields) -> Provenance:
    seed = fields.optional("seed", int)
    size = fields.optional("vocab_size", int)
    sha256 = fields.optional("vocab_sha256", str)
    special_tokens = fields.take("special_tokens", dict)
    return Provenance(
        max_id=_id(fields.take("max_id", int), "max_id"),
        vocab_size=None if size is None else _in_range(size, "vocab_size", MAX_COUNT - 1),
        vocab_sha256=None if sha256 is None else _sha256(sha256, "vocab_sha256"),
        special_tokens={
            str(text): _id(token_id, f"special_tokens.{text}")
            for text, token_id in special_tokens.items()
        },
        before=_ids(fields.optional("before", list), "before"),
        after=_ids(fields.optional("after", list), "after"),
        pipelines=tuple(
            None if each is None else _sha256(each, f"pipelines[{i}]")
            for i, each in enumerate(fields.take("pipelines", list))
        ),
        seed=None if seed is None else _in_range(seed, "seed", MAX_SEED),
    )


def _shard(fields: _Fields) -> ShardEntry:
    entry = ShardEntry(
        name=fields.name(),
        documents=fields.count("documents"),
        tokens=fields.count("tokens"),
        files=tuple(map(_file, fields.several("files"))),
    )
    fields.end()
    return entry


def _file(fields: _Fields) -> FileEntry:
    entry = FileEntry(fields.name(), fields.count("bytes"), fields.digest("sha256"))
    fields.end()
    return entry


class _Fields:
    """A JSON object whose fields are taken one by one.

    Args:
        value: What should be an object.
        path: Where it is in the manifest, for messages.
    """

    def __init__(self, value: object, path: str) -> None:
        self._path = path
        if not isinstance(value, dict):
            raise DataError(f"{path or 'the file'}: expected an object")
        self._fields = dict(value)

    def take(self, name: str, kind: type[T]) -> T:
        """Take a field that must be present."""
        if name not in self._fields:
            raise DataError(f"{self._where(name)} is missing")
        return _of_kind(kind, self._fields.pop(name), self._where(name))

    def optional(self, name: str, kind: type[T]) -> T | None:
        """Take a field that may be `null`."""
        if self._fields.get(name, ...) is None:
            del self._fields[name]
            return None
        return self.take(name, kind)

    def count(self, name: str) -> int:
        """Take a count."""
        return _in_range(self.take(name, int), self._where(name), MAX_COUNT - 1)

    def digest(self, name: str) -> str:
        """Take a SHA-256."""
        return _sha256(self.take(name, str), self._where(name))

    def name(self) -> str:
        """Take the field `name`: that of a shard or file, which lies in the directory itself."""
        name = self.take("name", str)
        if not _NAME.fullmatch(name):
            raise DataError(f"{self._where('name')}: {name!r} is not a name of a shard or file")
        return name

    def inner(self, name: str) -> _Fields:
        """Take an object."""
        return _Fields(self.take(name, dict), self._where(name))

    def several(self, name: str) -> list[_Fields]:
        """Take a list of objects."""
        values = self.take(name, list)
        return [_Fields(value, f"{self._where(name)}[{i}]") for i, value in enumerate(values)]

    def end(self) -> None:
        """Refuse fields that were not taken."""
        for name in self._fields:
            raise DataError(f"{self._where(name)} is not a known field")

    def _where(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name


def _of_kind(kind: type[T], value: object, where: str) -> T:
    # A bool is an int to Python, but not to JSON.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise DataError(f"{where}: expected {_KINDS[kind]}")
    return value


def _in_range(value: int, where: str, most: int) -> int:
    if not 0 <= value <= most:
        raise DataError(f"{where}: {value} is out of range: 0 to {most}")
    return value


def _sha256(value: object, where: str) -> str:
    text = _of_kind(str, value, where)
    if not _SHA256.fullmatch(text):
        raise DataError(f"{where}: expected a SHA-256 in hexadecimal")
    return text


def _id(value: object, where: str) -> int:
    return _in_range(_of_kind(int, value, where), where, MAX_ID)


def _ids(values: Sequence[object] | None, where: str) -> tuple[int, ...] | None:
    if values is None:
        return None
    return tuple(_id(value, f"{where}[{i}]") for i, value in enumerate(values))
