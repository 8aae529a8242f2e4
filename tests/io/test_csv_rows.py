"""CSV is read as Python's `csv` reads it."""

import csv
import io
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bpe_tool.errors import DataError, LimitError
from bpe_tool.io import tables
from bpe_tool.io.csv_rows import csv_lines
from bpe_tool.io.tables import Wanted

ALL = Wanted("text", None)


def rows(data: bytes, step: int = 1 << 20, delimiter: str = ",", wanted: Wanted = ALL) -> list:
    blocks = [data[at : at + step] for at in range(0, len(data), step)]
    lines = b"".join(csv_lines(blocks, "t.csv", delimiter, wanted)).splitlines()
    return [json.loads(line) for line in lines]


FIELDS = st.text(st.sampled_from('ab",\t\r\n\x00\u2028é \ufeff'), max_size=6)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(FIELDS, FIELDS), max_size=5),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from([",", "\t"]),
    st.integers(1, 9),
    st.booleans(),
)
@example([("a", "b\r\nc"), ("", "")], "\r\n", ",", 1, True)
def test_what_csv_writes_is_read_whatever_the_line_ends_and_blocks(rows_of, end, tab, step, bom):
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=tab, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["text", ""])
    writer.writerows(rows_of)
    data = b"\xef\xbb\xbf" * bom + file.getvalue().encode()
    assert rows(data, step, tab) == [{"text": one, "": two} for one, two in rows_of]


@settings(max_examples=60)
@given(st.text(st.sampled_from('a",\r\n'), max_size=12), st.integers(1, 5))
def test_any_text_is_read_as_csv_reads_it(text, step):
    text = "text,b\n" + text
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header, *expected = reader
    except csv.Error:
        with pytest.raises(DataError):
            rows(text.encode(), step)
        return
    expected = [row for row in expected if row]
    if any(len(row) != 2 for row in expected):
        with pytest.raises(DataError, match="the header has 2"):
            rows(text.encode(), step)
        return
    assert rows(text.encode(), step) == [dict(zip(header, row, strict=True)) for row in expected]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"text,a,a\nx,1,2\n", "t.csv has several columns 'a'"),
        (b"a,b\nx,1\n", "t.csv has no column 'text': its columns are 'a', 'b'"),
        (b"text,a\nx\n", "row 1 has 1 fields, the header has 2"),
        (b'text,a\n"say ""hi"" now"x,1\n', "line 2: ',' expected after '\"'"),
        (b'text,a\n"say \\"hi\\"",1\n', "line 2: ',' expected after '\"'"),
        (b'text,a\n"never closed,1\n', "unexpected end of data"),
    ],
)
def test_what_would_lose_something_is_refused(data, what):
    with pytest.raises(DataError) as raised:
        rows(data)
    assert what in str(raised.value)


def test_the_hint_is_about_what_is_wrong_with_quotes():
    with pytest.raises(DataError) as raised:
        rows(b'text\n"say \\"hi\\""\n')
    assert "is written twice" in str(raised.value.hint)


def test_columns_of_the_same_name_do_no_harm_where_they_are_not_needed():
    assert rows(b"text,a,a\nx,1,2\n", wanted=Wanted("text")) == [{"text": "x"}]


def test_a_field_of_any_size_up_to_the_limit(monkeypatch):
    monkeypatch.setattr(tables, "MAX_FIELD", 200_000)
    limit = csv.field_size_limit()
    long = "x\n" * 90_000
    assert rows(f'text\n"{long}"\n'.encode(), 1000) == [{"text": long}]
    with pytest.raises(DataError, match=r"line .*: field larger than field limit"):
        rows(f'text\n"{long * 2}"\n'.encode(), 1000)
    assert csv.field_size_limit() == limit


def test_a_line_that_does_not_end_is_not_read_to_the_end(monkeypatch):
    monkeypatch.setattr(tables, "MAX_FIELD", 5000)
    taken = 0

    def blocks():
        nonlocal taken
        yield b"text\n"
        while True:
            taken += 1
            yield b"x," * 500

    with pytest.raises(LimitError, match="line 2 has more than 5000 characters"):
        list(csv_lines(blocks(), "t.csv", ",", ALL))
    assert taken <= 6
