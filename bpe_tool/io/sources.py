"""Reads input: bytes, unchanged, in blocks.

A source is a file or standard input. `.gz` and `.zst` files are decompressed. Nothing is decoded
as text, and only the current block is in memory.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import glob
import os
import select
import stat
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeAlias

from bpe_tool.errors import ArgumentError, BpeToolWarning
from bpe_tool.io.decompress import Compression, compression, gunzip, unzstd
from bpe_tool.io.file_state import FileState, changed_error, naming
from bpe_tool.io.temporaries import is_temporary, refuse_temporary
from bpe_tool.io.unfinished import refuse_unfinished

#: The default size of a block, in bytes.
BLOCK_BYTES = 8 * 1024 * 1024

#: How many bytes are read from a pipe at a time. Few systems return more.
PIPE_BYTES = 256 * 1024

#: The largest capacity that a process without special rights can give a pipe, in bytes.
MAX_PIPE_BYTES = 1024 * 1024

#: What standard input is called on a command line, and in messages.
STDIN = "-"
STDIN_NAME = "<stdin>"

#: The suffixes of files that are decompressed.
SUFFIXES: dict[Compression, str] = {"gzip": ".gz", "zstd": ".zst"}

#: Called with the number of bytes that were just read, before decompression.
OnRead: TypeAlias = Callable[[int], object]

#: Called before waiting for the writer of a pipe.
OnWait: TypeAlias = Callable[[], object]


@dataclass(frozen=True)
class Source:
    """One input.

    Attributes:
        name: Its name in messages.
        path: The file, or `None` for standard input.
        size: The number of bytes to read, before decompression; `None` if it is not known.
    """

    name: str
    path: Path | None
    size: int | None

    def blocks(
        self,
        on_read: OnRead | None = None,
        block_bytes: int | None = None,
        on_wait: OnWait | None = None,
    ) -> Iterator[bytes]:
        """Yield the bytes of the input in blocks. No block is empty.

        A block of a file has about `block_bytes`. A block of a pipe holds what the pipe holds at
        that moment, so that output does not lag behind a slow writer.

        Args:
            on_read: See `OnRead`.
            block_bytes: The size of a block; `BLOCK_BYTES` by default.
            on_wait: See `OnWait`.

        Raises:
            DataError: Compressed data is damaged or ends too early.
            LimitError: Decompression needs more memory than is allowed.
            OSError: The file cannot be read, or it changed while it was read.
        """
        size = block_bytes or BLOCK_BYTES
        raw = self._raw(on_read, size, on_wait or _go_on)
        suffix = self.path.suffix if self.path else ""
        if suffix == SUFFIXES["gzip"]:
            return gunzip(raw, self.name, size)
        if suffix == SUFFIXES["zstd"]:
            return unzstd(raw, self.name, size)
        return self._as_it_is(raw)

    def _as_it_is(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        """Yield blocks unchanged; warn if they look compressed and the name does not say so."""
        for number, block in enumerate(raw):
            if number == 0 and (kind := compression(block)):
                warnings.warn(
                    f"{self.name} looks like {kind} data, but is read unchanged: "
                    f"only files named {SUFFIXES[kind]} are decompressed",
                    BpeToolWarning,
                    stacklevel=2,
                )
            yield block

    def _raw(self, on_read: OnRead | None, block_bytes: int, on_wait: OnWait) -> Iterator[bytes]:
        if self.path is None:
            if sys.stdin is None:
                raise OSError(errno.EBADF, "standard input is closed", self.name)
            yield from self._read(sys.stdin.fileno(), on_read, block_bytes, on_wait)
            return
        if self.size is None:
            on_wait()
        file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield from self._read(file, on_read, block_bytes, on_wait)
        finally:
            os.close(file)

    def _read(
        self, file: int, on_read: OnRead | None, block_bytes: int, on_wait: OnWait
    ) -> Iterator[bytes]:
        with naming(self.name):
            mode = os.fstat(file).st_mode
            before = FileState.of(file)
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))

        def read(size: int) -> bytes:
            with naming(self.name):
                return os.read(file, size)

        if stat.S_ISREG(mode):
            blocks = iter(partial(read, block_bytes), b"")
        else:
            blocks = _pipe_blocks(file, read, block_bytes, on_wait)
        for block in blocks:
            if on_read is not None:
                on_read(len(block))
            yield block
        # Files in /proc have size 0.
        if stat.S_ISREG(mode) and before.size:
            with naming(self.name):
                after = FileState.of(file)
                ended_at = os.lseek(file, 0, os.SEEK_CUR)
            if after != before or ended_at < before.size:
                raise changed_error(self.name)


def expand(paths: Sequence[str]) -> list[Source]:
    """Return the inputs that `paths` name, in order.

    A path is one of these:

    - a file;
    - a directory, which stands for all files below it, in byte order of their paths; links to
      directories are not followed;
    - a glob, which stands for the files it matches, in the same order;
    - `-`, which stands for standard input, as does an empty list of paths.

    Temporary files of this package are left out. Pipes, sockets and devices are read only if
    they are named themselves; otherwise they are left out, with a warning.

    Raises:
        ArgumentError: Standard input is named twice.
        DataError: A path is a temporary file of this package, or a directory holds an
            incomplete set of shards.
        OSError: A path does not exist, cannot be read, or contains no file.
    """
    if paths.count(STDIN) > 1:
        raise ArgumentError("standard input can be read only once", hint="name `-` once")
    sources: list[Source] = []
    for path in paths or [STDIN]:
        if path == STDIN:
            sources.append(Source(STDIN_NAME, None, _size(sys.stdin)))
        else:
            sources.extend(_source(file) for file in _files(path))
    return sources


def total_size(sources: Sequence[Source]) -> int | None:
    """Return the number of bytes in all sources; `None` if it is not known."""
    sizes = [source.size for source in sources]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _files(path: str) -> list[Path]:
    try:
        Path(path).stat()
        refuse_temporary(Path(path))
        found = [path]
    except FileNotFoundError:
        if not glob.has_magic(path):
            raise
        # Path.glob takes no absolute patterns.
        matches = glob.glob(path, recursive=True, include_hidden=True)  # noqa: PTH207
        found = [each for each in matches if not any(map(is_temporary, Path(each).parts))]
    files: list[Path] = []
    for each in found:
        if Path(each).is_dir():
            files.extend(filter(_is_file, _below(each)))
        elif each == path or _is_file(Path(each)):
            files.append(Path(each))
    if not files:
        what = "there is no file in this directory" if Path(path).is_dir() else "no file matches"
        raise FileNotFoundError(errno.ENOENT, what, path)
    return sorted(dict.fromkeys(files), key=os.fsencode)


def _below(directory: str) -> Iterator[Path]:
    def fail(error: OSError) -> None:
        raise error

    for folder, below, names in os.walk(directory, onerror=fail):
        refuse_unfinished(Path(folder), [*below, *names])
        below[:] = [name for name in below if not is_temporary(name)]
        yield from (Path(folder, name) for name in names if not is_temporary(name))


def _is_file(path: Path) -> bool:
    """Return whether to read a path that was found, not named: only if it is a regular file.

    A pipe or a socket could wait for ever. A file that is gone raises when it is read.
    """
    try:
        status = path.stat()
    except OSError:
        return True
    if not stat.S_ISREG(status.st_mode):
        warnings.warn(
            f"{path} is left out: it is not a regular file, and is read only if it is named itself",
            BpeToolWarning,
            stacklevel=2,
        )
        return False
    return True


def _source(path: Path) -> Source:
    status = path.stat()
    # Fail now, not after an hour of work on the files before it.
    if not os.access(path, os.R_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    return Source(str(path), path, status.st_size if stat.S_ISREG(status.st_mode) else None)


def _size(stream: object) -> int | None:
    """Return the number of bytes left in a stream that is a file, as in `tool < file`."""
    try:
        file = stream.fileno()  # type: ignore[attr-defined]
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            return None
        return max(0, status.st_size - os.lseek(file, 0, os.SEEK_CUR))
    except (AttributeError, OSError):
        return None


def _go_on() -> None:
    """Do nothing: the default of `on_wait`."""


def _pipe_blocks(
    file: int, read: Callable[[int], bytes], block_bytes: int, on_wait: OnWait
) -> Iterator[bytes]:
    """Yield what the pipe holds, at most `block_bytes`. Wait only if it is empty."""
    _widen(file, min(block_bytes, MAX_PIPE_BYTES))
    ready = select.poll()
    ready.register(file, select.POLLIN)
    at_end = False
    while not at_end:
        pieces: list[bytes] = []
        size = 0
        while size < block_bytes:
            if not ready.poll(0):
                if pieces:
                    break
                on_wait()
            try:
                piece = read(PIPE_BYTES)
            except BlockingIOError:
                if pieces:
                    break
                ready.poll()
                continue
            if not piece:
                at_end = True
                break
            pieces.append(piece)
            size += len(piece)
        if pieces:
            yield b"".join(pieces)


def _widen(file: int, size: int) -> None:
    """Raise the capacity of a pipe, where the system can, so that its writer waits less."""
    with contextlib.suppress(AttributeError, OSError):
        if fcntl.fcntl(file, fcntl.F_GETPIPE_SZ) < size:
            fcntl.fcntl(file, fcntl.F_SETPIPE_SZ, size)
