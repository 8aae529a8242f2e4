"""Records of any format are JSON lines to everything else."""

import csv
import json
import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpe_tool.errors import DataError, LimitError
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


def largest_block(path: Path, block_bytes: int) -> int:
    [source] = expand([str(path)], Selection(tables=True))
    assert isinstance(source, tables.RecordSource)
    blocks = list(source.records(tables.Wanted("text"), block_bytes=block_bytes))
    assert b"".join(blocks).count(b"\n") == 200
    return max(map(len, blocks))


LONG_ROWS = [{"id": number, "text": "long" * 250} for number in range(200)]


@pytest.mark.parametrize("name", ["t.csv", "t.parquet", "t.arrow", "t.feather"])
def test_blocks_of_long_rows_are_bounded_in_bytes(name, tmp_path, monkeypatch):
    monkeypatch.setitem(globals(), "ROWS", LONG_ROWS)
    path = tmp_path / name
    if name in ("t.arrow", "t.feather"):
        # All rows are in one batch.
        pa = pytest.importorskip("pyarrow")
        table = pa.Table.from_pylist(LONG_ROWS)
        new = pa.ipc.new_file if name == "t.feather" else pa.ipc.new_stream
        with pa.OSFile(str(path), "wb") as file, new(file, table.schema) as writer:
            writer.write_table(table)
    else:
        WRITERS[name](path)
    assert largest_block(path, 20_000) <= 2 * 20_000
    # A row may be longer than a block.
    assert largest_block(path, 10) < 2 * 1100


def test_rows_of_a_large_row_group_are_read_some_at_a_time(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet as pq

    path = tmp_path / "t.parquet"
    rows = [row | {"text": f"{row['id']}{row['text']}"} for row in LONG_ROWS]
    pq.write_table(pa.Table.from_pylist(rows), path, use_dictionary=False)
    [source] = expand([str(path)], Selection(tables=True))
    reads: list[int] = []
    first = next(iter(source.records(tables.Wanted("text"), reads.append, block_bytes=20_000)))
    assert len(first) <= 2 * 20_000
    assert sum(reads) <= path.stat().st_size / 5


def test_an_element_that_does_not_end_is_not_read_to_the_end_of_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "MAX_FIELD", 5000)
    path = tmp_path / "t.json"
    path.write_text('[{"text": "a"}, {"text": "never closed, ' + "and more " * 20_000)
    read_bytes: list[int] = []
    [source] = expand([str(path)], Selection(tables=True))
    with pytest.raises(LimitError, match="element 2 of the array: it has more than 5000"):
        list(documents(source, Unit(column="text"), block_bytes=1000, on_read=read_bytes.append))
    assert sum(read_bytes) <= 7000
    # As many elements as there are may be longer together.
    path.write_text(json.dumps([{"text": "x" * 900}] * 50))
    assert len(read(path, "text", block_bytes=1000)) == 50


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


def lines_of(path: Path) -> list[bytes]:
    (source,) = expand([str(path)], Selection(tables=True))
    unit = Unit(column="text").of(source)
    return [block.text for block in documents(source, unit)]


@pytest.mark.parametrize("last", [4000, 2_000_000_000, -8])
def test_arrow_offsets_that_lead_out_of_their_buffer(tmp_path, last):
    pa = pytest.importorskip("pyarrow")
    path = tmp_path / "t.arrow"
    table = pa.table({"text": ["abcd", "efgh", "ijkl"]})
    with pa.ipc.new_file(str(path), table.schema) as file:
        file.write_table(table)
    data = path.read_bytes()
    offsets = struct.pack("<4i", 0, 4, 8, 12)
    assert data.count(offsets) == 1
    path.write_bytes(data.replace(offsets, struct.pack("<4i", 0, 4, 8, last)))
    with pytest.raises(DataError, match=r"t\.arrow: damaged"):
        lines_of(path)


def test_a_damaged_parquet_file_says_so(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    parquet.write_table(pa.table({"text": ["abcd", "efgh", "ijkl"] * 50}), path)
    data = bytearray(path.read_bytes())
    for at in range(4, 60):
        data[at] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"t\.parquet: damaged"):
        lines_of(path)


def test_numbers_of_an_array_have_any_size(tmp_path):
    path = tmp_path / "t.json"
    path.write_text('[{"n": ' + "1" * 5000 + ', "text": "abc"}]')
    assert b"abc" in b"".join(lines_of(path))
