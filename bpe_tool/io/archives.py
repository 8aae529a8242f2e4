"""Reads the members of .zip and .tar archives, one after the other, without unpacking them.

The members of a compressed .tar can only be read in their order: reading them in that order takes
one pass, after one that lists them.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bpe_tool.errors import DataError
from bpe_tool.io.content import HEAD_BYTES
from bpe_tool.io.decompress import decompress
from bpe_tool.io.file_state import naming
from bpe_tool.io.forms import Archive, compression_of
from bpe_tool.io.sources import Member

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: How many bytes of a compressed archive are read at a time.
_STEP = 1024 * 1024


class Listed(NamedTuple):
    """A file in an archive.

    Attributes:
        name: Its path in the archive.
        size: Its number of bytes.
        head: Its first bytes.
        member: What reads it.
    """

    name: str
    size: int
    head: bytes
    member: Member


def members(path: Path, kind: Archive) -> list[Listed]:
    """Return the regular files of an archive, in its order.

    Raises:
        DataError: It is damaged, cut off or encrypted.
        OSError: It cannot be read.
    """
    with _naming_damage(path, kind):
        return list(_zipped(_Zip(path)) if kind == "zip" else _tarred(_Tar(path)))


@contextmanager
def _naming_damage(path: Path, kind: Archive, member: str = "") -> Iterator[None]:
    """Turn the errors of damaged archives into one that names the archive."""
    where = f"{path}:{member}" if member else str(path)
    try:
        with naming(path):
            yield
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise DataError(f"{where}: not a whole {kind} archive: {error or 'cut off'}") from None
    except (NotImplementedError, RuntimeError) as error:
        # An encrypted member is a RuntimeError to zipfile, unknown compression the other.
        raise DataError(f"{where}: {error}", hint="unpack the archive first") from None


@dataclass
class _Zip:
    """A zip archive, which stays open for its members."""

    path: Path
    _file: zipfile.ZipFile | None = field(default=None, repr=False)

    def opened(self) -> zipfile.ZipFile:
        if self._file is None:
            self._file = zipfile.ZipFile(self.path)
        return self._file


@dataclass(frozen=True)
class ZipMember:
    """A file in a zip archive."""

    archive: _Zip
    info: zipfile.ZipInfo

    def blocks(self, block_bytes: int) -> Iterator[bytes]:
        """Yield its bytes in blocks of about this size."""
        with _naming_damage(self.archive.path, "zip", self.info.filename):
            file = self.archive.opened().open(self.info)
        with file:
            while True:
                with _naming_damage(self.archive.path, "zip", self.info.filename):
                    block = file.read(block_bytes)
                if not block:
                    return
                yield block


def _zipped(archive: _Zip) -> Iterator[Listed]:
    for info in archive.opened().infolist():
        if not info.is_dir():
            with archive.opened().open(info) as file:
                head = file.read(HEAD_BYTES)
            yield Listed(info.filename, info.file_size, head, ZipMember(archive, info))


@dataclass
class _Tar:
    """A tar archive, read from its beginning to its end, and again if need be."""

    path: Path
    _file: tarfile.TarFile | None = field(default=None, repr=False)
    _index: int = -1

    def opened(self) -> tarfile.TarFile:
        compression = compression_of(self.path.name)
        if compression is None:
            return tarfile.open(self.path, "r:")
        return tarfile.open(fileobj=io.BufferedReader(_Decompressed(self.path)), mode="r|")

    def member(self, index: int) -> tuple[tarfile.TarFile, tarfile.TarInfo]:
        """Go to a member. A compressed archive starts again if it was passed."""
        if self._file is None or index <= self._index:
            self._file, self._index = self.opened(), -1
        while (info := self._file.next()) is not None:
            self._index += 1
            if self._index == index:
                return self._file, info
        raise tarfile.ReadError("a member is missing")


@dataclass(frozen=True)
class TarMember:
    """A file in a tar archive: its number, counted from 0, and its size."""

    archive: _Tar
    name: str
    index: int
    size: int

    def blocks(self, block_bytes: int) -> Iterator[bytes]:
        """Yield its bytes in blocks of about this size."""
        with _naming_damage(self.archive.path, "tar", self.name):
            archive, info = self.archive.member(self.index)
            file = archive.extractfile(info)
        left = self.size
        while left and file is not None:
            with _naming_damage(self.archive.path, "tar", self.name):
                block = file.read(min(block_bytes, left))
                if not block:
                    raise EOFError
            left -= len(block)
            yield block


def _tarred(archive: _Tar) -> Iterator[Listed]:
    with archive.opened() as file:
        index = 0
        while (info := file.next()) is not None:
            if info.isreg():
                content = file.extractfile(info)
                head = content.read(HEAD_BYTES) if content is not None else b""
                member: Member = TarMember(archive, info.name, index, info.size)
                if compression_of(archive.path.name) is None:
                    member = Stretch(archive.path, info.name, info.offset_data, info.size)
                yield Listed(info.name, info.size, head, member)
            index += 1


@dataclass(frozen=True)
class Stretch:
    """A file in a tar archive that is not compressed: a stretch of the archive."""

    path: Path
    name: str
    start: int
    size: int

    def blocks(self, block_bytes: int) -> Iterator[bytes]:
        """Yield its bytes in blocks of about this size."""
        left = self.size
        with _naming_damage(self.path, "tar", self.name), self.path.open("rb") as file:
            file.seek(self.start)
            while left:
                block = file.read(min(block_bytes, left))
                if not block:
                    raise EOFError
                left -= len(block)
                yield block


class _Decompressed(io.RawIOBase):
    """The content of a compressed file, to be read once."""

    def __init__(self, path: Path) -> None:
        compression = compression_of(path.name)
        assert compression is not None
        self._blocks = decompress(compression, _pieces(path), str(path), _STEP)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill a buffer with the next bytes, as far as they are there; return how many."""
        if not self._rest:
            self._rest = memoryview(next(self._blocks, b""))
        target = memoryview(buffer)
        count = min(len(target), len(self._rest))
        target[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_STEP):
            yield block
