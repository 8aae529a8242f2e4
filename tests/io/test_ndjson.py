"""Fields of records that are valid JSON, whatever stands beside them."""

import json
from array import array

import pytest
from commands import run, train
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool import _core
from bpe_tool.errors import DataError
from bpe_tool.io import json_spans, ndjson

DEEP = 200_000
#: Values that are valid JSON, most of which parsers refuse or read as something else.
VALUES = [
    "1e400", "-1E+400", "1e-400", "-0", "0.0", "1" * 5000, "-" + "9" * 20, "0." + "3" * 5000,
    "1e" + "9" * 50, '"\\ud800"', '"\\udc00\\ud800"', '"\\u0000\\/"', '""', "[]", "{}",
    '{"\\ud800":"\\udfff"}', "[" * DEEP + "]" * DEEP, '{"a":' * 2000 + "1" + "}" * 2000,
    '{"t":1e400}', '[{"t":"no"},1e999]', "true", "null", '"\u2028\x7f"',
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value[:20])
@pytest.mark.parametrize("pattern", ['{"t":"Ab","n":%s}', ' { "n" : %s ,\t"t":"Ab"} ', "\ufeff"])
def test_what_stands_in_other_fields_does_not_matter(value, pattern):
    pattern = pattern if "%s" in pattern else '\ufeff{"\\ud800":%s,"t":"Ab","n":[%s]}'
    record = pattern.replace("%s", value).encode()
    field = ndjson.find(record, "t")
    assert field.text == "Ab"
    assert field.replaced("x") == record.replace(b'"Ab"', b'"x"')
    assert ndjson.parse(record.replace(b'"Ab"', b"[1]"), "t")["t"] == [1]


@pytest.mark.parametrize(
    ("record", "what"),
    [
        ('{"t":"a","n":1e400', "unexpected end of data (column 19)"),
        ('{"t":"a","n":1e400}}', "unexpected character (column 20)"),
        ('{"t":"\u00e4","n":1e400,"m":01}', "unexpected character (column 25)"),
        ('{"n":1e400,"t":"a",}', "unexpected character (column 20)"),
        ('{"n":1e400,"t":nan}', "unexpected character (column 16)"),
        ('{"n":1e400,"t":"a\tb"}', "unexpected character (column 16)"),
        ('{"n":"\\ud800","t":"\\x"}', "unexpected character (column 19)"),
        ('{"n":1.e400,"t":"a"}', "not valid JSON"),
        ("[" * 3000, "unexpected end of data (column 3001)"),
        ("[" * 3000 + "}", "unexpected character (column 3001)"),
        ('{"n":1e400,"t":"\\ud800"}', "the field 't' cannot be read"),
        ('{"n":1e400,"u":"a"}', "the record has no field 't'"),
        ("[1e400]", "expected a JSON object"),
        ("1e400", "expected a JSON object"),
    ],
)
def test_what_is_wrong_is_said_of_the_place_where_it_is(record, what):
    with pytest.raises(DataError) as caught:
        ndjson.find(record.encode(), "t")
    assert what in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


@given(JSON, st.integers(0, 60), st.sampled_from([None, *'{}[],:"\\0e-.u \n']))
def test_the_scanner_takes_what_a_parser_takes(value, place, change):
    text = json.dumps(value, ensure_ascii=False, separators=(", ", " :"))
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if change is not None:
        text = text[:place] + change + text[place + 1 :]

    def refuse(_: str) -> None:
        raise ValueError("no JSON")

    try:
        expected = json.loads(text, parse_constant=refuse)
    except ValueError:
        with pytest.raises(json_spans.ScanError):
            json_spans.fields(text.encode())
        return
    data = text.encode()
    found = json_spans.fields(data)
    if not isinstance(expected, dict):
        assert found is None
        return
    assert {name: json.loads(data[start:end]) for name, (start, end) in found.items()} == expected


def test_all_verbs_that_read_records(tmp_path):
    record = b'{"text":"Ab ab","ids":[97,98],"n":1e400}\n'
    path = tmp_path / "records.ndjson"
    path.write_bytes(record)
    vocab = tmp_path / "vocab"
    train(path, "--ndjson", "text", "--vocab-size", 257, "-o", vocab)
    for arguments, expected in [
        (["preprocess", "--lowercase", "--ndjson", "text"], record.replace(b"Ab", b"ab")),
        (["encode", "-t", vocab, "--ndjson", "text"], None),
        (["decode", "-t", vocab, "--format", "ndjson"], b"ab\n"),
        (["batch", "--pad", 0, "--format", "ndjson"], None),
    ]:
        done = run(*arguments, stdin=record)
        assert (done.returncode, done.stderr) == (0, b""), done.stderr
        assert done.stdout == expected if expected else done.stdout


IDS = st.lists(st.integers(-1, 2**32) | st.sampled_from([0, 7, 2**32 - 1, 1.0, True, None]))
MORE = st.dictionaries(st.sampled_from(["ids", "i", "", "\u00e4"]), JSON, max_size=2)


@given(MORE, IDS | JSON, MORE, st.integers(0, 40), st.sampled_from([None, *'{}[],:"\\0e-.u ']))
def test_the_core_reads_ids_as_the_parser_does(before, ids, after, place, change):
    """A line that it cannot read is left to the parser."""
    pairs = [*before.items(), ("ids", ids), *after.items()]
    text = ", ".join(f"{json.dumps(name)}:{json.dumps(value)}" for name, value in pairs)
    text = f"{{{text}}}"
    if change is not None:
        text = text[:place] + change + text[place + 1 :]
    left = []
    records = _core.parse_ndjson_ids(text.encode(), lambda *line: left.append(line))
    if left:
        assert left == [(0, text.encode())]
        assert records.skipped == [0]
    else:
        parsed = ndjson.parse(text.encode(), "ids")
        assert parsed["ids"] == array("I", records.ids).tolist()
        assert records.skipped == []
    assert records.unterminated
