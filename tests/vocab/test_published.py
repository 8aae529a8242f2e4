"""Published vocabularies bring their pattern and special tokens, and are found by name."""

import base64
import hashlib
import os
import re
import tempfile
from pathlib import Path

import generators
import pytest
from commands import fails
from peers import published_encoding

import bpe_tool
from bpe_tool import Tokenizer, VocabError
from bpe_tool.vocab import published
from bpe_tool.vocab.published import ENCODINGS, Encoding


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Empty places where names are looked for."""
    for variable in ("DATA_GYM_CACHE_DIR", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME"):
        monkeypatch.delenv(variable, raising=False)
    found = {name: tmp_path / name for name in ("vocabs", "tiktoken", "xdg")}
    for path in found.values():
        path.mkdir()
    monkeypatch.setenv("BPE_TOOL_VOCABS", str(found["vocabs"]))
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(found["tiktoken"]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(found["xdg"]))
    monkeypatch.chdir(tmp_path)
    return found


@pytest.fixture
def small(tmp_path, tokenizer, monkeypatch) -> Path:
    """A small vocabulary that passes for a published one, of two names."""
    path = tmp_path / "small.tiktoken"
    tokenizer.save(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    size = 256 + len(tokenizer.merges)
    made = {
        "small": Encoding("small", digest, "o200k", "https://example.org/s", ("<s>",), size),
        "other": Encoding("other", digest, "o200k", "https://example.org/s", ("<o>",), size + 9),
        "gone": Encoding("gone", "0" * 64, "gpt2"),
    }
    monkeypatch.setattr(published, "ENCODINGS", made)
    monkeypatch.setattr(published, "NAMES", {"chat-1": "small", "org/small": "small"})
    monkeypatch.setattr(published, "PREFIXES", {"chat-1-": "small", "chat-1-x-": "other"})
    return path


def test_a_published_file_needs_no_pattern(small, tokenizer, tmp_path):
    size = 256 + len(tokenizer.merges)
    renamed = tmp_path / "tokenizer.model"
    renamed.write_bytes(small.read_bytes())
    for path in (small, renamed):
        loaded = Tokenizer.load(path)
        assert (loaded.pattern, loaded.special_tokens) == ("o200k", {"<s>": size})
    # A pattern that is passed counts.
    loaded = Tokenizer.load(small, pattern="gpt2")
    assert (loaded.pattern, loaded.special_tokens) == ("gpt2", {"<s>": size})
    # Another file is not the published one.
    renamed.write_bytes(small.read_bytes() + b"\n")
    with pytest.raises(bpe_tool.ArgumentError, match="does not say how text is split"):
        Tokenizer.load(renamed)


@pytest.mark.parametrize(
    ("passed", "expected"),
    [
        (["<x>"], {"<s>": 0, "<x>": 1}),
        ({"<x>": 7}, {"<s>": 0, "<x>": 7}),
        # One of its own, by its text alone, keeps its id.
        (["<x>", "<s>"], {"<s>": 0, "<x>": 1}),
        # And one is replaced that has another id, or whose id another one gets.
        ({"<s>": 5}, {"<s>": 5}),
        ({"<x>": 0}, {"<x>": 0}),
        ({"<s>": 5, "<x>": 0}, {"<s>": 5, "<x>": 0}),
    ],
)
def test_special_tokens_come_on_top_of_those_of_a_published_file(
    small, tokenizer, places, passed, expected
):
    first = 256 + len(tokenizer.merges)
    if isinstance(passed, dict):
        passed = {text: first + id for text, id in passed.items()}
    expected = {text: first + id for text, id in expected.items()}
    (places["vocabs"] / "small.tiktoken").write_bytes(small.read_bytes())
    for path in (small, "small"):
        for pattern in (None, "gpt2"):
            loaded = Tokenizer.load(path, pattern=pattern, special_tokens=passed)
            assert loaded.special_tokens == expected


def test_conversion_to_a_published_file_needs_no_pattern_either(small, tmp_path):
    done = bpe_tool.convert(small, tmp_path / "v.json")
    assert done.lost == ()
    done = bpe_tool.convert(tmp_path / "v.json", tmp_path / "again.tiktoken")
    assert (done.pattern, done.lost) == (None, ())
    assert (tmp_path / "again.tiktoken").read_bytes() == small.read_bytes()
    done = bpe_tool.convert(small, tmp_path / "b.tiktoken", pattern="gpt2")
    assert done.pattern == "gpt2"


def test_names_in_the_users_directory(small, places, tokenizer):
    with pytest.raises(FileNotFoundError, match="small is not on this machine: download https://e"):
        Tokenizer.load("small")
    file = places["vocabs"] / "small.tiktoken"
    file.write_bytes(small.read_bytes())
    size = 256 + len(tokenizer.merges)
    for name in ("small", "chat-1", "chat-1-2026", "org/small"):
        assert Tokenizer.load(name).special_tokens == {"<s>": size}
    # The same file, of another vocabulary.
    for name in ("other", "chat-1-x-2"):
        assert Tokenizer.load(name).special_tokens == {"<o>": size + 9}
    # Any other file there has a name, too.
    tokenizer.save(places["vocabs"] / "mine.json")
    tokenizer.save(places["vocabs"] / "folder")
    for name in ("mine", "folder"):
        assert Tokenizer.load(name) == tokenizer
    with pytest.raises(FileNotFoundError, match="get its file from its publisher"):
        Tokenizer.load("gone")


def test_whole_names_of_files_are_looked_up_in_the_users_directory(small, places, tokenizer):
    size = 256 + len(tokenizer.merges)
    data = small.read_bytes()
    small.unlink()
    for name in ("small.tiktoken", "mine.json", "pair_merges.txt"):
        with pytest.raises(FileNotFoundError):
            Tokenizer.load(name)
    (places["vocabs"] / "small.tiktoken").write_bytes(data)
    tokenizer.save(places["vocabs"] / "mine.json")
    tokenizer.save(places["vocabs"] / "pair_merges.txt")
    # As under its name, it brings its own special tokens; so do other names of it.
    for name in ("small.tiktoken", "chat-1.tiktoken"):
        assert Tokenizer.load(name).special_tokens == {"<s>": size}
    assert Tokenizer.load("other.tiktoken").special_tokens == {"<o>": size + 9}
    assert Tokenizer.load("mine.json") == tokenizer
    for name in ("pair_merges.txt", "pair_vocab.json"):
        loaded = Tokenizer.load(name, pattern=tokenizer.pattern)
        assert loaded.merges == tokenizer.merges
    # Only there: what a path says is not looked for elsewhere.
    with pytest.raises(FileNotFoundError):
        Tokenizer.load("folder/mine.json")


@pytest.mark.parametrize("place", ["vocabs", "tiktoken"])
def test_the_file_of_a_published_vocabulary_may_be_damaged(small, places, place):
    cached = hashlib.sha1(b"https://example.org/s").hexdigest()
    file = places[place] / ("small.tiktoken" if place == "vocabs" else cached)
    for data, what in ((b"", "it is empty"), (b"of another", "its SHA-256 is [0-9a-f]{64}, not")):
        file.write_bytes(data)
        for name in ("small", "other", "chat-1.tiktoken"):
            with pytest.raises(
                VocabError, match=f"{file}: .* published (small|other): {what}"
            ) as e:
                Tokenizer.load(name)
            assert "download https://example.org/s" in str(e.value.hint)
    # Nothing waits for the writer of a pipe.
    file.unlink()
    os.mkfifo(file)
    with pytest.raises(OSError, match="a pipe") as raised:
        Tokenizer.load("small")
    assert raised.value.filename == str(file)
    # What is whole is found, wherever the other one is.
    for other in ({"small.tiktoken"}, {"other.tiktoken"}):
        for name in other:
            path = places["vocabs"] / name
            path.unlink(missing_ok=True)
            path.write_bytes(small.read_bytes())
        assert Tokenizer.load("small") == Tokenizer.load(small)


@pytest.mark.parametrize("name", ["small.json", "small-vocab.json", "small", "small/"])
def test_what_tells_its_pattern_may_have_a_published_name(small, places, tokenizer, name):
    path = places["vocabs"] / name
    if name == "small/":
        tokenizer.save(path)
    else:
        tokenizer.save(places["vocabs"] / "folder")
        (places["vocabs"] / "folder" / "tokenizer.json").rename(path)
    if name == "small":
        # It is taken for a file of tiktoken, as nothing tells otherwise.
        with pytest.raises(VocabError, match="this is not the published small"):
            Tokenizer.load("small")
    else:
        assert Tokenizer.load("small") == tokenizer


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("smal", "has this name in .*vocabs, .* did you mean small?"),
        ("SMALL", "did you mean small?"),
        ("chat1", "did you mean chat-1?"),
        ("my-modle", "did you mean my-model?"),
        ("org/modell", "did you mean org/model or org/small?"),
        ("unheard-of", "Hugging Face; the published ones are small, other, gone$"),
        ("my-modle.json", "nor in .*vocabs, .* names: did you mean my-model.json?"),
        ("unheard-of.json", "^.[^:]*nor in .*vocabs, which BPE_TOOL_VOCABS names$"),
    ],
)
def test_a_wrong_name_is_met_with_those_there_are(small, places, tokenizer, name, said):
    tokenizer.save(places["vocabs"] / "my-model.json")
    (places["xdg"] / "huggingface" / "hub" / "models--org--model").mkdir(parents=True)
    with pytest.raises(FileNotFoundError) as raised:
        Tokenizer.load(name)
    assert raised.value.filename == name
    assert re.search(said, raised.value.strerror)
    assert raised.value.strerror.startswith("No such file or directory")


@pytest.mark.parametrize("given", ["text", "command"])
def test_an_empty_name_is_no_directory(given, tokenizer, tmp_path, monkeypatch):
    tokenizer.save(tmp_path)
    monkeypatch.chdir(tmp_path)
    if given == "text":
        with pytest.raises(FileNotFoundError):
            Tokenizer.load("")
    else:
        for arguments in (("encode", "-t", ""), ("inspect", "diff", "", "")):
            assert "'': No such file" in fails(5, *arguments, stdin=b"")


def test_a_path_is_not_a_name(small, places, tokenizer, tmp_path):
    (places["vocabs"] / "small.tiktoken").write_bytes(small.read_bytes())
    tokenizer.save(tmp_path / "small")
    assert Tokenizer.load("small") == tokenizer
    with pytest.raises(FileNotFoundError):
        Tokenizer.load(tmp_path / "chat-1")
    with pytest.raises(FileNotFoundError):
        Tokenizer.load("chat-1.json")


def test_names_in_the_cache_of_tiktoken(small, places, monkeypatch, tmp_path):
    file = places["tiktoken"] / hashlib.sha1(b"https://example.org/s").hexdigest()
    file.write_bytes(small.read_bytes())
    expected = Tokenizer.load(small)
    assert Tokenizer.load("small") == expected
    # Without the variable, it is in the directory for temporary files.
    monkeypatch.delenv("TIKTOKEN_CACHE_DIR")
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(tmp_path / "tmp"))
    with pytest.raises(FileNotFoundError):
        Tokenizer.load("small")
    (tmp_path / "tmp" / "data-gym-cache").mkdir(parents=True)
    (tmp_path / "tmp" / "data-gym-cache" / file.name).write_bytes(small.read_bytes())
    assert Tokenizer.load("small") == expected
    # Empty means that tiktoken keeps nothing.
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    with pytest.raises(FileNotFoundError):
        Tokenizer.load("small")


@pytest.mark.parametrize("variable", ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_HOME", None])
def test_models_in_the_cache_of_hugging_face(variable, places, tokenizer, monkeypatch, tmp_path):
    hub = places["xdg"] / "huggingface" / "hub"
    if variable is not None:
        hub = tmp_path / "hub"
        monkeypatch.setenv(variable, str(tmp_path if variable == "HF_HOME" else hub))
    model = hub / "models--org--some-model.v1"
    old, new = model / "snapshots" / ("a" * 40), model / "snapshots" / ("b" * 40)
    tokenizer.save(old)
    other = bpe_tool.train_vocab(["abab"], vocab_size=257)
    other.save(new)
    (model / "refs").mkdir()
    (model / "refs" / "main").write_text("a" * 40)
    assert Tokenizer.load("org/some-model.v1") == tokenizer
    (model / "refs" / "main").write_text("b" * 40 + "\n")
    assert Tokenizer.load("org/some-model.v1") == other
    # The file is not trusted to name a directory elsewhere.
    for bad in ("../../..", "c" * 40, "", "\0"):
        (model / "refs" / "main").write_text(bad)
        with pytest.raises(FileNotFoundError):
            Tokenizer.load("org/some-model.v1")


def test_the_command_line_takes_names(small, places, monkeypatch):
    # Other processes do not know the small one.
    message = fails(5, "encode", "-t", "gpt-4o", stdin=b"a\n")
    assert "o200k_base is not on this machine: download https://" in message
    assert "BPE_TOOL_VOCABS" in message


def test_the_facts_are_tiktokens(monkeypatch):
    public = pytest.importorskip("tiktoken_ext.openai_public")
    model = pytest.importorskip("tiktoken.model")
    asked = []

    def load(url: str, expected_hash: str) -> dict[bytes, int]:
        asked.append((url, expected_hash))
        return {}

    monkeypatch.setattr(public, "load_tiktoken_bpe", load)
    monkeypatch.setattr(public, "data_gym_to_mergeable_bpe_ranks", lambda **hashes: {})
    for name, make in public.ENCODING_CONSTRUCTORS.items():
        asked.clear()
        assert make()["special_tokens"] == ENCODINGS[name].special_tokens
        if name != "gpt2":
            assert asked == [(ENCODINGS[name].url, ENCODINGS[name].sha256)]
    for name, encoding in model.MODEL_TO_ENCODING.items():
        if (found := published.by_name(name)) is not None:
            assert found.name == encoding, name
    for prefix, encoding in model.MODEL_PREFIX_TO_ENCODING.items():
        if (found := published.by_name(f"{prefix}2030")) is not None:
            assert found.name == encoding, prefix


def test_special_tokens_are_distinct():
    sizes = {"llama3": (128000, 256), "llama4": (200000, 2048), "qwen": (151643, 208)}
    for name, (first, count) in sizes.items():
        assert sorted(ENCODINGS[name].special_tokens.values()) == list(range(first, first + count))
    assert ENCODINGS["llama3"].special_tokens["<|eot_id|>"] == 128009
    assert ENCODINGS["llama4"].special_tokens["<|image_start|>"] == 200080
    assert ENCODINGS["llama4"].special_tokens["<|reasoning_thinking_end|>"] == 201143
    assert ENCODINGS["qwen"].special_tokens["<|im_end|>"] == 151645


def test_every_pattern_is_one():
    lines = b"".join(b"%s %d\n" % (bytes_, id) for id, bytes_ in enumerate(_base64_bytes()))
    for encoding in ENCODINGS.values():
        core = bpe_tool._core.Tokenizer.from_tiktoken(lines, encoding.pattern, [])
        assert bytes(core.decode(core.encode("中文 a1234 It's", "text", False))).decode()


def _base64_bytes() -> list[bytes]:
    return [base64.b64encode(bytes([byte])) for byte in range(256)]


@pytest.mark.parametrize(
    ("name", "model", "pattern"),
    [("cl100k_base", "gpt-4", "cl100k"), ("o200k_base", "gpt-4o", "o200k"),
     ("r50k_base", "gpt2", "gpt2")],
)  # fmt: skip
def test_published_vocabularies(name, model, pattern, vocabs):
    loaded = Tokenizer.load(model)
    assert loaded.pattern == pattern
    peer = published_encoding(name, vocabs)
    texts = [*generators.texts(seed=19, count=200), *loaded.special_tokens]
    for tokenizer in (loaded, Tokenizer.load(vocabs / f"{name}.tiktoken")):
        assert tokenizer.special_tokens == ENCODINGS[name].special_tokens
        for text in texts:
            assert tokenizer.encode(text, special="token") == peer.encode(
                text, allowed_special="all"
            )


def test_the_pair_of_gpt2_needs_no_pattern(vocabs):
    loaded = Tokenizer.load(vocabs / "gpt2_merges.txt")
    assert (loaded.pattern, loaded.special_tokens) == ("gpt2", {"<|endoftext|>": 50256})
