"""The manifest of a set of shards: what the ids are, and what is in which file.

It is written last. A directory without one is not a complete set.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bpe_tool import _core
from bpe_tool.errors import DataError
from bpe_tool.io import small_files
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.fields import (
    Record,
    checked_count,
    checked_digest,
    checked_id,
    checked_ids,
    checked_seed,
)

#: The field with the digest of all others. Manifests of version 1 have none.
DIGEST = "sha256"

FORMAT = "bpe_tool shards"
VERSION = 2
VERSIONS = (1, VERSION)

#: Manifests are read up to this size: that of a million shards.
MAX_BYTES = 1 << 29


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What the ids of a set are, and where they come from.

    Attributes:
        max_id: The largest id that there can be.
        vocab_size: How many tokens the vocabulary has, if it is known.
        vocab_sha256: Digest of the vocabulary file: of `tokenizer.json`, as in its
            `training.json`; of a `.tiktoken` file; or of `vocab.json` and then `merges.txt`.
        special_tokens: The special tokens of the vocabulary and their ids.
        before: The ids that were put before each document, if it is known.
        after: Those after it, likewise.
        pipelines: The digests of the pipelines that the texts went through, each once, in
            order; `None` stands for no pipeline. Empty if it is not known.
        seed: With which seed the documents were shuffled, if they were.
    """

    max_id: int
    vocab_size: int | None = None
    vocab_sha256: str | None = None
    special_tokens: Mapping[str, int] = field(default_factory=dict)
    before: tuple[int, ...] | None = None
    after: tuple[int, ...] | None = None
    pipelines: tuple[str | None, ...] = ()
    seed: int | None = None


@dataclass(frozen=True)
class FileEntry:
    """One file: its name, its size, and the SHA-256 of what is in it."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class ShardEntry:
    """One shard: its name, its numbers of documents and tokens, and its files."""

    name: str
    documents: int
    tokens: int
    files: tuple[FileEntry, ...]


@dataclass(frozen=True)
class Manifest:
    """What is known about a set of shards.

    Attributes:
        shard_format: The format of all its shards.
        dtype: The type of their ids, such as `uint16`.
        provenance: What the ids are.
        shards: The shards, in order.
        tool_version: The version of this package that wrote it.
        unicode_version: That of the Unicode tables which decided about pretokens.
    """

    shard_format: str
    dtype: str
    provenance: Provenance
    shards: tuple[ShardEntry, ...]
    tool_version: str = _core.__version__
    unicode_version: str = _core.UNICODE_VERSION

    @property
    def documents(self) -> int:
        """How many documents there are."""
        return sum(shard.documents for shard in self.shards)

    @property
    def tokens(self) -> int:
        """How many ids there are."""
        return sum(shard.tokens for shard in self.shards)

    def record(self) -> dict[str, Any]:
        """Return what the file says."""
        record = {
            "format": FORMAT,
            "version": VERSION,
            "tool": {"version": self.tool_version, "unicode": self.unicode_version},
            "shard_format": self.shard_format,
            "dtype": self.dtype,
            **asdict(self.provenance),
            "documents": self.documents,
            "tokens": self.tokens,
            "shards": [asdict(shard) for shard in self.shards],
        }
        return record | {DIGEST: _digest(record)}

    def to_bytes(self) -> bytes:
        """Return the file. Equal sets have equal ones."""
        return (json.dumps(self.record(), ensure_ascii=False, indent=1) + "\n").encode()

    @classmethod
    def load(cls, folder: Path, name: str = MANIFEST) -> Manifest:
        """Read the manifest of a directory.

        Raises:
            DataError: It is damaged, or says what cannot be; the place is named.
            LimitError: It is too large to be one.
            OSError: There is none, or it cannot be read.
        """
        path = folder / name
        data = small_files.read(path, MAX_BYTES)
        try:
            return cls._from_record(small_files.parse_json(data))
        except DataError as error:
            raise error.at(str(path)) from None

    @classmethod
    def _from_record(cls, value: object) -> Manifest:
        record = Record(value, "")
        if record.take("format", str) != FORMAT:
            raise DataError("this is not a manifest of shards")
        version = record.take("version", int)
        if version not in VERSIONS:
            raise DataError(
                f"this manifest has version {version}; {VERSION} is the latest that is known",
                hint="a newer release of this package may read it",
            )
        tool = record.record("tool")
        manifest = cls(
            shard_format=record.take("shard_format", str),
            dtype=record.take("dtype", str),
            provenance=_provenance(record),
            shards=tuple(_shard(each) for each in record.records("shards")),
            tool_version=tool.take("version", str),
            unicode_version=tool.take("unicode", str),
        )
        for name in ("documents", "tokens"):
            said, summed = record.count(name), getattr(manifest, name)
            if said != summed:
                raise DataError(f"{name}: {said}, but the shards have {summed} in all")
        names = [shard.name for shard in manifest.shards]
        if len(set(names)) < len(names):
            raise DataError("shards: two have the same name")
        digest = record.digest(DIGEST) if version > 1 else None
        tool.end()
        record.end()
        assert isinstance(value, dict)
        # Last, so that what is wrong is said where it is.
        found = _digest({key: each for key, each in value.items() if key != DIGEST})
        if digest is not None and digest != found:
            raise DataError(
                "it was changed after it was written: it is not what its sha256 is of",
                hint="copy the set again from where it is whole",
            )
        return manifest


def _digest(record: Mapping[str, object]) -> str:
    """Return the digest of what a manifest says besides."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _provenance(record: Record) -> Provenance:
    seed = record.optional("seed", int)
    size = record.optional("vocab_size", int)
    sha256 = record.optional("vocab_sha256", str)
    special_tokens = record.take("special_tokens", dict)
    return Provenance(
        max_id=checked_id(record.take("max_id", int), "max_id"),
        vocab_size=None if size is None else checked_count(size, "vocab_size"),
        vocab_sha256=None if sha256 is None else checked_digest(sha256, "vocab_sha256"),
        special_tokens={
            str(text): checked_id(id, f"special_tokens.{text}")
            for text, id in special_tokens.items()
        },
        before=checked_ids(record.optional("before", list), "before"),
        after=checked_ids(record.optional("after", list), "after"),
        pipelines=tuple(
            None if each is None else checked_digest(each, f"pipelines[{i}]")
            for i, each in enumerate(record.take("pipelines", list))
        ),
        seed=None if seed is None else checked_seed(seed, "seed"),
    )


def _shard(record: Record) -> ShardEntry:
    entry = ShardEntry(
        name=record.name(),
        documents=record.count("documents"),
        tokens=record.count("tokens"),
        files=tuple(map(_file, record.records("files"))),
    )
    record.end()
    return entry


def _file(record: Record) -> FileEntry:
    entry = FileEntry(record.name(), record.count("bytes"), record.digest("sha256"))
    record.end()
    return entry
