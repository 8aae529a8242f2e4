"""Vocabulary files of which a part is missing are loaded with a warning; whole ones without."""

import base64
import hashlib
import json
import warnings
from pathlib import Path

import generators
import pytest
from commands import ok, run

import bpe_tool
from bpe_tool import Tokenizer
from bpe_tool.errors import BpeToolWarning, VocabError
from bpe_tool.vocab import cut_files

TEXTS = ["the cat sat on the mat and the rat sat on the hat"] * 9
PUBLISHED = {
    "gpt2_vocab.json": ("gpt2", {"<|endoftext|>": 50256}),
    "r50k_base.tiktoken": ("gpt2", {"<|endoftext|>": 50256}),
    "cl100k_base.tiktoken": ("cl100k", {"<|endoftext|>": 100257}),
    "o200k_base.tiktoken": ("o200k", {"<|endoftext|>": 199999, "<|endofprompt|>": 200018}),
}


def load(path: Path, **options: object) -> tuple[Tokenizer, list[str]]:
    """A tokenizer, and what was warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tokenizer = Tokenizer.load(path, **options)
    assert all(issubclass(each.category, BpeToolWarning) for each in caught)
    assert all(each.filename == __file__ for each in caught)
    return tokenizer, [str(each.message) for each in caught]


def trained(**options: object) -> Tokenizer:
    return bpe_tool.train_vocab(TEXTS, vocab_size=300, special_tokens=["<|end|>"], **options)


def cut_merges(path: Path, count: int, *, ignore_merges: bool = False) -> None:
    """Leave only so many merges in a `tokenizer.json`."""
    value = json.loads(path.read_bytes())
    value["model"]["merges"] = value["model"]["merges"][:count]
    value["model"]["ignore_merges"] = ignore_merges
    path.write_text(json.dumps(value))


@pytest.mark.parametrize("name", ["v", "v.json", "v-merges.txt", "v.tiktoken"])
def test_our_own_files_are_whole(name: str, tmp_path: Path):
    for tokenizer in (trained(), trained(alphabet="gpt2"), trained(max_token_bytes=3)):
        tokenizer.save(tmp_path / name)
        options = {} if name in ("v", "v.json") else {"pattern": "cl100k"}
        assert load(tmp_path / name, **options)[1] == []


@pytest.mark.parametrize("level", ["char", "word"])
def test_levels_without_merges_are_whole(level: str, tmp_path: Path):
    bpe_tool.train_vocab(TEXTS, vocab_size=20, level=level).save(tmp_path / "v.json")
    assert load(tmp_path / "v.json")[1] == []


@pytest.mark.parametrize("kept", [0, 1, 10, -1])
def test_a_list_of_merges_that_is_cut(kept: int, tmp_path: Path):
    tokenizer = trained(alphabet="gpt2")
    tokenizer.save(tmp_path / "v-merges.txt")
    tokenizer.save(tmp_path / "v.json")
    lines = (tmp_path / "v-merges.txt").read_text().splitlines(keepends=True)
    count = len(lines) - 1
    kept %= count
    (tmp_path / "v-merges.txt").write_text("".join(lines[: kept + 1]))
    cut_merges(tmp_path / "v.json", kept)
    for name, options in (("v-merges.txt", {"pattern": "cl100k"}), ("v.json", {})):
        cut, said = load(tmp_path / name, **options)
        # A file that does not name special tokens has one among the others.
        others = 1 if options else 0
        assert len(said) == 1
        assert said[0].startswith(f"{tmp_path / name}: no merge makes {count - kept + others} of")
        assert len(cut) == len(tokenizer)
        if kept < count - 1:
            assert cut.encode(TEXTS[0]) != tokenizer.encode(TEXTS[0])


def test_merges_that_lack_their_beginning(tmp_path: Path):
    trained(alphabet="gpt2").save(tmp_path / "v-merges.txt")
    lines = (tmp_path / "v-merges.txt").read_text().splitlines(keepends=True)
    (tmp_path / "v-merges.txt").write_text("".join([lines[0], *lines[11:]]))
    assert len(load(tmp_path / "v-merges.txt", pattern="cl100k")[1]) == 1


def test_a_vocabulary_whose_tokens_are_cut_is_refused(tmp_path: Path):
    trained(alphabet="gpt2").save(tmp_path / "v-merges.txt")
    vocab = json.loads((tmp_path / "v-vocab.json").read_bytes())
    (tmp_path / "v-vocab.json").write_text(json.dumps(dict(list(vocab.items())[:270])))
    with pytest.raises(VocabError, match="which is no token"):
        Tokenizer.load(tmp_path / "v-merges.txt", pattern="cl100k")


def test_words_that_are_looked_up_may_do_without_merges(tmp_path: Path):
    """As `ignore_merges` has it: only if most are missing is that a sign."""
    trained(alphabet="gpt2").save(tmp_path / "v.json")
    whole = len(json.loads((tmp_path / "v.json").read_bytes())["model"]["merges"])
    cut_merges(tmp_path / "v.json", whole - 1, ignore_merges=True)
    assert load(tmp_path / "v.json")[1] == []
    cut_merges(tmp_path / "v.json", 3, ignore_merges=True)
    assert len(load(tmp_path / "v.json")[1]) == 1


@pytest.mark.parametrize(
    "tokens",
    [["<unused0>", "<unused1>"], ["<s>", "</s>", "<mask>"], ["<|endoftext|>"], ["Ã©", "æĹ¥"]],
)
def test_tokens_that_were_never_learned_are_no_sign(tokens: list[str], tmp_path: Path):
    """Added tokens and unused places; also whole characters, where merging starts from these."""
    trained(alphabet="gpt2").save(tmp_path / "v-merges.txt")
    vocab = json.loads((tmp_path / "v-vocab.json").read_bytes())
    vocab |= {token: len(vocab) + at for at, token in enumerate(tokens)}
    (tmp_path / "v-vocab.json").write_text(json.dumps(vocab))
    assert load(tmp_path / "v-merges.txt", pattern="cl100k")[1] == []


def tiktoken(path: Path, ranks: list[int]) -> Path:
    tokens = [bytes([byte]) for byte in range(256)]
    tokens += [b"%dx" % number for number in range(1000)]
    lines = [base64.b64encode(tokens[rank]) + b" %d\n" % rank for rank in ranks]
    path.write_bytes(b"".join(lines))
    return path


def test_ranks_with_gaps(tmp_path: Path):
    path = tiktoken(tmp_path / "v.tiktoken", [*range(300), *range(320, 900)])
    said = load(path, pattern="cl100k")[1]
    assert said[0].startswith(
        f"{path}: 20 ids below the largest have no token, the first of them 300"
    )
    # Of special tokens that are given, the ids are no gap.
    specials = {f"<{id}>": id for id in range(300, 320)}
    assert load(path, pattern="cl100k", special_tokens=specials)[1] == []
    # One is left out for a special token in p50k_base.
    tiktoken(path, [*range(300), *range(301, 900)])
    assert load(path, pattern="cl100k")[1] == []


def test_the_beginning_of_a_published_file(monkeypatch, tmp_path: Path):
    path = tiktoken(tmp_path / "v.tiktoken", [*range(1000)])
    whole = path.read_bytes()
    beginning = hashlib.sha256(whole[:4096]).hexdigest()
    monkeypatch.setitem(cut_files._FILES, beginning, ("somewhere_base", 900))
    lines = whole.splitlines(keepends=True)
    for kept, cut in ((1000, False), (900, False), (899, True), (600, True)):
        path.write_bytes(b"".join(lines[:kept]))
        said = load(path, pattern="cl100k")[1]
        assert len(said) == cut
        assert all(f"as somewhere_base does, but has {kept} of its 900" in text for text in said)
    path.write_bytes(b"".join(lines[:900]).rstrip())
    assert load(path, pattern="cl100k")[1] == []
    # A line that is cut repeats an id, or is no base64.
    for short in (1, 2, 4):
        path.write_bytes(whole[: -1 - short])
        with pytest.raises(VocabError, match=r"line 1000|byte"):
            load(path, pattern="cl100k")


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name.endswith(".tiktoken")])
def test_published_ranks_cut(name: str, vocabs: Path, tmp_path: Path):
    lines = (vocabs / name).read_bytes().splitlines(keepends=True)
    path = tmp_path / "v.tiktoken"
    for lost in (1, 3000, len(lines) - 1000):
        path.write_bytes(b"".join(lines[:-lost]))
        (said,) = load(path, pattern="gpt2")[1]
        assert f"{len(lines) - lost} of its {len(lines)} tokens" in said


def test_the_command_line_says_so_and_goes_on(tmp_path: Path):
    trained(alphabet="gpt2").save(tmp_path / "v.json")
    cut_merges(tmp_path / "v.json", 3)
    path = tmp_path / "v.json"
    for arguments, stdin in (
        (("encode", "-t", path), b"the\n"),
        (("decode", "-t", path), b"97\n"),
        (("inspect", "text", "-t", path), b"the"),
        (("convert", path, tmp_path / "w.json"), b""),
    ):
        done = run(*arguments, stdin=stdin)
        assert done.returncode == 0
        assert done.stderr.startswith(f"bpe-tool: warning: {path}: no merge makes ".encode())
        assert done.stderr.count(b"warning") == 1
    assert ok("encode", "-q", "-t", path, stdin=b"a\n")


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_vocabularies_are_whole(name: str, vocabs: Path, tmp_path: Path):
    pattern, specials = PUBLISHED[name]
    path = vocabs / name
    for given in ((), specials):
        assert load(path, pattern=pattern, special_tokens=given)[1] == []
    Tokenizer.load(path, pattern=pattern, special_tokens=specials).save(tmp_path / "v.json")
    assert load(tmp_path / "v.json")[1] == []


def test_the_merges_of_gpt2_cut(vocabs: Path, tmp_path: Path):
    for name in ("vocab.json", "merges.txt"):
        data = (vocabs / f"gpt2_{name}").read_bytes()
        lines = data.splitlines(keepends=True)
        (tmp_path / name).write_bytes(b"".join(lines[:20_000]) if "merges" in name else data)
    said = load(tmp_path / "merges.txt", pattern="gpt2")[1]
    assert "no merge makes 30002 of its tokens" in said[0]


def test_random_vocabularies_are_whole(tmp_path: Path):
    for seed in range(20):
        bpe_tool.train_vocab(generators.texts(seed, 50), vocab_size=400, pattern="none").save(
            tmp_path / "v.json"
        )
        assert load(tmp_path / "v.json")[1] == []
