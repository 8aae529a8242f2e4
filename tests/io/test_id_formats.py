"""Ids in every form: written, read back, and cut anywhere on the way."""

import io
import json
from array import array
from itertools import chain, pairwise
from random import Random
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool.errors import ArgumentError, DataError
from bpe_tool.io import id_writers as sinks
from bpe_tool.io import npy_header
from bpe_tool.io.files import expand
from bpe_tool.io.id_readers import id_records
from bpe_tool.io.id_writers import check_boundaries, id_sink
from bpe_tool.io.records import Records

TEXT_FORMATS = ["ids", "ndjson"]
RAW_FORMATS = ["u16", "u32", "npy"]


class Memory:
    """An output that keeps what is written."""

    replaces = True

    def __init__(self) -> None:
        self.buffer = io.BytesIO()

    def write(self, data: bytes) -> None:
        self.buffer.write(data)

    def patch(self, offset: int, data: bytes) -> None:
        self.buffer.getbuffer()[offset : offset + len(data)] = data


IDS = st.integers(0, 0xFFFF)
DOCUMENTS = st.lists(st.lists(IDS, max_size=6), max_size=6)
CUTS = st.lists(st.integers(0, 40), max_size=5)


def parts(documents, cuts, *, unterminated=False, offsets=False):
    """The records of documents, cut after these numbers of ids."""
    events = []
    for document in documents:
        events += [("id", id, at) for at, id in enumerate(document)]
        events.append(("end", 0, 0))
    for start, end in pairwise(sorted({0, len(events), *(min(c, len(events)) for c in cuts)})):
        ids, ends, positions = [], [], []
        for kind, id, at in events[start:end]:
            if kind == "end":
                ends.append(len(ids))
            else:
                ids.append(id)
                positions += [at, at + 1]
        yield Records(
            array("I", ids),
            array("q", ends),
            array("q", positions if offsets else []),
            unterminated=unterminated and end == len(events),
        )


def written(all_records, format, **options) -> bytes:
    output = Memory()
    sink = id_sink(format, output, max_id=0xFFFF, **options)
    for records in all_records:
        sink.write(records)
    sink.finish()
    return output.buffer.getvalue()


def collected(all_records) -> tuple[list[list[int]], list[int]]:
    """Documents and the ids of one that did not end."""
    documents, current = [], array("I")
    for records in all_records:
        ids, start = memoryview(records.ids).cast("I"), 0
        for end in memoryview(records.ends).cast("q"):
            current.extend(ids[start:end])
            documents.append(current.tolist())
            current, start = array("I"), end
        current.extend(ids[start:])
        assert records.is_open == (start < len(ids))
    return documents, current.tolist()


@given(DOCUMENTS, CUTS)
def test_ids(documents, cuts):
    expected = "".join(" ".join(map(str, document)) + "\n" for document in documents)
    assert written(parts(documents, cuts), "ids") == expected.encode()


@given(DOCUMENTS, CUTS, st.booleans())
def test_ndjson(documents, cuts, offsets):
    text = written(parts(documents, cuts, offsets=offsets), "ndjson", offsets=offsets)
    lines = text.decode().splitlines()
    assert text.count(b"\n") == len(lines) == len(documents)
    for line, document in zip(lines, documents, strict=True):
        expected = {"ids": document}
        if offsets:
            expected["offsets"] = [[at, at + 1] for at in range(len(document))]
        assert json.loads(line) == expected


@given(DOCUMENTS, CUTS)
def test_many_offsets_wait_on_disk(documents, cuts):
    expected = written(parts(documents, [], offsets=True), "ndjson", offsets=True)
    with patch.multiple(sinks, MANY_IDS=2, MAX_WAITING_BYTES=5):
        assert written(parts(documents, cuts, offsets=True), "ndjson", offsets=True) == expected


@given(DOCUMENTS, CUTS)
def test_count(documents, cuts):
    expected = "".join(f"{len(document)}\n" for document in documents)
    assert written(parts(documents, cuts), "ids", count=True) == expected.encode()


@given(DOCUMENTS, CUTS)
def test_raw(documents, cuts):
    ids = list(chain.from_iterable(documents))
    for format, type in [("u16", "<u2"), ("u32", "<u4")]:
        text = written(parts(documents, cuts), format)
        assert np.frombuffer(text, type).tolist() == ids
    array = np.load(io.BytesIO(written(parts(documents, cuts), "npy")), allow_pickle=False)
    assert array.dtype == np.uint32
    assert array.tolist() == ids


@given(DOCUMENTS.filter(bool), CUTS, st.sampled_from(TEXT_FORMATS), st.booleans())
def test_a_missing_terminator_stays_missing(documents, cuts, format, offsets):
    offsets = offsets and format == "ndjson"
    cut = {"offsets": offsets}
    whole = written(parts(documents, cuts, **cut), format, **cut)
    text = written(parts(documents, cuts, unterminated=True, **cut), format, **cut)
    # An empty line without its end would be no line.
    kept = format == "ids" and not documents[-1]
    assert text == (whole if kept else whole[:-1])


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"format": "ids"}, b"1\n\n2\n"),
        ({"format": "ndjson"}, b'{"ids":[1]}\nnull\n{"ids":[2]}\n'),
        ({"format": "ids", "count": True}, b"1\n\n1\n"),
    ],
)
def test_skipped_records_keep_their_line(options, expected):
    records = Records(array("I", [1, 2]), array("q", [1, 1, 2]), skipped=(1,))
    assert written([records], **options) == expected


def test_widths_are_checked_first():
    id_sink("u16", Memory(), max_id=65_535)
    with pytest.raises(ArgumentError, match="largest id of this vocabulary is 65536"):
        id_sink("u16", Memory(), max_id=65_536)
    id_sink("u32", Memory(), max_id=2**32 - 1)


def test_what_a_format_cannot_hold_is_refused():
    with pytest.raises(ArgumentError, match="cannot hold offsets"):
        id_sink("ids", Memory(), max_id=1, offsets=True)
    output = Memory()
    output.replaces = False
    with pytest.raises(ArgumentError, match="npy needs a file"):
        id_sink("npy", output, max_id=1)
    for format in RAW_FORMATS:
        check_boundaries(format, several=False, ended=False)
        check_boundaries(format, several=True, ended=True)
        with pytest.raises(ArgumentError, match="no boundaries"):
            check_boundaries(format, several=True, ended=False)
    for format in TEXT_FORMATS:
        check_boundaries(format, several=True, ended=False)


# --- reading back ---------------------------------------------------------------------


class Blocks:
    """A source that comes in given blocks."""

    name = "given"

    def __init__(self, data: bytes, cuts: list[int]) -> None:
        bounds = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
        self._blocks = [data[start:end] for start, end in pairwise(bounds)]

    def blocks(self, on_read: object = None) -> list[bytes]:
        return [block for block in self._blocks if block]


@given(DOCUMENTS, CUTS, CUTS, st.booleans())
@pytest.mark.parametrize("format", TEXT_FORMATS)
def test_text_is_read_back(format, documents, cuts, block_cuts, unterminated):
    text = written(parts(documents, cuts, unterminated=unterminated), format)
    all_records = list(id_records(Blocks(text, block_cuts), format))
    assert collected(all_records) == (documents, [])
    unended = bool(text) and not text.endswith(b"\n")
    assert [r.unterminated for r in all_records if r.unterminated] == [True] * unended


@given(DOCUMENTS, CUTS, CUTS)
@pytest.mark.parametrize("format", RAW_FORMATS)
def test_raw_is_read_back(format, documents, cuts, block_cuts):
    ids = list(chain.from_iterable(documents))
    data = written(parts(documents, cuts), format)
    got = collected(id_records(Blocks(data, block_cuts), format))
    assert got == ([ids] if ids else [], [])
    end = 7
    ended = [[id for id in document if id != end] + [end] for document in documents]
    data = written(parts([*ended, [1]], cuts), format)
    *got, last = id_records(Blocks(data, block_cuts), format, end_id=end)
    assert last.unterminated
    assert collected([*got, last]) == ([*ended, [1]], [])


@pytest.mark.parametrize("seed", range(20))
def test_long_lines_are_read_in_parts(seed):
    random = Random(seed)
    ids = [random.randrange(2 ** random.randrange(33)) for _ in range(3000)]
    text = " ".join(map(str, ids)).encode()
    for data in (text, text + b"\n"):
        all_records = list(id_records(Blocks(data, random.choices(range(len(data)), k=4)), "ids"))
        assert collected(all_records) == ([ids], [])
    assert len(list(id_records(Blocks(text, [10_000, 20_000]), "ids"))) > 1


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (b"1 2\n3 x\n", r"line 2: byte 2: expected ids, found 'x'"),
        (b"1\n\n1  2\n", r"line 3: byte 2"),
        (b"1 \n", r"line 1: byte 1"),
        (b"1\n4294967296", r"line 2: byte 0"),
    ],
)
@pytest.mark.parametrize("cuts", [[], [1], [3], [1, 2, 3, 4, 5]])
def test_what_is_not_ids_is_located(text, what, cuts):
    with pytest.raises(DataError, match=f"given: {what}"):
        list(id_records(Blocks(text, cuts), "ids"))


@pytest.mark.parametrize("end", [b"\n", b"x\n", b" 1\n", b"\r\n", b""])
@pytest.mark.parametrize("cuts", [[], [9000], [9998, 9999, 10_000]])
def test_long_lines_are_read_strictly(end, cuts):
    text = b"7 " * 5000 + end
    with pytest.raises(DataError, match=r"given: line 1(, after byte \d+)?: byte"):
        list(id_records(Blocks(text, cuts), "ids"))


@pytest.mark.parametrize(
    ("record", "what"),
    [
        (b"[1]", 'expected an object with a list "ids"'),
        (b'{"ids":1}', 'expected an object with a list "ids"'),
        (b'{"ids":[1.5]}', "1.5 at position 0 is not an id, 0 to 4294967295"),
        (b'{"ids":[0,true]}', "true at position 1"),
        (b'{"ids":[null]}', "null at position 0"),
        (b'{"ids":[7,8,-2]}', "-2 at position 2"),
        (b'{"ids":[4294967296]}', "4294967296 at position 0"),
        (b'{"ids":[18446744073709551616]}', "1.84467"),
        (b'{"ids":["' + b"x" * 999 + b'"]}', '"' + "x" * 39 + " at position 0"),
        (b'{"ids":[3,' + b"[" * 500 + b"]" * 501 + b"}", "a list or object at position 1"),
        (b"{", "not valid JSON"),
    ],
)
def test_bad_ndjson_is_named_or_skipped(record, what):
    data = b'{"ids":[1]}\n' + record + b'\nnull\n{"other":0,"ids":[]}\n'
    with pytest.raises(DataError, match=f"given: line 2: {what}"):
        list(id_records(Blocks(data, []), "ndjson"))
    skipped = []
    [records] = id_records(Blocks(data, []), "ndjson", on_skip=skipped.append)
    assert len(skipped) == 1
    assert records.skipped == [1, 2]
    assert collected([records]) == ([[1], [], [], []], [])


def test_damaged_arrays():
    with pytest.raises(DataError, match="3 bytes are not a whole number of 2-byte ids"):
        list(id_records(Blocks(b"abc", [1]), "u16"))
    good = written([Records(array("I", [1, 2]))], "npy")
    for cut in range(len(good)):
        with pytest.raises(DataError, match="given: "):
            list(id_records(Blocks(good[:cut], [5, 50]), "npy"))
    with pytest.raises(DataError, match="the header says 8 bytes of ids, the file holds 9"):
        list(id_records(Blocks(good + b"x", []), "npy"))


@pytest.mark.parametrize(
    "value",
    [
        np.zeros(3),
        np.zeros(3, np.int64),
        np.zeros((2, 2), np.uint32),
        np.zeros(3, ">u4"),
        np.array([{}], object),
        np.array(1, np.uint32),
    ],
)
def test_other_arrays_are_refused(value):
    buffer = io.BytesIO()
    np.save(buffer, value)
    with pytest.raises(DataError, match="expected a one-dimensional array of type <u2 or <u4"):
        list(id_records(Blocks(buffer.getvalue(), []), "npy"))


@pytest.mark.parametrize("type", [np.uint16, np.uint32])
def test_arrays_of_numpy_are_read(tmp_path, type):
    path = tmp_path / "ids.npy"
    np.save(path, np.arange(1000, dtype=type))
    [source] = expand([str(path)])
    assert collected(id_records(source, "npy")) == ([list(range(1000))], [])


def test_the_header_has_room_for_every_length():
    header = npy_header.build("<u4", 2**63 - 1)
    assert len(header) == npy_header.BYTES
    assert npy_header.parse(header) == ("<u4", 2**63 - 1, npy_header.BYTES)


# --- arrays -----------------------------------------------------------------------------


@pytest.mark.parametrize("as_bytes", [False, True])
def test_arrays_go_in_and_out(as_bytes):
    arrays = [array("I", [5, 6]), array("q", [0, 1]), array("q", [0, 2, 2, 3])]
    records = Records(*(each.tobytes() if as_bytes else each for each in arrays))
    assert [records.ids, records.ends, records.offsets] == [each.tobytes() for each in arrays]
    assert (len(records), records.id_count, records.count(6), records.is_open) == (2, 2, 1, True)


@pytest.mark.parametrize("ids", [np.array([1, 2], np.int32), np.zeros((2, 2), "u1"), b"123"])
def test_other_numbers_than_ids_are_refused(ids):
    with pytest.raises((ValueError, BufferError)):
        Records(ids)


@pytest.mark.parametrize("ends", [[3], [-1], [1, 0]])
def test_ends_that_do_not_fit_are_refused(ends):
    with pytest.raises(ValueError, match="do not fit"):
        Records(array("I", [1, 2]), array("q", ends))


def test_an_id_that_is_too_large_for_two_bytes_is_refused():
    with pytest.raises(OverflowError):
        Records(array("I", [65_536])).raw(2)
