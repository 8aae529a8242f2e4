"""Vocabularies of several sizes from one training, and the table of merges."""

import csv
import resource
from itertools import pairwise
from random import Random

import generators
import pytest
from commands import failed, fails, run, train
from conftest import ROOT
from reference import PATTERNS, count_pretokens, merge_listed
from reference import train as reference_train

import bpe_tool
from bpe_tool import Tokenizer
from bpe_tool.vocab.token_text import unescape

CORPORA = ROOT / "corpora"


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("more", [["--eos", "</s>"], ["--alphabet", "gpt2"], ["--level", "word"]])
def test_each_size_is_what_training_for_it_gives(tmp_path, more):
    said = train(CORPORA, "--vocab-size", "1k,300,700", *more, "-o", tmp_path / "all")
    assert said.count("wrote ") == 3
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["1000", "300", "700"]
    for size in (300, 700, 1000):
        one = tmp_path / f"one-{size}"
        train(CORPORA, "--vocab-size", size, *more, "-o", one)
        assert files(tmp_path / "all" / str(size)) == files(one), size


@pytest.mark.parametrize(
    ("output", "names"),
    [
        ("tok.json", ["tok-300.json", "tok-310.json"]),
        ("tok.tiktoken", ["tok-300.tiktoken", "tok-310.tiktoken"]),
        ("merges.txt", ["300-merges.txt", "300-vocab.json", "310-merges.txt", "310-vocab.json"]),
        ("x-merges.txt", [f"x-{n}" for n in ("300-merges.txt", "300-vocab.json",
                                             "310-merges.txt", "310-vocab.json")]),
    ],
)  # fmt: skip
def test_each_size_has_its_file(tmp_path, output, names):
    train(CORPORA, "--vocab-size", "300,310", "-o", tmp_path / output)
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.parametrize("output", ["tok.json", "merges.txt"])
def test_files_of_all_sizes_and_the_table_are_of_one_run(tmp_path, output):
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, special in ((old, "<old>"), (new, "<new>")):
        folder.mkdir()
        train(CORPORA, "--vocab-size", "300,1k", "--special-token", special,
              "--merges-tsv", folder / "merges.tsv", "-o", folder / output)  # fmt: skip
    before, after = files(old), files(new)
    assert before.keys() == after.keys()
    # A disk on which the first files have room, and the last ones do not.
    sizes = [len(data) for data in after.values()]
    limit = (min(sizes) + max(sizes)) // 2
    done = run(
        "train-vocab", CORPORA, "--vocab-size", "300,1k", "--special-token", "<new>",
        "--merges-tsv", old / "merges.tsv", "--force", "-o", old / output,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    failed(5, done)
    assert files(old) == before


def test_sizes_beyond_the_corpus_are_written_all_the_same(tmp_path):
    said = train("--vocab-size", "257,1k,2k", "-o", tmp_path, stdin=b"abab")
    assert "only 258 tokens, fewer than the 2,000 requested" in said
    sizes = [len(Tokenizer.load(tmp_path / str(size))) for size in (257, 1000, 2000)]
    assert sizes == [257, 258, 258]


@pytest.mark.parametrize("size", ["8q", "8k,", "-1", "1.5k", "0", "300,255", "9" * 19 + "m"])
def test_sizes_that_are_none_are_refused(tmp_path, size):
    fails(2, "train-vocab", CORPORA, f"--vocab-size={size}", "-o", tmp_path / "v")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("special_tokens", [[], ["<s>", "</s>"]])
def test_a_vocabulary_can_be_shortened(documents, special_tokens):
    def trained(size):
        return bpe_tool.train_vocab(documents, vocab_size=size, special_tokens=special_tokens)

    large = trained(900)
    for size in (256 + len(special_tokens), 400, 899, 900):
        assert large.with_vocab_size(size) == trained(size)
    assert large.with_vocab_size(10_000) == large
    with pytest.raises(ValueError, match=f"needs? {256 + len(special_tokens)}"):
        large.with_vocab_size(255 + len(special_tokens))


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t"))


def test_the_table_of_merges_is_that_of_the_reference(tmp_path):
    for seed in range(6):
        documents = [text.encode() for text in generators.micro_corpus(Random(seed))]
        (tmp_path / "corpus").write_bytes(b"\0".join(documents))
        counts = count_pretokens(documents, PATTERNS["cl100k"])
        merges = reference_train(counts, 40)
        train(
            tmp_path / "corpus", "--null", "--vocab-size", "270,296", "-o", tmp_path / f"v{seed}",
            "--merges-tsv", tmp_path / "merges.tsv", "--force",
        )  # fmt: skip
        rows = table(tmp_path / "merges.tsv")
        assert [
            (unescape(row["left"].encode()), unescape(row["right"].encode())) for row in rows
        ] == merges
        size = sum(len(word) * n for word, n in counts.items())
        ordered = sorted(counts, key=lambda word: (-counts[word], word))
        for rank, row in enumerate(rows):
            parts = {}
            for word in counts:
                before, after = (
                    merge_listed(word, {pair: at for at, pair in enumerate(merges[:limit])})
                    for limit in (rank, rank + 1)
                )
                parts[word] = before, after
            count = sum(
                counts[word] * list(pairwise(before)).count(merges[rank])
                for word, (before, _) in parts.items()
            )
            tokens = sum(counts[word] * len(after) for word, (_, after) in parts.items())
            assert int(row["id"]) == 256 + rank
            assert unescape(row["token"].encode()) == b"".join(merges[rank])
            assert (int(row["count"]), int(row["tokens"])) == (count, tokens)
            assert float(row["bytes_per_token"]) == round(size / tokens, 4)
            words = [word for word in ordered if parts[word][0] != parts[word][1]][:3]
            words += [b""] * (3 - len(words))
            assert [unescape(row[f"word_{n}"].encode()) for n in (1, 2, 3)] == words


def test_a_level_without_merges_has_no_table(tmp_path):
    arguments = ["--vocab-size", 300, "--level", "word", "-o", tmp_path / "v"]
    fails(2, "train-vocab", CORPORA, *arguments, "--merges-tsv", tmp_path / "merges.tsv")
