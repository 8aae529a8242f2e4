"""What `shards info` shows, through the renderer of all reports."""

import numpy as np
import pytest
from calls import ok

import bpe_tool
from bpe_tool.shards.manifest import Manifest, Provenance, ShardEntry
from bpe_tool.shards.reader import ShardSet
from bpe_tool.shards.report import record, view
from bpe_tool.shards.shard import Shard

pytestmark = pytest.mark.usefixtures("hasty_disk")


def test_facts_and_a_table(tmp_path):
    bpe_tool.write_shards([[1, 2], [], [3] * 1500], tmp_path, vocab_size=9, shard_tokens=2)
    facts, table = ok("shards", "info", tmp_path).decode().split("\n\n")
    assert facts.splitlines()[:-1] == [
        "documents    3",
        "tokens       1,502",
        "vocabulary   9 tokens",
        "largest id   at most 8",
        "before each  unknown",
        "after each   unknown",
        "pipeline     unknown",
    ]
    assert table.splitlines() == [
        "shard         format  type    documents  tokens",
        "shard-000000  npy     uint16          1       2",
        "shard-000001  npy     uint16          2   1,500",
    ]


def test_all_that_a_manifest_knows(tmp_path):
    provenance = Provenance(
        max_id=7,
        vocab_size=8,
        vocab_sha256="a" * 64,
        before=(),
        after=(1, 2),
        pipelines=(None, "b" * 64),
        seed=5,
    )
    entry = ShardEntry("shard-000000", 1, 2, ())
    manifest = Manifest("npy", "uint16", provenance, (entry,))
    shards = ShardSet(tmp_path, [Shard(tmp_path / "x", "npy", entry, "uint16")], manifest)
    facts = dict(view(shards)[0].rows)
    assert facts["vocabulary"] == f"8 tokens, sha256 {'a' * 16}…"
    assert (facts["before each"], facts["after each"]) == ("nothing", "1 2")
    assert facts["pipeline"] == f"none, {'b' * 16}"
    assert facts["shuffled with"] == "seed 5"
    assert record(shards) == manifest.record()


def test_names_of_files_are_escaped(tmp_path):
    np.save(tmp_path / "a\x1b[31m.npy", np.arange(3, dtype=np.uint16))
    shown = ok("shards", "info", tmp_path)
    assert b"\x1b" not in shown
    assert b"[31m.npy" in shown
