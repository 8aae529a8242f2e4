"""Streams of text become ids and text again, whatever the unit and wherever they are cut."""

from array import array
from collections.abc import Iterator
from itertools import chain, pairwise

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpe_tool import _core, train_vocab
from bpe_tool.errors import DataError, LimitError, SpecialTokenError, UnknownIdError
from bpe_tool.io.documents import TextBlock, Unit
from bpe_tool.io.id_writers import id_sink
from bpe_tool.io.template import Template
from bpe_tool.streams.decode import Decoding, decode
from bpe_tool.streams.encode import Encoding, encode

END = "</s>"
TEXT = "low lower lowest, \u00e9t\u00e9 and x\n" * 5


class Given:
    """A source in memory, and an output."""

    replaces = True
    size = None

    def __init__(self, data: bytes = b"", cuts: list[int] | None = None, name: str = "given"):
        self.name = name
        self.data = bytearray(data)
        self._cuts = cuts or []

    def blocks(self, on_read=None, block_bytes=None, on_wait=None) -> Iterator[bytes]:
        size = len(self.data)
        places = sorted({0, size, *(min(cut, size) for cut in self._cuts)})
        for start, end in pairwise(places):
            if on_wait is not None and start % 2:
                on_wait()
            yield bytes(self.data[start:end])

    def write(self, data: bytes) -> None:
        self.data += data

    def patch(self, offset: int, data: bytes) -> None:
        self.data[offset : offset + len(data)] = data


@pytest.fixture(scope="module")
def core() -> _core.Tokenizer:
    return train_vocab([TEXT], vocab_size=280, special_tokens=[END])._core


def encoded(core, sources, unit, *, template=None, format="ids", **options):
    output = Given()
    settings = {"max_pretoken_bytes": 1000} | options
    on_skip = settings.pop("on_skip", None)
    encoding = Encoding(tokenizer=core, unit=unit, template=template or Template(), **settings)
    sink = id_sink(
        format, output, max_id=core.max_id, offsets=bool(options.get("offsets")), count=False
    )
    met = encode(sources, encoding, sink, on_skip=on_skip)
    return bytes(output.data), met


def decoded(core, sources, unit, *, template=None, format="ids", on_skip=None) -> bytes:
    output = Given()
    decoding = Decoding(
        tokenizer=core, unit=unit, template=template or Template(), id_format=format
    )
    decode(sources, decoding, output, on_skip=on_skip)
    return bytes(output.data)


UNITS = {
    "whole": Unit(),
    "lines": Unit(b"\n"),
    "null": Unit(b"\0"),
    "separator": Unit(b"aa"),
    "long": Unit(b"\r\n\r\n"),
}
BYTES = st.lists(
    st.sampled_from([b"a", b"b", b"\n", b"\0", b"\r", b"aa", b"low", b"\xff", b" ", END.encode()])
    | st.binary(max_size=3),
    max_size=12,
).map(b"".join)
CUTS = st.lists(st.integers(0, 30), max_size=4)
TEMPLATES = st.sampled_from(
    [Template(), Template([65]), Template([], [279]), Template([279, 1], [279])]
)


def documents_of(text: bytes, terminator: bytes | None) -> list[bytes]:
    if not text:
        return []
    if terminator is None:
        return [text]
    documents = text.split(terminator)
    return documents if documents[-1] else documents[:-1]


@given(BYTES, CUTS, CUTS, TEMPLATES, st.sampled_from(["text", "token"]))
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_one_source(core, unit, text, cuts, id_cuts, template, special):
    ids, _ = encoded(core, [Given(text, cuts)], unit, template=template, special=special)
    expected = [
        [*template.before, *core.encode(document, special, False), *template.after]
        for document in documents_of(text, unit.terminator)
    ]
    lines = "\n".join(" ".join(map(str, document)) for document in expected)
    unended = unit.terminator and not text.endswith(unit.terminator)
    if unit.terminator != b"aa":  # "aaa" ends with "aa", and yet its last record has no end
        assert ids.decode() == lines + ("" if unended or not expected else "\n")
    assert decoded(core, [Given(ids, id_cuts)], unit, template=template) == text


@given(st.lists(BYTES, max_size=3), CUTS, st.sampled_from(["ids", "ndjson"]))
@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_several_sources(core, unit, texts, cuts, format):
    sources = [Given(text, cuts) for text in texts]
    ids, _ = encoded(core, sources, unit, format=format)
    expected = b"".join(texts)
    if unit.terminator:
        documents = [documents_of(text, unit.terminator) for text in texts]
        expected = b"".join(each + unit.terminator for each in chain(*documents))
        last = encoded(core, sources[-1:], unit, format=format)[0] if texts else b""
        if last and not last.endswith(b"\n"):
            expected = expected.removesuffix(unit.terminator)
    assert decoded(core, [Given(ids, cuts)], unit, format=format) == expected


@given(st.lists(st.text(max_size=5), max_size=5), CUTS, st.booleans())
def test_ndjson(core, texts, cuts, unterminated):
    data = b"".join(orjson.dumps({"t": text}) + b"\n" for text in texts)
    if unterminated:
        data = data.removesuffix(b"\n")
    unit = Unit.ndjson("t")
    for format in ("ids", "ndjson"):
        ids, _ = encoded(core, [Given(data, cuts)], unit, format=format)
        kept = format == "ids" and texts and not texts[-1] and unterminated
        assert decoded(core, [Given(ids)], unit, format=format) == data + b"\n" * bool(kept)


@given(BYTES, CUTS, CUTS)
@pytest.mark.parametrize("format", ["u16", "u32", "npy"])
def test_raw(core, format, text, cuts, id_cuts):
    ids, _ = encoded(core, [Given(text, cuts)], Unit(), format=format)
    assert decoded(core, [Given(ids, id_cuts)], Unit(), format=format) == text
    unit, template = Unit(b"\n"), Template([], [279])
    ids, _ = encoded(core, [Given(text, cuts)], unit, format=format, template=template)
    text += b"" if text.endswith(b"\n") or not text else b"\n"
    assert decoded(core, [Given(ids, id_cuts)], unit, format=format, template=template) == text


@given(BYTES, CUTS)
def test_offsets(core, text, cuts):
    lines, _ = encoded(
        core,
        [Given(text, cuts)],
        Unit(b"\n"),
        template=Template([279]),
        format="ndjson",
        offsets=True,
    )
    for line, document in zip(lines.splitlines(), documents_of(text, b"\n"), strict=True):
        ids, offsets = core.encode_with_offsets(document, "text", False)
        value = orjson.loads(line)
        assert value["ids"] == [279, *ids]
        assert value["offsets"] == [[0, 0], *map(list, offsets)]


def test_skipped_records_keep_their_place(core):
    data = b'{"t":"a"}\nbad\nnull\n{"t":"b"}\n'
    for format, expected in [
        ("ids", b"97\n\n\n98\n"),
        ("ndjson", b'{"ids":[97]}\nnull\nnull\n{"ids":[98]}\n'),
    ]:
        skipped = []
        ids, _ = encoded(
            core, [Given(data)], Unit.ndjson("t"), format=format, on_skip=skipped.append
        )
        assert ids == expected
        assert len(skipped) == 1
    assert decoded(core, [Given(ids)], Unit.ndjson("t"), format="ndjson") == (
        b'{"t":"a"}\nnull\nnull\n{"t":"b"}\n'
    )
    assert decoded(core, [Given(ids)], Unit(b"\n"), format="ndjson") == b"a\n\n\nb\n"


def test_skipped_records_get_no_template_where_that_can_be_told(core):
    data = b'{"t":"a"}\nbad\n{"t":""}\nnull\n{"t":"b"}\n'
    for format, expected in [
        ("ids", b"5 97 279\n\n5 279\n\n5 98 279\n"),
        (
            "ndjson",
            b'{"ids":[5,97,279]}\nnull\n{"ids":[5,279]}\nnull\n{"ids":[5,98,279]}\n',
        ),
        ("u16", array("H", [5, 97, 279, 5, 279, 5, 279, 5, 279, 5, 98, 279]).tobytes()),
    ]:
        for cuts in [], [3, 11], range(len(data)):
            ids, _ = encoded(
                core,
                [Given(data, list(cuts))],
                Unit.ndjson("t"),
                template=Template([5], [279]),
                format=format,
                on_skip=lambda error: None,
            )
            assert ids == expected


@pytest.mark.parametrize("offsets", [False, True])
def test_documents_without_text_get_a_template(core, offsets):
    source = Given()
    blocks = [[TextBlock(b"")], [TextBlock(b"", (0,))], [TextBlock(b"a")]]
    output = Given()
    encoding = Encoding(
        tokenizer=core,
        unit=Unit(),
        template=Template([5], [279]),
        offsets=offsets,
        max_pretoken_bytes=1000,
    )
    sink = id_sink("ndjson", output, max_id=core.max_id, offsets=offsets)
    encode([source], encoding, sink, texts=[(source, iter(some)) for some in blocks])
    records = [orjson.loads(line) for line in bytes(output.data).splitlines()]
    assert [record and record["ids"] for record in records] == [[5, 279], None, [5, 97, 279]]
    if offsets:
        positions = [[[0, 0], [0, 0]], None, [[0, 0], [0, 1], [1, 1]]]
        assert [record and record["offsets"] for record in records] == positions


def test_of_many_small_sources_few_are_under_way(core):
    given, most, output = 0, 0, Given()

    class Counted(Given):
        def blocks(self, *arguments, **options):
            nonlocal given
            given += 1
            return super().blocks(*arguments, **options)

        def write(self, data: bytes) -> None:
            nonlocal most
            super().write(data)
            most = max(most, given - self.data.count(b"\n"))

    output = Counted()
    encoding = Encoding(
        tokenizer=core, unit=Unit(b"\n"), template=Template(), threads=1, max_pretoken_bytes=1000
    )
    sink = id_sink("ids", output, max_id=core.max_id, offsets=False, count=False)
    encode([Counted(b"a\n")] * 3000, encoding, sink)
    assert output.data == b"97\n" * 3000
    assert most < 1000


def test_what_was_read_before_an_error_is_written(core):
    class Broken(Given):
        def blocks(self, *arguments, **options):
            yield from super().blocks(*arguments, **options)
            raise OSError("the disk is gone")

    output = Given()
    encoding = Encoding(
        tokenizer=core, unit=Unit(b"\n"), template=Template(), max_pretoken_bytes=1000
    )
    sink = id_sink("ids", output, max_id=core.max_id, offsets=False, count=False)
    with pytest.raises(OSError, match="the disk is gone"):
        encode([Given(b"a\n"), Broken(b"b\nc\nd", [3])], encoding, sink)
    assert bytes(output.data) == b"97\n98\n99\n"
    # An error of the core comes in its turn, too: after the blocks before.
    output = Given()
    sink = id_sink("ids", output, max_id=core.max_id, offsets=False, count=False)
    encoding = Encoding(
        tokenizer=core, unit=Unit(b"\n"), template=Template(), max_pretoken_bytes=10
    )
    with pytest.raises(LimitError, match="given: line 3"):
        encode([Given(b"a\n"), Given(b"b\nc\n" + b"x" * 99, [2, 4])], encoding, sink)
    assert bytes(output.data) == b"97\n98\n99\n"


def test_text_that_json_cannot_hold(core):
    source = Given(b"97\n255\n98\n")
    with pytest.raises(DataError, match="given: line 2: byte 0 of the text is not UTF-8"):
        decoded(core, [source], Unit.ndjson("t"))
    skipped = []
    text = decoded(core, [source], Unit.ndjson("t"), on_skip=skipped.append)
    assert text == b'{"t":"a"}\nnull\n{"t":"b"}\n'
    assert len(skipped) == 1


def test_special_tokens_in_text_are_counted(core):
    text = f"a {END}{END}\nb {END}".encode()
    counted = {"count_special": True}
    assert encoded(core, [Given(text), Given(text)], Unit(b"\n"), **counted)[1] == 6
    assert encoded(core, [Given(text)], Unit(b"\n"), special="token", **counted)[1] == 0
    assert encoded(core, [Given(text)], Unit(b"\n"))[1] == 0


@pytest.mark.parametrize("cuts", [[], [3], [10, 11, 12], list(range(30))])
@pytest.mark.parametrize(
    ("text", "where"),
    [
        (f"{END}\nb\n", "line 1"),
        (f"a\nb\n\nc {END}\n", "line 4"),
        (f"a\nbcdefg {END}", "line 2"),
    ],
)
def test_errors_name_the_record(core, text, where, cuts):
    sources = [Given(b"fine\n", name="first"), Given(text.encode(), cuts)]
    with pytest.raises(SpecialTokenError, match=f"given: {where}: .*{END}") as raised:
        encoded(core, sources, Unit(b"\n"), special="error")
    assert raised.value.hint
    record = where.replace("line", "record")
    with pytest.raises(SpecialTokenError, match=f"given: {record}: "):
        sources = [Given(text.replace("\n", "\0").encode(), cuts)]
        encoded(core, sources, Unit(b"\0"), special="error")
    with pytest.raises(SpecialTokenError, match="given: the text"):
        encoded(core, [Given(text.encode(), cuts)], Unit(), special="error")


def test_a_limit_names_the_record(core):
    with pytest.raises(LimitError, match="given: line 2: "):
        encoded(core, [Given(b"a\n" + b"b" * 2000 + b"\n")], Unit(b"\n"))


def test_unknown_ids_are_located(core):
    for text, where in [
        (b"1 2\n3 4 999 5\n", "line 2: id 999 at position 2"),
        (b"999", "line 1: id 999 at position 0"),
    ]:
        with pytest.raises(UnknownIdError, match=f"given: {where}"):
            decoded(core, [Given(b"1"), Given(text)], Unit(b"\n"))
    lines = b'{"ids":[1]}\nnull\n{"ids":[2,3,999]}\n'
    with pytest.raises(UnknownIdError, match="given: line 3: id 999 at position 2"):
        decoded(core, [Given(lines)], Unit(b"\n"), format="ndjson")
    raw = b"\1\0\x17\1\xe7\3\x17\1"
    with pytest.raises(UnknownIdError, match="given: record 2: id 999 at position 0"):
        decoded(core, [Given(raw)], Unit(b"\n"), format="u16", template=Template([], [279]))
