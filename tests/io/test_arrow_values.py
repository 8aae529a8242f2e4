"""Values of Parquet and Arrow columns lose nothing on their way into JSON."""

import datetime
import json
from decimal import Decimal
from pathlib import Path

import pytest
from commands import ok

from bpe_tool.errors import DataError
from bpe_tool.io.documents import Unit, documents
from bpe_tool.io.files import Selection, expand
from bpe_tool.io.tables import Wanted

pa = pytest.importorskip("pyarrow")

from bpe_tool.io import arrow_values  # noqa: E402

NAN, INF = float("nan"), float("inf")
LEAP_DAY = datetime.date(2024, 2, 29)
NS = 1_700_000_000_000_000_001


def extension(kind, values, storage):
    return pa.ExtensionArray.from_storage(kind, pa.array(values, storage))


#: Arrays of two values, null, and a fourth; and these as JSON.
TYPES = {
    "null": (lambda: pa.nulls(4), [None] * 4),
    "bool": (lambda: pa.array([True, False, None, True]), [True, False, None, True]),
    "uint64": (lambda: pa.array([2**64 - 1, 0, None, 1], pa.uint64()), [2**64 - 1, 0, None, 1]),
    "double": (lambda: pa.array([NAN, INF, None, -INF]), ["NaN", "Infinity", None, "-Infinity"]),
    "float": (lambda: pa.array([0.5, NAN, None, 1], pa.float32()), [0.5, "NaN", None, 1.0]),
    "string": (lambda: pa.array(["a", "", None, "\u2028"]), ["a", "", None, "\u2028"]),
    "large": (lambda: pa.array(["a", "", None, "b"], pa.large_string()), ["a", "", None, "b"]),
    "binary": (lambda: pa.array([b"\xff\0", b"ok", None, b""]), ["/wA=", "b2s=", None, ""]),
    "fixed": (
        lambda: pa.array([b"\xff\0", b"ok", None, b"ok"], pa.binary(2)),
        ["/wA=", "b2s=", None, "b2s="],
    ),
    "decimal": (
        lambda: pa.array([Decimal("1.10"), Decimal("-0.05"), None, 10**26], pa.decimal128(30, 2)),
        ["1.10", "-0.05", None, f"{10**26}.00"],
    ),
    "hundreds": (
        lambda: pa.array([Decimal(100), Decimal(0), None, Decimal(1200)], pa.decimal128(9, -2)),
        ["100", "0", None, "1200"],
    ),
    "timestamp ns": (
        lambda: pa.array([1, NS, None, -1], pa.timestamp("ns")),
        [
            "1970-01-01T00:00:00.000000001",
            "2023-11-14T22:13:20.000000001",
            None,
            "1969-12-31T23:59:59.999999999",
        ],
    ),
    "timestamp in a zone": (
        lambda: pa.array([1, 1_700_000_000, None, 0], pa.timestamp("s", "+02:00")),
        ["1970-01-01T00:00:01Z", "2023-11-14T22:13:20Z", None, "1970-01-01T00:00:00Z"],
    ),
    "date32": (
        lambda: pa.array([LEAP_DAY, datetime.date(1, 1, 1), None, 0], pa.date32()),
        ["2024-02-29", "0001-01-01", None, "1970-01-01"],
    ),
    "time ms": (
        lambda: pa.array([1, 86_399_250, None, 0], pa.time32("ms")),
        ["00:00:00.001", "23:59:59.250", None, "00:00:00.000"],
    ),
    "time ns": (
        lambda: pa.array([1, 2, None, 0], pa.time64("ns")),
        ["00:00:00.000000001", "00:00:00.000000002", None, "00:00:00.000000000"],
    ),
    "duration": (
        lambda: pa.array([-90_250, 5, None, 0], pa.duration("ms")),
        ["-PT90.250S", "PT0.005S", None, "PT0.000S"],
    ),
    "duration s": (
        lambda: pa.array([90, -1, None, 0], pa.duration("s")),
        ["PT90S", "-PT1S", None, "PT0S"],
    ),
    "interval": (
        lambda: pa.array([pa.MonthDayNano([1, -2, 3])] * 2 + [None] * 2),
        [{"months": 1, "days": -2, "nanoseconds": 3}] * 2 + [None] * 2,
    ),
    "list": (lambda: pa.array([[1, None], [], None, [2]]), [[1, None], [], None, [2]]),
    "large list": (
        lambda: pa.array([[1, None], [], None, [2]], pa.large_list(pa.int8())),
        [[1, None], [], None, [2]],
    ),
    "fixed list": (
        lambda: pa.array([[1, 2], [3, None], None, [5, 6]], pa.list_(pa.int8(), 2)),
        [[1, 2], [3, None], None, [5, 6]],
    ),
    "struct": (
        lambda: pa.array([{"a": 1, "b": "x"}, {"a": None, "b": ""}, None, {"a": 2, "b": None}]),
        [{"a": 1, "b": "x"}, {"a": None, "b": ""}, None, {"a": 2, "b": None}],
    ),
    "struct of nothing": (
        lambda: pa.array([{}, {}, None, {}], pa.struct([])),
        [{}, {}, None, {}],
    ),
    "map": (
        lambda: pa.array([[("k", 1), ("l", None)], [], None, [("", 2)]], pa.map_("string", "int8")),
        [{"k": 1, "l": None}, {}, None, {"": 2}],
    ),
    "map of numbers": (
        lambda: pa.array([[(1, NAN), (-1, 2.5)], [], None, []], pa.map_("int8", "double")),
        [{"1": "NaN", "-1": 2.5}, {}, None, {}],
    ),
    "dictionary": (
        lambda: pa.array(["x", "y", None, "x"]).dictionary_encode(),
        ["x", "y", None, "x"],
    ),
    "dictionary of numbers": (
        lambda: pa.array([NAN, 1.0, None, NAN]).dictionary_encode(),
        ["NaN", 1.0, None, "NaN"],
    ),
    "run-end encoded": (
        lambda: pa.RunEndEncodedArray.from_arrays([1, 2, 3, 4], pa.array([1.0, NAN, None, 2.0])),
        [1.0, "NaN", None, 2.0],
    ),
}


def newer(name: str, make: object, values: list) -> None:
    """Add a type that earlier versions of pyarrow lack."""
    if hasattr(pa, name):
        TYPES[name] = (make, values)


newer(
    "string_view",
    lambda: pa.array(["a", "longer than twelve bytes", None, ""], pa.string_view()),
    ["a", "longer than twelve bytes", None, ""],
)
newer(
    "binary_view",
    lambda: pa.array([b"\xff\0", b"longer than twelve bytes", None, b""], pa.binary_view()),
    ["/wA=", "bG9uZ2VyIHRoYW4gdHdlbHZlIGJ5dGVz", None, ""],
)
newer(
    "list_view",
    lambda: pa.array([[1, None], [], None, [2]], pa.list_view(pa.int8())),
    [[1, None], [], None, [2]],
)
newer(
    "uuid",
    lambda: extension(pa.uuid(), [bytes(16), b"\xff" * 16, None, bytes(16)], pa.binary(16)),
    [
        "00000000-0000-0000-0000-000000000000",
        "ffffffff-ffff-ffff-ffff-ffffffffffff",
        None,
        "00000000-0000-0000-0000-000000000000",
    ],
)
newer(
    "bool8",
    lambda: extension(pa.bool8(), [1, 0, None, 2], pa.int8()),
    [True, False, None, True],
)
newer(
    "json_",
    lambda: extension(pa.json_(), ['{"a":1.0}', "[]", None, "1"], pa.string()),
    ['{"a":1.0}', "[]", None, "1"],
)


def values(array, text: str = "text") -> list:
    rows = arrow_values.rows(pa.record_batch([array], ["c"]), text)
    return [row["c"] for row in json.loads(json.dumps(rows, allow_nan=False))]


@pytest.mark.parametrize("name", TYPES)
def test_each_type_has_its_form_also_within_others_and_in_slices(name):
    make, expected = TYPES[name]
    array = make()
    assert values(array) == expected
    assert values(array.slice(1, 2)) == expected[1:3]
    assert values(array.slice(2, 0)) == []
    if name == "run-end encoded":
        # Others cannot hold it everywhere.
        return
    struct = pa.StructArray.from_arrays([array, array], ["x", "y"])
    assert values(struct.slice(1)) == [{"x": each, "y": each} for each in expected[1:]]
    lists = pa.ListArray.from_arrays([0, 1, 1, 4], array)
    assert values(lists) == [expected[:1], [], expected[1:]]
    assert values(lists.slice(1)) == [[], expected[1:]]
    maps = pa.MapArray.from_arrays([0, 1, 1, 4], pa.array(["a", "b", "c", "d"]), array)
    found = [
        dict(zip("a", expected, strict=False)),
        {},
        dict(zip("bcd", expected[1:], strict=True)),
    ]
    assert values(maps) == found
    assert values(maps.slice(1)) == found[1:]


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (
            lambda: pa.array([10**14], pa.timestamp("s")),
            r"timestamp\[s\]\): a date .* out of range",
        ),
        (lambda: pa.array([10**9], pa.date32()), r"date32\[day\]\): a date in it is out of range"),
        (
            lambda: pa.array([[("k", 1), ("k", 2)]], pa.map_(pa.string(), pa.int8())),
            r"map<.*\): a map has the same key twice",
        ),
        (
            lambda: pa.StructArray.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"]),
            r"struct<.*\): two of its fields have the same name",
        ),
        (
            lambda: pa.UnionArray.from_sparse(pa.array([0], pa.int8()), [pa.array([1])]),
            r".*union<.*\): JSON has no form for it",
        ),
    ],
)
def test_what_json_cannot_hold_is_refused_by_column_and_type(make, what, tmp_path):
    path = tmp_path / "t.arrow"
    table = pa.table({"text": ["a"], "c": make()})
    with pa.ipc.new_file(str(path), table.schema) as file:
        file.write_table(table)
    with pytest.raises(DataError, match=rf"t\.arrow: column 'c' \({what}"):
        kept(path, "text", "c")
    # Columns that are not needed are not looked at.
    assert kept(path, "text") == ["{}"]
    nested = pa.table({"text": ["a"], "c": pa.StructArray.from_arrays([make()], ["d"])})
    with pa.ipc.new_file(str(path), nested.schema) as file:
        file.write_table(nested)
    with pytest.raises(DataError, match=r"column 'c\.d'"):
        kept(path, "text", "c")


def kept(path: Path, column: str, *keep: str) -> list[str]:
    """Return the fields that are kept of each record."""
    [source] = expand([str(path)], Selection(tables=True))
    blocks = documents(source, Unit(column=column, keep=keep))
    return [f"{{{each.decode()}}}" for block in blocks for each in (block.kept or [b""])]


def texts(path: Path, column: str) -> list[bytes]:
    [source] = expand([str(path)], Selection(tables=True))
    blocks = documents(source, Unit(column=column))
    return b"".join(block.text for block in blocks).split(b"\xff")[:-1]


def test_binary_is_text_only_where_it_is_the_text(tmp_path):
    from pyarrow import parquet

    path = tmp_path / "t.parquet"
    row = {
        "text": b"caf\xc3\xa9",
        "image": b"\xff\xd8",
        "parts": [b"one", b"\xff"],
        "more": {"body": b"two", "raw": b"\xff"},
        "a.b": b"three",
    }
    table = pa.Table.from_pylist([row])
    table = table.append_column(
        "map", pa.array([[("k", b"v"), ("l", b"\xff")]], pa.map_("string", "binary"))
    )
    parquet.write_table(table, path)
    assert texts(path, "text") == ["café".encode()]
    assert texts(path, "parts.0") == texts(path, "parts.-2") == [b"one"]
    assert texts(path, "more.body") == [b"two"]
    assert texts(path, "a.b") == [b"three"]
    assert texts(path, "map.k") == [b"v"]
    with pytest.raises(DataError, match="row 1: the field 'image' does not hold a string"):
        texts(path, "image")

    [source] = expand([str(path)], Selection(tables=True))

    def read(column: str) -> dict:
        [row] = b"".join(source.records(Wanted(column, None))).splitlines()
        return json.loads(row)

    plain = {
        "text": "Y2Fmw6k=",
        "image": "/9g=",
        "parts": ["b25l", "/w=="],
        "more": {"body": "dHdv", "raw": "/w=="},
        "a.b": "dGhyZWU=",
        "map": {"k": "dg==", "l": "/w=="},
    }
    assert read("text") == plain | {"text": "café"}
    assert read("parts.0") == plain | {"parts": ["one", "/w=="]}
    assert read("more.body") == plain | {"more": {"body": "two", "raw": "/w=="}}
    assert read("map.k") == plain | {"map": {"k": "v", "l": "/w=="}}


def test_modules_of_pyarrow_are_imported_where_they_are_needed(tmp_path):
    """In a process of its own: here, others have imported them."""
    from pyarrow import compute

    runs = compute.run_end_encode(pa.array(["x", "x", "y"]))
    table = pa.table({"text": ["A", "B", "C"], "runs": runs})
    with pa.ipc.new_file(str(tmp_path / "t.arrow"), table.schema) as writer:
        writer.write_table(table)
    lines = ok("preprocess", "--lowercase", "--column", "text", tmp_path / "t.arrow").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"text": text, "runs": run} for text, run in zip("abc", "xxy", strict=True)
    ]
