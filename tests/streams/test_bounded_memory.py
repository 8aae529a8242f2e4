"""Memory does not grow with a stream, however small its records are; results flow.

The bounds are several times what is needed, and a fraction of what grows with the input would
take.
"""

import gzip
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from commands import COMMAND, ok

MIB = 1 << 20

#: Of empty records, so many; each once took 30 bytes and more.
RECORDS = 8 * MIB

#: What one process may take, where what is held does not depend on the input.
FLAT = 140 * MIB

#: Measures a process of its own: the largest of all that were waited for is told.
PEAK = """
import resource, subprocess, sys
with open(sys.argv[1], "rb") as stdin, open(sys.argv[2], "wb") as stdout:
    done = subprocess.run(sys.argv[3:], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE)
sys.stderr.buffer.write(done.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(done.returncode)
"""


def peak(*arguments, stdin=os.devnull, code=0):
    """Run the command; return the bytes of memory it took, what it wrote, and what it said."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "out")
        command = [sys.executable, "-c", PEAK, stdin, out, *COMMAND, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, timeout=300)
        assert done.returncode == code, done.stderr
        written = out.stat().st_size
    unit = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout) * unit, written, done.stderr.decode()


@pytest.fixture(scope="module")
def vocab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vocab")
    (folder / "text").write_text("low lower lowest\n" * 20)
    ok("train-vocab", folder / "text", "--vocab-size", "270", "-o", folder / "v.json", "-q")
    return folder / "v.json"


@pytest.fixture(scope="module")
def empty_lines(tmp_path_factory):
    path = tmp_path_factory.mktemp("lines") / "empty"
    path.write_bytes(b"\n" * RECORDS)
    return path


@pytest.mark.parametrize("flags", [[], ["--count"], ["--threads", "8"], ["--format", "ndjson"]])
def test_encode_of_empty_lines(vocab, empty_lines, flags):
    taken, written, _ = peak("encode", "-t", vocab, *flags, empty_lines)
    assert taken < FLAT
    assert written >= RECORDS


def test_encode_of_a_small_file_that_unpacks_to_empty_lines(vocab, tmp_path):
    packed = tmp_path / "lines.gz"
    packed.write_bytes(gzip.compress(b"\n" * RECORDS))
    assert peak("encode", "-t", vocab, packed)[:2] < (FLAT, RECORDS + 1)


def test_a_text_that_is_too_long_to_look_at(vocab, empty_lines):
    """Each of its tokens would be listed, at 1.5 KB."""
    taken, written, said = peak("inspect", "text", "-t", vocab, empty_lines, code=6)
    assert (taken < FLAT, written) == (True, 0)
    assert f"the text has {RECORDS:,} tokens, over 1,000,000" in said
    taken, written, said = peak("inspect", "text", "-t", vocab, *[empty_lines] * 9, code=6)
    assert (taken < 3 * FLAT, written) == (True, 0)
    assert "the text has more than 67,108,864 bytes" in said


@pytest.mark.parametrize("format", ["npz", "npy", "megatron", "datatrove"])
def test_shards_of_empty_lines(vocab, empty_lines, tmp_path, format):
    arguments = ["--lines", "--format", format, "-o", tmp_path / "set"]
    if format == "npy":
        arguments += ["--shard-tokens", "1000"]
    assert peak("encode", "-t", vocab, *arguments, empty_lines)[0] < FLAT
    assert f"{RECORDS:,}".encode() in ok("shards", "info", tmp_path / "set")


@pytest.mark.parametrize(
    "arguments",
    [["decode"], ["inspect", "corpus"], ["train-vocab", "--lines", "--vocab-size", "300"]],
)
def test_other_verbs_on_empty_lines(vocab, empty_lines, tmp_path, arguments):
    trains = arguments[0] == "train-vocab"
    more = ["-o", tmp_path / "out.json"] if trains else ["-t", vocab]
    assert peak(*arguments, *more, empty_lines)[0] < FLAT


def test_long_terminators_are_not_joined_as_a_whole(vocab, tmp_path):
    lines = tmp_path / "lines"
    lines.write_bytes(b"\n" * 20_000)
    separator = "-" * 20_000
    taken, written, _ = peak("decode", "-t", vocab, "--separator", separator, lines)
    assert (taken < FLAT, written) == (True, 20_000 * 20_000)


@pytest.mark.parametrize("arguments", [["encode", "--whole"], ["encode"], ["train-vocab"]])
@pytest.mark.parametrize("pattern", ["cl100k", "none", r"\s+|\S+"])
def test_an_endless_pretoken_is_refused_before_it_is_read(vocab, tmp_path, arguments, pattern):
    sparse = tmp_path / "sparse"
    with sparse.open("wb") as file:
        file.truncate(1 << 40)
    arguments = [*arguments, "--max-pretoken-bytes", str(8 * MIB)]
    if arguments[0] == "train-vocab":
        more = ["--pattern", pattern, "--vocab-size", "300", "-o", tmp_path / "out", "--binary"]
    else:
        ok(
            "train-vocab",
            vocab,
            "--pattern",
            pattern,
            "--vocab-size",
            "260",
            "-o",
            tmp_path / "v",
            "-q",
        )
        more = ["-t", tmp_path / "v"]
    taken, _, said = peak(*arguments, *more, sparse, code=6)
    assert taken < FLAT
    assert f"longer than {8 * MIB} bytes" in said


@pytest.mark.parametrize("verb", [["encode", "--count"], ["encode"], ["decode"]])
def test_results_flow_from_an_endless_stream(vocab, verb):
    """Half a million empty lines are under way at most: the first results come at once."""
    command = [*COMMAND, *verb, "-t", str(vocab)]
    with subprocess.Popen(["yes", ""], stdout=subprocess.PIPE) as lines:
        with subprocess.Popen(command, stdin=lines.stdout, stdout=subprocess.PIPE) as process:
            assert len(process.stdout.read(1000)) == 1000
            process.stdout.close()
        lines.kill()
        lines.stdout.close()


@pytest.mark.parametrize("name", ["zeros.json", "zeros.tiktoken", "zeros-merges.txt"])
def test_what_is_no_vocabulary_is_not_read_on(tmp_path, name):
    with (tmp_path / name).open("wb") as file:
        file.truncate(1 << 29)
    (tmp_path / "zeros-vocab.json").write_text("{}")
    pattern = [] if name.endswith(".json") else ["--pattern", "gpt2"]
    taken, _, said = peak("encode", "-t", tmp_path / name, *pattern, code=4)
    assert taken < FLAT
    assert "zeros" in said


def test_too_large_a_vocabulary_is_refused_by_its_size(tmp_path):
    with (tmp_path / "large.json").open("wb") as file:
        file.write(b"{")
        file.truncate(1 << 40)
    taken, _, said = peak("encode", "-t", tmp_path / "large.json", code=6)
    assert taken < FLAT
    assert "the limit for such a file" in said


@pytest.mark.parametrize("unit", ["a", " \n\t"])
def test_one_long_pretoken_makes_a_vocabulary(tmp_path, unit):
    """Tokens of a million bytes: they take no more memory than their bytes and some."""
    length = 3 * MIB
    text = tmp_path / "text"
    text.write_text(unit * (length // len(unit)) + "x")
    out = tmp_path / "v.json"
    arguments = ["--pattern", "none", "--vocab-size", "300", "-o", out, text]
    assert peak("train-vocab", *arguments)[0] < 100 * length
    ids = ok("encode", "--whole", "-t", out, text)
    assert ok("decode", "--whole", "-t", out, stdin=ids) == text.read_bytes()


def test_messages_quote_a_bounded_part(vocab, tmp_path):
    for arguments, position in [
        (["--pattern", "\x01" * 16_000 + "("], "16001"),
        (["--pattern", "(a|" * 5000], "position"),
        (["--pattern", "a" * 100_000], "16384"),
        (["--vocab-size", "9" * 100_000], "--vocab-size"),
        (["--special-token", "a" * 100_000, "--special-token", "a" * 100_000], "twice"),
    ]:
        given = ["--vocab-size", "300", *arguments]
        done = subprocess.run(
            [*COMMAND, "train-vocab", *given, "-o", tmp_path / "out", vocab], capture_output=True
        )
        assert done.returncode == 2
        assert len(done.stderr) < 5000
        assert position in done.stderr.decode()


def test_limits_of_this_process_are_its_own():
    """The measure works: it is that of the one process."""
    assert 0 < peak("--version")[0] < FLAT
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
