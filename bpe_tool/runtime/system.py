"""What only POSIX has, with what is done where the system lacks it, such as on Windows.

There, files have no locks, so that what killed processes left stays; directories are not brought
to the disk; pipes are read as they come; and positions in a file are set before each read.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ImportError:
    fcntl = None  # type: ignore[assignment]
try:
    import select
except ImportError:
    select = None  # type: ignore[assignment]


def _flags(*names: str) -> int:
    """Return the flags that the system has of these."""
    flags = 0
    for name in names:
        flags |= getattr(os, name, 0)
    return flags


#: How files are opened: to be read; without waiting for the writer of a pipe; written; made anew.
READ = _flags("O_RDONLY", "O_CLOEXEC", "O_BINARY")
READ_AT_ONCE = READ | _flags("O_NONBLOCK")
WRITE = _flags("O_WRONLY", "O_CLOEXEC", "O_BINARY")
CREATE = _flags("O_RDWR", "O_CREAT", "O_EXCL", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")
INSPECT = _flags("O_RDWR", "O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY")

#: No descriptor: that of a directory, where directories cannot be opened.
NOTHING = -1


def open_directory(path: Path) -> int:
    """Return the descriptor of a directory; `NOTHING` where there is none."""
    if not hasattr(os, "O_DIRECTORY"):
        # Errors are those of a directory that cannot be opened.
        os.scandir(path).close()
        return NOTHING
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def close(file: int) -> None:
    """Close a descriptor that may be `NOTHING`."""
    if file != NOTHING:
        os.close(file)


def sync(file: int) -> None:
    """Bring a file to the disk, or a directory's names."""
    if file != NOTHING:
        os.fsync(file)


def lock(file: int) -> bool | None:
    """Lock a file or directory until its descriptor is closed or the process ends.

    Returns:
        `True` if it is locked now; `False` if another process holds the lock; `None` if the
        system or the file system has no locks.
    """
    if fcntl is None or file == NOTHING:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def set_mode(file: int, mode: int) -> None:
    """Set who may read and write a file, where the system can."""
    if hasattr(os, "fchmod"):
        os.fchmod(file, mode)


def set_direct(file: int, on: bool) -> bool:
    """Turn direct writes on or off; return whether the system supports them for this file."""
    if fcntl is None or not hasattr(os, "O_DIRECT"):
        return False
    flags = fcntl.fcntl(file, fcntl.F_GETFL) & ~os.O_DIRECT
    with contextlib.suppress(OSError):
        fcntl.fcntl(file, fcntl.F_SETFL, flags | os.O_DIRECT if on else flags)
        return True
    return False


def widen_pipe(file: int, size: int) -> None:
    """Raise the capacity of a pipe, where the system can, so that its writer waits less."""
    if fcntl is not None:
        with contextlib.suppress(AttributeError, OSError):
            if fcntl.fcntl(file, fcntl.F_GETPIPE_SZ) < size:
                fcntl.fcntl(file, fcntl.F_SETPIPE_SZ, size)


def is_readable(file: int, *, wait: bool = False) -> bool:
    """Return whether a read would not wait; with `wait`, when it would not.

    Where the system cannot tell, a read is what waits.
    """
    if not hasattr(select, "poll"):
        return True
    ready = select.poll()
    ready.register(file, select.POLLIN)
    return bool(ready.poll(None if wait else 0))


def wait_writable(file: int) -> None:
    """Wait until a pipe takes more."""
    if hasattr(select, "poll"):
        ready = select.poll()
        ready.register(file, select.POLLOUT)
        ready.poll()


#: Of threads that share the position in a file, one reads at a time.
_positioned = threading.Lock()


def read_at(file: int, size: int, offset: int) -> bytes:
    """Return bytes from a position in a file: fewer than `size` at its end."""
    if hasattr(os, "pread"):
        return os.pread(file, size, offset)
    with _positioned:
        os.lseek(file, offset, os.SEEK_SET)
        return os.read(file, size)


def read_into(file: int, view: memoryview, offset: int) -> int:
    """Read bytes from a position in a file into memory; return how many."""
    if hasattr(os, "preadv"):
        return os.preadv(file, [view], offset)
    data = read_at(file, len(view), offset)
    view[: len(data)] = data
    return len(data)


def write_at(file: int, data: bytes, offset: int) -> None:
    """Write bytes at a position in a file."""
    if hasattr(os, "pwrite"):
        os.pwrite(file, data, offset)
        return
    with _positioned:
        before = os.lseek(file, 0, os.SEEK_CUR)
        os.lseek(file, offset, os.SEEK_SET)
        try:
            os.write(file, data)
        finally:
            os.lseek(file, before, os.SEEK_SET)


@contextlib.contextmanager
def no_interrupts() -> Iterator[None]:
    """Block Ctrl-C while the context lasts, also for processes that are started in it."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def bytes_on_standard_streams() -> None:
    """Have standard input and output carry bytes as they are."""
    if hasattr(os, "O_BINARY"):
        import msvcrt

        for number in (0, 1):
            msvcrt.setmode(number, os.O_BINARY)  # type: ignore[attr-defined]
