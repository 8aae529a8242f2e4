"""The one way in which files are written: whole, or not at all.

(Of shards, a set is; see `bpe_tool.shards.staging`.)

Bytes go to a temporary file in the same directory, which replaces the target only once
all of it is on the disk. A run that is killed leaves the old file or the new one. (A
replaced file loses its hard links; a symbolic link stays and its target is replaced.)
Pipes and devices cannot be replaced and are written directly.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from bpe_tool import cleanup
from bpe_tool.disk import CachedWriter, naming, write_all

#: How much of the target's name the temporary file's name repeats; names are limited.
NAME_LENGTH = 40


class AtomicFile:
    """A file being written. Use it as a context manager.

    Leaving the context without an exception puts the file in its place; with one, what
    was there before stays.

    Attributes:
        path: The target.
        replaces: Whether the target is replaced at the end; `False` for pipes and devices,
            which get the bytes at once and cannot be patched.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        old = None
        with contextlib.suppress(FileNotFoundError):
            old = self.path.stat()
        if old is not None and stat.S_ISDIR(old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        self.replaces = old is None or stat.S_ISREG(old.st_mode)
        with naming(self.path):
            if self.replaces:
                self._target = self.path.resolve()
                self._temporary = self._target.with_name(
                    f".{self._target.name[:NAME_LENGTH]}.{secrets.token_hex(8)}.tmp"
                )
                # Known before it is there: a signal or an error may come in between.
                self._file = -1
                self._cancel = cleanup.register(self._temporary.unlink)
                try:
                    self._file = _create(self._temporary, old)
                    self._disk = CachedWriter(self._file)
                except BaseException:
                    self.discard()
                    raise
            else:
                self._file = os.open(self.path, os.O_WRONLY | os.O_CLOEXEC)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`."""
        with naming(self.path):
            if self.replaces:
                self._disk.write(data)
            else:
                write_all(self._file, data)

    def patch(self, offset: int, data: bytes) -> None:
        """Overwrite bytes that were written before. Only if `replaces`."""
        with naming(self.path):
            os.pwrite(self._file, data, offset)

    def prepare(self) -> None:
        """Bring everything to the disk, so that only the replacement is left to do."""
        if self.replaces:
            with naming(self.path):
                self._disk.finish()

    def commit(self) -> None:
        """Put the file in its place."""
        self.prepare()
        self._close()
        if self.replaces:
            with naming(self.path):
                self._temporary.replace(self._target)
                sync_directory(self._target.parent)

    def discard(self) -> None:
        """Leave everything as it was before. Harmless after `commit`."""
        try:
            self._close()
        finally:
            if self.replaces:
                with naming(self.path):
                    self._temporary.unlink(missing_ok=True)
                self._cancel()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            self.discard()

    def _close(self) -> None:
        if self._file >= 0:
            file, self._file = self._file, -1
            try:
                if self.replaces:
                    self._disk.wait()
            finally:
                os.close(file)


def check_writable(path: Path) -> None:
    """Raise now what writing a file there would raise later.

    Directories that do not exist yet are expected to be made by then.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        return
    directory = path.parent
    if directory.exists():
        AtomicFile(path).discard()
        return
    while not directory.exists():
        directory = directory.parent
    if not directory.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory))
    if not os.access(directory, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(directory))


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write several files that belong together.

    All of them are brought to the disk first; then they are put in place in the order
    given. The last one should be the one that says that all are there.
    """
    with contextlib.ExitStack() as stack:
        written: list[AtomicFile] = []
        for path, data in files.items():
            file = AtomicFile(path)
            stack.callback(file.discard)
            file.write(data)
            file.prepare()
            written.append(file)
        for file in written:
            file.commit()


def _create(path: Path, old: os.stat_result | None) -> int:
    """Create a file with the permissions of `old`, or else those the umask gives."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    if old is None:
        return os.open(path, flags, 0o666)
    file = os.open(path, flags, 0o600)
    try:
        os.fchmod(file, stat.S_IMODE(old.st_mode))
    except BaseException:
        os.close(file)
        raise
    return file


def make_directory(path: Path) -> None:
    """Make a directory, and those above it, unless it is there. A crash does not undo it."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_directory(each.parent)


def sync_directory(directory: Path) -> None:
    """Make a change to a directory's names durable, where the file system can."""
    with naming(directory):
        file = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(file)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        finally:
            os.close(file)
