"""Pipelines before `train-vocab` and `encode`."""

import json
from pathlib import Path

import pytest
from commands import fails, ok, run
from preprocess_example import CLEAN, TEXT

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.pipeline import Pipeline


@pytest.fixture
def vocab(tmp_path: Path, pipeline: Path) -> Path:
    """A vocabulary trained with the pipeline."""
    text = tmp_path / "text.txt"
    text.write_bytes(TEXT * 20)
    done = run(
        "train-vocab", text, "--vocab-size", 300, "--pipeline", pipeline, "-o", tmp_path / "vocab"
    )
    assert done.returncode == 0, done.stderr
    assert f"--pipeline {tmp_path / 'vocab'}".encode() in done.stderr
    return tmp_path / "vocab"


def test_training_behind_a_pipeline(tmp_path, vocab, pipeline):
    clean = tmp_path / "clean.txt"
    clean.write_bytes(ok("preprocess", "--pipeline", pipeline, "--whole", tmp_path / "text.txt"))
    run("train-vocab", clean, "--vocab-size", 300, "-o", tmp_path / "plain")
    first, second = (folder / "tokenizer.json" for folder in (vocab, tmp_path / "plain"))
    assert first.read_bytes() == second.read_bytes()
    record = json.loads((vocab / "training.json").read_bytes())["pipeline"]
    loaded = Pipeline.load(pipeline)
    assert record == {**loaded.spec(), "digest": loaded.digest}
    assert json.loads((tmp_path / "plain" / "training.json").read_bytes())["pipeline"] is None
    # The record is a pipeline file, too, and so is the directory.
    for path in (vocab, vocab / "training.json"):
        assert Pipeline.load(path) == loaded
        assert ok("preprocess", "--pipeline", path, stdin=TEXT) == CLEAN
    with pytest.raises(ArgumentError, match="trained without a pipeline"):
        Pipeline.load(tmp_path / "plain")


@pytest.mark.parametrize(
    "options",
    [
        ["--lines"], ["--null"], ["--whole"], ["--separator", "."], ["--lines", "--workers", "2"],
    ],
)  # fmt: skip
def test_encoding_equals_preprocessing_first(vocab, options):
    unit = [option for option in options if option not in ("--workers", "2")]
    data = TEXT + b"\n!\nA\0!."
    clean = ok("preprocess", "--pipeline", vocab, *unit, stdin=data)
    for format in ("ids", "ndjson"):
        encode = ["encode", "-t", vocab, "-q", "--format", format]
        expected = ok(*encode, *unit, stdin=clean)
        assert ok(*encode, "--pipeline", vocab, *options, stdin=data) == expected


def test_encoding_fields(vocab):
    data = b'{"t":"It\'s"}\nnull\n{"t":"!"}\n{"t":"a\\nB"}'
    clean = ok("preprocess", "--pipeline", vocab, "--ndjson", "t", stdin=data)
    encode = ["encode", "-t", vocab, "-q", "--format", "ndjson", "--ndjson", "t"]
    assert ok(*encode, "--pipeline", vocab, stdin=data) == ok(*encode, stdin=clean)


def test_documents_that_become_empty_keep_their_place(vocab, tmp_path):
    (tmp_path / "a").write_bytes(b"!")
    (tmp_path / "b").write_bytes(b"B")
    (tmp_path / "c").write_bytes(b"\xff")
    files = [tmp_path / name for name in "abc"]
    command = ["encode", "-t", vocab, "--pipeline", vocab, "--whole", "--errors", "skip", *files]
    done = run(*command)
    assert (done.returncode, done.stdout) == (1, b"\n98\n\n")
    assert run(*command, "--format", "ndjson").stdout == b'{"ids":[]}\n{"ids":[98]}\nnull\n'


def test_another_pipeline_than_in_training_is_a_warning(vocab, tmp_path):
    done = run("encode", "-t", vocab, stdin=b"a\n")
    assert done.returncode == 0
    assert b"trained with a pipeline, but none is used\nhint: --pipeline" in done.stderr
    ok("encode", "-t", vocab, "--pipeline", vocab, stdin=b"a\n")
    ok("encode", "-t", vocab / "tokenizer.json", "--pipeline", vocab, stdin=b"a\n")
    other = tmp_path / "other.json"
    other.write_text('{"version": 1, "steps": [{"step": "lowercase"}]}')
    done = run("encode", "-t", vocab, "--pipeline", other, stdin=b"a\n")
    assert b"trained with a different pipeline" in done.stderr
    run("train-vocab", other, "--vocab-size", 256, "-o", tmp_path / "plain")
    ok("encode", "-t", tmp_path / "plain", stdin=b"a\n")
    done = run("encode", "-t", tmp_path / "plain", "--pipeline", other, stdin=b"a\n")
    assert b"trained without a pipeline, but one is used" in done.stderr


def test_a_record_whose_data_changed_is_a_warning(vocab):
    path = vocab / "training.json"
    record = json.loads(path.read_bytes())
    record["pipeline"]["digest"] = "0" * 64
    path.write_text(json.dumps(record))
    done = run("preprocess", "--pipeline", vocab, stdin=b"A\n")
    assert (done.returncode, done.stdout) == (0, b"a\n")
    assert b"no longer gives the results that were recorded" in done.stderr


@pytest.mark.parametrize(
    "verb", [["encode", "-t", "x"], ["train-vocab", "--vocab-size", "300", "-o", "x"]]
)
def test_options_of_pipelines_need_one(verb, vocab):
    verb = [vocab if each == "x" else each for each in verb]
    for option in (["--errors", "skip"], ["--workers", "2"]):
        assert f"{option[0]} applies to preprocessing: it needs --pipeline" in fails(
            2, *verb, *option
        )


def test_pipelines_in_python(tmp_path, vocab):
    import bpe_tool

    pipeline = Pipeline.load(vocab)
    options = {"vocab_size": 300, "pattern": "gpt2"}
    texts = [TEXT, TEXT.decode(), b""]
    expected = bpe_tool.train_vocab([pipeline.apply(TEXT.decode())] * 2 + [""], **options)
    assert bpe_tool.train_vocab(texts, pipeline=pipeline, **options).merges == expected.merges
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_bytes(TEXT)
    paths = [tmp_path / "one.txt", tmp_path / "two.txt"]
    learned = bpe_tool.train_vocab_from_files(paths, pipeline=pipeline, **options)
    assert learned.merges == expected.merges
    with pytest.raises(bpe_tool.DataError, match="not UTF-8 at byte 1"):
        bpe_tool.train_vocab([b"a\xff"], pipeline=pipeline, **options)
    ids = ok("encode", "-t", vocab, "--pipeline", vocab, stdin=b"It's SO\n")
    tokenizer = bpe_tool.Tokenizer.load(vocab)
    assert [int(id) for id in ids.split()] == tokenizer.encode(pipeline.apply("It's SO"))
