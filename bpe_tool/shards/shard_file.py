"""A file of a shard, on its way to the disk."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from bpe_tool.io.disk import disk_writer, forget_cached
from bpe_tool.io.file_state import naming
from bpe_tool.shards.manifest import FileEntry


class ShardFile:
    """A file of a shard. Its digest is made as it is written, where that can be.

    Nobody sees it before the set is put in its place. Shards are large, and read later or
    elsewhere: the system need not keep them in memory.

    Args:
        path: The file, which does not exist.
        patched: What was written will be patched, so only the end will show what is in it.

    Raises:
        OSError: It cannot be made.
    """

    def __init__(self, path: Path, *, patched: bool) -> None:
        self.path = path
        self._sha256 = None if patched else hashlib.sha256()
        with naming(path):
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.open(path, flags, 0o666)
            try:
                # What is patched is read again, for its digest.
                self._disk = disk_writer(self._file, cached=patched)
            except BaseException:
                os.close(self._file)
                raise

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Append all of `data`."""
        with naming(self.path):
            self._disk.write(data)
        if self._sha256 is not None:
            self._sha256.update(data)

    def patch(self, offset: int, data: bytes) -> None:
        """Overwrite bytes that were written before, if that was said."""
        assert self._sha256 is None
        with naming(self.path):
            os.pwrite(self._file, data, offset)

    def commit(self) -> FileEntry:
        """Bring everything to the disk, and return what a manifest says of it."""
        with naming(self.path):
            self._disk.finish()
            size = os.fstat(self._file).st_size
            sha256 = self._sha256
            if sha256 is None:
                with open(self._file, "rb", closefd=False) as file:
                    file.seek(0)
                    sha256 = hashlib.file_digest(file, "sha256")
            forget_cached(self._file)
            self.discard()
        return FileEntry(self.path.name, size, sha256.hexdigest())

    def discard(self) -> None:
        """Write no more. Harmless after `commit`."""
        if self._file >= 0:
            file, self._file = self._file, -1
            try:
                self._disk.wait()
            finally:
                os.close(file)
