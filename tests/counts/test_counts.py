"""`Counts`: the value in Python."""

import pickle
import threading
from fractions import Fraction
from pathlib import Path

import pytest

import bpe_tool
from bpe_tool import Counts, Pipeline
from bpe_tool.errors import ArgumentError, ArgumentTypeError, VocabError

TEXTS = ["a rose is a rose", "is a rose<s>", "\tCaf\xe9 \\ \n"]


def test_what_is_counted_comes_back():
    counts = Counts.count(TEXTS[:2])
    assert counts.top(2) == [(b" rose", 3), (b" a", 2)]
    assert dict(counts)[b"<s"] == 1
    assert list(counts) == sorted(counts)
    assert (len(counts), counts.total) == (7, 10)
    assert counts.totals.documents == 2
    assert counts.totals.bytes == len("".join(TEXTS[:2]))
    assert "7 distinct" in repr(counts)
    assert dict(Counts.count(TEXTS[:2], special_tokens=["<s>"])).keys() == {
        b"a", b" a", b" is", b"is", b" rose"
    }  # fmt: skip


def test_sums_are_counts_of_everything(tmp_path: Path):
    whole = Counts.count(TEXTS)
    parts = [Counts.count([text]) for text in TEXTS]
    assert parts[2] + parts[0] + parts[1] == whole
    assert Counts.merge(parts) == whole != parts[0]
    whole.save(tmp_path / "whole.counts")
    Counts.merge(parts[::-1]).save(tmp_path / "sum.counts")
    assert (tmp_path / "whole.counts").read_bytes() == (tmp_path / "sum.counts").read_bytes()
    assert Counts.load(tmp_path / "sum.counts") == whole
    assert pickle.loads(pickle.dumps(whole)) == whole
    weights = [2, 0.5, Fraction(1, 3)]
    assert dict(Counts.merge(parts, weights))[b" rose"] == 4
    assert dict(Counts.merge(parts[:1], [0.1])) == {}


def test_a_vocabulary_is_that_of_the_texts(tmp_path: Path):
    lower = Pipeline.from_preset("bert")
    for options in ({}, {"special_tokens": ["<s>"]}, {"level": "word"}, {"pipeline": lower}):
        direct = bpe_tool.train_vocab(TEXTS, vocab_size=262, **options)
        counted = Counts.count(TEXTS, **options).train_vocab(vocab_size=262)
        assert (counted.merges, counted.special_tokens) == (direct.merges, direct.special_tokens)
    with pytest.warns(bpe_tool.BpeToolWarning, match="without the special token '<t>'"):
        more = Counts.count(TEXTS).train_vocab(vocab_size=262, special_tokens=["<t>"])
    assert list(more.special_tokens) == ["<t>"]


def test_files_are_counted_as_for_training(tmp_path: Path):
    (tmp_path / "a.ndjson").write_text('{"text": "a rose"}\n{"text": "is"}\n')
    (tmp_path / "b.txt").write_text("a rose<>is")
    for name, unit in (("a.ndjson", {"ndjson": "text"}), ("b.txt", {"separator": "<>"})):
        counts = Counts.count_files([tmp_path / name], **unit)
        assert list(counts) == list(Counts.count(["a rose", "is"]))
        assert counts.totals.documents == 2
        assert [each.bytes for each in counts.description.inputs] == [
            (tmp_path / name).stat().st_size
        ]
    both = [Counts.count_files([tmp_path / "b.txt"])] * 2
    with pytest.raises(ArgumentError, match="counted twice"):
        Counts.merge(both)


def test_documents_that_nul_ends_are_counted(tmp_path: Path):
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_bytes(b"a rose\0is a rose\0")
    counts = Counts.count_files([tmp_path / "texts"], separator="\0")
    assert list(counts) == list(Counts.count(["a rose", "is a rose"]))
    assert counts.totals.documents == 2


def test_a_field_of_ndjson_is_one_of_tables_too(tmp_path: Path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    (tmp_path / "texts").mkdir()
    table = pyarrow.table({"text": ["a rose", "is a rose"]})
    parquet.write_table(table, tmp_path / "texts" / "a.parquet")
    counts = Counts.count_files([tmp_path / "texts"], ndjson="text")
    assert list(counts) == list(Counts.count(["a rose", "is a rose"]))


CORPUS = ["low lower lowest é", "newer é é wider"] * 9


@pytest.mark.parametrize(
    "rules",
    [
        {"max_token_bytes": 3},
        {"max_token_chars": 2},
        {"whole_characters": True},
        {"blocked_tokens": ["lo", "er"]},
        {"allowed_tokens": ["lo", "low", "er"]},
        {"seed_tokens": ["wide"]},
        {"min_frequency": 10},
        {"alphabet": "gpt2"},
    ],
)
def test_the_rules_of_training_apply_to_counts(rules: dict):
    made = Counts.count(CORPUS).train_vocab(vocab_size=264, **rules)
    assert made.merges == bpe_tool.train_vocab(CORPUS, vocab_size=264, **rules).merges
    assert made.merges != bpe_tool.train_vocab(CORPUS, vocab_size=264).merges or "alphabet" in rules


def test_counts_extend_a_vocabulary_and_keep_its_settings(tmp_path: Path):
    bpe_tool.train_vocab(
        CORPUS, vocab_size=260, pattern="gpt2", special_tokens=["<s>"]
    ).save(tmp_path / "old", roles={"bos": "<s>"})  # fmt: skip
    init = bpe_tool.Tokenizer.load(tmp_path / "old")
    counts = Counts.count(CORPUS, pattern="gpt2", special_tokens=["<s>"])
    counts.train_vocab(vocab_size=266, init=init).save(tmp_path / "counted")
    bpe_tool.train_vocab(CORPUS, vocab_size=266, init=init).save(tmp_path / "trained")
    names = sorted(path.name for path in (tmp_path / "trained").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "counted").iterdir())
    for name in names:
        assert (tmp_path / "counted" / name).read_bytes() == (
            tmp_path / "trained" / name
        ).read_bytes()
    assert "<s>" in (tmp_path / "counted" / "tokenizer_config.json").read_text()
    # Another name of the pattern is no other pattern.
    init = bpe_tool.train_vocab(CORPUS, vocab_size=260, pattern="o200k")
    counts = Counts.count(CORPUS, pattern="llama4")
    expected = bpe_tool.train_vocab(CORPUS, vocab_size=266, init=init)
    assert counts.train_vocab(vocab_size=266, init=init).merges == expected.merges
    init = bpe_tool.train_vocab(CORPUS, vocab_size=260, pattern="gpt2")
    with pytest.raises(ArgumentError, match="extended has the pattern 'gpt2'") as caught:
        Counts.count(CORPUS, special_tokens=["<s>"]).train_vocab(vocab_size=266, init=init)
    assert caught.value.hint == "count again with its pattern"


def test_what_cannot_be_added_up_is_refused(tmp_path: Path):
    one, two = Counts.count(["a"]), Counts.count(["a"], pattern="gpt2")
    with pytest.raises(ArgumentError, match="differ in pattern: cl100k and gpt2"):
        one + two
    with pytest.raises(TypeError):
        one + 3
    with pytest.raises(ArgumentError, match="is empty"):
        Counts.merge([])
    with pytest.raises(ArgumentTypeError, match="item 1"):
        Counts.merge([one, 3])
    with pytest.raises(ArgumentError, match="2 items for 1"):
        Counts.merge([one], [1, 2])
    for weight in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ArgumentError, match="above 0"):
            Counts.merge([one], [weight])
    (tmp_path / "text").write_text("a")
    with pytest.raises(VocabError, match="is not a count file"):
        Counts.load(tmp_path / "text")


def test_tables(tmp_path: Path):
    pyarrow = pytest.importorskip("pyarrow")
    counts = Counts.count([*TEXTS, b"\xff\xfe"])
    table = counts.to_arrow()
    assert table.column_names == ["pretoken", "count"]
    pairs = zip(table["pretoken"].to_pylist(), table["count"].to_pylist(), strict=True)
    assert list(pairs) == list(counts)
    assert table["count"].type == pyarrow.int64()
    assert Counts.count([]).to_arrow().num_rows == 0


def test_texts_are_taken_on_the_thread_that_calls():
    def texts():
        for _ in range(40):
            assert threading.current_thread() is threading.main_thread()
            yield "a rose is a rose " * 60_000

    assert dict(Counts.count(texts()))[b" rose"] == 40 * 120_000


def test_an_error_of_a_generator_is_raised():
    def texts():
        yield "a" * 9_000_000
        raise ZeroDivisionError

    for function in (Counts.count, lambda each: bpe_tool.train_vocab(each, vocab_size=256)):
        with pytest.raises(ZeroDivisionError):
            function(texts())
