"""Vocabularies that are extended: old ids stay, and what is new is learned on their tokens."""

import json
from base64 import b64encode
from pathlib import Path
from random import Random

import generators
import numpy as np
import pytest
from commands import fails, train
from conftest import ROOT
from peers import encoding, read_ranks
from reference import PATTERNS, count_pretokens, encode, vocabulary
from reference import train as reference_train
from tokenizers import Tokenizer as HuggingFace

import bpe_tool
from bpe_tool import Tokenizer

PROSE = ROOT / "corpora" / "english" / "prose.txt"


def grown(seed: int, kind: str, folder: Path) -> tuple[Tokenizer, Tokenizer, list[str]]:
    """A small vocabulary, the same extended on other text, and that text."""
    random = Random(seed)
    old = generators.micro_corpus(random)
    new = generators.micro_corpus(random) + random.choices(old, k=1)
    base = bpe_tool.train_vocab(
        old,
        vocab_size=256 + 12 + 1,
        special_tokens=["<s>"],
        alphabet=random.choice(["byte", "gpt2"]),
    )
    if kind == "tiktoken":
        base.save(folder / "base.tiktoken")
        ids = {"<s>": len(base) + random.randrange(3)}
        base = Tokenizer.load(folder / "base.tiktoken", pattern="cl100k", special_tokens=ids)
    more = bpe_tool.train_vocab(
        new, vocab_size=len(base) + 15 + 1, init=base, special_tokens=["</s>"],
        min_frequency=1 + seed % 2,
    )  # fmt: skip
    return base, more, new


@pytest.mark.parametrize("kind", ["tokenizer.json", "tiktoken"])
def test_learning_goes_on_where_the_old_merges_end(tmp_path, kind):
    for seed in range(100):
        base, more, new = grown(seed, kind, tmp_path)
        counts = count_pretokens([t.encode() for t in new], PATTERNS["cl100k"], [b"<s>", b"</s>"])
        alphabet = "byte" if base.id_to_bytes(0) == b"\0" else "gpt2"
        learned = more.merges[len(base.merges) :]
        assert learned == reference_train(
            counts, 15, alphabet=alphabet, before=base.merges, min_frequency=1 + seed % 2
        ), seed
        assert more.merges[: len(base.merges)] == base.merges
        first = max(base.token_to_id(b"<s>"), 255 + len(base.merges)) + 1
        for rank, (left, right) in enumerate(learned):
            assert more.token_to_id(left + right) == first + rank
            assert more.encode(left + right) == [first + rank], "every new token is reachable"
        assert more.special_tokens == {**base.special_tokens, "</s>": first + len(learned)}
        assert all(
            more.token_to_id(base.id_to_bytes(id)) == id for id in range(256 + len(base.merges))
        )
        ids, _ = vocabulary(base.merges, alphabet=alphabet)
        ids |= {left + right: first + rank for rank, (left, right) in enumerate(learned)}
        ranks = {pair: rank for rank, pair in enumerate(more.merges)}
        for text in generators.micro_corpus(Random(-seed - 1)) + new:
            found = more.encode(text)
            assert found == encode(text.encode(), PATTERNS["cl100k"], ids, ranks)
            if max(found, default=0) < first:
                assert found == base.encode(text), "no new token, no new ids"


def test_others_give_the_same_ids(tmp_path):
    for seed in range(20):
        _, more, new = grown(seed, "tiktoken", tmp_path)
        texts = new + generators.micro_corpus(Random(seed + 1000))
        more.save(tmp_path / "more.json")
        theirs = HuggingFace.from_file(str(tmp_path / "more.json"))
        more.save(tmp_path / "more.tiktoken")
        ranks = read_ranks(tmp_path / "more.tiktoken")
        tiktoken = encoding(ranks, PATTERNS["cl100k"][0].replace(r"\z", "$"), more.special_tokens)
        for text in texts:
            assert theirs.encode(text, add_special_tokens=False).ids == more.encode(text), seed
            assert tiktoken.encode_ordinary(text) == more.encode(text), seed


def test_a_token_that_no_merge_makes_is_not_made_again(tmp_path):
    tokens = [bytes([byte]) for byte in range(256)] + [b"abc", b"abcd"]
    lines = [b"%s %d" % (b64encode(token), id) for id, token in enumerate(tokens)]
    (tmp_path / "base.tiktoken").write_bytes(b"\n".join(lines) + b"\n")
    base = Tokenizer.load(tmp_path / "base.tiktoken", pattern="whitespace")
    more = bpe_tool.train_vocab(["abcx abcx abc ab"] * 9, vocab_size=290, init=base)
    made = [left + right for left, right in more.merges]
    assert b"abc" not in made
    assert len(made) == len(set(made))
    assert more.encode("abc") == [256]
    assert more.decode(more.encode("xabcx abcd")) == "xabcx abcd"


def test_a_directory_keeps_its_settings_and_gets_several_sizes(tmp_path):
    base = tmp_path / "base"
    train(PROSE, "--vocab-size", 400, "--eos", "</s>", "-o", base)
    config = json.loads((base / "tokenizer_config.json").read_bytes())
    (base / "tokenizer_config.json").write_text(json.dumps({**config, "model_max_length": 77}))
    said = train(
        PROSE, "--init", base, "--vocab-size", "+100,450", "--pad", "<pad>", "-o", tmp_path / "more"
    )
    assert "with 400 tokens in the vocabulary it took" in said
    for size in (450, 500):
        folder = tmp_path / "more" / str(size)
        more = Tokenizer.load(folder)
        assert more.special_tokens == {"</s>": 399, "<pad>": size - 1}
        assert more.roles == {"eos": "</s>", "pad": "<pad>"}
        assert more.settings["model_max_length"] == 77
        record = json.loads((folder / "training.json").read_bytes())
        assert record["options"]["init"]["tokens"] == 400
        assert len(record["merge_counts"]) == size - 401
        one = tmp_path / f"one-{size}"
        train(PROSE, "--init", base, "--vocab-size", size, "--pad", "<pad>", "-o", one)
        assert (one / "training.json").read_bytes() == (folder / "training.json").read_bytes()
        assert Tokenizer.load(one) == more


@pytest.mark.parametrize("kind", ["tokenizer.json", "tiktoken"])
def test_pruning_makes_room_for_what_is_learned(tmp_path, kind):
    for seed in range(20):
        base, _, new = grown(seed, kind, tmp_path)
        size = len(base)
        prune = (size - 257) // 2
        pruned = bpe_tool.trim(base, new, vocab_size=size - prune)
        more = bpe_tool.train_vocab(new, vocab_size=size, init=base, prune=prune)
        assert more == bpe_tool.train_vocab(new, vocab_size=size, init=pruned.tokenizer)
        kept = len(pruned.tokenizer)
        assert kept == size - prune <= len(more) <= size
        for id, old in enumerate(pruned.old_ids.tolist()):
            assert more.id_to_bytes(id) == base.id_to_bytes(old)
        for left, right in more.merges[len(pruned.tokenizer.merges) :]:
            assert more.encode(left + right) == [more.token_to_id(left + right)]


def test_pruning_on_the_command_line(tmp_path):
    base, out = tmp_path / "base", tmp_path / "out"
    train(PROSE, "--vocab-size", 400, "--eos", "</s>", "-o", base)
    other = tmp_path / "other.txt"
    other.write_text("ἄνθρωπος ἄνθρωπος καὶ θεός\n" * 50)
    said = train(other, "--init", base, "--prune", 20, "--vocab-size", "+0", "-o", out)
    assert "with 400 tokens in the vocabulary it took" in said
    more = Tokenizer.load(out)
    old_ids = np.load(out / "old_ids.npy")
    assert len(more) == len(old_ids) == 400
    assert (old_ids == -1).sum() == 20
    for id, old in enumerate(old_ids.tolist()):
        assert old == -1 or more.id_to_bytes(id) == Tokenizer.load(base).id_to_bytes(old)
    record = json.loads((out / "training.json").read_bytes())
    assert record["options"]["init"]["prune"] == 20
    assert len(record["merge_counts"]) == 20
    message = fails(
        2, "train-vocab", other, "--init", base, "--prune", 200, "--vocab-size", 400, "-o", "x"
    )
    assert "--prune is 200, and the vocabulary has 400 tokens" in message
    assert "--init" in fails(
        2, "train-vocab", other, "--prune", 2, "--vocab-size", 400, "-o", tmp_path / "x"
    )


def test_what_cannot_be_extended_is_refused(tmp_path):
    base = bpe_tool.train_vocab(["some text"], vocab_size=260)
    words = bpe_tool.train_vocab(["some text"], vocab_size=5, level="word")
    for options, named in [
        ({"init": words}, "init.*byte-level"),
        ({"init": base, "vocab_size": 259}, "260"),
        ({"init": base, "pattern": "gpt2"}, "pattern"),
        ({"init": base, "special_tokens": [base.id_to_bytes(257).decode()]}, "special_tokens"),
        ({"init": base, "level": "word"}, "level"),
    ]:
        with pytest.raises(ValueError, match=named):
            bpe_tool.train_vocab(["some some"], **{"vocab_size": 300, **options})
    fails(2, "train-vocab", "--vocab-size", "+5", "-o", tmp_path / "v")
    fails(
        5, "train-vocab", "--vocab-size", "+5", "--init", tmp_path / "missing", "-o", tmp_path / "v"
    )


@pytest.mark.parametrize("name", ["r50k_base.tiktoken", "cl100k_base.tiktoken"])
def test_published_vocabularies(vocabs, name):
    base = Tokenizer.load(vocabs / name)
    text = generators.documents(7, 60_000, ["armenian", "georgian"])
    more = bpe_tool.train_vocab(text, vocab_size=len(base) + 300, init=base)
    assert len(more) == len(base) + 300
    assert more.special_tokens == base.special_tokens
    english = PROSE.read_text()
    assert more.encode(english) == base.encode(english)
    assert sum(map(more.count, text)) < sum(map(base.count, text))
