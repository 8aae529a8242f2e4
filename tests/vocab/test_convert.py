"""`convert`: another format, the same ids."""

import base64
import json
import shlex

import generators
import pytest
import tokenizers
from commands import END, fails, ok, run
from conftest import SPECIAL_TOKENS

import bpe_tool
from bpe_tool import Tokenizer, _core
from bpe_tool.errors import VocabError
from bpe_tool.vocab import convert as conversion
from bpe_tool.vocab import files as vocab_files
from bpe_tool.vocab import published

TARGETS = ["other.json", "other.tiktoken", "other-merges.txt", "folder"]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [*generators.texts(seed=91, count=1000), *SPECIAL_TOKENS]


@pytest.mark.parametrize("name", TARGETS)
def test_every_format_to_every_other_keeps_the_ids(name, tokenizer, texts, tmp_path):
    tokenizer.save(tmp_path / "source.json")
    first = bpe_tool.convert(tmp_path / "source.json", tmp_path / name)
    path, given = tmp_path / name, (first.pattern, first.special_tokens)
    for at, target in enumerate(TARGETS):
        loaded = Tokenizer.load(path, pattern=given[0], special_tokens=given[1])
        for special in ("text", "token"):
            assert loaded.encode_batch(texts, special=special) == tokenizer.encode_batch(
                texts, special=special
            )
        assert loaded.special_tokens == tokenizer.special_tokens
        done = conversion.convert(
            path, tmp_path / f"{at}-{target}", pattern=given[0], special_tokens=given[1]
        )
        path, given = done.path, (done.pattern, done.special_tokens)
        assert done.tokens == len(tokenizer)
        assert done.probes > 2 * len(tokenizer)


def test_what_the_format_cannot_hold_is_said(vocab, tmp_path):
    done = bpe_tool.convert(vocab, tmp_path / "a.tiktoken")
    assert done.pattern == "cl100k"
    assert done.special_tokens == Tokenizer.load(vocab).special_tokens
    said = "; ".join(done.lost)
    assert "how text is split" in said
    assert "which tokens are special" in said
    assert "eos" in said
    assert "training.json" in said
    done = bpe_tool.convert(tmp_path / "a.tiktoken", tmp_path / "a.json", pattern="cl100k")
    assert done.lost == ()


def test_a_directory_keeps_the_roles(vocab, tmp_path):
    bpe_tool.convert(vocab, tmp_path / "again")
    config = json.loads((tmp_path / "again" / "tokenizer_config.json").read_bytes())
    assert config["eos_token"] == END


def test_a_result_with_other_ids_is_not_written(tokenizer, tmp_path, monkeypatch):
    tokenizer.save(tmp_path / "a.json")
    other = bpe_tool.train_vocab(["other words"] * 5, vocab_size=270)._core
    monkeypatch.setattr(conversion, "_read_back", lambda core, target: (True, other))
    with pytest.raises(VocabError, match="other ids"):
        bpe_tool.convert(tmp_path / "a.json", tmp_path / "b.json")
    assert not (tmp_path / "b.json").exists()


def test_what_the_format_cannot_express_is_refused(tmp_path):
    words = bpe_tool.train_vocab(["some words"], vocab_size=20, level="word")
    words.save(tmp_path / "words.json")
    said = fails(4, "convert", tmp_path / "words.json", tmp_path / "words.tiktoken")
    assert "words" in said
    assert not (tmp_path / "words.tiktoken").exists()


def test_the_command_says_how_to_read_the_result(vocab, tmp_path):
    target = tmp_path / "it's here.tiktoken"
    done = run("convert", vocab, target)
    assert (done.returncode, done.stdout) == (0, b"")
    said = done.stderr.decode()
    assert "equal ids" in said
    options = shlex.split(said.split("to read it: ")[1])
    assert ok("encode", *options, stdin=b"it was\n") == ok("encode", "-t", vocab, stdin=b"it was\n")
    ok("convert", "--quiet", vocab, tmp_path / "a.json")


def test_mistakes(vocab, tmp_path):
    fails(5, "convert", tmp_path / "missing.json", tmp_path / "a.json")
    fails(2, "convert", vocab, tmp_path / "a.json", "--pattern", "gpt2")
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "tokenizer.json").write_bytes((vocab / "tokenizer.json").read_bytes())
    (tmp_path / "bad" / "tokenizer_config.json").write_text("{")
    fails(4, "convert", tmp_path / "bad", tmp_path / "a.json")


@pytest.mark.parametrize(
    ("name", "pattern", "specials"),
    [
        ("gpt2_vocab.json", "gpt2", [END]),
        ("cl100k_base.tiktoken", "cl100k", []),
        ("o200k_base.tiktoken", "o200k", [END]),
    ],
)
def test_published_vocabularies(name, pattern, specials, vocabs, tmp_path):
    given = {"pattern": pattern, "special_tokens": specials}
    done = bpe_tool.convert(vocabs / name, tmp_path / "a.json", **given)
    texts = list(generators.texts(seed=92, count=300))
    peer = Tokenizer.load(vocabs / name, **given)
    assert Tokenizer.load(done.path).encode_batch(texts) == peer.encode_batch(texts)
    assert done.tokens == len(peer)


def test_tokens_with_gaps_between_their_ids():
    lines = b"".join(base64.b64encode(bytes([byte])) + b" %d\n" % (byte * 2) for byte in range(256))
    core = _core.Tokenizer.from_tiktoken(lines, "none", [("<s>", 1)])
    assert vocab_files.tokens(core) == {1: b"<s>"} | {
        2 * byte: bytes([byte]) for byte in range(256)
    }


def _characters(token: bytes) -> str:
    """A token as the files of GPT-2 write it."""
    rest = iter(range(256, 512))
    table = {
        byte: chr(
            byte if byte in (*range(33, 127), *range(161, 173), *range(174, 256)) else next(rest)
        )
        for byte in range(256)
    }
    return "".join(table[byte] for byte in token)


def _document(tokens: dict[bytes, int], merges: list[tuple[bytes, bytes]], **model: object) -> dict:
    """A tokenizer.json as other programs write it."""
    end = {"id": len(tokens), "content": END, "single_word": False, "lstrip": False,
           "rstrip": False, "normalized": True, "special": True}  # fmt: skip
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
             "use_regex": True}  # fmt: skip
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [end],
        "normalizer": None, "pre_tokenizer": level, "post_processor": None, "decoder": level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": "",
            "end_of_word_suffix": "", "fuse_unk": False, "byte_fallback": False, **model,
            "vocab": {**{_characters(token): id for token, id in tokens.items()}, END: len(tokens)},
            "merges": [f"{_characters(left)} {_characters(right)}" for left, right in merges],
        },
    }  # fmt: skip


def _ranked(words: list[bytes]) -> dict[bytes, int]:
    """All bytes, then some words, whether they can be merged or not."""
    return {token: id for id, token in enumerate([*(bytes([b]) for b in range(256)), *words])}


def test_the_special_token_of_gpt2_is_no_obstacle(tmp_path):
    """It is `normalized`, which means nothing without a normalizer."""
    words = [b"he", b"the", b" the"]
    merges = [(b"h", b"e"), (b"t", b"he"), (b" ", b"the")]
    (tmp_path / "v.json").write_text(json.dumps(_document(_ranked(words), merges)))
    done = bpe_tool.convert(tmp_path / "v.json", tmp_path / "v.tiktoken")
    assert (done.pattern, done.special_tokens) == ("gpt2", {END: 259})
    lines = (tmp_path / "v.tiktoken").read_bytes().splitlines()
    assert lines[-1] == base64.b64encode(b" the") + b" 258"


def test_lists_of_all_pairs_are_ranks(tmp_path):
    """Such as the converter of transformers makes of a tiktoken file: also for whole words only."""
    # No merge reaches "xyz": only a pretoken as a whole is one.
    words = [b"he", b"th", b"the", b"xyz", b" t", b" the", b"then"]
    tokens = _ranked(words)
    merges = []
    for word in words:
        pairs = [(word[:at], word[at:]) for at in range(1, len(word))]
        known = [pair for pair in pairs if set(pair) <= tokens.keys()]
        merges += sorted(known, key=lambda pair: (tokens[pair[0]], tokens[pair[1]]))
    path = tmp_path / "v.json"
    path.write_text(json.dumps(_document(tokens, merges, ignore_merges=True)))
    done = bpe_tool.convert(path, tmp_path / "v.tiktoken")
    given = {"pattern": done.pattern, "special_tokens": done.special_tokens}
    loaded, again = Tokenizer.load(path), Tokenizer.load(done.path, **given)
    for text in ["the then xyz xyzz thethe he th", *generators.texts(seed=93, count=300)]:
        assert again.encode(text) == loaded.encode(text)
    bpe_tool.convert(done.path, tmp_path / "b.json", **given)
    back = bpe_tool.convert(tmp_path / "b.json", tmp_path / "b.tiktoken")
    assert back.path.read_bytes() == done.path.read_bytes()
    # Another order of merges, or without whole words, gives other ids.
    for other in (
        _document(tokens, merges[::-1], ignore_merges=True),
        _document(tokens, merges, ignore_merges=False),
        _document(tokens, [m for m in merges if m != (b" t", b"he")], ignore_merges=True),
    ):
        path.write_text(json.dumps(other))
        try:
            done = bpe_tool.convert(path, tmp_path / "c.tiktoken")
        except VocabError as error:
            assert "cannot be written as tiktoken" in str(error)
        else:
            loaded, again = Tokenizer.load(path), Tokenizer.load(done.path, **given)
            for text in ["the then xyz xyzz thethe he th"]:
                assert again.encode(text) == loaded.encode(text)


def test_the_pattern_of_kimi_can_be_written(tmp_path):
    """It intersects classes, which Oniguruma writes in another way."""
    tokens = _ranked(["中文".encode(), b"he", "文 ".encode(), b"'s"])
    lines = (base64.b64encode(token) + b" %d" % id for token, id in tokens.items())
    (tmp_path / "v.tiktoken").write_bytes(b"\n".join(lines))
    pattern = published.ENCODINGS["kimi"].pattern
    done = bpe_tool.convert(tmp_path / "v.tiktoken", tmp_path / "v.json", pattern=pattern)
    ours, theirs = Tokenizer.load(done.path), tokenizers.Tokenizer.from_file(str(done.path))
    first = Tokenizer.load(tmp_path / "v.tiktoken", pattern=pattern)
    for text in ["中文 he's 中文he的A", *generators.texts(seed=94, count=200)]:
        assert ours.encode(text) == first.encode(text)
        assert theirs.encode(text, add_special_tokens=False).ids == first.encode(text)
