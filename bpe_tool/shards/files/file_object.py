"""A `ShardFile` as a Python file object, for libraries that write to one."""

from __future__ import annotations

from bpe_tool.shards.files.shard_file import ShardFile


class FileObject:
    """The file object that `zipfile` and pyarrow write to.

    Writes go to the end of the file, or overwrite earlier bytes. Both libraries write the end
    of an archive or a table even when an incomplete one is closed; call `detach` before that.

    Args:
        file: The file that receives the bytes.
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

    def detach(self) -> None:
        """Ignore all later writes."""
        self._file = None

    def seek(self, position: int) -> int:
        """Set the position in the file."""
        self._position = position
        return position

    def tell(self) -> int:
        """Return the position in the file."""
        return self._position

    def flush(self) -> None:
        """Do nothing: `write` keeps no buffer."""

    def close(self) -> None:
        """Set `closed`. The shard's writer closes the file itself."""
        self.closed = True
