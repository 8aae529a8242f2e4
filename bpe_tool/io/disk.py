"""How the bytes of a file get to the disk: most of them while more are made."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import mmap
import os
import select
import threading
from abc import ABC, abstractmethod

from bpe_tool.runtime import threads

#: So much that was written is brought to the disk at once. With less, the file system keeps its
#: books too often.
SYNC_BYTES = 16 << 20

#: So much goes to the disk directly at once: little enough for a near memory, and a multiple of
#: what disks and systems ask for.
PIECE_BYTES = 1 << 20


class DiskWriter(ABC):
    """Writes to a file, from its beginning."""

    @abstractmethod
    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`.

        Raises:
            OSError: This or what was written before does not get to the disk.
        """

    @abstractmethod
    def finish(self) -> None:
        """Bring everything to the disk.

        Raises:
            OSError: It does not get there.
        """

    def wait(self) -> None:  # noqa: B027 - most have nothing under way
        """Wait until nobody uses the file any more."""


def disk_writer(file: int, *, cached: bool) -> DiskWriter:
    """Return what writes to an empty file.

    Args:
        file: The descriptor.
        cached: Whether the system shall keep in memory what was written. If not, some do so
            nevertheless.
    """
    return DirectWriter(file) if not cached and _set_direct(file, True) else CachedWriter(file)


class CachedWriter(DiskWriter):
    """Leaves what is written in the system's memory of files, from which it is read fast.

    Some of it is brought to the disk while more is written, so that the end of a large file
    need not wait for all of it.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        # What nobody has begun to bring to the disk.
        self._bytes = 0
        self._thread: threading.Thread | None = None
        self._error: OSError | None = None

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`."""
        write_all(self._file, data)
        self._bytes += memoryview(data).nbytes
        if self._bytes < SYNC_BYTES or (self._thread is not None and self._thread.is_alive()):
            return
        self._raise()
        self._bytes = 0
        # Where there can be no more threads, all of it is left to the end.
        self._thread = threads.start(self._work)

    def finish(self) -> None:
        """Bring everything to the disk."""
        self.wait()
        self._raise()
        os.fsync(self._file)

    def wait(self) -> None:
        """Wait for what is under way."""
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            self._error = error

    def _raise(self) -> None:
        # The system tells of a failure only once.
        if self._error is not None:
            raise self._error


class DirectWriter(DiskWriter):
    """Writes past the system's memory of files (`O_DIRECT`), all but a last part of a piece.

    That is less work. It pushes nothing out of memory that others read, and takes none that a
    virtual machine may have to ask its host for, page by page. Whoever reads the file reads it
    from the disk.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        # Mapped memory begins where disks ask for it.
        self._piece = memoryview(mmap.mmap(-1, PIECE_BYTES))
        self._filled = 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`."""
        rest = memoryview(data).cast("B")
        while rest:
            some = rest[: PIECE_BYTES - self._filled]
            stop = self._filled + len(some)
            self._piece[self._filled : stop] = some
            self._filled = stop % PIECE_BYTES
            if stop == PIECE_BYTES:
                self._put()
            rest = rest[len(some) :]

    def finish(self) -> None:
        """Bring everything to the disk."""
        _set_direct(self._file, False)
        write_all(self._file, self._piece[: self._filled])
        self._filled = 0
        os.fsync(self._file)

    def _put(self) -> None:
        """Write the piece."""
        try:
            written = os.write(self._file, self._piece)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            # Some file systems refuse only now.
            written = 0
        if written < PIECE_BYTES:
            # What comes next would not begin where a disk asks for it.
            _set_direct(self._file, False)
            write_all(self._file, self._piece[written:])


def write_all(file: int, data: bytes | bytearray | memoryview) -> None:
    """Write all of `data`, also where the system takes only part of it at a time."""
    rest = memoryview(data).cast("B")
    while rest:
        try:
            rest = rest[os.write(file, rest) :]
        except BlockingIOError:
            select.select([], [file], [])


def forget_cached(file: int) -> None:
    """Let the system forget what it keeps in memory of a file that is on the disk."""
    if hasattr(os, "posix_fadvise"):
        # It is only an advice.
        with contextlib.suppress(OSError):
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)


def _set_direct(file: int, on: bool) -> bool:
    """Write past the system's memory of files or not, and return whether that can be."""
    if not hasattr(os, "O_DIRECT"):
        return False
    flags = fcntl.fcntl(file, fcntl.F_GETFL) & ~os.O_DIRECT
    with contextlib.suppress(OSError):
        fcntl.fcntl(file, fcntl.F_SETFL, flags | os.O_DIRECT if on else flags)
        return True
    return False
