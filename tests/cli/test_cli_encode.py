"""The verb `encode`: text in, ids out."""

import json

import pytest
from commands import END, TEXT, fails, ok, run

from bpe_tool import Tokenizer


def test_ids_are_those_of_the_library(encode, vocab):
    tokenizer = Tokenizer.load(vocab)
    lines = TEXT.split(b"\n")
    expected = "\n".join(" ".join(map(str, tokenizer.encode(line))) for line in lines)
    assert ok(*encode, stdin=TEXT).decode() == expected
    whole = json.loads(ok(*encode, "--whole", "--offsets", stdin=TEXT))
    ids, offsets = tokenizer._core.encode_with_offsets(TEXT, "text", False)
    assert whole == {"ids": ids, "offsets": [list(pair) for pair in offsets]}
    assert ok(*encode, "--count", "--whole", stdin=TEXT) == b"%d\n" % len(ids)
    counts = [len(tokenizer.encode(line)) for line in lines]
    assert [int(n) for n in ok(*encode, "--count", stdin=TEXT).split()] == counts


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_and_files_do_not_matter(encode, tmp_path, threads, corpora):
    texts = [path.read_bytes() for path in corpora]
    whole = b"".join(text if text.endswith(b"\n") else text + b"\n" for text in texts)
    ids = ok(*encode, "--threads", threads, *corpora)
    assert ids.rstrip(b"\n") == ok(*encode, stdin=whole).rstrip(b"\n")


def test_npy_needs_a_file(encode, tmp_path):
    assert "-o" in fails(2, *encode, "--format", "npy")
    fails(2, *encode, "--format", "npy", "-o", "/dev/null")


def test_skipped_records(encode):
    done = run(*encode, "--ndjson", "text", stdin=b'{"text":"a"}\nbad\n{"text":"b"}\n')
    assert (done.returncode, done.stdout) == (1, b"97\n\n98\n")
    said = done.stderr.decode()
    assert "warning: <stdin>: line 2: not valid JSON" in said
    assert "1 record was skipped" in said
    done = run(*encode, "--quiet", "--ndjson", "text", stdin=b"bad\n" * 1000)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"\n" * 1000, b"")
    done = run(*encode, "--ndjson", "text", stdin=b"bad\n" * 1000)
    assert done.stderr.count(b"\n") < 20


def test_special_tokens(vocab):
    text = f"a{END}\n{END}\n".encode()
    id = Tokenizer.load(vocab).special_tokens[END]
    assert ok("encode", "-t", vocab, "--special", "token", stdin=text) == b"97 %d\n%d\n" % (id, id)
    done = run("encode", "-t", vocab, stdin=text)
    assert done.returncode == 0
    assert done.stderr.count(b"special tokens 2 times") == 1
    assert done.stdout == ok("encode", "-t", vocab, "--special", "text", stdin=text)
    ok("encode", "-t", vocab, stdin=b"nothing special\n")


def test_template(vocab, tmp_path):
    value = json.loads((vocab / "tokenizer.json").read_bytes())
    id = Tokenizer.load(vocab).special_tokens[END]

    def text(name: str) -> dict[str, object]:
        return {"Sequence": {"id": name, "type_id": 0}}

    value["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": END, "type_id": 0}}, text("A")],
        "pair": [text("A"), text("B")],
        "special_tokens": {END: {"id": END, "ids": [id], "tokens": [END]}},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(value))
    assert ok("encode", "-t", path, "--template", stdin=b"a\n") == b"%d 97\n" % id
    assert ok("decode", "-t", path, "--template", stdin=b"%d 97\n" % id) == b"a\n"
    fails(2, "encode", "-t", path, "--template", "--eos", END)


def test_foreign_files(vocab, tmp_path):
    tokenizer = Tokenizer.load(vocab)
    path = tmp_path / "x.tiktoken"
    tokenizer.save(path)
    options = ["-t", path, "--pattern", "cl100k"]
    expected = ok("encode", "-t", vocab, "--special", "text", stdin=TEXT)
    assert ok("encode", *options, stdin=TEXT) == expected
    options += ["--special-token", f"{END}={tokenizer.special_tokens[END]}"]
    expected = ok("encode", "-t", vocab, "--special", "token", stdin=TEXT)
    assert ok("encode", *options, "--special", "token", stdin=TEXT) == expected
    assert ok("decode", *options, stdin=expected) == TEXT


def test_special_tokens_that_end_in_a_number(vocab, tmp_path):
    """The id is what follows the last `=`; with one, the text may be any."""
    tokenizer = Tokenizer.load(vocab)
    tokenizer.save(tmp_path / "x.tiktoken")
    options = ["-t", tmp_path / "x.tiktoken", "--pattern", "cl100k", "--special", "token"]
    next_id = 256 + len(tokenizer.merges)
    for given, text, id in [
        ("x=7=900", b"x=7", 900),
        ("xy=800", b"xy", 800),
        ("x=", b"x=", next_id),
    ]:
        ids = ok("encode", *options, "--special-token", given, stdin=text + b"\n")
        assert ids == b"%d\n" % id
