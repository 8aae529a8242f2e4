"""What a file is, its content tells; what does not open is named, with what to use instead."""

import base64
import json
import os
import pickle
import struct
import subprocess
import threading
from pathlib import Path

import pytest
from commands import COMMAND, fails
from peers import BYTE_TO_CHARACTER

from bpe_tool import ArgumentError, Tokenizer, VocabError, train_vocab
from bpe_tool.vocab import kinds, reading

BYTES = b"".join(base64.b64encode(bytes([byte])) + b" %d\n" % byte for byte in range(256))


def field(number: int, content: bytes | int) -> bytes:
    """A field of Protocol Buffers."""
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(value: int) -> bytes:
    low = bytes([value & 0x7F | (0x80 if value > 0x7F else 0)])
    return low + (varint(value >> 7) if value > 0x7F else b"")


def sentence_piece(model_type: int | None) -> bytes:
    """A SentencePiece model; the type of its kind is left out if it is the default."""
    pieces = [("<unk>", 2), ("<s>", 3), ("</s>", 3), ("\u2581the", 1), ("e", 1)]
    data = b"".join(
        field(1, field(1, text.encode()) + b"\x15" + struct.pack("<f", -1.0) + field(3, kind))
        for text, kind in pieces
    )
    trainer = field(1, b"corpus.txt") + (b"" if model_type is None else field(3, model_type))
    return data + field(2, trainer) + field(3, field(1, b"identity"))


def gguf(tokens: list[str], merges: list[str]) -> bytes:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    def texts(values: list[str]) -> bytes:
        return struct.pack("<IQ", 8, len(values)) + b"".join(map(text, values))

    fields = {
        "general.name": (8, text("small")),
        "tokenizer.ggml.model": (8, text("gpt2")),
        "tokenizer.ggml.pre": (8, text("gpt-2")),
        "tokenizer.ggml.tokens": (9, texts(tokens)),
        "tokenizer.ggml.merges": (9, texts(merges)),
    }
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(fields))
    return head + b"".join(
        text(key) + struct.pack("<I", kind) + value for key, (kind, value) in fields.items()
    )


def safetensors() -> bytes:
    header = json.dumps({"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}).encode()
    return struct.pack("<Q", len(header)) + header + b"\0\0\0\0"


def words(*lines: str) -> bytes:
    return "\n".join([*lines, ""]).encode()


#: The content, a part of what it is called, and a part of the hint.
REFUSED = {
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n", "Git LFS",
            "git lfs pull"),
    "page": (b"\n<!DOCTYPE html>\n<html><body>404</body></html>", "a web page", "raw file"),
    "xml": (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "a web page", "raw"),
    "pickle": (pickle.dumps({"a": [1, 2]}), "a pickle", "tokenizer.json"),
    "torch": (b"PK\x03\x04" + bytes(40), "zip archive", "tokenizer.json"),
    "safetensors": (safetensors(), "safetensors", "tokenizer.json"),
    "unigram": (sentence_piece(1), "SentencePiece model of the kind Unigram", "sentencepiece"),
    "default": (sentence_piece(None), "SentencePiece model of the kind Unigram", "sentencepiece"),
    "word": (sentence_piece(3), "SentencePiece model of whole words", "sentencepiece"),
    "char": (sentence_piece(4), "SentencePiece model of characters", "sentencepiece"),
    "scores": (words("<unk>\t0", "<s>\t0", "\u2581the\t-3.5"), "SentencePiece list", "library"),
    "wordpiece": (words("[PAD]", "[unused0]", "[UNK]", "[CLS]", "the", "##s"), "vocab.txt",
                  "library tokenizers"),
    "wordpiece without special tokens": (words(*"abcdefghi", "##s"), "WordPiece", "tokenizers"),
    "subword-nmt": (words("t h 33", "i n 20", "e r</w> 9"), "subword-nmt", "train-vocab"),
    "merges": (words("#version: 0.2", "t h", "i n"), "merges.txt", "vocab.json"),
    "vocab": (b'{"!": 0, "\\"": 1}', "vocab.json", "merges.txt"),
    "gzip": (b"\x1f\x8b\x08" + bytes(9), "gzip", "gunzip"),
    "zstd": (b"\x28\xb5\x2f\xfd" + bytes(9), "Zstandard", "unzstd"),
    "utf-16": ('{"version": "1.0"}'.encode("utf-16"), "UTF-16", "iconv"),
    "WordPiece": (b'{"version":"1.0","model":{"type":"WordPiece","vocab":{"a":0}}}',
                  "tokenizer.json of the kind WordPiece", "library tokenizers"),
    "Unigram": (b'{"version":"1.0","model": {"type": "Unigram", "vocab":[["a",0]]}}',
                "tokenizer.json of the kind Unigram", "sentencepiece"),
    "old WordPiece": (b'{"version":"1.0","model":{"unk_token":"[UNK]",'
                      b'"max_input_chars_per_word":100,"vocab":{"a":0}}}',
                      "tokenizer.json of the kind WordPiece", "library tokenizers"),
    "old Unigram": (b'{"version":"1.0","normalizer":{"type":"Precompiled"},'
                    b'"model":{"unk_id":0,"vocab":[["a",0]]}}',
                    "tokenizer.json of the kind Unigram", "sentencepiece"),
    "settings": (b'{"tokenizer_class": "GPT2Tokenizer"}', "tokenizer_config.json", "directory"),
    "model": (b'{"architectures": ["GPT2LMHeadModel"]}', "config.json", "tokenizer.json"),
    "index": (b'{"metadata": {}, "weight_map": {}}', "index of weights", "tokenizer.json"),
    "roles": (b'{"bos_token": "<s>"}', "special_tokens_map.json", "tokenizer.json"),
    "server": (b'{"error": "Entry not found"}', "message of a server", "again"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"GGUF\x03\0\0\0", "gguf"),
        (b"IQ== 0\nIg== 1\n", "tiktoken"),
        (b"\nIQ== 0\r\n", "tiktoken"),
        (b"IQ== 0", "tiktoken"),
        (b"\n\x0e\n\x05<unk>\x15\0\0\0\0\x18\x02", "sentencepiece"),
        (b"\n\x09\n\x05<unk>\x18\x02\n\x08\n\x01a\x15\0\0\x80\xbf", "sentencepiece"),
        (b"\n\x09\n\x05<unk>\x18\x02", None),
        (b'{"version": "1.0"}', "json"),
        (b'\n\n\n{ "version": "1.0"}', "json"),
        (b'{"config": {"pattern": ""}, "vocab": [{"rank": 0, "token_bytes": ""}]}', "tekken"),
        (b'\n\n{"a": 1}', "vocab"),
        (b"", None),
        (b"hello world again", None),
    ],
)
def test_how_files_begin(start, kind):
    assert kinds.kind_of(start) == kind


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("file", ["tokenizer.json", "tokenizer.model", "bert.txt"])
def test_what_does_not_open_is_named(name, file, tmp_path):
    content, what, hint = REFUSED[name]
    path = tmp_path / file
    path.write_bytes(content)
    with pytest.raises(VocabError) as raised:
        Tokenizer.load(path)
    assert str(raised.value).startswith(f"{path}: this is ")
    assert what in str(raised.value)
    assert hint in str(raised.value.hint)


@pytest.mark.parametrize("name", ["page", "pickle", "unigram"])
def test_a_pattern_does_not_change_that(name, tmp_path):
    path = tmp_path / "llama3.model"
    path.write_bytes(REFUSED[name][0])
    with pytest.raises(VocabError, match=REFUSED[name][1]):
        Tokenizer.load(path, pattern="llama3")


def test_the_command_line_says_so(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_bytes(REFUSED["wordpiece"][0])
    message = fails(4, "encode", "-t", path, stdin=b"a\n")
    assert "this is vocab.txt, the list of tokens of WordPiece" in message
    assert "hint: use the library tokenizers" in message


@pytest.mark.parametrize("name", ["tokenizer.model", "x", "ranks.txt", "v.json", "v.tiktoken"])
def test_a_tiktoken_file_of_any_name(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(BYTES)
    tokenizer = Tokenizer.load(path, pattern="llama3", special_tokens={"<s>": 300})
    assert tokenizer.pattern == "llama3"
    assert tokenizer.encode("ab<s>", special="token") == [97, 98, 300]
    with pytest.raises(ArgumentError, match="does not say how text is split"):
        Tokenizer.load(path)
    with pytest.raises(VocabError, match="line 257"):
        path.write_bytes(BYTES + b"!!! 256\n")
        Tokenizer.load(path, pattern="llama3")


@pytest.mark.parametrize("name", ["tokenizer.json", "renamed", "v.model", "v.tiktoken"])
def test_a_tokenizer_json_of_any_name(name, tokenizer, tmp_path):
    tokenizer.save(tmp_path / "v.json")
    path = tmp_path / name
    path.write_bytes(b" \r\n" * (name == "renamed") + (tmp_path / "v.json").read_bytes())
    assert Tokenizer.load(path) == tokenizer
    with pytest.raises(ArgumentError, match="carries its own pattern"):
        Tokenizer.load(path, pattern="cl100k")


def test_a_pipe_is_known_by_its_content_too(tmp_path):
    def loaded(content: bytes, **given: object) -> Tokenizer:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        try:
            return Tokenizer.load(pipe, **given)
        finally:
            writer.join()
            pipe.unlink()

    assert loaded(BYTES, pattern="gpt2").pattern == "gpt2"
    with pytest.raises(VocabError, match="a web page"):
        loaded(REFUSED["page"][0])


@pytest.mark.parametrize("name", ["wordpiece", "unigram"])
def test_directories_without_a_vocabulary_that_opens(name, tmp_path):
    file = {"wordpiece": "vocab.txt", "unigram": "spiece.model"}[name]
    content, what, _ = REFUSED[name]
    (tmp_path / file).write_bytes(content)
    with pytest.raises(VocabError, match=what):
        Tokenizer.load(tmp_path)


def test_weights_are_named_whatever_their_size(tmp_path, monkeypatch):
    monkeypatch.setattr(reading, "MAX_FILE_BYTES", 100)
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors() + bytes(1000))
    with pytest.raises(VocabError, match="safetensors"):
        Tokenizer.load(path)


def test_damage_never_raises_anything_else(tmp_path):
    for content, _, _ in REFUSED.values():
        for size in range(len(content)):
            head = content[:size]
            try:
                kinds.check(head)
                kind = kinds.kind_of(head)
                if kind in ("vocab", "merges"):
                    assert kinds.without_reader(kind).what
                if kind == "sentencepiece":
                    kinds.sentence_piece(head)
            except VocabError:
                pass


def test_a_number_that_is_too_large_ends_a_model():
    model = b"\n\x0e\n\x05<unk>\x15\0\0\0\0\x18\x02"
    assert kinds.sentence_piece(model + b"\x12\x0b\x18" + b"\xff" * 9 + b"\x7f") is not None


def test_a_gguf_file_is_read_as_far_as_its_metadata(tmp_path: Path) -> None:
    tokens = [*BYTE_TO_CHARACTER.values(), "he", "Ġhe"]
    path = tmp_path / "small.bin"
    path.write_bytes(gguf(tokens, ["h e", "Ġ he"]))
    # The tensors, of which nothing is read: the file has a hole of 8 GiB.
    os.truncate(path, 1 << 33)
    loaded = Tokenizer.load(path)
    assert loaded.pattern == "gpt2"
    assert loaded.encode("he he") == [256, 257]
    loaded.save(tmp_path / "small.json")
    assert Tokenizer.load(tmp_path / "small.json") == loaded
    with pytest.raises(ArgumentError, match="carries its own pattern"):
        Tokenizer.load(path, pattern="gpt2")


def test_a_gguf_file_that_is_cut_off(tmp_path: Path) -> None:
    data = gguf([*BYTE_TO_CHARACTER.values()], [])
    path = tmp_path / "small.gguf"
    for end in (4, 20, 100, len(data) - 1):
        path.write_bytes(data[:end])
        with pytest.raises(VocabError, match="ends within its metadata"):
            Tokenizer.load(path)


def test_a_tekken_file(tmp_path: Path) -> None:
    vocab = [bytes([byte]) for byte in range(256)] + [b"he", b" he"]
    file = {
        "config": {
            "pattern": r" ?\w+|[^\w\s]+?|\s",
            "num_vocab_tokens": 258,
            "default_vocab_size": 268,
            "default_num_special_tokens": 10,
            "version": "v3",
        },
        "vocab": [
            {"rank": rank, "token_bytes": base64.b64encode(token).decode(), "token_str": None}
            for rank, token in enumerate(vocab)
        ],
    }
    path = tmp_path / "tekken.json"
    path.write_text(json.dumps(file))
    loaded = Tokenizer.load(path)
    assert loaded.encode("he he<s>") == [266, 267, 70, 125, 72]
    assert loaded.encode("he<s>", special="token") == [266, 1]
    assert loaded.special_tokens["[TOOL_CALLS]"] == 9
    loaded.save(tmp_path / "tokenizer.json")
    assert Tokenizer.load(tmp_path / "tokenizer.json").encode("he he<s>") == loaded.encode(
        "he he<s>"
    )


def test_the_command_says_what_has_no_token(tmp_path: Path) -> None:
    trained = train_vocab(["ab ab"] * 2, vocab_size=258)
    path = tmp_path / "tokenizer.json"
    trained.save(path)
    file = json.loads(path.read_text())
    del file["model"]["vocab"]["ÿ"]
    del file["model"]["vocab"]["þ"]
    path.write_text(json.dumps(file))

    def run(*options: str) -> subprocess.CompletedProcess[bytes]:
        command = [*COMMAND, "encode", "-t", str(path), *options]
        return subprocess.run(command, input=b"ab\nx\xff\xfe\xffy\n", capture_output=True)

    followed = run()
    assert followed.returncode == 0
    assert b"3 bytes or characters have no token" in followed.stderr
    assert len(followed.stdout.splitlines()[1].split()) == 2
    silent = run("--missing", "follow")
    assert (silent.stdout, silent.stderr) == (followed.stdout, b"")
    refused = run("--missing", "error")
    assert refused.returncode == 3
    assert b"line 2" in refused.stderr
    assert b"no token for" in refused.stderr
