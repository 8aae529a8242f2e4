"""The report of `shards info` about a set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpe_tool.rendering.blocks import Block, Facts, Table

if TYPE_CHECKING:
    from bpe_tool.shards.manifest import Manifest
    from bpe_tool.shards.reader import ShardSet

#: How many digits of a SHA-256 are shown. The JSON report has them all.
SHOWN_DIGITS = 16


def record(found: ShardSet) -> dict[str, Any]:
    """Return the JSON object of a manifest; without one, the facts that the files tell."""
    if found.manifest:
        return found.manifest.record()
    shards = [
        {
            "name": shard.name,
            "shard_format": shard.format,
            "dtype": shard.dtype,
            "documents": shard.documents,
            "tokens": shard.tokens,
        }
        for shard in found.shards
    ]
    return {"documents": found.documents, "tokens": found.tokens, "shards": shards}


def view(found: ShardSet) -> list[Block]:
    """Return what people are shown: facts about the whole set, and a table of its shards."""
    facts = [("documents", f"{found.documents:,}"), ("tokens", f"{found.tokens:,}")]
    if found.manifest:
        facts += _facts(found.manifest)
    rows = [
        (shard.name, shard.format, shard.dtype, shard.documents, shard.tokens)
        for shard in found.shards
    ]
    columns = ("shard", "format", "type", "documents", "tokens")
    return [Facts("", facts), Table("", columns, rows)]


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
