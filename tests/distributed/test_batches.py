"""Batches of Arrow, without Ray."""

import pickle

import pytest

import bpe_tool

pa = pytest.importorskip("pyarrow")

KINDS = ["string", "large_string", "binary", "large_binary"]
TEXTS = ["low lower", None, "", "newest é", "low"]


@pytest.fixture(scope="module")
def tokenizer() -> bpe_tool.Tokenizer:
    return bpe_tool.train_vocab(["low lower newest"] * 9, vocab_size=270, special_tokens=["<s>"])


def rows(tokenizer: bpe_tool.Tokenizer, texts: list, **options: object) -> list:
    return [None if text is None else tokenizer.encode(text, **options) for text in texts]


@pytest.mark.parametrize(
    "kind", ["string", "large_string", "string_view", "binary", "large_binary"]
)
@pytest.mark.parametrize("texts", [TEXTS, ["a"], [None], []])
def test_ids_are_those_of_the_tokenizer(tokenizer, kind, texts):
    values = texts if "string" in kind else [text and text.encode() for text in texts]
    array = pa.array(values, getattr(pa, kind)())
    table = pa.table({"id": list(range(len(texts))), "text": array})
    made = bpe_tool.BatchEncoder(tokenizer)(table)
    assert made.schema.names == ["id", "ids"]
    assert made.schema.field("ids").type == pa.list_(pa.uint32())
    assert made["ids"].to_pylist() == rows(tokenizer, texts)
    assert made["id"].to_pylist() == list(range(len(texts)))
    for batch in table.to_batches():
        assert bpe_tool.BatchEncoder(tokenizer)(batch).to_pylist() == made.to_pylist()


def test_columns_of_several_chunks_and_slices(tokenizer):
    table = pa.table({"text": pa.chunked_array([TEXTS[:2], [], TEXTS[2:]])})
    encode = bpe_tool.BatchEncoder(tokenizer)
    assert encode(table)["ids"].to_pylist() == rows(tokenizer, TEXTS)
    assert encode(table[1:4])["ids"].to_pylist() == rows(tokenizer, TEXTS[1:4])
    encode(table)["ids"].validate(full=True)


def test_what_becomes_of_columns(tokenizer):
    table = pa.table({"text": ["low"], "ids": [1], "more": [2]})

    def names(**options: object) -> list[str]:
        return bpe_tool.BatchEncoder(tokenizer, **options)(table).schema.names

    assert names() == ["ids", "more"]
    assert names(keep_text=True) == ["text", "more", "ids"]
    assert names(ids="t") == ["t", "ids", "more"]
    assert names(ids="text") == ["text", "ids", "more"]


def test_options_are_those_of_encode(tokenizer):
    table = pa.table({"words": ["low <s>"]})
    encode = bpe_tool.BatchEncoder(tokenizer, column="words", special="token", threads=2)
    assert encode(table)["ids"].to_pylist() == rows(tokenizer, ["low <s>"], special="token")
    with pytest.raises(bpe_tool.ArgumentError, match="no template"):
        bpe_tool.BatchEncoder(tokenizer, template=True)


def test_it_is_picklable_and_takes_a_path(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "vocab.json")
    encode = bpe_tool.BatchEncoder(tmp_path / "vocab.json")
    copy = pickle.loads(pickle.dumps(encode))
    table = pa.table({"text": TEXTS})
    assert copy(table).equals(encode(table))
    lower = bpe_tool.BatchPreprocessor(bpe_tool.Pipeline.from_preset("bert"))
    assert pickle.loads(pickle.dumps(lower))(table).equals(lower(table))


def test_what_is_no_batch_of_texts_is_refused(tokenizer):
    encode = bpe_tool.BatchEncoder(tokenizer)
    with pytest.raises(bpe_tool.ArgumentTypeError, match="expected a table of Arrow") as found:
        encode({"text": ["a"]})
    assert "batch_format" in found.value.hint
    with pytest.raises(bpe_tool.ArgumentError, match="no column 'text' in the batch: a, b"):
        encode(pa.table({"a": [1], "b": [2]}))
    with pytest.raises(bpe_tool.ArgumentTypeError, match="holds int64"):
        encode(pa.table({"text": [1]}))
    strict = bpe_tool.BatchEncoder(tokenizer, special="error")
    with pytest.raises(bpe_tool.SpecialTokenError, match="row 1"):
        strict(pa.table({"text": ["a", "<s>"]}))


@pytest.mark.parametrize("kind", KINDS)
def test_preprocessing(kind):
    texts = ["A Rosé", None, "", "IT"]
    values = texts if "string" in kind else [text and text.encode() for text in texts]
    table = pa.table({"text": pa.array(values, getattr(pa, kind)()), "n": [1, 2, 3, 4]})
    pipeline = bpe_tool.Pipeline.from_preset("bert")
    made = bpe_tool.BatchPreprocessor(pipeline)(table)
    assert made["text"].to_pylist() == [text and pipeline.apply(text) for text in texts]
    assert made["n"].to_pylist() == [1, 2, 3, 4]
    assert pa.types.is_large_string(made["text"].type) == ("large" in kind)


def test_texts_that_are_not_utf8_are_named():
    lower = bpe_tool.BatchPreprocessor(bpe_tool.Pipeline.from_preset("bert"))
    with pytest.raises(bpe_tool.DataError, match="row 2: byte 1 is not UTF-8"):
        lower(pa.table({"text": pa.array([b"a", None, b"a\xff"])}))
