"""The verb `batch`: ids in, batches out."""

import contextlib
import json
import re
import subprocess

import numpy as np
import pytest
from batch_calls import IDS, PAD, ROWS, as_lists, loaded, read
from calls import fails, ok, run
from commands import COMMAND, END

import bpe_tool
from bpe_tool import Tokenizer

WAYS = [
    ([], bpe_tool.FixedRows(32), {}),
    (["--rows", 2, "--side", "left"], bpe_tool.FixedRows(2), {"side": "left"}),
    (["--rows", 2, "--multiple", 4], bpe_tool.FixedRows(2), {"multiple": 4}),
    (
        ["--max-length", 3, "--truncate", "left"],
        bpe_tool.FixedRows(32),
        {"max_length": 3, "truncation_side": "left"},
    ),
    (["--buckets", "2,5", "--rows", 2], bpe_tool.LengthBuckets([2, 5], rows=2), {}),
    (["--buckets", "2,5", "--max-tokens", 9], bpe_tool.LengthBuckets([2, 5], max_tokens=9), {}),
    (["--max-tokens", 8, "--multiple", 2], bpe_tool.TokenBudget(8, 2), {"multiple": 2}),
    (["--pack", "best-fit", "--length", 4], bpe_tool.Packed(4, 32), {}),
    (
        ["--pack", "concatenate", "--length", 4, "--rows", 2, "--long", "truncate"],
        bpe_tool.Packed(4, 2, "concatenate", "truncate"),
        {},
    ),
    (
        ["--pack", "best-fit-crop", "--length", 4, "--long", "drop"],
        bpe_tool.Packed(4, 32, "best-fit-crop", "drop"),
        {},
    ),
]


@pytest.mark.parametrize(("options", "policy", "more"), WAYS)
def test_batches_are_those_of_the_library(tmp_path, options, policy, more):
    ids, output = tmp_path / "ids.txt", tmp_path / "batches.ndjson"
    ids.write_bytes(IDS)
    arguments = ["batch", *PAD, *options, ids, "-o", output]
    ok(*arguments)
    assert read(output.read_bytes()) == loaded(policy, **more)
    arguments += ["--shuffle", "--seed", 3, "--epoch", 1]
    ok(*arguments)
    assert read(output.read_bytes()) == loaded(policy, shuffle=True, seed=3, epoch=1, **more)


def test_one_width():
    (found,) = read(ok("batch", *PAD, "--length", 7, stdin=IDS))
    assert found["input_ids"] == bpe_tool.pad(ROWS, pad_id=0, length=7).ids.tolist()
    assert "4 wide\nhint: cut rows with --max-length" in fails(
        3, "batch", *PAD, "--length", 4, stdin=IDS
    )
    (cut,) = read(ok("batch", *PAD, "--length", 6, "--max-length", 2, stdin=IDS))
    assert [len(row) for row in cut["input_ids"]] == [6] * 5
    assert [sum(row) for row in cut["attention_mask"]] == [2, 1, 0, 2, 2]


def test_windows():
    (found,) = read(ok("batch", *PAD, "--max-length", 3, "--stride", 2, stdin=b"1 2 3 4 5\n6\n"))
    assert found["input_ids"] == [[1, 2, 3], [3, 4, 5], [6, 0, 0]]


def test_short_records_are_left_out(tmp_path):
    rows = [[*range(number % 4)] for number in range(10_000)]
    path = tmp_path / "ids.txt"
    path.write_text("".join(" ".join(map(str, row)) + "\n" for row in rows))
    long = [row for row in rows if len(row) >= 2]
    for options, policy, more in (
        (["--rows", 7], bpe_tool.FixedRows(7), {}),
        (["--shuffle", "--max-tokens", 50], bpe_tool.TokenBudget(50), {"shuffle": True}),
    ):
        # What is put around records does not count.
        found = ok("batch", *PAD, "--min-length", 2, "--eos", 5, *options, path)
        assert read(found) == loaded(policy, rows=long, eos_id=5, **more)
    assert ok("batch", *PAD, "--min-length", 4, path) == b""
    assert b"5000 documents" in ok("batch", "--stats", "--min-length", 2, path).replace(b",", b"")


def test_tokens_by_name(vocab):
    id = Tokenizer.load(vocab).special_tokens[END]
    options = ["-t", vocab, "--pad", END, "--eos", END, "--bos", 97]
    (found,) = read(ok("batch", *options, stdin=b"98\n99 100\n"))
    assert found["input_ids"] == [[97, 98, id, id], [97, 99, 100, id]]
    assert found["attention_mask"] == [[1, 1, 1, 0], [1, 1, 1, 1]]
    assert "its special tokens are" in fails(2, "batch", "-t", vocab, "--pad", "<pad>", stdin=IDS)
    assert "pass --tokenizer" in fails(2, "batch", "--pad", END, stdin=IDS)
    assert "not in the vocabulary" in fails(2, "batch", "-t", vocab, "--pad", 10**6, stdin=IDS)
    assert "above 4294967295" in fails(2, "batch", "--pad", 2**32, stdin=IDS)


@pytest.mark.parametrize("format", ["u16", "u32", "npy"])
def test_raw_ids(tmp_path, format):
    ids = np.array([id for row in ROWS for id in [*row, 0]])
    path = tmp_path / f"ids.{format}"
    if format == "npy":
        np.save(path, ids.astype(np.uint16))
    else:
        ids.astype(f"<u{int(format[1:]) // 8}").tofile(path)
    options = ["batch", *PAD, "--format", format, path]
    (whole,) = read(ok(*options))
    assert whole["input_ids"] == [ids.tolist()]
    assert read(ok(*options, "--record-end", 0)) == loaded(
        bpe_tool.FixedRows(32), rows=[[*row, 0] for row in ROWS]
    )


def test_ndjson_and_what_is_skipped():
    lines = [json.dumps({"ids": row}) for row in ROWS]
    stdin = "\n".join([lines[0], "null", lines[1], "bad", *lines[2:]]).encode()
    done = run("batch", *PAD, "--format", "ndjson", stdin=stdin)
    assert done.returncode == 1
    assert "line 4: not valid JSON" in done.stderr.decode()
    assert read(done.stdout) == loaded(bpe_tool.FixedRows(32))


def test_pipes(encode):
    text = b"some text\n\nand more of it\n" * 300
    ids = ok(*encode, stdin=text)
    rows = [list(map(int, line.split())) for line in ids.splitlines()]
    options = ["--rows", 64, "--max-length", 5]
    expected = loaded(bpe_tool.FixedRows(64), rows=rows, max_length=5)
    assert read(ok("batch", *PAD, *options, stdin=ids)) == expected
    with (
        subprocess.Popen(
            [*COMMAND, "batch", "--pad", "0", "--rows", "1"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process,
    ):
        process.stdin.write(b"1 2\n3\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["input_ids"] == [[1, 2]]
        process.stdout.close()
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(b"4\n" * 100_000)
            process.stdin.close()
        assert (process.wait(), process.stderr.read()) == (0, b"")


def test_a_pool_at_a_time_is_all_at_once_but_for_its_ends():
    rows = [[1] * (1 + number * 7 % 12) for number in range(100)]
    stdin = "\n".join(" ".join(map(str, row)) for row in rows).encode()
    for options, policy in (
        (["--max-tokens", 50], bpe_tool.TokenBudget(50)),
        (["--pack", "best-fit", "--length", 20, "--rows", 3], bpe_tool.Packed(20, 3)),
    ):
        found = read(ok("batch", *PAD, *options, "--pool", 30, stdin=stdin))
        assert found == loaded(policy, rows=rows, pool=30)


def test_archives(tmp_path):
    path = tmp_path / "batches.npz"
    options = ["--rows", 2, "--dtype", "int32", "-o", path]
    assert ok("batch", *PAD, *options, stdin=IDS) == b""
    with np.load(path) as found:
        arrays = [
            {name: found[f"{number}/{name}"] for name in ("input_ids", "attention_mask")}
            for number in range(3)
        ]
        assert len(found) == 9
    assert all(array.dtype == np.int32 for each in arrays for array in each.values())
    for each, expected in zip(arrays, loaded(bpe_tool.FixedRows(2)), strict=True):
        assert each["input_ids"].tolist() == expected["input_ids"]
    for format in ("npz", "npy"):
        for more in ([], ["-o", "/dev/null"]):
            message = fails(2, "batch", *PAD, "--output-format", format, *more, stdin=IDS)
            assert "name a file with -o" in message


def test_rows_of_one_width_in_one_array(tmp_path):
    path = tmp_path / "ids.npy"
    ok("batch", *PAD, "--rows", 2, "--length", 5, "-o", path, stdin=IDS)
    found = np.load(path, mmap_mode="r")
    assert found.tolist() == bpe_tool.pad(ROWS, pad_id=0).ids.tolist()
    assert found.dtype == np.int64
    ok("batch", *PAD, "-o", path, stdin=b"")
    assert np.load(path).shape == (0, 0)
    message = fails(3, "batch", *PAD, "--rows", 2, "-o", path, stdin=IDS)
    assert "batch 2 is 2 wide, and those before 3" in message
    assert np.load(path).shape == (0, 0), "what was there is kept"


def test_shards(tmp_path, vocab):
    text = b"".join(b"line number %d\n" % number for number in range(50))
    shards = tmp_path / "shards"
    options = ["--lines", "--format", "npy", "--shard-tokens", 100, "--eos", END]
    ok("encode", "-t", vocab, "--special", "text", *options, "-o", shards, stdin=text)
    dataset = bpe_tool.TokenDataset(shards)
    id = Tokenizer.load(vocab).special_tokens[END]
    for more, shuffle in (([], False), (["--shuffle", "--seed", 7], True)):
        loader = bpe_tool.Loader(
            dataset, bpe_tool.Packed(64, 4), pad_id=id, shuffle=shuffle, seed=7 * shuffle
        )
        found = ok(
            "batch", "--pad", END, "--pack", "best-fit", "--length", 64, "--rows", 4, *more, shards
        )
        assert read(found) == as_lists(loader)
    done = run("batch", "--pad", 0, "--eos", END, shards)
    assert (done.returncode, "tokens around each document already" in done.stderr.decode()) == (
        0,
        True,
    )
    mixed = read(ok("batch", *PAD, "--rows", 100, "-", shards, stdin=IDS))
    assert len(mixed[0]["input_ids"]) == 55


def test_statistics(tmp_path):
    path = tmp_path / "report.html"
    text = ok("batch", "--stats", stdin=IDS).decode()
    assert text.startswith("5 documents, 11 ids")
    assert re.search("^→ +in order, 32 rows ", text, re.M)
    options = ["--pack", "best-fit", "--length", 4, "--report", path]
    text = ok("batch", "--stats", *options, "--eos", 2, stdin=IDS).decode()
    assert text.startswith("5 documents, 16 ids")
    assert re.search("^→ +packed, best fit, 4 wide ", text, re.M)
    page = path.read_text()
    assert "&lt;stdin&gt;" in page
    assert '<tr aria-current="true"><td>packed, best fit, 4 wide</td>' in page
    output = ok("batch", *PAD, "--shuffle", "--report", path, stdin=IDS)
    assert output == ok("batch", *PAD, "--shuffle", stdin=IDS)
    assert '<tr aria-current="true"><td>in order, 32 rows</td>' in path.read_text()
    # Nothing is done that would be lost.
    nowhere = tmp_path / "no" / "report.html"
    assert "no/report.html" in fails(5, "batch", *PAD, "--report", nowhere, stdin=IDS)
    before = path.read_text()
    output = tmp_path / "out.ndjson"
    fails(3, "batch", *PAD, "--report", path, "-o", output, stdin=IDS + b"x\n")
    assert path.read_text() == before
    assert not output.exists()
    written = tmp_path / "stats.txt"
    assert ok("batch", "--stats", "-o", written, stdin=IDS) == b""
    assert written.read_text().startswith("5 documents")


def test_nothing(tmp_path):
    assert ok("batch", *PAD, stdin=b"") == b""
    assert ok("batch", *PAD, "--pack", "best-fit", "--length", 4, stdin=b"\n\n") == b""
    assert ok("batch", "--stats", "--report", tmp_path / "r.html", stdin=b"") == b"0 documents\n"
    assert read(ok("batch", *PAD, stdin=b"\n"))[0]["input_ids"] == [[]]
    ok("batch", *PAD, "-o", tmp_path / "nothing.npz", stdin=b"")
    assert len(np.load(tmp_path / "nothing.npz")) == 0


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ([], "--pad is missing"),
        ([*PAD, "--pack", "best-fit"], "--length"),
        ([*PAD, "--pack", "best-fit", "--length", 4, "--max-tokens", 8], "--rows alone"),
        ([*PAD, "--pack", "best-fit", "--length", 4, "--side", "left"], "--side"),
        ([*PAD, "--long", "drop"], "--pack"),
        ([*PAD, "--rows", 4, "--max-tokens", 8], "Only one"),
        ([*PAD, "--buckets", "4,2"], "do not ascend"),
        ([*PAD, "--buckets", "4,x"], "not a valid"),
        ([*PAD, "--buckets", "8", "--length", 8], "one width"),
        ([*PAD, "--truncate", "left"], "--max-length"),
        ([*PAD, "--stride", 2], "--max-length"),
        ([*PAD, "--max-length", 4, "--stride", 5], "leave ids out"),
        (
            [*PAD, "--max-length", 1, "--eos", 2],
            "--max-length is 1, and must be more than the 1 id",
        ),
        ([*PAD, "--max-length", 1, "--stride", 1, "--eos", 2], "--max-length is 1, and must"),
        (["--stats", "--output-format", "npz"], "makes no batches"),
        (["--stats", "--labels", "causal"], "makes no batches"),
        ([*PAD, "--report", "-"], "--report needs a file"),
        ([*PAD, "--mlm-unit", "span"], "--labels mlm"),
        ([*PAD, "--labels", "mlm", "--mask", 5, "--mlm-unit", "word"], "--mlm-unit word needs -t"),
        ([*PAD, "--pad", "-1"], "'-1' is not an id"),
        ([*PAD, "--labels", "mlm"], "--mask"),
        ([*PAD, "--labels", "mlm", "--mask", 5], "needs -t"),
        ([*PAD, "--seed", 1], "--shuffle"),
        ([*PAD, "--record-end", 1], "--format"),
        ([*PAD, "--rows", 0], "0"),
    ],
)
def test_options_that_make_no_sense(options, what):
    assert what in fails(2, "batch", *options, stdin=IDS)


def test_damaged_input(tmp_path):
    assert "<stdin>: line 2" in fails(3, "batch", *PAD, stdin=b"1 2\n3 x\n")
    assert "<stdin>: line 1" in fails(3, "batch", *PAD, stdin=b"99999999999\n")
    assert "hint: give the format of the ids: --format" in fails(
        3, "batch", *PAD, stdin=b"\x93NUMPY"
    )
    path = tmp_path / "ids.npy"
    np.save(path, np.array([1.5]))
    assert "ids.npy" in fails(3, "batch", *PAD, "--format", "npy", path)
    assert "3 bytes" in fails(3, "batch", *PAD, "--format", "u16", stdin=b"abc")
    assert "a row of 5 tokens" in fails(3, "batch", *PAD, "--max-tokens", 4, stdin=IDS)
    assert "missing.txt" in fails(5, "batch", *PAD, tmp_path / "missing.txt")
    output = tmp_path / "out.ndjson"
    fails(3, "batch", *PAD, "-o", output, stdin=b"1\n" * 100 + b"x\n")
    assert list(tmp_path.iterdir()) == [path]


def test_help():
    text = ok("batch", "-h").decode()
    assert "Examples:" in text
    for way in ("--rows", "--buckets", "--max-tokens", "--pack", "--report"):
        assert way in text
