"""Batches in one row without padding, and what models make of batches of every form."""

import random

import numpy as np
import pytest

import bpe_tool
from bpe_tool import ArgumentError, Causal, MaskedLM, pack, pad

ROWS = [[5, 6, 2], [], [7, 2], [8], [2, 2, 2, 2]]
FLAT = [id for row in ROWS for id in row]


@pytest.mark.parametrize("side", ["left", "right"])
def test_what_was_padding_is_gone_also_where_texts_look_like_it(side):
    flat = pad(ROWS, pad_id=2, side=side, multiple=8).flattened()
    assert flat.ids.tolist() == [FLAT]
    assert flat.attention_mask.all() and flat.lengths.tolist() == [len(FLAT)]
    assert flat.position_ids.tolist() == [[i for row in ROWS for i in range(len(row))]]
    assert flat.segment_ids.tolist() == [[1, 1, 1, 2, 2, 3, 4, 4, 4, 4]]
    assert (flat.cu_seqlens.tolist(), flat.max_seqlen) == ([0, 3, 5, 6, 10], 4)
    assert flat.pieces.tolist() == [[0, 0], [2, 0], [3, 0], [4, 0]]
    assert "attention_mask" not in flat.arrays()


@pytest.mark.parametrize("dtype", ["int32", "int64"])
def test_packed_rows_are_joined_with_all_that_belongs_to_them(dtype):
    packed = Causal().apply(pack(ROWS, length=4, pad_id=0, dtype=dtype))
    flat = packed.flattened()
    real = packed.attention_mask != 0
    for name in ("ids", "position_ids", "labels"):
        np.testing.assert_array_equal(getattr(flat, name)[0], getattr(packed, name)[real])
        assert getattr(flat, name).dtype == dtype
    np.testing.assert_array_equal(flat.cu_seqlens, packed.cu_seqlens)
    np.testing.assert_array_equal(flat.pieces, packed.pieces)
    assert Causal().apply(flat) == flat
    assert flat.flattened() == flat


def test_masks_are_those_of_the_padded_batch():
    batch, objective = pad(ROWS, pad_id=0), MaskedLM(9, 9, probability=0.5)
    padded = objective.apply(batch, seed=3)
    flat = objective.apply(batch.flattened(), seed=3)
    assert flat.ids[0].tolist() == padded.ids[batch.attention_mask != 0].tolist()
    assert flat.labels[0].tolist() == padded.labels[batch.attention_mask != 0].tolist()


def test_windows_keep_their_places():
    flat = pad([[1, 2, 3, 4, 5]], pad_id=0, max_length=3, stride=2).flattened()
    assert flat.pieces.tolist() == [[0, 0], [0, 2]]


def test_nothing_to_flatten():
    for rows in ([], [[], []]):
        flat = pad(rows, pad_id=0).flattened()
        assert (flat.ids.shape, flat.cu_seqlens.tolist(), flat.max_seqlen) == ((1, 0), [0], 0)


def test_labels_of_padded_rows_are_refused():
    """The first id of a row is its own label there; in a row of several it would be learned."""
    with pytest.raises(ArgumentError, match="padded rows") as caught:
        Causal().apply(pad(ROWS, pad_id=0)).flattened()
    assert "before making labels" in caught.value.hint


def test_it_is_what_flattening_makes():
    transformers = pytest.importorskip("transformers", reason="compares with it")
    random.seed(5)
    rows = [[random.randrange(99) for _ in range(random.randint(1, 30))] for _ in range(50)]
    collate = transformers.DataCollatorWithFlattening(
        return_tensors="np", return_flash_attn_kwargs=True, return_seq_idx=True
    )
    theirs = collate([{"input_ids": row} for row in rows])
    for padded in (pad(rows, pad_id=0), pack(rows, length=30, pad_id=0, strategy="concatenate")):
        ours = Causal().apply(padded.flattened())
        np.testing.assert_array_equal(ours.ids, theirs["input_ids"])
    ours = Causal().apply(pad(rows, pad_id=0).flattened())
    np.testing.assert_array_equal(ours.labels, theirs["labels"])
    np.testing.assert_array_equal(ours.position_ids, theirs["position_ids"])
    np.testing.assert_array_equal(ours.segment_ids - 1, theirs["seq_idx"])
    np.testing.assert_array_equal(ours.cu_seqlens, theirs["cu_seq_lens_q"])
    assert ours.max_seqlen == theirs["max_length_q"]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("attention", ["eager", "sdpa"])
def test_models_see_each_document_alone(attention):
    """What a model makes of a document depends on no other one and on no padding."""
    torch = pytest.importorskip("torch", reason="runs a model")
    transformers = pytest.importorskip("transformers", reason="runs a model")
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=20,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        attn_implementation=attention,
    )
    model = transformers.LlamaForCausalLM(config).eval()
    rows = [row for row in ROWS if row] + [[3, 4, 5, 6, 7, 8], [9, 10]]
    with torch.no_grad():
        alone = [model(torch.tensor([row])).logits[0].numpy() for row in rows]
        for batch in (
            pack(rows, length=8, pad_id=2),
            pack(rows, length=8, pad_id=2).flattened(),
            pad(rows, pad_id=2).flattened(),
            pad(rows, pad_id=2, side="left", multiple=8),
            pad(rows, pad_id=2),
        ):
            found = model(**bpe_tool.Causal().apply(batch).torch(), use_cache=False)
            logits = found.logits.numpy()[batch.attention_mask != 0]
            owners = batch.samples if batch.pieces is None else batch.pieces[:, 0]
            expected = np.concatenate([alone[owner] for owner in owners])
            np.testing.assert_allclose(logits, expected, atol=1e-5)
            assert np.isfinite(found.loss)
