"""A file of a shard that a library writes to."""

from __future__ import annotations

from bpe_tool.shards.shard_file import ShardFile


class LibraryFile:
    """What `zipfile` and pyarrow take for a file: bytes at the end, or over earlier ones.

    Both still write the end of an archive or a table when one that is not complete is given
    up. Then the file is to be forgotten before.

    Args:
        file: Where the bytes go.
    """

    closed = False

    def __init__(self, file: ShardFile) -> None:
        self._file: ShardFile | None = file
        self._size = self._position = 0

    def write(self, data: bytes | bytearray | memoryview) -> int:
        """Write all of `data`."""
        view = memoryview(data)
        if self._file is not None:
            if self._position == self._size:
                self._file.write(view)
                self._size += view.nbytes
            else:
                self._file.patch(self._position, bytes(view))
        self._position += view.nbytes
        return view.nbytes

    def forget(self) -> None:
        """Write nothing any more."""
        self._file = None

    def seek(self, position: int) -> int:
        """Go to a place in the file."""
        self._position = position
        return position

    def tell(self) -> int:
        """Return the place in the file."""
        return self._position

    def flush(self) -> None:
        """Do nothing: what is written is on its way."""

    def close(self) -> None:
        """Take note that no more will be written."""
        self.closed = True
