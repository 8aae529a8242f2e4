"""A damaged vocabulary file is a `VocabError` or still a vocabulary, never anything else."""

import json
import os
import subprocess
from random import Random

import pytest

import bpe_tool
from bpe_tool import LimitError, Tokenizer, VocabError, _core, train_vocab
from bpe_tool.io import small_files
from bpe_tool.vocab import reading


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """A small vocabulary in every format."""
    tokenizer = train_vocab(["the thin thing, thus 12"] * 2, vocab_size=280, special_tokens=["<s>"])
    merges = "".join(
        f"{a.decode()} {b.decode()}\n" for a, b in tokenizer.merges if b" " not in a + b
    )
    data = core_of(tokenizer)
    vocab, _ = data.to_vocab_and_merges()
    return {
        "tokenizer.json": data.to_tokenizer_json(),
        "tiktoken": data.to_tiktoken(),
        "vocab.json": vocab,
        "merges.txt": merges.encode(),
    }


def core_of(tokenizer: Tokenizer) -> _core.Tokenizer:
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tokenizer.json"
        tokenizer.save(path)
        return _core.Tokenizer.from_tokenizer_json(path.read_bytes())


def load(kind: str, data: bytes, files: dict[str, bytes]) -> _core.Tokenizer:
    if kind == "tokenizer.json":
        return _core.Tokenizer.from_tokenizer_json(data)
    if kind == "tiktoken":
        return _core.Tokenizer.from_tiktoken(data, "cl100k", [("<s>", None)])
    pair = files | {kind: data}
    return _core.Tokenizer.from_vocab_and_merges(
        pair["vocab.json"], pair["merges.txt"], "cl100k", [("<s>", None)]
    )


def assert_error_or_vocabulary(kind: str, data: bytes, files: dict[str, bytes]) -> bool:
    """Whether it loads; what loads must encode and decode."""
    try:
        tokenizer = load(kind, data, files)
    except VocabError as error:
        assert str(error)
        assert "\n" not in str(error)
        return False
    text = b"the thin thing <s>\xff\0 12"
    for special in ("text", "token"):
        ids = tokenizer.encode(text, special, False)
        assert isinstance(tokenizer.decode(ids), bytes)
    return True


KINDS = ["tokenizer.json", "tiktoken", "vocab.json", "merges.txt"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_undamaged_file_loads(kind, files):
    assert assert_error_or_vocabulary(kind, files[kind], files)


@pytest.mark.parametrize("kind", KINDS)
def test_every_truncation(kind, files):
    data = files[kind]
    loaded = [
        size for size in range(len(data)) if assert_error_or_vocabulary(kind, data[:size], files)
    ]
    if kind.endswith(".json"):
        assert all(not data[size:].strip() for size in loaded), "half a JSON file is no file"


@pytest.mark.parametrize("kind", KINDS)
def test_flipped_bits(kind, files):
    random = Random(91)
    data = files[kind]
    for _ in range(2500):
        damaged = bytearray(data)
        damaged[random.randrange(len(data))] ^= 1 << random.randrange(8)
        assert_error_or_vocabulary(kind, bytes(damaged), files)


@pytest.mark.parametrize("kind", KINDS)
def test_parts_cut_out_doubled_and_overwritten(kind, files):
    random = Random(92)
    data = files[kind]
    for _ in range(1000):
        at, size = random.randrange(len(data)), random.randrange(1, 40)
        part = random.choice([b"", data[at : at + size] * 2, random.randbytes(size), b"9" * size])
        assert_error_or_vocabulary(kind, data[:at] + part + data[at + size :], files)


REFUSED = {
    "nothing": b"",
    "white space": b" \n",
    "another value": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "a web page": b"<!DOCTYPE html><html><head><title>404</title></head></html>",
    "NUL": b"\0" * 1000,
    "UTF-16": '{"model": {}}'.encode("utf-16"),
    "deep nesting": b"[" * 1_000_000,
    "deep objects": b'{"model":' * 200_000,
    "a long number": b'{"model": ' + b"9" * 1_000_000 + b"}",
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("kind", ["tokenizer.json", "vocab.json"])
def test_what_is_no_vocabulary_is_refused(kind, name, files):
    with pytest.raises(VocabError):
        load(kind, REFUSED[name], files)


@pytest.mark.parametrize("name", ["a web page", "NUL", "UTF-16", "an empty object", "nothing"])
def test_what_is_no_tiktoken_file_is_refused(name, files):
    with pytest.raises(VocabError):
        load("tiktoken", REFUSED[name], files)


@pytest.mark.parametrize(
    "line",
    [b"!!! 256", b"YWI=", b"YWI= ", b"YWI= x", b"YWI= -1", b"YWI= 1_000", b"YWI= 99999999999",
     b"YWI 256", b"YWI= 256 7", b"YQ== 256", b"YWI= 5", b" 256", b"YWI=\t256", b"YW\xff= 256"],
)  # fmt: skip
def test_a_bad_line_of_a_tiktoken_file_is_refused_with_its_place(line, files):
    with pytest.raises(VocabError, match=r"byte|line|id"):
        load("tiktoken", files["tiktoken"] + line + b"\n", files)


@pytest.mark.parametrize("kind", ["tokenizer.json", "vocab.json"])
def test_a_key_that_comes_twice_is_refused(kind, files):
    data = files[kind]
    for token in (b'"a":', b'"!":'):
        at = data.index(token)
        with pytest.raises(VocabError):
            load(kind, data[:at] + token + b" 70000, " + data[at:], files)


@pytest.mark.parametrize("end", ["start", "stop"])
def test_a_decoder_that_takes_off_billions_ends_at_once(end, files):
    document = json.loads(files["tokenizer.json"])
    strip = {"type": "Strip", "content": "t", "start": 0, "stop": 0, end: 2**32 - 1}
    document["decoder"] = {"type": "Sequence", "decoders": [document["decoder"], strip]}
    core = _core.Tokenizer.from_tokenizer_json(json.dumps(document).encode())
    ids = core.encode(b"ttatt", "text", False)
    assert core.decode(ids) == (b"att" if end == "start" else b"tta")


def test_text_after_the_end_is_refused(files):
    for tail in (b"}", b"x", b"{}"):
        with pytest.raises(VocabError):
            load("tokenizer.json", files["tokenizer.json"] + tail, files)


def test_an_error_says_where(files, tmp_path):
    path = tmp_path / "broken.json"
    path.write_bytes(files["tokenizer.json"][:500])
    with pytest.raises(VocabError, match=r"broken\.json.*500|500.*broken\.json"):
        Tokenizer.load(path)


def test_a_file_that_is_not_there_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="missing"):
        Tokenizer.load(tmp_path / "missing.json")


def test_devices_and_directories_are_no_vocabulary_files(tmp_path):
    for path in ("/dev/zero", "/dev/null"):
        with pytest.raises(OSError, match="this is a device") as raised:
            Tokenizer.load(path)
        assert raised.value.filename == path
    (tmp_path / "vocab.json").mkdir()
    (tmp_path / "merges.txt").touch()
    with pytest.raises(IsADirectoryError, match=r"vocab\.json"):
        Tokenizer.load(tmp_path / "merges.txt", pattern="gpt2")


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_a_vocabulary_file_of_any_size_takes_bounded_memory(tokenizer, tmp_path, monkeypatch, kind):
    tokenizer.save(tmp_path / "v.json")
    data = (tmp_path / "v.json").read_bytes()
    monkeypatch.setattr(small_files, "PIECE_BYTES", 1000)

    def load() -> Tokenizer:
        if kind == "file":
            return Tokenizer.load(tmp_path / "v.json")
        os.mkfifo(tmp_path / "pipe")
        command = ["dd", f"if={tmp_path / 'v.json'}", f"of={tmp_path / 'pipe'}"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL):
            try:
                return Tokenizer.load(tmp_path / "pipe")
            finally:
                (tmp_path / "pipe").unlink()

    monkeypatch.setattr(reading, "MAX_FILE_BYTES", len(data))
    assert load() == tokenizer
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", len(data) - 1)
    with pytest.raises(LimitError, match=rf"(json|pipe): .* {len(data) - 1} bytes"):
        load()


def test_loading_runs_no_code(files, tmp_path):
    """A vocabulary is data: nothing is imported, executed or opened because of it."""
    path = tmp_path / "tokenizer.json"
    document = json.loads(files["tokenizer.json"])
    document["added_tokens"][0]["content"] = "__import__('os').system('true')"
    path.write_text(json.dumps(document))
    tokenizer = bpe_tool.Tokenizer.load(path)
    assert list(tokenizer.special_tokens) == ["__import__('os').system('true')"]


def test_a_vocabulary_whose_reading_fails_is_named():
    # It can be opened.
    with pytest.raises(OSError, match="/proc/self/mem"):
        Tokenizer.load("/proc/self/mem")
