"""One file of a shard, while it is written."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from bpe_tool.io.disk import disk_writer, forget_cached
from bpe_tool.io.file_state import naming
from bpe_tool.runtime import system


@dataclass(frozen=True)
class FileEntry:
    """What a manifest says about one file: its name, its size in bytes, and its SHA-256."""

    name: str
    size: int
    sha256: str


class ShardFile:
    """A new file, whose SHA-256 is computed as it is written unless it is patched later.

    Readers see the file only once the whole set is in place. Shards are large and are read
    later or elsewhere, so the file is kept out of the page cache where the system allows it.

    Args:
        path: The file, which does not exist.
        patched: Bytes will be overwritten later, so the digest is computed at the end.

    Raises:
        OSError: The file cannot be created.
    """

    def __init__(self, path: Path, *, patched: bool) -> None:
        self.path = path
        self._sha256 = None if patched else hashlib.sha256()
        with naming(path):
            self._file = os.open(path, system.CREATE, 0o666)
            try:
                # A patched file is read again for its digest.
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
        """Overwrite bytes written before. Only with `patched`."""
        assert self._sha256 is None
        with naming(self.path):
            system.write_at(self._file, data, offset)

    def commit(self) -> FileEntry:
        """Flush the file to disk, close it, and return its manifest entry."""
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
        """Close the file without completing it. Harmless after `commit`."""
        if self._file >= 0:
            file, self._file = self._file, -1
            try:
                self._disk.wait()
            finally:
                os.close(file)
