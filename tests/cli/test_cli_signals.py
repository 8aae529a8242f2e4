"""Signals end the program soon, quietly, and leave nothing behind."""

import os
import signal
import subprocess
import time

import pytest
from commands import COMMAND, run

#: Seconds. It takes one when nothing else runs; only what hangs takes as long as this.
PATIENCE = 120


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
@pytest.mark.parametrize("work", ["waiting", "encoding", "training"])
def test_signals(encode, tmp_path, number, code, work):
    out = tmp_path / "out"
    arguments = [*encode, "-o", out]
    if work == "training":
        arguments = ["train-vocab", "--vocab-size", 100_000, "--pattern", "none", "-o", out]
        arguments += ["--max-pretoken-bytes", 10**9, "--binary"]
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        if work == "waiting":
            process.stdin.write(b"a\n")
            process.stdin.flush()
        else:
            process.stdin.write(os.urandom(8_000_000))
            if work == "training":
                process.stdin.close()
        deadline = time.monotonic() + PATIENCE
        while work != "training" and not any(tmp_path.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(number)
        process.wait(PATIENCE)
        assert process.returncode == code
        assert process.stderr.read() == b""
    assert not list(tmp_path.iterdir())


def test_an_interrupt_while_the_program_is_loaded(tmp_path):
    """Click stands for all that is loaded: here, it is where Ctrl-C comes."""
    (tmp_path / "click.py").write_text(
        "import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(20)\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    done = run("--help", env=os.environ | {"PYTHONPATH": path})
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_ignored_signals_stay_ignored(encode):
    script = f"trap '' INT; exec {' '.join(map(str, COMMAND + encode))}"
    with subprocess.Popen(
        ["bash", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdin.write(b"a\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"97\n"
        process.send_signal(signal.SIGINT)
        process.stdin.write(b"b\n")
        process.stdin.close()
        assert process.stdout.read() == b"98\n"
    assert process.returncode == 0


def test_a_signal_while_another_thread_writes_shards(encode, tmp_path):
    """What is removed is being added to."""
    out = tmp_path / "out"
    source = tmp_path / "text"
    source.write_bytes(b"".join(b"%d\n" % number for number in range(100_000)))
    arguments = [*encode, "--lines", "--format", "u16", "--shard-tokens", 8, "-o", out, source]
    with subprocess.Popen([*COMMAND, *map(str, arguments)]) as process:
        deadline = time.monotonic() + PATIENCE
        while len(list(out.glob(".*/*"))) < 20:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 143
    assert not out.exists()
