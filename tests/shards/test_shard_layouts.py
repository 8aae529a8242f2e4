"""Every format as its own readers see it: written from descriptions of the layouts.

None of these readers shares code with the package; the real ones are asked where they are
installed.
"""

import json
import struct
import zipfile
import zlib
from itertools import accumulate, pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shard_sets import DOCUMENTS, documents_of

import bpe_tool
from bpe_tool import ArgumentError, DataError
from bpe_tool.shards.files.crc32 import shifted_crc32
from bpe_tool.shards.files.spooled_bounds import SpooledBounds
from bpe_tool.shards.layouts.megatron import index_pieces
from bpe_tool.shards.layouts.registry import FORMATS, ShardFormat

FLAT = [id for document in DOCUMENTS for id in document]
BOUNDS = [0, *accumulate(map(len, DOCUMENTS))]
WIDE = 70_000


def written(folder: Path, format: str, vocab_size: int = 10) -> Path:
    """One shard of the documents; the file of ids."""
    manifest = bpe_tool.write_shards(DOCUMENTS, folder, vocab_size=vocab_size, format=format)
    return folder / manifest.shards[0].files[0].name


def cut(ids: np.ndarray, bounds: list[int]) -> list[list[int]]:
    return [ids[start:stop].tolist() for start, stop in pairwise(bounds)]


@pytest.mark.parametrize(("vocab_size", "type"), [(10, np.uint16), (WIDE, np.uint32)])
def test_npy(tmp_path, vocab_size, type):
    path = written(tmp_path, "npy", vocab_size)
    ids = np.load(path, mmap_mode="r", allow_pickle=False)
    bounds = np.load(path.with_suffix(".bounds.npy"), mmap_mode="r", allow_pickle=False)
    assert (ids.dtype, bounds.dtype) == (type, np.int64)
    assert cut(ids, bounds) == DOCUMENTS


@pytest.mark.parametrize(("format", "type"), [("u16", np.uint16), ("u32", np.uint32)])
def test_nanogpt(tmp_path, format, type):
    """Its recipe: map the whole file, the type is known."""
    path = written(tmp_path, format)
    assert np.memmap(path, dtype=type, mode="r").tolist() == FLAT


@pytest.mark.parametrize(
    ("vocab_size", "magic", "version", "type"),
    [(10, 20240520, 1, np.uint16), (WIDE, 20240801, 7, np.uint32)],
)
def test_llm_c(tmp_path, vocab_size, magic, version, type):
    """256 numbers of 32 bits, of which three are used; then the ids, and nothing else."""
    data = written(tmp_path, "llmc", vocab_size).read_bytes()
    header = struct.unpack("<256i", data[:1024])
    assert header == (magic, version, len(FLAT), *[0] * 253)
    assert np.frombuffer(data[1024:], type).tolist() == FLAT


@pytest.mark.parametrize(("vocab_size", "code"), [(10, 8), (WIDE, 4)])
def test_megatron(tmp_path, vocab_size, code):
    """Magic, version, type; two counts; lengths, pointers, documents."""
    path = written(tmp_path, "megatron", vocab_size)
    data = path.with_suffix(".idx").read_bytes()
    head = "<9sQBQQ"
    assert struct.unpack_from(head, data) == (b"MMIDIDX\0\0", 1, code, 4, 5)
    position = struct.calcsize(head)
    lengths = struct.unpack_from("<4i", data, position)
    pointers = struct.unpack_from("<4q", data, position + 16)
    assert struct.unpack_from("<5q", data, position + 48) == (0, 1, 2, 3, 4)
    assert len(data) == position + 48 + 40
    type = {8: np.uint16, 4: np.int32}[code]
    found = [
        np.frombuffer(path.read_bytes(), type, length, pointer).tolist()
        for length, pointer in zip(lengths, pointers, strict=True)
    ]
    assert found == DOCUMENTS


def test_megatron_itself(tmp_path):
    module = pytest.importorskip("megatron.core.datasets.indexed_dataset")
    for vocab_size in (10, WIDE):
        path = written(tmp_path / str(vocab_size), "megatron", vocab_size)
        dataset = module.IndexedDataset(str(path.with_suffix("")))
        assert [dataset[i].tolist() for i in range(len(dataset))] == DOCUMENTS
        assert dataset.document_indices.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("type", ["<u2", "<i4"])
def test_megatron_points_with_64_bits(tmp_path, type):
    """Beyond 2^31 ids, and beyond 2^31 bytes, pointers go on; no such file is needed to see it."""
    length = 2**31 - 1
    bounds = SpooledBounds(tmp_path)
    bounds.append(np.arange(1, 5, dtype=np.int64) * length)
    data = b"".join(index_pieces(bounds, np.dtype(type)))
    bounds.close()
    pointers = struct.unpack_from("<4q", data, 34 + 4 * 4)
    assert pointers == tuple(i * length * np.dtype(type).itemsize for i in range(4))
    assert struct.unpack_from("<4i", data, 34) == (length,) * 4


@pytest.mark.parametrize(("vocab_size", "type"), [(10, np.uint16), (WIDE, np.uint32)])
def test_datatrove(tmp_path, vocab_size, type):
    """Ids; the end of each document in 64 bits; a text with the width and the count."""
    path = written(tmp_path, "datatrove", vocab_size)
    ids = np.fromfile(path, type)
    ends = np.fromfile(f"{path}.index", np.uint64)
    assert cut(ids, [0, *map(int, ends)]) == DOCUMENTS
    name, count, _ = Path(f"{path}.metadata").read_text().split("\n")
    assert (name, int(count)) == (f"bpe_tool|{type().itemsize}", len(FLAT))


def test_datatrove_itself(tmp_path):
    pytest.importorskip("torch")
    dataset = pytest.importorskip("datatrove.utils.dataset")
    for vocab_size, width in ((10, 2), (WIDE, 4)):
        folder = tmp_path / str(vocab_size)
        written(folder, "datatrove", vocab_size)
        found = dataset.DatatroveFolderDataset(
            str(folder), seq_len=2, filename_pattern="*.ds", token_size=width
        )
        rows = [found[i] for i in range(len(found))]
        assert [row["input_ids"].tolist() for row in rows] == [
            FLAT[i : i + 3] for i in range(0, len(FLAT) - 2, 3)
        ]


def test_ndjson(tmp_path):
    lines = written(tmp_path, "ndjson").read_bytes().splitlines()
    assert [json.loads(line) for line in lines] == [{"ids": ids} for ids in DOCUMENTS]


@pytest.mark.parametrize(("vocab_size", "type"), [(10, np.uint16), (WIDE, np.uint32)])
def test_npz(tmp_path, vocab_size, type):
    """numpy reads it, the archive is sound, and its arrays begin where they are mapped well."""
    path = written(tmp_path, "npz", vocab_size)
    with np.load(path, allow_pickle=False) as arrays:
        assert arrays["ids"].dtype == type
        assert cut(arrays["ids"], arrays["bounds"]) == DOCUMENTS
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
    shard = bpe_tool.open_shards(tmp_path).shards[0]
    assert shard.ids.ctypes.data % 64 == shard.bounds.ctypes.data % 64 == 0


@given(st.binary(min_size=1), st.binary(), st.data())
def test_a_crc_of_another_beginning(before, rest, data):
    after = data.draw(st.binary(min_size=len(before), max_size=len(before)))
    changed = zlib.crc32(before) ^ zlib.crc32(after)
    assert zlib.crc32(before + rest) ^ shifted_crc32(changed, len(rest)) == zlib.crc32(after + rest)


@pytest.mark.parametrize(("vocab_size", "type"), [(10, "uint16"), (WIDE, "uint32")])
@pytest.mark.parametrize("format", ["arrow", "parquet"])
def test_arrow(tmp_path, format, vocab_size, type):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import ipc, parquet

    path = written(tmp_path, format, vocab_size)
    if format == "parquet":
        table = parquet.read_table(path)
    else:
        with pa.memory_map(str(path)) as file:
            table = ipc.open_file(file).read_all()
    assert table.column_names == ["ids"]
    assert str(table.schema.field("ids").type.value_type) == type
    assert table["ids"].to_pylist() == DOCUMENTS


def test_every_format_has_a_type_for_its_name():
    assert get_args(ShardFormat) == tuple(FORMATS)


# --- files that other programs wrote ----------------------------------------------------


def test_ids_without_a_header_need_a_type(tmp_path):
    path = tmp_path / "train.bin"
    np.array(FLAT, np.uint16).tofile(path)
    with pytest.raises(ArgumentError, match="how wide"):
        bpe_tool.open_shards(path)
    with pytest.raises(ArgumentError, match="uint16 or uint32"):
        bpe_tool.open_shards(path, dtype="float32")
    assert documents_of(bpe_tool.open_shards(path, dtype="uint16")) == [FLAT]
    named = path.rename(tmp_path / "train.u16")
    assert documents_of(bpe_tool.open_shards(named, dtype="uint16")) == [FLAT]
    with pytest.raises(ArgumentError, match="its name says u16"):
        bpe_tool.open_shards(named, dtype="uint32")
    named.rename(path)
    found = documents_of(bpe_tool.open_shards(path, dtype="uint16", end_id=0))
    assert found == [ids for ids in DOCUMENTS if ids]
    assert documents_of(bpe_tool.open_shards(path, dtype="uint16", end_id=9)) == [
        FLAT[:-1],
        FLAT[-1:],
    ]


@pytest.mark.parametrize("type", [np.uint16, np.uint32, np.int32, np.int64])
def test_arrays_of_numpy(tmp_path, type):
    for name, ids in (("b.npy", FLAT[5:]), ("a.npy", FLAT[:5]), ("c.npy", [])):
        np.save(tmp_path / name, np.array(ids, type))
    shards = bpe_tool.open_shards(tmp_path)
    assert documents_of(shards) == [FLAT[:5], FLAT[5:], []]
    assert shards.manifest is None
    assert {shard.ids.dtype for shard in shards.shards} == {np.dtype(type)}


def test_archives_of_numpy(tmp_path):
    np.savez(tmp_path / "a.npz", ids=np.array(FLAT, np.uint16), other=np.ones(3))
    assert documents_of(bpe_tool.open_shards(tmp_path / "a.npz")) == [FLAT]
    np.savez_compressed(tmp_path / "a.npz", ids=np.array(FLAT, np.uint16))
    with pytest.raises(DataError, match="compressed"):
        documents_of(bpe_tool.open_shards(tmp_path / "a.npz"))


def test_llm_c_files(tmp_path):
    header = np.zeros(256, np.int32)
    header[:3] = 20240520, 1, len(FLAT)
    (tmp_path / "a_000001.bin").write_bytes(header.tobytes() + np.array(FLAT, np.uint16).tobytes())
    assert documents_of(bpe_tool.open_shards(tmp_path, end_id=0)) == [d for d in DOCUMENTS if d]


@pytest.mark.parametrize("name", ["corpus", "corpus.bin", "corpus.idx", "."])
@pytest.mark.parametrize("modes", [b"", b"\0" * 4])
def test_megatron_files_with_several_sequences_in_a_document(tmp_path, name, modes):
    lengths = [4, 0, 2, 6]
    pointers = [0, 16, 16, 24]
    (tmp_path / "corpus.bin").write_bytes(np.array(FLAT, np.int32).tobytes())
    (tmp_path / "corpus.idx").write_bytes(
        b"MMIDIDX\0\0"
        + struct.pack("<QBQQ", 1, 4, 4, 3)
        + struct.pack("<4i4q3q", *lengths, *pointers, 0, 3, 4)
        + modes
    )
    found = documents_of(bpe_tool.open_shards(tmp_path / name))
    assert found == [[*DOCUMENTS[0], *DOCUMENTS[2]], DOCUMENTS[3]]


@pytest.mark.parametrize("type", [np.uint16, np.uint32])
@pytest.mark.parametrize("metadata", ["gpt2|{}\n12\n12 T", "gpt2\n12\n12 T", None])
def test_datatrove_files(tmp_path, type, metadata):
    np.array(FLAT, type).tofile(tmp_path / "00000.ds")
    np.array(BOUNDS[1:], np.uint64).tofile(tmp_path / "00000.ds.index")
    if metadata is not None:
        (tmp_path / "00000.ds.metadata").write_text(metadata.format(type().itemsize))
    assert documents_of(bpe_tool.open_shards(tmp_path)) == DOCUMENTS


def test_parquet_files_of_other_columns(tmp_path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": ["a"] * 4, "input_ids": DOCUMENTS}), path)
    assert documents_of(bpe_tool.open_shards(path)) == DOCUMENTS
    parquet.write_table(pa.table({"ids": [[1], None]}), path)
    with pytest.raises(DataError, match="null"):
        documents_of(bpe_tool.open_shards(path))
    parquet.write_table(pa.table({"ids": ["a"]}), path)
    with pytest.raises(DataError, match="column"):
        documents_of(bpe_tool.open_shards(path))


def test_nothing_to_open(tmp_path):
    with pytest.raises(DataError, match="no manifest"):
        bpe_tool.open_shards(tmp_path)
    with pytest.raises(FileNotFoundError):
        bpe_tool.open_shards(tmp_path / "nowhere")
