"""Where the system has less than POSIX, as on Windows, the same work is done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands import ok, run, train

#: Takes away what Windows lacks.
LESS = """
import os, select, signal, sys, _signal
for name in ("fcntl", "resource", "pwd", "grp", "termios"):
    sys.modules[name] = None
for module, names in {
    os: "O_DIRECT O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_CLOEXEC fchmod pread preadv pwrite "
        "sched_getaffinity posix_fadvise",
    select: "poll epoll",
    signal: "pthread_sigmask SIGHUP",
    _signal: "pthread_sigmask SIGHUP",
}.items():
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
"""


@pytest.fixture(scope="module")
def less(tmp_path_factory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("start")
    (folder / "sitecustomize.py").write_text(LESS)
    path = os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])
    return os.environ | {"PYTHONPATH": path}


@pytest.fixture(scope="module")
def text(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("text") / "text.txt"
    path.write_text("It's late, isn't it? Ten green bottles\r\n" * 5000, newline="")
    return path


@pytest.fixture(scope="module")
def vocab(text) -> Path:
    path = text.with_name("v.json")
    train("--vocab-size", 300, text, "-o", path)
    return path


def test_it_is_taken_away(less, tmp_path):
    code = "import bpe_tool.runtime.system as s; print(s.fcntl, hasattr(s.select, 'poll'), s.READ)"
    shown = subprocess.run([sys.executable, "-c", code], env=less, capture_output=True, check=True)
    assert shown.stdout == b"None False 0\n"


VERBS = {
    "train-vocab": ("train-vocab", "--vocab-size", 300, "{text}", "-o", "{out}"),
    "encode": ("encode", "-t", "{vocab}", "{text}", "-o", "{out}"),
    "to ids": ("encode", "-t", "{vocab}", "--format", "npy", "{text}", "-o", "{out}"),
    "preprocess": ("preprocess", "--lowercase", "{text}", "-o", "{out}"),
    "workers": ("preprocess", "--workers", 2, "--lowercase", "{text}", "-o", "{out}"),
    "counts": ("counts", "make", "{text}", "-o", "{out}"),
    "convert": ("convert", "{vocab}", "{out}.tiktoken"),
}


@pytest.mark.parametrize("name", VERBS)
def test_files_are_the_same(name, less, vocab, text, tmp_path):
    made = []
    for place, environment in (("full", dict(os.environ)), ("less", less)):
        folder = tmp_path / place
        folder.mkdir()
        # A file that is there is replaced.
        values = {"text": text, "vocab": vocab, "out": folder / "x"}
        arguments = [str(each).format(**values) for each in VERBS[name]]
        replaced = [*arguments, "--force"] if name == "train-vocab" else arguments
        for given in (arguments, replaced):
            done = run(*given, env=environment)
            assert done.returncode == 0, done.stderr.decode()
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        made.append({path.relative_to(folder): path.read_bytes() for path in files})
    assert made[0] == made[1]
    assert made[0]


def test_shards_and_what_reads_them(less, vocab, text, tmp_path):
    for place, environment in (("full", dict(os.environ)), ("less", less)):
        out = tmp_path / place
        encode = ("encode", "-t", vocab, "--lines", "--format", "npz", text, "-o", out)
        ok(*encode, env=environment)
        ok(*encode, "--force", env=environment)
        assert run("shards", "verify", out, env=environment).returncode == 0
        ok("batch", "--pad", 0, out, "-o", f"{out}.npz", env=environment)
    names = sorted(path.name for path in (tmp_path / "full").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "less").iterdir())
    for name in names:
        assert (tmp_path / "full" / name).read_bytes() == (tmp_path / "less" / name).read_bytes()
    assert (tmp_path / "full.npz").read_bytes() == (tmp_path / "less.npz").read_bytes()


def test_pipes(less, vocab, text):
    ids = ok("encode", "-t", vocab, stdin=text.read_bytes(), env=less)
    assert ok("decode", "-t", vocab, stdin=ids, env=less) == text.read_bytes()
