"""Packing, with the libraries of Hugging Face as witnesses."""

import random

import numpy as np
import pytest

from bpe_tool import Causal, pack


def documents(seed: int, longest: int) -> list[list[int]]:
    random.seed(seed)
    return [
        [random.randrange(50_000) for _ in range(random.randint(1, longest))] for _ in range(300)
    ]


@pytest.mark.parametrize("length", [7, 64, 100])
@pytest.mark.parametrize("long", ["truncate", "split"])
def test_best_fit_is_that_of_trl(length, long):
    """Row for row, if all documents are in one of TRL's batches: it packs each on its own."""
    datasets = pytest.importorskip("datasets", reason="TRL needs it")
    trl = pytest.importorskip("trl", reason="compares with it")
    rows = [*documents(1, 120), [], *documents(2, 30)]
    packed = trl.pack_dataset(
        datasets.Dataset.from_dict({"input_ids": rows}),
        seq_length=length,
        strategy={"truncate": "bfd", "split": "bfd_split"}[long],
        map_kwargs={"batch_size": len(rows)},
    )
    batch = pack(rows, length=length, pad_id=0, long=long)
    assert [row[:own].tolist() for row, own in zip(batch.ids, batch.lengths, strict=True)] == list(
        packed["input_ids"]
    )
    sizes = [
        np.bincount(row[:own])[1:].tolist()
        for row, own in zip(batch.segment_ids, batch.lengths, strict=True)
    ]
    assert sizes == list(packed["seq_lengths"])


def test_one_row_of_all_documents_is_that_of_flattening():
    transformers = pytest.importorskip("transformers", reason="compares with it")
    rows = documents(3, 40)
    collator = transformers.DataCollatorWithFlattening(
        return_tensors="np", return_flash_attn_kwargs=True, return_seq_idx=True
    )
    theirs = collator([{"input_ids": row} for row in rows])
    packed = pack(rows, length=sum(map(len, rows)), pad_id=0, strategy="concatenate")
    ours = Causal().apply(packed)
    for mine, other in [
        (ours.labels, theirs["labels"]),
        (ours.ids, theirs["input_ids"]),
        (ours.position_ids, theirs["position_ids"]),
        (ours.segment_ids - 1, theirs["seq_idx"]),
        (ours.cu_seqlens, theirs["cu_seq_lens_q"]),
    ]:
        np.testing.assert_array_equal(mine, other)
    assert ours.max_seqlen == theirs["max_length_q"]
