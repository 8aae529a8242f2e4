"""Reads the members of .zip and .tar archives, one after the other, without unpacking them.

The members of a compressed .tar can only be read in their order: reading them in that order takes
one pass, after one that lists them. Only the archive that was read last stays open, so that any
number of archives can be listed.
"""

from __future__ import annotations

import errno
import io
import lzma
import tarfile
import weakref
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tarfile import InvalidHeaderError, ReadError, TruncatedHeaderError  # type: ignore[attr-defined]
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from bpe_tool.errors import DataError
from bpe_tool.io.content import HEAD_BYTES
from bpe_tool.io.decompress import decompress
from bpe_tool.io.file_state import FileState, changed_error, naming
from bpe_tool.io.forms import Archive, compression_of
from bpe_tool.io.sources import Member

if TYPE_CHECKING:
    from typing_extensions import Buffer

#: How many bytes of a compressed archive are read at a time.
_STEP = 1024 * 1024


#: What damaged archives raise. So does an `OSError` that does not come from the system.
_DAMAGE = (
    zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, UnicodeDecodeError,
)  # fmt: skip


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


def members(path: Path, kind: Archive) -> Iterator[Listed]:
    """Yield the regular files of an archive, in its order.

    Raises:
        DataError: It is damaged, cut off or encrypted.
        OSError: It cannot be read. Reading a member raises this, too, if the archive has changed
            since it was listed.
    """
    with naming(path):
        state = FileState.of(path)
    if kind == "zip":
        yield from _zipped(_Zip(path, state))
    else:
        yield from _tarred(_Tar(path, state))


@dataclass(eq=False)
class _Archive:
    """An archive, as it was when it was listed. It may be open for its members."""

    path: Path
    state: FileState
    _file: Any = field(default=None, init=False, repr=False)
    kind: ClassVar[Archive]
    _last: ClassVar[weakref.ref[_Archive] | None] = None

    def keep_open(self) -> None:
        """Let this archive stay open, and no other."""
        last = None if _Archive._last is None else _Archive._last()
        if last is not None and last is not self:
            # A member that is being read still holds the file. It is closed after that.
            last._file = None
        _Archive._last = weakref.ref(self)

    @contextmanager
    def naming_damage(self, member: str = "") -> Iterator[None]:
        """Turn the errors of damaged archives into one that names the archive."""
        where = f"{self.path}:{member}" if member else str(self.path)
        try:
            with naming(self.path):
                yield
        except (*_DAMAGE, OSError) as error:
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise
            self.check(where)
            what = f"not a whole {self.kind} archive: {error or 'cut off'}"
            raise DataError(f"{where}: {what}") from None
        except DataError:
            # Compressed data is damaged, or other data by now.
            self.check(where)
            raise
        except (NotImplementedError, RuntimeError) as error:
            # An encrypted member is a RuntimeError to zipfile, unknown compression the other.
            self.check(where)
            raise DataError(f"{where}: {error}", hint="unpack the archive first") from None

    def check(self, where: str) -> None:
        """Refuse the archive if it has changed: what was listed may be elsewhere in it now."""
        with naming(self.path):
            if FileState.of(self.path) != self.state:
                raise changed_error(where)


@dataclass(frozen=True)
class _Member(ABC):
    """A file in an archive: what all kinds share."""

    archive: _Archive
    name: str

    def blocks(self, block_bytes: int) -> Iterator[bytes]:
        """Yield its bytes in blocks of about this size."""
        where = f"{self.archive.path}:{self.name}"
        self.archive.check(where)
        blocks = self._read(block_bytes)
        while True:
            with self.archive.naming_damage(self.name):
                block = next(blocks, b"")
            if not block:
                break
            yield block
        self.archive.check(where)

    @abstractmethod
    def _read(self, block_bytes: int) -> Iterator[bytes]:
        """Yield its bytes, whatever becomes of the archive."""


@dataclass(eq=False)
class _Zip(_Archive):
    """A zip archive."""

    kind: ClassVar[Archive] = "zip"

    def opened(self) -> zipfile.ZipFile:
        self.keep_open()
        file: zipfile.ZipFile = self._file or zipfile.ZipFile(self.path)
        self._file = file
        return file


@dataclass(frozen=True)
class ZipMember(_Member):
    """A file in a zip archive."""

    archive: _Zip
    info: zipfile.ZipInfo

    def _read(self, block_bytes: int) -> Iterator[bytes]:
        with self.archive.opened().open(self.info) as file:
            while block := file.read(block_bytes):
                yield block


class _Header(tarfile.TarInfo):
    """The header of a member. One that is damaged is an error: tarfile would see the end in it."""

    @classmethod
    def fromtarfile(cls, tarfile: tarfile.TarFile) -> Self:
        try:
            return super().fromtarfile(tarfile)
        except (InvalidHeaderError, TruncatedHeaderError) as error:
            raise ReadError(str(error)) from None


def _zipped(archive: _Zip) -> Iterator[Listed]:
    with archive.naming_damage(), zipfile.ZipFile(archive.path) as file:
        for info in file.infolist():
            if not info.is_dir():
                with file.open(info) as content:
                    head = content.read(HEAD_BYTES)
                name = info.filename
                yield Listed(name, info.file_size, head, ZipMember(archive, name, info))


@dataclass(eq=False)
class _Tar(_Archive):
    """A tar archive, read from its beginning to its end, and again if need be."""

    kind: ClassVar[Archive] = "tar"
    _index: int = -1

    @property
    def compressed(self) -> bool:
        return compression_of(self.path.name) is not None

    def opened(self) -> tarfile.TarFile:
        if not self.compressed:
            return tarfile.open(self.path, "r:", tarinfo=_Header)
        file = io.BufferedReader(_Decompressed(self.path))
        return tarfile.open(fileobj=file, mode="r|", tarinfo=_Header)

    def member(self, index: int) -> tuple[tarfile.TarFile, tarfile.TarInfo]:
        """Go to a member. A compressed archive starts again if it was passed."""
        self.keep_open()
        if self._file is None or index <= self._index:
            self._file, self._index = self.opened(), -1
        while (info := self._file.next()) is not None:
            self._index += 1
            if self._index == index:
                return self._file, info
        raise tarfile.ReadError("a member is missing")


@dataclass(frozen=True)
class TarMember(_Member):
    """A file in a compressed tar archive: its number, counted from 0."""

    archive: _Tar
    index: int

    def _read(self, block_bytes: int) -> Iterator[bytes]:
        archive, info = self.archive.member(self.index)
        yield from _content(archive, info, block_bytes)


@dataclass(frozen=True)
class SparseMember(_Member):
    """A file in a tar archive that is not compressed, with gaps that the archive leaves out."""

    archive: _Tar
    info: tarfile.TarInfo

    def _read(self, block_bytes: int) -> Iterator[bytes]:
        with self.archive.opened() as archive:
            yield from _content(archive, self.info, block_bytes)


def _content(archive: tarfile.TarFile, info: tarfile.TarInfo, block_bytes: int) -> Iterator[bytes]:
    file = archive.extractfile(info)
    left = info.size
    while left and file is not None:
        block = file.read(min(block_bytes, left))
        if not block:
            raise EOFError
        left -= len(block)
        yield block


@dataclass(frozen=True)
class Stretch(_Member):
    """A file in a tar archive that is not compressed: a stretch of the archive."""

    start: int
    size: int

    def _read(self, block_bytes: int) -> Iterator[bytes]:
        left = self.size
        with self.archive.path.open("rb") as file:
            file.seek(self.start)
            while left:
                block = file.read(min(block_bytes, left))
                if not block:
                    raise EOFError
                left -= len(block)
                yield block


def _tarred(archive: _Tar) -> Iterator[Listed]:
    with archive.naming_damage(), archive.opened() as file:
        index = 0
        while (info := file.next()) is not None:
            if info.isreg():
                content = file.extractfile(info)
                head = content.read(HEAD_BYTES) if content is not None else b""
                yield Listed(info.name, info.size, head, _tar_member(archive, info, index))
            index += 1


def _tar_member(archive: _Tar, info: tarfile.TarInfo, index: int) -> Member:
    if archive.compressed:
        return TarMember(archive, info.name, index)
    if info.issparse():
        return SparseMember(archive, info.name, info)
    return Stretch(archive, info.name, info.offset_data, info.size)


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
