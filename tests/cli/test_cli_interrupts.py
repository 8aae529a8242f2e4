"""Ctrl-C and its like at any moment: at the start, in every verb, while files are made."""

import os
import pty
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from commands import COMMAND, ok, run

from bpe_tool.io import atomic
from bpe_tool.io.atomic import AtomicFile
from bpe_tool.runtime import signals

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture(scope="module")
def text(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("It's late, isn't it? Ten green bottles\n" * 100_000)
    return path


def verb(name: str, vocab: Path, text: Path, out: Path) -> list[object]:
    return {
        "train-vocab": ["train-vocab", text, "--vocab-size", 400, "-o", out / "v"],
        "encode": ["encode", "-t", vocab, text, "-o", out / "x"],
        "shards": ["encode", "-t", vocab, text, "--format", "npz", "-o", out / "s"],
        "preprocess": ["preprocess", "--lemmatize", text, "-o", out / "x"],
        "workers": ["preprocess", "--workers", 3, "--lemmatize", text, "-o", out / "x"],
        "batch": ["batch", "--pad", 0, text.with_suffix(".ids"), "-o", out / "x.npz"],
        "inspect": ["inspect", "corpus", "-t", vocab, text],
    }[name]


def session(process: subprocess.Popen) -> list[str]:
    """The processes that a command has started and left."""
    left = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        # One may end meanwhile. Its name, in parentheses, is followed by its state, its parent,
        # its group and its session.
        with suppress(OSError):
            stat = path.read_text(errors="replace")
            state, _, _, number = stat.rpartition(")")[2].split()[:4]
            if int(number) == process.pid and state != "Z":
                left.append(stat)
    return left


def wait_until_watching(process: subprocess.Popen) -> None:
    """Wait until SIGTERM is caught: before that, signals are Python's, and it shows a traceback."""
    status = Path(f"/proc/{process.pid}/status")
    deadline = time.monotonic() + 60
    while True:
        text = status.read_text()
        caught = int(text.partition("SigCgt:")[2].split()[0], 16)
        # One that has ended is not waited for, so that its number stays its own.
        if caught >> (signal.SIGTERM - 1) & 1 or "State:\tZ" in text:
            return
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.mark.parametrize(
    "name", ["train-vocab", "encode", "shards", "preprocess", "workers", "batch", "inspect"]
)
def test_a_signal_at_any_moment(vocab, text, tmp_path, name):
    """No traceback, no file and no process is left, whatever was going on."""
    if name == "batch" and not text.with_suffix(".ids").exists():
        ok("encode", "-t", vocab, "--special", "text", text, "-o", text.with_suffix(".ids"))
    begun = time.monotonic()
    done = tmp_path / "done"
    done.mkdir()
    run(*verb(name, vocab, text, done))
    # So that most signals meet it at work, however fast the machine is.
    takes = time.monotonic() - begun
    draw = random.Random(name)
    codes = set()
    for number in 2 * SIGNALS:
        out = tmp_path / f"out{len(list(tmp_path.iterdir()))}"
        out.mkdir()
        # To a group, as a terminal does; else to the process alone.
        to_all = draw.random() < 0.5
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*COMMAND, *map(str, verb(name, vocab, text, out))],
            stdin=subprocess.DEVNULL,
            stdout=theirs if draw.random() < 0.5 else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        os.close(theirs)
        wait_until_watching(process)
        time.sleep(takes * draw.uniform(0, 0.8))
        (os.killpg if to_all else os.kill)(process.pid, number)
        _, message = process.communicate(timeout=60)
        os.close(ours)
        codes.add(process.returncode)
        if process.returncode == 0:
            # The machine is less busy than it was.
            takes /= 2
        # It may be done.
        assert process.returncode in (128 + number, 0), message
        assert b"Traceback" not in message
        assert b"Exception ignored" not in message
        assert not list(out.rglob(".*"))
        deadline = time.monotonic() + 60
        while left := session(process):
            assert time.monotonic() < deadline, left
            time.sleep(0.02)
    assert codes - {0}


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize(
    "module", ["bpe_tool.cli", "bpe_tool.cli.console", "bpe_tool._core", "click"]
)
def test_a_signal_in_the_middle_of_an_import(tmp_path, module, number):
    """An exception there would be lost, or shown by whatever is imported."""
    code = f"""
import os, sys
class Interrupting:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name == {module!r}:
            try:
                os.kill(os.getpid(), {int(number)})
                sum(range(1000))
            except BaseException:
                pass
sys.meta_path.insert(0, Interrupting)
"""
    (tmp_path / "sitecustomize.py").write_text(code)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*COMMAND, "encode", "-t", "missing"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (128 + number, b"", b"")


def test_nothing_that_takes_time_is_imported_before_signals_are_watched():
    code = (
        "import sys; before = set(sys.modules)\n"
        "import bpe_tool.__main__\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    command = [sys.executable, "-c", code]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True)
    allowed = {
        "bpe_tool",
        "bpe_tool.__main__",
        "bpe_tool.lazy",
        "bpe_tool.runtime",
        "bpe_tool.runtime.signals",
        "__future__",
    }
    assert set(loaded.stdout.split()) <= allowed


def test_a_signal_while_a_temporary_file_is_made_leaves_none(encode, tmp_path):
    """The system has made it, and the program does not know yet."""
    code = """
import os, signal
real = os.open
def open(path, flags, *rest, **more):
    made = real(path, flags, *rest, **more)
    if str(path).endswith(".tmp"):
        os.kill(os.getpid(), signal.SIGTERM)
    return made
os.open = open
"""
    (tmp_path / "sitecustomize.py").write_text(code)
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    out = tmp_path / "out"
    out.mkdir()
    done = subprocess.run(
        [*COMMAND, *map(str, encode), "-o", str(out / "x")],
        stdin=subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (143, b"")
    assert not list(out.iterdir())


def test_an_interrupt_while_a_temporary_file_is_made_leaves_none(monkeypatch, tmp_path):
    """The same in a Python program, where it is an exception."""

    def interrupted(file: int, mode: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "x").write_bytes(b"old")
    monkeypatch.setattr(atomic.os, "fchmod", interrupted)
    with pytest.raises(KeyboardInterrupt):
        AtomicFile(tmp_path / "x")
    monkeypatch.undo()
    real = os.open

    def opened(path, *rest):
        os.close(real(path, *rest))
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic.os, "open", opened)
    with pytest.raises(KeyboardInterrupt):
        AtomicFile(tmp_path / "new")
    assert [each.name for each in tmp_path.iterdir()] == ["x"]
    assert not signals._undo


def test_what_is_held_is_done_before_a_signal_ends_the_program(tmp_path):
    code = """
import os, signal, sys
from bpe_tool.runtime import signals
signals.watch()
cancel = signals.register(lambda: print("undone", flush=True))
signals.register(lambda: 1 / 0)
with signals.Held():
    with signals.Held():
        os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        print("one", flush=True)
    print("two", flush=True)
    if len(sys.argv) > 1:
        cancel()
print("never", flush=True)
"""
    for arguments, end in (([], b"one\ntwo\nundone\n"), (["cancel"], b"one\ntwo\n")):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, check=False
        )
        assert (done.returncode, done.stdout, done.stderr) == (143, end, b"")
