"""Writes a file atomically: the target is replaced once the new file is complete.

(`bpe_tool.io.together` writes several files that belong together, `bpe_tool.shards.staging` sets
of shards.)

Bytes go to a temporary file in the same directory. It replaces the target after all of it has
been written to the disk. A run that is killed leaves the old file or the new one, and perhaps
the temporary file, which the next run removes; see `bpe_tool.io.temporaries`. A replaced file
loses its hard links. A symbolic link stays, and its target is replaced. Pipes and devices cannot
be replaced, so they are written directly.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from bpe_tool.io.disk import CachedWriter, write_all
from bpe_tool.io.file_state import naming
from bpe_tool.io.temporaries import remove_left, temporary_path
from bpe_tool.runtime import signals, system


class AtomicFile:
    """A file that is being written, as a context manager.

    Leaving the context replaces the target. After an exception, the target stays as it was.

    Attributes:
        path: The path as it was given.
        replaces: Whether the target is replaced at the end; `False` for pipes and devices,
            which get the bytes at once and cannot be patched.
        target: The file that is replaced: `path`, with links resolved.
        temporary: The file that replaces it.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        # The process that removes the temporary file. A forked copy must not.
        self._owner = 0
        self._cancel: Callable[[], object] = bool
        self._file = self._lock = -1
        self._disk: CachedWriter | None = None
        old = None
        with contextlib.suppress(FileNotFoundError):
            old = self.path.stat()
        if old is not None and stat.S_ISDIR(old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        self.replaces = old is None or stat.S_ISREG(old.st_mode)
        if not self.replaces:
            self._file = os.open(self.path, system.WRITE)
            return
        self.target = self.path.resolve()
        remove_left(self.target)
        try:
            self._create(0o666 if old is None else 0o600)
            if old is not None:
                with self._naming():
                    system.set_mode(self._file, stat.S_IMODE(old.st_mode))
        except BaseException:
            self.discard()
            raise

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`."""
        with self._naming():
            if self._disk is not None:
                self._disk.write(data)
            else:
                write_all(self._file, data)

    def patch(self, offset: int, data: bytes) -> None:
        """Overwrite bytes that were written earlier. Only if `replaces`."""
        with self._naming():
            system.write_at(self._file, data, offset)

    def prepare(self) -> None:
        """Write everything to the disk, so that only the replacement is left to do."""
        with self._naming():
            if self._disk is not None and self._file >= 0:
                self._disk.finish()
            self._close()

    def commit(self) -> None:
        """Replace the target.

        Raises:
            OSError: This failed, and the target is as it was. If the error names the directory,
                the target was replaced, but a loss of power may undo that.
        """
        self.prepare()
        if self.replaces:
            with self._naming():
                self.temporary.replace(self.target)
            sync_directory(self.target.parent)

    def discard(self) -> None:
        """Remove the temporary file; leave the target as it is. No effect after `commit`."""
        # Errors do not matter: the next run removes what is left.
        with contextlib.suppress(OSError):
            self._close()
        owner, self._owner = self._owner, 0
        if owner:
            _remove(self.temporary, owner)
        self._cancel()
        if self._lock >= 0:
            file, self._lock = self._lock, -1
            with contextlib.suppress(OSError):
                os.close(file)

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

    def __del__(self) -> None:
        # A signal can arrive before the context is entered.
        self.discard()

    def _create(self, mode: int) -> None:
        """Create the temporary file and lock it."""
        while self._disk is None:
            # Registered before it exists: a signal may arrive at any moment.
            self.temporary = temporary_path(self.target)
            self._owner = os.getpid()
            self._cancel = signals.register(partial(_remove, self.temporary, self._owner))
            with self._naming():
                self._file = os.open(self.temporary, system.CREATE, mode)
                locked = system.lock(self._file)
                is_ours = locked is not False and os.fstat(self._file).st_nlink > 0
            if is_ours:
                # A second descriptor holds the lock: closing the first one can fail.
                self._lock = os.dup(self._file) if locked else system.NOTHING
                self._disk = CachedWriter(self._file)
            else:
                # Another process took it for a leftover before it was locked.
                self.discard()

    def _naming(self) -> AbstractContextManager[None]:
        return naming(self.path, self.temporary if self.replaces else None)

    def _close(self) -> None:
        if self._file >= 0:
            file, self._file = self._file, -1
            try:
                if self._disk is not None:
                    self._disk.wait()
            finally:
                os.close(file)


def _remove(temporary: Path, owner: int) -> None:
    """Remove a temporary file, if this process made it."""
    if owner == os.getpid():
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Raise now what writing this file would raise later.

    Missing directories are assumed to be made before that.
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


def make_directory(path: Path) -> list[Path]:
    """Make a directory and its missing parents durably, so that a crash does not undo it.

    Returns:
        The directories that were made, innermost first.
    """
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for each in missing:
        sync_directory(each.parent)
    return missing


def sync_directory(directory: Path) -> None:
    """Make changes of names in a directory durable, where the file system can."""
    with naming(directory):
        file = system.open_directory(directory)
        try:
            system.sync(file)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
        finally:
            system.close(file)
