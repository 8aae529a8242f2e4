"""The verb `counts`, and `train-vocab --from-counts`."""

import json
from pathlib import Path

import click
import pytest
from commands import END, fails, ok, run, train

from bpe_tool.cli.counts import opened
from bpe_tool.counts import tables
from bpe_tool.errors import DataError
from bpe_tool.io.sources import Source

SPECIAL = ("--special-token", END)


def said(*arguments: object, stdin: bytes = b"") -> str:
    """What a command says that succeeds and writes no data."""
    done = run("counts", *arguments, stdin=stdin)
    assert (done.returncode, done.stdout) == (0, b""), done.stderr
    return done.stderr.decode()


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory, corpora: list[Path]) -> list[Path]:
    """Count files of parts of the sample texts."""
    folder = tmp_path_factory.mktemp("counts")
    paths = [folder / f"{number}.counts" for number in range(3)]
    for number, path in enumerate(paths):
        said("make", *corpora[number::3], *SPECIAL, "-o", path)
    return paths


def test_a_vocabulary_from_counts_is_that_of_the_files(tmp_path, corpora, parts):
    options = ("--vocab-size", 700, "--min-frequency", 2)
    train(*corpora, *SPECIAL, "--eos", END, *options, "-o", tmp_path / "direct")
    merged = tmp_path / "all.counts"
    assert "added up 3 files: " in said("merge", *reversed(parts), "-o", merged)
    assert said("make", *corpora, *SPECIAL, "-o", tmp_path / "whole").startswith("counted ")
    assert merged.read_bytes() == (tmp_path / "whole").read_bytes()
    for number, sources in enumerate(([merged], parts)):
        target = tmp_path / str(number)
        message = train("--from-counts", *sources, *options, "--eos", END, "-o", target)
        assert f"read {len(corpora)} documents" in message
        for file in (tmp_path / "direct").iterdir():
            assert (target / file.name).read_bytes() == file.read_bytes()


@pytest.mark.parametrize("level", ["char", "word"])
def test_levels(tmp_path, level):
    (tmp_path / "a").write_bytes(b"low lower lowest low")
    options = ("--vocab-size", 10)
    train(tmp_path / "a", "--level", level, *options, "-o", tmp_path / "direct")
    said("make", tmp_path / "a", "--level", level, "-o", tmp_path / "c")
    train("--from-counts", tmp_path / "c", *options, "-o", tmp_path / "counted")
    for file in (tmp_path / "direct").iterdir():
        assert (tmp_path / "counted" / file.name).read_bytes() == file.read_bytes()
    byte = ["--vocab-size", 300, "--level", "byte", "-o", "v"]
    message = fails(2, "train-vocab", "--from-counts", tmp_path / "c", *byte)
    assert f"--level is 'byte', but the counts are of level '{level}'" in message


def test_documents_are_those_of_train_vocab(tmp_path):
    data = b'{"text":"ab ab"}\nbad\n{"text":"ab"}\nnull\n{"text":""}'
    arguments = ["counts", "make", "--ndjson", "text", "-o", tmp_path / "c"]
    done = run(*arguments, stdin=data)
    assert done.returncode == 1
    assert b"<stdin>: line 2: not valid JSON" in done.stderr
    assert b"\ncounted 3 documents, 7 bytes, 3 pretokens (2 unique)\n" in done.stderr
    (tmp_path / "p.toml").write_text('version = 1\n[[steps]]\nstep = "lowercase"\n')
    pipeline = ["--pipeline", tmp_path / "p.toml"]
    said("make", *pipeline, "--lines", "-o", tmp_path / "d", stdin=b"A b\nB a")
    assert ok("counts", "top", "--json", tmp_path / "d").count(b'"count": 1') == 4
    train("--from-counts", tmp_path / "d", "--vocab-size", 257, "-o", tmp_path / "v")
    train(*pipeline, "--lines", "--vocab-size", 257, "-o", tmp_path / "w", stdin=b"A b\nB a")
    for file in (tmp_path / "w").iterdir():
        assert (tmp_path / "v" / file.name).read_bytes() == file.read_bytes()
    said("make", "--lines", "-o", tmp_path / "e", stdin=b"A b\nB")
    assert "pipeline: " in fails(2, "counts", "merge", tmp_path / "d", tmp_path / "e", "-o", "x")


def test_info_and_top(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"a \x1b[2J\xff a")
    said("make", tmp_path / "a.txt", "--pattern", "whitespace", "-o", tmp_path / "c")
    shown = ok("counts", "info", tmp_path / "c").decode()
    assert "pattern           whitespace" in shown
    assert "a.txt" in shown
    found = json.loads(ok("counts", "info", "--json", tmp_path / "c"))
    assert found["totals"]["unique_pretokens"] == 4
    assert found["inputs"][0]["bytes"] == 9
    shown = ok("counts", "top", tmp_path / "c", "--limit", 4).decode()
    assert "\x1b" not in shown
    assert r"\x1b[2J" in shown
    assert "<FF>" in shown
    best = json.loads(ok("counts", "top", tmp_path / "c", "--limit", 1, "--json"))
    assert best == [{"text": " ", "bytes": "20", "count": 2}]


def test_weights_name_files(tmp_path, parts):
    target = tmp_path / "c"
    said("merge", *parts, "--weight", "0=0.5", "--weight", f"{parts[1]}=2/3", "-o", target)
    weights = {
        each.get("weight") for each in json.loads(ok("counts", "info", "--json", target))["inputs"]
    }
    assert weights == {None, "1/2", "2/3"}


@pytest.mark.parametrize(
    ("weights", "why"),
    [
        (["9=1"], "none of the files has this name"), (["0=1", "0.counts=1"], "a weight already"),
        (["0"], "expected FILE=W"),
        *(([f"0={number}"], "expected a number above 0")
          for number in ("", "x", "-1", "0", "1/0", "1e9", "nan", "inf")),
    ],
)  # fmt: skip
def test_weights_that_make_no_sense(parts, weights, why):
    with pytest.raises(click.UsageError, match=why):
        opened(tuple(map(str, parts)), tuple(weights))


def test_counts_and_options_must_agree(tmp_path, parts):
    from_counts = [
        "train-vocab",
        "--vocab-size",
        300,
        "--from-counts",
        parts[0],
        "-o",
        tmp_path / "v",
    ]
    assert "the counts were made with 'cl100k'" in fails(2, *from_counts, "--pattern", "gpt2")
    assert "--lines has no meaning with --from-counts" in fails(2, *from_counts, "--lines")
    assert "--workers has no meaning" in fails(2, *from_counts, "--workers", 2)
    message = train(*from_counts[1:], "--pad", "<pad>")
    assert "the counts were made without the special token '<pad>'" in message


def test_what_is_no_count_file_is_refused(tmp_path):
    (tmp_path / "text").write_bytes(b"text")
    assert "is not a count file" in fails(4, "counts", "info", tmp_path / "text")
    assert "is not a count file" in fails(4, "counts", "merge", tmp_path / "text", "-o", "x")
    fails(5, "counts", "info", tmp_path / "missing")
    fails(5, "counts", "info", tmp_path)
    fails(2, "counts", "make", tmp_path / "text", "-o", "-")
    fails(5, "counts", "make", tmp_path / "text", "-o", tmp_path / "text" / "below")


@pytest.mark.parametrize("suffix", ["tsv", "parquet"])
def test_tables_come_back(tmp_path, suffix):
    if suffix == "parquet":
        pytest.importorskip("pyarrow")
    (tmp_path / "a").write_bytes(b"a\tb\\ \r\n\xff caf\xc3\xa9 a\n\n")
    said("make", tmp_path / "a", *SPECIAL, "-o", tmp_path / "c")
    table = tmp_path / f"table.{suffix}"
    said("export", tmp_path / "c", "-o", table)
    if suffix == "tsv":
        lines = table.read_bytes().splitlines()
        assert b"\\t\t1" in b"\n".join(lines) or b"\\tb\t1" in lines
        table.write_bytes(b"".join(line + b"\n" for line in reversed(lines)))
    said("import", table, *SPECIAL, "-o", tmp_path / "d")
    for name in "cd":
        train(
            "--from-counts", tmp_path / name, "--vocab-size", 260, "-o", tmp_path / f"{name}.json"
        )
    assert (tmp_path / "c.json").read_bytes() == (tmp_path / "d.json").read_bytes()


@pytest.mark.parametrize(
    "line",
    [b"a", b"a\t", b"a\t0", b"a\t-1", b"\t1", b"a\t9223372036854775808", b"a\\q\t1", b"a\\\t1"],
)
def test_tables_that_are_wrong_are_refused(tmp_path, line):
    (tmp_path / "t.tsv").write_bytes(b"fine\t1\n" + line + b"\n")
    source = Source("t.tsv", tmp_path / "t.tsv", None)
    with pytest.raises(DataError, match=r"t\.tsv: line 2"):
        list(tables.tsv_records(source))
