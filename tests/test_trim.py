"""Vocabularies that are reduced to what texts use."""

from collections import Counter
from pathlib import Path
from random import Random

import generators
import numpy as np
import pytest
from commands import fails, ok, run, train
from conftest import ROOT
from peers import encoding, read_ranks
from reference import PATTERNS
from tokenizers import Tokenizer as HuggingFace
from tokenizers import decoders, models, normalizers, processors, trainers

import bpe_tool
from bpe_tool import Tokenizer

PROSE = ROOT / "corpora" / "english" / "prose.txt"
KINDS = ["byte", "gpt2", "tiktoken", "ignore_merges", "template", "characters", "char", "word"]


def ours(texts: list[str], kind: str, folder: Path) -> Tokenizer:
    level = kind if kind in ("char", "word") else "byte"
    made = bpe_tool.train_vocab(
        texts,
        vocab_size=400 if level == "byte" else 40,
        special_tokens=["<s>", "</s>"],
        alphabet="gpt2" if kind == "gpt2" else "byte",
        level=level,
    )
    if kind == "tiktoken":
        made.save(folder / "base.tiktoken")
        ids = {"<s>": len(made) + 3}
        return Tokenizer.load(folder / "base.tiktoken", pattern="cl100k", special_tokens=ids)
    if kind in ("ignore_merges", "template"):
        theirs = made.to_huggingface()
        if kind == "ignore_merges":
            theirs.model.ignore_merges = True
        pair = [(text, theirs.token_to_id(text)) for text in ("<s>", "</s>")]
        theirs.post_processor = processors.TemplateProcessing("<s> $A </s>", None, pair)
        return Tokenizer.from_huggingface(theirs)
    return made


def of_characters(texts: list[str]) -> Tokenizer:
    """One that changes text, merges characters, and falls back to bytes."""
    theirs = HuggingFace(models.BPE(byte_fallback=True, unk_token="<unk>"))
    theirs.normalizer = normalizers.Sequence(
        [normalizers.NFC(), normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    theirs.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    theirs.train_from_iterator(
        texts,
        trainers.BpeTrainer(
            vocab_size=500, show_progress=False,
            special_tokens=["<unk>", *(f"<0x{byte:02X}>" for byte in range(256))],
        ),
    )  # fmt: skip
    return Tokenizer.from_huggingface(theirs)


def corpus(seed: int) -> list[str]:
    random = Random(seed)
    return [text for _ in range(4) for text in generators.micro_corpus(random)]


def made_from(kind: str, seed: int, folder: Path) -> tuple[Tokenizer, list[str]]:
    texts = corpus(seed)
    old = of_characters(texts) if kind == "characters" else ours(texts, kind, folder)
    return old, texts


def parts_of(old: Tokenizer) -> dict[int, tuple[int, int]]:
    parts = {}
    for left, right in old.merges:
        parts.setdefault(
            old.token_to_id(left + right), (old.token_to_id(left), old.token_to_id(right))
        )
    return parts


@pytest.mark.parametrize("kind", KINDS)
def test_text_that_took_kept_tokens_alone_takes_the_same(tmp_path, kind):
    for seed in range(5):
        old, texts = made_from(kind, seed, tmp_path)
        used = Random(seed).sample(texts, 2)
        others = texts + corpus(seed + 100)
        for size in (None, (len(old) + 300) // 2 if kind == "gpt2" else None):
            trimmed = bpe_tool.trim(old, used, vocab_size=size)
            new, ids = trimmed.tokenizer, trimmed.old_ids.tolist()
            assert ids == sorted(set(ids))
            assert len(ids) == len(new) <= len(old)
            assert trimmed.tokens_before == sum(map(old.count, used))
            assert trimmed.tokens_after == sum(map(new.count, used))
            if size is None:
                assert trimmed.tokens_before == trimmed.tokens_after
            kept = set(ids)
            for text in others:
                found = [ids[id] for id in new.encode(text)]
                if kept.issuperset(old.encode(text)):
                    assert found == old.encode(text), (seed, text)
                if kind not in ("characters", "char", "word"):
                    assert new.decode(new.encode(text)) == text
            specials = {text: ids[id] for text, id in new.special_tokens.items()}
            assert specials == old.special_tokens


@pytest.mark.parametrize("kind", ["byte", "tiktoken", "ignore_merges"])
def test_every_token_that_stays_can_be_reached(tmp_path, kind):
    for seed in range(5):
        old, texts = made_from(kind, seed, tmp_path)
        trimmed = bpe_tool.trim(old, texts[:3])
        for id, before in enumerate(trimmed.old_ids.tolist()):
            token = old.id_to_bytes(before)
            assert trimmed.tokenizer.id_to_bytes(id) == token
            # A part of a character and other text are two pretokens if nothing is around them.
            if old.encode(token, special="token") == [before]:
                assert trimmed.tokenizer.encode(token, special="token") == [id]


def test_what_is_made_least_goes_first_and_parts_stay(tmp_path):
    for seed in range(5):
        old, texts = made_from("byte", seed, tmp_path)
        parts = parts_of(old)
        made = Counter(id for text in texts for id in old.encode(text))
        for id in sorted(parts, reverse=True):
            for part in parts[id]:
                made[part] += made[id]
        for size in range(258, len(old), 7):
            kept = set(bpe_tool.trim(old, texts, vocab_size=size).old_ids.tolist())
            assert len(kept) == size
            gone = parts.keys() - kept
            most, least = (
                max(map(made.get, gone)),
                min(map(made.get, kept & parts.keys()), default=None),
            )
            assert least is None or most <= least
            assert all(kept.issuperset(parts[id]) for id in kept & parts.keys())
        with pytest.raises(bpe_tool.ArgumentError, match="258"):
            bpe_tool.trim(old, texts, vocab_size=257)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("freeze", [False, True], ids=["compact", "frozen"])
def test_others_give_the_same_ids(tmp_path, kind, freeze):
    for seed in range(2):
        old, texts = made_from(kind, seed, tmp_path)
        texts = [text for text in texts if text]
        new = bpe_tool.trim(old, texts[:2], freeze_ids=freeze).tokenizer
        new.save(tmp_path / "new.json")
        assert Tokenizer.load(tmp_path / "new.json") == new or kind == "tiktoken"
        theirs = HuggingFace.from_file(str(tmp_path / "new.json"))
        assert theirs.get_vocab_size() == len(new)
        for text in texts + corpus(seed + 100):
            expected = new.encode(text, special="token")
            assert theirs.encode(text, add_special_tokens=False).ids == expected
            if kind == "template":
                found = new.encode(text, special="token", template=True)
                assert theirs.encode(text).ids == found
                assert found == [new.special_tokens["<s>"], *expected, new.special_tokens["</s>"]]
        if kind == "tiktoken" and not freeze:
            new.save(tmp_path / "new.tiktoken")
            ranks = read_ranks(tmp_path / "new.tiktoken")
            theirs = encoding(ranks, PATTERNS["cl100k"][0].replace(r"\z", "$"), new.special_tokens)
            for text in texts:
                assert theirs.encode_ordinary(text) == new.encode(text)


@pytest.mark.parametrize("kind", KINDS)
def test_frozen_ids_stay(tmp_path, kind):
    old, texts = made_from(kind, 3, tmp_path)
    frozen = bpe_tool.trim(old, texts[:2], freeze_ids=True)
    compact = bpe_tool.trim(old, texts[:2])
    assert len(frozen.tokenizer) == len(old)
    assert frozen.tokenizer.special_tokens == old.special_tokens
    assert frozen.old_ids.tolist() == list(range(len(frozen.old_ids)))
    for text in texts:
        ids = compact.tokenizer.encode(text)
        assert frozen.tokenizer.encode(text) == compact.old_ids[ids].tolist()
    # The tiktoken file has a gap before its special token.
    ids = range(len(old) - 1) if kind == "tiktoken" else range(len(old))
    gone = set(ids) - set(compact.old_ids.tolist())
    assert gone
    for id in gone:
        assert frozen.tokenizer.id_to_bytes(id) == b"<removed %d>" % id
    text = "".join(f"<removed {id}>" for id in gone)
    assert not gone.intersection(frozen.tokenizer.encode(text))


def test_embeddings_are_indexed_by_old_ids():
    old = bpe_tool.train_vocab([PROSE.read_text()], vocab_size=400)
    trimmed = bpe_tool.trim(old, ["the reader"])
    matrix = np.arange(len(old) * 2).reshape(-1, 2)
    rows = matrix[trimmed.old_ids]
    ids = trimmed.tokenizer.encode("the reader")
    assert (rows[ids] == matrix[old.encode("the reader")]).all()
    assert trimmed.old_ids.dtype == np.int64


def test_counts_are_as_good_as_text(tmp_path):
    old = bpe_tool.train_vocab([PROSE.read_text()], vocab_size=400, special_tokens=["<s>"])
    text = PROSE.read_text()[:500] + "<s>"
    counts = bpe_tool.Counts.count([text], special_tokens=["<s>"])
    for options in ({}, {"vocab_size": 300}, {"freeze_ids": True}):
        by_text, by_counts = (bpe_tool.trim(old, each, **options) for each in ([text], counts))
        assert by_text.tokenizer == by_counts.tokenizer
        assert by_text.old_ids.tolist() == by_counts.old_ids.tolist()
        assert by_text.tokens_after == by_counts.tokens_after
    with pytest.raises(bpe_tool.ArgumentError, match="pattern"):
        bpe_tool.trim(old, bpe_tool.Counts.count([text], pattern="gpt2"))
    with pytest.raises(bpe_tool.ArgumentError, match="changes text"):
        bpe_tool.trim(of_characters(["some text"]), counts)


def test_the_text_of_special_tokens_is_not_counted():
    old = bpe_tool.train_vocab(["<mask> mask mask"] * 9, vocab_size=300, special_tokens=["<mask>"])
    new = bpe_tool.trim(old, ["a <mask>"]).tokenizer
    assert new.token_to_id(b" mask") is None
    assert new.encode("a <mask>", special="token")[-1] == new.special_tokens["<mask>"]


def test_the_command_does_the_same(tmp_path):
    base, out, text = tmp_path / "base", tmp_path / "out", tmp_path / "text.txt"
    train(PROSE, "--vocab-size", 400, "--eos", "</s>", "-o", base)
    text.write_text(PROSE.read_text()[:300])
    done = run("trim", "-t", base, text, "-o", out)
    assert (done.returncode, done.stdout) == (0, b"")
    trimmed = bpe_tool.trim(Tokenizer.load(base), [text.read_text()])
    new = Tokenizer.load(out)
    assert new == trimmed.tokenizer
    assert new.roles == {"eos": "</s>"}
    assert (np.load(out / "old_ids.npy") == trimmed.old_ids).all()
    said = done.stderr.decode()
    assert f"400 tokens before, {len(new)} tokens now" in said
    assert f"takes {trimmed.tokens_after} tokens; before, it took {trimmed.tokens_before}" in said
    assert not (out / "training.json").exists()

    table = tmp_path / "ids.tsv"
    ok("trim", "-qt", base, "--vocab-size", 300, "-o", tmp_path / "o.json", "--old-ids", table,
       stdin=text.read_bytes())  # fmt: skip
    rows = [line.split("\t") for line in table.read_text().splitlines()]
    expected = bpe_tool.trim(Tokenizer.load(base), [text.read_text()], vocab_size=300)
    assert rows[0] == ["id", "old_id", "token"]
    assert [int(row[1]) for row in rows[1:]] == expected.old_ids.tolist()
    assert Tokenizer.load(tmp_path / "o.json") == expected.tokenizer

    ok("counts", "make", "-q", text, "-o", tmp_path / "text.counts")
    ok("trim", "-qt", base, "--counts", tmp_path / "text.counts", "-o", tmp_path / "c.json")
    assert Tokenizer.load(tmp_path / "c.json") == new
    # What describes another vocabulary does not stay beside the new one.
    ok("trim", "-qt", base, text, "--freeze-ids", "--force", "-o", out)
    assert not (out / "old_ids.npy").exists()
    assert len(Tokenizer.load(out)) == 400


def test_what_cannot_be_trimmed_is_refused(tmp_path):
    base = tmp_path / "base.json"
    train(PROSE, "--vocab-size", 300, "-o", base)
    assert "exists" in fails(2, "trim", "-t", base, PROSE, "-o", base)
    assert "--old-ids" in fails(
        2,
        "trim",
        "-t",
        base,
        PROSE,
        "-o",
        tmp_path / "o.json",
        "--freeze-ids",
        "--old-ids",
        "o.npy",
    )
    assert "--lines" in fails(
        2, "trim", "-t", base, "--counts", "c", "--lines", "-o", tmp_path / "o.json"
    )
    assert "is not a size" in fails(
        2, "trim", "-t", base, PROSE, "--vocab-size", "8k,9k", "-o", tmp_path / "o"
    )
    assert "256" in fails(2, "trim", "-t", base, PROSE, "--vocab-size", 255, "-o", tmp_path / "o")
    assert not (tmp_path / "o" / "tokenizer.json").exists()
    fails(5, "trim", "-t", base, tmp_path / "missing", "-o", tmp_path / "o.json")


@pytest.mark.parametrize("name", ["r50k_base.tiktoken", "cl100k_base.tiktoken"])
def test_published_vocabularies(vocabs, name):
    old = Tokenizer.load(vocabs / name)
    text = PROSE.read_text()
    trimmed = bpe_tool.trim(old, [text])
    ids = trimmed.tokenizer.encode(text, special="token")
    assert trimmed.old_ids[ids].tolist() == old.encode(text, special="token")
    assert len(trimmed.tokenizer) < len(old) // 4
