"""Count files: what is written comes back, damage is found, sums do not depend on the order."""

import json
import random
import struct
import zlib
from fractions import Fraction
from pathlib import Path

import pytest
from faults import failures

from bpe_tool.counts import making, stored
from bpe_tool.counts.stored import StoredCounts
from bpe_tool.errors import ArgumentError, BpeToolWarning, LimitError, VocabError
from bpe_tool.io.count_file import MAGIC, CountFile
from bpe_tool.io.documents import Unit
from bpe_tool.io.files import expand
from bpe_tool.streams.count_pretokens import CountOptions

PLAIN = CountOptions(pattern="gpt2")


def make(output: Path, *files: Path, options: CountOptions = PLAIN) -> StoredCounts:
    """Count files into a count file."""
    counted = making.count(expand([str(file) for file in files]), Unit(), options)
    making.write(counted, options, output)
    return StoredCounts.open(output)


def made_of(records: dict[bytes, int], folder: Path, name: str) -> StoredCounts:
    """A count file with these records, from a text of them."""
    text = folder / f"{name}.txt"
    text.write_bytes(b" ".join(word for word, count in records.items() for _ in range(count)))
    return make(folder / f"{name}.counts", text, options=CountOptions(pattern=r"[^ ]+| "))


@pytest.fixture
def shards(tmp_path: Path) -> list[Path]:
    """Texts of many words, some of which are in several of them."""
    draw = random.Random(20)
    letters = str.maketrans("0123456789", "ghijklmnop")
    paths = []
    for number in range(7):
        words = (f"{draw.randrange(100_000):06x}".translate(letters) for _ in range(9000))
        paths.append(tmp_path / f"shard-{number}.txt")
        paths[-1].write_text(" ".join(words))
    paths.append(tmp_path / "empty.txt")
    paths[-1].touch()
    return paths


def test_records_come_back(tmp_path: Path):
    (tmp_path / "text").write_bytes(b"a b a\xff\n\n caf\xc3\xa9 a")
    found = make(tmp_path / "c", tmp_path / "text")
    records = {b"a": 1, b" b": 1, b" a": 2, b"\xff": 1, b"\n\n": 1, b" caf\xc3\xa9": 1}
    assert list(found.records()) == sorted(records.items())
    assert found.top(2) == [(b" a", 2), (b"\n\n", 1)]
    assert found.top(99)[-1] == (b"\xff", 1)
    assert found.totals.pretokens == sum(records.values())
    assert found.totals.bytes == sum(len(word) * count for word, count in records.items())
    assert found.totals.unique_bytes == sum(map(len, records))
    assert (found.totals.documents, found.totals.unique_pretokens) == (1, 6)


def test_the_sum_of_shards_is_one_run_in_any_order_and_grouping(tmp_path: Path, shards: list[Path]):
    whole = tmp_path / "whole.counts"
    make(whole, *shards)
    parts = [make(tmp_path / f"{path.stem}.counts", path) for path in shards]
    draw = random.Random(1)
    for turn in range(4):
        draw.shuffle(parts)
        target = tmp_path / f"sum-{turn}.counts"
        stored.merge(parts, target)
        assert target.read_bytes() == whole.read_bytes()
    groups = [tmp_path / "one", tmp_path / "two"]
    stored.merge(parts[:3], groups[0])
    stored.merge(parts[3:], groups[1])
    stored.merge([StoredCounts.open(path) for path in groups], tmp_path / "both")
    assert (tmp_path / "both").read_bytes() == whole.read_bytes()


def test_weights_are_exact_and_rounded_once(tmp_path: Path):
    one = made_of({b"a": 1, b"b": 3, b"c": 5, b"d": 1}, tmp_path, "one")
    two = made_of({b"a": 1, b"b": 4}, tmp_path, "two")

    def merged(*weights: Fraction) -> dict[bytes, int]:
        sources = [
            StoredCounts.open(each.file.path, weight)
            for each, weight in zip((one, two), weights, strict=True)
        ]
        stored.merge(sources, tmp_path / "sum")
        found = StoredCounts.open(tmp_path / "sum")
        assert {each.name: each.weight for each in found.description.inputs} == dict(
            zip([str(tmp_path / "one.txt"), str(tmp_path / "two.txt")], weights, strict=True)
        )
        return {word: count for word, count in found.records() if word != b" "}

    half = Fraction(1, 2)
    assert merged(half, half) == {b"a": 1, b"b": 4, b"c": 2}
    assert merged(Fraction(7, 10), Fraction(2)) == {b"a": 3, b"b": 10, b"c": 4, b"d": 1}
    with pytest.raises(ArgumentError, match="too many digits"):
        merged(Fraction(1, 2**40 - 1), Fraction(1, 2**39 - 1))


def test_weights_of_weights_multiply(tmp_path: Path):
    one = made_of({b"a": 8}, tmp_path, "one")
    for _ in range(2):
        stored.merge([StoredCounts.open(one.file.path, Fraction(1, 2))], tmp_path / "sum")
        one = StoredCounts.open(tmp_path / "sum")
    assert [each.weight for each in one.description.inputs] == [Fraction(1, 4)]
    assert dict(one.records())[b"a"] == 2


def test_a_sum_that_is_too_large_is_refused(tmp_path: Path):
    one = made_of({b"a": 8}, tmp_path, "one")
    large = StoredCounts.open(one.file.path, Fraction(2**40))
    stored.merge([large], tmp_path / "sum")
    assert dict(StoredCounts.open(tmp_path / "sum").records())[b"a"] == 8 * 2**40
    with pytest.raises(LimitError, match=r"2\^63"):
        stored.merge([StoredCounts.open(tmp_path / "sum", Fraction(2**40))], tmp_path / "more")
    assert not (tmp_path / "more").exists()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (CountOptions(pattern="cl100k"), "pattern: gpt2 and cl100k"),
        (CountOptions(pattern="gpt2", special_tokens=("<s>",)), "special tokens: none and '<s>'"),
        (CountOptions(level="word"), "level: byte and word; pattern: gpt2 and whitespace"),
    ],
)
def test_what_differs_is_not_added_up(tmp_path: Path, options: CountOptions, what: str):
    for name in "ab":
        (tmp_path / name).write_text(f"{name} b c")
    one = make(tmp_path / "1", tmp_path / "a")
    two = make(tmp_path / "2", tmp_path / "b", options=options)
    with pytest.raises(ArgumentError, match=what):
        stored.merge([one, two], tmp_path / "sum")


def test_names_of_one_pattern_are_the_same(tmp_path: Path):
    for name in "ab":
        (tmp_path / name).write_text(f"{name} b c")
    one = make(tmp_path / "1", tmp_path / "a", options=CountOptions(pattern="o200k"))
    two = make(tmp_path / "2", tmp_path / "b", options=CountOptions(pattern="llama4"))
    stored.merge([one, two], tmp_path / "sum")
    stored.merge([two, one], tmp_path / "other")
    assert (tmp_path / "sum").read_bytes() == (tmp_path / "other").read_bytes()


def test_an_input_counts_once(tmp_path: Path):
    (tmp_path / "a").write_text("a b c")
    one = make(tmp_path / "1", tmp_path / "a")
    with pytest.raises(ArgumentError, match="counted twice"):
        stored.merge([one, make(tmp_path / "2", tmp_path / "a")], tmp_path / "sum")
    with pytest.raises(ArgumentError, match="named twice"):
        make(tmp_path / "3", tmp_path / "a", tmp_path / "a")
    (tmp_path / "b").write_text("a b c")
    with pytest.warns(BpeToolWarning, match="have the same content"):
        make(tmp_path / "4", tmp_path / "a", tmp_path / "b")


def test_every_damaged_byte_is_found(tmp_path: Path):
    path = tmp_path / "c.counts"
    (tmp_path / "text").write_text("a rose is a rose is a rose")
    make(path, tmp_path / "text")
    whole = path.read_bytes()

    def damaged(data: bytes) -> str:
        path.write_bytes(data)
        with pytest.raises(VocabError) as caught:
            list(StoredCounts.open(path).records())
        assert str(path) in str(caught.value)
        assert caught.value.exit_code == 4
        return str(caught.value)

    for length in range(len(whole)):
        assert "cut off" in damaged(whole[:length]) or length < len(MAGIC)
    for at in range(len(whole)):
        damaged(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :])
    assert "at byte 16 is damaged" in damaged(whole[:40] + b"?" + whole[41:])
    damaged(whole + b"\n")


def section(tag: bytes, content: bytes) -> bytes:
    length = struct.pack("<Q", len(content))
    check = zlib.crc32(content, zlib.crc32(tag + length))
    return tag + length + struct.pack("<I", check) + content


def test_a_section_that_is_gone_is_found(tmp_path: Path, shards: list[Path]):
    found = make(tmp_path / "c", *shards)
    blocks = list(found.file.blocks())
    assert len(blocks) > 2
    data = found.file.path.read_bytes()
    (first, _), (second, _) = blocks[:2]
    done = data.index(b"DONE")
    cut = data[:first] + data[second:done]
    (tmp_path / "d").write_bytes(cut + data[done:-24] + struct.pack("<Q", len(cut)) + MAGIC)
    with pytest.raises(VocabError, match="digest"):
        list(StoredCounts.open(tmp_path / "d").records())


@pytest.mark.parametrize(
    "change",
    [
        {"version": "1"}, {"format": "x"}, {"inputs": None}, {"inputs": [{}]}, {"pipeline": 3},
        {"regexes": [3]}, {"level": "x"}, {"special_tokens": 3}, {"pattern": None},
        {"inputs": [{"name": "a", "bytes": -1, "sha256": "x"}]},
        {"inputs": [{"name": "a", "bytes": 1, "sha256": "x", "weight": "1/0"}]},
    ],
)  # fmt: skip
def test_headers_that_are_not_valid_are_refused(tmp_path: Path, change: dict):
    (tmp_path / "text").write_text("a")
    path = make(tmp_path / "c", tmp_path / "text").file.path
    data = path.read_bytes()
    head = {**CountFile(path).head, **change}
    rest = data[data.index(b"RECS") : data.index(b"DONE")]
    start = MAGIC + section(b"HEAD", json.dumps(head).encode()) + rest
    end = data[data.index(b"DONE") : -24] + struct.pack("<Q", len(start)) + MAGIC
    path.write_bytes(start + end)
    with pytest.raises(VocabError, match="header"):
        StoredCounts.open(path)


def test_a_newer_format_is_named(tmp_path: Path):
    (tmp_path / "text").write_text("a")
    path = make(tmp_path / "c", tmp_path / "text").file.path
    data = path.read_bytes()
    start = MAGIC + section(b"HEAD", json.dumps({**CountFile(path).head, "version": 2}).encode())
    end = data[data.index(b"DONE") : -24] + struct.pack("<Q", len(start)) + MAGIC
    path.write_bytes(start + end)
    with pytest.raises(VocabError, match="has version 2 of the format"):
        StoredCounts.open(path)


def test_a_file_that_changes_is_an_error(tmp_path: Path, shards: list[Path]):
    found = make(tmp_path / "c", *shards)
    blocks = found.file.blocks()
    next(blocks)
    found.file.path.write_bytes(found.file.path.read_bytes())
    with pytest.raises(OSError, match="changed"):
        next(blocks)


def test_faults_leave_the_old_file(tmp_path: Path):
    (tmp_path / "text").write_text("a b c")
    target = tmp_path / "c"
    for error in failures(
        lambda: target.write_bytes(b"old"), lambda: make(target, tmp_path / "text")
    ):
        if error is not None and error.filename != str(tmp_path):
            assert target.read_bytes() == b"old"
    assert StoredCounts.open(target).totals.pretokens == 3
    assert {path.name for path in tmp_path.iterdir()} == {"text", "c"}
