"""Reads input: bytes, unchanged, in blocks.

A source is a file, a member of an archive, or standard input. Compressed files are decompressed,
as their names say. Nothing is decoded as text, and only the current block is in memory.
`bpe_tool.io.files` finds sources, `bpe_tool.io.text` reads them as text.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol, TypeAlias

from bpe_tool.io.decompress import decompress
from bpe_tool.io.file_state import FileState, changed_error, naming
from bpe_tool.io.forms import compression_of
from bpe_tool.runtime import system

#: The default size of a block, in bytes.
BLOCK_BYTES = 8 * 1024 * 1024

#: How many bytes are read from a pipe at a time. Few systems return more.
PIPE_BYTES = 256 * 1024

#: The largest capacity that a process without special rights can give a pipe, in bytes.
MAX_PIPE_BYTES = 1024 * 1024

#: What standard input is called in messages.
STDIN_NAME = "<stdin>"

#: Called with the number of bytes that were just read, before decompression.
OnRead: TypeAlias = Callable[[int], object]

#: Called before waiting for the writer of a pipe.
OnWait: TypeAlias = Callable[[], object]


class Member(Protocol):
    """A file in an archive."""

    def blocks(self, block_bytes: int) -> Iterator[bytes]:
        """Yield its bytes in blocks of about this size."""


@dataclass(frozen=True)
class Source:
    """One input.

    Attributes:
        name: Its name in messages.
        path: The file, or `None` for standard input.
        size: The number of bytes to read, before decompression; `None` if it is not known.
        member: What is read of the file, if the file is an archive.
        place: Its path below the directory or archive that was named, or its name.
        watch: Called with all bytes that are read, before decompression, if it is given.
    """

    name: str
    path: Path | None
    size: int | None
    member: Member | None = None
    place: str = ""
    watch: Callable[[bytes], object] | None = field(default=None, kw_only=True)

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
        if self.watch is not None:
            raw = _watched(raw, self.watch)
        compression = compression_of(self.name) if self.path else None
        return raw if compression is None else decompress(compression, raw, self.name, size)

    def _raw(self, on_read: OnRead | None, block_bytes: int, on_wait: OnWait) -> Iterator[bytes]:
        if self.path is None:
            if sys.stdin is None:
                raise OSError(errno.EBADF, "standard input is closed", self.name)
            yield from self._read(sys.stdin.fileno(), on_read, block_bytes, on_wait)
            return
        if self.member is not None:
            for block in self.member.blocks(block_bytes):
                if on_read is not None:
                    on_read(len(block))
                yield block
            return
        if self.size is None:
            on_wait()
        file = os.open(self.path, system.READ)
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


def total_size(sources: Sequence[Source]) -> int | None:
    """Return the number of bytes in all sources; `None` if it is not known."""
    sizes = [source.size for source in sources]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _watched(blocks: Iterator[bytes], watch: Callable[[bytes], object]) -> Iterator[bytes]:
    for block in blocks:
        watch(block)
        yield block


def _go_on() -> None:
    """Do nothing: the default of `on_wait`."""


def _pipe_blocks(
    file: int, read: Callable[[int], bytes], block_bytes: int, on_wait: OnWait
) -> Iterator[bytes]:
    """Yield what the pipe holds, at most `block_bytes`. Wait only if it is empty."""
    system.widen_pipe(file, min(block_bytes, MAX_PIPE_BYTES))
    at_end = False
    while not at_end:
        pieces: list[bytes] = []
        size = 0
        while size < block_bytes:
            if not system.is_readable(file):
                if pieces:
                    break
                on_wait()
            try:
                piece = read(PIPE_BYTES)
            except BlockingIOError:
                if pieces:
                    break
                system.is_readable(file, wait=True)
                continue
            if not piece:
                at_end = True
                break
            pieces.append(piece)
            size += len(piece)
        if pieces:
            yield b"".join(pieces)
