"""Batches of a stream of documents, and in which form they are written."""

import io
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.batching.batch import Batch
from bpe_tool.batching.batch_writers import NpzBatchSink
from bpe_tool.batching.loader import Loader
from bpe_tool.batching.objectives.causal import Causal
from bpe_tool.batching.objectives.mlm import MaskedLM
from bpe_tool.batching.packing import pack
from bpe_tool.batching.policies.fixed_rows import FixedRows
from bpe_tool.batching.policies.fixed_width import FixedWidth
from bpe_tool.batching.policies.length_buckets import LengthBuckets
from bpe_tool.batching.policies.packed import Packed
from bpe_tool.batching.policies.token_budget import TokenBudget
from bpe_tool.batching.rows import as_ragged
from bpe_tool.batching.sampling.dataset import TokenDataset
from bpe_tool.batching.stream import Batching, batches, gathered, measure
from bpe_tool.errors import DataError

documents_of_ids = st.lists(st.lists(st.integers(0, 9), max_size=6), max_size=30)


def blocks(documents: list[list[int]], cuts: list[int], *, ended: bool = True):
    """The ids of documents, cut anywhere, with the ends that fall into each part."""
    ids = np.array([id for document in documents for id in document], np.uint16)
    ends = np.cumsum([len(document) for document in documents], dtype=np.int64)
    if not ended and len(ends):
        ends = ends[:-1]
    places = [0, *sorted(min(cut, len(ids)) for cut in cuts), len(ids)]
    done = 0
    for number, (start, stop) in enumerate(itertools.pairwise(places)):
        last = number == len(places) - 2
        upto = len(ends) if last else int(np.searchsorted(ends, stop, "right"))
        yield ids[start:stop], ends[done:upto] - start
        done = upto


@given(documents_of_ids, st.lists(st.integers(0, 90), max_size=5), st.none() | st.integers(1, 9))
def test_pools_are_runs_of_documents(documents, cuts, size):
    pools = list(gathered(blocks(documents, cuts), size))
    assert [row.tolist() for pool in pools for row in pool] == documents
    assert all(pool.ids.dtype == np.uint32 for pool in pools)
    if size is not None:
        assert all(len(pool) == size for pool in pools[:-1])
        assert all(0 < len(pool) <= size for pool in pools)


def test_a_document_without_an_end_ends_with_the_stream():
    stream = blocks([[1, 2], [3, 4, 5]], [1, 3, 4], ended=False)
    assert [row.tolist() for pool in gathered(stream, 10) for row in pool] == [[1, 2], [3, 4, 5]]


POLICIES = [
    FixedRows(3),
    LengthBuckets([3, 9], rows=2),
    TokenBudget(20),
    FixedWidth(FixedRows(2), 9),
    Packed(5, 2),
    Packed(7, 1, "concatenate"),
]


@given(
    documents=documents_of_ids,
    cuts=st.lists(st.integers(0, 90), max_size=3),
    policy=st.sampled_from(POLICIES),
    shuffle=st.booleans(),
    objective=st.none() | st.builds(Causal) | st.builds(MaskedLM, st.just(99), st.just(100)),
)
def test_batches_are_those_of_a_loader(documents, cuts, policy, shuffle, objective):
    options = {"bos_id": 7, "eos_id": 8, "pool": 6, "objective": objective}
    options |= {"shuffle": shuffle, "seed": 5, "epoch": 2}
    batching = Batching(policy=policy, pad_id=0, options=options)
    told: list[np.ndarray] = []
    made = list(batches(blocks(documents, cuts), batching, on_lengths=told.append))
    loader = Loader(documents, policy, pad_id=0, **options)
    assert made == list(loader)
    assert sorted(np.concatenate([[], *told])) == sorted(
        len(document) + 2 for document in documents
    )
    measured = measure(blocks(documents, cuts), batching)
    assert measured.tolist() == np.concatenate([[], *told]).tolist()
    if shuffle:
        again = batches(TokenDataset(as_ragged(documents)), batching, on_lengths=told.append)
        assert list(again) == made


def test_windows_overlap():
    options = {"bos_id": 9, "max_length": 4}
    batching = Batching(policy=FixedRows(9), pad_id=0, options=options, stride=2)
    (batch,) = batches(blocks([[1, 2, 3, 4, 5], [6]], []), batching)
    assert batch.ids.tolist() == [[9, 1, 2, 3], [9, 3, 4, 5], [9, 6, 0, 0]]


def test_what_does_not_fit():
    batching = Batching(policy=FixedWidth(FixedRows(2), 3), pad_id=0)
    with pytest.raises(DataError, match=r"4 tokens .* 3 wide"):
        list(batches(blocks([[1, 2, 3, 4]], []), batching))


class Memory(io.BytesIO):
    replaces = True


def test_archives_hold_every_array_and_no_time():
    def archive(batches: list[Batch]) -> Memory:
        output = Memory()
        sink = NpzBatchSink(output)
        for batch in batches:
            sink.write(batch)
        sink.finish()
        return output

    made = [pack([[1, 2], [3]], length=4, pad_id=0), pack([[5]], length=2, pad_id=0, dtype="int32")]
    output = archive(made)
    assert output.getvalue() == archive(made).getvalue()
    output.seek(0)
    with np.load(output) as found:
        assert len(found) == sum(len(batch.arrays()) for batch in made)
        for number, batch in enumerate(made):
            for name, value in batch.arrays().items():
                read = found[f"{number}/{name}"]
                np.testing.assert_array_equal(read, value)
                assert read.dtype == np.asarray(value).dtype
