"""Streams of records through a pipeline: record n in is record n out, whoever does it."""

import json
import os
import threading
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_steps import Replace, Upper
from test_encode_decode import UNITS, Given, documents_of

from bpe_tool.errors import DataError, LimitError
from bpe_tool.io.documents import NDJSON_TERMINATOR, Unit
from bpe_tool.io.ndjson import find
from bpe_tool.preprocess.pipeline import Pipeline
from bpe_tool.preprocess.pipeline_reports import report
from bpe_tool.streams import workers
from bpe_tool.streams.preprocess import StreamPreprocessor
from bpe_tool.streams.preprocess_block import BlockPreprocessor

# It removes, makes records empty, and makes terminators of all units.
PIPELINE = Pipeline(
    [
        Replace(pattern="b"),
        Replace(pattern="x", text="\n\0aa\r\n\r\n"),
        Replace(pattern="q", text="a"),
    ]
)
TEXTS = st.lists(
    st.sampled_from([*"abxq\n\0\r ", "aa", "low", "\r\n\r\n", "\u00e9"]), max_size=12
).map("".join)
CUTS = st.lists(st.integers(0, 30), max_size=4)


def preprocessed(sources, unit, *, pipeline=PIPELINE, on_skip=None, count=1, **options) -> bytes:
    output = Given()
    preprocessor = BlockPreprocessor(pipeline=pipeline, unit=unit, keeps_fields=True, **options)
    preprocessing = StreamPreprocessor(preprocessor=preprocessor, workers=count, on_skip=on_skip)
    preprocessing.write(sources, output)
    return bytes(output.data)


@given(TEXTS, CUTS)
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_one_source(unit, text, cuts):
    records = documents_of(text.encode(), unit.terminator)
    result = preprocessed([Given(text.encode(), cuts)], unit)
    if unit.terminator is None:
        assert result.decode() == PIPELINE.apply(text)
        return
    out = documents_of(result, unit.terminator)
    assert len(out) == len(records)
    for before, after in zip(records, out, strict=True):
        expected = PIPELINE.apply(before.decode()).encode()
        if unit.terminator not in expected + unit.terminator[:-1]:
            assert after == expected
    if len(unit.terminator) == 1 and records:
        unended = not text.encode().endswith(unit.terminator)
        ended = bool(PIPELINE.apply(records[-1].decode())) and unended
        assert result.endswith(unit.terminator) is not ended


@given(st.lists(TEXTS, max_size=3), CUTS)
@pytest.mark.parametrize("unit", [UNITS["lines"], UNITS["null"], UNITS["long"]])
def test_several_sources(unit, texts, cuts):
    sources = [Given(text.encode(), cuts) for text in texts]
    result = preprocessed(sources, unit, pipeline=Pipeline([Upper()]))
    expected = []
    for place, text in enumerate(texts, 1):
        expected += documents_of(text.encode(), unit.terminator)
        # The last record of a source that another one follows gets a terminator, which might
        # begin within the record.
        if place < len(texts) and expected:
            end = (expected[-1] + unit.terminator).find(unit.terminator)
            expected[-1] += b" " if end < len(expected[-1]) else b""
    records = documents_of(result, unit.terminator)
    assert [record.lower() for record in records] == expected


def test_an_end_without_terminator_stays_as_it_is():
    unit, upper = Unit(b"\r\n\r\n"), Pipeline([Upper()])
    assert preprocessed([Given(b"\r\n")], unit, pipeline=upper) == b"\r\n"
    assert preprocessed([Given(b"b"), Given(b"\r\n")], unit, pipeline=upper) == b"B\r\n\r\n\r\n"
    # With a terminator after it, its end would be part of one.
    assert preprocessed([Given(b"\r\n"), Given(b"b")], unit, pipeline=upper) == b"\r\n \r\n\r\nB"


def test_a_terminator_made_within_a_record_becomes_a_space():
    for text, expected in [(b"axa\nb\n", b"a \0aa\r \r a\n\n"), (b"a", b"a"), (b"b", b"\n")]:
        assert preprocessed([Given(text)], Unit(b"\n")) == expected
    # The end of the record and the start of its terminator would be one, too.
    assert preprocessed([Given(b"lowqaalowbaalow")], Unit(b"aa")) == b"lowa aalowaalow"
    assert preprocessed([Given(b"xx")], Unit()) == b"\n\0aa\r\n\r\n" * 2


def test_separators_that_are_not_utf8():
    records = preprocessed([Given(b"one\xa9qq\xff\xa9")], Unit(b"\xa9"), errors="replace")
    assert records == b"one\xa9aa\xef\xbf\xbd\xa9"


# --- NDJSON ---------------------------------------------------------------------------

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=3) | st.just("t"), JSON, max_size=4),
    st.text('ab"\\\u00e9\n{}:,', max_size=8),
    st.booleans(),
    st.sampled_from([(", ", ": "), (",", ":"), (" ,\t", "  :")]),
    st.integers(0, 4),
)
def test_every_other_field_is_kept(others, text, ascii, separators, place):
    items = [item for item in others.items() if item[0] != "t"]
    items.insert(min(place, len(items)), ("t", text))
    line = json.dumps(dict(items), ensure_ascii=ascii, separators=separators).encode(
        errors="surrogatepass"
    )
    result = preprocessed([Given(line)], Unit.ndjson("t"))
    if text == PIPELINE.apply(text):
        assert result == line
    value = json.loads(result)
    assert list(value) == [name for name, _ in items]
    assert value["t"] == PIPELINE.apply(text)
    before, after = line.split(b'"t"')[0], result.split(b'"t"')[0]
    assert before == after
    assert {**value, "t": text} == dict(items)


def test_numbers_and_escapes_are_kept_to_the_byte():
    line = b' { "n" : 123456789012345678901234567890, "t":"ab" ,"e":1.00E+30,"u":"\\u00e9\\/" }\r'
    expected = line.replace(b'"ab"', b'"a"')
    assert preprocessed([Given(line + b"\n")], Unit.ndjson("t")) == expected + b"\n"
    # Of two fields of one name, parsers take the last.
    line = b'{"t":"ab","o":{"t":"ab"},"\\u0074":"ab"}'
    assert (
        preprocessed([Given(line)], Unit.ndjson("t")) == b'{"t":"ab","o":{"t":"ab"},"\\u0074":"a"}'
    )
    assert find(line, "t").text == "ab"


def test_a_byte_order_mark_is_no_part_of_the_record_and_stays():
    line = b'\xef\xbb\xbf{"t":"ab"}\n'
    assert preprocessed([Given(line)], Unit.ndjson("t")) == line.replace(b"ab", b"a")


def test_records_without_text_keep_their_place():
    data = b'{"t":"ab"}\nbad\nnull\n{"u":1}\n{"t":1}\n\n{"t":"b"}'
    skipped = []
    result = preprocessed([Given(data)], Unit.ndjson("t"), on_skip=skipped.append)
    assert result == b'{"t":"a"}\nnull\nnull\nnull\nnull\nnull\n{"t":""}'
    assert [str(error).split(": ")[1] for error in skipped] == [
        "line 2", "line 4", "line 5", "line 6",
    ]  # fmt: skip
    with pytest.raises(DataError, match="given: line 2: not valid JSON"):
        preprocessed([Given(data)], Unit.ndjson("t"))


# --- bytes that are not UTF-8 ---------------------------------------------------------

BAD = b"ab\n\xffab\xc3\nb\n"


def test_invalid_bytes():
    unit, sources = Unit(b"\n"), [Given(b"fine\n"), Given(BAD, [1, 4])]
    with pytest.raises(DataError, match="given: line 2: byte 0 is not UTF-8") as raised:
        preprocessed(sources, unit)
    assert "errors" in raised.value.hint
    assert preprocessed(sources, unit, errors="replace").decode() == "fine\na\n\ufffda\ufffd\n\n"
    skipped = []
    result = preprocessed(sources, unit, errors="skip", on_skip=skipped.append)
    assert result == b"fine\na\n\n\n"
    assert [str(error) for error in skipped] == ["given: line 2: byte 0 is not UTF-8"]
    with pytest.raises(DataError, match=r"^given: byte 3 is"):
        preprocessed(sources, Unit())


def test_invalid_bytes_in_json():
    unit, data = Unit.ndjson("t"), b'{"t":"b\xff"}\n{"t":"ab","\xfe":1}\n'
    with pytest.raises(DataError, match="line 1: byte 7 is not UTF-8"):
        preprocessed([Given(data)], unit)
    replaced = '{"t":"\ufffd"}\n{"t":"a","\ufffd":1}\n'
    assert preprocessed([Given(data)], unit, errors="replace").decode() == replaced
    skipped = []
    assert preprocessed([Given(data)], unit, errors="skip", on_skip=skipped.append) == b"null\n" * 2
    assert len(skipped) == 2


def test_replaced_records_are_counted():
    preprocessor = BlockPreprocessor(pipeline=PIPELINE, unit=Unit(b"\n"), errors="replace")
    blocks = []
    sources = [Given(BAD), Given(BAD), Given(b"a")]
    StreamPreprocessor(preprocessor=preprocessor, on_block=blocks.append).write(sources, Given())
    assert sum(each.replaced for each in blocks) == 2


# --- as documents of other verbs ------------------------------------------------------


def test_documents_for_encoders():
    sources = [Given(b"ab\nb"), Given(b""), Given(b"abc", name="last")]
    preprocessor = BlockPreprocessor(pipeline=PIPELINE, unit=Unit(b"\n"))
    found = [
        (source.name, b"".join(block.text for block in each))
        for source, each in StreamPreprocessor(preprocessor=preprocessor).documents(sources)
    ]
    assert found == [
        ("given", b"a\n\n"),
        ("given", b""),
        ("last", b"ac"),
    ]
    data = b'{"t":"ab\\n"}\nnull\n{"t":"b"}'
    preprocessor = BlockPreprocessor(pipeline=PIPELINE, unit=Unit.ndjson("t"))
    sources = [Given(data)]
    for _, each in StreamPreprocessor(preprocessor=preprocessor).documents(sources):
        assert [block[:3] for block in each] == [(b"a\n\xff\xff", (1,), False), (b"\xff", (), True)]
    assert NDJSON_TERMINATOR == b"\xff"


# --- several processes ----------------------------------------------------------------


def big_sources() -> list[Given]:
    line = "the abbot \u00e9 bx\n" * 300
    return [
        Given((line * 40).encode(), [7, 100_003, 150_001], name="big"),
        *(Given(b"ab \xff\n" * number, name=f"small {number}") for number in range(30)),
        Given(b"c" * 3_000_000 + b"\nlast", name="long"),
    ]


@pytest.mark.parametrize("count", [2, 3])
def test_workers_change_nothing(count):
    for unit in (Unit(b"\n"), Unit()):
        results = []
        for each in (1, count):
            skipped = []
            result = preprocessed(
                big_sources(), unit, errors="skip", count=each, on_skip=skipped.append
            )
            results.append((result, [str(error) for error in skipped]))
        assert results[0] == results[1]
    kind = partial(report, "stats", PIPELINE)
    tables = [
        preprocessed(big_sources(), Unit(b"\n"), errors="replace", count=each, report=kind)
        for each in (1, count)
    ]
    assert tables[0] == tables[1]


def test_errors_of_workers():
    with pytest.raises(DataError, match="small 1: line 1: byte 3 is not UTF-8") as raised:
        preprocessed(big_sources(), Unit(b"\n"), count=2)
    assert raised.value.hint

    def broken():
        yield from range(5)
        raise OSError(5, "a source fails", "name")

    results = []
    with pytest.raises(OSError, match="a source fails"):
        for result in workers.in_order(abs, broken(), 2):
            results.append(result)
    assert results == list(range(5))


def test_workers_that_die():
    with pytest.raises(LimitError, match="worker process ended"):
        list(workers.in_order(os._exit, iter([0] * 9), 2))


def test_results_come_before_the_next_item_is_there():
    more = threading.Event()

    def items():
        yield -1
        yield -2
        assert more.wait(60)
        yield -3

    results = workers.in_order(abs, items(), 2)
    assert [next(results), next(results)] == [1, 2]
    more.set()
    assert list(results) == [3]


def test_few_items_are_under_way():
    taken = []

    def items():
        for number in range(1000):
            taken.append(number)
            yield number

    results = workers.in_order(abs, items(), 2)
    for number in range(20):
        assert next(results) == number
        assert len(taken) <= number + 2 + 2 * workers.AHEAD
    results.close()
