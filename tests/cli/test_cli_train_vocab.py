"""The verb `train-vocab`, and what it says meanwhile."""

import json
import os
import pty
import subprocess

import pytest
from commands import COMMAND, END, TEXT, fails, ok, run, train

from bpe_tool import Tokenizer


def test_train_vocab_says_what_it_did(tmp_path, corpora):
    said = train(*corpora, "--vocab-size", 400, "-o", tmp_path / "vocab")
    assert f"read {len(corpora)} documents" in said
    assert "learned 400 tokens" in said
    assert f"wrote {tmp_path / 'vocab'}" in said
    names = sorted(path.name for path in (tmp_path / "vocab").iterdir())
    assert names == ["tokenizer.json", "tokenizer_config.json", "training.json"]
    assert train(*corpora, "--vocab-size", 400, "-q", "--force", "-o", tmp_path / "vocab") == ""


def test_training_depends_on_documents_alone(tmp_path, corpora):
    for name, options in {
        "one": [*corpora, "--threads", 1],
        "two": [*reversed(corpora), "--threads", 2],
    }.items():
        train(*options, "--vocab-size", 500, "--special-token", END, "-o", tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_roles_become_special_tokens(tmp_path):
    out = tmp_path / "vocab"
    train("--vocab-size", 300, "--bos", "<s>", "--eos", END, "--pad", END, "-o", out, stdin=TEXT)
    config = json.loads((out / "tokenizer_config.json").read_bytes())
    assert (config["bos_token"], config["eos_token"], config["pad_token"]) == ("<s>", END, END)
    assert set(Tokenizer.load(out).special_tokens) == {"<s>", END}


def test_a_small_corpus_is_a_warning(tmp_path):
    said = train("--vocab-size", 50_000, "-o", tmp_path / "v.json", stdin=b"abab")
    assert "warning: the corpus yields only 258 tokens, fewer than the 50,000 requested" in said
    assert len(Tokenizer.load(tmp_path / "v.json")) == 258


def test_training_units(tmp_path):
    data = b'{"text":"ab ab"}\nbad\n{"text":"ab"}\nnull\n{"text":""}'
    arguments = ["train-vocab", "--vocab-size", 257, "--ndjson", "text", "-o", tmp_path / "v"]
    done = run(*arguments, stdin=data)
    assert done.returncode == 1
    assert b"<stdin>: line 2: not valid JSON" in done.stderr
    assert b"\nread 3 documents, 7 bytes, 3 pretokens" in done.stderr
    training = json.loads((tmp_path / "v" / "training.json").read_bytes())
    assert training["totals"]["documents"] == 3
    assert Tokenizer.load(tmp_path / "v").merges == [(b"a", b"b")]


def test_a_special_token_that_others_do_not_decode_is_a_warning(tmp_path):
    arguments = ["--vocab-size", 258, "--force", "-o", tmp_path / "v.json"]
    said = train(*arguments, "--special-token", "<d\u00e9but>", stdin=b"abab")
    assert said.count("warning: ") == 1
    assert "will decode the special token '<d\u00e9but>' as another text" in said
    assert "warning" not in train(*arguments, "--special-token", "<|end|>", stdin=b"abab")


def test_training_refuses_early(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    train = ["train-vocab", tmp_path / "file", "--vocab-size", 300]
    fails(5, *train, "-o", tmp_path / "file" / "below")
    fails(5, *train, "-o", tmp_path / "missing" / "v.json")
    fails(2, "train-vocab", tmp_path / "file", "--vocab-size", 10, "-o", tmp_path / "v")
    fails(2, *train, "--pattern", "(", "-o", tmp_path / "v")
    fails(2, *train, "--level", "word", "--alphabet", "gpt2", "-o", tmp_path / "v")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("level", ["char", "word"])
def test_levels(tmp_path, level):
    out = tmp_path / "v.json"
    train("--vocab-size", 1000, "--level", level, "-o", out, stdin=b"low lower lowest")
    ids = ok("encode", "-t", out, stdin=b"lower low")
    assert ok("decode", "-t", out, stdin=ids) == b"lower low"


def on_a_terminal(*arguments: object, **environment: str) -> bytes:
    """What a command writes to standard error if that is a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env=os.environ | {"TERM": "xterm"} | environment,
    ) as process:
        os.close(slave)
        said = b""
        while True:
            try:
                piece = os.read(master, 10_000)
            except OSError:
                break
            if not piece:
                break
            said += piece
    os.close(master)
    assert process.returncode == 0
    return said


def test_progress_is_for_terminals(tmp_path, corpora):
    arguments = ["train-vocab", *corpora, "--vocab-size", 1000, "--force", "-o", tmp_path / "v"]
    said = on_a_terminal(*arguments)
    assert b"read" in said
    assert b"merge" in said
    assert b"\x1b[" in said
    assert b"learned 1,000 tokens" in said
    for silent in (["--no-progress"], ["--quiet"]):
        assert b"\x1b[" not in on_a_terminal(*arguments, *silent)
    assert b"\x1b[" not in on_a_terminal(*arguments, TERM="dumb")
    assert "\x1b[" not in train(*arguments[1:], env=os.environ | {"FORCE_COLOR": "1"})
    assert b"\x1b[3" not in on_a_terminal(*arguments, NO_COLOR="1")


def test_one_of_a_kind_is_counted_in_the_singular(tmp_path):
    said = train("--vocab-size", 256, "-o", tmp_path / "v.json", stdin=b"a")
    assert "read 1 document, 1 byte, 1 pretoken (1 unique)" in said
