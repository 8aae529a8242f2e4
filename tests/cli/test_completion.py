"""Shells complete verbs, options, values and files."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from commands import COMMAND, fails, ok, train


def completed(*words: str, cwd: Path) -> list[str]:
    """What bash is told to complete the last word to."""
    line = " ".join(["bpe-tool", *words])
    environment = os.environ | {
        "_BPE_TOOL_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words)),
    }  # fmt: skip
    done = subprocess.run(COMMAND, env=environment, capture_output=True, cwd=cwd, check=False)
    assert done.stderr == b""
    return done.stdout.decode().splitlines()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(shell):
    script = ok("completion", shell)
    assert b"_BPE_TOOL_COMPLETE" in script
    if path := shutil.which(shell):
        assert subprocess.run([path, "-n"], input=script, check=False).returncode == 0


def test_other_shells_are_refused():
    assert "'bash', 'zsh', 'fish'" in fails(2, "completion", "cmd")


def test_what_is_completed(tmp_path):
    train("--vocab-size", 258, "--eos", "</s>", "-o", tmp_path / "v", stdin=b"ab")
    assert completed("enc", cwd=tmp_path) == ["plain,encode"]
    assert completed("encode", "a", cwd=tmp_path) == ["file,a"]
    for option in ("-t", "-o", "--pipeline"):
        assert completed("encode", option, "a", cwd=tmp_path) == ["file,a"]
    assert completed("train-vocab", "--pattern", "gp", cwd=tmp_path) == ["plain,gpt2"]
    assert completed("preprocess", "--preset", "c", cwd=tmp_path) == ["plain,classic"]
    assert completed("encode", "--format", "nd", cwd=tmp_path) == ["plain,ndjson"]
    assert completed("encode", "-t", "v", "--eos", "", cwd=tmp_path) == ["plain,</s>"]
    assert completed("encode", "-t", "none", "--eos", "", cwd=tmp_path) in ([], [""])
    assert "plain,--offsets" in completed("encode", "--o", cwd=tmp_path)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_in_bash_files_are_still_completed(tmp_path):
    (tmp_path / "corpus.txt").touch()
    program = tmp_path / "bin" / "bpe-tool"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec '{sys.executable}' -m bpe_tool \"$@\"\n")
    program.chmod(0o755)
    script = (
        'eval "$(bpe-tool completion bash)"\n'
        "complete -p bpe-tool\n"
        "COMP_WORDS=(bpe-tool encode cor) COMP_CWORD=2\n"
        'compopt() { echo "$@"; }\n'
        "_bpe_tool_completion bpe-tool\n"
    )
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-c", script], env=os.environ | {"PATH": path}, capture_output=True, cwd=tmp_path,
        check=False,
    )  # fmt: skip
    assert done.stdout.decode().splitlines()[1:] == ["-o default"]


def asked(value: str, **more: str) -> subprocess.CompletedProcess:
    environment = os.environ | {"_BPE_TOOL_COMPLETE": value} | more
    return subprocess.run(
        [*COMMAND, "encode"], env=environment, capture_output=True, check=False, stdin=-3
    )


@pytest.mark.parametrize(
    ("value", "more"),
    [
        ("1", {}),
        ("cmd_complete", {"COMP_WORDS": "bpe-tool ", "COMP_CWORD": "1"}),
        ("bash_nonsense", {"COMP_WORDS": "bpe-tool ", "COMP_CWORD": "1"}),
        ("bash_complete", {}),
        ("zsh_complete", {"COMP_WORDS": "bpe-tool "}),
        ("bash_complete", {"COMP_WORDS": "bpe-tool ", "COMP_CWORD": "one"}),
        ("fish_complete", {"COMP_CWORD": "enc"}),
    ],
)
def test_a_request_of_no_shell_is_refused(value, more):
    done = asked(value, **more)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"error: _BPE_TOOL_COMPLETE={value} in the environment" in done.stderr.decode()
    assert b"hint: unset _BPE_TOOL_COMPLETE" in done.stderr


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("bpe-tool nope ", "2"),
        ("bpe-tool inspect nope x", "3"),
        ('bpe-tool encode --eos "', "3"),
        ("bpe-tool encode \udcff", "2"),
        ("bpe-tool encode --threads x -t \udcff", "5"),
        ("", "0"),
        ("bpe-tool", "999999999"),
    ],
)
def test_a_shell_that_completes_is_never_shown_an_error(words, number):
    for shell in ("bash", "zsh", "fish"):
        done = asked(f"{shell}_complete", COMP_WORDS=words, COMP_CWORD=number)
        assert (done.returncode, done.stderr) == (0, b"")
