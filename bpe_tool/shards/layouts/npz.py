"""Shards as `.npz` archives with two arrays, `ids` and `bounds`."""

from __future__ import annotations

import os
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO, Any, cast

import numpy as np

from bpe_tool.errors import DataError
from bpe_tool.io import npy
from bpe_tool.io.small_files import opened
from bpe_tool.shards.layouts.flat import checked_bounds, npy_pieces
from bpe_tool.shards.layouts.layout import Bounds, Contents, Ids, ShardFormat, ShardWriter
from bpe_tool.shards.layouts.library_file import LibraryFile
from bpe_tool.shards.layouts.mapped import Stored
from bpe_tool.shards.layouts.npy import READ
from bpe_tool.shards.stored_bounds import StoredBounds

IDS, BOUNDS = "ids.npy", "bounds.npy"

#: A member of an archive begins with so many bytes, a name, and a field of other things.
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
SIZES_BYTES = 20

#: Where in that the checksum is.
CRC_OFFSET = 14
CRC_BYTES = 4

#: The polynomial of CRC-32 without x^32, and the one that is 1: the highest bit is that of x^0.
CRC_POLYNOMIAL = 0xEDB88320
CRC_ONE = 1 << 31

#: Padding is a field of a kind that others use for it, too, and has a length.
PADDING = struct.Struct("<HH")
PADDING_KIND = 0xD935

#: Arrays begin at a multiple of this.
ALIGNMENT = 64


class Npz(ShardFormat):
    """A zip archive of `.npy` files, stored without compression, so that they can be mapped.

    The layout is that of `numpy.savez`.
    """

    name = "npz"
    suffixes = (".npz",)

    def writer(self, folder: Path, shard: str, dtype: np.dtype[Any]) -> ShardWriter:
        """Begin a shard."""
        return NpzWriter(self.paths(folder, shard)[0], dtype)

    def open(self, path: Path) -> Contents:
        """Open a shard."""
        try:
            with opened(path) as file, zipfile.ZipFile(file) as archive:
                members = {member.filename: member for member in archive.infolist()}
        # NotImplementedError is what `zipfile` raises for versions and methods it does not know.
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise DataError(f"{path}: not a valid archive: {error}") from None
        if IDS not in members:
            raise DataError(f"{path}: the archive holds no {IDS}")
        ids = _stored_member(path, members[IDS], READ)
        if BOUNDS not in members:
            return Contents(ids, None)
        bounds = _stored_member(path, members[BOUNDS], ("<i8",))
        return Contents(ids, checked_bounds(bounds, path, len(ids)))


class NpzWriter(ShardWriter):
    """Writes an archive. How many ids there are stands before them, and is put there last."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        super().__init__([path], patched=True)
        self._dtype = dtype
        self._output = LibraryFile(self.files[0])
        self._archive = zipfile.ZipFile(cast(IO[bytes], self._output), "w")
        self._info = _member(IDS, 0)
        self._ids: IO[bytes] | None = None

    def begin(self) -> None:
        """Write the header of a member without ids."""
        self._ids = self._archive.open(self._info, "w", force_zip64=True)
        self._start = self._output.tell()
        self._ids.write(npy.header(self._dtype.str, 0))

    def write(self, ids: Ids, ends: Bounds) -> None:
        """Append ids."""
        assert self._ids is not None
        self._ids.write(ids.view(np.uint8).data)

    def finish(self, bounds: StoredBounds) -> None:
        """Write how many ids there are, the bounds, and the directory of the archive."""
        assert self._ids is not None
        self._ids.close()
        count = bounds.total
        before, after = npy.header(self._dtype.str, 0), npy.header(self._dtype.str, count)
        changed = zlib.crc32(before) ^ zlib.crc32(after)
        self._info.CRC ^= shifted_crc32(changed, count * self._dtype.itemsize)
        self.files[0].patch(self._start, after)
        crc = self._info.CRC.to_bytes(CRC_BYTES, "little")
        self.files[0].patch(self._info.header_offset + CRC_OFFSET, crc)
        info = _member(BOUNDS, self._output.tell())
        with self._archive.open(info, "w", force_zip64=True) as member:
            for piece in npy_pieces(bounds):
                member.write(piece)
        self._archive.close()

    def discard(self) -> None:
        """Forget everything. An archive that is not complete would still write its directory."""
        self._output.forget()
        try:
            if self._ids is not None:
                self._ids.close()
            self._archive.close()
        finally:
            super().discard()


def shifted_crc32(crc: int, count: int) -> int:
    """Return how the CRC-32 of a text changes if that of its beginning changes by `crc`.

    The CRC is linear: the exclusive or of those of two texts of one length depends only on the
    exclusive or of the texts. Each byte behind multiplies it by x^8, modulo the polynomial.

    Args:
        crc: The exclusive or of the CRCs of both beginnings.
        count: How many bytes follow, which are the same.
    """
    power = CRC_ONE >> 8
    while count:
        if count & 1:
            crc = _product(crc, power)
        power = _product(power, power)
        count >>= 1
    return crc


def _product(left: int, right: int) -> int:
    """Multiply polynomials modulo that of CRC-32. Their highest bits are the coefficients of 1."""
    product = 0
    while left:
        if left & CRC_ONE:
            product ^= right
        left = left << 1 & 0xFFFFFFFF
        right = right >> 1 ^ (CRC_POLYNOMIAL if right & 1 else 0)
    return product


def _member(name: str, offset: int) -> zipfile.ZipInfo:
    """Describe a member that begins at an offset, such that its array can be mapped well."""
    member = zipfile.ZipInfo(name)
    # Behind the name comes padding, with a header of its own, and the 64-bit sizes.
    start = offset + LOCAL_HEADER.size + len(name) + PADDING.size + SIZES_BYTES
    length = -start % ALIGNMENT
    member.extra = PADDING.pack(PADDING_KIND, length) + bytes(length)
    return member


def _stored_member(path: Path, member: zipfile.ZipInfo, dtypes: tuple[str, ...]) -> Stored:
    """Return the array in a member of an archive."""
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
        data = file.read(min(member.file_size, npy.MAX_HEADER_BYTES))
    try:
        header = npy.split_header(data, dtypes)
    except DataError as error:
        raise error.at(where) from None
    if header is None:
        raise DataError(f"{where}: the .npy header is cut off")
    dtype, count, offset = header
    expected = offset + count * np.dtype(dtype).itemsize
    if expected != member.file_size:
        raise DataError(
            f"{where}: the header says {expected} bytes, the archive {member.file_size}"
        )
    return Stored(path, dtype, count, start + offset)
