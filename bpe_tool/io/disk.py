"""Writes the bytes of a file to the disk, most of them while more are produced."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os
import threading
from abc import ABC, abstractmethod

from bpe_tool.runtime import system, thread_start

#: How many bytes are written before a sync starts. More frequent syncs cost the file system
#: more work on its metadata.
SYNC_BYTES = 16 << 20

#: The size of a direct write: small enough for the cache of a processor core, and a multiple of
#: the block size that disks and systems require.
PIECE_BYTES = 1 << 20


class DiskWriter(ABC):
    """Writes to a file, from its beginning."""

    @abstractmethod
    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`.

        Raises:
            OSError: This data, or earlier data, cannot be written.
        """

    @abstractmethod
    def finish(self) -> None:
        """Wait until all data is on the disk.

        Raises:
            OSError: It cannot be written.
        """

    def wait(self) -> None:  # noqa: B027 - most use no thread
        """Wait until no thread uses the file."""


def disk_writer(file: int, *, cached: bool) -> DiskWriter:
    """Return a writer for an empty file.

    Args:
        file: The descriptor.
        cached: Whether the data should stay in the page cache. Some file systems keep it there
            in any case.
    """
    return (
        DirectWriter(file) if not cached and system.set_direct(file, True) else CachedWriter(file)
    )


class CachedWriter(DiskWriter):
    """Writes through the page cache, from which the file can be read fast.

    A thread syncs written data while more is written, so that the sync at the end is short.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        # How many bytes were written since the last sync started.
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
        # If the system refuses a thread, everything is synced at the end.
        self._thread = thread_start.start(self._work)

    def finish(self) -> None:
        """Bring everything to the disk."""
        self.wait()
        self._raise()
        os.fsync(self._file)

    def wait(self) -> None:
        """Wait for the sync that is running."""
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        try:
            os.fsync(self._file)
        except OSError as error:
            self._error = error

    def _raise(self) -> None:
        # The system reports a failure only once.
        if self._error is not None:
            raise self._error


class DirectWriter(DiskWriter):
    """Writes past the page cache (`O_DIRECT`), all but the last, incomplete piece.

    That is less work for the system. It evicts nothing from the page cache, and needs no pages
    that a virtual machine would have to request from its host. A later read comes from the disk.
    """

    def __init__(self, file: int) -> None:
        self._file = file
        # Mapped memory has the alignment that disks require.
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
        system.set_direct(self._file, False)
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
            # The next write would not have the required alignment.
            system.set_direct(self._file, False)
            write_all(self._file, self._piece[written:])


def write_all(file: int, data: bytes | bytearray | memoryview) -> None:
    """Write all of `data`, even if the system accepts only part of it at a time."""
    rest = memoryview(data).cast("B")
    while rest:
        try:
            rest = rest[os.write(file, rest) :]
        except BlockingIOError:
            system.wait_writable(file)


def forget_cached(file: int) -> None:
    """Drop a file that is on the disk from the page cache."""
    if hasattr(os, "posix_fadvise"):
        # This is only advice to the system.
        with contextlib.suppress(OSError):
            os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
