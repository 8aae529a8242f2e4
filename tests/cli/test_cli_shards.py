"""`encode --format` into shards, and the verb `shards`."""

import hashlib
import json
import random
import resource
from dataclasses import replace
from pathlib import Path

import commands
import numpy as np
import pytest
from calls import fails, ok, run
from commands import END
from shard_sets import documents_of

import bpe_tool
from bpe_tool import Tokenizer
from bpe_tool.shards.layouts.registry import FORMATS
from bpe_tool.shards.manifest_checks import load_manifest

pytestmark = pytest.mark.usefixtures("hasty_disk")

LINES = [b"It was the best of times", b"", b"it was the worst", b"\xff\x00", b"caf\xc3\xa9"]
TEXT = b"".join(line + b"\n" for line in LINES)
OWN = ["--shard-tokens", 10]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "set"


@pytest.mark.parametrize("format", FORMATS)
def test_records_become_documents(encode, vocab, folder, format):
    tokenizer = Tokenizer.load(vocab)
    end = tokenizer.special_tokens[END]
    arguments = ["--lines", "--eos", END, "--format", format, "--shard-tokens", 10, "-o", folder]
    ok(*encode, *arguments, stdin=TEXT)
    shards = bpe_tool.open_shards(folder)
    assert documents_of(shards) == [[*tokenizer.encode(line), end] for line in LINES]
    assert all(shard.tokens >= 10 for shard in shards.shards[:-1])
    manifest = json.loads((folder / "manifest.json").read_bytes())
    training = json.loads((vocab / "training.json").read_bytes())
    assert manifest["vocab_sha256"] == training["tokenizer_sha256"]
    assert manifest["shard_format"] == format
    assert (manifest["before"], manifest["after"]) == ([], [end])
    assert manifest["special_tokens"] == tokenizer.special_tokens
    assert manifest["pipelines"] == [None]
    assert manifest["max_id"] == max(end, len(tokenizer) - 1)
    for shard in manifest["shards"]:
        for file in shard["files"]:
            data = (folder / file["name"]).read_bytes()
            assert file["bytes"] == len(data)
            assert file["sha256"] == hashlib.sha256(data).hexdigest()


def test_equal_input_gives_equal_bytes(encode, folder, tmp_path, corpora):
    """Threads, files and pipes do not matter."""
    text = corpora[0].read_bytes()
    for name, options in (("a", ["--threads", 1]), ("b", ["--threads", 3])):
        arguments = ["--lines", "--format", "npy", "--shard-tokens", 10_000, "-o", tmp_path / name]
        ok(*encode, *options, *arguments, stdin=text)
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "b").iterdir())
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_each_file_is_a_document(encode, folder, tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(TEXT)
    ok(*encode, tmp_path / "a", tmp_path / "b", "--format", "megatron", "-o", folder)
    assert bpe_tool.open_shards(folder).documents == 2


def test_a_pipeline_is_remembered(encode, folder, pipeline):
    arguments = ["--quiet", "--pipeline", pipeline, "--format", "llmc", "-o", folder]
    ok(*encode, *arguments, stdin=b"It's late")
    digest = bpe_tool.Pipeline.load(pipeline).digest
    assert json.loads((folder / "manifest.json").read_bytes())["pipelines"] == [digest]


def test_skipped_records_are_empty_documents(encode, folder):
    stdin = b'{"text":"a"}\nbad\n{"text":"b"}\n'
    arguments = ["--ndjson", "text", "--eos", END, "--format", "npz", "-o", folder]
    assert run(*encode, *arguments, stdin=stdin).returncode == 1
    assert [len(ids) for ids in documents_of(bpe_tool.open_shards(folder))] == [2, 0, 2]


def test_usage(encode, folder, tmp_path):
    fails(2, *encode, "--format", "llmc")
    fails(2, *encode, "--format", "llmc", "-o", "-")
    fails(2, *encode, "--format", "ids", *OWN, "-o", folder)
    fails(2, *encode, "--format", "llmc", "--offsets", "-o", folder)
    fails(2, *encode, "--force")
    fails(2, *encode, "--format", "llmc", "--shard-tokens", 2**31, "-o", folder)
    assert not folder.exists()
    (tmp_path / "file").touch()
    fails(5, *encode, "--format", "llmc", "-o", tmp_path / "file")


def test_a_set_is_replaced_only_by_force(encode, folder):
    arguments = [*encode, "--lines", "--format", "npy", *OWN, "-o", folder]
    ok(*arguments, stdin=TEXT * 9)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "--force" in fails(2, *arguments, stdin=b"a\n")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    (folder / "notes.txt").write_text("mine")
    ok(*arguments, "--force", stdin=b"a\n")
    left = {path.name for path in folder.iterdir()}
    assert left == {"notes.txt", "manifest.json", "shard-000000.npy", "shard-000000.bounds.npy"}
    assert documents_of(bpe_tool.open_shards(folder)) == [[97]]


def test_what_fails_leaves_the_old_set(encode, folder):
    arguments = [*encode, "--ndjson", "text", "--format", "npy", *OWN, "-o", folder]
    ok(*arguments, stdin=b'{"text":"a"}\n')
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    fails(3, *arguments, "--force", "--special", "error", stdin=b'{"text":"%s"}\n' % END.encode())
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_files_of_others_are_not_touched(encode, folder):
    folder.mkdir()
    (folder / "shard-000000.npy").write_text("mine")
    for force in ([], ["--force"]):
        said = fails(2, *encode, "--format", "npy", *OWN, *force, "-o", folder, stdin=TEXT)
        assert "would be overwritten" in said
    assert [path.read_text() for path in folder.iterdir()] == ["mine"]


# --- the verb ---------------------------------------------------------------------------


@pytest.fixture
def made(encode, folder) -> Path:
    ok(*encode, "--lines", "--eos", END, "--format", "npy", *OWN, "-o", folder, stdin=TEXT)
    return folder


def test_info(made):
    text = ok("shards", "info", made).decode()
    assert "shard-000001  npy     uint16" in text
    assert json.loads(ok("shards", "info", made, "--json")) == json.loads(
        (made / "manifest.json").read_bytes()
    )
    foreign = json.loads(ok("shards", "info", made / "shard-000000.npy", "--json"))
    assert foreign["shards"][0]["dtype"] == "uint16"
    assert b"shard-000000.npy" in ok("shards", "info", made / "shard-000000.npy")


def test_cat(made, decode, encode):
    assert ok(*decode, "--eos", END, stdin=ok("shards", "cat", made)) == TEXT
    assert ok("shards", "cat", made, made, "--format", "ndjson") == 2 * ok(
        *encode, "--lines", "--eos", END, "--format", "ndjson", stdin=TEXT
    )


def test_verify(made):
    done = run("shards", "verify", made)
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"no problems" in done.stderr
    path = made / "shard-000000.npy"
    data = path.read_bytes()

    def findings() -> list[str]:
        done = run("shards", "verify", "-q", made)
        assert done.returncode == 1
        assert done.stderr == b""
        return done.stdout.decode().splitlines()

    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert [line.split(": ")[1][:11] for line in findings()] == ["its SHA-256"]
    path.write_bytes(data[:-1])
    assert "the manifest says" in findings()[0]
    (made / "shard-000001.bounds.npy").unlink()
    path.unlink()
    assert [line.split(": ")[1] for line in findings()] == ["it is missing"] * 2
    (made / "manifest.json").write_bytes(b"{}")
    fails(3, "shards", "verify", made)
    (made / "manifest.json").unlink()
    fails(5, "shards", "verify", made / "nowhere")


def test_verify_looks_into_files_of_others(tmp_path):
    np.save(tmp_path / "a.npy", np.array([1, 2, -1, 4], np.int64))
    np.save(tmp_path / "a.bounds.npy", np.array([0, 3, 2, 4], np.int64))
    done = run("shards", "verify", tmp_path)
    assert done.returncode == 1
    ids, bounds = done.stdout.decode().splitlines()
    assert "id -1 at position 2" in ids
    assert "document 1 ends before it begins" in bounds


@pytest.mark.parametrize("format", ["npz", "parquet"])
def test_merge_and_split(made, tmp_path, format):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    ok("shards", "merge", made, made, "--format", format, "-o", whole)
    ok("shards", "split", whole, "--shard-tokens", 1, "--format", "datatrove", "-o", parts)
    expected = 2 * documents_of(bpe_tool.open_shards(made))
    merged, split = bpe_tool.open_shards(whole), bpe_tool.open_shards(parts)
    assert documents_of(merged) == documents_of(split) == expected
    assert (len(merged.shards), len(split.shards)) == (1, len(expected))
    assert merged.manifest.provenance == bpe_tool.open_shards(made).manifest.provenance
    ok("shards", "verify", "-q", whole, parts)


def test_a_set_can_be_written_over_itself(made):
    expected = documents_of(bpe_tool.open_shards(made))
    ok("shards", "merge", made, "--force", "-o", made)
    shards = bpe_tool.open_shards(made)
    assert (len(shards.shards), documents_of(shards)) == (1, expected)


def test_sets_that_do_not_go_together(made, encode, tmp_path):
    other = tmp_path / "other"
    ok(*encode, "--lines", "--format", "npy", *OWN, "-o", other, stdin=TEXT)
    assert "after each" in fails(2, "shards", "merge", made, other, "-o", tmp_path / "out")
    manifest = load_manifest(other)
    provenance = replace(manifest.provenance, vocab_sha256="0" * 64, after=None)
    changed = replace(manifest, provenance=provenance)
    (other / "manifest.json").write_bytes(changed.to_bytes())
    assert "vocabularies" in fails(2, "shards", "merge", made, other, "-o", tmp_path / "out")


def test_files_of_others_are_merged(made, tmp_path):
    np.array([3, 4, 0, 5, 0], np.uint16).tofile(tmp_path / "train.bin")
    arguments = ["--dtype", "uint16", "--eos", 0, "-o", tmp_path / "out"]
    ok("shards", "merge", tmp_path / "train.bin", *arguments)
    shards = bpe_tool.open_shards(tmp_path / "out")
    assert documents_of(shards) == [[3, 4, 0], [5, 0]]
    assert shards.manifest.provenance.max_id == 5
    assert shards.manifest.provenance.after is None


def test_shuffle(made, tmp_path):
    before = documents_of(bpe_tool.open_shards(made))
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        ok("shards", "merge", made, "--shuffle", "--seed", seed, "-o", tmp_path / name)
    one, same, other = (documents_of(bpe_tool.open_shards(tmp_path / name)) for name in "abc")
    assert one == same != other
    assert sorted(one) == sorted(other) == sorted(before)
    assert b"seed 2" in ok("shards", "info", tmp_path / "c")
    fails(2, "shards", "merge", made, "--seed", 1, "-o", tmp_path / "d")


@pytest.mark.parametrize("format", FORMATS)
def test_a_full_disk(encode, folder, tmp_path, format):
    """A limit on the size of files stands for it.

    The file is named, by its place in the set, and nothing is left.
    """
    text = tmp_path / "text"
    text.write_bytes(random.Random(1).randbytes(20_000))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        said = fails(5, *encode, text, "--format", format, *OWN[:1], 10**6, "-o", folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert f"error: {folder}/shard-000000" in said
    assert not list(folder.iterdir())


def test_from_a_pipe_into_a_process_and_on(encode, decode, folder):
    """All of it as processes, as in a shell."""
    arguments = ["--lines", "--eos", END, "--format", "megatron", "-o", folder]
    commands.ok(*encode, *arguments, stdin=TEXT)
    assert commands.ok(*decode, "--eos", END, stdin=commands.ok("shards", "cat", folder)) == TEXT
