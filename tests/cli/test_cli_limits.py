"""What the system refuses, such as memory, threads, processes and room: a sentence and a code."""

import errno
import os
import resource
import subprocess
import sys
import threading
from operator import neg
from pathlib import Path

import pytest
from commands import COMMAND, END, fails, ok, run

from bpe_tool.errors import BpeToolWarning
from bpe_tool.runtime import thread_start
from bpe_tool.runtime.pool import Pool
from bpe_tool.streams import workers

NO_THREADS = """
import threading
def refuse(self):
    raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
"""
NO_PROCESSES = """
from multiprocessing.context import SpawnProcess
def refuse(self):
    raise BlockingIOError(11, "Resource temporarily unavailable")
SpawnProcess.start = refuse
"""
MEMORY = "bpe-tool: error: not enough memory\nhint: "


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("It's late, isn't it? Ten green bottles\n" * 5_000)
    return path


@pytest.fixture
def verbs(vocab, text, tmp_path):
    """Every verb that does much, by its name, with what it writes at `out`."""
    ids, out = tmp_path / "ids.txt", tmp_path / "out"
    ids.write_bytes(ok("encode", "-t", vocab, "--special", "text", text))
    out.mkdir()
    return {
        "train-vocab": ["train-vocab", text, "--vocab-size", 400, "--force", "-o", out / "v"],
        "encode": ["encode", "-t", vocab, text, "-o", out / "x"],
        "encode-npy": ["encode", "-t", vocab, "--format", "npy", text, "-o", out / "x"],
        "decode": ["decode", "-t", vocab, ids, "-o", out / "x"],
        "preprocess": ["preprocess", "--lowercase", text, "-o", out / "x"],
        "workers": ["preprocess", "--workers", 2, "--lowercase", text, "-o", out / "x"],
        "batch": ["batch", "--pad", 0, ids, "-o", out / "x.npz"],
        "inspect-corpus": ["inspect", "corpus", "-t", vocab, text],
        "inspect-vocab": ["inspect", "vocab", "-t", vocab],
        "convert": ["convert", vocab, out / "x.tiktoken"],
    }


def start_code(tmp_path, code: str) -> dict[str, str]:
    """An environment in which processes run some code first."""
    (tmp_path / "sitecustomize.py").write_text(code)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": path}


NAMES = [
    "train-vocab", "encode", "encode-npy", "decode", "preprocess", "workers", "batch",
    "inspect-corpus", "inspect-vocab", "convert",
]  # fmt: skip


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere address space is not limited")
@pytest.mark.parametrize("name", NAMES)
def test_without_memory_there_is_a_sentence_and_nothing_is_left(verbs, tmp_path, name):
    """From a limit with which hardly anything can be loaded to one that is enough."""
    codes = set()
    for mebibytes in [32, 56, 68, 96, 136, 2048]:

        def limit(size: int = mebibytes << 20) -> None:
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        done = run(*verbs[name], preexec_fn=limit)
        message = done.stderr.decode()
        assert done.returncode in (0, 6), (mebibytes, message)
        if done.returncode:
            assert MEMORY in message, mebibytes
            assert "Traceback" not in message
            assert "panicked" not in message
        assert not list((tmp_path / "out").rglob(".*")), mebibytes
        codes.add(done.returncode)
    assert codes == {0, 6}


@pytest.mark.parametrize("name", NAMES)
def test_without_threads_of_python_the_work_is_done_nevertheless(verbs, tmp_path, name):
    done = run(*verbs[name], env=start_code(tmp_path, NO_THREADS))
    assert done.returncode == 0, done.stderr
    message = b"the system refuses a thread; the work is done in one process"
    assert (message in done.stderr) == (name == "workers")


def test_without_processes_the_work_is_done_nevertheless(verbs, tmp_path):
    done = run(*verbs["workers"], env=start_code(tmp_path, NO_PROCESSES))
    assert done.returncode == 0
    assert done.stderr.decode() == (
        "bpe-tool: warning: the system refuses another worker process (Resource temporarily "
        "unavailable); this one does the work\n"
    )
    assert (tmp_path / "out" / "x").read_bytes() == ok(*verbs["preprocess"][:-2])


def test_fewer_processes_do_the_work_where_there_are_no_more(monkeypatch):
    start = workers.SpawnProcess.start

    def refuse(process: workers.SpawnProcess) -> None:
        if len(started) == 2:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        started.append(process)
        start(process)

    started: list[object] = []
    monkeypatch.setattr(workers.SpawnProcess, "start", refuse)
    with pytest.warns(BpeToolWarning, match=r"\(Too many open files\); 2 do the work"):
        assert list(workers.in_order(neg, range(50), 8)) == [-each for each in range(50)]
    assert len(started) == 2


def test_no_more_processes_are_started_than_there_is_work(monkeypatch):
    start = workers.SpawnProcess.start
    started: list[object] = []
    monkeypatch.setattr(
        workers.SpawnProcess, "start", lambda each: (started.append(each), start(each))
    )
    assert list(workers.in_order(neg, range(3), 1024)) == [0, -1, -2]
    assert 1 <= len(started) <= 3


def test_an_item_that_cannot_be_sent_is_an_error_at_its_place():
    results = workers.in_order(neg, iter([1, 2, threading.Lock()]), 2)
    assert [next(results), next(results)] == [-1, -2]
    with pytest.raises(TypeError, match="pickle"):
        next(results)


@pytest.mark.parametrize("given", [0, 1, 3])
def test_a_pool_works_with_the_threads_it_gets(monkeypatch, given):
    def start(work, **options):
        if len(made) == given:
            return None
        made.append(real(work, **options))
        return made[-1]

    made: list[threading.Thread] = []
    real = thread_start.start
    monkeypatch.setattr(thread_start, "start", start)
    with Pool(3) as pool:
        futures = [pool.submit(divmod, each, 7) for each in range(20)]
        failed = pool.submit(divmod, 1, 0)
        assert [each.result() for each in futures] == [divmod(each, 7) for each in range(20)]
        assert isinstance(failed.exception(), ZeroDivisionError)
    assert len(made) == given
    assert not any(thread.is_alive() for thread in made)
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(divmod, 1, 1)


def test_a_thread_that_is_refused_elsewhere_is_a_limit(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        "import bpe_tool.cli.verbs as verbs, threading\n"
        "from bpe_tool.__main__ import main\n"
        'def refuse(*anything):\n    raise RuntimeError("can\'t start new thread")\n'
        "verbs.LazyGroup.get_command = refuse\nraise SystemExit(main())\n"
    )
    done = subprocess.run([sys.executable, script, "encode"], capture_output=True, check=False)
    assert done.returncode == 6
    assert done.stderr.startswith(b"bpe-tool: error: the system refuses to start a thread\nhint: ")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    "arguments", [["-h"], ["--version"], ["encode", "-h"], ["inspect", "vocab", "-t", "VOCAB"]]
)
def test_errors_of_standard_output_name_it(vocab, arguments, unbuffered):
    given = [str(vocab) if each == "VOCAB" else each for each in arguments]
    for stderr_too in (False, True):
        with Path("/dev/full").open("wb") as full:
            done = subprocess.run(
                [*COMMAND, *given],
                stdout=full,
                stderr=full if stderr_too else subprocess.PIPE,
                env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
                check=False,
            )
        assert done.returncode == 5
        if not stderr_too:
            assert done.stderr == b"bpe-tool: error: <stdout>: No space left on device\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_messages_that_nobody_can_hear_change_nothing(encode, unbuffered):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *map(str, encode[:3])],
            input=f"a{END}\n".encode(),
            stdout=subprocess.PIPE,
            stderr=full,
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            check=False,
        )
    assert done.returncode == 0
    assert done.stdout.startswith(b"97 ")


@pytest.mark.parametrize("blocks", [0, 1])
def test_files_that_may_not_grow(verbs, tmp_path, blocks):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (blocks * 512, blocks * 512))

    for name in ("train-vocab", "encode", "encode-npy", "decode", "workers", "batch"):
        message = fails(5, *verbs[name], preexec_fn=limit)
        assert message.endswith(": File too large\n")
        assert str(tmp_path / "out") in message
        assert ".tmp" not in message
        assert not list((tmp_path / "out").rglob(".*"))


def test_few_open_files_and_a_small_stack(verbs):
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
        resource.setrlimit(resource.RLIMIT_STACK, (256 << 10, 256 << 10))

    for name, arguments in verbs.items():
        done = run(*arguments, preexec_fn=limit)
        assert done.returncode == 0, (name, done.stderr)


def test_a_glob_that_meets_a_pipe_says_so(encode, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a\n")
    os.mkfifo(tmp_path / "b.txt")
    done = run(*encode, tmp_path / "*.txt")
    assert (done.returncode, done.stdout) == (0, b"97\n")
    assert done.stderr.decode() == (
        f"bpe-tool: warning: {tmp_path / 'b.txt'} is left out: it is not a regular file, and is "
        "read only if it is named itself\n"
    )
    assert ok(*encode, "--quiet", tmp_path / "*.txt") == b"97\n"
    assert "no file matches" in run(*encode, tmp_path / "b*").stderr.decode()
