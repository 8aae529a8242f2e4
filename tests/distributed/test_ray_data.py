"""Datasets of Ray Data: read, encoded by actors, and written as shards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from work_units import content

import bpe_tool
from bpe_tool.distributed.datasets import _Reader
from bpe_tool.distributed.planning import plan
from bpe_tool.io.documents import Unit, unit_of
from bpe_tool.io.files import expand

pa = pytest.importorskip("pyarrow")

PROGRAM = """
import sys
import bpe_tool, ray

corpus, vocab, output = sys.argv[1:]
if __name__ == "__main__":
    ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False,
             object_store_memory=100 << 20)
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    texts = bpe_tool.read_texts([corpus], lines=True, read_bytes=500)
    ids = texts.map_batches(
        bpe_tool.BatchEncoder, fn_constructor_kwargs={"tokenizer": vocab},
        batch_format="pyarrow", num_cpus=1, concurrency=1, batch_size=7,
    )
    bpe_tool.write_ids(ids, output, vocab_size=270, shard_tokens=100)
    lower = bpe_tool.BatchPreprocessor(bpe_tool.Pipeline.from_preset("bert"))
    rows = texts.map_batches(lower, batch_format="pyarrow").take_all()
    print(sorted(row["text"] for row in rows) == sorted(
        bpe_tool.Pipeline.from_preset("bert").apply(line)
        for line in open(corpus, encoding="utf-8").read().split("\\n")[:-1]))
    actor = ray.remote(num_cpus=2)(type("A", (), {"cpus": lambda self: __import__(
        "bpe_tool.distributed.batches", fromlist="x").reserved_cpus()})).remote()
    # The actor needs all CPUs, so that of the pool has ended.
    print(ray.get(actor.cpus.remote()))
"""


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "corpus"
    path.write_text("".join(f"Low lower {n} é\n" for n in range(200)))
    return path


def test_from_files_to_shards(tmp_path, corpus):
    pytest.importorskip("ray")
    tokenizer = bpe_tool.train_vocab(["Low lower é"] * 9, vocab_size=262)
    tokenizer.save(tmp_path / "vocab.json")
    script = tmp_path / "program.py"
    script.write_text(PROGRAM)
    done = subprocess.run(
        [sys.executable, script, corpus, tmp_path / "vocab.json", tmp_path / "out"],
        env={**os.environ, "RAY_USAGE_STATS_ENABLED": "0"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.split() == [b"True", b"2"]
    rows = tokenizer.encode_files([corpus], lines=True)
    bpe_tool.write_shards(rows, tmp_path / "one", vocab_size=270, shard_tokens=100)
    assert content(tmp_path / "out") == content(tmp_path / "one")


@pytest.mark.parametrize("unit_bytes", [1, 100, 10**6])
def test_tables_hold_the_documents(tmp_path, unit_bytes):
    path = tmp_path / "text"
    path.write_bytes(b"one\n\ntwo\xff\nthree")
    for unit, expected in (
        (unit_of(lines=True, separator=None, ndjson=None), [b"one", b"", b"two\xff", b"three"]),
        (unit_of(lines=False, separator="o", ndjson=None), [b"", b"ne\n\ntw", b"\xff\nthree"]),
        (Unit(), [b"one\n\ntwo\xff\nthree"]),
    ):
        units = plan(expand([str(path)]), unit, unit_bytes)
        tables = [table for each in units for table in _Reader(units, unit).tables(each)]
        assert pa.concat_tables(tables)["text"].to_pylist() == expected
        assert set(pa.concat_tables(tables)["file"].to_pylist()) == {str(path)}


def test_fields_of_json_lines(tmp_path):
    path = tmp_path / "docs"
    path.write_bytes(b'{"t": "one"}\nnull\n{"t": "two"}\n{}')
    unit = Unit.ndjson("t")
    units = plan(expand([str(path)]), unit, 12)
    tables = [table for each in units[:-1] for table in _Reader(units, unit).tables(each)]
    assert pa.concat_tables(tables)["text"].to_pylist() == ["one", None, "two"]
    with pytest.raises(bpe_tool.DataError, match=r"docs from byte 31: line 1: .* no field 't'"):
        list(_Reader(units, unit).tables(units[-1]))


class Rows:
    """A dataset, as far as `write_ids` knows one."""

    def __init__(self, *tables: object) -> None:
        self.tables = tables

    def iter_batches(self, **options: object) -> object:
        return iter(self.tables)


def test_ids_of_every_kind_of_list_are_written(tmp_path):
    rows = [[1, 2], None, [], [3]]
    for number, kind in enumerate(
        (pa.list_(pa.uint32()), pa.large_list(pa.int64()), pa.list_(pa.uint16()))
    ):
        table = pa.table(
            {"ids": pa.chunked_array([pa.array(rows[:1], kind), pa.array(rows[1:], kind)])}
        )
        made = bpe_tool.write_ids(Rows(table, table[2:]), tmp_path / str(number), vocab_size=9)
        assert (made.documents, made.tokens) == (6, 4)
        (shard,) = bpe_tool.open_shards(tmp_path / str(number)).shards
        assert shard.bounds.tolist() == [0, 2, 2, 2, 3, 3, 4]
        assert shard.ids.tolist() == [1, 2, 3, 3]


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"x": [1]}, "no column 'ids' in the dataset: x"),
        ({"ids": [1]}, "holds int64: expected lists of ids"),
        ({"ids": [["a"]]}, "expected lists of whole numbers"),
        ({"ids": [[None, 1]]}, "null"),
        ({"ids": [[9]]}, "id 9 is out of range: 0 to 8"),
    ],
)
def test_what_is_not_ids_is_refused(tmp_path, table, message):
    with pytest.raises(bpe_tool.BpeToolError, match=message):
        bpe_tool.write_ids(Rows(pa.table(table)), tmp_path / "out", vocab_size=9)
    assert not list((tmp_path / "out").iterdir())
