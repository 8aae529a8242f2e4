"""Pipeline files: read, written, refused, warned about."""

import json
import sys

import pytest
from commands import fails, ok, run
from preprocess_example import CLEAN, TEXT

from bpe_tool.errors import ArgumentError
from bpe_tool.preprocess.pipeline import Pipeline


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
        ('{"version": 1, "version": 1}', "'version' occurs twice", None),
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
            "'asci' is not one of unicode, symbols, ascii, all",
            "did you mean ascii?",
        ),
        (
            'version = 1\n[[steps]]\nstep = "normalize"\nwhitespace = "xyz"',
            "'xyz' is not one of keep, spaces, collapse, join",
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
    assert "error: --seed: '1.5' is not a whole number" in said
    said = fails(2, "preprocess", "--rephrase", "--fraction", "half")
    assert "error: --fraction: 'half' is not a number" in said


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
