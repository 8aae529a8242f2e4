"""Damaged files of shards: clear errors and nothing else."""

import shutil

import pytest
from shard_sets import DOCUMENTS, damages, read_all

import bpe_tool
from bpe_tool import BpeToolError, DataError
from bpe_tool.io import npy_header
from bpe_tool.io.unfinished import MANIFEST
from bpe_tool.shards.layouts.registry import FORMATS

pytestmark = pytest.mark.usefixtures("hasty_disk")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("with_manifest", [True, False])
def test_damaged_files_are_clear_errors(tmp_path, format, with_manifest):
    """Whatever happens to a file, reading the set is right, or an error of this package."""
    whole = tmp_path / "whole"
    bpe_tool.write_shards(DOCUMENTS, whole, vocab_size=10, format=format)
    if not with_manifest:
        (whole / MANIFEST).unlink()
    read_all(whole)
    refused = 0
    for name in sorted(path.name for path in whole.iterdir() if path.name != MANIFEST):
        folder = tmp_path / "damaged"
        shutil.copytree(whole, folder)
        for data in damages((whole / name).read_bytes(), 60):
            (folder / name).write_bytes(data)
            try:
                read_all(folder)
            except BpeToolError as error:
                assert str(folder) in str(error)
                refused += 1
        shutil.rmtree(folder)
    assert refused


def test_sizes_that_lie_are_found_before_memory_is_taken(tmp_path):
    """Headers that promise more than there is."""
    huge = 2**60
    (tmp_path / "a.npy").write_bytes(npy_header.build("<u4", huge))
    with pytest.raises(DataError, match="the header says"):
        read_all(tmp_path / "a.npy")
    idx = b"MMIDIDX\0\0" + b"".join(
        number.to_bytes(size, "little") for number, size in ((1, 8), (4, 1), (huge, 8), (huge, 8))
    )
    (tmp_path / "b.idx").write_bytes(idx)
    (tmp_path / "b.bin").touch()
    with pytest.raises(DataError, match="the header says"):
        read_all(tmp_path / "b")
