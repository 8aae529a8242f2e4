"""Layout `npz`: an archive with the arrays `ids` and `bounds`."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io import npy_header
from bpe_tool.io.small_files import opened
from bpe_tool.shards.files.crc32 import shifted_crc32
from bpe_tool.shards.files.file_array import Bounds, FileArray, Ids
from bpe_tool.shards.files.file_object import FileObject
from bpe_tool.shards.layouts.flat import checked_bounds, npy_pieces
from bpe_tool.shards.layouts.layout import Contents, Layout, ShardWriter
from bpe_tool.shards.layouts.npy import READ_TYPES

IDS, BOUNDS = "ids.npy", "bounds.npy"

#: A member begins with these fields, its name, and extra fields.
LOCAL_HEADER = struct.Struct("<4s5H3I2H")

#: Where the CRC-32 is in the local header, in bytes.
CRC_OFFSET = 14
CRC_BYTES = 4

#: The extra field with the sizes, as `zipfile` writes it for large members.
ZIP64_BYTES = 20

#: The extra field of padding has a kind, which others use for it too, and a length.
PADDING = struct.Struct("<HH")
PADDING_KIND = 0xD935

#: Arrays begin at a multiple of this, so that they can be mapped.
ALIGNMENT = 64


class Npz(Layout):
    """A zip archive of `.npy` files, as `numpy.savez` writes it.

    Members are stored without compression, so that arrays can be mapped to memory.
    """

    name = "npz"
    suffixes = (".npz",)

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Create the file of a shard and return its writer."""
        return NpzWriter(self, folder, shard, dtype)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        try:
            with opened(path) as file, zipfile.ZipFile(file) as archive:
                members = {member.filename: member for member in archive.infolist()}
        # `zipfile` raises NotImplementedError for versions and methods that it does not know.
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise DataError(f"{path}: not a valid archive: {error}") from None
        if IDS not in members:
            raise DataError(f"{path}: the archive holds no {IDS}")
        ids = _member_array(path, members[IDS], READ_TYPES)
        if BOUNDS not in members:
            return Contents(ids, None)
        bounds = _member_array(path, members[BOUNDS], ("<i8",))
        return Contents(ids, checked_bounds(bounds, path, len(ids)))


class NpzWriter(ShardWriter):
    """Writes an archive. The count of ids precedes them, and is patched at the end."""

    def __init__(self, layout: Npz, folder: Path, shard: str, dtype: np.dtype[Any]) -> None:
        super().__init__(layout, folder, shard, dtype, patched=True)
        self._object = FileObject(self.files[0])
        self._archive = zipfile.ZipFile(cast(IO[bytes], self._object), "w")
        self._info = _new_member(IDS, 0)
        self._member: IO[bytes] | None = None

    def begin(self) -> None:
        """Write the header of a member without ids."""
        self._member = self._archive.open(self._info, "w", force_zip64=True)
        self._start = self._object.tell()
        self._member.write(npy_header.build(self._dtype.str, 0))

    def discard(self) -> None:
        """Close the archive. `zipfile` would still write the directory of an incomplete one."""
        self._object.detach()
        try:
            if self._member is not None:
                self._member.close()
            self._archive.close()
        finally:
            super().discard()

    def _write(self, ids: Ids, ends: Bounds) -> None:
        assert self._member is not None
        self._member.write(ids.view(np.uint8).data)

    def _finish(self) -> None:
        assert self._member is not None
        self._member.close()
        before = npy_header.build(self._dtype.str, 0)
        after = npy_header.build(self._dtype.str, self.tokens)
        changed = zlib.crc32(before) ^ zlib.crc32(after)
        self._info.CRC ^= shifted_crc32(changed, self.tokens * self._dtype.itemsize)
        crc = self._info.CRC.to_bytes(CRC_BYTES, "little")
        self.files[0].patch(self._start, after)
        self.files[0].patch(self._info.header_offset + CRC_OFFSET, crc)
        info = _new_member(BOUNDS, self._object.tell())
        with self._archive.open(info, "w", force_zip64=True) as member:
            for piece in npy_pieces(self.bounds):
                member.write(piece)
        self._archive.close()


def _new_member(name: str, offset: int) -> zipfile.ZipInfo:
    """Describe a member that begins at an offset, padded so that its data is aligned."""
    member = zipfile.ZipInfo(name)
    start = offset + LOCAL_HEADER.size + len(name) + PADDING.size + ZIP64_BYTES
    length = -start % ALIGNMENT
    member.extra = PADDING.pack(PADDING_KIND, length) + bytes(length)
    return member


def _member_array(path: Path, member: zipfile.ZipInfo, dtypes: tuple[str, ...]) -> FileArray:
    """Return the array in a member. `zipfile` does not tell where the data of one begins."""
    where = f"{path}: {member.filename}"
    if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
        raise DataError(
            f"{where} is compressed, and cannot be mapped to memory",
            hint="write it with numpy.savez",
        )
    with opened(path) as file:
        # Damage can make it negative.
        file.seek(max(0, member.header_offset))
        local = file.read(LOCAL_HEADER.size)
        if len(local) < LOCAL_HEADER.size or not local.startswith(b"PK\x03\x04"):
            raise DataError(f"{where} is not where the archive says")
        *_, name_length, extra_length = LOCAL_HEADER.unpack(local)
        file.seek(name_length + extra_length, os.SEEK_CUR)
        start = file.tell()
        data = file.read(min(member.file_size, npy_header.MAX_BYTES))
    dtype, count, offset = npy_header.parse_whole(data, dtypes, where)
    expected = offset + count * np.dtype(dtype).itemsize
    if expected != member.file_size:
        raise DataError(
            f"{where}: the header says {expected} bytes, the archive {member.file_size}"
        )
    return FileArray(path, dtype, count, start + offset)
