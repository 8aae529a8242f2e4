"""A killed run leaves a complete set or no manifest, and the next run finishes its work."""

import os
import random
import subprocess
import time
from pathlib import Path

import pytest
from calls import ok
from commands import COMMAND

import bpe_tool
from bpe_tool import DataError
from bpe_tool.shards import staging
from bpe_tool.shards.checks import problems
from bpe_tool.shards.manifest import MANIFEST

pytestmark = pytest.mark.usefixtures("hasty_disk")

OLD = [[1], [2, 3], [4]]
NEW = [[5, 6], [7]]


def documents_of(shards: bpe_tool.ShardSet) -> list[list[int]]:
    return [
        shard.ids[shard.bounds[i] : shard.bounds[i + 1]].tolist()
        for shard in shards.shards
        for i in range(shard.documents)
    ]


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


def dies_at(step: int, work) -> bool:
    """Do work in a process that ends, as if killed, before a change of the directory."""
    child = os.fork()
    if child == 0:
        steps = iter(range(step))

        def patched(change):
            def one(*arguments, **options):
                if next(steps, None) is None:
                    os._exit(9)
                return change(*arguments, **options)

            return one

        for name in ("rename", "unlink", "rmdir", "mkdir", "replace"):
            setattr(Path, name, patched(getattr(Path, name)))
        staging.sync_directory = patched(staging.sync_directory)
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize("replaces", [False, True])
def test_killed_before_every_change_of_the_directory(tmp_path, replaces):
    def write(documents: list[list[int]]) -> None:
        bpe_tool.write_shards(documents, folder, vocab_size=9, shard_tokens=1, force=True)

    seen = []
    for step in range(1000):
        folder = tmp_path / f"{step}"
        if replaces:
            write(OLD)
        died = dies_at(step, lambda: write(NEW))
        found = state(folder)
        assert found in ([OLD] if replaces else []) + [None, NEW]
        seen.append(found)
        write(NEW)
        assert state(folder) == NEW
        assert not list(folder.glob(".*"))
        if not died:
            break
    # The old set, then for a moment none, then the new one.
    assert seen == sorted(seen, key=[OLD, None, NEW].index)
    assert seen[-1] == NEW and None in seen and (not replaces or seen[0] == OLD)


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
