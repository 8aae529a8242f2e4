"""`inspect diff`: two vocabularies and their difference, recounted."""

import json

import pytest
from commands import fails, ok
from conftest import token_ids

import bpe_tool


@pytest.fixture(scope="module")
def pair(documents) -> tuple[bpe_tool.Tokenizer, bpe_tool.Tokenizer]:
    half = len(documents) // 2
    return (
        bpe_tool.train_vocab(documents[:half], vocab_size=900, special_tokens=["<a>", "<s>"]),
        bpe_tool.train_vocab(documents[half:], vocab_size=1200, special_tokens=["<s>"]),
    )


def test_tokens(pair):
    a, b = pair
    ids_a, ids_b = token_ids(a), token_ids(b)
    report = bpe_tool.inspect_diff(a, b)
    common = ids_a.keys() & ids_b.keys()
    assert (report.size_a, report.size_b) == (len(ids_a), len(ids_b))
    assert report.common == len(common)
    assert report.jaccard == pytest.approx(len(common) / len(ids_a.keys() | ids_b.keys()))
    assert report.added == len(ids_b.keys() - ids_a.keys())
    assert report.removed == len(ids_a.keys() - ids_b.keys())
    assert report.moved == sum(ids_a[token] != ids_b[token] for token in common)
    assert all(ids_b[each.raw] == each.id for each in report.added_tokens)
    assert not {each.raw for each in report.added_tokens} & ids_a.keys()
    assert not {each.raw for each in report.removed_tokens} & ids_b.keys()
    assert (report.special_added, report.special_removed) == ((), ("<a>",))
    assert report.sample is None


def test_scripts():
    a = bpe_tool.train_vocab(["the cat the cat"] * 9, vocab_size=262)
    b = bpe_tool.train_vocab(["η γάτα η γάτα the"] * 9, vocab_size=266)
    found = bpe_tool.inspect_diff(a, b).scripts
    greek, latin = (
        sum(any(low <= char <= high for char in token.decode(errors="ignore")) for token in ids)
        for low, high, ids in [("α", "ω", token_ids(b)), ("A", "z", token_ids(a))]
    )
    counts = {each.script: (each.tokens_a, each.tokens_b) for each in found}
    assert counts["Greek"] == (0, greek)
    # Between upper and lower case there are six characters that are no letters.
    assert counts["Latin"][0] == latin - 6
    assert [max(each) for each in counts.values()] == sorted(
        map(max, counts.values()), reverse=True
    )


def test_groups(pair):
    texts = {"en": ["the cat", "a dog"], "el": ["η γάτα"], "none": []}
    report = bpe_tool.inspect_diff(*pair, texts)
    assert [each.name for each in report.sample.groups] == ["en", "el", "none"]
    for each in report.sample.groups:
        counts = [sum(map(tokenizer.count, texts[each.name])) for tokenizer in pair]
        assert [each.tokens_a, each.tokens_b] == counts
        assert each.documents == len(texts[each.name])
        assert each.byte_count == sum(len(text.encode()) for text in texts[each.name])
    assert report.sample.tokens_a == sum(each.tokens_a for each in report.sample.groups)
    titles = [block.title for block in report.view()]
    assert "Bytes per token" in titles and "Groups" in titles
    alone = bpe_tool.inspect_diff(*pair, texts["en"])
    assert "Groups" not in [block.title for block in alone.view()]


def test_ranks(pair):
    a, b = pair
    ranks = [
        {left + right: rank for rank, (left, right) in enumerate(each.merges, 1)} for each in pair
    ]
    report = bpe_tool.inspect_diff(a, b)
    common = ranks[0].keys() & ranks[1].keys()
    gaps = sorted((abs(ranks[0][token] - ranks[1][token]) for token in common), reverse=True)
    shifts = [abs(each.rank_a - each.rank_b) for each in report.shifts]
    assert shifts == gaps[: len(shifts)]
    assert all(
        (each.rank_a, each.rank_b) == (ranks[0][each.raw], ranks[1][each.raw])
        for each in report.shifts
    )
    parts = [{left + right: left for left, right in each.merges} for each in pair]
    assert report.rebuilt == sum(parts[0][token] != parts[1][token] for token in common)
    n = len(common)
    orders = [
        {token: at for at, token in enumerate(sorted(common, key=each.get))} for each in ranks
    ]
    squares = sum((orders[0][token] - orders[1][token]) ** 2 for token in common)
    assert report.rank_correlation == pytest.approx(1 - 6 * squares / (n * (n * n - 1)))


def test_a_vocabulary_and_itself(pair):
    report = bpe_tool.inspect_diff(pair[0], pair[0], ["some text"])
    assert (report.added, report.removed, report.moved, report.shifts) == (0, 0, 0, ())
    assert report.jaccard == 1
    assert report.rank_correlation == pytest.approx(1)
    assert report.sample.changed_documents == report.sample.changed_words == 0


def test_sample(pair, documents):
    texts = [text[:3000] for text in documents[:20]]
    sample = bpe_tool.inspect_diff(*pair, texts).sample
    rows = [each.encode_batch(texts) for each in pair]
    assert sample.tokens_a == sum(map(len, rows[0]))
    assert sample.tokens_b == sum(map(len, rows[1]))
    assert sample.byte_count == sum(len(text.encode()) for text in texts)

    def split(tokenizer, text):
        return tuple(map(tokenizer.id_to_bytes, tokenizer.encode(text)))

    assert sample.changed_documents == sum(split(pair[0], t) != split(pair[1], t) for t in texts)
    words = {b" " + word for text in texts for word in text.encode().split()}
    # `bytes.split` takes a few more characters for white space than `\S` does, and none here.
    assert sample.words == len(words)
    assert sample.changed_words == sum(split(pair[0], w) != split(pair[1], w) for w in words)
    for each in sample.largest_words:
        assert each.tokens_a == split(pair[0], each.raw)
        assert each.tokens_b == split(pair[1], each.raw)
    weights = [abs(each.count_a - each.count_b) * each.count for each in sample.largest_words]
    assert weights == sorted(weights, reverse=True)


def test_the_command(vocab, tmp_path):
    other = tmp_path / "other"
    (tmp_path / "text").write_bytes(b"more words\nand more words\n")
    ok("train-vocab", "-q", tmp_path / "text", "--vocab-size", "262", "-o", other)
    assert b"Only in B" in ok("inspect", "diff", vocab, other)
    value = json.loads(ok("inspect", "diff", vocab, other, tmp_path / "text", "--json"))
    assert value["schema"] == "bpe_tool.inspect.diff/1"
    assert value["sample"]["documents"] == 2
    fails(5, "inspect", "diff", vocab, tmp_path / "missing")
