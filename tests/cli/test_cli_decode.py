"""The verb `decode`: the inverse of `encode`."""

import json

import numpy as np
import pytest
from commands import END, TEXT, fails, ok, run

from bpe_tool import Tokenizer

UNITS = [["--lines"], ["--whole"], ["--null"], ["--separator", "of "]]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit[0])
def test_round_trip(encode, decode, unit):
    for text, format in [(TEXT, "ids"), (TEXT + b"\n", "ndjson"), (b"", "ids")]:
        ids = ok(*encode, *unit, "--format", format, stdin=text)
        assert ok(*decode, *unit, "--format", format, stdin=ids) == text


@pytest.mark.parametrize("format", ["u16", "u32", "npy"])
def test_raw_files(encode, decode, vocab, tmp_path, format):
    source, out = tmp_path / "text", tmp_path / "ids"
    source.write_bytes(TEXT)
    ids = Tokenizer.load(vocab).encode(TEXT)
    ok(*encode, "--format", format, "-o", out, source)
    if format == "npy":
        assert np.load(out).tolist() == ids
    else:
        assert np.fromfile(out, {"u16": "<u2", "u32": "<u4"}[format]).tolist() == ids
    assert ok(*decode, "--format", format, out) == TEXT
    # Several records need a token between them.
    for several in (["--lines", source], [source, source]):
        said = fails(2, *encode, "--format", format, "-o", tmp_path / "not", *several)
        assert "hint: end each with a special token: --eos" in said
        ok(*encode, "--format", format, "--eos", END, "-o", out, *several)
    fails(2, *decode, "--format", format, "--lines", out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ids", "text"]
    frame = ["--bos", "65", "--eos", END]
    ok(*encode, "--format", format, *frame, "--lines", "-o", out, source)
    assert ok(*decode, "--format", format, *frame, "--lines", out) == TEXT + b"\n"


def test_ndjson_fields(encode, decode):
    data = b'{"text":"a b","id":1}\n{"text":""}\nnull\n{"text":"\xc3\xa9\\n"}\n'
    for format in ("ids", "ndjson"):
        arguments = ["--ndjson", "text", "--format", format]
        texts = ok(*decode, *arguments, stdin=ok(*encode, *arguments, stdin=data))
        expected = [{"text": "a b"}, {"text": ""}, None, {"text": "\u00e9\n"}]
        if format == "ids":
            expected[2] = {"text": ""}
        assert [json.loads(line) for line in texts.splitlines()] == expected


def test_tokens_around_records(encode, decode, vocab):
    id = Tokenizer.load(vocab).special_tokens[END]
    frame = ["--bos", "65", "--eos", END]
    assert ok(*encode, *frame, stdin=b"a\n\nb") == b"65 97 %d\n65 %d\n65 98 %d" % (id, id, id)
    assert ok(*decode, *frame, stdin=ok(*encode, *frame, stdin=TEXT)) == TEXT


def test_ids_that_are_none(decode):
    ndjson = [*decode, "--format", "ndjson"]
    said = fails(3, *ndjson, stdin=b'{"ids":[999]}\n{"ids":[97]}\n')
    assert "<stdin>: line 1: id 999 at position 0 is not in the vocabulary" in said
    done = run(*ndjson, stdin=b'{"ids":[97]}\n{"ids":[98,-2]}\n')
    assert (done.returncode, done.stdout) == (1, b"a\n\n")
    assert b"warning: <stdin>: line 2: -2 at position 1 is not an id" in done.stderr
