"""The verb `preprocess`, and pipelines behind `train-vocab` and `encode`, as processes."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from test_cli import COMMAND, fails, ok, run

from bpe_tool.cli.steps import FLAGS
from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.options import types
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.preprocess.registry import STEPS, step_class
from bpe_tool.workers import _without_interrupts

TEXT = b"It's LATE, don't wait.\r\n\nWE utilize it in order to go"
CLEAN = b"it is late do not wait\r\n\nwe utilize it in order to go"
STEPS_GIVEN = ["--lowercase", "--remove-punctuation", "--expand-contractions"]
PREPROCESS = ["preprocess", *STEPS_GIVEN]


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A pipeline file."""
    path = tmp_path / "pipeline.toml"
    ok(*PREPROCESS, "--save-pipeline", path)
    return path


# --- flags ----------------------------------------------------------------------------


def test_every_step_has_its_flag():
    assert [flag.step for flag in FLAGS] == list(STEPS)


@pytest.mark.parametrize("flag", FLAGS, ids=lambda flag: flag.step)
def test_flags_set_options_that_exist(flag):
    known = types(step_class(flag.step))
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
        (["--preset", "bert", "--lowercase"], "not from several"),
        (["--preset", "brt"], "hint: did you mean bert?"),
        (["--lowercase", "--explain", "--diff"], "Only one of"),
        (["--lowercase", "--max-document-frequency", "0.5"], "goes with --learn-stopwords"),
        (["--learn-stopwords", "--max-document-frequency", "1"], "below 1"),
        (["--lowercase", "--workers", "0"], "--workers"),
        (["--remove-punctuation=asci"], "hint: did you mean ascii?"),
        (["--lowercase", "--stopwords-report"], "hint: add --remove-stopwords"),
        (["--expand-contractions", "--ambiguous", "x"], "--ambiguous likely"),
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
        process.wait(20)
        assert process.returncode == 130
        assert process.stderr.read() == b""
    assert not list(tmp_path.iterdir())
    with pytest.raises(ProcessLookupError):
        for _ in range(200):
            os.killpg(process.pid, 0)
            time.sleep(0.05)


def test_workers_do_not_get_ctrl_c_while_they_start():
    program = "import os, signal, sys\nprint(signal.pthread_sigmask(signal.SIG_BLOCK, ()))"
    with _without_interrupts():
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


# --- pipeline files -------------------------------------------------------------------


def test_pipeline_files(pipeline, tmp_path):
    assert ok("preprocess", "--pipeline", pipeline, stdin=TEXT) == CLEAN
    loaded = Pipeline.load(pipeline)
    loaded.save(tmp_path / "again.json")
    again = Pipeline.load(tmp_path / "again.json")
    assert again == loaded
    assert again.digest == loaded.digest
    assert Pipeline.from_spec(loaded.spec()) == loaded
    assert [step.name for step in loaded.steps] == [
        "expand_contractions", "lowercase", "remove_punctuation",
    ]  # fmt: skip
    with pytest.raises(ArgumentError, match=r"ends in \.toml or \.json"):
        loaded.save(tmp_path / "pipeline.yaml")


def test_options_left_out_have_their_defaults(tmp_path):
    short, full = tmp_path / "short.toml", tmp_path / "full.toml"
    short.write_text('version = 1\n[[steps]]\nstep = "remove_punctuation"\n')
    Pipeline.load(short).save(full)
    assert 'which = "unicode"' in full.read_text()
    assert Pipeline.load(full).digest == Pipeline.load(short).digest


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ('{"version": 1}', "the steps are missing", None),
        ('{"steps": []}', "the version is missing", "version = 1"),
        ('{"version": 2, "steps": []}', "the version is 2", None),
        ('{"version": true, "steps": []}', "the version is True", None),
        ('{"version": 1, "steps": {}}', "the steps are not a list", None),
        ('{"version": 1, "stps": []}', "there is no entry 'stps'", "did you mean steps?"),
        ('{"version": 1, "version": 1}', "'version' is there twice", None),
        ('{"version": 1, "steps": [', "Expecting value: line 1 column 26", None),
        ("version = 1\nsteps = x", "at line 2", None),
        ("version = 1\n[[steps]]\n", 'step 1: expected an entry "step"', None),
        ('{"version": 1, "steps": [7]}', "step 1: expected", None),
        ('[[steps]]\nstep = "lower_case"', "version is missing", None),
        (
            'version = 1\n[[steps]]\nstep = "lowercas"',
            "step 1 (lowercas): there is no step 'lowercas'",
            "did you mean lowercase?",
        ),
        (
            'version = 1\n[[steps]]\nstep = "lowercase"\nfodl = true',
            "step 1 (lowercase): there is no option 'fodl'",
            "did you mean fold?",
        ),
        (
            'version = 1\n[[steps]]\nstep = "lowercase"\nfold = 1',
            "option 'fold': expected true or false, not 1",
            None,
        ),
        (
            'version = 1\n[[steps]]\nstep = "rephrase"\ntables = "plain-english"',
            "option 'tables': expected a list",
            None,
        ),
        (
            'version = 1\n[[steps]]\nstep = "remove_punctuation"\nwhich = "asci"',
            "'asci' is none of unicode, symbols, ascii, all",
            "did you mean ascii?",
        ),
        (
            'version = 1\n[[steps]]\nstep = "normalize"\nwhitespace = "xyz"',
            "'xyz' is none of keep, spaces, collapse, join",
            None,
        ),
    ],
)
def test_files_that_make_no_sense(tmp_path, content, message, hint):
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(ArgumentError) as raised:
        Pipeline.load(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert message in str(raised.value)
    assert hint is None or hint in raised.value.hint


def test_a_byte_order_mark_before_a_file_is_left_out(tmp_path):
    for name, content in (
        ("a.toml", "version = 1\nsteps = []"),
        ("a", '{"version": 1, "steps": []}'),
    ):
        (tmp_path / name).write_text(content, encoding="utf-8-sig")
        assert Pipeline.load(tmp_path / name) == Pipeline()


def test_what_no_file_can_hold_is_refused():
    steps = [{"step": "remove_punctuation", "keep": "\ud800"}]
    with pytest.raises(ArgumentError, match=r"holds .* a lone surrogate"):
        Pipeline.from_spec({"version": 1, "steps": steps})


def test_errors_in_a_preset_name_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "Stemmer", None)
    monkeypatch.setitem(sys.modules, "snowballstemmer", None)
    with pytest.raises(ArgumentError, match=r"preset classic: step 7 \(stem\)") as raised:
        Pipeline.from_preset("classic")
    assert raised.value.hint == "pip install 'bpe-tool[stem]'"


def test_numbers_that_are_none():
    said = fails(2, "preprocess", "--rephrase", "--seed", "1.5")
    assert "--rephrase: option 'seed': '1.5' is not a whole number" in said
    said = fails(2, "preprocess", "--rephrase", "--fraction", "half")
    assert "option 'fraction': 'half' is not a number" in said


def test_missing_files(tmp_path):
    assert "missing" in fails(5, "preprocess", "--pipeline", tmp_path / "missing")
    path = tmp_path / "pipeline.toml"
    path.write_text('version = 1\n[[steps]]\nstep = "rephrase"\ntables = ["./no.tsv"]')
    said = fails(5, "preprocess", "--pipeline", path)
    assert f"{tmp_path}/no.tsv: No such file" in said
    assert "pipeline.toml: step 1 (rephrase)" in said


def test_paths_are_relative_to_the_file(tmp_path):
    folder = tmp_path / "folder"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "mine").write_text("cup of tea\tmug\n")
    path = folder / "pipeline.toml"
    path.write_text('version = 1\n[[steps]]\nstep = "rephrase"\ntables = ["tables/mine"]')
    text = b"A nice cup of tea.\n"
    assert ok("preprocess", "--pipeline", path, stdin=text) == b"A nice mug.\n"
    loaded = Pipeline.load(path)
    loaded.save(tmp_path / "moved.toml")
    assert '"folder/tables/mine"' in (tmp_path / "moved.toml").read_text()
    assert Pipeline.load(tmp_path / "moved.toml").apply("A cup of tea") == "A mug"
    loaded.save(folder / "tables" / "beside.json")
    assert '"./mine"' in (folder / "tables" / "beside.json").read_text()
    # Where the table lies does not matter; what it says does.
    assert Pipeline.load(tmp_path / "moved.toml").digest == loaded.digest
    (folder / "tables" / "mine").write_text("cup of tea\tpot\n")
    assert Pipeline.load(path).digest != loaded.digest


def test_warnings_come_once():
    value = {
        "version": 1,
        "steps": [{"step": name} for name in ("lowercase", "expand_contractions")],
    }
    [warning] = Pipeline.from_spec(value).warnings()
    assert warning.startswith("step 1 (lowercase) comes before step 2 (expand_contractions): ")


def test_warnings_on_the_command_line(tmp_path):
    path = tmp_path / "p.json"
    names = ("remove_punctuation", "expand_contractions", "lowercase", "lowercase")
    path.write_text(json.dumps({"version": 1, "steps": [{"step": name} for name in names]}))
    done = run("preprocess", "--pipeline", path, "--workers", 2, stdin=b"A\n" * 5)
    assert done.stdout == b"a\n" * 5
    said = done.stderr.decode()
    assert said.count("warning: ") == 2
    assert "step 1 (remove_punctuation) comes before step 2 (expand_contractions)" in said
    assert "step 4 (lowercase) is there twice" in said
    assert run("preprocess", "--pipeline", path, "-q", stdin=b"A\n").stderr == b""


# --- before training and encoding -----------------------------------------------------


@pytest.fixture
def vocab(tmp_path: Path, pipeline: Path) -> Path:
    """A vocabulary trained behind the pipeline."""
    text = tmp_path / "text.txt"
    text.write_bytes(TEXT * 20)
    done = run(
        "train-vocab", text, "--vocab-size", 300, "--pipeline", pipeline, "-o", tmp_path / "vocab"
    )
    assert done.returncode == 0, done.stderr
    assert f"--pipeline {tmp_path / 'vocab'}".encode() in done.stderr
    return tmp_path / "vocab"


def test_training_behind_a_pipeline(tmp_path, vocab, pipeline):
    clean = tmp_path / "clean.txt"
    clean.write_bytes(ok("preprocess", "--pipeline", pipeline, "--whole", tmp_path / "text.txt"))
    run("train-vocab", clean, "--vocab-size", 300, "-o", tmp_path / "plain")
    first, second = (folder / "tokenizer.json" for folder in (vocab, tmp_path / "plain"))
    assert first.read_bytes() == second.read_bytes()
    record = json.loads((vocab / "training.json").read_bytes())["pipeline"]
    loaded = Pipeline.load(pipeline)
    assert record == {**loaded.spec(), "digest": loaded.digest}
    assert json.loads((tmp_path / "plain" / "training.json").read_bytes())["pipeline"] is None
    # The record is a pipeline file, too, and so is the directory.
    for path in (vocab, vocab / "training.json"):
        assert Pipeline.load(path) == loaded
        assert ok("preprocess", "--pipeline", path, stdin=TEXT) == CLEAN
    with pytest.raises(ArgumentError, match="trained without a pipeline"):
        Pipeline.load(tmp_path / "plain")


@pytest.mark.parametrize(
    "options",
    [
        ["--lines"], ["--null"], ["--whole"], ["--separator", "."], ["--lines", "--workers", "2"],
    ],
)  # fmt: skip
def test_encoding_equals_preprocessing_first(vocab, options):
    unit = [option for option in options if option not in ("--workers", "2")]
    data = TEXT + b"\n!\nA\0!."
    clean = ok("preprocess", "--pipeline", vocab, *unit, stdin=data)
    for format in ("ids", "ndjson"):
        encode = ["encode", "-t", vocab, "-q", "--format", format]
        expected = ok(*encode, *unit, stdin=clean)
        assert ok(*encode, "--pipeline", vocab, *options, stdin=data) == expected


def test_encoding_fields(vocab):
    data = b'{"t":"It\'s"}\nnull\n{"t":"!"}\n{"t":"a\\nB"}'
    clean = ok("preprocess", "--pipeline", vocab, "--ndjson", "t", stdin=data)
    encode = ["encode", "-t", vocab, "-q", "--format", "ndjson", "--ndjson", "t"]
    assert ok(*encode, "--pipeline", vocab, stdin=data) == ok(*encode, stdin=clean)


def test_documents_that_become_empty_keep_their_place(vocab, tmp_path):
    (tmp_path / "a").write_bytes(b"!")
    (tmp_path / "b").write_bytes(b"B")
    (tmp_path / "c").write_bytes(b"\xff")
    files = [tmp_path / name for name in "abc"]
    command = ["encode", "-t", vocab, "--pipeline", vocab, "--whole", "--errors", "skip", *files]
    done = run(*command)
    assert (done.returncode, done.stdout) == (1, b"\n98\n\n")
    assert run(*command, "--format", "ndjson").stdout == b'{"ids":[]}\n{"ids":[98]}\nnull\n'


def test_another_pipeline_than_in_training_is_a_warning(vocab, tmp_path):
    done = run("encode", "-t", vocab, stdin=b"a\n")
    assert done.returncode == 0
    assert b"trained behind a pipeline, and none is used\nhint: --pipeline" in done.stderr
    ok("encode", "-t", vocab, "--pipeline", vocab, stdin=b"a\n")
    ok("encode", "-t", vocab / "tokenizer.json", "--pipeline", vocab, stdin=b"a\n")
    other = tmp_path / "other.json"
    other.write_text('{"version": 1, "steps": [{"step": "lowercase"}]}')
    done = run("encode", "-t", vocab, "--pipeline", other, stdin=b"a\n")
    assert b"trained behind another pipeline" in done.stderr
    run("train-vocab", other, "--vocab-size", 256, "-o", tmp_path / "plain")
    ok("encode", "-t", tmp_path / "plain", stdin=b"a\n")
    done = run("encode", "-t", tmp_path / "plain", "--pipeline", other, stdin=b"a\n")
    assert b"trained without a pipeline, and one is used" in done.stderr


def test_a_record_whose_data_changed_is_a_warning(vocab):
    path = vocab / "training.json"
    record = json.loads(path.read_bytes())
    record["pipeline"]["digest"] = "0" * 64
    path.write_text(json.dumps(record))
    done = run("preprocess", "--pipeline", vocab, stdin=b"A\n")
    assert (done.returncode, done.stdout) == (0, b"a\n")
    assert b"gives other results than when it was recorded" in done.stderr


@pytest.mark.parametrize(
    "verb", [["encode", "-t", "x"], ["train-vocab", "--vocab-size", "300", "-o", "x"]]
)
def test_options_of_pipelines_need_one(verb, vocab):
    verb = [vocab if each == "x" else each for each in verb]
    for option in (["--errors", "skip"], ["--workers", "2"]):
        assert f"{option[0]} is about preprocessing: it needs --pipeline" in fails(
            2, *verb, *option
        )


def test_pipelines_in_python(tmp_path, vocab):
    import bpe_tool

    pipeline = Pipeline.load(vocab)
    options = {"vocab_size": 300, "pattern": "gpt2"}
    texts = [TEXT, TEXT.decode(), b""]
    expected = bpe_tool.train_vocab([pipeline.apply(TEXT.decode())] * 2 + [""], **options)
    assert bpe_tool.train_vocab(texts, pipeline=pipeline, **options).merges == expected.merges
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_bytes(TEXT)
    paths = [tmp_path / "one.txt", tmp_path / "two.txt"]
    learned = bpe_tool.train_vocab_from_files(paths, pipeline=pipeline, **options)
    assert learned.merges == expected.merges
    with pytest.raises(bpe_tool.DataError, match="not UTF-8 at byte 1"):
        bpe_tool.train_vocab([b"a\xff"], pipeline=pipeline, **options)
    ids = ok("encode", "-t", vocab, "--pipeline", vocab, stdin=b"It's SO\n")
    tokenizer = bpe_tool.Tokenizer.load(vocab)
    assert [int(id) for id in ids.split()] == tokenizer.encode(pipeline.apply("It's SO"))
