"""A real cluster of several node processes on this machine, some of which are killed."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import slow_units
from commands import TEXT, fails, ok, run
from work_units import content

pytest.importorskip("ray")
pytestmark = pytest.mark.filterwarnings("ignore")

#: So small that a cluster of three fits a small machine.
NODE = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False}


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """A head without work of its own, and two nodes that work."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("PYTHONPATH", str(Path(slow_units.__file__).parent))
        yield from nodes(Cluster)


def nodes(make: type) -> Iterator[object]:
    cluster = make()
    try:
        try:
            cluster.add_node(**{**NODE, "num_cpus": 0})
            for _ in range(2):
                cluster.add_node(**NODE)
        except Exception as error:
            pytest.skip(f"no cluster of Ray can be started here: {error}")
        yield cluster
    finally:
        cluster.shutdown()


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough units that something is at work whenever something is killed."""
    folder = tmp_path_factory.mktemp("corpus")
    generator = random.Random(7)
    words = [*TEXT.replace(b"\0", b"").decode(errors="ignore").split(), "été", "worse", ""]
    for name in ("a", "b"):
        lines = (" ".join(generator.choices(words, k=12)) for _ in range(20_000))
        (folder / name).write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def expected(vocab: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict:
    """What one process writes."""
    folder = tmp_path_factory.mktemp("one") / "out"
    ok(*encoded(vocab, corpus, folder))
    return content(folder)


def encoded(vocab: Path, corpus: Path, output: Path, *more: object) -> list[object]:
    options = ["--lines", "--special", "text", "--format", "npy", "--shard-tokens", 100_000]
    return ["encode", "-t", vocab, *options, corpus, "-o", output, *more]


def on_cluster(cluster: object, *more: object) -> list[object]:
    return ["--ray", cluster.address, "--unit-bytes", 50_000, *more]


def marks(output: Path) -> int:
    return len(list(output.with_name(output.name + ".work").glob("units/marks/*/*.json")))


def wait_for(condition, process: subprocess.Popen) -> bool:
    """Wait until something is so; return whether it was before the process ended."""
    while not condition():
        if process.poll() is not None:
            return False
        time.sleep(0.01)
    return True


def start(*arguments: object) -> subprocess.Popen:
    code = "import slow_units, sys; sys.exit(slow_units.slowly())"
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def workers(cluster: object) -> list[int]:
    """The processes of this cluster that do units."""
    nodes = {each.process.pid for node in cluster.worker_nodes
             for each in node.all_processes.get("raylet", [])}  # fmt: skip
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent in nodes and b"_serve" in (entry / "cmdline").read_bytes():
                found.append(int(entry.name))
    return found


def test_equal_to_one_process(cluster, vocab, corpus, expected, tmp_path):
    assert ok(*encoded(vocab, corpus, tmp_path / "out", *on_cluster(cluster))) == b""
    assert content(tmp_path / "out") == expected
    assert not (tmp_path / "out.work").exists()


def test_equal_although_workers_and_machines_die(cluster, vocab, corpus, expected, tmp_path):
    output = tmp_path / "out"
    process = start(*encoded(vocab, corpus, output, *on_cluster(cluster)))
    killed = 0
    try:
        for done in (2, 6, 10):
            if wait_for(lambda done=done: marks(output) >= done, process):
                for worker in workers(cluster)[:1]:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
                        killed += 1
        if wait_for(lambda: marks(output) >= 12, process):
            cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
            killed += 1
            cluster.add_node(**NODE)
    finally:
        output_of, message = process.communicate()
    assert process.returncode == 0, message
    assert killed
    assert output_of == b""
    assert b"the worker was lost" in message
    assert content(output) == expected


def test_equal_although_the_driver_dies(cluster, vocab, corpus, expected, tmp_path):
    output = tmp_path / "out"
    arguments = encoded(vocab, corpus, output, *on_cluster(cluster))
    stopped = 0
    for number, sign in enumerate((signal.SIGKILL, signal.SIGTERM, signal.SIGINT), start=1):
        process = start(*arguments)
        if wait_for(lambda number=number: marks(output) >= 4 * number, process):
            process.send_signal(sign)
            stopped += 1
        message = process.communicate()[1].decode()
        assert "Traceback" not in message
        if process.returncode == 0:
            break
    assert stopped
    if process.returncode:
        done = run(*arguments)
        assert done.returncode == 0, done.stderr
        assert b"units were finished before" in done.stderr
    assert content(output) == expected


def test_preprocessing_is_equal_to_one_process(cluster, corpus, tmp_path):
    steps = ["preprocess", "--lowercase", "--expand-contractions", corpus]
    ok(*steps, "-o", tmp_path / "one.txt")
    ok(*steps, "-o", tmp_path / "many.txt", *on_cluster(cluster))
    assert (tmp_path / "many.txt").read_bytes() == (tmp_path / "one.txt").read_bytes()


def test_failing_units_and_poison(cluster, vocab, tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"one\n" * 50 + TEXT.replace(b"\n", b" ") + b"\n" + b"two\n" * 50)
    arguments = ["encode", "-t", vocab, "--special", "error", "--format", "npz", "--lines", path,
                 "-o", tmp_path / "out", "--ray", cluster.address, "--unit-bytes", 40]  # fmt: skip
    done = run(*arguments)
    assert done.returncode == 3
    assert b"1 of " in done.stderr and b"units failed; the others are finished" in done.stderr
    assert b"special token" in done.stderr
    aside = tmp_path / "aside"
    refused = fails(2, *arguments, "--set-aside", aside)
    assert "unfinished work with another --set-aside" in refused
    arguments[arguments.index(tmp_path / "out")] = tmp_path / "other"
    done = run(*arguments, "--set-aside", aside)
    assert done.returncode == 1
    assert b"1 record was skipped" in done.stderr
    (place,) = map(json.loads, aside.read_text().splitlines())
    assert place["start"] == 200


def test_a_cluster_that_is_not_there(vocab, corpus, tmp_path):
    for address in ("127.0.0.1:1", "ray://127.0.0.1:1"):
        message = fails(5, *encoded(vocab, corpus, tmp_path / "out", "--ray", address))
        assert f"{address}: no Ray cluster can be reached here (0 s): Connection refused" in message
        assert not (tmp_path / "out").exists()


def test_a_cluster_of_this_machine_alone(vocab, corpus, expected, tmp_path):
    assert ok(*encoded(vocab, corpus, tmp_path / "out", "--ray", "local")) == b""
    assert content(tmp_path / "out") == expected
