"""The manifest of a set of shards: what the ids are, and which files hold them.

It is written last: a directory without a manifest is not a complete set. `manifest_checks`
reads it back and checks it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from bpe_tool import _core
from bpe_tool.shards.files.shard_file import FileEntry

FORMAT = "bpe_tool shards"
VERSION = 2

#: The field with the SHA-256 of all others. Manifests of version 1 do not have it.
DIGEST = "sha256"


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What the ids of a set are, and where they come from.

    Attributes:
        max_id: No id is larger.
        vocab_size: The number of tokens in the vocabulary, if known.
        vocab_sha256: The SHA-256 of the vocabulary file, if known: of `tokenizer.json` as in
            its `training.json`; of a `.tiktoken` file; or of `vocab.json` followed by
            `merges.txt`.
        special_tokens: The special tokens of the vocabulary and their ids.
        before: The ids that were put before each document, if known.
        after: The ids that were put after each document, if known.
        pipelines: The digests of the pipelines that the texts went through, each once, in
            order; `None` stands for no pipeline. Empty if not known.
        seed: The seed with which the documents were shuffled, if they were.
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
class ShardEntry:
    """One shard: its name, its numbers of documents and ids, and its files."""

    name: str
    documents: int
    tokens: int
    files: tuple[FileEntry, ...]

    def record(self) -> dict[str, Any]:
        """Return the JSON object that stands for it in the manifest."""
        files = [
            {"name": file.name, "bytes": file.size, "sha256": file.sha256} for file in self.files
        ]
        return asdict(self) | {"files": files}


@dataclass(frozen=True)
class Manifest:
    """What is known about a set of shards.

    Attributes:
        shard_format: The format of all its shards.
        dtype: The type of their ids, such as `uint16`.
        provenance: What the ids are.
        shards: The shards, in order.
        tool_version: The version of this package that wrote it.
        unicode_version: The version of the Unicode tables that the patterns used.
    """

    shard_format: str
    dtype: str
    provenance: Provenance
    shards: tuple[ShardEntry, ...]
    tool_version: str = _core.__version__
    unicode_version: str = _core.UNICODE_VERSION

    @property
    def documents(self) -> int:
        """How many documents the set has."""
        return sum(shard.documents for shard in self.shards)

    @property
    def tokens(self) -> int:
        """How many ids the set has."""
        return sum(shard.tokens for shard in self.shards)

    def record(self) -> dict[str, Any]:
        """Return the JSON object that the file holds."""
        record = {
            "format": FORMAT,
            "version": VERSION,
            "tool": {"version": self.tool_version, "unicode": self.unicode_version},
            "shard_format": self.shard_format,
            "dtype": self.dtype,
            **asdict(self.provenance),
            "documents": self.documents,
            "tokens": self.tokens,
            "shards": [shard.record() for shard in self.shards],
        }
        return record | {DIGEST: digest(record)}

    def to_bytes(self) -> bytes:
        """Return the content of the file. Equal sets have equal manifests."""
        return (json.dumps(self.record(), ensure_ascii=False, indent=1) + "\n").encode()


def digest(record: Mapping[str, object]) -> str:
    """Return the SHA-256 of the fields of a manifest, without `DIGEST` itself."""
    fields = {name: value for name, value in record.items() if name != DIGEST}
    text = json.dumps(fields, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
