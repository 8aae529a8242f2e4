"""Units begin and end where documents do, and hold every byte once."""

import gzip
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from work_units import LINES, records

from bpe_tool import ArgumentError
from bpe_tool.distributed import planning
from bpe_tool.distributed.planning import plan, record_start
from bpe_tool.distributed.units import content_digest
from bpe_tool.io.documents import Unit
from bpe_tool.io.files import expand
from bpe_tool.io.sources import Source


def planned(files: list[Path], unit: Unit = LINES, unit_bytes: int = 10) -> list:
    return plan(expand([str(file) for file in files]), unit, unit_bytes)


@given(
    data=st.text("ab\n", max_size=40).map(str.encode),
    terminator=st.sampled_from([b"\n", b"a", b"ab", b"aa", b"aba", b"abab", b"\n\n", b"aaa"]),
    at=st.integers(0, 45),
    window=st.integers(1, 9),
)
def test_records_are_found_from_any_position(data, terminator, at, window):
    """Also where terminators overlap: `aaa` holds `aa` once, and where depends on the beginning."""
    file = os.memfd_create("records")
    try:
        os.write(file, data)
        expected = next((start for start, _ in records(data, terminator) if start >= at), len(data))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(planning, "WINDOW", window)
            found = record_start(file, len(data), terminator, at)
        starts = {start for start, _ in records(data, terminator)} | {len(data)}
        assert found in starts
        assert found >= min(at, len(data))
        if not planning._overlaps(terminator):
            assert found == expected
    finally:
        os.close(file)


@pytest.mark.parametrize("terminator", [b"\n", b"\0", b"<>", b"\n\n", b"aa"])
@pytest.mark.parametrize("unit_bytes", [1, 7, 30, 10**6])
def test_every_byte_is_in_one_unit(tmp_path, terminator, unit_bytes):
    data = terminator.join([b"a" * (n % 5) + b"b" for n in range(40)]) + terminator * 3 + b"end"
    path = tmp_path / "text"
    path.write_bytes(data)
    units = planned([path], Unit(terminator), unit_bytes)
    pieces = [piece for unit in units for piece in unit.pieces]
    starts = {start for start, _ in records(data, terminator)} | {len(data)}
    assert [piece.start for piece in pieces][1:] == [piece.stop for piece in pieces][:-1]
    assert (pieces[0].start, pieces[-1].stop) == (0, len(data))
    assert {piece.start for piece in pieces} <= starts
    assert [unit.last for unit in units] == [False] * (len(units) - 1) + [True]
    if unit_bytes == 1:
        assert len(units) > 20
    read = b"".join(block for unit in units for source in (piece.opened() for piece in unit.pieces)
                    for block in source.blocks())  # fmt: skip
    assert read == data


def test_small_files_share_a_unit_and_compressed_ones_stay_whole(tmp_path):
    for name, data in (("a", b"1\n2\n"), ("b", b""), ("c", b"3\n"), ("e", b"4\n" * 30)):
        (tmp_path / name).write_bytes(data)
    (tmp_path / "d.gz").write_bytes(gzip.compress(os.urandom(100)))
    units = planned([tmp_path], unit_bytes=20)
    names = [[Path(piece.path).name for piece in unit.pieces] for unit in units]
    assert names == [["a", "c"], ["d.gz"], ["e"], ["e"], ["e"]]
    assert str(units[0]) == f"{tmp_path}/a and 1 more"
    assert str(units[1]) == f"{tmp_path}/d.gz"
    assert str(units[2]) == f"{tmp_path}/e, bytes 0 to 20"


def test_whole_files_are_not_divided(tmp_path):
    (tmp_path / "a").write_bytes(b"1\n" * 100)
    assert len(planned([tmp_path], Unit())) == 1


def test_what_a_unit_is_named_after(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"one\ntwo\n")
    (unit,) = planned([path], unit_bytes=99)
    other = planned([path], unit_bytes=4)
    assert len({unit.key, *(each.key for each in other)}) == 3
    before = content_digest(unit)
    path.write_bytes(b"one\nTWO\n")
    (again,) = planned([path], unit_bytes=99)
    assert again.key == unit.key
    assert content_digest(again) != before


def test_an_empty_last_file_is_an_input(tmp_path):
    """The record before it is not the last one, so that it gets its terminator."""
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"")
    assert [unit.last for unit in planned([tmp_path])] == [False]
    assert planned([tmp_path / "b"]) == []


def test_what_only_this_process_can_read_is_refused():
    with pytest.raises(ArgumentError, match="other machines cannot read it"):
        plan([Source("<stdin>", None, None)], LINES)


def test_a_file_that_changes_is_not_read(tmp_path):
    path = tmp_path / "text"
    path.write_bytes(b"one\ntwo\n")
    (unit,) = planned([path], unit_bytes=99)
    path.write_bytes(b"one\ntwo\nthree\n")
    with pytest.raises(OSError, match="changed while it was being read"):
        content_digest(unit)
