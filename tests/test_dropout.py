"""BPE-dropout follows its definition, written here as slowly as it reads."""

from itertools import pairwise

import generators
import numpy as np
import pytest
from commands import fails, ok

import bpe_tool
from bpe_tool import StreamEncoder, Tokenizer, train_vocab
from bpe_tool.batching.sampling.random import Stream, draw

TEXTS = ["low lower lowest", "", "new newer newest, the widest", "aaaaaaaaaaaa a\u20acb"]


@pytest.fixture(scope="module")
def tokenizer(documents) -> Tokenizer:
    return train_vocab(documents, vocab_size=900, special_tokens=["<s>"])


def absorb(key: int, word: int) -> int:
    """A step of SplitMix64."""
    mask = 2**64 - 1
    state = (key + word + 0x9E3779B97F4A7C15) & mask
    state = (state ^ state >> 30) * 0xBF58476D1CE4E5B9 & mask
    state = (state ^ state >> 27) * 0x94D049BB133111EB & mask
    return state ^ state >> 31


def dropped(
    tokenizer: Tokenizer, text: bytes, p: float, seed: int = 0, epoch: int = 0, sample: int = 0
) -> list[int]:
    """The ids of a text without special tokens."""
    ranks = {pair: rank for rank, pair in enumerate(tokenizer.merges)}
    ids: list[int] = []
    offset = 0
    for pretoken in tokenizer._core.pretokenize(text):
        key = int(draw(seed, epoch, sample, offset, Stream.DROPOUT))
        parts = [pretoken[at : at + 1] for at in range(len(pretoken))]
        decisions = 0
        while True:
            pairs = enumerate(pairwise(parts))
            possible = sorted((ranks[pair], at) for at, pair in pairs if pair in ranks)
            for _, at in possible:
                number = (absorb(key, decisions) >> 11) * 2.0**-53
                decisions += 1
                if number >= p:
                    parts[at : at + 2] = [parts[at] + parts[at + 1]]
                    break
            else:
                break
        ids += map(tokenizer.token_to_id, parts)
        offset += len(pretoken)
    return ids


@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_it_is_the_definition(tokenizer, p):
    for sample, text in enumerate(generators.byte_strings(seed=91, count=300)):
        expected = dropped(tokenizer, text, p, seed=7, epoch=2, sample=sample)
        found = tokenizer.encode(text, dropout=p, seed=7, epoch=2, sample=sample)
        assert found == expected, text
        assert tokenizer.decode_bytes(found) == text


def test_the_ends_of_the_scale(tokenizer, documents):
    text = "".join(documents)[:20_000]
    assert tokenizer.encode(text, dropout=0.0) == tokenizer.encode(text)
    assert tokenizer.encode(text, dropout=1.0) == list(text.encode())
    half = [len(tokenizer.encode(text, dropout=p)) for p in (0.0, 0.2, 0.5, 0.8, 1.0)]
    assert half == sorted({*half})


def test_words_that_are_only_looked_up_are_merged(vocabs):
    tokenizer = Tokenizer.load(vocabs / "r50k_base.tiktoken", pattern="gpt2")
    for text in ("It was the best of times", " dreadful gallows", "1234567 \u65e5\u672c\u8a9e"):
        assert tokenizer.encode(text, dropout=0.0) == tokenizer.encode(text)
        for seed in range(20):
            expected = dropped(tokenizer, text.encode(), 0.3, seed)
            assert tokenizer.encode(text, dropout=0.3, seed=seed) == expected


def test_rows_are_numbered(tokenizer):
    expected = [tokenizer.encode(text, dropout=0.4, seed=3, sample=10 + row)
                for row, text in enumerate(TEXTS)]  # fmt: skip
    for threads in (1, 2):
        given = {"dropout": 0.4, "seed": 3, "sample": 10, "threads": threads}
        assert tokenizer.encode_batch(TEXTS, **given) == expected
        arrays = tokenizer.encode_arrays(TEXTS, **given)
        assert [row.tolist() for row in arrays] == expected
    assert tokenizer.encode_batch(TEXTS, dropout=0.4, seed=4, sample=10) != expected
    assert tokenizer.encode_batch(TEXTS, dropout=0.4, seed=3, sample=10, epoch=1) != expected


def test_long_documents_on_threads(tokenizer, documents):
    long = "".join(documents)[:300_000]
    texts = [long, "short", long[7:]]
    rows = [tokenizer.encode_arrays(texts, dropout=0.3, seed=1, threads=n) for n in (1, 2, 3)]
    for other in rows[1:]:
        np.testing.assert_array_equal(other.ids, rows[0].ids)
    assert rows[0][2].tolist() == tokenizer.encode(long[7:], dropout=0.3, seed=1, sample=2)


def test_special_tokens_are_not_merged_nor_dropped(tokenizer):
    id = tokenizer.special_tokens["<s>"]
    ids = tokenizer.encode("low<s>low", dropout=1.0, special="token")
    assert ids == [*b"low", id, *b"low"]


def test_vocabularies_without_merges_are_refused(documents):
    tokenizer = train_vocab(documents, vocab_size=300, level="char")
    for encode in (tokenizer.encode, lambda text, **given: tokenizer.encode_batch([text], **given)):
        with pytest.raises(bpe_tool.ArgumentError, match="this vocabulary has no merges"):
            encode("a", dropout=0.1)


@pytest.mark.parametrize("name", ["seed", "epoch", "sample"])
def test_nothing_is_ignored(tokenizer, name):
    for encode in (tokenizer.encode, tokenizer.encode_batch, tokenizer.encode_arrays):
        with pytest.raises(bpe_tool.ArgumentError, match=f"`{name}` has no effect without dropout"):
            encode("a" if encode == tokenizer.encode else ["a"], **{name: 0})
    assert "dropout" not in StreamEncoder.__init__.__annotations__


@pytest.mark.parametrize("threads", [1, 2])
def test_the_command_line_numbers_records(tokenizer, tmp_path, threads):
    tokenizer.save(tmp_path / "t.json")
    (tmp_path / "a.txt").write_text("low lower\nlowest\n\nnew\n" * 3000)
    (tmp_path / "b.txt").write_text("newer\nnewest\n")
    lines = "low lower\nlowest\n\nnew\n" * 3000 + "newer\nnewest\n"
    expected = tokenizer.encode_batch(lines.splitlines(), dropout=0.2, seed=5)
    encode = ["encode", "-t", tmp_path / "t.json", "--threads", threads]
    out = ok(*encode, "--dropout", 0.2, "--seed", 5, tmp_path / "a.txt", tmp_path / "b.txt")
    assert [[*map(int, line.split())] for line in out.decode().split("\n")[:-1]] == expected
    assert "--dropout" in fails(2, *encode, "--seed", 5, tmp_path / "a.txt")
    assert "--dropout" in fails(2, *encode, "--dropout", 1.5, tmp_path / "a.txt")
