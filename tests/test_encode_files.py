"""Files to arrays, and ids into the memory of the caller."""

import gzip
from array import array
from pathlib import Path

import numpy as np
import pytest
from commands import ok

import bpe_tool
from bpe_tool import Ragged, Tokenizer, train_vocab

LINES = "low lower\nlowest\r\n\n\u65e5\u672c\u8a9e newest\nlast"


@pytest.fixture(scope="module")
def tokenizer(documents) -> Tokenizer:
    return train_vocab(documents, vocab_size=900, special_tokens=["<s>"])


def same(rows: Ragged, expected: list[list[int]], dtype: str = "uint32") -> None:
    assert [row.tolist() for row in rows] == expected
    assert (rows.ids.dtype, rows.bounds.dtype) == (dtype, np.int64)
    assert rows.ids.flags.writeable


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", ["uint16", "uint32"])
def test_every_unit(tokenizer, tmp_path, threads, dtype):
    options = {"threads": threads, "dtype": dtype}
    first, second = tmp_path / "first.txt", tmp_path / "second.txt.gz"
    first.write_text(LINES)
    second.write_bytes(gzip.compress((LINES + "--more--").encode()))
    paths = [first, str(second)]
    texts = [LINES, LINES + "--more--"]
    same(tokenizer.encode_files(paths, **options), tokenizer.encode_batch(texts), dtype)
    split = [line for text in texts for line in text.split("\n")]
    same(tokenizer.encode_files(paths, lines=True, **options), tokenizer.encode_batch(split), dtype)
    parts = [LINES, LINES, "more"]
    for separator in ("--", b"--"):
        rows = tokenizer.encode_files(paths, separator=separator, **options)
        same(rows, tokenizer.encode_batch(parts), dtype)
    records = tmp_path / "records.ndjson"
    records.write_text('{"text": "low \\u00e9", "id": 1}\nnull\n{"text": ""}\n{"text": "lowest"}')
    same(
        tokenizer.encode_files([records], ndjson="text", **options),
        tokenizer.encode_batch(["low \u00e9", "", "", "lowest"]),
        dtype,
    )


def test_many_blocks(tokenizer, documents, tmp_path):
    long = "".join(documents)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "long.txt").write_text(long * 30)
    (tmp_path / "folder" / "empty.txt").write_text("")
    (tmp_path / "folder" / "short.txt").write_text("short")
    rows = tokenizer.encode_files([tmp_path / "folder"])
    expected = tokenizer.encode_arrays([long * 30, "short"])
    np.testing.assert_array_equal(rows.ids, expected.ids)
    np.testing.assert_array_equal(rows.bounds, expected.bounds)


def test_special_tokens_and_dropout(tokenizer, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("low<s>lower\nlowest<s>\n")
    texts = ["low<s>lower", "lowest<s>"]
    for options in ({"special": "token"}, {"dropout": 0.5, "seed": 3}):
        rows = tokenizer.encode_files([path], lines=True, **options)
        same(rows, tokenizer.encode_batch(texts, **options))
    with pytest.raises(bpe_tool.SpecialTokenError, match=r"text\.txt: line 1"):
        tokenizer.encode_files([path], lines=True, special="error")


def test_bad_records_and_files_are_named(tokenizer, tmp_path):
    path = tmp_path / "records.ndjson"
    path.write_text('{"text": "a"}\n{"body": "b"}\n')
    with pytest.raises(bpe_tool.DataError, match=r"records\.ndjson: line 2"):
        tokenizer.encode_files([path], ndjson="text")
    with pytest.raises(FileNotFoundError):
        tokenizer.encode_files([tmp_path / "none.txt"])
    with pytest.raises(bpe_tool.ArgumentError, match="only one of lines, separator and ndjson"):
        tokenizer.encode_files([path], lines=True, ndjson="text")
    with pytest.raises(bpe_tool.LimitError):
        tokenizer.encode_files([path], max_pretoken_bytes=1)


def test_training_knows_the_same_units(tmp_path):
    path = tmp_path / "records.ndjson"
    path.write_text('{"text": "low lower low"}\n{"text": "new newer new"}\n')
    by_field = bpe_tool.train_vocab_from_files([path], vocab_size=270, ndjson="text")
    assert by_field == train_vocab(["low lower low", "new newer new"], vocab_size=270)
    path.write_text("ab ab\nab ab\n")
    by_line = bpe_tool.train_vocab_from_files([path], vocab_size=262, lines=True, pattern="none")
    assert by_line == train_vocab(["ab ab", "ab ab"], vocab_size=262, pattern="none")
    by_part = bpe_tool.train_vocab_from_files(
        [path], vocab_size=262, separator="\n", pattern="none"
    )
    assert by_part == by_line


def test_arrays_of_16_bits(tokenizer, documents):
    wide = tokenizer.encode_arrays(documents)
    for dtype in ("uint16", np.uint16, np.dtype("u2")):
        narrow = tokenizer.encode_arrays(documents, dtype=dtype)
        assert narrow.ids.dtype == np.uint16
        np.testing.assert_array_equal(narrow.ids, wide.ids)
        np.testing.assert_array_equal(narrow.bounds, wide.bounds)
    np.testing.assert_array_equal(narrow[1:3].ids, wide[1:3].ids)
    assert tokenizer.decode_batch(narrow) == documents
    padded = bpe_tool.pad(narrow[:3], pad_id=0)
    np.testing.assert_array_equal(padded.ids, bpe_tool.pad(wide[:3], pad_id=0).ids)
    packed = [bpe_tool.pack(rows, length=64, pad_id=0).ids for rows in (narrow, wide)]
    np.testing.assert_array_equal(*packed)


def test_ids_that_do_not_fit_are_refused(vocabs, tmp_path):
    tokenizer = Tokenizer.load(vocabs / "cl100k_base.tiktoken", pattern="cl100k")
    (tmp_path / "a.txt").write_text("a")
    for encode in (
        lambda: tokenizer.encode_arrays(["a"], dtype="uint16"),
        lambda: tokenizer.encode_files([tmp_path / "a.txt"], dtype="uint16"),
    ):
        with pytest.raises(bpe_tool.ArgumentError, match="`dtype` is uint16: ids go up to 100276"):
            encode()
    with pytest.raises(bpe_tool.ArgumentError, match="`buffer` holds numbers up to 65535"):
        tokenizer.encode_into("a", np.zeros(9, np.uint16))


@pytest.mark.parametrize("kind", ["u2", "u4", "u8", "i2", "i4", "i8"])
def test_ids_go_into_any_array_that_holds_them(tokenizer, kind):
    text = "low lower lowest <s>" * 5
    ids = tokenizer.encode(text, special="token")
    buffer = np.full(200, 7, kind)
    assert tokenizer.encode_into(text, buffer, special="token") == len(ids)
    assert buffer.tolist() == ids + [7] * (200 - len(ids))
    exact = np.zeros(len(ids), kind)
    assert tokenizer.encode_into(text, exact[:], special="token") == len(ids)
    assert exact.tolist() == ids
    assert tokenizer.encode_into("", exact) == 0
    assert tokenizer.encode_into("", np.zeros(0, kind)) == 0
    assert exact.tolist() == ids
    with pytest.raises(bpe_tool.ArgumentError, match=r"`buffer` has room for 2 ids, but there are"):
        tokenizer.encode_into(text, exact[:2])
    assert exact.tolist() == ids


def test_long_texts_go_into_arrays(tokenizer, documents):
    text = "".join(documents)
    ids = tokenizer.encode(text)
    buffer = array("I", bytes(4 * len(ids) + 40))
    assert tokenizer.encode_into(text, buffer) == len(ids)
    assert buffer[: len(ids)].tolist() == ids


def test_what_is_no_room_is_refused(tokenizer):
    fixed = np.zeros(9, np.uint32)
    fixed.flags.writeable = False
    for buffer in (fixed, np.zeros(9, ">u4"), np.zeros(9, np.float32), np.zeros(9, np.uint8),
                   np.zeros((3, 3), np.uint32), np.zeros(18, np.uint32)[::2], [0] * 9, bytes(40),
                   bytearray(40), None, "text"):  # fmt: skip
        with pytest.raises(bpe_tool.ArgumentTypeError, match=r"`buffer` is .*writable array"):
            tokenizer.encode_into("low", buffer)


def test_files_as_on_the_command_line(tokenizer, corpora, tmp_path):
    tokenizer.save(tmp_path / "t.json")
    rows = tokenizer.encode_files(corpora, dtype="uint16", lines=True)
    counts = ok("encode", "-t", tmp_path / "t.json", "--count", "--special", "text", *corpora)
    assert np.diff(rows.bounds).tolist() == [int(count) for count in counts.split()]
    whole = tokenizer.encode_files(corpora, dtype="uint16")
    for path, row in zip(map(Path, corpora), whole, strict=True):
        out = ok("encode", "-t", tmp_path / "t.json", "--format", "u16", "--special", "text", path)
        assert out == row.tobytes()


def test_integers_are_shared_once_there_are_many(tokenizer, documents):
    text = "".join(documents)[:20_000]
    expected = tokenizer.encode(text)
    fresh = Tokenizer(tokenizer._core)
    for start in range(0, 20_000, 50):
        assert (
            fresh.encode(text[start : start + 50])
            == tokenizer.encode_arrays([text[start : start + 50]])[0].tolist()
        )
    assert tokenizer.encode(text) == expected


@pytest.mark.parametrize("size", [131_071, 131_072, 131_073, 300_000, 1_200_000])
def test_texts_of_any_size_are_divided(tokenizer, documents, size):
    text = ("".join(documents) * 4).encode()[:size]
    short = [text[at : at + 50] for at in range(0, size, 50)]
    for texts in ([text], [text[:7], text, b"", text[9:]], short):
        alone = tokenizer.encode_arrays(texts, threads=1)
        for threads in (2, 5):
            rows = tokenizer.encode_arrays(texts, threads=threads)
            np.testing.assert_array_equal(rows.ids, alone.ids)
            np.testing.assert_array_equal(rows.bounds, alone.bounds)
