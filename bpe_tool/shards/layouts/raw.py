"""Layouts `u16` and `u32`: nothing but ids, as nanoGPT and similar programs map them."""

from __future__ import annotations

from pathlib import Path

from bpe_tool.shards.files.file_array import array_to_end
from bpe_tool.shards.layouts.flat import BOUNDS_SUFFIX, FlatLayout
from bpe_tool.shards.layouts.layout import Contents


class U16(FlatLayout):
    """Little-endian 16-bit ids without a header: `np.memmap(path, dtype=np.uint16)`."""

    name = "u16"
    suffixes = (".u16", BOUNDS_SUFFIX)
    dtypes = ("<u2",)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        ids = array_to_end(path, self.dtypes[0])
        return Contents(ids, self.bounds(path, len(ids)))


class U32(U16):
    """The same with 32 bits."""

    name = "u32"
    suffixes = (".u32", BOUNDS_SUFFIX)
    dtypes = ("<u4",)
