"""A killed run leaves a complete set or no manifest, and the next run finishes its work."""

import contextlib
import errno
import fcntl
import os
import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from calls import ok
from commands import COMMAND
from faults import Fault, failures, kills
from shard_sets import documents_of

import bpe_tool
from bpe_tool import DataError
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.runtime import signals
from bpe_tool.shards import staging
from bpe_tool.shards.verify import problems

pytestmark = pytest.mark.usefixtures("hasty_disk")

OLD = [[1], [2, 3], [4]]
NEW = [[5, 6], [7]]


def state(folder: Path) -> list[list[int]] | None:
    """The documents of the set, which is sound; nothing if there is no manifest."""
    if not (folder / MANIFEST).exists():
        # What is there is not taken for a set of another program.
        if folder.exists():
            with pytest.raises(DataError):
                bpe_tool.open_shards(folder)
        return None
    shards = bpe_tool.open_shards(folder)
    assert list(problems(shards)) == []
    return documents_of(shards)


def write(folder: Path, documents: list[list[int]]) -> None:
    bpe_tool.write_shards(documents, folder, vocab_size=9, shard_tokens=1, force=True)


def begin(folder: Path, replaces: bool) -> None:
    """Let there be the old set, or nothing."""
    shutil.rmtree(folder, ignore_errors=True)
    if replaces:
        write(folder, OLD)


def recover(folder: Path) -> None:
    """Do what any next run does before it begins, whatever becomes of it then."""
    with contextlib.suppress(bpe_tool.ArgumentError):
        staging.Staging(folder, force=False).close()


@pytest.mark.parametrize("replaces", [False, True])
def test_killed_before_every_change_of_the_directory(tmp_path, replaces):
    folder, copy = tmp_path / "set", tmp_path / "copy"
    before = OLD if replaces else None
    seen = []
    for _ in kills(lambda: begin(folder, replaces), lambda: write(folder, NEW)):
        found = state(folder)
        seen.append(found)
        shutil.rmtree(copy, ignore_errors=True)
        if folder.exists():
            shutil.copytree(folder, copy)
            # A set that was lost for a moment is there again, and nothing else.
            recover(folder)
            assert state_or_nothing(folder) == (NEW if found == NEW else before)
            assert not list(folder.glob(".*"))
            write(copy, NEW)
            assert state(copy) == NEW
            assert not list(copy.glob(".*"))
    # The old set, then for a moment none, then the new one.
    assert seen == sorted(seen, key=[OLD, None, NEW].index)
    assert seen[-1] == NEW and None in seen and (not replaces or seen[0] == OLD)


def test_signals_while_something_is_removed(tmp_path):
    """What is undone may have been begun already."""
    folder, step, seen = tmp_path / "set", 0, []

    def end(*arguments: object) -> None:
        for undo in reversed(list(signals._undo.values())):
            with contextlib.suppress(OSError):
                undo()
        assert not list(folder.glob(".*"))
        seen.append(state(folder))
        raise KeyboardInterrupt

    while True:
        begin(folder, True)
        fault = Fault(step, end)
        with fault.waiting(("unlink", "rmdir")), contextlib.suppress(KeyboardInterrupt):
            write(folder, NEW)
        if not fault.met:
            break
        step += 1
    assert OLD in seen and NEW in seen
    assert seen == sorted(seen, key=[OLD, NEW].index)


def state_or_nothing(folder: Path) -> list[list[int]] | None:
    """The documents of the set; nothing if there is no file at all."""
    return state(folder) if list(folder.iterdir()) else None


def test_killed_while_what_a_killed_run_left_is_put_back(tmp_path):
    folder, lost = tmp_path / "set", tmp_path / "lost"
    moments = 0
    for _ in kills(lambda: begin(folder, True), lambda: write(folder, NEW)):
        if state(folder) is not None:
            continue
        moments += 1
        shutil.rmtree(lost, ignore_errors=True)
        folder.rename(lost)

        def again() -> None:
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(lost, folder)

        for _ in kills(again, lambda: recover(folder)):
            assert state(folder) in (None, OLD)
            recover(folder)
            assert state(folder) == OLD
            assert not list(folder.glob(".*"))
    assert moments > 9


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("replaces", [False, True])
def test_whatever_fails_the_old_set_stays(tmp_path, replaces, error):
    folder = tmp_path / "set"
    names = set()
    for raised in failures(
        lambda: begin(folder, replaces), lambda: write(folder, NEW), error=error
    ):
        if raised is None:
            assert state(folder) == NEW
            continue
        assert raised.errno == error
        assert str(folder) in str(raised.filename) or raised.filename == str(tmp_path)
        assert ".tmp" not in str(raised)
        names.add(Path(raised.filename).name)
        if folder.exists():
            recover(folder)
            assert state_or_nothing(folder) == (OLD if replaces else None)
            assert not list(folder.glob(".*"))
    assert names >= {"shard-000000.npy", "shard-000001.bounds.npy", MANIFEST, "set"}


def test_an_old_manifest_that_cannot_be_read_is_an_error_of_the_system(tmp_path, monkeypatch):
    """Nothing says then which files are of the old set."""
    write(tmp_path, OLD)

    def broken(file: int, size: int) -> bytes:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "read", broken)
        with pytest.raises(OSError, match="Input/output") as raised:
            write(tmp_path, NEW)
    assert raised.value.filename == str(tmp_path / MANIFEST)
    assert state(tmp_path) == OLD


def test_without_locks_what_is_left_is_told(tmp_path, monkeypatch):
    def none(*arguments: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", none)
    write(tmp_path, OLD)
    assert state(tmp_path) == OLD
    left = tmp_path / ".shards.0123456789abcdef.tmp"
    left.mkdir()
    with pytest.raises(bpe_tool.ArgumentError, match="or was killed") as raised:
        write(tmp_path, NEW)
    assert str(left) in str(raised.value)
    left.rmdir()
    write(tmp_path, NEW)
    assert state(tmp_path) == NEW


@pytest.mark.parametrize("format", ["npy", "megatron"])
def test_killed_at_any_moment(encode, tmp_path, format, corpora):
    folder = tmp_path / "set"
    arguments = [*encode, "--lines", "--format", format, "--shard-tokens", "3000"]
    arguments += ["--force", "-o", folder, corpora[0]]
    start = time.monotonic()
    subprocess.run([*COMMAND, *map(str, arguments)], check=True)
    duration = time.monotonic() - start
    expected = documents_of(bpe_tool.open_shards(folder))
    generator = random.Random(format)
    for round in range(6):
        if round % 2:
            (folder / MANIFEST).unlink(missing_ok=True)
            for path in folder.glob("shard-*"):
                path.unlink()
        process = subprocess.Popen([*COMMAND, *map(str, arguments)])
        time.sleep(duration * generator.uniform(0.2, 1.05))
        process.kill()
        process.wait()
        assert state(folder) in (None, expected)
        ok(*arguments)
        assert state(folder) == expected
        assert not list(folder.glob(".*"))


def test_two_processes_do_not_write_to_the_same_directory(tmp_path):
    first = staging.Staging(tmp_path, force=False)
    with pytest.raises(bpe_tool.ArgumentError, match="another process"):
        staging.Staging(tmp_path, force=True)
    first.close()
    staging.Staging(tmp_path, force=False).close()
    assert not list(tmp_path.iterdir())
