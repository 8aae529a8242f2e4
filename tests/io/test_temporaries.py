"""Temporary files are ours alone: nobody reads them, and what was left is removed."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from calls import fails, ok
from commands import COMMAND

from bpe_tool import DataError
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.io.files import expand
from bpe_tool.io.temporaries import is_temporary, refuse_temporary
from bpe_tool.io.unfinished import MANIFEST

WRITER = (
    "import sys; from bpe_tool.io.atomic import AtomicFile\n"
    "with AtomicFile(sys.argv[1]) as file:\n"
    "    file.write(b'new'); print('written', flush=True); sys.stdin.read()"
)

READERS = (["batch", "--pad", 0], ["preprocess", "--lowercase"], ["shards", "cat"])


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def writer(path: Path) -> subprocess.Popen:
    """A process that is writing a file."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"written\n"
    return process


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    process.stdin.close()
    process.stdout.close()


def test_the_next_run_removes_what_a_killed_one_left(tmp_path):
    path = tmp_path / ("n" * 60)
    for _ in range(2):
        end(writer(path))
    [left] = names(tmp_path)
    assert is_temporary(left)
    with AtomicFile(path) as file:
        assert left not in names(tmp_path)
        file.write(b"new")
    assert names(tmp_path) == [path.name]


def test_what_others_are_at_work_on_stays(tmp_path):
    first, second = writer(tmp_path / "file"), writer(tmp_path / "other")
    before = names(tmp_path)
    with AtomicFile(tmp_path / "file") as file:
        file.write(b"one")
        assert set(names(tmp_path)) > set(before)
    assert names(tmp_path) == sorted([*before, "file"])
    first.stdin.close()
    assert first.wait() == 0
    assert (tmp_path / "file").read_bytes() == b"new"
    first.stdout.close()
    end(second)
    with AtomicFile(tmp_path / "file"):
        # That of another file is for those who write that file.
        assert sum(name.startswith(".other.") for name in names(tmp_path)) == 1


def test_files_of_others_stay(tmp_path):
    mine = [".file.tmp", ".file.0123456789abcdeX.tmp", "file.0123456789abcdef.tmp", ".file"]
    mine += [".file.x.0123456789abcdef.tmp", ".file.0123456789abcdef.tmp.bak"]
    for name in mine:
        (tmp_path / name).write_bytes(b"mine")
    (tmp_path / ".file.aaaaaaaaaaaaaaaa.tmp").mkdir()
    (tmp_path / ".file.bbbbbbbbbbbbbbbb.tmp").symlink_to(tmp_path / ".file")
    os.mkfifo(tmp_path / ".file.cccccccccccccccc.tmp")
    before = names(tmp_path)
    with AtomicFile(tmp_path / "file") as file:
        file.write(b"x")
    assert names(tmp_path) == sorted([*before, "file"])


def test_without_locks_nothing_is_removed(tmp_path, monkeypatch):
    end(writer(tmp_path / "file"))
    [left] = names(tmp_path)

    def none(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    with AtomicFile(tmp_path / "file") as file:
        file.write(b"new")
    assert names(tmp_path) == sorted([left, "file"])


def test_one_that_was_taken_for_left_is_made_again(tmp_path, monkeypatch):
    """Between its creation and its lock another process may remove it."""
    real = fcntl.flock
    times = []

    def late(file: int, operation: int) -> None:
        times.append(file)
        if len(times) == 1:
            [path] = tmp_path.iterdir()
            path.unlink()
        elif len(times) == 2:
            raise BlockingIOError(errno.EWOULDBLOCK, os.strerror(errno.EWOULDBLOCK))
        real(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)
    with AtomicFile(tmp_path / "file") as file:
        file.write(b"new")
    assert len(times) == 3
    assert names(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == b"new"


@pytest.mark.parametrize("call", ["open", "dup", "fchmod", "fstat"])
def test_a_signal_while_it_is_made_leaves_nothing(tmp_path, monkeypatch, call):
    """It comes once the system has done what it was asked for."""
    (tmp_path / "file").write_bytes(b"old")
    real = getattr(os, call)

    def interrupted(*arguments: object) -> None:
        real(*arguments)
        if call != "open" or str(arguments[0]).endswith(".tmp"):
            raise KeyboardInterrupt

    monkeypatch.setattr(os, call, interrupted)
    with pytest.raises(KeyboardInterrupt):
        AtomicFile(tmp_path / "file")
    monkeypatch.undo()
    assert names(tmp_path) == ["file"]


def test_a_signal_before_the_context_begins_leaves_nothing(tmp_path):
    # As if the call had returned, and nothing come of it.
    AtomicFile(tmp_path / "file")
    assert names(tmp_path) == []


def test_a_copy_of_the_process_removes_nothing(tmp_path):
    file = AtomicFile(tmp_path / "file")
    child = os.fork()
    if child == 0:
        file.discard()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    file.write(b"new")
    file.commit()
    file.discard()
    assert names(tmp_path) == ["file"]


@pytest.fixture
def unfinished(tmp_path) -> Path:
    """A directory with a text, a file that is being written, and one of a set of shards."""
    folder = tmp_path / "in"
    (folder / "below" / ".shards.0123456789abcdef.tmp").mkdir(parents=True)
    (folder / "below" / MANIFEST).touch()
    (folder / "below" / ".shards.0123456789abcdef.tmp" / "shard-000000.ndjson").write_text("x")
    (folder / "text").write_text("text")
    (folder / ".out.txt.0123456789abcdef.tmp").write_text("half")
    return folder


def found(*paths: object) -> list[str]:
    return [Path(source.name).name for source in expand(list(map(str, paths)))]


def test_temporaries_are_not_among_the_files_of_a_directory(unfinished):
    assert found(unfinished) == [MANIFEST, "text"]
    assert found(f"{unfinished}/*") == [MANIFEST, "text"]
    assert found(f"{unfinished}/**") == [MANIFEST, "text"]
    for pattern in (".out*", "below/.s*", "**/*.ndjson"):
        with pytest.raises(FileNotFoundError, match="no file matches"):
            expand([f"{unfinished}/{pattern}"])


def test_temporaries_that_are_named_are_refused(unfinished, encode, decode):
    inner = unfinished / "below" / ".shards.0123456789abcdef.tmp"
    for path in (
        unfinished / ".out.txt.0123456789abcdef.tmp",
        inner,
        inner / "shard-000000.ndjson",
    ):
        for verb in (
            encode,
            decode,
            ["batch", "--pad", 0],
            ["preprocess", "--lowercase"],
            ["shards", "cat"],
        ):
            message = fails(3, *verb, path)
            assert "is still at work or was killed" in message and str(path) in message
    with pytest.raises(DataError):
        refuse_temporary(inner)


def test_a_vocabulary_that_is_being_written_is_refused(vocab, tmp_path):
    half = tmp_path / ".tokenizer.json.0123456789abcdef.tmp"
    half.write_bytes((vocab / "tokenizer.json").read_bytes())
    assert "was killed" in fails(4, "encode", "-t", half, "--count", stdin=b"x")


def test_sets_that_are_not_complete_are_refused(tmp_path, encode, decode, request):
    """While one is written, and after its writer was killed; one that is replaced is complete."""
    text, folder = tmp_path / "text", tmp_path / "set"
    text.write_bytes(b"one\ntwo\n")
    shards = ["--lines", "--format", "ndjson", "--shard-tokens", 2, "-o", folder]
    readers = (
        decode,
        ["batch", "--pad", 0],
        encode,
        ["preprocess", "--lowercase"],
        ["shards", "cat"],
    )
    arguments = [*COMMAND, *map(str, [*encode, *shards, text, "-"])]
    process = subprocess.Popen(arguments, stdin=subprocess.PIPE)
    request.addfinalizer(lambda: (process.kill(), process.wait(), process.stdin.close()))
    process.stdin.write(b"three\n" * 100_000)
    process.stdin.flush()
    while not list(folder.glob(".shards.*.tmp/shard-000001.ndjson")):
        assert process.poll() is None
    for verb in readers:
        assert "incomplete" in fails(3, *verb, folder)
        # Also below what is named.
        if verb[0] != "shards":
            assert "incomplete" in fails(3, *verb, tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    for verb in readers:
        assert "incomplete" in fails(3, *verb, folder)
    ok(*encode, *shards, text)
    (folder / ".shards.0123456789abcdef.tmp").mkdir()
    assert ok("shards", "cat", folder).count(b"\n") == 2


@pytest.mark.parametrize("format", ["ndjson", "u16", "npy"])
def test_shards_without_a_manifest_are_refused_as_a_directory(tmp_path, encode, decode, format):
    """Also what lies beside them would be read, such as where documents end."""
    folder = tmp_path / "set"
    text = tmp_path / "text"
    text.write_bytes(b"one\ntwo\n")
    ok(*encode, "--lines", "--format", format, "--shard-tokens", 2, "-o", folder, text)
    (folder / MANIFEST).unlink()
    for verb in (decode, ["batch", "--pad", 0]):
        assert "no manifest" in fails(3, *verb, "--format", format, folder)
    assert "no manifest" in fails(3, *encode, folder)
    # Files that are named are read.
    files = sorted(folder.glob(f"shard-00000?.{format}"))
    assert ok(*decode, "--format", format, *files) == text.read_bytes().replace(
        b"\n", b"\n" if format == "ndjson" else b""
    )
