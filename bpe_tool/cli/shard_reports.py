"""The reports of `shards info`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bpe_tool.rendering.blocks import Block, Facts, Table

if TYPE_CHECKING:
    from bpe_tool.shards.manifest import Manifest
    from bpe_tool.shards.reader import ShardSet

#: How many digits of a digest are shown; `--json` has all of them.
SHOWN_DIGITS = 16


def json_report(found: ShardSet) -> str:
    """Return the manifest of a set as JSON; without one, what the files show."""
    if found.manifest:
        record: dict[str, Any] = found.manifest.record()
    else:
        shards = [
            {
                "name": shard.name,
                "shard_format": shard.format,
                "dtype": shard.contents.ids.dtype.name,
                "documents": shard.documents,
                "tokens": shard.tokens,
            }
            for shard in found.shards
        ]
        record = {"documents": found.documents, "tokens": found.tokens, "shards": shards}
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"


def view(found: ShardSet) -> list[Block]:
    """Return facts about a set, and a table of its shards."""
    facts = [("documents", f"{found.documents:,}"), ("tokens", f"{found.tokens:,}")]
    if found.manifest:
        facts += _facts(found.manifest)
    rows = [
        (
            shard.name,
            shard.format,
            found.manifest.dtype if found.manifest else shard.contents.ids.dtype.name,
            shard.documents,
            shard.tokens,
        )
        for shard in found.shards
    ]
    return [Facts("", facts), Table("", ("shard", "format", "type", "documents", "tokens"), rows)]


def _facts(manifest: Manifest) -> list[tuple[str, str]]:
    provenance = manifest.provenance
    vocabulary = "unknown"
    if provenance.vocab_size is not None:
        vocabulary = f"{provenance.vocab_size:,} tokens"
    if provenance.vocab_sha256 is not None:
        vocabulary += f", sha256 {provenance.vocab_sha256[:SHOWN_DIGITS]}…"
    pipelines = [(digest or "none")[:SHOWN_DIGITS] for digest in provenance.pipelines]
    facts = [
        ("vocabulary", vocabulary),
        ("largest id", f"at most {provenance.max_id:,}"),
        ("before each", _ids(provenance.before)),
        ("after each", _ids(provenance.after)),
        ("pipeline", ", ".join(pipelines) or "unknown"),
    ]
    if provenance.seed is not None:
        facts.append(("shuffled with", f"seed {provenance.seed}"))
    tool = f"bpe_tool {manifest.tool_version}, Unicode {manifest.unicode_version}"
    return [*facts, ("written by", tool)]


def _ids(ids: tuple[int, ...] | None) -> str:
    if ids is None:
        return "unknown"
    return " ".join(map(str, ids)) or "nothing"
