"""The verb `preprocess`, as processes."""

import json
import os
import pty
import signal
import subprocess
import sys
import time

import pytest
from commands import COMMAND, fails, ok, run
from preprocess_example import CLEAN, PREPROCESS, STEPS_GIVEN, TEXT

from bpe_tool.cli.steps import FLAGS
from bpe_tool.preprocess.registry import STEPS, step_class
from bpe_tool.preprocess.step import option_types
from bpe_tool.runtime.system import no_interrupts

# --- flags ----------------------------------------------------------------------------


def test_every_step_has_its_flag():
    assert [flag.step for flag in FLAGS] == list(STEPS)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.step)
def test_flags_set_options_that_exist(flag):
    known = option_types(step_class(flag.step))
    named = [other.option for other in flag.others] + ([flag.main[0]] if flag.main else [])
    assert set(named) <= known.keys()
    for other in flag.others:
        assert (known[other.option] is bool) is not bool(other.metavar)


def test_flags_are_done_in_the_order_that_works():
    for turn in range(3):
        flags = STEPS_GIVEN[turn:] + STEPS_GIVEN[:turn]
        assert ok("preprocess", *flags, stdin=TEXT) == CLEAN


def test_values_after_equals_signs(tmp_path):
    # A file named after a flag is no value of it.
    (tmp_path / "ascii").write_bytes("a.b\u2026c".encode())
    command = ["preprocess", "--remove-punctuation"]
    assert ok(*command, "ascii", cwd=tmp_path) == b"a b c"
    assert ok("preprocess", "--remove-punctuation=ascii", "ascii", cwd=tmp_path).decode() == (
        "a b\u2026c"
    )
    assert ok("preprocess", "--remove-punctuation=", "--keep-punctuation", ".", stdin=b"a.b!") == (
        b"a.b"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "There are no steps"),
        (["--keep-hyphens"], "--keep-hyphens needs --remove-punctuation"),
        (["--preset", "bert", "--lowercase"], "only from one of these"),
        (["--preset", "brt"], "hint: did you mean bert?"),
        (["--lowercase", "--explain", "--diff"], "Only one of"),
        (["--lowercase", "--max-document-frequency", "0.5"], "goes with --learn-stopwords"),
        (["--learn-stopwords", "--max-document-frequency", "1"], "below 1"),
        (["--lowercase", "--workers", "0"], "--workers"),
        (["--remove-punctuation=asci"], "hint: did you mean ascii?"),
        (["--lowercase", "--stopwords-report"], "hint: add --remove-stopwords"),
        (["--strip-urls", "--email-text", "E"], "hint: add --emails\n"),
        (["--expand-contractions", "--ambiguous", "x"], "not one of likely, keep, list"),
    ],
)
def test_usage(arguments, message):
    assert message in fails(2, "preprocess", *arguments)


# --- records --------------------------------------------------------------------------


def test_units(tmp_path):
    for options, data, expected in [
        (["--null"], b"A!\0\nB\0C", b"a\0\nb\0c"),
        (["--separator", "<>"], b"A!<>\nB<>", b"a<>\nb<>"),
        (["--whole"], b"A!\n\nB\n", b"a\n\nb\n"),
        (["--ndjson", "t"], b'{"n":1.0, "t":"A!"}\nnull\n', b'{"n":1.0, "t":"a"}\nnull\n'),
        ([], b"", b""),
        ([], b"!\n!", b"\n\n"),
    ]:
        assert ok(*PREPROCESS, *options, stdin=data) == expected
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(b"A\nB")
    assert ok(*PREPROCESS, tmp_path) == b"a\nb\na\nb"


def test_invalid_bytes():
    data = b"A\n\xffB\nC\n"
    said = fails(3, *PREPROCESS, stdin=data)
    assert "<stdin>: line 2: byte 0 is not UTF-8" in said
    assert "hint: pass --errors replace, or --errors skip" in said
    done = run(*PREPROCESS, "--errors", "skip", stdin=data)
    assert (done.returncode, done.stdout) == (1, b"a\n\nc\n")
    assert b"line 2: byte 0 is not UTF-8; skipped" in done.stderr
    assert b"1 record was skipped" in done.stderr
    done = run(*PREPROCESS, "--errors", "replace", stdin=data)
    assert (done.returncode, done.stdout.decode()) == (0, "a\n\ufffdb\nc\n")
    assert b"replaced in 1 record" in done.stderr


def test_markup_that_goes_on_in_the_next_record_is_told():
    data = b"a<script>\n1\n</script>b <!--\nc --> <div\nclass=d>e\n"
    command = ["preprocess", "--strip-html"]
    for arguments in ([], ["--workers", 2], ["--stats"]):
        done = run(*command, *arguments, stdin=data)
        assert done.returncode == 0
        assert b"markup was still open at the end of 3 records" in done.stderr
        assert b"hint: --whole" in done.stderr
    assert run(*command, "--null", stdin=data.replace(b"\n", b"\0")).stderr
    assert ok(*command, "--whole", stdin=data) == b"ab\ne\n"
    assert ok(*command, stdin=b"<p>a\n</p> a < b\n<b\n") == b"a\na < b\n<b\n"
    record = b'{"t":"a<script>b"}\n'
    assert ok(*command, "--ndjson", "t", stdin=record) == b'{"t":"a"}\n'


def test_output_is_whole_or_not_there(tmp_path):
    out = tmp_path / "out"
    out.write_bytes(b"old")
    fails(3, *PREPROCESS, "-o", out, stdin=b"a\n\xff\n")
    assert out.read_bytes() == b"old"
    assert ok(*PREPROCESS, "-o", out, stdin=TEXT) == b""
    assert out.read_bytes() == CLEAN
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_workers(corpora):
    files = [path for path in corpora if path.suffix == ".txt"]
    expected = ok(*PREPROCESS, *files)
    assert ok(*PREPROCESS, "--workers", 3, *files) == expected
    whole = ok(*PREPROCESS, "--whole", *files)
    assert ok(*PREPROCESS, "--whole", "--workers", 2, *files) == whole
    said = fails(3, *PREPROCESS, "--workers", 2, stdin=b"a\n\xff\n")
    assert "line 2: byte 0 is not UTF-8" in said


def test_slow_pipes_are_not_kept_waiting():
    for workers in ("1", "2"):
        with subprocess.Popen(
            [*COMMAND, *PREPROCESS, "--workers", workers],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as process:
            for text in (b"A\n", b"B\n"):
                process.stdin.write(text)
                process.stdin.flush()
                assert process.stdout.readline() == text.lower()
            process.stdin.close()
        assert process.returncode == 0


def test_a_closed_pipe_is_no_error():
    command = f"yes 'It is' | {' '.join(COMMAND + PREPROCESS)} --workers 2 | head -1"
    done = subprocess.run(["bash", "-c", command], capture_output=True, check=False)
    assert (done.stdout, done.stderr) == (b"it is\n", b"")


@pytest.mark.parametrize("workers", ["1", "2"])
def test_interrupts(tmp_path, workers):
    command = [*COMMAND, *PREPROCESS, "--workers", workers, "-o", tmp_path / "out"]
    with subprocess.Popen(
        list(map(str, command)),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        process.stdin.write(b"It's so.\n" * 100_000)
        process.stdin.flush()
        deadline = time.monotonic() + 60
        while not any(tmp_path.iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(0.5)
        # As a terminal does: to all processes of the group.
        os.killpg(process.pid, signal.SIGINT)
        process.wait(60)
        assert process.returncode == 130
        assert process.stderr.read() == b""
    assert not list(tmp_path.iterdir())
    with pytest.raises(ProcessLookupError):
        for _ in range(200):
            os.killpg(process.pid, 0)
            time.sleep(0.05)


def test_workers_do_not_get_ctrl_c_while_they_start():
    program = "import os, signal, sys\nprint(signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    with no_interrupts():
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert b"SIGINT" in done.stdout
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


# --- telling what was done ------------------------------------------------------------


def test_explain():
    lines = ok(*PREPROCESS, "--explain", stdin=TEXT).splitlines()
    changes = [json.loads(line) for line in lines]
    assert changes[0] == {
        "file": "<stdin>",
        "record": 1,
        "start": 0,
        "end": 4,
        "before": "It's",
        "after": "It is",
        "step": "expand_contractions",
        "rule": changes[0]["rule"],
        "confidence": changes[0]["confidence"],
        "alternatives": [],
    }
    records = TEXT.decode().split("\n")
    for change in changes:
        text = records[change["record"] - 1][change["start"] : change["end"]]
        if change["step"] == "expand_contractions":
            assert text == change["before"]
    assert {change["record"] for change in changes} == {1, 3}
    # The same from several processes, and from NDJSON.
    assert ok(*PREPROCESS, "--explain", "--workers", 2, stdin=TEXT).splitlines() == lines
    data = b"".join(json.dumps({"t": record}).encode() + b"\n" for record in records)
    assert ok(*PREPROCESS, "--explain", "--ndjson", "t", stdin=data).splitlines() == lines


def test_alternatives_come_with_explain():
    command = ["preprocess", "--expand-contractions", "--ambiguous", "list", "--explain"]
    [line] = ok(*command, "--ndjson", "t", stdin=b'{"t":"She\'d put it there."}\n').splitlines()
    assert json.loads(line)["alternatives"]


def test_diff():
    said = ok(*PREPROCESS, "--diff", stdin=TEXT).decode().splitlines()
    assert said[0].startswith("<stdin>:1: [-It's-]{+it is+} [-LATE,-]{+late+} [-don't-]{+do not+}")
    assert said[1] == "<stdin>:3: [-WE-]{+we+} utilize it in order to go"
    text = b"A \x1b[2J" + b"x" * 100 + b" B\n"
    line = ok("preprocess", "--lowercase", "--diff", stdin=text).decode()
    assert "\\x1b[2[-J-]{+j+}xxx" in line
    assert "\u2026" in line
    assert "\x1b" not in line


def test_diff_in_colour():
    def shown(**environment: str) -> bytes:
        master, slave = pty.openpty()
        with subprocess.Popen(
            [*COMMAND, *PREPROCESS, "--diff"],
            stdin=subprocess.PIPE,
            stdout=slave,
            env=os.environ | {"TERM": "xterm"} | environment,
        ) as process:
            os.close(slave)
            process.communicate(b"A\n")
        text = os.read(master, 1000)
        os.close(master)
        return text

    assert b"\x1b[31;9mA\x1b[0m\x1b[32ma\x1b[0m" in shown()
    assert shown(NO_COLOR="1").strip() == b"<stdin>:1: [-A-]{+a+}"


def test_stats():
    lines = ok(*PREPROCESS, "--stats", stdin=TEXT).decode().splitlines()
    assert [line.split() for line in lines] == [
        ["step", "changes", "characters", "in", "characters", "out"],
        ["expand_contractions", "2", "51", "53"],
        ["lowercase", "3", "53", "53"],
        ["remove_punctuation", "2", "53", "51"],
        ["records:", "3"],
    ]


def test_stopwords_report():
    command = ["preprocess", "--remove-stopwords", "--stopwords-report"]
    data = "The cat and THE dog.\n\nA cat, the end, don\u2019t".encode()
    lines = ok(*command, stdin=data).decode().splitlines()
    assert lines == ["3\tthe\tenglish-small", "1\ta\tenglish-small", "1\tand\tenglish-small"]
    assert ok(*command, "--workers", 2, stdin=data).decode().splitlines() == lines


def test_learned_stopwords(tmp_path):
    records = ["The cat sat.", "the DOG sat", "", "a cat and the dog", "The end"]
    data = "\n".join(records).encode()
    command = ["preprocess", "--learn-stopwords"]
    assert ok(*command, stdin=data) == b"the  # 4 (80.0%)\n"
    command += ["--max-document-frequency", "0.3", "--remove-punctuation"]
    expected = b"the  # 4 (80.0%)\ncat  # 2 (40.0%)\ndog  # 2 (40.0%)\nsat  # 2 (40.0%)\n"
    assert ok(*command, stdin=data) == expected
    words = tmp_path / "words.txt"
    ok(*command, "--workers", 2, "-o", words, stdin=data)
    assert words.read_bytes() == expected
    command = ["preprocess", f"--remove-stopwords={words}"]
    assert ok(*command, stdin=b"the cat and a dog") == b"and a"
