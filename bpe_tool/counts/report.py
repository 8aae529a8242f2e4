"""The reports of `counts info` and `counts top`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bpe_tool.io.count_file import CountFile
from bpe_tool.rendering.blocks import Block, Cell, Facts, Share, Table
from bpe_tool.rendering.tokens import brief

if TYPE_CHECKING:
    from bpe_tool.counts.description import Totals
    from bpe_tool.counts.stored import StoredCounts

#: How many digits of a SHA-256 are shown. The JSON report has them all.
SHOWN_DIGITS = 16

#: How many inputs are listed. The JSON report has them all.
SHOWN_INPUTS = 50


def record(found: StoredCounts) -> dict[str, Any]:
    """Return the JSON object of `counts info`: the header of the file and its totals."""
    assert isinstance(found.file, CountFile)
    return {
        **found.file.head,
        "totals": found.totals.to_json(),
        "sha256": found.file.done["sha256"],
    }


def view(found: StoredCounts) -> list[Block]:
    """Return what people are shown: facts about the counts, and a table of the inputs."""
    what, totals = found.description, found.totals
    facts: list[tuple[str, Cell]] = [
        ("documents", totals.documents),
        ("bytes", totals.bytes),
        ("pretokens", totals.pretokens),
        ("unique pretokens", totals.unique_pretokens),
        ("their bytes", totals.unique_bytes),
        ("level", what.level),
        ("pattern", what.pattern),
        ("Unicode", what.unicode),
        ("special tokens", ", ".join(what.special_tokens) or "none"),
        ("pipeline", "none" if what.pipeline is None else what.pipeline["digest"][:SHOWN_DIGITS]),
        ("inputs", len(what.inputs)),
    ]
    rows = [
        (each.name, each.bytes, each.sha256[:SHOWN_DIGITS], str(each.weight))
        for each in what.inputs[:SHOWN_INPUTS]
    ]
    return [Facts("", facts), Table("Inputs", ("input", "bytes", "sha256", "weight"), rows)]


def top_record(best: Sequence[tuple[bytes, int]]) -> list[dict[str, Any]]:
    """Return the JSON list of `counts top`. Bytes that are no text are given as hexadecimal."""
    return [
        {"text": text.decode("utf-8", "replace"), "bytes": text.hex(), "count": count}
        for text, count in best
    ]


def top_view(best: Sequence[tuple[bytes, int]], totals: Totals) -> list[Block]:
    """Return the table of `counts top`."""
    total = max(1, totals.pretokens)
    rows = [(brief(text), count, Share(count / total)) for text, count in best]
    return [Table("", ("pretoken", "count", "share"), rows)]
