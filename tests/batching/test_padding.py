"""Padding: what is an id of the text and what is not comes from lengths alone."""

import dataclasses
import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import bpe_tool
from bpe_tool import Batch, Ragged, pad
from bpe_tool.batching.rows import as_ragged
from bpe_tool.errors import ArgumentError, DataError

# Few ids, so that padding often looks like text.
LISTS = st.lists(st.lists(st.integers(0, 3), max_size=7), max_size=5)
SIDES = st.sampled_from(["left", "right"])
ROWS = [[5, 6, 7, 8, 9], [], [1], [2, 3]]


def slow_pad(rows: list[list[int]], pad_id: int, side: str, width: int) -> dict[str, list]:
    """Ids, mask and positions, row by row."""
    found = {"ids": [], "attention_mask": [], "position_ids": []}
    for row in rows:
        fill = width - len(row)
        for name, values, filler in [
            ("ids", row, pad_id),
            ("attention_mask", [1] * len(row), 0),
            ("position_ids", [*range(len(row))], 0),
        ]:
            fillers = [filler] * fill
            found[name].append(values + fillers if side == "right" else fillers + values)
    return found


def check(batch: Batch, rows: list[list[int]], pad_id: int, side: str, width: int) -> None:
    for name, expected in slow_pad(rows, pad_id, side, width).items():
        found = getattr(batch, name)
        assert found.shape == (len(rows), width)
        assert found.dtype == batch.ids.dtype
        assert found.tolist() == expected
    assert batch.lengths.tolist() == [len(row) for row in rows]
    assert (batch.lengths.dtype, batch.samples.dtype) == (np.int64, np.int64)


@given(LISTS, st.integers(0, 3), SIDES, st.sampled_from(["int64", "int32"]), st.integers(1, 5))
def test_rows_are_filled_up_to_the_longest(rows, pad_id, side, dtype, multiple):
    batch = pad(rows, pad_id=pad_id, side=side, multiple=multiple, dtype=dtype)
    longest = max(map(len, rows), default=0)
    width = next(n for n in range(longest, longest + multiple) if n % multiple == 0)
    check(batch, rows, pad_id, side, width)
    assert batch.ids.dtype == dtype
    assert batch.samples.tolist() == list(range(len(rows)))
    assert pad(as_ragged(rows), pad_id=pad_id, side=side, multiple=multiple, dtype=dtype) == batch


@given(LISTS, SIDES, SIDES, st.integers(0, 8))
def test_longer_rows_are_cut(rows, side, truncation_side, length):
    batch = pad(
        rows,
        pad_id=0,
        side=side,
        length=length,
        max_length=length,
        truncation_side=truncation_side,
    )
    cut = [
        row[:length] if truncation_side == "right" else row[max(len(row) - length, 0) :]
        for row in rows
    ]
    check(batch, cut, 0, side, length)
    if batch.pieces is not None:
        assert [rows[at][start : start + length] for at, start in batch.pieces.tolist()] == cut


@given(LISTS, SIDES, st.integers(1, 5), st.data())
def test_windows_say_where_they_are_from(rows, side, length, data):
    stride = data.draw(st.integers(1, length))
    batch = pad(rows, pad_id=0, side=side, max_length=length, stride=stride)
    assert batch.pieces[:, 0].tolist() == batch.samples.tolist()
    parts = [rows[at][start : start + length] for at, start in batch.pieces.tolist()]
    check(batch, parts, 0, side, max(map(len, parts), default=0))
    covered = {
        (at, place)
        for (at, start), part in zip(batch.pieces.tolist(), parts, strict=True)
        for place in range(start, start + len(part))
    }
    assert covered == {(at, place) for at, row in enumerate(rows) for place in range(len(row))}


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_may_be_the_end_of_a_text(side):
    end = 2
    rows = [[7, 8, end], [9, end], [end, end]]
    batch = pad(rows, pad_id=end, side=side)
    assert batch.attention_mask.sum(axis=1).tolist() == [3, 2, 2]
    check(batch, rows, end, side, 3)


@pytest.mark.parametrize("side", ["left", "right"])
def test_padding_may_be_zero(side):
    rows = [[0, 5, 0, 0], [0], [0, 0]]
    check(pad(rows, pad_id=0, side=side), rows, 0, side, 4)


def test_the_width_can_be_given_and_rounded():
    assert pad(ROWS, pad_id=0, length=6).ids.shape == (4, 6)
    assert pad(ROWS, pad_id=0, length=6, multiple=4).ids.shape == (4, 8)
    assert pad(ROWS, pad_id=0, max_length=3, multiple=4).ids.shape == (4, 4)
    assert pad(ROWS, pad_id=0, max_length=3).ids.shape == (4, 3)
    assert pad([[], []], pad_id=0).ids.shape == (2, 0)
    assert pad([], pad_id=0, length=3).ids.shape == (0, 3)


def test_large_ids_keep_their_value():
    assert pad([[2**32 - 1]], pad_id=2**32 - 1).ids.tolist() == [[2**32 - 1]]
    assert pad([[2**31 - 1]], pad_id=2**31 - 1, dtype="int32").ids.tolist() == [[2**31 - 1]]
    with pytest.raises(DataError, match="2147483648 does not fit int32"):
        pad([[2**31]], pad_id=0, dtype="int32")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pad_id": -1}, "`pad_id` is -1"),
        ({"pad_id": 2**32}, "`pad_id` is 4294967296"),
        ({"pad_id": 2**31, "dtype": "int32"}, "`pad_id` is 2147483648"),
        ({"side": "middle"}, "`side` is 'middle'"),
        ({"truncation_side": "top", "max_length": 2}, "`truncation_side` is 'top'"),
        ({"multiple": 0}, "`multiple` is 0"),
        ({"length": -1}, "`length` is -1"),
        ({"max_length": -1}, "`max_length` is -1"),
        ({"max_length": 0, "stride": 1}, "`max_length` is 0"),
        ({"dtype": "uint16"}, "`dtype` is 'uint16'"),
        ({"stride": 2}, "windows need a length"),
        ({"stride": 4, "max_length": 3}, "leave ids out"),
        ({"stride": 2, "max_length": 3, "truncation_side": "left"}, "cut on the right"),
    ],
)
def test_arguments_are_checked(options, message):
    with pytest.raises(ArgumentError, match=message):
        pad(ROWS, **{"pad_id": 0, **options})


def test_rows_are_not_cut_unless_asked():
    with pytest.raises(DataError, match="row 0 has 5 ids, more than the 4") as caught:
        pad(ROWS, pad_id=0, length=4)
    assert "`max_length`" in caught.value.hint


def test_there_is_no_default_for_padding():
    with pytest.raises(TypeError, match="pad_id"):
        pad(ROWS)
    with pytest.raises(TypeError):
        pad(ROWS, pad_id=None)


def test_rows_of_a_tokenizer_are_padded():
    tokenizer = bpe_tool.train_vocab(["low lower lowest"], vocab_size=262)
    texts = ["low", "", "lowest of all"]
    ragged = tokenizer.encode_arrays(texts)
    assert pad(ragged, pad_id=0) == pad(tokenizer.encode_batch(texts), pad_id=0)
    assert isinstance(ragged, Ragged)


def test_padding_equals_that_of_hugging_face():
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer, models

    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer(models.WordLevel({"a": 0, "<pad>": 3}, unk_token="a")),
        pad_token="<pad>",
    )
    for side in "left", "right":
        for multiple in 1, 4:
            tokenizer.padding_side = side
            expected = tokenizer.pad(
                {"input_ids": ROWS}, pad_to_multiple_of=multiple, return_tensors="np"
            )
            batch = pad(ROWS, pad_id=3, side=side, multiple=multiple)
            assert batch.ids.tolist() == expected["input_ids"].tolist()
            assert batch.attention_mask.tolist() == expected["attention_mask"].tolist()


def test_a_batch_is_a_value():
    batch = pad(ROWS, pad_id=0)
    assert batch == pad(ROWS, pad_id=0)
    assert batch != pad(ROWS, pad_id=1)
    assert batch != pad(ROWS, pad_id=0, dtype="int32")
    assert batch != dataclasses.replace(batch, labels=batch.ids)
    assert batch != "batch"
    assert pickle.loads(pickle.dumps(batch)) == batch
    assert repr(batch) == "<Batch: 4 rows of 5, 8 ids>"
    assert repr(dataclasses.replace(batch, labels=batch.ids)).endswith("ids, labels>")
    with pytest.raises(AttributeError):
        batch.ids = batch.labels
    with pytest.raises(TypeError, match="unhashable"):
        hash(batch)


def test_labels_can_be_changed_in_place():
    batch = bpe_tool.Causal().apply(pad(ROWS, pad_id=0))
    batch.labels[:, 0] = -100
    assert batch.arrays()["labels"][0].tolist() == [-100, 6, 7, 8, 9]
    assert batch.ids[0, 0] == 5


def test_arrays_have_the_names_of_models():
    batch = pad(ROWS, pad_id=0)
    assert list(batch.arrays()) == ["input_ids", "attention_mask", "position_ids"]
    assert list(bpe_tool.Causal().apply(batch).arrays())[-1] == "labels"
    packed = dataclasses.replace(
        batch,
        segment_ids=batch.attention_mask,
        cu_seqlens=np.array([0, 5, 6, 8], np.int32),
        max_seqlen=5,
    )
    names = ["input_ids", "position_ids", "segment_ids", "cu_seqlens", "max_seqlen"]
    assert list(packed.arrays()) == names
    assert packed.arrays()["max_seqlen"] == 5
    assert list(batch.arrays(names="transformers")) == list(batch.arrays())
    with pytest.raises(ArgumentError, match="`names`"):
        batch.arrays(names="megatron")


def test_transformers_names_of_flash_attention():
    """Those of `DataCollatorWithFlattening`, with its types."""
    found = bpe_tool.pack([[5, 6, 7], [8], [9, 9]], length=4, pad_id=0).arrays(names="transformers")
    assert list(found) == [
        "input_ids", "position_ids",
        "cu_seq_lens_q", "cu_seq_lens_k", "max_length_q", "max_length_k", "seq_idx",
    ]  # fmt: skip
    assert found["cu_seq_lens_q"].tolist() == found["cu_seq_lens_k"].tolist() == [0, 3, 4, 6]
    assert found["max_length_q"] == found["max_length_k"] == 3
    assert found["seq_idx"].tolist() == [[0, 0, 0, 1], [0, 0, -1, -1]]
    assert found["seq_idx"].dtype == found["cu_seq_lens_q"].dtype == np.int32
    (flat,) = pad([[5, 6], [7]], pad_id=0).flattened().arrays(names="transformers")["seq_idx"]
    assert flat.tolist() == [0, 0, 1]


@pytest.mark.parametrize("wrong", [[0], [0, 1, 2.5, 3], [0, -1, 2, 3], 3, ["a"] * 4])
def test_numbers_of_samples_are_checked(wrong):
    for make in pad, partial(bpe_tool.pack, length=9):
        with pytest.raises(ArgumentError, match="`samples`"):
            make([[1]] * 4, pad_id=0, samples=wrong)


def test_arrays_are_handed_on_without_a_copy():
    batch = pad(ROWS, pad_id=0)
    for name, array in batch.arrays().items():
        again = np.from_dlpack(array)
        assert np.shares_memory(again, array), name


@pytest.mark.parametrize("dtype", ["int64", "int32"])
def test_tensors_share_memory(dtype):
    torch = pytest.importorskip("torch")
    batch = bpe_tool.Causal().apply(pad(ROWS, pad_id=0, dtype=dtype))
    tensors, arrays = batch.torch(), batch.arrays()
    assert tensors.keys() == arrays.keys()
    for name, tensor in tensors.items():
        assert tensor.dtype == getattr(torch, dtype)
        assert tensor.data_ptr() == arrays[name].__array_interface__["data"][0], name
        assert tensor.tolist() == arrays[name].tolist()
    tensors["labels"][0, 0] = -1
    assert batch.labels[0, 0] == -1
    packed = dataclasses.replace(batch, max_seqlen=5)
    assert packed.torch()["max_seqlen"] == 5
