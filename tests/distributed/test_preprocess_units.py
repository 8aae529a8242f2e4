"""Text that was preprocessed in units is that of one stream."""

import gzip
import json
from pathlib import Path

import pytest
from work_units import LINES, cluster

import bpe_tool
from bpe_tool import DataError
from bpe_tool.io.documents import Unit
from bpe_tool.io.files import expand
from bpe_tool.io.outputs import open_output
from bpe_tool.streams.preprocess import StreamPreprocessor
from bpe_tool.streams.preprocess_block import BlockPreprocessor

pytestmark = pytest.mark.usefixtures("hasty_disk")


def preprocessor(unit: Unit = LINES, errors: str = "strict") -> BlockPreprocessor:
    return BlockPreprocessor(
        pipeline=bpe_tool.Pipeline.from_preset("bert"), unit=unit, errors=errors, keeps_fields=True
    )  # fmt: skip


def in_one_stream(files: list[Path], output: Path, how: BlockPreprocessor) -> bytes:
    with open_output(str(output)) as out:
        StreamPreprocessor(preprocessor=how, on_skip=lambda error: None).write(
            expand([str(file) for file in files]), out
        )
    return output.read_bytes()


@pytest.fixture(params=["terminated", "open", "empty last"])
def corpus(tmp_path: Path, request: pytest.FixtureRequest) -> list[Path]:
    """The end of the last file, and those of the files before it, are all there is to get wrong."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    line = "A Rosé IS\n".encode()
    (folder / "a").write_bytes(line * 9 + b"No End")
    (folder / "b").write_bytes(b"One")
    (folder / "c.gz").write_bytes(gzip.compress(line * 3 + b"No END"))
    (folder / "d").write_bytes(line * 9 + (b"" if request.param == "terminated" else b"END"))
    if request.param == "empty last":
        (folder / "e").write_bytes(b"")
    return [folder]


@pytest.mark.parametrize("unit", [LINES, Unit(), Unit(b"\0"), Unit(b" IS\n"), Unit(b"\n\n")])
@pytest.mark.parametrize("unit_bytes", [1, 25, 10**6])
def test_equal_to_one_stream(tmp_path, corpus, unit, unit_bytes):
    expected = in_one_stream(corpus, tmp_path / "one", preprocessor(unit))
    sources = expand([str(path) for path in corpus])
    cluster(unit_bytes=unit_bytes).preprocess(sources, preprocessor(unit), tmp_path / "many")
    assert (tmp_path / "many").read_bytes() == expected
    assert not (tmp_path / "many.work").exists()


def test_ndjson_and_bytes_that_are_skipped(tmp_path):
    path = tmp_path / "docs"
    lines = [json.dumps({"t": f"Rosé {n}", "n": n}).encode() for n in range(9)]
    lines[2:2] = [b"{}", b"null", b"\xff", b"", b'{"t": 3}']
    path.write_bytes(b"\n".join(lines))
    how = preprocessor(Unit.ndjson("t"), "skip")
    expected = in_one_stream([path], tmp_path / "one", how)
    for unit_bytes in (1, 60, 999):
        told = cluster(unit_bytes=unit_bytes).preprocess(
            expand([str(path)]), how, tmp_path / "many"
        )  # fmt: skip
        assert (tmp_path / "many").read_bytes() == expected
        assert told.skipped == 4


def test_records_that_cannot_be_processed_are_set_aside(tmp_path):
    path, aside = tmp_path / "text", tmp_path / "aside"
    path.write_bytes(b"One\nT\xffwo\nThree\nFour\xff")
    with pytest.raises(DataError, match="failed; the others are finished") as found:
        cluster().preprocess(expand([str(path)]), preprocessor(), tmp_path / "many")
    assert "--set-aside" in found.value.hint
    for unit_bytes in (1, 9, 99):
        told = cluster(unit_bytes=unit_bytes, set_aside=aside).preprocess(
            expand([str(path)]), preprocessor(), tmp_path / f"many{unit_bytes}"
        )
        assert (tmp_path / f"many{unit_bytes}").read_bytes() == b"one\n\nthree\n\n"
        places = [json.loads(line) for line in aside.read_text().splitlines()]
        assert [(each["start"], each["bytes"]) for each in places] == [(4, 5), (15, 5)]
        assert told.set_aside == 2
