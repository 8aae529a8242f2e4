"""Sets of shards, written again: joined, cut anew, in other formats."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shard_sets import documents_of

import bpe_tool
from bpe_tool.batching.sampling.random import Permutation
from bpe_tool.shards.layouts.registry import FORMATS
from bpe_tool.shards.manifest import Provenance
from bpe_tool.shards.verify import problems
from bpe_tool.shards.writer import ShardSetWriter
from bpe_tool.streams.reshard import reshard

pytestmark = pytest.mark.usefixtures("hasty_disk")

DOCUMENTS_OF_SETS = st.lists(
    st.tuples(
        st.lists(st.lists(st.integers(0, 8), max_size=5), max_size=5),
        st.sampled_from(["npy", "megatron", "ndjson"]),
    ),
    min_size=1,
    max_size=3,
)
DOCUMENTS = [[1, 2, 0], [], [3], [4, 5, 6, 7, 0], []]


@pytest.mark.parametrize("before", FORMATS)
@pytest.mark.parametrize("after", FORMATS)
def test_every_format_becomes_every_other(tmp_path, before, after):
    options = {"vocab_size": 9, "format": before, "shard_tokens": 2}
    bpe_tool.write_shards(DOCUMENTS, tmp_path / "a", **options)
    sets = [bpe_tool.open_shards(tmp_path / "a")] * 2
    manifest = reshard(sets, tmp_path / "b", format=after, shard_tokens=4)
    shards = bpe_tool.open_shards(tmp_path / "b")
    assert documents_of(shards) == 2 * DOCUMENTS
    assert list(problems(shards)) == []
    assert manifest.shard_format == after
    assert manifest.provenance == sets[0].manifest.provenance


def test_the_format_stays_by_default(tmp_path):
    bpe_tool.write_shards(DOCUMENTS, tmp_path / "a", vocab_size=9, format="megatron")
    manifest = reshard([bpe_tool.open_shards(tmp_path / "a")], tmp_path / "b")
    assert manifest.shard_format == "megatron"


def test_pipelines_are_joined(tmp_path):
    sets = []
    for name, pipelines in (("a", ("1" * 64,)), ("b", (None,)), ("c", ("1" * 64,)), ("d", ())):
        provenance = Provenance(max_id=len(name), pipelines=pipelines)
        with ShardSetWriter(tmp_path / name, "npy", provenance) as writer:
            writer.finish()
        sets.append(bpe_tool.open_shards(tmp_path / name))
    assert reshard(sets[:3], tmp_path / "x").provenance.pipelines == ("1" * 64, None)
    assert reshard(sets, tmp_path / "y").provenance.pipelines == ()


def test_nothing_becomes_nothing(tmp_path):
    bpe_tool.write_shards([], tmp_path / "a", vocab_size=9)
    manifest = reshard([bpe_tool.open_shards(tmp_path / "a")], tmp_path / "b")
    assert (manifest.shards, manifest.tokens) == ((), 0)


@settings(max_examples=20)
@given(DOCUMENTS_OF_SETS, st.integers(0, 2**64 - 1))
@example([([[1], [2]], "npy")], 2**64 - 1)
def test_shuffled(tmp_path_factory, sets, seed):
    """The same documents, in the order of the permutation, however they are spread."""
    folder = tmp_path_factory.mktemp("sets")
    for number, (documents, format) in enumerate(sets):
        bpe_tool.write_shards(
            documents, folder / f"{number}", vocab_size=9, format=format, shard_tokens=3
        )
    opened = [bpe_tool.open_shards(folder / f"{number}") for number in range(len(sets))]
    manifest = reshard(opened, folder / "all", format="npy", seed=seed)
    every = [document for documents, _ in sets for document in documents]
    expected = [every[int(i)] for i in Permutation(len(every), seed)]
    assert documents_of(bpe_tool.open_shards(folder / "all")) == expected
    assert manifest.provenance.seed == seed
