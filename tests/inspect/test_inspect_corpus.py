"""`inspect corpus`: every number counted again in plain Python."""

import json
import math
import random
import statistics
import unicodedata
from collections import Counter
from itertools import groupby

import generators
import numpy as np
import pytest
from commands import fails, ok

import bpe_tool
from bpe_tool import Tokenizer
from bpe_tool.inspect.corpus import measures
from bpe_tool.inspect.corpus.curve import compression_curve, node_counts
from bpe_tool.inspect.corpus.measures import Measures
from bpe_tool.inspect.vocab_arrays import VocabArrays


@pytest.fixture(scope="module")
def texts(documents) -> list[bytes]:
    lines = [line.encode() for text in documents for line in text.split("\n")][:3000]
    return [*lines, b"", b"\xff\xfe caf\xc3", b"a\nb\n", "don’t e\u0301 हिन्दी 日本語".encode()]


def words(text: bytes) -> list[tuple[int, int]]:
    """Where the words of a text stand, in bytes."""
    found, at = [], 0
    characters = text.decode("utf-8", "surrogateescape")
    for inside, run in groupby(characters, lambda c: unicodedata.category(c)[0] in "LMN"):
        size = len("".join(run).encode("utf-8", "surrogateescape"))
        if inside:
            found.append((at, at + size))
        at += size
    return found


def test_sums(tokenizer, texts):
    report = bpe_tool.inspect_corpus(tokenizer, texts)
    tokens = characters = whole = pieces = count = 0
    split = Counter()
    for text in texts:
        _, offsets = tokenizer.encode_with_offsets(text)
        tokens += len(offsets)
        characters += len(text.decode("utf-8", "surrogateescape"))
        for start, end in words(text):
            parts = sum(first < end and last > start for first, last in offsets)
            count += 1
            pieces += parts
            whole += parts == 1
            if parts > 1:
                split[text[start:end]] += 1
    assert (report.documents, report.tokens) == (len(texts), tokens)
    assert (report.byte_count, report.characters) == (sum(map(len, texts)), characters)
    assert report.words == count
    assert report.bytes_per_token.value == pytest.approx(sum(map(len, texts)) / tokens)
    assert report.characters_per_token.value == pytest.approx(characters / tokens)
    assert report.tokens_per_word.value == pytest.approx(pieces / count)
    assert report.whole_words.value == pytest.approx(whole / count)
    often = sorted(split.items(), key=lambda item: (-item[1], item[0]))
    assert [(each.raw, each.count) for each in report.split_words] == often[:20]
    assert all(b"".join(each.tokens) == b" " + each.raw for each in report.split_words)


def test_words_are_found_in_any_text():
    # Each byte is a token: all words of several bytes are split, and all of their bytes counted.
    core = bpe_tool.train_vocab([], vocab_size=256)._core
    for text in [*generators.texts(seed=96, count=500), "aé", "日本", "👍a👍", "é"]:
        for raw in (text.encode(), text.encode() + b"\xff", b"\xe2\x82 " + text.encode()):
            _, sums, split = core.measure([raw], measures.of_words(), 1)
            characters = len(raw.decode("utf-8", "surrogateescape"))
            spelled = [raw[start:end] for start, end in words(raw)]
            short = sum(len(word) == 1 for word in spelled)
            expected = [len(raw), len(raw), characters, len(spelled), sum(map(len, spelled)), short]
            assert np.frombuffer(sums, np.int64).tolist() == expected
            assert split == Counter(word for word in spelled if len(word) > 1)


def test_every_character_is_of_a_word_or_not():
    of_words = measures.of_words().ljust(0x110000, b"\0")
    expected = (unicodedata.category(chr(code))[0] in "LMN" for code in range(0x110000))
    assert of_words == bytes(expected)


def test_entropies(tokenizer, texts):
    report = bpe_tool.inspect_corpus(tokenizer, texts)
    counts = Counter(id for row in tokenizer.encode_batch(texts) for id in row)
    shares = [count / counts.total() for count in counts.values()]
    entropy = -sum(share * math.log2(share) for share in shares)
    assert report.entropy == pytest.approx(entropy)
    assert report.perplexity == pytest.approx(2**entropy)
    # Zouhar et al. 2023, equations 6 and 12.
    renyi = 1 / (1 - 2.5) * math.log(sum(share**2.5 for share in shares))
    assert report.renyi_efficiency == pytest.approx(renyi / math.log(len(tokenizer)))
    assert report.used == len(counts)
    ordered = sorted(counts.values(), reverse=True)
    assert report.frequencies[0] == (1, ordered[0])
    assert all(ordered[rank - 1] == count for rank, count in report.frequencies)
    assert report.frequencies[-1][0] == len(ordered)


def expand(tokenizer: Tokenizer) -> dict[bytes, tuple[bytes, bytes]]:
    return {left + right: (left, right) for left, right in tokenizer.merges}


def test_tokens_that_are_only_parts(tokenizer, texts):
    report = bpe_tool.inspect_corpus(tokenizer, texts)
    parts = expand(tokenizer)
    stays = Counter(id for row in tokenizer.encode_batch(texts) for id in row)
    made: Counter[bytes] = Counter()
    waiting = [(tokenizer.id_to_bytes(id), count) for id, count in stays.items()]
    while waiting:
        token, count = waiting.pop()
        made[token] += count
        waiting += [(part, count) for part in parts.get(token, ())]
    plain = set(range(len(tokenizer))) - set(tokenizer.special_tokens.values())
    unused = [id for id in plain if id not in stays]
    scaffold = [id for id in unused if tokenizer.id_to_bytes(id) in made]
    assert (report.unused, report.scaffold) == (len(unused), len(scaffold))
    assert {token.id for token in report.scaffold_tokens} <= set(scaffold)
    assert not {token.id for token in report.unused_tokens} & set(scaffold)
    often = [made[token.raw] for token in report.scaffold_tokens]
    assert often == sorted((made[tokenizer.id_to_bytes(id)] for id in scaffold), reverse=True)[:20]
    vocab = VocabArrays(tokenizer._core)
    found = Measures(vocab)
    found.add_all([("", texts)])
    nodes = node_counts(vocab, found.counts)
    assert {token: int(nodes[tokenizer.token_to_id(token)]) for token in made} == made


def test_the_curve_is_that_of_really_training_the_smaller_sizes(documents, texts):
    large = bpe_tool.train_vocab(documents, vocab_size=1500)
    found = Measures(VocabArrays(large._core))
    found.add_all([("", texts)])
    made = node_counts(found.vocab, found.counts)
    curve = compression_curve(found.vocab, found.counts, made)
    assert len(curve) == len(large.merges) + 1
    for size in (256, 257, 300, 500, 777, 1000, 1499, 1500):
        small = bpe_tool.train_vocab(documents, vocab_size=size)
        assert curve[size - 256] == sum(small.count(text) for text in texts)
    report = bpe_tool.inspect_corpus(large, texts)
    assert report.curve[0].vocab_size == 256
    assert report.curve[-1].vocab_size == 1500
    assert all(curve[point.vocab_size - 256] == point.tokens for point in report.curve)
    pays = [size for size in range(512, 1501) if curve[size - 256] <= 0.95 * curve[size // 2 - 256]]
    assert report.pays_until == max(pays)


def test_more_of_a_vocabulary_does_not_pay_for_ever():
    tokenizer = bpe_tool.train_vocab(["abcd" * 50, *(f"x{n}y" for n in range(600))], vocab_size=900)
    report = bpe_tool.inspect_corpus(tokenizer, ["abcd" * 1000])
    assert report.pays_until < len(tokenizer)


def test_intervals(tokenizer, texts):
    chosen = [text for text in texts if text]
    report = bpe_tool.inspect_corpus(tokenizer, chosen)
    rows = [(len(text), tokenizer.count(text)) for text in chosen]
    draw = random.Random(1)
    means = []
    for _ in range(400):
        drawn = draw.choices(rows, k=len(rows))
        means.append(sum(size for size, _ in drawn) / sum(count for _, count in drawn))
    cuts = statistics.quantiles(means, n=40)
    spread = cuts[-1] - cuts[0]
    found = report.bytes_per_token
    assert found.low < found.value < found.high
    assert found.low == pytest.approx(cuts[0], abs=spread / 4)
    assert found.high == pytest.approx(cuts[-1], abs=spread / 4)
    alone = bpe_tool.inspect_corpus(tokenizer, ["one document"]).bytes_per_token
    assert (alone.low, alone.high) == (None, None)


def test_groups(tokenizer):
    report = bpe_tool.inspect_corpus(
        tokenizer,
        {"en": ["the cat", "a dog"], "de": ["die Katze", "ein Hund"], "el": ["η γάτα", "σ"]},
    )
    assert report.cost_unit == "document"
    least = min(group.cost for group in report.groups)
    assert report.reference == next(each.name for each in report.groups if each.cost == least)
    costs = {}
    for group, texts in zip(
        report.groups,
        [["the cat", "a dog"], ["die Katze", "ein Hund"], ["η γάτα", "σ"]],
        strict=True,
    ):
        costs[group.name] = sum(map(tokenizer.count, texts)) / 2
        assert group.cost == costs[group.name]
        assert group.parity == pytest.approx(group.cost / least)
        assert group.words == sum(len(text.split()) for text in texts)
    apart = sum(abs(one - other) for one in costs.values() for other in costs.values())
    assert report.gini == pytest.approx(apart / (2 * 3 * sum(costs.values())))
    report = bpe_tool.inspect_corpus(tokenizer, {"a": ["xy", "z"], "b": ["xy"]}, reference="b")
    assert report.cost_unit == "character"
    assert report.reference == "b"
    assert report.groups[0].cost == tokenizer.count("xy") / 3 + tokenizer.count("z") / 3
    with pytest.raises(bpe_tool.ArgumentError, match="not one of"):
        bpe_tool.inspect_corpus(tokenizer, ["a"], reference="b")


def test_groups_are_shown_from_the_cheapest_on(tokenizer):
    texts = {"el": ["η γάτα"], "en": ["the cat"], "none": [""]}
    (bars,) = (
        each for each in bpe_tool.inspect_corpus(tokenizer, texts).view() if each.title == "Parity"
    )
    assert list(bars.labels) == ["none", "en", "el"]
    assert bars.values[1] == 1.0 and sorted(bars.values) == list(bars.values)


@pytest.mark.parametrize("batch", [1, 7])
def test_batches_do_not_matter(tokenizer, texts, batch, monkeypatch):
    whole = bpe_tool.inspect_corpus(tokenizer, texts[:200])
    monkeypatch.setattr("bpe_tool.inspect.corpus.summary.BATCH", batch)
    assert bpe_tool.inspect_corpus(tokenizer, iter(texts[:200])) == whole


def test_nothing_to_measure(tokenizer):
    for texts in ([], [b""], {}):
        report = bpe_tool.inspect_corpus(tokenizer, texts)
        assert report.tokens == report.words == 0
        assert report.bytes_per_token.value is None
        json.loads(report.to_json())
        report.to_html()


def test_words_level(documents):
    tokenizer = bpe_tool.train_vocab(documents, vocab_size=400, level="word")
    report = bpe_tool.inspect_corpus(tokenizer, ["the unheardofword", "the"])
    assert report.documents == 2
    assert report.tokens == 4
    assert report.scaffold == 0


def test_the_command(vocab, tmp_path, corpora):
    value = json.loads(ok("inspect", "corpus", "-t", vocab, "--json", *corpora))
    tokenizer = Tokenizer.load(vocab)
    lines = [
        line for path in corpora for line in path.read_bytes().removesuffix(b"\n").split(b"\n")
    ]
    assert value["schema"] == "bpe_tool.inspect.corpus/1"
    assert value["documents"] == len(lines)
    assert value["tokens"] == sum(map(len, tokenizer.encode_batch(lines)))
    assert len(value["groups"]) == len(corpora)
    shown = ok("inspect", "corpus", "-t", vocab, "--reference", corpora[1], *corpora).decode()
    assert "Compression" in shown
    assert f"as a multiple of {corpora[1].parent.name}/" in shown.replace("\n", " ")
    fails(2, "inspect", "corpus", "-t", vocab, "--reference", "none", *corpora)
    one = ok("inspect", "corpus", "-t", vocab, "--whole", "--json", stdin=b"a b\nc\n")
    assert json.loads(one)["bytes"] == 6
