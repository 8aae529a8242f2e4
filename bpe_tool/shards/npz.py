"""Shards as `.npz` archives with two arrays, `ids` and `bounds`."""

from __future__ import annotations

import contextlib
import os
import shutil
import struct
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from bpe_tool import npy
from bpe_tool.atomic import AtomicFile
from bpe_tool.errors import DataError
from bpe_tool.shards.flat import checked_bounds
from bpe_tool.shards.format import Bounds, Contents, Ids, ShardFormat, ShardWriter
from bpe_tool.shards.mapped import map_array
from bpe_tool.shards.npy import READ

IDS, BOUNDS = "ids.npy", "bounds.npy"

#: A member of an archive begins with so many bytes, a name, and a field of other things.
LOCAL_HEADER = struct.Struct("<4s5H3I2H")
SIZES_BYTES = 20

#: Padding is a field of a kind that others use for it, too, and has a length.
PADDING = struct.Struct("<HH")
PADDING_KIND = 0xD935

#: Arrays begin at a multiple of this.
ALIGNMENT = 64

#: So many bytes are copied at once.
COPY_BYTES = 1 << 20


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
            with zipfile.ZipFile(path) as archive:
                members = {member.filename: member for member in archive.infolist()}
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise DataError(f"{path}: not a valid archive: {error}") from None
        if IDS not in members:
            raise DataError(f"{path}: the archive holds no {IDS}")
        ids = _map_member(path, members[IDS], READ)
        if BOUNDS not in members:
            return Contents(ids, None)
        bounds = _map_member(path, members[BOUNDS], ("<i8",))
        return Contents(ids, checked_bounds(bounds, path, len(ids)))


class NpzWriter(ShardWriter):
    """Writes an archive. Ids wait in a file beside it: their number stands before them."""

    def __init__(self, path: Path, dtype: np.dtype[Any]) -> None:
        super().__init__([path])
        self._dtype = dtype
        self._waiting = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - see discard

    def write(self, ids: Ids, ends: Bounds) -> None:
        """Append ids."""
        with self._named():
            self._waiting.write(ids.view(np.uint8).data)

    def finish(self, bounds: Bounds) -> None:
        """Write the archive."""
        with self._named():
            self._waiting.seek(0)
        output = _Patched(self.files[0])
        with zipfile.ZipFile(cast(IO[bytes], output), "w") as archive:
            with _member(archive, IDS, output.tell()) as member:
                member.write(npy.header(self._dtype.str, int(bounds[-1])))
                shutil.copyfileobj(self._waiting, member, COPY_BYTES)
            with _member(archive, BOUNDS, output.tell()) as member:
                member.write(npy.header("<i8", len(bounds)))
                member.write(bounds.astype("<i8", copy=False).tobytes())

    def discard(self) -> None:
        """Forget everything."""
        super().discard()
        # What could not be written is not tried again.
        with contextlib.suppress(OSError):
            self._waiting.close()

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        """Let errors about the file that has no name name the archive."""
        try:
            yield
        except OSError as error:
            error.filename = str(self.files[0].path)
            raise


class _Patched:
    """A file that an archive is written to: bytes at the end, or over earlier ones."""

    def __init__(self, file: AtomicFile) -> None:
        self._file = file
        self._size = self._position = 0

    def write(self, data: bytes) -> int:
        if self._position == self._size:
            self._file.write(data)
            self._size += len(data)
        else:
            self._file.patch(self._position, data)
        self._position += len(data)
        return len(data)

    def seek(self, position: int) -> int:
        self._position = position
        return position

    def tell(self) -> int:
        return self._position

    def flush(self) -> None:
        """Do nothing: what is written is on its way."""


def _member(archive: zipfile.ZipFile, name: str, offset: int) -> IO[bytes]:
    """Begin a member at an offset such that its array can be mapped well."""
    member = zipfile.ZipInfo(name)
    # Behind the name comes padding, with a header of its own, and the 64-bit sizes.
    start = offset + LOCAL_HEADER.size + len(name) + PADDING.size + SIZES_BYTES
    length = -start % ALIGNMENT
    member.extra = PADDING.pack(PADDING_KIND, length) + bytes(length)
    return archive.open(member, "w", force_zip64=True)


def _map_member(path: Path, member: zipfile.ZipInfo, dtypes: tuple[str, ...]) -> NDArray[Any]:
    """Map the array in a member of an archive."""
    where = f"{path}: {member.filename}"
    if member.compress_type != zipfile.ZIP_STORED or member.compress_size != member.file_size:
        raise DataError(
            f"{where} is compressed, and cannot be mapped to memory",
            hint="write it with numpy.savez",
        )
    with path.open("rb") as file:
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
    return map_array(path, dtype, count, start + offset)
