"""Arguments that contradict each other, or what is there, are refused rather than guessed at."""

import json
from pathlib import Path

import pytest
from commands import fails, ok, run, train


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with two vocabularies, and shards of the first one."""
    folder = tmp_path_factory.mktemp("refusals")
    (folder / "a.txt").write_text("It was the best of times\nit was the worst\n")
    for name, eos in [("one", "</s>"), ("other", "<|end|>")]:
        train(folder / "a.txt", "--vocab-size", 270, "--eos", eos, "-o", folder / name)
    encode = ["encode", "-t", folder / "one", "--eos", "</s>", "--format", "npy"]
    ok(*encode, "--shard-tokens", 99, folder / "a.txt", "-o", folder / "shards")
    return folder


def test_a_vocabulary_is_given_once(folder):
    twice = ["-t", folder / "one", "-t", folder / "other"]
    for verb in (["encode"], ["decode"], ["inspect", "vocab"], ["batch", "--pad", 0]):
        message = fails(2, *verb, *twice)
        assert "Invalid value for '-t' / '--tokenizer': given more than once" in message
    assert "Missing option '-t'" in fails(2, "encode")
    assert "given more than once" in fails(2, "encode", *twice[:2], "-o", "a", "-o", "b")


def test_a_default_may_be_given(folder):
    given = ["--errors", "strict", "--workers", 1]
    assert ok("encode", "-t", folder / "one", *given, stdin=b"a\n") == b"97\n"
    assert "needs --pipeline" in fails(2, "encode", "-t", folder / "one", "--errors", "skip")


def test_a_value_without_its_sign(folder):
    message = fails(2, "preprocess", "--remove-stopwords", "english", folder / "a.txt")
    assert "There is no file 'english'. As a value: --remove-stopwords=english" in message
    # A file of that name is a file.
    (folder / "english").write_text("The THE\n")
    lower = ["preprocess", "--lowercase", "--remove-stopwords"]
    assert ok(*lower, "english", cwd=folder).strip() == b""


def test_shards_of_another_vocabulary(folder):
    batch = ["batch", folder / "shards", "--pad"]
    assert "was encoded with another vocabulary" in fails(2, *batch, 0, "-t", folder / "other")
    message = fails(2, *batch, 99999)
    assert "--pad: id 99999 is not in the vocabulary of the shards, whose last id is 269" in message
    assert ok(*batch, "</s>") == ok(*batch, 269, "-t", folder / "one")


def test_an_existing_vocabulary_is_replaced_only_with_force(folder, tmp_path):
    learn = ["train-vocab", folder / "a.txt", "--vocab-size", 260, "-q", "-o"]
    ok(*learn, tmp_path / "dir")
    ok(*learn, tmp_path / "file.json")
    # What others have put there stays; what describes the old vocabulary does not.
    template = tmp_path / "dir" / "chat_template.jinja"
    for path in (template, tmp_path / "dir" / "README.md", tmp_path / "dir" / "merges.txt"):
        path.write_text("old")
    config = tmp_path / "dir" / "tokenizer_config.json"
    config.write_text(json.dumps({"chat_template": "old", "model_max_length": 7}))
    before = (tmp_path / "dir" / "tokenizer.json").read_bytes()
    for name, file in [("dir", "dir/tokenizer.json"), ("file.json", "file.json")]:
        message = fails(2, *learn, tmp_path / name)
        assert f"{tmp_path}/{file} exists\nhint: --force replaces it" in message
    assert (tmp_path / "dir" / "tokenizer.json").read_bytes() == before
    learn[3] = 262
    ok(*learn, tmp_path / "dir", "--force")
    ok(*learn, tmp_path / "file.json", "--force")
    assert (tmp_path / "dir" / "tokenizer.json").read_bytes() != before
    left = {path.name for path in (tmp_path / "dir").iterdir()}
    assert left == {"tokenizer.json", "training.json", "README.md", "merges.txt",
                    "tokenizer_config.json"}  # fmt: skip
    assert "chat_template" not in config.read_text()
    # A directory of other things is no vocabulary.
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "notes.txt").write_text("mine")
    assert run(*learn, tmp_path / "new").returncode == 0


def test_inputs_are_not_replaced_by_what_is_made_of_them(tmp_path):
    text, made = tmp_path / "text", tmp_path / "made"
    text.write_bytes(b"the cat " * 9)
    same = f"{text} is both input and output"
    assert same in fails(2, "counts", "make", text, "-o", text)
    training = ["train-vocab", text, "--vocab-size", 260, "-o", tmp_path / "v.json"]
    assert same in fails(2, *training, "--merges-tsv", text)
    assert "name the same file" in fails(2, *training, "--merges-tsv", tmp_path / "v.json")
    assert text.read_bytes() == b"the cat " * 9
    made.write_bytes(b"mine")
    assert "--force replaces it" in fails(2, *training, "--merges-tsv", made)
    assert made.read_bytes() == b"mine"
    run("counts", "make", text, "-o", made)
    before = made.read_bytes()
    assert f"{made} is both" in fails(
        2, "counts", "merge", made, "--weight", "made=0.5", "-o", made
    )
    assert f"{made} is both" in fails(2, "counts", "export", made, "-o", made)
    assert made.read_bytes() == before


def test_a_price_is_a_number(vocab):
    for price in ("nan", "inf", "-1"):
        assert "--price" in fails(2, "count", "-t", vocab, "--price", price, stdin=b"a")
