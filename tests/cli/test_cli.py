"""What all verbs share: help, usage, errors."""

import gzip
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from commands import COMMAND, END, TEXT, fails, ok, run

from bpe_tool.cli.background_imports import importing
from bpe_tool.cli.verbs import VERBS


@pytest.mark.parametrize("verb", [[], *([verb] for verb in VERBS)])
def test_help(verb):
    text = ok(*verb, "-h")
    assert text == ok(*verb, "--help")
    assert text.startswith(b"Usage: bpe-tool")
    assert b"Examples:" in text


def test_help_is_light():
    code = (
        "import sys; from bpe_tool.cli import main; code = main(['--help'])\n"
        "heavy = {'rich', 'regex', 'orjson', 'numpy', 'bpe_tool.cli.encode'} & set(sys.modules)\n"
        "print(*heavy, file=sys.stderr, end=''); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_what_is_imported_meanwhile_is_there_or_missed_later(tmp_path, monkeypatch, capfd):
    (tmp_path / "slow_to_import.py").write_text("import time; time.sleep(0.05); done = True\n")
    (tmp_path / "broken_import.py").write_text("raise OSError('broken')\n")
    monkeypatch.syspath_prepend(tmp_path)
    with importing("broken_import", "no_such_module", "slow_to_import"):
        pass
    assert sys.modules["slow_to_import"].done
    with pytest.raises(OSError, match="broken"):
        import_module("broken_import")
    assert capfd.readouterr() == ("", "")


def test_version():
    text = ok("--version").decode()
    assert text.startswith("bpe-tool ")
    assert text.count("Unicode") == 2


def test_no_arguments_show_help_and_fail():
    done = run()
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"Usage:" in done.stderr


def test_completion():
    environment = os.environ | {"_BPE_TOOL_COMPLETE": "bash_complete"}
    environment |= {"COMP_WORDS": "bpe-tool enc", "COMP_CWORD": "1"}
    assert ok(env=environment) == b"plain,encode\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["encod"], "There is no verb 'encod'. Did you mean encode?"),
        (["encode"], "--tokenizer"),
        (["encode", "-t", "x", "--nonsense"], "No such option"),
        (["encode", "-t", "x", "--lines", "--whole"], "Only one of"),
        (["encode", "-t", "x", "--separator", ""], "--separator is empty"),
        (["encode", "-t", "x", "--count", "--offsets"], "--count"),
        (["encode", "-t", "x", "--special-token", "a=1", "--special-token", "b"], "an ID"),
        (["train-vocab", "-o", "x"], "--vocab-size"),
        (["train-vocab", "-o", "x", "--vocab-size", "0"], "--vocab-size"),
        (["train-vocab", "-o", "x", "--vocab-size", "9", "--level", "x"], "--level"),
    ],
)
def test_usage(arguments, message, tmp_path):
    said = fails(2, *arguments, cwd=tmp_path)
    assert message in said
    assert "\nhint: for help: bpe-tool" in said
    assert not list(tmp_path.iterdir())


def test_hints_name_options(vocab, tmp_path):
    said = fails(3, "encode", "-t", vocab, "--special", "error", stdin=TEXT)
    assert f'<stdin>: line 4: the text contains the special token "{END}" at byte 9' in said
    assert "hint: pass --special token to encode it, or --special text" in said
    (tmp_path / "x.tiktoken").write_bytes(b"")
    assert "hint: pass --pattern" in fails(2, "encode", "-t", tmp_path / "x.tiktoken")


def test_vocabulary_errors(vocab, tmp_path):
    fails(5, "encode", "-t", tmp_path / "missing")
    fails(5, "encode", "-t", tmp_path)
    assert "/dev/zero: this is a device" in fails(5, "encode", "-t", "/dev/zero")
    for damage in (b"", b"{", b"[]", (vocab / "tokenizer.json").read_bytes()[:-9]):
        (tmp_path / "bad.json").write_bytes(damage)
        assert "bad.json: " in fails(4, "encode", "-t", tmp_path / "bad.json")
    assert "--eos" not in fails(2, "encode", "-t", vocab, "--bos", "nonsense")
    fails(2, "encode", "-t", vocab, "--eos", "99999")
    fails(2, "encode", "-t", vocab, "--template")


def test_data_errors(decode, encode, tmp_path):
    assert "<stdin>: line 2: byte 2: expected ids" in fails(3, *decode, stdin=b"97\n0 x\n")
    bad = tmp_path / "bad.gz"
    bad.write_bytes(gzip.compress(TEXT)[:-3])
    assert "bad.gz: the gzip data is cut off" in run(*encode, bad).stderr.decode()
    assert run(*encode, bad).returncode == 3
    said = fails(3, *decode, stdin=b"999\n")
    assert "<stdin>: line 1: id 999 at position 0 is not in the vocabulary" in said


def test_file_errors(encode, tmp_path):
    assert "missing: No such file" in fails(5, *encode, tmp_path / "missing")
    fails(5, *encode, tmp_path)
    fails(5, *encode, tmp_path / "*.txt")
    assert "missing/out: No such file" in fails(5, *encode, "-o", tmp_path / "missing/out")
    assert "error: '': No such file" in fails(5, *encode, "")
    assert "error: '': Is a directory" in fails(5, *encode, "-o", "")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, *map(str, encode)], input=TEXT, stdout=full, stderr=-1, check=False
        )
    assert done.returncode == 5
    assert done.stderr == b"bpe-tool: error: <stdout>: No space left on device\n"


def test_names_are_escaped(encode, tmp_path):
    said = fails(5, *encode, tmp_path / "a\x1b]0;\nb\u202e")
    assert "a\\x1b]0;\\nb\\u202e: No such file" in said
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xff")
    assert "/\\xff: No such file" in fails(5, *encode, name)


def test_a_bug_asks_for_a_report(tmp_path):
    code = (
        "import sys, bpe_tool.io.files\n"
        "def broken(*given): raise RuntimeError('oh\\nno')\n"
        "bpe_tool.io.files.expand = broken\n"
        "from bpe_tool.cli import main\n"
        "sys.exit(main(['train-vocab', '--vocab-size', '300', '-o', 'x']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 70
    said = done.stderr.decode()
    assert "internal error: RuntimeError: oh\\nno (<string>:2)" in said
    assert "please report" in said
    assert "Traceback" not in said
