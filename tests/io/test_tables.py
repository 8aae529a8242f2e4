"""Records of any format are JSON lines to everything else."""

import csv
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpe_tool.errors import DataError
from bpe_tool.io import tables
from bpe_tool.io.documents import Unit, documents
from bpe_tool.io.files import Selection, expand
from bpe_tool.io.forms import format_of

ROWS = [
    {"id": number, "text": text, "meta": {"lang": "en", "n": [1, 2.5, None]}}
    for number, text in enumerate(['say "hi", x', "two\nlines", "", "ünï", "\u2028 ]}, \\ \x00"])
]
TEXTS = [row["text"] for row in ROWS]


def parquet(path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist(ROWS), path, row_group_size=2)


def arrow(path: Path, *, indexed: bool) -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.Table.from_pylist(ROWS)
    new = pa.ipc.new_file if indexed else pa.ipc.new_stream
    with pa.OSFile(str(path), "wb") as file, new(file, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


def separated(path: Path, delimiter: str = ",") -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(["id", "text"])
        writer.writerows([row["id"], row["text"]] for row in ROWS)


WRITERS = {
    "t.parquet": parquet,
    "t.arrow": lambda path: arrow(path, indexed=False),
    "t.feather": lambda path: arrow(path, indexed=True),
    "t.csv": separated,
    "t.tsv": lambda path: separated(path, "\t"),
    "t.json": lambda path: path.write_text(json.dumps(ROWS, indent=1)),
    "compact.json": lambda path: path.write_text(json.dumps(ROWS)),
    "lines.json": lambda path: path.write_text("".join(json.dumps(row) + "\n" for row in ROWS)),
    "t.jsonl": lambda path: path.write_text("".join(json.dumps(row) + "\n" for row in ROWS)),
}


def read(path: Path, column: str, **options: object) -> list[str]:
    [source] = expand([str(path)], Selection(tables=True))
    seen: list[int] = []
    blocks = documents(source, Unit(column=column), on_read=seen.append, **options)
    text = b"".join(block.text for block in blocks)
    assert sum(seen) == path.stat().st_size
    assert text.endswith(b"\xff") or not text
    return [each.decode() for each in text.split(b"\xff")[:-1]]


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_documents(name, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "ROWS", 2)
    path = tmp_path / name
    WRITERS[name](path)
    assert read(path, "text", block_bytes=7) == TEXTS
    if name not in ("t.csv", "t.tsv"):
        assert read(path, "meta.lang") == ["en"] * 5
    with pytest.raises(DataError, match=r"no (column|field) 'nope'"):
        read(path, "nope")


def test_names_tell_formats():
    assert format_of("a.CSV") == "csv"
    assert format_of("d/a.jsonl.gz") == "ndjson"
    assert format_of("a.parquet.txt") == format_of(".csv") == format_of("csv") == "text"


@pytest.mark.parametrize(
    ("name", "data", "what"),
    [
        ("t.csv", b"id,text\n1,a\n2,b,c\n", "row 2 has 3 fields, the header has 2"),
        ("t.csv", b'id,text\n1,"a\n2,b\n', "unexpected end of data"),
        ("t.csv", b"id,text\n1,caf\xe9\n", "not UTF-8 near byte 13"),
        ("t.csv", b"text,text\na,b\n", "several columns 'text'"),
        ("t.json", b'[{"text":"a"},{"text":', "element 2 of the array: .* cut off"),
        ("t.json", b'[{"text":"a"} {"text":"b"}]', "element 2 of the array: expected a comma"),
        ("t.json", b'[{"text":"a"},]', "element 2 of the array"),
        ("t.json", b'[{"text":"a"}] x', "more after the end"),
        ("t.json", b'[{"text":"a"},' + b"[" * 9000 + b"]", "nested too deeply"),
        ("t.json", b'["a"]', "element 1: expected a JSON object"),
        ("t.json", b'[{"text":1}]', "element 1: the field 'text' does not hold a string"),
        ("t.parquet", b"PAR1 and nothing", "damaged, or not of this format"),
        ("t.arrow", b"ARROW1 and nothing", "damaged, or not of this format"),
        ("t.csv", b"\x89PNG\r\n\x1a\n\0", "is a PNG image"),
    ],
)
def test_damage_is_located(name, data, what, tmp_path):
    if name in ("t.parquet", "t.arrow"):
        pytest.importorskip("pyarrow")
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(DataError, match=what) as raised:
        read(path, "text")
    assert name in str(raised.value)


def test_an_error_early_in_an_array_does_not_read_the_rest(tmp_path):
    path = tmp_path / "t.json"
    path.write_text('[{"text": oops}, ' + "1, " * 100_000)
    read_bytes: list[int] = []
    [source] = expand([str(path)], Selection(tables=True))
    with pytest.raises(DataError, match="element 1"):
        list(documents(source, Unit(column="text"), block_bytes=1000, on_read=read_bytes.append))
    assert sum(read_bytes) <= 2000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=6,
)


@settings(max_examples=50)
@given(st.lists(VALUES, max_size=5), st.integers(1, 9), st.sampled_from([None, 1, "\t"]))
def test_elements_keep_their_bytes(values, step, indent):
    text = json.dumps(values, indent=indent).encode()
    blocks = iter([text[at : at + step] for at in range(0, len(text), step)])
    lines = b"".join(tables._json_lines(blocks, "name")).splitlines()
    assert [json.loads(line) for line in lines] == values
    if indent is None:
        assert [line.decode() for line in lines] == [json.dumps(value) for value in values]
