"""`--memory`: counts on the disk are those in memory."""

import json
import os
from functools import partial
from pathlib import Path

import pytest
from commands import fails, run, train

from bpe_tool.counts import making
from bpe_tool.errors import ArgumentError, LimitError
from bpe_tool.io.documents import Unit
from bpe_tool.io.files import expand
from bpe_tool.streams import spill
from bpe_tool.streams.count_pretokens import CountOptions
from bpe_tool.streams.spill import Spill
from bpe_tool.streams.train import TrainOptions
from bpe_tool.streams.train import train as train_stream

OPTIONS = CountOptions(special_tokens=("<s>",))


@pytest.fixture
def texts(tmp_path: Path) -> list[str]:
    """Many small documents with words of their own, in several files."""
    letters = str.maketrans("0123456789", "ghijklmnop")
    for number in range(3):
        words = (
            f"{each * 7919 % 65_536:x}".translate(letters) for each in range(number * 4000, 9000)
        )
        (tmp_path / f"{number}.txt").write_text(" ".join(words).replace(" a", " a<s>\n"))
    return [str(tmp_path / f"{number}.txt") for number in range(3)]


@pytest.mark.parametrize("fan", [2, 3, 64])
def test_the_result_is_the_same_for_every_limit(tmp_path, texts, monkeypatch, fan):
    monkeypatch.setattr(spill, "FAN", fan)
    monkeypatch.setattr("bpe_tool.io.sources.BLOCK_BYTES", 4096)
    count = partial(making.count, expand(texts), Unit(b"\n"), OPTIONS, threads=2)
    making.write(count(), OPTIONS, tmp_path / "whole")
    for room in (1, 100_000, 10**9):
        with Spill(spill.LEAST_BYTES, tmp_path / "part") as limit:
            limit._room = room
            making.write(count(spill=limit), OPTIONS, tmp_path / "part", spill=limit)
        assert (tmp_path / "part").read_bytes() == (tmp_path / "whole").read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.name.endswith(".tmp")]


def test_a_vocabulary_is_the_same_for_every_limit(tmp_path, texts):
    options = TrainOptions(vocab_size=400)
    direct = train_stream(expand(texts), Unit(), options)
    with Spill(spill.LEAST_BYTES, tmp_path / "v.counts") as limit:
        limit._room = 1
        spilled = train_stream(expand(texts), Unit(), options, spill=limit)
    assert spilled.counts_sha256 == direct.counts_sha256
    assert spilled.tokenizer.merges == direct.tokenizer.merges
    assert spilled.totals == direct.totals


def test_files_are_gone_after_an_error(tmp_path, texts, monkeypatch):
    with pytest.raises(KeyboardInterrupt), Spill(spill.LEAST_BYTES, tmp_path / "x") as limit:
        limit._room = 1
        making.count(expand(texts), Unit(), OPTIONS, spill=limit)
        assert list(tmp_path.glob(".x.*.tmp"))
        raise KeyboardInterrupt
    assert not list(tmp_path.glob(".x.*.tmp"))


def test_a_pipe_has_no_place_for_files_next_to_it(tmp_path, texts):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ArgumentError, match="no file that temporary files could be next to"):
        Spill(spill.LEAST_BYTES, tmp_path / "pipe")
    for output in ("/dev/stdout", "/dev/null"):
        said = fails(2, "counts", "make", texts[0], "--memory", "256MB", "-o", output)
        assert f"{output} is no file" in said
        assert "leave --memory out" in said


def test_what_does_not_fit_is_refused(tmp_path, texts, monkeypatch):
    with pytest.raises(LimitError, match="too few"):
        Spill(1000, tmp_path / "x")
    monkeypatch.setattr(spill, "TRAINING_BASE", 2**40)
    with (
        pytest.raises(LimitError, match=r"needs about 1,\d{3},\d{3},\d{3},\d{3} bytes"),
        Spill(spill.LEAST_BYTES, tmp_path / "x") as limit,
    ):
        train_stream(expand(texts), Unit(), TrainOptions(vocab_size=400), spill=limit)
    assert not list(tmp_path.glob(".x.*.tmp"))


def test_the_option(tmp_path, texts):
    make = ["counts", "make", *texts, "-o", tmp_path / "c"]
    assert "is not a size" in fails(2, *make, "--memory", "much")
    assert "raise --memory" in fails(6, *make, "--memory", "1MB")
    assert run(*make, "--memory", "1GiB").returncode == 0
    for limit in ([], ["--memory", "1GB"]):
        train(*texts, "--vocab-size", 300, *limit, "-o", tmp_path / f"v{len(limit)}")
    records = [
        json.loads((tmp_path / name / "training.json").read_bytes()) for name in ("v0", "v2")
    ]
    assert records[0] == records[1]
