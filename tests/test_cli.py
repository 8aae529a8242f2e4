"""The command line as its users meet it: processes, pipes, files, signals."""

import fcntl
import gzip
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from bpe_tool import Tokenizer
from bpe_tool.cli.verbs import VERBS

COMMAND = [sys.executable, "-m", "bpe_tool"]
END = "<|endoftext|>"
TEXT = b"It was the best of times,\r\nit was the worst.\n\n\xff\x00 caf\xc3\xa9 <|endoftext|>"


def run(*arguments: object, stdin: bytes = b"", **options: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)], input=stdin, capture_output=True, check=False, **options
    )


def ok(*arguments: object, stdin: bytes = b"", **options: object) -> bytes:
    """The output of a command that succeeds without a word."""
    done = run(*arguments, stdin=stdin, **options)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def fails(code: int, *arguments: object, stdin: bytes = b"", **options: object) -> str:
    """The message of a command that ends with this exit code and writes nothing."""
    done = run(*arguments, stdin=stdin, **options)
    message = done.stderr.decode()
    assert done.returncode == code, message
    assert done.stdout == b""
    assert message.startswith("bpe-tool: error: ")
    assert "Traceback" not in message
    return message


@pytest.fixture(scope="module")
def vocab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vocabulary directory."""
    folder = tmp_path_factory.mktemp("vocab")
    text = folder / "text.txt"
    text.write_bytes(TEXT * 5)
    run("train-vocab", text, "--vocab-size", 300, "--eos", END, "-o", folder / "vocab")
    return folder / "vocab"


@pytest.fixture
def encode(vocab: Path) -> list[object]:
    return ["encode", "-t", vocab, "--special", "text"]


@pytest.fixture
def decode(vocab: Path) -> list[object]:
    return ["decode", "-t", vocab]


# --- help -----------------------------------------------------------------------------


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


# --- usage and errors -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["encod"], "There is no verb 'encod'. Did you mean encode?"),
        (["encode"], "--tokenizer"),
        (["encode", "-t", "x", "--nonsense"], "No such option"),
        (["encode", "-t", "x", "--lines", "--whole"], "Only one of"),
        (["encode", "-t", "x", "--separator", ""], "--separator is empty"),
        (["encode", "-t", "x", "--count", "--offsets"], "--count"),
        (["encode", "-t", "x", "--special-token", "a=1", "--special-token", "b"], "an id"),
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


def test_ids_that_are_none(decode):
    ndjson = [*decode, "--format", "ndjson"]
    said = fails(3, *ndjson, stdin=b'{"ids":[999]}\n{"ids":[97]}\n')
    assert "<stdin>: line 1: id 999 at position 0 is not in the vocabulary" in said
    done = run(*ndjson, stdin=b'{"ids":[97]}\n{"ids":[98,-2]}\n')
    assert (done.returncode, done.stdout) == (1, b"a\n\n")
    assert b"warning: <stdin>: line 2: -2 at position 1 is not an id" in done.stderr


def test_file_errors(encode, tmp_path):
    assert "missing: No such file" in fails(5, *encode, tmp_path / "missing")
    fails(5, *encode, tmp_path)
    fails(5, *encode, tmp_path / "*.txt")
    assert "missing/out: No such file" in fails(5, *encode, "-o", tmp_path / "missing/out")
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
        "import sys, bpe_tool.sources\n"
        "def broken(paths): raise RuntimeError('oh\\nno')\n"
        "bpe_tool.sources.expand = broken\n"
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


# --- the main job ---------------------------------------------------------------------

UNITS = [["--lines"], ["--whole"], ["--null"], ["--separator", "of "]]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit[0])
def test_round_trip(encode, decode, unit):
    for text, format in [(TEXT, "ids"), (TEXT + b"\n", "ndjson"), (b"", "ids")]:
        ids = ok(*encode, *unit, "--format", format, stdin=text)
        assert ok(*decode, *unit, "--format", format, stdin=ids) == text


def test_ids_are_those_of_the_library(encode, vocab):
    tokenizer = Tokenizer.load(vocab)
    lines = TEXT.split(b"\n")
    expected = "\n".join(" ".join(map(str, tokenizer.encode(line))) for line in lines)
    assert ok(*encode, stdin=TEXT).decode() == expected
    whole = json.loads(ok(*encode, "--whole", "--offsets", stdin=TEXT))
    ids, offsets = tokenizer._core.encode_with_offsets(TEXT, "text", False)
    assert whole == {"ids": ids, "offsets": [list(pair) for pair in offsets]}
    assert ok(*encode, "--count", "--whole", stdin=TEXT) == b"%d\n" % len(ids)
    counts = [len(tokenizer.encode(line)) for line in lines]
    assert [int(n) for n in ok(*encode, "--count", stdin=TEXT).split()] == counts


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_and_files_do_not_matter(encode, tmp_path, threads, corpora):
    texts = [path.read_bytes() for path in corpora]
    whole = b"".join(text if text.endswith(b"\n") else text + b"\n" for text in texts)
    ids = ok(*encode, "--threads", threads, *corpora)
    assert ids.rstrip(b"\n") == ok(*encode, stdin=whole).rstrip(b"\n")


@pytest.mark.parametrize("format", ["u16", "u32", "npy"])
def test_raw_files(encode, decode, vocab, tmp_path, format):
    source, out = tmp_path / "text", tmp_path / "ids"
    source.write_bytes(TEXT)
    ids = Tokenizer.load(vocab).encode(TEXT)
    ok(*encode, "--format", format, "-o", out, source)
    if format == "npy":
        assert np.load(out).tolist() == ids
    else:
        assert np.fromfile(out, {"u16": "<u2", "u32": "<u4"}[format]).tolist() == ids
    assert ok(*decode, "--format", format, out) == TEXT
    # Several records need a token between them.
    for several in (["--lines", source], [source, source]):
        said = fails(2, *encode, "--format", format, "-o", tmp_path / "not", *several)
        assert "hint: end each with a special token: --eos" in said
        ok(*encode, "--format", format, "--eos", END, "-o", out, *several)
    fails(2, *decode, "--format", format, "--lines", out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ids", "text"]
    frame = ["--bos", "65", "--eos", END]
    ok(*encode, "--format", format, *frame, "--lines", "-o", out, source)
    assert ok(*decode, "--format", format, *frame, "--lines", out) == TEXT + b"\n"


def test_npy_needs_a_file(encode, tmp_path):
    assert "-o" in fails(2, *encode, "--format", "npy")
    fails(2, *encode, "--format", "npy", "-o", "/dev/null")


def test_ndjson_fields(encode, decode):
    data = b'{"text":"a b","id":1}\n{"text":""}\nnull\n{"text":"\xc3\xa9\\n"}\n'
    for format in ("ids", "ndjson"):
        arguments = ["--ndjson", "text", "--format", format]
        texts = ok(*decode, *arguments, stdin=ok(*encode, *arguments, stdin=data))
        expected = [{"text": "a b"}, {"text": ""}, None, {"text": "\u00e9\n"}]
        if format == "ids":
            expected[2] = {"text": ""}
        assert [json.loads(line) for line in texts.splitlines()] == expected


def test_skipped_records(encode):
    done = run(*encode, "--ndjson", "text", stdin=b'{"text":"a"}\nbad\n{"text":"b"}\n')
    assert (done.returncode, done.stdout) == (1, b"97\n\n98\n")
    said = done.stderr.decode()
    assert "warning: <stdin>: line 2: not valid JSON" in said
    assert "1 record was skipped" in said
    done = run(*encode, "--quiet", "--ndjson", "text", stdin=b"bad\n" * 1000)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"\n" * 1000, b"")
    done = run(*encode, "--ndjson", "text", stdin=b"bad\n" * 1000)
    assert done.stderr.count(b"\n") < 20


def test_special_tokens(vocab):
    text = f"a{END}\n{END}\n".encode()
    id = Tokenizer.load(vocab).special_tokens[END]
    assert ok("encode", "-t", vocab, "--special", "token", stdin=text) == b"97 %d\n%d\n" % (id, id)
    done = run("encode", "-t", vocab, stdin=text)
    assert done.returncode == 0
    assert done.stderr.count(b"special tokens 2 times") == 1
    assert done.stdout == ok("encode", "-t", vocab, "--special", "text", stdin=text)
    ok("encode", "-t", vocab, stdin=b"nothing special\n")


def test_tokens_around_records(encode, decode, vocab):
    id = Tokenizer.load(vocab).special_tokens[END]
    frame = ["--bos", "65", "--eos", END]
    assert ok(*encode, *frame, stdin=b"a\n\nb") == b"65 97 %d\n65 %d\n65 98 %d" % (id, id, id)
    assert ok(*decode, *frame, stdin=ok(*encode, *frame, stdin=TEXT)) == TEXT


def test_template(vocab, tmp_path):
    value = json.loads((vocab / "tokenizer.json").read_bytes())
    id = Tokenizer.load(vocab).special_tokens[END]

    def text(name: str) -> dict[str, object]:
        return {"Sequence": {"id": name, "type_id": 0}}

    value["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": END, "type_id": 0}}, text("A")],
        "pair": [text("A"), text("B")],
        "special_tokens": {END: {"id": END, "ids": [id], "tokens": [END]}},
    }
    path = tmp_path / "template.json"
    path.write_text(json.dumps(value))
    assert ok("encode", "-t", path, "--template", stdin=b"a\n") == b"%d 97\n" % id
    assert ok("decode", "-t", path, "--template", stdin=b"%d 97\n" % id) == b"a\n"
    fails(2, "encode", "-t", path, "--template", "--eos", END)


def test_foreign_files(vocab, tmp_path):
    tokenizer = Tokenizer.load(vocab)
    path = tmp_path / "x.tiktoken"
    tokenizer.save(path)
    options = ["-t", path, "--pattern", "cl100k"]
    expected = ok("encode", "-t", vocab, "--special", "text", stdin=TEXT)
    assert ok("encode", *options, stdin=TEXT) == expected
    options += ["--special-token", f"{END}={tokenizer.special_tokens[END]}"]
    expected = ok("encode", "-t", vocab, "--special", "token", stdin=TEXT)
    assert ok("encode", *options, "--special", "token", stdin=TEXT) == expected
    assert ok("decode", *options, stdin=expected) == TEXT


def test_special_tokens_that_end_in_a_number(vocab, tmp_path):
    """The id is what follows the last `=`; with one, the text may be any."""
    tokenizer = Tokenizer.load(vocab)
    tokenizer.save(tmp_path / "x.tiktoken")
    options = ["-t", tmp_path / "x.tiktoken", "--pattern", "cl100k", "--special", "token"]
    next_id = 256 + len(tokenizer.merges)
    for given, text, id in [
        ("x=7=900", b"x=7", 900),
        ("xy=800", b"xy", 800),
        ("x=", b"x=", next_id),
    ]:
        ids = ok("encode", *options, "--special-token", given, stdin=text + b"\n")
        assert ids == b"%d\n" % id


# --- inputs and outputs ---------------------------------------------------------------


def test_inputs(encode, tmp_path):
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "1.txt").write_bytes(b"a")
    (tmp_path / "d" / "2.txt.gz").write_bytes(gzip.compress(b"b\n") + gzip.compress(b"c"))
    (tmp_path / "d" / "3.txt").write_bytes(b"")
    expected = b"97\n98\n99\n"
    assert ok(*encode, "d", cwd=tmp_path) == expected
    assert ok(*encode, "d/*", cwd=tmp_path) == expected
    assert ok(*encode, "d/1.txt", "-", cwd=tmp_path, stdin=b"b\nc\n") == expected
    assert ok(*encode, "-", cwd=tmp_path, stdin=b"a\nb\nc") == expected[:-1]


def test_compressed_data_is_not_text(encode, tmp_path):
    data = gzip.compress(b"a")
    (tmp_path / "named.txt").write_bytes(data)
    for arguments, name in [([], "<stdin>"), ([tmp_path / "named.txt"], tmp_path / "named.txt")]:
        done = run(*encode, "--whole", *arguments, stdin=data)
        assert done.returncode == 0
        said = f"bpe-tool: warning: {name} looks like gzip data, but is taken as it is; "
        assert done.stderr.decode().startswith(said)
        assert done.stderr.count(b"\n") == 1
        assert done.stdout == ok(*encode, "--whole", "--quiet", *arguments, stdin=data)
        fails(3, "decode", "-q", "-t", encode[2], *arguments, stdin=data)


def test_output_is_replaced_only_at_the_end(encode, tmp_path):
    out = tmp_path / "out"
    ok(*encode, "-o", out, stdin=b"a\n")
    assert out.read_bytes() == b"97\n"
    fails(3, *encode, "--special", "error", "-o", out, stdin=TEXT)
    assert out.read_bytes() == b"97\n"
    # The file behind standard output is not replaced: others may have written to it.
    with (tmp_path / "all").open("wb") as file:
        file.write(b"before\n")
        file.flush()
        subprocess.run([*COMMAND, *map(str, encode), "-o", "/dev/stdout", out], stdout=file)
    assert (tmp_path / "all").read_bytes().startswith(b"before\n")
    (tmp_path / "all").unlink()
    # A file may even be replaced by its own ids.
    ok(*encode, "-o", out, out)
    assert ok("decode", "-t", encode[2], out) == b"97\n"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_slow_line_is_encoded_at_once(encode):
    with subprocess.Popen(
        [*COMMAND, *map(str, encode)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        for line, expected in [(b"a\n", b"97\n"), (b"b\nc\n", b"98\n99\n")]:
            process.stdin.write(line)
            process.stdin.flush()
            got = b""
            while len(got) < len(expected):
                assert select.select([process.stdout], [], [], 20)[0]
                got += os.read(process.stdout.fileno(), 100)
            assert got == expected
        process.stdin.close()
        assert process.stdout.read() == b""


#: Runs a command and prints its peak memory in KiB. A process of its own, as a child's
#: peak counts what its parent held when it was started.
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_memory_is_flat(encode, tmp_path):
    """Four times the text does not need more memory, in lines or as one document."""

    def peak(megabytes: int, *arguments: object) -> int:
        path = tmp_path / "text"
        with path.open("wb") as file:
            for _ in range(megabytes):
                file.write(b"It was the best of times, it was the worst of times.\n" * 20_000)
        command = [sys.executable, "-c", PEAK, *COMMAND, *map(str, arguments), str(path)]
        return int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)

    for unit in ("--lines", "--whole"):
        small, large = (peak(size, *encode, unit, "--threads", 1) for size in (24, 96))
        assert large < small + 50_000


def test_a_non_blocking_output(encode, tmp_path):
    expected = ok(*encode, stdin=TEXT * 5000)
    (tmp_path / "text").write_bytes(TEXT * 5000)
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETFL, os.O_NONBLOCK)
    arguments = [*COMMAND, *map(str, encode), str(tmp_path / "text")]
    with subprocess.Popen(arguments, stdout=writing) as process:
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            assert pipe.read() == expected
    assert process.returncode == 0


# --- ends -----------------------------------------------------------------------------


def test_a_closed_pipe_ends_quietly(encode, tmp_path):
    command = " ".join(f"'{each}'" for each in [*COMMAND, *encode])
    for script in [
        f"yes some text | {command} | head -n 1",
        f"{sys.executable} -m bpe_tool --help | true",
        f"echo x | {command} | true",
        f"echo x | {command} >&-",
        f"{sys.executable} -m bpe_tool --help >&-",
    ]:
        # The exit code of bpe-tool, wherever it stands in the pipe.
        place = 1 if script.startswith(("yes", "echo")) else 0
        script += f"; exit ${{PIPESTATUS[{place}]}}"
        done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b""), script


def test_closed_standard_streams(encode, tmp_path):
    command = " ".join(f"'{each}'" for each in [*COMMAND, *encode])
    out = tmp_path / "out"
    for script, code in [
        (f"{command} <&-", 5),
        (f"echo a | {command} -o {out} >&- 2>&-", 0),
        (f"{command} {tmp_path}/missing 2>&-", 5),
    ]:
        done = subprocess.run(["bash", "-c", script], capture_output=True, check=False)
        assert done.returncode == code, script
        assert b"Traceback" not in done.stderr
    assert out.read_bytes() == b"97\n"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
@pytest.mark.parametrize("work", ["waiting", "encoding", "training"])
def test_signals(encode, tmp_path, number, code, work):
    out = tmp_path / "out"
    arguments = [*encode, "-o", out]
    if work == "training":
        arguments = ["train-vocab", "--vocab-size", 100_000, "--pattern", "none", "-o", out]
        arguments += ["--max-pretoken-bytes", 10**9]
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
        deadline = time.monotonic() + 20
        while work != "training" and not any(tmp_path.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.2)
        process.send_signal(number)
        # A second when nothing else runs; the tests may run on a busy machine.
        process.wait(20)
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


# --- training -------------------------------------------------------------------------


def train(*arguments: object, **options: object) -> str:
    done = run("train-vocab", *arguments, **options)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    return done.stderr.decode()


def test_train_vocab_says_what_it_did(tmp_path, corpora):
    said = train(*corpora, "--vocab-size", 400, "-o", tmp_path / "vocab")
    assert f"read {len(corpora)} documents" in said
    assert "learned 400 tokens" in said
    assert f"wrote {tmp_path / 'vocab'}" in said
    names = sorted(path.name for path in (tmp_path / "vocab").iterdir())
    assert names == ["tokenizer.json", "tokenizer_config.json", "training.json"]
    assert train(*corpora, "--vocab-size", 400, "-q", "-o", tmp_path / "vocab") == ""


def test_training_depends_on_documents_alone(tmp_path, corpora):
    for name, options in {
        "one": [*corpora, "--threads", 1],
        "two": [*reversed(corpora), "--threads", 2],
    }.items():
        train(*options, "--vocab-size", 500, "--special-token", END, "-o", tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_roles_become_special_tokens(tmp_path):
    out = tmp_path / "vocab"
    train("--vocab-size", 300, "--bos", "<s>", "--eos", END, "--pad", END, "-o", out, stdin=TEXT)
    config = json.loads((out / "tokenizer_config.json").read_bytes())
    assert (config["bos_token"], config["eos_token"], config["pad_token"]) == ("<s>", END, END)
    assert set(Tokenizer.load(out).special_tokens) == {"<s>", END}


def test_a_small_corpus_is_a_warning(tmp_path):
    said = train("--vocab-size", 50_000, "-o", tmp_path / "v.json", stdin=b"abab")
    assert "warning: the corpus holds no more than 258 tokens; 50000 were asked for" in said
    assert len(Tokenizer.load(tmp_path / "v.json")) == 258


def test_training_units(tmp_path):
    data = b'{"text":"ab ab"}\nbad\n{"text":"ab"}\nnull\n{"text":""}'
    arguments = ["train-vocab", "--vocab-size", 257, "--ndjson", "text", "-o", tmp_path / "v"]
    done = run(*arguments, stdin=data)
    assert done.returncode == 1
    assert b"<stdin>: line 2: not valid JSON" in done.stderr
    assert b"\nread 3 documents, 7 bytes, 3 pretokens" in done.stderr
    training = json.loads((tmp_path / "v" / "training.json").read_bytes())
    assert training["totals"]["documents"] == 3
    assert Tokenizer.load(tmp_path / "v").merges == [(b"a", b"b")]


def test_a_special_token_that_others_do_not_decode_is_a_warning(tmp_path):
    arguments = ["--vocab-size", 258, "-o", tmp_path / "v.json"]
    said = train(*arguments, "--special-token", "<d\u00e9but>", stdin=b"abab")
    assert said.count("warning: ") == 1
    assert "will decode the special token '<d\u00e9but>' as another text" in said
    assert "warning" not in train(*arguments, "--special-token", "<|end|>", stdin=b"abab")


def test_training_refuses_early(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    train = ["train-vocab", tmp_path / "file", "--vocab-size", 300]
    fails(5, *train, "-o", tmp_path / "file" / "below")
    fails(5, *train, "-o", tmp_path / "missing" / "v.json")
    fails(2, "train-vocab", tmp_path / "file", "--vocab-size", 10, "-o", tmp_path / "v")
    fails(2, *train, "--pattern", "(", "-o", tmp_path / "v")
    fails(2, *train, "--level", "word", "--alphabet", "gpt2", "-o", tmp_path / "v")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("level", ["char", "word"])
def test_levels(tmp_path, level):
    out = tmp_path / "v.json"
    train("--vocab-size", 1000, "--level", level, "-o", out, stdin=b"low lower lowest")
    ids = ok("encode", "-t", out, stdin=b"lower low")
    assert ok("decode", "-t", out, stdin=ids) == b"lower low"


# --- terminal -------------------------------------------------------------------------


def on_a_terminal(*arguments: object, **environment: str) -> bytes:
    """What a command writes to standard error if that is a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=slave,
        env=os.environ | {"TERM": "xterm"} | environment,
    ) as process:
        os.close(slave)
        said = b""
        while True:
            try:
                piece = os.read(master, 10_000)
            except OSError:
                break
            if not piece:
                break
            said += piece
    os.close(master)
    assert process.returncode == 0
    return said


def test_progress_is_for_terminals(tmp_path, corpora):
    arguments = ["train-vocab", *corpora, "--vocab-size", 1000, "-o", tmp_path / "v"]
    said = on_a_terminal(*arguments)
    assert b"read" in said
    assert b"merge" in said
    assert b"\x1b[" in said
    assert b"learned 1,000 tokens" in said
    for silent in (["--no-progress"], ["--quiet"]):
        assert b"\x1b[" not in on_a_terminal(*arguments, *silent)
    assert b"\x1b[" not in on_a_terminal(*arguments, TERM="dumb")
    assert "\x1b[" not in train(*arguments[1:], env=os.environ | {"FORCE_COLOR": "1"})
    assert b"\x1b[3" not in on_a_terminal(*arguments, NO_COLOR="1")
